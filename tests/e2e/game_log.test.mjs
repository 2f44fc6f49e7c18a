// The log of an event over HTTP: who may read it and what they see of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, otherGod, players, stranger, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 3);
    stranger = await signUp(system, 'stranger');
    deck = await makeDeck(system, god, { roles: 3 });
});

after(() => system?.stop());

const kinds = ({ entries }) => entries.map((entry) => entry.kind);
const metric = async (service, pattern) => Number(pattern.exec(await fetch(`http://127.0.0.1:${system.admin[service]}/metrics`).then((r) => r.text()))?.[1] ?? 0);
const parked = () => metric('gateway', /conse_http_parked (\d+)/);
const asked = () => metric('events', /conse_rpc_calls_total\{method="events.ReadLog"\} (\d+)/);

async function deal(more = {}) {
    const event = await openEvent(system, god, deck, { max_players: 3, ...more });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g };
}

async function waitOf(person, event) {
    const { next } = await readLog(system, person, event);
    return ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: person?.token });
}

test('everybody reads the public log, and waits for public news alone', async () => {
    const { event, g } = await deal();
    const [nobodys, strangers] = [await readLog(system, null, event), await readLog(system, stranger, event)];
    assert.deepEqual(nobodys, strangers);
    assert.deepEqual([nobodys.epoch, nobodys.leads, nobodys.open], ['public', false, false]);
    assert.deepEqual(kinds(nobodys), ['OPENED', 'RESERVED', 'RESERVED', 'RESERVED', 'LOCKED', 'REVEALED']);
    assert.ok(nobodys.entries.every((entry, i) => entry.index === String(i + 1) && entry.seq === '0'));
    const waiting = waitOf(null, event), leads = waitOf(god, event);
    await eventually(async () => (await parked()) === 2, 10000);
    await g('POST', `/players/${players[0].id}/notes`, { text: 'Steps.', audience: 'PLAYER' });
    assert.deepEqual(kinds(await leads), ['NOTED']);
    await g('POST', '/phases', { kind: 'DAY' });
    assert.deepEqual(kinds(await waiting), ['PHASE_OPENED']);
    assert.equal((await call(system, 'GET', `/events/${event.id}/log`, { token: 'no.such.token' })).status, 401, 'a token that is given counts');
    assert.equal((await call(system, 'GET', `/events/01890000-0000-7000-8000-000000000001/log`)).status, 404);
});

test('who does not lead is not asked again because of what is hidden, whatever their level', async () => {
    const { event, g } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    for (const [watcher, kind] of [[otherGod, 'NIGHT'], [players[1], 'DAY'], [stranger, 'NIGHT'], [null, 'DAY']]) {
        const { next } = await readLog(system, watcher, event);
        const before = await asked();
        const waiting = ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: watcher?.token });
        await eventually(async () => (await parked()) === 1, 10000);
        // Long enough for ten questions, which come at most every 20 ms.
        for (let began = Date.now(), score = 0; Date.now() - began < 300; score ^= 1)
            await g('PUT', `/players/${players[0].id}/score`, { score });
        await g('POST', '/phases', { kind });
        assert.deepEqual(kinds(await waiting), ['PHASE_CLOSED', 'PHASE_OPENED']);
        // The first and the last, and perhaps one because the stream is heard anew.
        assert.ok((await asked()) - before <= 3, `${watcher?.user.username}: ${await asked()} after ${before}`);
    }
});

test('the epoch changes when the indexes do', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const g = as(system, god, event), [a] = players;
    const epochOf = async (person) => { const { epoch, leads } = await ok(system, 'GET', `/events/${event.id}/log`, { token: person?.token }); return [epoch, leads]; };
    assert.deepEqual([await epochOf(god), await epochOf(otherGod), await epochOf(a)], [['god', true], ['public', false], ['public', false]]);
    await seatAll(system, event, [a]);
    assert.deepEqual(await epochOf(a), ['person-1', false]);
    await as(system, a, event)('DELETE', `/reservations/${a.id}`);
    assert.deepEqual(await epochOf(a), ['person-1', false], 'they keep what they were told');
    await g('POST', '/hand-over', { god_id: otherGod.id });
    assert.deepEqual([await epochOf(god), await epochOf(otherGod)], [['public', false], ['god', true]]);
    await as(system, otherGod, event)('POST', '/cancel');
    for (const person of [god, otherGod, a, null]) assert.deepEqual(await epochOf(person), ['open', false]);
});

test('spectators that see the game late read its log late, also without a token', async () => {
    const { event, g } = await deal({ spectator_delay: '600s' });
    const before = await readLog(system, null, event);
    await g('POST', '/phases', { kind: 'DAY' });
    await g('PATCH', `/players/${players[2].id}`, { status: 'DEAD' });
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const late of [null, stranger, otherGod]) assert.deepEqual(await readLog(system, late, event), before);
    assert.deepEqual(kinds(await readLog(system, players[0], event)).slice(-4), ['PHASE_OPENED', 'STATUS_SET', 'PHASE_CLOSED', 'PHASE_OPENED']);
    const waiting = waitOf(null, event);
    await eventually(async () => (await parked()) === 1, 10000);
    const { players: cards } = (await g('GET', '')).event;
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    assert.equal((await waiting).open, true, 'the end is told at once');
    assert.deepEqual(kinds(await readLog(system, null, event)), kinds(await readLog(system, god, event)));
});
