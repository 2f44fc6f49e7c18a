// Barriers: what a process asks of MongoDB before it shows what may be old, and what it does with the answer.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Long, MongoClient } from 'mongodb';
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
    await direct?.close();
    await server?.stop();
});
// `mine` goes through the proxy, `theirs` does not.
beforeEach(async () => {
    database = `barriers${++count}`;
    proxy = await startProxy(server.port);
    mine = await startDriver(`${proxy.url}/${database}`);
    theirs = await startDriver(`${server.url}/${database}`);
    proxy.requests.length = 0;
});
afterEach(async () => {
    await mine.close();
    await theirs.close();
    await proxy.stop();
    await direct.db(database).dropDatabase();
});

const META = { command: 'find', collection: 'meta' };
const asked = () => proxy.requests.filter(({ collection }) => collection === 'meta').map(({ document }) => document);
const passed = (read) => read.then(() => true, (error) => error.message);

test('a barrier asks the primary of a set for a linearizable read, of half a second', async () => {
    const times = [await mine.barrier(), await mine.barrier()];
    assert.ok(times[1] >= times[0]);
    assert.equal(asked().length, 2);
    for (const { readConcern, maxTimeMS } of asked()) assert.deepEqual([readConcern.level, maxTimeMS], ['linearizable', 500]);
});

test('what others have acknowledged is seen after a barrier', async () => {
    for (let seq = 1; seq <= 10; seq++) {
        assert.equal(await theirs.append('song', seq, [`${seq}`]), 'durable');
        await mine.barrier();
        assert.equal(await mine.head('song'), seq);
        assert.equal(await mine.probe('song', seq), true);
    }
    const probes = proxy.requests.filter(({ collection }) => collection.startsWith('entries_')).map(({ document }) => document.readConcern.level);
    assert.ok(probes.length >= 20 && probes.every((level) => level === 'majority'));
});

// 50: not in maxTimeMS. 10107: no primary any more. 91: it shuts down.
for (const code of [50, 10107, 91])
    test(`a barrier that is answered by error ${code} says that the store is away`, async () => {
        proxy.add({ ...META, do: 'fail', code, times: 100 });
        assert.equal(await passed(mine.barrier()), 'STORE_AWAY');
        proxy.clear();
        while ((await passed(mine.barrier())) !== true);
    });

test('a server that keeps silent is away after half a second', async () => {
    const held = proxy.add({ ...META, held: true });
    const began = performance.now();
    assert.equal(await passed(mine.barrier()), 'STORE_AWAY');
    const took = performance.now() - began;
    assert.ok(took >= 490 && took < 4000, `${took} ms`); // its socket gives up after 10 s
    assert.equal(await mine.head('song'), 0); // other reads go on
    held.release();
    while ((await passed(mine.barrier())) !== true);
});

test('a process that finds another generation at its barrier ends, and is at work again when it starts anew', async () => {
    assert.equal(await mine.append('song', 1, ['before']), 'durable');
    await mine.barrier();
    const meta = direct.db(database).collection('meta');
    const { generation } = await meta.findOne({ _id: 'store' }, { promoteLongs: false });
    await meta.updateOne({ _id: 'store' }, { $set: { generation: Long.fromValue(generation).add(1) } });
    assert.equal(await passed(mine.barrier()), 'died');
    assert.equal(await mine.close(), 1);
    mine = await startDriver(`${proxy.url}/${database}`);
    await mine.barrier();
    assert.equal(await mine.head('song'), 0);
});
