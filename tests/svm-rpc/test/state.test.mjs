// What a run leaves to the next one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Keypair } from '@solana/web3.js';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

const SERVER = fileURLToPath(new URL('../src/server.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'svm-rpc-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(options, use) {
  const client = await openClient({ finality: 'slots', ...options });
  try { return await use(client); } finally { await client.close(); }
}

const send = (client, tx) => client.call('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });
const balance = async (client, key) => (await client.ok('getBalance', key.publicKey.toBase58(), { commitment: 'processed' })).value;

test('accounts stay, time goes on, and nothing that was signed before lands again', async () => {
  const state = join(folder, 'state.json');
  const [b, closed] = [Keypair.generate(), Keypair.generate()];
  const before = await run({ state }, async (client) => {
    const a = await fundedKey(client);
    const landed = await makeTransfer(client, a, b.publicKey, 5_000_000);
    assert.equal((await send(client, landed)).error, undefined);
    await client.ok('svm_setAccount', closed.publicKey.toBase58(), { lamports: 7_000_000 });
    await client.ok('svm_setAccount', closed.publicKey.toBase58(), { lamports: 0 });
    await client.ok('svm_advanceTime', 86_400);
    return { a, landed, unsent: await makeTransfer(client, a, b.publicKey, 1_000_000), kept: await balance(client, a), slot: await client.ok('getSlot'), height: await client.ok('getBlockHeight') };
  });
  await run({ state }, async (client) => {
    for (const commitment of ['processed', 'confirmed', 'finalized'])
      assert.equal((await client.ok('getBalance', b.publicKey.toBase58(), { commitment })).value, 5_000_000, commitment);
    assert.equal(await balance(client, before.a), before.kept);
    assert.equal((await client.ok('getAccountInfo', closed.publicKey.toBase58())).value, null);
    assert.ok(await client.ok('getSlot') > before.slot && await client.ok('getBlockHeight') > before.height);
    assert.ok(client.cluster.now >= Date.now() / 1000 + 86_000);
    for (const old of [before.landed, before.unsent]) assert.equal((await send(client, old)).error.data.err, 'BlockhashNotFound');
    assert.equal((await send(client, await makeTransfer(client, before.a, b.publicKey, 1_000_000))).error, undefined);
  });
  await run({ state }, async (client) => assert.equal(await balance(client, b), 6_000_000));
});

test('without a file every run is new, and has the same blockhashes', async () => {
  const hash = () => run({}, async (client) => (await client.ok('getLatestBlockhash')).value.blockhash);
  assert.equal(await hash(), await hash());
});

test('the faucet fills up what is short, and no more', async () => {
  const state = join(folder, 'funds.json'), key = Keypair.generate();
  const funds = (lamports) => [{ address: key.publicKey.toBase58(), lamports }];
  await run({ state, funds: funds(5_000_000n) }, async (client) => assert.equal(await balance(client, key), 5_000_000));
  await run({ state, funds: funds(3_000_000n) }, async (client) => assert.equal(await balance(client, key), 5_000_000));
  await run({ state, funds: funds(8_000_000n) }, async (client) => assert.equal(await balance(client, key), 8_000_000));
});

async function startProcess(...options) {
  const child = spawn(process.execPath, [SERVER, '--port', '0', '--finality', 'slots', '--slot-ms', '50', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const ask = async (method, ...params) => (await (await fetch(JSON.parse(line).url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json()).result;
  return { child, ask };
}

test('a run that is killed leaves what was finalized', async () => {
  const state = join(folder, 'killed.json'), { publicKey } = Keypair.generate(), address = publicKey.toBase58();
  const first = await startProcess('--state', state);
  await first.ask('requestAirdrop', address, 4_000_000);
  while ((await first.ask('getBalance', address, { commitment: 'finalized' })).value === 0) await setTimeout(10);
  const slot = await first.ask('getSlot');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  assert.match(readFileSync(state, 'utf8'), new RegExp(address));
  const second = await startProcess('--state', state, '--fund', `${address}=4000000`);
  assert.equal((await second.ask('getBalance', address)).value, 4_000_000);
  assert.ok(await second.ask('getSlot') > slot);
  second.child.kill('SIGTERM');
  assert.deepEqual(await once(second.child, 'exit'), [0, null]);
  const refused = spawn(process.execPath, [SERVER, '--port', '0', '--fund', 'somebody=1'], { stdio: 'ignore' });
  assert.notEqual((await once(refused, 'exit'))[0], 0);
});
