// Forks: the newest slots are undone, and with them all that landed there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import WebSocket from 'ws';
import { encode58 } from '../src/base58.mjs';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

let client;
before(async () => { client = await openClient({ finality: 'slots' }); });
after(() => client.close());

const submit = (tx, to = client) => to.call('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });
const send = async (tx) => {
  const { result, error } = await submit(tx);
  assert.equal(error, undefined, JSON.stringify(error));
  return result;
};
const balance = async (key, commitment = 'processed') => (await client.ok('getBalance', key.publicKey.toBase58(), { commitment })).value;
const status = async (signature) => (await client.ok('getSignatureStatuses', [signature])).value[0];
const slot = (commitment = 'processed') => client.ok('getSlot', { commitment });
const height = () => client.ok('getBlockHeight', { commitment: 'processed' });

test('statuses, accounts, signatures and blocks of undone slots vanish; the same bytes land again, once', async () => {
  const [a, b] = [await fundedKey(client, 3_000_000_000), Keypair.generate()];
  const tx = await makeTransfer(client, a, b.publicKey, 1_000_000_000);
  const [count, high] = [await client.ok('getTransactionCount'), await height()];
  const signature = await send(tx);
  await client.ok('svm_advanceSlots', 3);
  const seen = await status(signature);
  assert.equal(seen.confirmationStatus, 'confirmed');
  const now = await slot();

  await client.ok('svm_fork', 4);
  assert.equal(await status(signature), null);
  assert.deepEqual([await balance(a), await balance(b)], [3_000_000_000, 0]);
  assert.equal((await client.ok('getAccountInfo', b.publicKey.toBase58(), { commitment: 'processed' })).value, null);
  assert.deepEqual(await client.ok('getSignaturesForAddress', b.publicKey.toBase58(), { commitment: 'confirmed' }), []);
  assert.equal(await client.ok('getTransaction', signature, { commitment: 'confirmed' }), null);
  assert.equal((await client.call('getBlock', seen.slot, { commitment: 'confirmed' })).error.code, -32009, 'the slot is a skipped one');
  assert.ok(await slot() > now, 'time does not go back');
  assert.deepEqual([await client.ok('getTransactionCount'), await height()], [count, high + 1]);

  assert.equal(await send(tx), signature);
  assert.ok((await status(signature)).slot > seen.slot);
  assert.deepEqual([await balance(a), await balance(b)], [1_999_995_000, 1_000_000_000]);
  assert.equal((await submit(tx)).error.data.err, 'AlreadyProcessed');
});

test('blocks are linked over the undone ones', async () => {
  await client.ok('svm_advanceSlots', 5);
  const kept = (await slot()) - 3;
  const { blockhash } = await client.ok('getBlock', kept, { commitment: 'confirmed' });
  await client.ok('svm_fork', 3);
  await client.ok('svm_advanceSlots', 2);
  const [first, second] = await client.ok('getBlocksWithLimit', kept + 1, 2, { commitment: 'confirmed' });
  const block = await client.ok('getBlock', first, { commitment: 'confirmed' });
  assert.deepEqual([block.parentSlot, block.previousBlockhash, block.transactions], [kept, blockhash, []]);
  const next = await client.ok('getBlock', second, { commitment: 'confirmed' });
  assert.deepEqual([next.parentSlot, next.previousBlockhash, next.blockHeight], [first, block.blockhash, block.blockHeight + 1]);
  assert.equal((await client.ok('getBlock', kept, { commitment: 'confirmed' })).blockhash, blockhash, 'the kept one is as it was');
});

test('what was built on an undone block never lands; what was built before may', async () => {
  const [a, b] = [await fundedKey(client), Keypair.generate()];
  const good = await makeTransfer(client, a, b.publicKey, 5_000_000);
  await client.ok('svm_advanceSlots', 1);
  const bad = await makeTransfer(client, a, b.publicKey, 7_000_000);
  await client.ok('svm_fork', 1);
  assert.equal((await client.ok('isBlockhashValid', bad.recentBlockhash)).value, false);
  assert.equal((await submit(bad)).error.data.err, 'BlockhashNotFound');
  await send(good);
  assert.equal(await balance(b), 5_000_000);
});

test('a closed account is back, one that was written is as before the first of the undone slots', async () => {
  const [a, b] = [await fundedKey(client, 1_000_000_000), await fundedKey(client, 1_000_000_000)];
  await send(await makeTransfer(client, a, b.publicKey, 10_000_000));
  const before = [await balance(a), await balance(b)];
  await send(await makeTransfer(client, b, a.publicKey, 20_000_000));
  await send(await makeTransfer(client, a, b.publicKey, await balance(a) - 5000));
  await client.ok('svm_setAccount', b.publicKey.toBase58(), { lamports: 7 });
  assert.deepEqual([await balance(a), await balance(b)], [0, 7]);
  await client.ok('svm_fork', 2);
  assert.deepEqual([await balance(a), await balance(b)], before);
});

test('a durable nonce goes back too', async () => {
  const connection = client.connect('processed');
  const [payer, nonce] = [await fundedKey(client), Keypair.generate()];
  const create = SystemProgram.createNonceAccount({ fromPubkey: payer.publicKey, noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey, lamports: 1_500_000 });
  Object.assign(create, { feePayer: payer.publicKey, recentBlockhash: (await connection.getLatestBlockhash()).blockhash });
  create.sign(payer, nonce);
  await send(create);
  await client.ok('svm_advanceSlots', 1);
  const stored = (await connection.getNonce(nonce.publicKey)).nonce;
  const tx = new Transaction({
    feePayer: payer.publicKey, minContextSlot: 0,
    nonceInfo: { nonce: stored, nonceInstruction: SystemProgram.nonceAdvance({ noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey }) },
  });
  tx.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: nonce.publicKey, lamports: 7 }));
  tx.sign(payer);
  await send(tx);
  assert.ok((await submit(tx)).error, 'once');
  await client.ok('svm_fork', 1);
  assert.equal((await connection.getNonce(nonce.publicKey)).nonce, stored);
  await send(tx);
  assert.equal(await balance(nonce), 1_500_007);
});

test('what is finalized cannot be forked away', async () => {
  const [a, b] = [await fundedKey(client), Keypair.generate()];
  const signature = await send(await makeTransfer(client, a, b.publicKey, 5_000_000));
  await client.ok('svm_advanceSlots', 32);
  const state = async () => [await slot(), await height(), await status(signature)];
  const before = await state();
  assert.equal(before[2].confirmationStatus, 'finalized');
  for (const bad of [33, 34, 1000, 0, -1, 1.5, '1', null]) assert.equal((await client.call('svm_fork', bad)).error.code, -32602, String(bad));
  assert.deepEqual(await state(), before);
  await client.ok('svm_fork', 32);
  assert.equal((await status(signature)).confirmationStatus, 'finalized');
  const instant = await openClient();
  try {
    await instant.ok('svm_advanceSlots', 5);
    assert.equal((await instant.call('svm_fork', 1)).error.code, -32602, 'there everything is final at once');
  } finally {
    await instant.close();
  }
  const young = await openClient({ finality: 'slots' });
  try {
    assert.equal((await young.call('svm_fork', 1)).error.code, -32602, 'nothing would be left');
  } finally {
    await young.close();
  }
});

test('a blockhash lives for 150 blocks of the chain that is left', async () => {
  const [a, b] = [await fundedKey(client), Keypair.generate()];
  const tx = await makeTransfer(client, a, b.publicKey, 5_000_000);
  await client.ok('svm_advanceSlots', 151);
  assert.equal((await submit(tx)).error.data.err, 'BlockhashNotFound');
  await client.ok('svm_fork', 10);
  await send(tx);
  assert.equal(await balance(b), 5_000_000);
});

test('subscribers hear of what lands again', async () => {
  const [a, b] = [await fundedKey(client), Keypair.generate()];
  const socket = new WebSocket(client.ws);
  const heard = [];
  const waiting = new Set();
  socket.on('message', (text) => { heard.push(JSON.parse(text)); for (const wake of waiting) wake(); });
  const until = async (count) => { while (heard.length < count) await new Promise((wake) => { waiting.add(wake); }); };
  await new Promise((open) => { socket.on('open', open); });
  const tx = await makeTransfer(client, a, b.publicKey, 5_000_000);
  const signature = encode58(tx.signature);
  const subscribe = (method, ...params) => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  subscribe('logsSubscribe', { mentions: [b.publicKey.toBase58()] }, { commitment: 'processed' });
  subscribe('signatureSubscribe', signature, { commitment: 'confirmed' });
  await until(2);
  const [logs, confirmed] = heard.splice(0).map((m) => m.result);
  await send(tx);
  await until(1);
  await client.ok('svm_fork', 1);
  await client.ok('svm_advanceSlots', 5);
  await send(tx);
  await client.ok('svm_advanceSlots', 1);
  await until(3);
  assert.deepEqual(heard.map((m) => m.params.subscription), [logs, logs, confirmed]);
  assert.deepEqual(heard.slice(0, 2).map((m) => m.params.result.value.signature), [signature, signature]);
  socket.close();
});

test('any number of forks in any place leaves the balances of the slot they go back to, at every commitment', async () => {
  const keys = await Promise.all(Array.from({ length: 4 }, () => fundedKey(client)));
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let state = seed || 1;
  const below = (n) => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return (state >>> 0) % n; };
  const balances = (commitment) => Promise.all(keys.map((key) => balance(key, commitment)));
  await client.ok('svm_advanceSlots', 40);
  let history = [await balances()]; // after each slot, newest last
  for (let i = 0; i < 300; i++) {
    const [from, to] = [keys[below(4)], keys[below(4)]];
    if (below(4) > 0) {
      await send(await makeTransfer(client, from, to.publicKey, 1 + i));
      history.push(await balances());
    } else {
      const undone = Math.min(1 + below(below(2) ? 3 : 20), history.length - 1);
      if (undone === 0) continue;
      await client.ok('svm_fork', undone);
      history = history.slice(0, -undone);
      assert.deepEqual(await balances(), history.at(-1), `fork ${i} of ${undone}, SEED=${seed}`);
      history.push(...Array(undone + 2).fill(history.at(-1))); // skipped ones, then the empty block with which the new chain begins
    }
    if (history.length > 1) assert.deepEqual(await balances('confirmed'), history.at(-2));
    if (history.length > 32) assert.deepEqual(await balances('finalized'), history.at(-33));
    history = history.slice(-50);
  }
});
