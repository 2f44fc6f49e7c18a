// Two processes of each service on one MongoDB, behind a proxy that spoils what they say to it: nothing acknowledged is lost, nothing
// is done twice, and an outcome is unknown only when the deadline has passed.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, readEvent, signUpMany } from './parts/games.mjs';
import { call, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const DEADLINE_MS = 2000;
const CALLS_MS = DEADLINE_MS - 200; // what a service has of it
const PATIENCE_MS = 20000;
const WRITES = ['insert', 'update', 'findAndModify'];
let system, proxy, god, deck;

before(async () => {
    system = await startSystem({ replicas: 2, proxied: true, env: { ...LIMITS, CONSE_REQUEST_TIMEOUT: `${DEADLINE_MS}ms` } });
    proxy = system.stores.proxy;
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
});
after(() => system?.stop());
afterEach(() => proxy?.clear());

const AGAIN = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'DEADLINE_PASSED', 'STORE_AWAY', 'OUTCOME_UNKNOWN', 'IDEMPOTENCY_RUNNING']);
const at = (i) => ({ url: system.urls[i % system.urls.length] });

// Repeats a command with its key at one gateway after the other, until its outcome is known.
async function insist(method, route, { token, body, key }) {
    for (let tries = 0, end = Date.now() + PATIENCE_MS; ; tries++) {
        const reply = await call(at(tries), method, route, { token, body, headers: { 'Idempotency-Key': key } });
        if (!AGAIN.has(reply.body.code)) return { ...reply, tries };
        assert.ok(Date.now() < end, `${key}: ${JSON.stringify(reply.body)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

const makeGroup = (system, name, key) => call(system, 'POST', '/groups', { token: god.token, body: { name }, headers: { 'Idempotency-Key': key } });

async function groupsNamed(name) {
    const all = [];
    for (let page = ''; ; ) {
        const reply = await ok(system, 'GET', `/groups?page_size=100&page_token=${encodeURIComponent(page)}`);
        all.push(...reply.groups);
        if (!(page = reply.next_page_token)) return all.filter((group) => group.name === name);
    }
}

test('what one gateway accepted the other shows', async () => {
    const event = await openEvent(at(0), god, deck, { title: 'seen by both' });
    assert.equal((await readEvent(at(1), god, event)).title, 'seen by both');
});

test('a write whose reply is lost is unknown at the deadline and not before, and its repeat tells the first reply', async () => {
    const rule = proxy.add({ command: WRITES, collection: 't_group*', do: 'lose_reply', held: true });
    const asked = Date.now();
    const first = await makeGroup(at(0), 'unheard', 'unheard');
    const took_ms = Date.now() - asked;
    rule.release();
    assert.deepEqual([first.status, first.body.code, rule.met], [504, 'OUTCOME_UNKNOWN', 1]);
    assert.ok(took_ms >= CALLS_MS, `it was told after ${took_ms} ms`);
    const repeated = await insist('POST', '/groups', { token: god.token, body: { name: 'unheard' }, key: 'unheard' });
    assert.equal(repeated.status, 201);
    assert.deepEqual((await groupsNamed('unheard')).map(({ id }) => id), [repeated.body.group.id]);
});

test('a write that is rolled back is not acknowledged until it is there again', async () => {
    const rule = proxy.add({ command: WRITES, collection: 't_group*', do: 'roll_back' });
    const made = await makeGroup(at(1), 'rolled back', 'rolled-back');
    assert.equal(rule.met, 1);
    assert.equal(made.status, 201);
    assert.equal((await groupsNamed('rolled back')).length, 1);
});

test('while MongoDB is away commands are refused with a time to come again, and go on when it is back', async () => {
    await proxy.away();
    let reply;
    for (const end = Date.now() + PATIENCE_MS; ; ) {
        reply = await makeGroup(at(0), 'later', 'later');
        if (reply.status === 503) break;
        assert.ok(Date.now() < end, JSON.stringify(reply.body));
    }
    assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    await proxy.back();
    assert.equal((await insist('POST', '/groups', { token: god.token, body: { name: 'later' }, key: 'later' })).status, 201);
    assert.equal((await groupsNamed('later')).length, 1);
});

test('processes are killed while people take seats: each acknowledged seat is there, nobody has two', async () => {
    const people = await signUpMany(system, 'seated', 20);
    const event = await openEvent(system, god, deck, { title: 'crowded', max_players: people.length });
    const seats = people.map((person, i) => insist('POST', `/events/${event.id}/reservations`, { token: person.token, body: {}, key: `seat-${i}` }));
    for (const name of ['events', 'events-2', 'gateway']) await system.restart(name);
    for (const { status, body } of await Promise.all(seats)) assert.ok(status === 200 || status === 201, JSON.stringify(body));
    const { players } = await readEvent(system, god, event);
    assert.deepEqual(players.map(({ user_id }) => user_id).sort(), people.map(({ id }) => id).sort());
});
