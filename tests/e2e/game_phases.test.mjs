// The closed phases of the largest game that is allowed, by pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS, readPhases } from './parts/games.mjs';
import { playLargest } from './parts/largest.mjs';
import { call } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PLAYERS = 100, PHASES = 200;

let system, god, players, event;

before(async () => {
    system = await startSystem({ env: LIMITS });
    ({ god, players, event } = await playLargest(system, { players: PLAYERS, phases: PHASES }));
});

after(() => system?.stop());

test('the god reads all 200 phases of 100 players by pages', async () => {
    const phases = await readPhases(system, god, event, 100);
    assert.deepEqual(phases.map((report) => report.phase.number), Array.from({ length: PHASES }, (_, i) => i + 1));
    assert.ok(phases.every((report) => report.players.length === PLAYERS && report.players.every((player) => player.role_id)));
    assert.deepEqual(await readPhases(system, god, event, 3), phases);
});

test('every closed phase says when it began and ended, one after the other', async () => {
    const phases = (await readPhases(system, null, event)).map(({ phase }) => phase);
    const times = phases.flatMap((phase) => [phase.opened_at, phase.closed_at]).map((time) => Date.parse(time));
    assert.ok(times.every(Number.isFinite), 'none is missing');
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
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
