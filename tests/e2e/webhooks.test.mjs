// Topics and webhooks: what is published outside reaches a receiver, signed and in order, whatever dies on either side.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, call, dumpOf, eventually, leave, logIn, ok, setLevel, signUpAs } from './parts/people.mjs';
import { isSignedBy, keysOf, NONE, receive } from './parts/receiver.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000, GUIDE = path.resolve(import.meta.dirname, '../../docs/webhooks.md');
let system, god, dev, players, deck, names = 0;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms', CONSE_PUSH_GIVE_UP: '2s' } });
    god = await makeGod(system, 'thegod');
    dev = await signUpAs(system, 'thedev', 'dev');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

const patternOf = (event) => `events.${event.id}.public`;
const topicOf = async (name, person = god) => (await ok(system, 'GET', '/topics', { token: person.token })).topics.find((topic) => topic.name === name);
const deadOf = async (name, query = '') => (await ok(system, 'GET', `/topics/${name}/dead-letters${query}`, { token: god.token })).letters;
// Something that everybody sees.
const edit = (event, title = 'another', person = god) => as(system, person, event)('PATCH', '', { title });
const KIND = 'EDITED';

async function publish(event, receiver, more = {}, person = god) {
    const name = `topic-${++names}`;
    const body = { name, pattern: event ? patternOf(event) : 'events.*.public', ...(receiver ? { webhook: { url: receiver.url, ...more } } : {}) };
    return (await ok(system, 'POST', '/topics', { token: person.token, body })).topic;
}

test('what happens from then on is delivered, in order and signed', async () => {
    const event = await openEvent(system, god, deck), receiver = await receive();
    await seatAll(system, event, players.slice(0, 1));
    const topic = await publish(event, receiver);
    assert.deepEqual([topic.head, topic.webhook.delivered, topic.stopped], ['0', '0', false]);
    await seatAll(system, event, players.slice(1));
    await as(system, god, event)('POST', '/lock');
    const log = (await readLog(system, null, event)).entries.slice(-3);
    await eventually(() => receiver.got.length === 3, PATIENCE_MS);
    assert.deepEqual(receiver.indexes(), [1, 2, 3]);
    const keys = await keysOf(system);
    for (const [i, letter] of receiver.got.entries()) {
        const { cursor: _, ...expected } = log[i], { cursor: none, ...got } = letter.entry;
        assert.deepEqual(got, expected);
        assert.deepEqual([letter.stream, letter.seq, letter.topic, letter.headers['content-type']], [patternOf(event), got.index, topic.name, 'application/json']);
        const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = letter.headers;
        assert.equal(id, `${topic.stream.slice('topics.'.length)}-${i + 1}`);
        assert.ok(Math.abs(Date.now() / 1000 - seconds) < 60);
        assert.ok(signature.startsWith('v1a,') && isSignedBy(keys, letter));
        assert.ok(!isSignedBy(keys, { ...letter, body: Buffer.concat([letter.body, Buffer.from(' ')]) }));
    }
    await eventually(async () => (await topicOf(topic.name)).webhook.delivered === '3', PATIENCE_MS);
    receiver.close();
});

test('the receiver of the guide takes what is ours and nothing else', async () => {
    const program = path.join(system.dir, 'receiver.mjs'), lines = [];
    fs.writeFileSync(program, /```js\n([\s\S]*?)```/.exec(fs.readFileSync(GUIDE, 'utf8'))[1]);
    const child = spawn(process.execPath, [program, system.url, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => lines.push(...chunk.toString().trim().split('\n')));
    try {
        await eventually(() => lines[0]?.startsWith('listening'), PATIENCE_MS);
        const url = `http://127.0.0.1:${lines[0].split(' ')[1]}/`, event = await openEvent(system, god, deck);
        const topic = await publish(event, { url });
        await edit(event);
        await eventually(() => lines.length === 2, PATIENCE_MS);
        assert.equal(lines[1], `${topic.name} 1 ${KIND}`);
        const headers = { 'webhook-id': 'x', 'webhook-timestamp': `${Math.floor(Date.now() / 1000)}`, 'webhook-signature': `v1a,${Buffer.alloc(64).toString('base64')}` };
        const { keys: [{ kid }] } = await ok(system, 'GET', '/.well-known/conse-webhooks');
        for (const more of [{}, { 'webhook-key-id': kid }, { 'webhook-key-id': kid, 'webhook-timestamp': '1' }, { 'webhook-signature': '' }])
            assert.equal((await fetch(url, { method: 'POST', headers: { ...headers, ...more }, body: '{}' })).status, 401);
    } finally {
        child.kill();
    }
});

test('what is not taken is sent again before anything behind it', async () => {
    const event = await openEvent(system, god, deck);
    const elsewhere = await receive(), seen = [];
    const receiver = await receive((n, { index }) => { seen.push(Number(index)); return [500, 404, NONE, 307][n - 1] ?? 204; }, { elsewhere: elsewhere.url });
    const topic = await publish(event, receiver);
    for (let i = 0; i < 3; i++) await edit(event, `${i}`);
    await eventually(() => receiver.got.length === 3, PATIENCE_MS);
    assert.deepEqual(seen, [1, 1, 1, 1, 1, 2, 3]);
    assert.deepEqual(receiver.indexes(), [1, 2, 3]);
    await eventually(async () => (await topicOf(topic.name)).webhook.failures === 0, PATIENCE_MS);
    assert.equal(elsewhere.requests, 0, 'nobody is sent where an answer leads');
    for (const one of [receiver, elsewhere]) one.close();
});

test('only the wanted kinds are sent', async () => {
    const event = await openEvent(system, god, deck), receiver = await receive();
    const topic = await publish(event, receiver, { kinds: ['LOCKED'] });
    await edit(event);
    await seatAll(system, event, players);
    await as(system, god, event)('POST', '/lock');
    await as(system, god, event)('POST', '/unlock');
    await eventually(async () => (await topicOf(topic.name)).webhook.delivered === '7', PATIENCE_MS);
    assert.deepEqual(receiver.got.map(({ entry }) => entry.kind), ['LOCKED']);
    receiver.close();
});

test('what is given up waits in a list, and is delivered when it is asked for', async () => {
    const event = await openEvent(system, god, deck);
    let taking = false;
    const receiver = await receive(() => (taking ? 204 : 503)), topic = await publish(event, receiver);
    await edit(event);
    await eventually(async () => (await topicOf(topic.name)).webhook.failures > 0, PATIENCE_MS);
    assert.equal((await topicOf(topic.name)).webhook.status, 503);
    await eventually(async () => (await deadOf(topic.name)).length === 1, PATIENCE_MS);
    const [letter] = await deadOf(topic.name);
    assert.deepEqual([letter.index, letter.stream, letter.status, letter.again], ['1', patternOf(event), 503, false]);
    assert.ok(letter.failures > 1);
    assert.deepEqual(await deadOf(topic.name, '?after=1'), []);
    await assertRefused(system, players[0], 'GET', `/topics/${topic.name}/dead-letters`, undefined, 404, 'NOT_FOUND');
    taking = true;
    await edit(event, 'behind it');
    await eventually(() => receiver.got.length === 1, PATIENCE_MS);
    assert.equal((await call(system, 'POST', `/topics/${topic.name}/dead-letters/redeliver`, { token: god.token, body: { indexes: ['1'] } })).status, 202);
    await eventually(() => receiver.got.length === 2, PATIENCE_MS);
    assert.deepEqual(receiver.indexes(), [2, 1]);
    await eventually(async () => (await deadOf(topic.name)).length === 0, PATIENCE_MS);
    receiver.close();
});

test('killed again and again, nothing is lost and nothing comes before its time', async () => {
    const event = await openEvent(system, god, deck), receiver = await receive((n) => (n % 7 ? 204 : 500));
    await publish(event, receiver);
    const count = 40;
    for (let i = 0; i < count; i++) {
        await eventually(async () => (await call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title: `${i}` } })).status === 200, PATIENCE_MS);
        if (i % 10 === 5) {
            await system.killAll('events');
            await system.startAll('events');
        }
    }
    await eventually(() => receiver.fresh().length >= count, PATIENCE_MS);
    const texts = receiver.got.filter(({ index }, i) => receiver.indexes().indexOf(Number(index)) === i).map(({ entry }) => Number(entry.fields.terms.title));
    assert.deepEqual(receiver.fresh(), Array.from(texts, (_, i) => i + 1)); // each index first comes in its turn
    assert.deepEqual([...new Set(texts)], Array.from({ length: count }, (_, i) => i));
    receiver.close();
});

test('spectators who see late have receivers who hear late', async () => {
    const event = await openEvent(system, god, deck, { spectator_delay: '3s' }), receiver = await receive();
    await publish(event, receiver);
    await seatAll(system, event, players);
    await as(system, god, event)('POST', '/lock');
    await as(system, god, event)('POST', '/reveal', {});
    await eventually(() => receiver.got.length >= 5, PATIENCE_MS);
    const early = receiver.got.length, begun = Date.now();
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await eventually(() => receiver.got.some(({ entry }) => entry.kind === 'PHASE_OPENED'), PATIENCE_MS);
    assert.ok(Date.now() - begun >= 2900, `${Date.now() - begun} ms`);
    assert.equal(receiver.got.length, early + 1);
    receiver.close();
});

test('who loses the right is sent nothing more', async () => {
    const other = await makeGod(system, 'othergod'), event = await openEvent(system, god, deck), receiver = await receive();
    const topic = await publish(event, receiver);
    await edit(event);
    await eventually(() => receiver.got.length === 1, PATIENCE_MS);
    await as(system, god, event)('POST', '/hand-over', { god_id: other.id });
    await eventually(async () => (await topicOf(topic.name)).stopped, PATIENCE_MS);
    await edit(event, 'theirs', other);
    const theirs = await receive();
    await publish(event, theirs, {}, other);
    await edit(event, 'theirs too', other);
    await eventually(() => theirs.got.length === 1, PATIENCE_MS);
    assert.ok(receiver.got.length <= 2); // the hand-over itself may have come
    assert.ok(!receiver.got.slice(1).some(({ entry }) => entry.kind === KIND));
    for (const each of [receiver, theirs]) each.close();
});

test('a dev publishes all events', async () => {
    const receiver = await receive(), topic = await publish(null, receiver, { kinds: [KIND] }, dev);
    const events = [await openEvent(system, god, deck), await openEvent(system, god, deck)];
    for (const event of events) await edit(event);
    await eventually(() => receiver.got.length === 2, PATIENCE_MS);
    assert.deepEqual(new Set(receiver.got.map(({ stream }) => stream)), new Set(events.map(patternOf)));
    assert.equal((await call(system, 'DELETE', `/topics/${topic.name}`, { token: dev.token })).status, 204);
    assert.equal(await topicOf(topic.name, dev), undefined);
    await edit(events[0], 'once more');
    const later = await receive();
    await publish(events[0], later);
    await edit(events[0], 'and again');
    await eventually(() => later.got.length === 1, PATIENCE_MS);
    assert.equal(receiver.got.length, 2);
    for (const each of [receiver, later]) each.close();
});

test('with an account go its topics and their webhooks', async () => {
    const leaver = await signUpAs(system, 'leaver', 'dev'), event = await openEvent(system, god, deck);
    const receiver = await receive(), fence = await receive();
    receiver.url += '/of-the-leaver';
    const topic = await publish(null, receiver, {}, leaver);
    await publish(event, fence);
    await edit(event);
    await eventually(() => receiver.got.length === 1 && fence.got.length === 1, PATIENCE_MS);
    await setLevel(system, 'leaver', 'player'); // who leads can't leave
    await leave(system, await logIn(system, 'leaver'), god);
    await edit(event, 'unheard');
    await eventually(() => fence.got.length === 2, PATIENCE_MS);
    assert.equal(receiver.requests, 1);
    const lines = await dumpOf(system, 'events'), isKept = (word) => lines.some(({ text }) => text.includes(word));
    assert.ok(isKept(fence.url));
    assert.ok(!isKept(receiver.url));
    assert.ok(!lines.some(({ table, id }) => table === 'topics' && topic.stream.endsWith(id)));
    await eventually(async () => (await call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title: 'unheard too' } })).status === 200, PATIENCE_MS);
    await eventually(() => fence.got.length === 3, PATIENCE_MS);
    assert.equal(receiver.requests, 1);
    for (const each of [receiver, fence]) each.close();
});

test('what may not be published or reached is refused', async () => {
    const event = await openEvent(system, god, deck), other = await makeGod(system, 'thirdgod');
    const body = (more) => ({ name: 'mine', pattern: patternOf(event), ...more });
    const refused = (person, more, ...expected) => assertRefused(system, person, 'POST', '/topics', body(more), ...expected);
    await refused(players[0], {}, 403, 'LEVEL_TOO_LOW');
    await refused(other, {}, 403, 'NOT_OWNER');
    await refused(god, { pattern: 'events.*.public' }, 403, 'LEVEL_TOO_LOW');
    await refused(god, { pattern: `events.${crypto.randomUUID()}.public` }, 404, 'NOT_FOUND');
    for (const pattern of [`events.${event.id}.god`, `users.${god.id}`, 'auth.revocations', `events.${event.id}.*`, '*', `chat.${event.id}.table`])
        await refused(god, { pattern }, 400, 'INVALID_FIELD', 'pattern');
    for (const url of ['http://10.0.0.1/', 'https://10.0.0.1/', 'https://169.254.169.254/', 'https://0x7f.1/', 'https://user@example.com/', 'https://[::ffff:10.0.0.1]/', 'ftp://example.com/', 'https://example.com/#x'])
        await refused(god, { webhook: { url } }, 400, 'INVALID_FIELD', 'webhook.url');
    await refused(god, { webhook: { url: 'https://example.com/', kinds: ['noted'] } }, 400, 'INVALID_FIELD', 'webhook.kinds');
    await refused(god, { name: 'No Slug' }, 400, 'INVALID_FIELD', 'name');
    const { topic } = await ok(system, 'POST', '/topics', { token: god.token, body: body({}) });
    assert.equal(topic.webhook, undefined);
    await refused(dev, {}, 409, 'TOPIC_TAKEN');
    await assertRefused(system, other, 'DELETE', '/topics/mine', undefined, 404, 'NOT_FOUND');
    const { topics } = await ok(system, 'GET', '/topics', { token: god.token });
    for (let i = topics.length; i < 20; i++) await publish(event);
    await refused(god, { name: 'one-more' }, 409, 'TOO_MANY_TOPICS');
});

// A name that is public when it is looked at, and this machine a moment later.
test('a name that changes what it stands for leads nowhere: no webhook, no push', async () => {
    const callers = [], here = net.createServer((socket) => callers.push(socket.destroy()));
    await new Promise((resolve) => here.listen(8443, '127.0.0.1', resolve));
    const other = await startSystem({ env: { ...LIMITS, CONSE_PUSH_RETRY: '20ms', CONSE_PUSH_GIVE_UP: '1m', CONSE_PUBLIC_URL: 'https://conse.example' }, replicas: 0 });
    try {
        const notes = path.join(other.dir, 'data/rebinds'), noted = (line) => fs.readFileSync(notes, 'utf8').split('\n').filter((one) => one === line).length;
        fs.writeFileSync(notes, '');
        other.own = { events: { LD_PRELOAD: path.resolve(BIN, '../tests/rebinds.so'), TEST_REBINDS: notes } };
        await other.restart('events');
        const owner = await makeGod(other, 'owner'), event = await openEvent(other, owner, await makeDeck(other, owner));
        await ok(other, 'POST', '/topics', { token: owner.token, body: { name: 'rebinds', pattern: patternOf(event), webhook: { url: 'https://rebind.test:8443/hook' } } });
        await as(other, owner, event)('PATCH', '', { title: 'another' });
        await eventually(() => noted('asked') >= 6, PATIENCE_MS);
        assert.ok(noted('called') >= 2 && noted('called') <= Math.ceil(noted('asked') / 2), 'one question, one call, of what was judged');
        await ok(other, 'DELETE', '/topics/rebinds', { token: owner.token });
        const key = crypto.createECDH('prime256v1'), before = noted('asked'), [person] = await signUpMany(other, 'pushed', 1);
        key.generateKeys();
        const keys = { p256dh: key.getPublicKey('base64url'), auth: crypto.randomBytes(16).toString('base64url') };
        await ok(other, 'POST', '/notifications/push', { token: person.token, body: { endpoint: 'https://rebind.test:8443/push', keys } });
        await seatAll(other, event, [person]);
        await as(other, owner, event)('DELETE', `/reservations/${person.id}`);
        await eventually(() => noted('asked') >= before + 2, PATIENCE_MS);
        assert.equal(callers.length, 0);
    } finally {
        await other.stop();
        here.close();
    }
});
