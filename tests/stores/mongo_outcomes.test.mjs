// Writes to MongoDB whose request or answer is spoilt on the way: each is done once, and its outcome told right.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { startDriver } from './parts/driver.mjs';
import { startProxy } from './parts/proxy.mjs';
import { startServer } from './parts/servers.mjs';

let server, direct;
let proxy, mine, theirs, database, count = 0;

before(async () => {
    server = await startServer('mongo-java');
    direct = await MongoClient.connect(server.url);
});
after(async () => {
    await direct.close();
    await server.stop();
});
// `mine` goes through the proxy, `theirs` does not.
beforeEach(async () => {
    database = `outcomes${++count}`;
    proxy = await startProxy(server.port);
    mine = await startDriver(`${proxy.url}/${database}`, { self: 'mine' });
    theirs = await startDriver(`${server.url}/${database}`, { self: 'theirs' });
    proxy.requests.length = 0;
});
afterEach(async () => {
    await mine.close();
    await theirs.close();
    await proxy.stop();
    await direct.db(database).dropDatabase();
});

const ENTRIES = { command: 'insert', collection: 'entries_*' };
const ROWS = { collection: 't_user_*' };
const isPending = (outcome) => Promise.race([outcome.then((told) => told, () => 'failed'), new Promise((resolve) => setImmediate(resolve, 'pending'))]);

// What each kind of write needs before it, does, and leaves, seen by the other process.
const KINDS = {
    append: { command: 'insert', before: () => mine.append('song', 1, ['one']), write: () => mine.append('song', 2, ['two', 'three']), left: () => theirs.texts('song'), after: ['one', 'two', 'three'] },
    'append to the end': { command: 'insert', before: () => mine.append('song', 1, ['one']), write: () => mine.appendNext('song', ['two']), left: () => theirs.texts('song'), after: ['one', 'two'] },
    'append with a source': { command: 'insert', before: () => mine.append('song', 1, ['one']), write: () => mine.appendNext('song', ['two'], { source: { stream: 'a', seq: 7 } }), left: () => theirs.texts('song'), after: ['one', 'two'] },
    'new row': { command: 'insert', before: async () => 'durable', write: () => mine.put('u1', 'ada', 0), left: () => theirs.get('u1').then(({ name, version }) => [name, version]), after: ['ada', 1] },
    'changed row': { command: 'update', before: () => mine.put('u1', 'ada', 0), write: () => mine.put('u1', 'countess', 1), left: () => theirs.get('u1').then(({ name, version }) => [name, version]), after: ['countess', 2] },
    'deleted row': { command: 'update', before: () => mine.put('u1', 'ada', 0), write: () => mine.delete('u1', 1), left: () => theirs.get('u1').then(({ name }) => name), after: null },
    'deleted stream': { command: 'insert', before: () => mine.append('song', 1, ['one']), write: () => mine.end('song', 1), left: async () => [await theirs.head('song'), (await theirs.read('song')).ended], after: [0, true] },
};
const SPOILT = {
    'lost before it is executed': { do: 'lose' },
    'lost with its answer': { do: 'lose_reply' },
    'executed twice': { do: 'twice', answer: 'second' },
    'refused by a primary that steps down': { do: 'fail', code: 10107 },
    'interrupted after it was executed': { do: 'fail', code: 11602, executed: true },
    'not known to a majority in time': { do: 'fail', code: 64, concern: true },
    'rolled back': { do: 'roll_back' },
    'rolled back, and nobody says so': { do: 'roll_back', lose_reply: true },
};

for (const [kind, { command, before: prepare, write, left, after: wanted }] of Object.entries(KINDS))
    for (const [how, rule] of Object.entries(SPOILT))
        test(`${kind}: ${how}`, async () => {
            assert.equal(await prepare(), 'durable');
            const spoilt = proxy.add({ command, ...rule, times: 2 });
            assert.equal(await write(), 'durable');
            assert.ok(spoilt.met > 0);
            assert.deepEqual(await left(), wanted);
        });

test('what others wrote on top of an unanswered change is told apart from what they wrote in its place', async () => {
    await mine.put('u1', 'ada', 0);
    const lost = proxy.add({ ...ROWS, command: 'update', do: 'lose_reply', held: true });
    const outcome = mine.put('u1', 'countess', 1);
    await lost.until();
    for (let version = 2; version <= 5; version++) assert.equal(await theirs.put('u1', `theirs${version}`, version), 'durable');
    lost.release();
    assert.equal(await outcome, 'durable');
    const unsent = proxy.add({ ...ROWS, command: 'update', do: 'lose', held: true });
    const late = mine.put('u1', 'late', 6);
    await unsent.until();
    for (let version = 6; version <= 9; version++) assert.equal(await theirs.put('u1', `theirs${version}`, version), 'durable');
    unsent.release();
    assert.equal(await late, 'CONFLICT');
    assert.equal((await theirs.get('u1')).name, 'theirs9');
});

test('a change that cannot be told after many others is not called a conflict', async () => {
    await mine.put('u1', 'ada', 0);
    const lost = proxy.add({ ...ROWS, command: 'update', do: 'lose_reply', held: true });
    const outcome = mine.put('u1', 'countess', 1);
    await lost.until();
    for (let version = 2; version <= 20; version++) await theirs.put('u1', `theirs${version}`, version);
    lost.release();
    assert.equal(await outcome, 'OUTCOME_UNKNOWN');
});

test('a new row that others changed and deleted since is known to have been there', async () => {
    const lost = proxy.add({ ...ROWS, command: 'insert', do: 'lose_reply', held: true });
    const outcome = mine.put('u1', 'ada', 0);
    await lost.until();
    await theirs.put('u1', 'countess', 1);
    await theirs.delete('u1', 2);
    lost.release();
    assert.equal(await outcome, 'durable');
    assert.equal((await theirs.get('u1')).name, null);
});

test('an append that another came before conflicts; one that goes to the end finds it', async () => {
    await mine.append('song', 1, ['one']);
    const lost = proxy.add({ ...ENTRIES, do: 'lose', held: true });
    const outcome = mine.append('song', 2, ['mine']);
    await lost.until();
    await theirs.append('song', 2, ['theirs', 'theirs']);
    lost.release();
    assert.equal(await outcome, 'CONFLICT');
    const next = proxy.add({ ...ENTRIES, do: 'lose', held: true });
    const at_end = mine.appendNext('song', ['mine']);
    await next.until();
    await theirs.append('song', 4, ['theirs']);
    next.release();
    assert.equal(await at_end, 'durable');
    assert.deepEqual(await theirs.texts('song'), ['one', 'theirs', 'theirs', 'theirs', 'mine']);
});

for (const settled of ['kept', 'lost'])
    test(`a write that only the primary has is undecided until a majority has it (${settled})`, async () => {
        await mine.append('song', 1, ['one']);
        const lagging = proxy.add({ ...ENTRIES, do: 'lag', lose_reply: true });
        const outcome = mine.append('song', 2, ['two']);
        await lagging.until();
        while (proxy.lag.rule.met < 3 && (await isPending(outcome)) === 'pending') await mine.accepts();
        assert.equal(await isPending(outcome), 'pending');
        await lagging.settle(settled);
        assert.equal(await outcome, 'durable');
        assert.deepEqual(await theirs.texts('song'), ['one', 'two']);
    });

test('an answer that says no is final', async () => {
    proxy.add({ ...ENTRIES, do: 'fail', code: 13, times: 1 });
    assert.equal(await mine.append('song', 1, ['one']), 'INTERNAL_ERROR');
    assert.equal(await mine.append('song', 1, ['one']), 'durable');
});

test('what is too large for a document is refused before it is sent', async () => {
    const text = 'x'.repeat(9 << 20);
    assert.equal(await mine.append('song', 1, [text]), 'LIMIT_REACHED');
    assert.equal(await mine.put('u1', text, 0), 'LIMIT_REACHED');
    assert.deepEqual(proxy.requests.filter(({ command }) => command !== 'find'), []);
    assert.equal(await mine.append('song', 1, ['x'.repeat(7 << 20)]), 'durable');
});

const sent = (command) => proxy.requests.filter((request) => request.command === command).length;

test('ballots that wait together are one trip; rows that follow are a second; nothing is read', async () => {
    await mine.append('song', 1, ['one']);
    const held = proxy.add({ ...ENTRIES, held: true });
    const first = mine.append('gate', 1, ['x']); // what comes meanwhile waits, and goes out together
    await held.until();
    const ballots = Array.from({ length: 20 }, (_, i) => mine.append('song', i + 2, [`${i}`], { key: `k${i}`, now_ms: 1000 }));
    const created = mine.append('event', 1, ['created']);
    await mine.accepts();
    proxy.requests.length = 0;
    held.release();
    assert.deepEqual(new Set(await Promise.all([first, created, ...ballots])), new Set(['durable']));
    assert.deepEqual([sent('insert'), sent('update'), sent('find')], [1, 0, 0]);
    proxy.requests.length = 0;
    const gate = proxy.add({ ...ENTRIES, held: true });
    const before_it = mine.append('gate', 2, ['x']);
    await gate.until();
    mine.append('other', 1, ['created'], {});
    const row = mine.put('u1', 'ada', 0);
    await mine.accepts();
    proxy.requests.length = 0;
    gate.release();
    assert.deepEqual([await before_it, await row], ['durable', 'durable']);
    assert.deepEqual([sent('insert'), sent('find')], [2, 0]);
    const stored = await direct.db(database).collection(proxy.requests.find(({ collection }) => collection.startsWith('entries_')).collection).findOne({ _id: 'song/0000000002' });
    assert.equal(stored.k, 20);
    assert.equal(stored.by, 'mine');
});

test('what is made from sources that wait together is made once', async () => {
    await mine.append('song', 1, ['0']); // what begins a stream is a document of its own
    const held = proxy.add({ ...ENTRIES, held: true });
    const gate = mine.append('gate', 1, ['x']);
    await held.until();
    const make = (driver) => [1, 2, 3].map((seq) => driver.appendNext('song', [`${seq}`], { source: { stream: 'a', seq } }));
    const made = make(mine);
    await mine.accepts();
    held.release();
    assert.deepEqual(new Set(await Promise.all([gate, ...made])), new Set(['durable']));
    assert.deepEqual(new Set(await Promise.all(make(theirs))), new Set(['durable']));
    assert.deepEqual(await theirs.texts('song'), ['0', '1', '2', '3']);
});

test('appends that wait together are as many documents as it takes', async () => {
    const held = proxy.add({ ...ENTRIES, held: true });
    const gate = mine.append('gate', 1, ['x']);
    await held.until();
    const text = 'x'.repeat(600 << 10);
    const many = Array.from({ length: 16 }, (_, i) => mine.append('song', i + 1, [text])); // 9.4 MiB: more than a document has
    await mine.accepts();
    held.release();
    assert.deepEqual(new Set(await Promise.all([gate, ...many])), new Set(['durable']));
    assert.equal(await theirs.head('song'), 16);
});

// What keeps the places of removed entries goes after a day: who slept for so long would fill a hole, where nobody reads.
test('an append of a process that slept while its place was removed is not called durable', async () => {
    await mine.append('song', 1, ['one']);
    await mine.append('song', 2, ['two']);
    const lost = proxy.add({ ...ENTRIES, do: 'lose', held: true });
    const late = mine.append('song', 3, ['late']);
    await lost.until();
    for (const seq of [3, 4, 5]) assert.equal(await theirs.append('song', seq, ['theirs']), 'durable');
    await theirs.trim('song', 5);
    await theirs.sweep(Date.now() + 25 * 3600 * 1000);
    await mine.sleep(25 * 3600);
    lost.release();
    assert.equal(await late, 'OUTCOME_UNKNOWN');
    assert.deepEqual((await theirs.read('song', { from: 5 })).texts, ['theirs']);
    assert.equal(await mine.append('song', 6, ['mine']), 'durable');
});

test('an append of a process that slept, whose place is still free, is durable', async () => {
    await mine.append('song', 1, ['one']);
    await mine.append('song', 2, ['two']);
    const lost = proxy.add({ ...ENTRIES, do: 'lose', held: true });
    const late = mine.append('song', 3, ['late']);
    await lost.until();
    await mine.sleep(25 * 3600);
    lost.release();
    assert.equal(await late, 'durable');
    assert.deepEqual(await theirs.texts('song'), ['one', 'two', 'late']);
});

test('entries that are trimmed while they are read leave no gap in a page', async () => {
    const told = Array.from({ length: 300 }, (_, i) => theirs.appendNext('song', [`${i + 1}`], { source: { stream: 'a', seq: i + 1 } }));
    assert.deepEqual(new Set(await Promise.all(told)), new Set(['durable']));
    const found = proxy.add({ command: 'find', collection: 'entries_*', held: true }); // its first 200 documents
    const read = mine.read('song');
    await found.until();
    await theirs.trim('song', 280);
    found.release();
    const { first, texts } = await read;
    assert.deepEqual([first, texts], [280, Array.from({ length: 21 }, (_, i) => `${280 + i}`)]);
});

test('while the server is away all is refused at once; when it is back, what was open is settled', async () => {
    await mine.append('song', 1, ['one']);
    const lost = proxy.add({ ...ENTRIES, do: 'lose_reply', held: true });
    const open = mine.append('song', 2, ['two']);
    await lost.until();
    await proxy.away();
    lost.release();
    while ((await mine.accepts()) === true) continue;
    assert.equal(await mine.accepts(), 'STORE_AWAY');
    const began = Date.now();
    await assert.rejects(mine.head('song'), { message: 'STORE_AWAY' });
    await assert.rejects(mine.get('u1'), { message: 'STORE_AWAY' });
    assert.ok(Date.now() - began < 1000);
    assert.equal(await isPending(open), 'pending');
    await proxy.back();
    const back = Date.now();
    while ((await mine.accepts()) !== true) continue;
    assert.ok(Date.now() - back < 3000, `back after ${Date.now() - back} ms`);
    assert.equal(await open, 'durable');
    assert.deepEqual(await theirs.texts('song'), ['one', 'two']);
});

test('rows that an older program writes beside a newer one are found by its new index after a sweep', async () => {
    await theirs.put('u1', 'ada', 0);
    const newer = await startDriver(`${server.url}/${database}`, { newer: true });
    assert.deepEqual(await newer.find('by_name', 'ada'), ['u1']);
    assert.equal(await theirs.put('u2', 'bob', 0), 'durable');
    assert.equal(await theirs.put('u1', 'countess', 1), 'durable');
    assert.equal(await newer.put('u3', 'cy', 0), 'durable');
    const restarted = await startDriver(`${server.url}/${database}`); // it leaves the newer one's index
    await newer.sweep(Date.now());
    for (const [name, rows] of Object.entries({ ada: [], countess: ['u1'], bob: ['u2'], cy: ['u3'] })) {
        assert.deepEqual(await newer.find('by_name', name), rows);
        assert.deepEqual(await restarted.find('by_username', name), rows);
    }
    const collections = await direct.db(database).listCollections().toArray();
    const { name: users } = collections.find(({ name }) => name.startsWith('t_user_'));
    assert.ok((await direct.db(database).collection(users).indexes()).some(({ name }) => name.startsWith('i_by_name_')));
    assert.deepEqual([await restarted.close(), await newer.close()], [0, 0]);
});

test('a process that is closed does not wait for what it cannot learn', async () => {
    const other = await startDriver(`${proxy.url}/${database}`);
    const lost = proxy.add({ ...ENTRIES, do: 'lose_reply', times: 1000 });
    const outcome = other.append('song', 1, ['one']);
    await lost.until(2);
    const closed = other.close();
    assert.equal(await outcome, 'OUTCOME_UNKNOWN');
    assert.equal(await closed, 0);
    assert.deepEqual(await theirs.texts('song'), ['one']);
    proxy.clear();
});
