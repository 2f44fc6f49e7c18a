// Two processes of events that both own an event, because each gateway knows one of them alone: what one accepted the other shows,
// and nobody is refused for what has changed since.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, readEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const SEATS = 12;
const STALE_MS = 250;
const PEER_OF = { gateway: 'events', 'gateway-2': 'events-2' };
let system, god, deck;

const own = (name, dir) => (PEER_OF[name] ? { CONSE_EVENTS_PEERS: `ipc://${path.join(dir, 'run', PEER_OF[name])}.ipc` } : {});
const at = (i) => ({ url: system.urls[i % 2] });

before(async () => {
    system = await startSystem({ replicas: 2, env: LIMITS, own });
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
});
after(() => system?.stop());

const reserve = (i, event, person) => call(at(i), 'POST', `/events/${event.id}/reservations`, { token: person.token, body: {} });
const cancel = (i, event, person) => call(at(i), 'DELETE', `/events/${event.id}/reservations/${person.id}`, { token: person.token });

test('people take seats at both until none is left: all succeed, or are told that it is full', async () => {
    const people = await signUpMany(system, 'both', SEATS + 6);
    const event = await openEvent(at(0), god, deck, { title: 'two owners', max_players: SEATS });
    const replies = await Promise.all(people.map((person, i) => reserve(i, event, person)));
    const refused = replies.filter(({ status }) => status >= 400);
    assert.equal(replies.length - refused.length, SEATS);
    for (const { status, body } of refused) assert.deepEqual([status, body.code], [409, 'EVENT_FULL'], JSON.stringify(body));
    for (const i of [0, 1]) assert.equal((await readEvent(at(i), god, event)).seats_taken, SEATS);
});

test('a seat that was freed at one is taken at the other at once', async () => {
    const [first, second] = await signUpMany(system, 'turn', 2);
    const event = await openEvent(at(0), god, deck, { title: 'one seat', min_players: 1, max_players: 1 });
    for (let round = 0; round < 20; round++) {
        const [leaver, comer] = round % 2 ? [second, first] : [first, second];
        if (round === 0) assert.equal((await reserve(0, event, leaver)).status, 201);
        assert.ok((await cancel(round, event, leaver)).status < 300);
        const { status, body } = await reserve(round + 1, event, comer); // an old copy would say that it is full
        assert.equal(status, 201, `round ${round}: ${JSON.stringify(body)}`);
    }
});

test('ballots are cast and changed at both, and the last one of each counts', async () => {
    const people = await signUpMany(system, 'voter', 6);
    const event = await openEvent(at(0), god, deck, { title: 'votes', max_players: 6 });
    const run = (i, method, route, body = {}) => ok(at(i), method, `/events/${event.id}${route}`, { token: god.token, body });
    await seatAll(at(1), event, people);
    await run(0, 'POST', '/lock');
    await run(1, 'POST', '/reveal');
    await run(0, 'POST', '/phases', { kind: 'DAY' });
    const { poll } = await run(1, 'POST', '/polls', { kind: 'NOMINATION' });
    const cast = (i, voter, candidate) =>
        call(at(i), 'PUT', `/events/${event.id}/polls/${poll.id}/ballot`, { token: voter.token, body: { candidate_id: candidate.id } });
    for (let round = 0; round < 6; round++) {
        const replies = await Promise.all(people.slice(2).map((voter, v) => cast(v + round, voter, people[(v + round) % 2])));
        for (const { status, body } of replies) assert.ok(status < 300, JSON.stringify(body));
    }
    const closed = await run(0, 'POST', `/polls/${poll.id}/close`);
    const weights = Object.fromEntries(closed.poll.counts.map(({ candidate_id, weight }) => [candidate_id, weight]));
    assert.deepEqual([weights[people[0].id], weights[people[1].id]], [2, 2]);
});

test('what one accepted the other shows within a quarter of a second', async () => {
    const event = await openEvent(at(0), god, deck, { title: 'version 0' });
    for (let version = 1; version <= 10; version++) {
        const title = `version ${version}`;
        await readEvent(at(version + 1), god, event); // so that it has a copy
        await ok(at(version), 'PATCH', `/events/${event.id}`, { token: god.token, body: { title } });
        const accepted = Date.now();
        for (let shown; (shown = (await readEvent(at(version + 1), god, event)).title) !== title; )
            assert.ok(Date.now() - accepted < STALE_MS, `it still shows ${shown}`);
    }
});

test('the same key at both has one effect and one reply', async () => {
    const key = { 'Idempotency-Key': 'at-both' };
    const body = { group_id: deck.group_id, deck_id: deck.id, title: 'once', starts_at: { local: '2031-01-15T20:00:00', zone: 'UTC' }, max_players: 8 };
    const replies = await Promise.all([0, 1, 2, 3].map((i) => call(at(i), 'POST', '/events', { token: god.token, body, headers: key })));
    const done = replies.filter(({ status }) => status === 201);
    for (const { status, body } of replies) assert.ok(status === 201 || body.code === 'IDEMPOTENCY_RUNNING', JSON.stringify(body));
    assert.equal(new Set(done.map(({ body }) => body.event.id)).size, 1);
    const again = await call(at(1), 'POST', '/events', { token: god.token, body, headers: key });
    assert.equal(again.body.event.id, done[0].body.event.id);
});
