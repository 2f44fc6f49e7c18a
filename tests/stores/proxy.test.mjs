// The proxy does what its rules say, as a driver of other people sees it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Double, Long, MongoClient, MongoNetworkError, MongoServerError, MongoWriteConcernError } from 'mongodb';
import { eventually } from '../e2e/parts/people.mjs';
import { startProxy } from './parts/proxy.mjs';
import { startServer } from './parts/servers.mjs';

const MAJORITY = { w: 'majority', j: true };
let server, direct;
let proxy, client, things, count = 0;

before(async () => {
    server = await startServer('mongo-java');
    direct = await MongoClient.connect(server.url);
});
after(async () => {
    await direct.close();
    await server.stop();
});
beforeEach(async () => {
    proxy = await startProxy(server.port);
    client = await MongoClient.connect(proxy.url, { retryWrites: false, retryReads: false, serverSelectionTimeoutMS: 3000, maxPoolSize: 4 });
    things = client.db('test').collection(`things${++count}`, { writeConcern: MAJORITY });
});
afterEach(async () => {
    await client.close();
    await proxy.stop();
});

// What is stored, behind the proxy's back.
const stored = async () => (await direct.db('test').collection(things.collectionName).find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
const put = (id, more = {}) => things.insertOne({ _id: id, ...more });

test('without a rule everything passes, in sequences and in replies of several pages', async () => {
    await things.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: i, text: 'x'.repeat(1000) })));
    assert.equal((await things.find().batchSize(50).toArray()).length, 500);
    assert.deepEqual((await stored()).length, 500);
    const insert = proxy.requests.find(({ command }) => command === 'insert');
    assert.equal(insert.collection, things.collectionName);
    assert.equal(insert.ids.length, 500);
    assert.deepEqual(insert.document.writeConcern, MAJORITY);
});

test('its clients find the primary of a replica set', async () => {
    const hello = await client.db('admin').command({ isMaster: 1 });
    assert.deepEqual([hello.setName, hello.primary, hello.me], ['conse', `127.0.0.1:${proxy.port}`, `127.0.0.1:${proxy.port}`]);
    const named = await MongoClient.connect(`${proxy.url}/?replicaSet=conse`, { serverSelectionTimeoutMS: 3000 });
    await named.db('test').collection('named').insertOne({}, { writeConcern: MAJORITY });
    await named.close();
});

test('a lost request is not executed', async () => {
    proxy.add({ command: 'insert', do: 'lose' });
    await assert.rejects(put('a'), MongoNetworkError);
    assert.deepEqual(await stored(), []);
    await put('a');
});

test('a lost reply is that of an executed request', async () => {
    proxy.add({ command: 'insert', do: 'lose_reply' });
    await assert.rejects(put('a'), MongoNetworkError);
    assert.deepEqual(await stored(), ['a']);
    await assert.rejects(put('a'), { code: 11000 });
});

test('the N-th insert into a collection is spoilt, and no other', async () => {
    proxy.add({ command: 'insert', collection: `${things.collectionName.slice(0, -1)}*`, skip: 2, times: 2, do: 'lose' });
    await client.db('test').collection('others').insertOne({});
    await things.findOne();
    const outcomes = await [1, 2, 3, 4, 5].reduce(async (all, id) => [...(await all), await put(id).then(() => 'there', () => 'lost')], []);
    assert.deepEqual(outcomes, ['there', 'there', 'lost', 'lost', 'there']);
    assert.deepEqual(await stored(), [1, 2, 5]);
});

test('a held reply comes when it is released, and others pass meanwhile', async () => {
    const rule = proxy.add({ command: 'insert', held: true });
    let heard = false;
    const held = put('a').then(() => (heard = true));
    await rule.until();
    assert.deepEqual(await stored(), ['a']);
    await put('b');
    assert.equal(heard, false);
    rule.release();
    await held;
});

test('a request that is delayed is executed later than those that follow it', async () => {
    proxy.add({ command: 'insert', do: 'pass', delay_ms: 600 });
    const late = put('a');
    while (!proxy.requests.some(({ ids }) => ids.includes('a'))) await client.db('test').command({ ping: 1 });
    await put('b');
    assert.deepEqual(await stored(), ['b']);
    await late;
    assert.deepEqual(await stored(), ['a', 'b']);
});

test('a request that comes twice is executed twice, and either answer can be heard', async () => {
    await put('a', { n: 0 });
    const increment = () => things.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    proxy.add({ command: 'update', do: 'twice' });
    assert.equal((await increment()).modifiedCount, 1);
    assert.equal((await things.findOne()).n, 2);
    proxy.add({ command: 'insert', do: 'twice' });
    await put('b');
    proxy.add({ command: 'insert', do: 'twice', answer: 'second' });
    await assert.rejects(put('c'), { code: 11000 });
    assert.deepEqual(await stored(), ['a', 'b', 'c']);
});

for (const code of [91, 189, 10107, 11600]) {
    test(`error ${code} is answered before the request is executed, or after`, async () => {
        proxy.add({ command: 'insert', do: 'fail', code });
        await assert.rejects(put('a'), (error) => error instanceof MongoServerError && error.code === code);
        assert.deepEqual(await stored(), []);
        proxy.add({ command: 'insert', do: 'fail', code, executed: true });
        await assert.rejects(put('a'), (error) => error instanceof MongoServerError && error.code === code);
        assert.deepEqual(await stored(), ['a']);
    });
}

test('error 64 is the whole answer, or beside the reply of what was executed', async () => {
    proxy.add({ command: 'insert', do: 'fail', code: 64 });
    await assert.rejects(put('a'), (error) => error instanceof MongoServerError && error.code === 64);
    assert.deepEqual(await stored(), []);
    proxy.add({ command: 'insert', do: 'fail', code: 64, concern: true });
    await assert.rejects(put('b'), (error) => error instanceof MongoWriteConcernError && error.code === 64 && error.result.n === 1);
    assert.deepEqual(await stored(), ['b']);
    proxy.add({ command: 'findAndModify', do: 'fail', code: 64, concern: true });
    await assert.rejects(things.findOneAndUpdate({ _id: 'b' }, { $set: { n: 1 } }), MongoWriteConcernError);
    assert.equal((await things.findOne({ _id: 'b' })).n, 1);
});

test('a write rolled back is gone: acknowledged to one that asked for less than a majority, to none other', async () => {
    proxy.add({ command: 'insert', do: 'roll_back', times: 2 });
    await assert.rejects(put('a'), (error) => error instanceof MongoWriteConcernError && error.code === 64);
    assert.deepEqual(await stored(), []);
    assert.equal((await things.insertOne({ _id: 'b' }, { writeConcern: { w: 1 } })).insertedId, 'b');
    assert.deepEqual(await stored(), []);
    proxy.add({ command: 'insert', do: 'roll_back', lose_reply: true });
    await assert.rejects(put('c'), MongoNetworkError);
    assert.deepEqual(await stored(), []);
});

test('an update rolled back leaves every value as it was', async () => {
    const whole = { _id: 'a', d: new Double(1), l: Long.fromNumber(5), b: Buffer.from([0, 255]), s: ['x', { y: null }], t: new Date(7), n: 7 };
    await things.insertOne(whole);
    const before = await things.findOne({}, { raw: true });
    proxy.add({ command: ['update', 'findAndModify', 'delete'], do: 'roll_back', times: 3 });
    await assert.rejects(things.updateOne({ _id: 'a' }, { $set: { n: 8 } }), MongoWriteConcernError);
    await assert.rejects(things.findOneAndUpdate({ _id: 'a', n: 7 }, { $set: { n: 9 } }), MongoWriteConcernError);
    await assert.rejects(things.deleteOne({ _id: 'a' }), MongoWriteConcernError);
    assert.deepEqual(Buffer.from(await things.findOne({}, { raw: true })), Buffer.from(before));
});

test('a write rolled back is seen by nobody', async () => {
    proxy.add({ command: 'insert', do: 'roll_back', times: 20 });
    const seen = Array.from({ length: 20 }, async (_, id) => {
        await put(id).catch(() => {});
        return (await things.find().toArray()).length;
    });
    assert.deepEqual(new Set(await Promise.all(seen)), new Set([0]));
});

test('a write whose client has gone when it would be rolled back holds nobody up', async () => {
    await put('before'); // its connection has greeted the server
    let release;
    const others = proxy.alone(() => new Promise((resolve) => (release = resolve)));
    proxy.add({ command: 'insert', do: 'roll_back' });
    const gone = put('a').catch((error) => error);
    await eventually(() => proxy.requests.some(({ ids }) => ids.includes('a')), 5000);
    proxy.sessions.forEach((session) => session.end());
    release();
    await others;
    assert.ok((await gone) instanceof MongoNetworkError);
    proxy.clear();
    await put('b');
    assert.ok((await stored()).includes('b'));
});

test('a write that lags is not shown to majority reads, until it is kept or lost', async () => {
    const majority = () => things.find({}, { readConcern: { level: 'majority' } }).toArray();
    const local = () => things.find().toArray();
    await put('a', { n: 1 });
    const inserted = proxy.add({ command: 'insert', do: 'lag' });
    const updated = proxy.add({ command: 'findAndModify', do: 'lag', lose_reply: true });
    await assert.rejects(put('b'), (error) => error instanceof MongoWriteConcernError && error.code === 64);
    await assert.rejects(things.findOneAndUpdate({ _id: 'a' }, { $set: { n: 2 } }), MongoNetworkError);
    assert.deepEqual(await majority(), [{ _id: 'a', n: 1 }]);
    assert.deepEqual(await local(), [{ _id: 'a', n: 2 }, { _id: 'b' }]);
    assert.equal(proxy.lag.rule.met, 2);
    await assert.rejects(put('b'), { code: 11000 });
    await inserted.settle('lost');
    await updated.settle('kept');
    assert.deepEqual(await majority(), [{ _id: 'a', n: 2 }]);
    assert.deepEqual(await local(), [{ _id: 'a', n: 2 }]);
});

test('away refuses, and is back at the same port; mute answers nothing until unmuted', async () => {
    await put('a');
    await proxy.away();
    await assert.rejects(put('b'));
    assert.deepEqual(await stored(), ['a']);
    await proxy.back();
    await put('b');
    proxy.mute();
    let heard = false;
    const muted = put('c').then(() => (heard = true));
    await direct.db('test').command({ ping: 1 });
    assert.deepEqual([heard, await stored()], [false, ['a', 'b']]);
    proxy.unmute();
    await muted;
    assert.deepEqual(await stored(), ['a', 'b', 'c']);
});

test('another program steers a proxy by lines', async () => {
    const program = spawn(process.execPath, [path.join(path.dirname(new URL(import.meta.url).pathname), 'proxy.mjs'), `${server.port}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => program.once('exit', resolve));
    const ports = JSON.parse((await readline.createInterface({ input: program.stdout })[Symbol.asyncIterator]().next()).value);
    const socket = net.connect(ports.control, '127.0.0.1');
    const lines = readline.createInterface({ input: socket })[Symbol.asyncIterator]();
    const tell = async (command) => {
        socket.write(`${JSON.stringify(command)}\n`);
        return JSON.parse((await lines.next()).value);
    };
    const steered = await MongoClient.connect(`mongodb://127.0.0.1:${ports.port}`, { retryWrites: false });
    const steeredPut = (id) => steered.db('test').collection(things.collectionName).insertOne({ _id: id });

    assert.deepEqual(await tell({ add: { command: 'insert', do: 'lose_reply', held: true } }), { rule: 1 });
    const lost = assert.rejects(steeredPut('a'), MongoNetworkError);
    assert.deepEqual(await tell({ until: 1 }), { met: 1 });
    assert.deepEqual(await stored(), ['a']);
    assert.deepEqual(await tell({ release: 1 }), {});
    await lost;
    assert.deepEqual(await tell({ seen: { command: 'insert', collection: things.collectionName } }), { count: 1 });
    assert.deepEqual(await tell({ release: 2 }), { error: 'there is no rule 2' });
    assert.deepEqual(await tell({ fly: true }), { error: 'there is no command fly' });
    assert.deepEqual(await tell({ away: true }), {});
    assert.deepEqual(await tell({ back: true }), {});
    await steeredPut('b');
    await steered.close();
    program.stdin.end();
    assert.equal(await ended, 0);
});
