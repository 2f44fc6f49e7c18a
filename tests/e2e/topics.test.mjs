// What a topic publishes outside is the same wherever it is heard: on the bus, in the channel of a Redis, by a stream, by asking.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { assertProblem, call, eventually, ok, signUpAs } from './parts/people.mjs';
import { startRedis } from './parts/redis.mjs';
import { collect, connect, TOPIC } from './parts/socket.mjs';
import { entriesOf, openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000;
let redis, system, god, dev, players, deck, names = 0;
const children = [];

before(async () => {
    redis = await startRedis();
    system = await startSystem({ env: { ...LIMITS, CONSE_PUSH_REDIS: redis.url } });
    god = await makeGod(system, 'thegod');
    dev = await signUpAs(system, 'thedev', 'dev');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god, { roles: 3 });
});

after(async () => {
    for (const child of children) child.kill();
    await system?.stop();
    await redis?.stop();
});

// The lines that a program prints, each read by `take`; what gives null is left out.
function linesOf(take, file, ...args) {
    const child = spawn(file, args, { env: { ...process.env, ...system.env }, stdio: ['ignore', 'pipe', 'inherit'] }), found = [];
    let rest = '';
    child.stdout.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        found.push(...lines.map(take).filter((each) => each !== null));
    });
    children.push(child);
    return found;
}

// What is heard in a channel, from now on.
async function hear(channel) {
    const heard = linesOf((line) => (line.startsWith('{') ? JSON.parse(line) : null), 'redis-cli', '-s', redis.url.slice('redis+unix://'.length), 'SUBSCRIBE', channel);
    await eventually(async () => (await redis.ask('PUBSUB', 'NUMSUB', channel)).includes('1'), PATIENCE_MS);
    return heard;
}

async function publish(event, person = god) {
    const name = `friday-${++names}`, pattern = event ? `events.${event.id}.public` : 'events.*.public';
    return (await ok(system, 'POST', '/topics', { token: person.token, body: { name, pattern } })).topic;
}

const retitle = (event, title) => as(system, god, event)('PATCH', '', { title });
const follow = (person, topic, more = {}) => openStream(system, `/stream?topics=topic:${topic.name}${more.query ?? ''}`, { token: person?.token, headers: more.headers });
const readTopic = async (person, topic, query = '') => ok(system, 'GET', `/topics/${topic.name}/log${query}`, { token: person.token });
const plain = ({ index, topic, stream, seq, entry, cursor }) => ({ index: String(index), topic, stream, seq: String(seq), kind: entry.kind, payload: entry.payload, cursor });

test('on the bus, in a channel, by a stream and by asking it is the same', async () => {
    const event = await openEvent(system, god, deck), topic = await publish(event);
    const heard = await hear(`conse.${topic.name}`);
    const bus = linesOf((line) => JSON.parse(line), path.join(system.bin, 'consectl'), '--json', 'topics', 'tail', topic.stream, '--from-start');
    const stream = await follow(god, topic), first = await stream.next();
    assert.deepEqual([first.event, first.data.stream, first.data.state], ['snapshot', `topic:${topic.name}`, { name: topic.name, pattern: `events.${event.id}.public`, count: '0', stopped: false }]);
    const { client, dispose } = connect(system, { token: dev.token });
    const graph = collect((sink) => client.subscribe({ query: TOPIC, variables: { id: topic.name } }, sink));
    assert.deepEqual((await graph.next()).state, { name: topic.name, pattern: `events.${event.id}.public`, count: '0', stopped: false });
    for (let i = 0; i < 5; i++) await retitle(event, `${i}`);
    await eventually(() => heard.length === 5 && bus.length === 5, PATIENCE_MS);
    const told = (await entriesOf(stream, 5)).map(plain), log = (await readLog(system, null, event)).entries.slice(-5);
    assert.deepEqual(told.map(({ index, kind, payload }) => [index, kind, payload]), log.map(({ kind, payload }, i) => [`${i + 1}`, kind, payload]));
    assert.deepEqual(heard.map(plain), told);
    assert.deepEqual((await graph.entries(5)).map(plain), told);
    assert.deepEqual((await readTopic(god, topic, `?after=${first.data.cursor}`)).entries.map(plain), told);
    assert.deepEqual(bus.map(({ stream: from, seq, kind }) => [from, `${seq}`, kind]), told.map(({ index, kind }) => [topic.stream, index, kind]));
    assert.equal(stream.lastId, told.at(-1).cursor);
    const back = await follow(god, topic, { headers: { 'Last-Event-ID': heard[2].cursor } });
    assert.deepEqual((await entriesOf(back, 2)).map(plain), told.slice(3), 'what a channel told is a place in the stream');
    stream.close();
    back.close();
    dispose();
});

test('while Redis is away nothing is lost, and after a death of the service nothing is new under an old number', async () => {
    const event = await openEvent(system, god, deck), topic = await publish(event);
    const first = await hear(`conse.${topic.name}`);
    await retitle(event, 'one');
    await eventually(() => first.length === 1, PATIENCE_MS);
    redis.pause();
    await retitle(event, 'two');
    await retitle(event, 'three');
    await eventually(() => /topics are not published in Redis/.test(system.log('events')), PATIENCE_MS);
    redis.resume();
    const all = () => [...new Map(first.map((entry) => [entry.index, entry.entry.payload]))];
    await eventually(() => all().length === 3, PATIENCE_MS);
    await system.killAll('events');
    await system.startAll('events');
    await eventually(async () => (await call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title: 'four' } })).status === 200, PATIENCE_MS);
    await eventually(() => all().length === 4, PATIENCE_MS);
    const log = (await readLog(system, null, event)).entries.slice(-4);
    assert.deepEqual(all(), log.map(({ payload }, i) => [`${i + 1}`, payload]));
    for (const { index, entry } of first) assert.equal(entry.payload, log[index - 1].payload, 'what comes again is the same');
});

test('who spectators are is who its followers are: they are told late', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3, spectator_delay: '3s' }), g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const topic = await publish(event), heard = await hear(`conse.${topic.name}`), stream = await follow(god, topic);
    assert.equal((await stream.next()).event, 'snapshot');
    const begun = Date.now();
    await g('POST', '/phases', { kind: 'DAY' });
    const [entry] = await entriesOf(stream, 1);
    assert.ok(Date.now() - begun >= 2900, `${Date.now() - begun} ms`);
    assert.equal(entry.entry.kind, 'PHASE_OPENED');
    await eventually(() => heard.length === 1, PATIENCE_MS);
    stream.close();
});

// What came until the end, without what each connection has by chance.
async function wholeOf(stream) {
    await stream.ended;
    return stream.messages.map(({ event, id, data }) => ({ event, id, data: event === 'bye' ? data.reason : { ...data, stream: '' } }));
}

test('to who may not read it a topic is as one that is not there', async () => {
    const event = await openEvent(system, god, deck), topic = await publish(event), none = { name: 'no-such-topic' }, other = await makeGod(system, 'othergod');
    for (const person of [other, players[0]]) {
        const [theirs, absent] = await Promise.all([topic, none].map(async (each) => wholeOf(await follow(person, each))));
        assert.deepEqual(theirs, absent);
        assert.deepEqual(theirs.map(({ event: kind, data }) => data.code ?? kind), ['NOT_FOUND', 'bye']);
        const [read, absently] = await Promise.all([topic, none].map((each) => call(system, 'GET', `/topics/${each.name}/log`, { token: person.token })));
        assertProblem(read, 404, 'NOT_FOUND');
        assert.equal(read.body.detail, absently.body.detail);
        const { follow: ask, dispose } = connect(system, { token: person.token });
        for (const each of [topic, none]) assert.equal((await ask(TOPIC, { id: each.name }).over)[0].extensions.code, 'NOT_FOUND');
        dispose();
    }
    assertProblem(await call(system, 'GET', `/stream?topics=topic:${topic.name}`), 401, 'TOKEN_INVALID');
    assertProblem(await call(system, 'GET', `/topics/${topic.name}/log`), 401, 'TOKEN_INVALID');
    assertProblem(await call(system, 'GET', '/stream?topics=topic:No-Slug', { token: god.token }), 400, 'INVALID_FIELD');
    const wide = await publish(null, dev), stream = await follow(dev, wide);
    assert.equal((await stream.next()).data.state.pattern, 'events.*.public');
    await retitle(event, 'to all');
    assert.equal((await entriesOf(stream, 1))[0].stream, `events.${event.id}.public`);
    stream.close();
    assertProblem(await call(system, 'GET', `/topics/${wide.name}/log`, { token: god.token }), 404, 'NOT_FOUND');
});

test('a topic that has the name of an event tells nothing of that event\'s night', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 }), g = as(system, god, event), [one, two] = players;
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await ok(system, 'POST', '/topics', { token: god.token, body: { name: event.id, pattern: `events.${event.id}.public` } });
    const states = (data) => Object.fromEntries(data.state.people.map(({ user, state }) => [user.id, state]));
    const watch = (person) => openStream(system, `/stream?topics=presence:${event.id}`, { token: person.token });
    const there = await openStream(system, `/events/${event.id}/stream`, { token: one.token }), table = await watch(two), leads = await watch(god);
    await table.until(({ data }) => data.state && states(data)[one.id] === 'CONNECTED');
    await g('POST', '/phases', { kind: 'NIGHT' });
    await table.until(({ data }) => data.state?.as_of);
    there.close();
    await leads.until(({ data }) => data.state && states(data)[one.id] === 'GONE');
    const topic = await follow(god, { name: event.id }); // now that it can't be known any more how it was
    assert.equal((await topic.next()).event, 'snapshot');
    const late = await watch(two);
    const { data } = await late.next();
    assert.deepEqual([data.state.as_of !== undefined, states(data)[one.id]], [true, 'CONNECTED']);
    for (const stream of [table, leads, topic, late]) stream.close();
});
