// A system with people and games of every kind.
import crypto from 'node:crypto';
import { as, LIMITS, makeGod, openEvent, seatAll, signUpMany } from '../../e2e/parts/games.mjs';
import { call, eventually, ok, signUp, signUpAs } from '../../e2e/parts/people.mjs';
import { EVERY_SERVICE, startSystem } from '../../e2e/parts/system.mjs';

const SLUGS = ['mafia-boss', 'nightmare', 'doctor', 'detective', 'mayor', 'sheriff', 'spy', 'jailer'];
const PATIENCE_MS = 20000;

export const start = (more = {}) => startSystem({ services: EVERY_SERVICE, replicas: 0, env: { ...LIMITS, CONSE_CONSOLE: process.env.CONSE_WEB, ...more } });

export async function makeTable(system, name = 'mira') {
    const god = await makeGod(system, name);
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const body = { group_id: god.group.id, name: 'evening', roles: SLUGS.map((slug) => ({ role_id: roles.find((role) => role.slug === slug).id, copies: slug === 'doctor' ? 2 : 1 })) };
    return { god, roles, deck: (await ok(system, 'POST', '/decks', { token: god.token, body })).deck };
}

const CONTENT = 'Bring a poker face. We play two rounds, with tea between them.\n\nNewcomers are welcome: the first round is slow, and everything is explained.';
const at = (hours) => ({ local: new Date(Date.now() + hours * 3600e3).toISOString().slice(0, 19), zone: 'UTC' });

// {god, players, open, full, running, done, priced, persian}: events of that kind.
export async function fillStage(system) {
    const table = await makeTable(system);
    const { god, deck } = table;
    const players = await signUpMany(system, 'player', 6);
    const event = (title, more) => openEvent(system, god, deck, { title, content: CONTENT, starts_at: at(30), max_players: 8, waitlist: true, ...more });
    const open = await event('A quiet night in the village');
    await seatAll(system, open, players.slice(0, 3), () => crypto.randomBytes(32).toString('base64'));
    for (const player of players) await as(system, player, open)('PUT', '/vote', { vote: 'UP' });
    const full = await event('Four chairs, one secret', { max_players: 4 });
    await seatAll(system, full, players.slice(0, 5));
    const persian = await event('شب مافیا در کافه‌ی قدیمی', { content: 'چهره‌ات را لو نده. دو دست بازی می‌کنیم و میانشان چای می‌خوریم.', starts_at: { local: at(54).local, zone: 'Asia/Tehran' } });
    const priced = await event('High stakes', { price: { amount: '2500', currency: 'CONSE' }, payment_terms: { hold: '900s' } });
    const running = await event('The long night');
    const lead = as(system, god, running);
    await seatAll(system, running, players);
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    await lead('POST', '/phases', { kind: 'NIGHT', timer: '600s' });
    const nobody = await signUp(system, 'onlooker'); // to whom nothing was told
    return { ...table, nobody, players, open, full, persian, priced, running, event };
}

// Somebody who can pay.
export async function makeRich(system, name, amount = 10000) {
    const dev = (system.dev ??= await signUpAs(system, 'grace', 'dev'));
    const person = await signUp(system, name);
    await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: person.id, amount, memo: 'for the evening' } })).status === 201, PATIENCE_MS);
    return person;
}
