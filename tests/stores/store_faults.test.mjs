// Every request of every kind of write is spoilt in its turn, in every way: what was acknowledged is there, and nothing is there twice.
// What becomes of single writes is in mongo_outcomes.test.mjs.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startDriver } from './parts/driver.mjs';
import { startProxy } from './parts/proxy.mjs';
import { startServer } from './parts/servers.mjs';

const WRITES = ['insert', 'update', 'findAndModify'];
let server, proxy, writer, other;
let count = 0;

before(async () => {
    server = await startServer('mongo-java');
    proxy = await startProxy(server.port);
    other = await startDriver(`${server.url}/test`);
    writer = await startDriver(`${proxy.url}/test`);
});
after(async () => {
    await writer?.close();
    await other?.close();
    await proxy?.stop();
    await server?.stop();
});

beforeEach(async () => {
    proxy.clear();
    while ((await writer.accepts()) !== true);
});

// A write that was not sent (STORE_AWAY) is not there, so it can be made again as it was.
async function until(write) {
    for (;;) {
        const outcome = await write();
        if (outcome !== 'STORE_AWAY') return outcome;
    }
}

// Every kind of write, one after the other; the streams and rows have names of their own.
async function story(n) {
    const steps = [
        () => writer.append(`a${n}`, 1, ['one', 'two']),
        () => writer.append(`a${n}`, 3, ['three'], { key: `k${n}`, now_ms: Date.now() }),
        () => writer.appendNext(`b${n}`, ['x'], { source: { stream: `a${n}`, seq: 1 } }),
        () => writer.appendNext(`b${n}`, ['x'], { source: { stream: `a${n}`, seq: 1 } }),
        () => writer.appendNext(`b${n}`, ['y']),
        () => writer.put(`ada${n}`, `ada${n}`, 0),
        () => writer.put(`ada${n}`, `countess${n}`, 1),
        () => writer.put(`bob${n}`, `bob${n}`, 0),
        () => writer.delete(`bob${n}`, 1),
        () => writer.append(`c${n}`, 1, ['short']),
        () => writer.end(`c${n}`, 1),
    ];
    for (const [i, step] of steps.entries()) assert.equal(await until(step), 'durable', `step ${i}`);
}

async function assertTold(n) {
    assert.deepEqual(await other.texts(`a${n}`), ['one', 'two', 'three']);
    assert.deepEqual(await other.texts(`b${n}`), ['x', 'y']);
    assert.deepEqual([(await other.get(`ada${n}`)).name, (await other.get(`ada${n}`)).version], [`countess${n}`, 2]);
    assert.equal((await other.get(`bob${n}`)).name, null);
    assert.equal((await other.read(`c${n}`)).ended, true);
    assert.equal(await other.append(`c${n}`, 2, ['late']), 'CONFLICT');
    assert.equal(await other.put(`eve${n}`, `bob${n}`, 0), 'durable'); // the name is free again
}

// The story, with its first request spoilt, then its second, and so on to its last.
function sweep(name, rule) {
    test(`${name}, at each request of each write`, async () => {
        let met = 1;
        for (let skip = 0; met > 0; skip++) {
            const n = ++count;
            const spoilt = proxy.add({ skip, ...rule });
            await story(n);
            proxy.clear();
            await assertTold(n);
            met = spoilt.met;
            assert.ok(skip > 0 || met > 0, 'no request was spoilt');
        }
    });
}

sweep('the request is lost', { do: 'lose' });
sweep('the reply is lost', { do: 'lose_reply' });
sweep('the reply is lost three times', { do: 'lose_reply', times: 3 });
sweep('the request comes twice', { command: WRITES, do: 'twice' });
sweep('the request comes twice, and the second answer is heard', { command: WRITES, do: 'twice', answer: 'second' });
for (const code of [91, 189, 10107, 11600]) {
    sweep(`error ${code} before it is executed`, { do: 'fail', code });
    sweep(`error ${code} after it is executed`, { do: 'fail', code, executed: true });
}
sweep('error 64 before it is executed', { command: WRITES, do: 'fail', code: 64 });
sweep('error 64 after it is executed', { command: WRITES, do: 'fail', code: 64, executed: true });
sweep('the write concern fails', { command: WRITES, do: 'fail', code: 64, concern: true });
sweep('the write is rolled back', { command: ['insert', 'findAndModify'], do: 'roll_back' });
sweep('the write is rolled back, and its reply lost', { command: ['insert', 'findAndModify'], do: 'roll_back', lose_reply: true });

test('every write asks for a journalled majority', async () => {
    await story(++count);
    const writes = proxy.requests.filter(({ command, database }) => [...WRITES, 'delete'].includes(command) && database === 'test');
    assert.ok(writes.length > 0);
    for (const { document } of writes) assert.deepEqual([document.writeConcern?.w, document.writeConcern?.j], ['majority', true]);
});

// ---- Another writer comes between

test('a write rolled back whose place another takes is a conflict', async () => {
    const n = ++count;
    const rule = proxy.add({ command: 'insert', do: 'roll_back', held: true });
    const mine = writer.append(`a${n}`, 1, ['mine']);
    await rule.until();
    assert.equal(await other.append(`a${n}`, 1, ['theirs']), 'durable');
    rule.release();
    assert.equal(await mine, 'CONFLICT');
    assert.deepEqual(await other.texts(`a${n}`), ['theirs']);
});

test('a write whose reply is lost is its own, however late that is learnt', async () => {
    const n = ++count;
    const rule = proxy.add({ command: 'insert', do: 'lose_reply', held: true });
    const mine = writer.append(`a${n}`, 1, ['mine']);
    await rule.until();
    assert.equal(await other.append(`a${n}`, 1, ['theirs']), 'CONFLICT');
    assert.equal(await other.append(`a${n}`, 2, ['theirs']), 'durable');
    rule.release();
    assert.equal(await mine, 'durable');
    assert.deepEqual(await other.texts(`a${n}`), ['mine', 'theirs']);
});

test('an update rolled back whose row another changes is a conflict', async () => {
    const n = ++count;
    assert.equal(await writer.put(`ada${n}`, `ada${n}`, 0), 'durable');
    const rule = proxy.add({ command: ['findAndModify', 'update'], do: 'roll_back', held: true });
    const mine = writer.put(`ada${n}`, `mine${n}`, 1);
    await rule.until();
    assert.equal(await other.put(`ada${n}`, `theirs${n}`, 1), 'durable');
    rule.release();
    assert.equal(await mine, 'CONFLICT');
    assert.equal((await other.get(`ada${n}`)).name, `theirs${n}`);
});

test('what two make from one source is there once, whoever is heard', async () => {
    const n = ++count;
    const source = { stream: `s${n}`, seq: 1 };
    const rule = proxy.add({ command: 'insert', do: 'lose_reply', held: true });
    const mine = writer.appendNext(`b${n}`, ['made'], { source });
    await rule.until();
    assert.equal(await other.appendNext(`b${n}`, ['made'], { source }), 'durable');
    rule.release();
    assert.equal(await mine, 'durable');
    assert.deepEqual(await other.texts(`b${n}`), ['made']);
});

// ---- A crowd

test('of many writes in flight, with connections cut again and again, each acknowledged one is there once', async () => {
    const n = ++count;
    const streams = 5;
    const cuts = ['lose', 'lose_reply'].map((how, i) => proxy.add({ command: 'insert', collection: 'entries*', skip: i + 1, times: 15, do: how }));
    const chains = Array.from({ length: streams }, async (_, s) => {
        for (let seq = 1; seq <= 40; seq++) assert.equal(await until(() => writer.append(`crowd${n}-${s}`, seq, [`${seq}`])), 'durable');
    });
    const made = Array.from({ length: 100 }, (_, i) => until(() => writer.appendNext(`made${n}`, [`${i}`], { source: { stream: `s${n}`, seq: i + 1 } })));
    await Promise.all(chains);
    assert.deepEqual(new Set(await Promise.all(made)), new Set(['durable']));
    assert.ok(cuts.every(({ met }) => met > 0));
    proxy.clear();
    for (let s = 0; s < streams; s++) assert.deepEqual(await other.texts(`crowd${n}-${s}`), Array.from({ length: 40 }, (_, i) => `${i + 1}`));
    const there = await other.texts(`made${n}`);
    assert.equal(there.length, 100);
    assert.equal(new Set(there).size, 100);
});

// ---- Silence

test('a server that falls silent is away, and is back when it speaks again', async () => {
    const n = ++count;
    assert.equal(await until(() => writer.append(`a${n}`, 1, ['mine'])), 'durable');
    assert.equal(await writer.probe(`a${n}`, 1), true);
    assert.equal(await other.append(`a${n}`, 2, ['theirs']), 'durable');
    assert.equal(await writer.probe(`a${n}`, 1), false);
    proxy.mute();
    await assert.rejects(writer.probe(`a${n}`, 1), { message: 'STORE_AWAY' });
    assert.equal(await writer.accepts(), 'STORE_AWAY');
    proxy.unmute();
    while ((await writer.accepts()) !== true);
    assert.equal(await until(() => writer.append(`a${n}`, 3, ['mine'])), 'durable');
});
