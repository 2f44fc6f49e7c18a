// Who follows an event, at two gateways that name the same Redis: while one dies, the cache is away, and a night begins.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually } from './parts/people.mjs';
import { startRedis } from './parts/redis.mjs';
import { connect, EVENT, socketUrl } from './parts/socket.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000, SLACK_MS = 5000;
let redis, first, second, god, players, deck;

before(async () => {
    redis = await startRedis();
    const env = { ...LIMITS, CONSE_CACHE: redis.url };
    first = await startSystem({ env, replicas: 0 });
    second = await startSystem({ services: ['gateway'], env: { ...env, CONSE_RUN: `${first.env.CONSE_DATA}/run` }, replicas: 0 });
    god = await makeGod(first, 'thegod');
    players = await signUpMany(first, 'player', 3);
    deck = await makeDeck(first, god, { roles: 3 });
});

after(async () => {
    await second?.stop();
    await first?.stop();
    await redis?.stop();
});

async function deal() {
    const event = await openEvent(first, god, deck, { max_players: 3 }), g = as(first, god, event);
    await seatAll(first, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g };
}

const come = async (at, person, event, more = '') => {
    const stream = await openStream(at, `/events/${event.id}/stream${more}`, { token: person.token });
    assert.equal((await stream.next()).event, 'snapshot');
    return stream;
};
const watch = (at, person, event) => openStream(at, `/stream?topics=presence:${event.id}`, { token: person.token });
const statesOf = (list = []) => Object.fromEntries(list.map(({ user, state }) => [user.id, state]));
const until = (stream, test) => Promise.race([stream.until(({ event: kind, data }) => kind === 'snapshot' && test(statesOf(data.state.people), data.state)),
    new Promise((_, fail) => setTimeout(() => fail(new Error(`in vain: ${test} ${JSON.stringify(stream.messages.slice(-2))}`)), PATIENCE_MS).unref())]);
const read = async (at, person, event) => statesOf((await call(at, 'GET', `/events/${event.id}/presence`, { token: person.token })).body.presence?.people);

test('who follows at one gateway is seen at the other, and away where they say so', async () => {
    const { event } = await deal(), [one, two, three] = players;
    const there = await come(first, one, event, '?tab=page');
    await eventually(async () => (await read(second, three, event))[one.id] === 'CONNECTED', PATIENCE_MS); // also by who asks there first
    const streams = [await watch(first, three, event), await watch(second, three, event)];
    const also = await come(second, two, event);
    for (const stream of streams) await until(stream, (states) => states[one.id] === 'CONNECTED' && states[two.id] === 'CONNECTED');
    await call(second, 'PUT', `/events/${event.id}/presence`, { token: one.token, body: { away: true, tab: 'page' } });
    for (const stream of streams) await until(stream, (states) => states[one.id] === 'AWAY');
    there.close();
    for (const stream of streams) await until(stream, (states) => states[one.id] === 'GONE' && states[two.id] === 'CONNECTED');
    for (const stream of [also, ...streams]) stream.close();
});

test('a night is as it was at both, also for who reconnects while it begins, and after one gateway was killed', async () => {
    const { event, g } = await deal(), [one, two, three] = players;
    const there = await come(first, one, event), leads = await watch(first, god, event), table = await watch(first, three, event);
    let stays = await come(second, two, event);
    await until(leads, (states) => states[one.id] === 'CONNECTED' && states[two.id] === 'CONNECTED');
    stays.close();
    const back = come(second, two, event);
    await g('POST', '/phases', { kind: 'NIGHT' });
    stays = await back;
    await until(table, (states, { as_of }) => as_of && states[one.id] === 'CONNECTED' && states[two.id] === 'CONNECTED');
    there.close();
    const wakes = await come(first, three, event);
    await until(leads, (states) => states[three.id] === 'CONNECTED' && states[one.id] === 'GONE');
    const frozen = { [one.id]: 'CONNECTED', [two.id]: 'CONNECTED', [three.id]: 'GONE', [god.id]: 'GONE' };
    for (const at of [first, second]) assert.deepEqual(await read(at, two, event), frozen);
    await second.killAll('gateway');
    await second.startAll('gateway');
    assert.deepEqual(await read(second, two, event), frozen, 'it is known after a kill');
    await g('POST', '/phases', { kind: 'DAY' });
    await until(table, (states, { as_of }) => !as_of && states[three.id] === 'CONNECTED' && states[one.id] === 'GONE');
    for (const stream of [leads, table, wakes]) stream.close();
});

// What another gateway told counts for 45 s, from when it told it, and is looked at twice a second.
async function whoseGatewayIsKilled() {
    const { event } = await deal(), [one, two] = players;
    const there = await come(second, one, event), stream = await watch(first, two, event);
    await until(stream, (states) => states[one.id] === 'CONNECTED');
    await second.killAll('gateway');
    const began = Date.now();
    await there.ended;
    await until(stream, (states) => states[one.id] === 'GONE');
    assert.ok(Date.now() - began < 45000 + SLACK_MS, `${Date.now() - began} ms`);
    await second.startAll('gateway');
    stream.close();
}

const follower = (program, ...args) => new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`it ended: ${code}`)));
});
const part = (name) => path.join(import.meta.dirname, 'parts', name);

// From its last pong on; the close waits in its kernel until it runs again.
async function whoIsStopped() {
    const { event } = await deal(), [one, two] = players;
    const page = await follower(process.execPath, part('frozen.mjs'), socketUrl(first), one.token, event.id), stream = await watch(first, two, event);
    await until(stream, (states) => states[one.id] === 'CONNECTED');
    page.kill('SIGSTOP');
    const began = Date.now();
    await until(stream, (states) => states[one.id] === 'GONE');
    assert.ok(Date.now() - began < 35000 + SLACK_MS, `${Date.now() - began} ms`);
    const ended = new Promise((resolve) => page.removeAllListeners('exit').once('exit', resolve));
    page.kill('SIGCONT');
    assert.equal(await ended, 1, 'it was closed');
    stream.close();
}

// Events have no pong: its kernel confirms nothing for 20 s behind a head, and ten seconds later it is gone.
async function whoseLineIsSilent() {
    const { event } = await deal(), [one, two] = players;
    const line = await follower('python3', part('deaf.py'), first.port, `/events/${event.id}/stream`, one.token), stream = await watch(first, two, event);
    await until(stream, (states) => states[one.id] === 'CONNECTED');
    const began = Date.now();
    await until(stream, (states) => states[one.id] === 'GONE');
    assert.ok(Date.now() - began < 45000 + SLACK_MS, `${Date.now() - began} ms`);
    line.removeAllListeners('exit').kill('SIGKILL');
    stream.close();
}

// Each way says it: a client that finds itself behind comes again.
async function whoIsToldWhereTheLogIs() {
    const { event } = await deal(), [one] = players, socket = connect(first, { token: one.token });
    const cursor = (await call(first, 'GET', `/events/${event.id}`, { token: one.token })).headers.get('conse-cursor');
    const isNow = (ms) => assert.ok(Math.abs(Number(ms) - Date.now()) < SLACK_MS, `${ms}`);
    const told = socket.follow(EVENT, { id: event.id }), stream = await come(first, one, event), id = (await told.next()).cursor;
    assert.deepEqual([id, stream.lastId], [cursor, cursor]);
    const { data } = await stream.until(({ event: kind }) => kind === 'head');
    assert.equal(data.cursor, cursor);
    isNow(data.server_time);
    const before = socket.pings.length;
    await eventually(() => socket.pings.length > before, PATIENCE_MS);
    const ping = socket.pings.at(-1);
    assert.deepEqual(Object.values(ping.cursors), [cursor]);
    isNow(ping.server_time);
    socket.dispose();
    stream.close();
}

test('who says nothing any more is gone in time, and who listens is told where the log is', { concurrency: true }, async (t) => {
    await Promise.all([
        t.test('a gateway that is killed leaves nobody behind', whoseGatewayIsKilled),
        t.test('a page that is stopped is gone 35 s after its last pong', whoIsStopped),
        t.test('a line on which packets are lost ends', whoseLineIsSilent),
        t.test('a head has the cursor of the log', whoIsToldWhereTheLogIs),
    ]);
});

test('while the cache is away each gateway knows its own, and when it is back all', async () => {
    const { event } = await deal(), [one, two, three] = players;
    const streams = [await watch(first, three, event), await watch(second, three, event)];
    const there = [await come(first, one, event), await come(second, two, event)];
    for (const stream of streams) await until(stream, (states) => states[one.id] === 'CONNECTED' && states[two.id] === 'CONNECTED');
    await redis.kill();
    await eventually(() => /presence is not shared/.test(first.log('gateway')), 10000);
    there[0].close();
    await until(streams[0], (states) => states[one.id] === 'GONE');
    const other = await deal(), third = await come(first, three, other.event);
    await eventually(async () => (await read(first, one, other.event))[three.id] === 'CONNECTED', 10000);
    await redis.start();
    await eventually(async () => (await read(second, one, other.event))[three.id] === 'CONNECTED', 30000);
    await until(streams[1], (states) => states[one.id] === 'GONE' && states[two.id] === 'CONNECTED');
    for (const stream of [...streams, there[1], third]) stream.close();
});
