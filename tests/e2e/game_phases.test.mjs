// The closed phases of the largest game that is allowed, by pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeGod, readPhases, seatAll, signUpMany } from './games.mjs';
import { call, ok, signUpAs } from './people.mjs';
import { startSystem } from './system.mjs';

const PLAYERS = 100, PHASES = 200;
const STATUSES = ['DISABLED_3_PHASES', 'DISABLED', 'SILENT_2_PHASES', 'SILENT_6_PHASES', 'CHAINED', 'ROLE_CHANGED', 'SIDE_CHANGED', 'PRO_KILLED_9_PHASES'];

let system, god, players, event;

// The seed has fewer cards than a game may have players.
async function openLargest() {
    const dev = await signUpAs(system, 'thedev', 'dev');
    const { sides } = await ok(system, 'GET', '/sides', { token: dev.token });
    await ok(system, 'POST', '/roles', { token: dev.token, body: { slug: 'crowd', name: 'Crowd', side_id: sides[0].id, copies: PLAYERS } });
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    let left = PLAYERS;
    const cards = roles.map((role) => ({ role_id: role.id, copies: Math.min(role.copies, left), left: (left -= Math.min(role.copies, left)) }));
    const body = { group_id: god.group.id, name: 'all', roles: cards.filter((card) => card.copies).map(({ role_id, copies }) => ({ role_id, copies })) };
    const { deck } = await ok(system, 'POST', '/decks', { token: god.token, body });
    const starts = new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 19);
    return (await ok(system, 'POST', '/events', { token: god.token, body: { group_id: god.group.id, deck_id: deck.id, title: 'All of us', starts_at: { local: starts, zone: 'UTC' }, max_players: PLAYERS } })).event;
}

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'guest', PLAYERS);
    event = await openLargest();
    await seatAll(system, event, players);
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY' });
    for (const player of players) for (const status of STATUSES) await g('PATCH', `/players/${player.id}`, { status });
    for (let i = 1; i < PHASES; i++) await g('POST', '/phases', { kind: i % 2 ? 'NIGHT' : 'DAY' });
    await g('POST', '/phases/current/close');
});

after(() => system?.stop());

test('the god reads all 200 phases of 100 players by pages', async () => {
    const phases = await readPhases(system, god, event, 100);
    assert.deepEqual(phases.map((report) => report.phase.number), Array.from({ length: PHASES }, (_, i) => i + 1));
    assert.ok(phases.every((report) => report.players.length === PLAYERS && report.players.every((player) => player.role_id)));
    assert.deepEqual(await readPhases(system, god, event, 3), phases);
});

test('so does everybody else, and sees no role', async () => {
    const phases = await readPhases(system, null, event);
    assert.equal(phases.length, PHASES);
    assert.ok(phases.every((report) => report.players.every((player) => player.role_id === '')));
    const own = await readPhases(system, players[7], event);
    assert.ok(own.every((report) => report.players.every((player) => (player.user_id === players[7].id) === (player.role_id !== ''))));
});

test('a page that did not change is not sent again', async () => {
    const route = `/events/${event.id}/phases?page_token=50`;
    const first = await call(system, 'GET', route);
    assert.equal(first.status, 200);
    assert.equal((await call(system, 'GET', route, { headers: { 'If-None-Match': first.headers.get('etag') } })).status, 304);
});

test('what is no token of the list is refused', async () => {
    for (const token of ['0', '201', '007', 'x', '-1']) {
        const reply = await call(system, 'GET', `/events/${event.id}/phases?page_token=${token}`);
        assert.deepEqual([token, reply.status, reply.body.code], [token, 400, 'BAD_PAGE_TOKEN']);
    }
});
