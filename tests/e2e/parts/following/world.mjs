// What may happen while somebody follows: the acts of people at a table, and what befalls services. Each is a word of a case.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LIMITS, makeGod, openEvent, signUpMany } from '../games.mjs';
import { bothFaces } from '../graphql.mjs';
import { call, consectl, eventually, ok, signUp, signUpAs, untilTaken } from '../people.mjs';
import { openStream } from '../sse.mjs';
import { startSystem } from '../system.mjs';
import { documentsOf } from './transports.mjs';

const CARDS = ['mafia-boss', 'nightmare', 'doctor', 'sheriff'];

async function makeCards(system, god) {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const named = CARDS.map((slug) => roles.find((role) => role.slug === slug));
    const body = { group_id: god.group.id, name: 'small', roles: named.map((role) => ({ role_id: role.id, copies: 1 })) };
    return { deck: (await ok(system, 'POST', '/decks', { token: god.token, body })).deck, mafia: named[0], doctor: named[2] };
}

// Two gateways: that of replicas, or one more of an embedded system.
async function startGateways(env) {
    const system = await startSystem({ env });
    if (system.stores) return { system, gateways: system.urls.map((url) => ({ ...system, url })), stop: system.stop };
    const second = await startSystem({ services: ['gateway'], env: { ...env, CONSE_RUN: system.run }, replicas: 0 });
    return { system, gateways: [system, second], stop: async () => { await second.stop(); await system.stop(); } };
}

// {seller, buyer}: with money; a case gives the seller cards of a role of its own.
async function makeTraders(system) {
    const dev = await signUpAs(system, 'thedev', 'dev'), [seller, buyer] = [await signUp(system, 'seller'), await signUp(system, 'buyer')];
    for (const { id } of [seller, buyer]) {
        const grant = () => call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: id, amount: 1000000, memo: 'start' } });
        await eventually(async () => (await grant()).status === 201, 20000);
    }
    return { seller, buyer };
}

// A system with two gateways, of which the second lives through everything, and the people of all cases.
export async function startWorld() {
    const { system, gateways, stop } = await startGateways({ ...LIMITS, CONSE_STREAMS_PER_USER: '64', CONSE_STREAMS_PER_ADDRESS: '64' });
    const second = gateways[1];
    const [god, other] = [await makeGod(second, 'thegod'), await makeGod(second, 'othergod')];
    const players = await signUpMany(second, 'player', CARDS.length);
    const stranger = await signUp(second, 'stranger');
    const faces = await bothFaces(second);
    for (const gateway of gateways) gateway.documents = documentsOf(faces);
    return { system, second, gateways, faces, god, other, players, stranger, ...(await makeTraders(second)), cards: await makeCards(second, god), stop };
}

// Somebody does something until it is taken, once.
export async function act(world, person, method, route, body) {
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const { status, body: reply } = await untilTaken(() => call(world.second, method, route, { token: person.token, body, headers }));
    if (status >= 300) throw new Error(`${method} ${route}: ${status} ${JSON.stringify(reply)}`);
    return reply;
}

// What the game tells somebody is in their inbox a moment later.
const untilTold = (world, person, isThere) =>
    eventually(async () => isThere((await ok(world.second, 'GET', '/notifications?page_size=100', { token: person.token })).notifications), 20000);

let newcomers = 0;

// {event, people: by the names that cases call them, god(method, route, body)}: an event of its own for each case.
export async function openGame(world, { dealt = true, terms = {} }) {
    const event = await openEvent(world.second, world.god, world.cards.deck, { max_players: CARDS.length, ...terms });
    const game = { world, event, terms, role: crypto.randomUUID(), orders: {}, visits: [], god: (method, route, body) => act(world, world.god, method, `/events/${event.id}${route}`, body) };
    const newcomer = await signUp(world.second, `newcomer${++newcomers}`);
    game.people = { god: world.god, other: world.other, stranger: world.stranger, seller: world.seller, buyer: world.buyer, guest: world.players[0], newcomer, nobody: null };
    if (!dealt) return game;
    for (const player of world.players) await act(world, player, 'POST', `/events/${event.id}/reservations`, {});
    await game.god('POST', '/lock');
    const { players: cards } = (await game.god('POST', '/reveal', {})).event;
    const isMafia = ({ id }) => cards.find((card) => card.user_id === id).side_id === world.cards.mafia.side_id;
    const [boss, mate] = world.players.filter(isMafia), [carl, dora] = world.players.filter((player) => !isMafia(player));
    Object.assign(game.people, { boss, mate, carl, dora });
    for (const player of world.players) await untilTold(world, player, ([newest]) => newest?.event_id === event.id && newest.kind === 'CARD_DEALT');
    return game;
}

export function roomOf(game, name) {
    const part = { side: `side.${game.world.cards.mafia.side_id}`, god: `god.${game.people.carl?.id}` }[name] ?? name;
    return `${game.event.id}.${part}`;
}

// ---- Many at once

// So many scores, each player's one after another, so that each says something new.
async function flood(game, count) {
    const { world } = game;
    await Promise.all(world.players.map(async ({ id }) => {
        for (let i = 0; i < count / world.players.length; i++) await game.god('PUT', `/players/${id}/score`, { score: (i % 200) + 1 });
    }));
}

const speak = (game, who, room, text) => act(game.world, game.people[who], 'POST', `/rooms/${roomOf(game, room)}/messages`, { client_id: crypto.randomUUID(), text });

// So many long notes, which the god alone sees.
async function write(game, count) {
    await Promise.all([0, 1, 2, 3].map(async (part) => { for (let i = part; i < count; i += 4) await game.god('POST', '/notes', { audience: 'GOD', text: `${i} `.padEnd(2000, 'so it goes ') }); }));
}

async function lecture(game, who, room, count) {
    await Promise.all([0, 1, 2, 3].map(async (part) => { for (let i = part; i < count; i += 4) await speak(game, who, room, `${i} `.padEnd(2000, 'and so on ')); }));
}

async function chatter(game, who, room, count) {
    await Promise.all([0, 1, 2, 3].map(async (part) => { for (let i = part; i < count; i += 4) await speak(game, who, room, `${i}`); }));
}

// ---- What befalls the store of events

async function shell(system, ...words) {
    const { code, stderr } = await consectl(system, ...words);
    if (code !== 0) throw new Error(stderr);
}

async function withEventsAway({ system }, work) {
    await system.term('events');
    await work(system, (name) => path.join(system.env.CONSE_DATA, name)).finally(() => system.start('events'));
}

// Goes back to a dump of this moment, as an operator does.
const restore = ({ world }) => withEventsAway(world, async (system, at) => {
    const dump = path.join(system.dir, `dump-${crypto.randomUUID()}`);
    await shell(system, 'dump', 'events', dump);
    for (const name of fs.readdirSync(system.env.CONSE_DATA)) if (name.startsWith('events.db')) fs.rmSync(at(name));
    await shell(system, 'restore', 'events', dump);
});

// Drops what a person was told, or what the topic has, but for the newest. A dump of this would not be taken.
const trim = ({ world, people, topic }, who) => withEventsAway(world, async (system, at) => {
    const name = who === 'topic' ? topic.stream : `users.${people[who].id}`;
    const stream = `(SELECT id FROM stream WHERE name = '${name}')`, of = `at >> 32 = ${stream}`;
    execFileSync('sqlite3', [at('events.db'), `DELETE FROM entry WHERE ${of} AND at < (SELECT max(at) FROM entry WHERE ${of})`]);
});

// ---- The words

const note = (game, who) => game.god('POST', `/players/${game.people[who].id}/notes`, { audience: 'PLAYER', text: 'Steps.' });

async function tell(game, who) {
    const [newest] = (await ok(game.world.second, 'GET', '/notifications', { token: game.people[who].token })).notifications;
    await note(game, who);
    await untilTold(game.world, game.people[who], ([now]) => now.index !== newest.index);
}

// Of the event, by its id, so that each case has its own.
async function makeTopic(game) {
    const body = { name: game.event.id, pattern: `events.${game.event.id}.public` };
    game.topic = (await act(game.world, game.world.god, 'POST', '/topics', body)).topic;
}

const endTopic = (game) => act(game.world, game.world.god, 'DELETE', `/topics/${game.event.id}`);

let titles = 0;

// Something that everybody sees, until it is in the topic.
async function announce(game) {
    const head = async () => {
        const { status, body } = await call(game.world.second, 'GET', '/topics', { token: game.world.god.token });
        return status === 200 ? Number(body.topics.find(({ name }) => name === game.event.id).head) : -1;
    };
    const before = await untilNumber(head);
    await game.god('PATCH', '', { title: `Evening ${++titles}` });
    await eventually(async () => (await head()) > before, 20000);
}

async function untilNumber(ask) {
    let number = -1;
    await eventually(async () => (number = await ask()) >= 0, 20000);
    return number;
}

// ---- At the market

// So that there is a book.
async function makeRoleCards(game, count) {
    for (let i = 0; i < Number(count); i++) await shell(game.world.second, 'card', 'make', game.people.seller.id, game.role, game.event.id);
}

async function order(game, who, side, price, quantity) {
    const body = { role_id: game.role, side, price: Number(price), quantity: Number(quantity), client_order_id: crypto.randomUUID() };
    const placed = (await act(game.world, game.people[who], 'POST', '/market/orders', body)).order;
    game.orders[who] = placed.id;
    return placed;
}

const withdraw = (game, who, id = game.orders[who]) => act(game.world, game.people[who], 'DELETE', `/market/orders/${id}`);

// So many changes: orders that come and go.
async function haggle(game, who, count) {
    await Promise.all([1, 2, 3, 4].map(async (price) => {
        for (let i = 0; i < Number(count) / 8; i++) await withdraw(game, who, (await order(game, who, 'BUY', price, 1)).id);
    }));
}

// ---- Who is there

// Somebody looks at the event, at one of the gateways, until they go.
async function come(game, who, at = '0') {
    const stream = await openStream(game.world.gateways[Number(at)], `/events/${game.event.id}/stream`, { token: game.people[who].token });
    game.visits.push(stream);
    await stream.next();
}

export const ACTS = {
    cards: makeRoleCards,
    sell: (game, who, price, quantity) => order(game, who, 'SELL', price, quantity),
    buy: (game, who, price, quantity) => order(game, who, 'BUY', price, quantity),
    withdraw: (game, who) => withdraw(game, who),
    haggle,
    come,
    trades: (game) => eventually(async () => (await call(game.world.second, 'GET', '/wallet', { token: game.people.buyer.token })).status === 200, 20000),
    topic: makeTopic,
    untopic: endTopic,
    announce,
    open: (game, kind) => game.god('POST', '/phases', { kind }),
    score: (game, who, score) => game.god('PUT', `/players/${game.people[who].id}/score`, { score: Number(score) }),
    note,
    tell,
    seat: (game, who) => act(game.world, game.people[who], 'POST', `/events/${game.event.id}/reservations`, {}),
    free: (game, who) => game.god('DELETE', `/reservations/${game.people[who].id}`),
    assist: (game, who) => game.god('PUT', `/assistants/${game.people[who].id}`),
    dismiss: (game, who) => game.god('DELETE', `/assistants/${game.people[who].id}`),
    'hand-over': (game, who) => game.god('POST', '/hand-over', { god_id: game.people[who].id }),
    mark: (game, who, status) => game.god('PATCH', `/players/${game.people[who].id}`, { status }),
    turn: async (game, who) => {
        for (const change of [{ role_id: game.world.cards.doctor.id }, { status: 'ROLE_CHANGED' }]) await game.god('PATCH', `/players/${game.people[who].id}`, change);
    },
    finish: (game) => game.god('POST', '/finish', { winning_side_ids: [game.world.cards.mafia.side_id] }),
    say: (game, who, room, ...words) => speak(game, who, room, words.join(' ')),
    flood: (game, count) => flood(game, Number(count)),
    chatter: (game, who, room, count) => chatter(game, who, room, Number(count)),
    write: (game, count) => write(game, Number(count)),
    lecture: (game, who, room, count) => lecture(game, who, room, Number(count)),
    'log-out': async (game, who) => { // and is nobody from then on
        await ok(game.world.second, 'POST', '/auth/logout', { token: game.people[who].token, body: {} });
        game.people[who] = null;
    },
    kill: ({ world: { system } }, service) => (service === 'gateway' ? system.kill(service) : system.killAll(service)),
    stop: ({ world: { system } }, service) => system.term(service),
    start: ({ world: { system } }, service) => (service === 'gateway' ? system.start(service) : system.startAll(service)),
    restore,
    trim,
    settle: (game) => eventually(async () => (await call(game.world.system, 'GET', `/events/${game.event.id}`)).status === 200, 20000),
};
