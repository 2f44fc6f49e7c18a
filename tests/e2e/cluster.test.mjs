// The local cluster that other tests and `make run` start: programs, lamports, time and forks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { PROGRAMS, readKeyFile, SOL, startCluster } from './parts/cluster.mjs';
import { makeHolder } from './parts/holder.mjs';
import { eventually } from './parts/people.mjs';

const PATIENCE_MS = 20000;
const LOADERS = ['BPFLoader2111111111111111111111111111111111', 'BPFLoaderUpgradeab1e11111111111111111111111'];

const running = new Set();
const start = async (options) => {
    const cluster = await startCluster(options);
    running.add(cluster);
    return cluster;
};
after(() => Promise.all([...running].map((cluster) => cluster.stop())));

test('both programs are there, and who owns the events has lamports and a private key file', async () => {
    const cluster = await start();
    for (const address of Object.values(PROGRAMS)) {
        const { value } = await cluster.call('getAccountInfo', address, { encoding: 'base64' });
        assert.ok(value.executable && LOADERS.includes(value.owner), JSON.stringify(value).slice(0, 200));
    }
    for (const wallet of [cluster.authority, cluster.pool, cluster.revenue]) assert.equal(await cluster.balance(wallet.address, 'processed'), 100 * SOL);
    const { authority, env } = cluster;
    assert.equal(fs.statSync(authority.keyFile).mode & 0o777, 0o600);
    assert.equal(readKeyFile(authority.keyFile).address, authority.address);
    assert.deepEqual(env, {
        CONSE_SOLANA_RPC: cluster.url, CONSE_SOLANA_KEY_FILE: authority.keyFile, CONSE_SOLANA_POOL: cluster.pool.address, CONSE_SOLANA_REVENUE: cluster.revenue.address,
    });
});

test('without slots of its own, time moves when it is told to, and a fork takes back what is not finalized', async () => {
    const cluster = await start(), { address } = makeHolder();
    const slot = () => cluster.call('getSlot', { commitment: 'processed' });
    await cluster.advance(40);
    const before = await slot();
    await cluster.give(address, 5 * SOL);
    assert.equal(await slot(), before + 1);
    assert.deepEqual([await cluster.balance(address, 'processed'), await cluster.balance(address)], [5 * SOL, 0]);
    await cluster.advance();
    assert.equal(await cluster.balance(address), 5 * SOL);
    await cluster.fork(2);
    assert.equal(await cluster.balance(address, 'processed'), 0);
    await cluster.give(address, 2 * SOL);
    await cluster.advance(33);
    assert.equal(await cluster.balance(address, 'finalized'), 2 * SOL);
    await assert.rejects(cluster.fork(40), /finalized/);
    await cluster.fault('getSlot', { code: -32005, message: 'Node is behind' });
    await assert.rejects(slot(), /behind/);
    assert.ok(await slot() > before);
});

test('slots may end by themselves', async () => {
    const cluster = await start({ slotMs: 5 }), { address } = makeHolder();
    await cluster.give(address);
    await eventually(async () => await cluster.balance(address, 'finalized') === SOL, PATIENCE_MS);
});

test('one that is killed comes back at its address, with its accounts where they are kept', async () => {
    const [kept, fresh] = [await start({ kept: true, slotMs: 20 }), await start({ slotMs: 20 })];
    for (const [cluster, left] of [[kept, 3 * SOL], [fresh, 0]]) {
        const { address } = makeHolder(), { url, authority } = cluster;
        await cluster.give(address, 3 * SOL);
        await eventually(async () => await cluster.balance(address, 'finalized') === 3 * SOL, PATIENCE_MS);
        if (cluster === kept) await eventually(() => fs.readFileSync(cluster.state, 'utf8').includes(address), PATIENCE_MS);
        await cluster.kill();
        await cluster.start();
        assert.equal(cluster.url, url);
        assert.equal(await cluster.balance(address, 'processed'), left);
        assert.equal(await cluster.balance(authority.address, 'processed'), 100 * SOL);
    }
});
