// Faults at the command of a test: each is met as often as asked, and no call besides.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Keypair } from '@solana/web3.js';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

let client;
before(async () => { client = await openClient(); });
after(() => client.close());

const slot = '{"jsonrpc":"2.0","id":1,"method":"getSlot"}';
const send = (tx) => client.call('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });

test('an HTTP status with headers and body', async () => {
  await client.ok('svm_fault', 'getSlot', { times: 2, http: 429, headers: { 'retry-after': '3' }, body: 'Too many requests' });
  for (let i = 0; i < 2; i++) {
    const res = await client.post(slot);
    assert.deepEqual([res.status, res.headers.get('retry-after'), await res.text()], [429, '3', 'Too many requests']);
  }
  assert.equal(typeof await client.ok('getSlot'), 'number');
});

test('a JSON-RPC error, alone and inside a batch', async () => {
  await client.ok('svm_fault', 'getSlot', { code: -32005, message: 'Node is behind by 42 slots', data: { numSlotsBehind: 42 } });
  const [height, behind] = await (await client.post(`[{"jsonrpc":"2.0","id":7,"method":"getBlockHeight"},${slot}]`)).json();
  assert.equal(typeof height.result, 'number');
  assert.deepEqual(behind.error, { code: -32005, message: 'Node is behind by 42 slots', data: { numSlotsBehind: 42 } });
  assert.equal(typeof await client.ok('getSlot'), 'number');
});

test('garbage, a closed connection, a late answer', async () => {
  await client.ok('svm_fault', 'getSlot', { body: '<html>' });
  assert.equal(await (await client.post(slot)).text(), '<html>');
  await client.ok('svm_fault', 'getSlot', { close: true });
  await assert.rejects(client.post(slot));
  await client.ok('svm_fault', 'getSlot', { delayMs: 60 });
  const began = performance.now();
  await client.ok('getSlot');
  assert.ok(performance.now() - began >= 59);
});

test('a lost reply comes after the transaction, a drop instead of it', async () => {
  const [a, to] = [await fundedKey(client), Keypair.generate().publicKey];
  const balance = async () => (await client.ok('getBalance', to.toBase58())).value;
  await client.ok('svm_fault', 'sendTransaction', { lose: true });
  await assert.rejects(send(await makeTransfer(client, a, to, 1_000_000)));
  assert.equal(await balance(), 1_000_000);
  await client.ok('svm_fault', 'sendTransaction', { drop: true });
  const tx = await makeTransfer(client, a, to, 2_000_000);
  assert.ok((await send(tx)).result);
  assert.equal(await balance(), 1_000_000);
  assert.ok((await send(tx)).result);
  assert.equal(await balance(), 3_000_000);
});

test('a fault can be taken back, and one that is none is refused', async () => {
  await client.ok('svm_fault', 'getSlot', { times: 100, http: 500 });
  await client.ok('svm_fault', 'getSlot', null);
  assert.equal(typeof await client.ok('getSlot'), 'number');
  for (const bad of [{ times: 0 }, { http: 99 }, { code: 'x' }, { body: 7 }, { delayMs: -1 }, { unknown: 1 }, 7, []]) assert.equal((await client.call('svm_fault', 'getSlot', bad)).error.code, -32602, JSON.stringify(bad));
  assert.equal(typeof await client.ok('getSlot'), 'number');
});
