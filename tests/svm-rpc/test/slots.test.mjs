// Slots that end by themselves.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Keypair } from '@solana/web3.js';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

const NEVER_MS = 1 << 30; // within a test
const CLOCK = 'SysvarC1ock11111111111111111111111111111111';

async function opened(options, use) {
  const client = await openClient({ finality: 'slots', ...options });
  try { await use(client); } finally { await client.close(); }
}

async function until(condition) {
  let found;
  while (!(found = await condition()));
  return found;
}

const send = async (client, tx) => client.ok('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });

test('without any call that moves them, slots, blocks, commitment and the clock move on', () => opened({ slotMs: 4 }, async (client) => {
  const clock = async () => {
    const { value } = await client.ok('getAccountInfo', CLOCK, { encoding: 'base64' });
    const bytes = Buffer.from(value.data[0], 'base64');
    return { slot: Number(bytes.readBigUInt64LE(0)), time: Number(bytes.readBigInt64LE(32)) };
  };
  const [began, at] = [await clock(), Math.floor(Date.now() / 1000)];
  assert.ok(began.time >= at - 1);
  const a = await fundedKey(client);
  const signature = await send(client, await makeTransfer(client, a, a.publicKey, 5));
  await until(async () => (await client.ok('getSignatureStatuses', [signature])).value[0].confirmationStatus === 'finalized');
  const old = await makeTransfer(client, a, a.publicKey, 6);
  await until(async () => !(await client.ok('isBlockhashValid', old.recentBlockhash)).value);
  const { error } = await client.call('sendTransaction', old.serialize().toString('base64'), { encoding: 'base64' });
  assert.equal(error.data.err, 'BlockhashNotFound');
  await until(async () => (await clock()).time > began.time + 1);
  assert.ok((await clock()).slot > began.slot + 150);
}));

test('a slot takes as long as it is told', () => opened({ slotMs: 50 }, async (client) => {
  const slot = () => client.ok('getSlot', { commitment: 'processed' });
  const [began, first] = [performance.now(), await slot()];
  await until(async () => await slot() >= first + 20);
  assert.ok(performance.now() - began >= 19 * 50, 'not sooner');
  await until(async () => Math.abs(await slot() - first - (performance.now() - began) / 50) <= 2); // nor does it fall behind
}));

test('transactions of a slot share its block and see one blockhash', () => opened({ slotMs: NEVER_MS }, async (client) => {
  const a = await fundedKey(client);
  const sent = [];
  for (let i = 1; i < 4; i++) sent.push(await send(client, await makeTransfer(client, a, Keypair.generate().publicKey, 1_000_000 * i)));
  const statuses = (await client.ok('getSignatureStatuses', sent)).value;
  assert.deepEqual(statuses.map((s) => [s.confirmationStatus, s.confirmations]), Array(3).fill(['processed', 0]));
  const { slot } = statuses[0];
  assert.deepEqual(statuses.map((s) => s.slot), [slot, slot, slot]);
  assert.equal((await client.call('getBlock', slot, { commitment: 'confirmed' })).error.code, -32004, 'it is open');
  await client.ok('svm_advanceSlots', 3);
  const { signatures, blockhash } = await client.ok('getBlock', slot, { commitment: 'confirmed', transactionDetails: 'signatures' });
  assert.deepEqual(signatures.slice(-3), sent);
  assert.equal((await client.ok('getTransaction', sent[0], { commitment: 'confirmed' })).blockTime, await client.ok('getBlockTime', slot));
  const next = await client.ok('getBlock', slot + 1, { commitment: 'confirmed' });
  assert.equal(next.previousBlockhash, blockhash);
  const same = await makeTransfer(client, a, a.publicKey, 9);
  await send(client, same);
  const again = await client.call('sendTransaction', (await makeTransfer(client, a, a.publicKey, 9)).serialize().toString('base64'), { encoding: 'base64' });
  assert.equal(again.error.data.err, 'AlreadyProcessed', 'the same transfer in the same slot is the same transaction');
}));

test('a fork undoes the open slot as well', () => opened({ slotMs: NEVER_MS }, async (client) => {
  const [a, b] = [await fundedKey(client), Keypair.generate()];
  await client.ok('svm_advanceSlots', 2);
  const balance = async () => (await client.ok('getBalance', b.publicKey.toBase58(), { commitment: 'processed' })).value;
  await send(client, await makeTransfer(client, a, b.publicKey, 5_000_000));
  await client.ok('svm_advanceSlots', 1);
  const last = await makeTransfer(client, a, b.publicKey, 3_000_000);
  const signature = await send(client, last);
  assert.equal(await balance(), 8_000_000);
  await client.ok('svm_fork', 1);
  assert.equal(await balance(), 0);
  assert.equal((await client.ok('getSignatureStatuses', [signature])).value[0], null);
}));

test('instant finality waits for the end of the slot', () => opened({ slotMs: NEVER_MS, finality: 'instant' }, async (client) => {
  const a = await fundedKey(client);
  const signature = await send(client, await makeTransfer(client, a, a.publicKey, 5));
  const reached = async () => (await client.ok('getSignatureStatuses', [signature])).value[0].confirmationStatus;
  assert.equal(await reached(), 'processed');
  await client.ok('svm_advanceSlots', 1);
  assert.equal(await reached(), 'finalized');
}));

test('the option of the program, and what is no number', async () => {
  const server = fileURLToPath(new URL('../src/server.mjs', import.meta.url));
  const child = spawn(process.execPath, [server, '--port', '0', '--slot-ms', '10'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const slot = async () => (await (await fetch(JSON.parse(line).url, { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"getSlot"}' })).json()).result;
  const first = await slot();
  await until(async () => await slot() > first + 5);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null], 'SIGTERM ends it in order');
  const refused = spawn(process.execPath, [server, '--port', '0', '--slot-ms', 'soon'], { stdio: 'ignore' });
  assert.notEqual((await once(refused, 'exit'))[0], 0);
});
