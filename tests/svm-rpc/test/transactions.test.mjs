// Transactions over plain HTTP, as nodes answer them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ComputeBudgetProgram, Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { encode58 } from '../src/base58.mjs';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

let client;
before(async () => { client = await openClient({ finality: 'slots' }); });
after(() => client.close());

const submit = (bytes, config) => client.call('sendTransaction', Buffer.from(bytes).toString('base64'), { encoding: 'base64', ...config });
const balance = async (key, commitment = 'processed') => (await client.ok('getBalance', key.publicKey.toBase58(), { commitment })).value;

test('a transfer is processed, then confirmed, then finalized', async () => {
  const [a, b] = [await fundedKey(client, 2_000_000_000), Keypair.generate()];
  const tx = await makeTransfer(client, a, b.publicKey, 1_000_000_000);
  const { result: signature } = await submit(tx.serialize());
  const status = async () => (await client.ok('getSignatureStatuses', [signature])).value[0];
  assert.equal((await status()).confirmationStatus, 'processed');
  assert.equal(await client.ok('getTransaction', signature, { commitment: 'confirmed' }), null);
  await client.ok('svm_advanceSlots', 1);
  assert.deepEqual([(await status()).confirmationStatus, (await status()).confirmations], ['confirmed', 1]);
  const { meta } = await client.ok('getTransaction', signature, { commitment: 'confirmed', encoding: 'json' });
  assert.equal(meta.fee, 5000);
  assert.deepEqual(meta.postBalances, [999_995_000, 1_000_000_000, 1]);
  assert.equal(await client.ok('getTransaction', signature), null, 'finalized is the default');
  await client.ok('svm_advanceSlots', 32);
  assert.deepEqual([(await status()).confirmationStatus, (await status()).confirmations], ['finalized', null]);
  const stored = await client.ok('getTransaction', signature, 'base64');
  assert.deepEqual(stored.transaction, [tx.serialize().toString('base64'), 'base64']);
  assert.equal((await client.ok('getSignaturesForAddress', b.publicKey.toBase58()))[0].signature, signature);
});

test('accounts are read at a commitment', async () => {
  const [a, b] = [await fundedKey(client, 2_000_000_000), Keypair.generate()];
  const [owner, address] = [Keypair.generate().publicKey.toBase58(), Keypair.generate().publicKey.toBase58()];
  const seen = () => Promise.all(['processed', 'confirmed', 'finalized'].map(async (commitment) => [await balance(b, commitment),
    (await client.ok('getMultipleAccounts', [b.publicKey.toBase58()], { commitment })).value[0]?.lamports ?? 0,
    (await client.ok('getProgramAccounts', owner, { commitment })).length]));
  await submit((await makeTransfer(client, a, b.publicKey, 1_000_000)).serialize());
  await client.ok('svm_setAccount', address, { lamports: 5, owner });
  const [none, both] = [[0, 0, 0], [1_000_000, 1_000_000, 1]];
  assert.deepEqual(await seen(), [both, none, none]);
  await client.ok('svm_advanceSlots', 2);
  assert.deepEqual(await seen(), [both, both, none]);
  await client.ok('svm_setAccount', address, { lamports: 5 });
  assert.equal((await client.ok('getProgramAccounts', owner, { commitment: 'processed' })).length, 0);
  assert.equal((await client.ok('getProgramAccounts', owner, { commitment: 'confirmed' })).length, 1, 'it is still there');
  await client.ok('svm_advanceSlots', 31);
  assert.deepEqual((await seen()).at(-1), both);
  await client.ok('svm_advanceSlots', 2);
  assert.deepEqual((await seen()).at(-1), [1_000_000, 1_000_000, 0]);
  const slot = async (commitment) => (await client.ok('getBalance', address, { commitment })).context.slot;
  assert.deepEqual(await slot('processed') - await slot('confirmed'), 2);
  assert.deepEqual(await slot('processed') - await slot('finalized'), 33);
  assert.equal((await client.call('getBalance', address, { commitment: 'soon' })).error.code, -32602);
});

test('a bad signature is refused and changes nothing', async () => {
  const [a, b] = [await fundedKey(client, 2_000_000_000), Keypair.generate()];
  const good = (await makeTransfer(client, a, b.publicKey, 5)).serialize();
  for (const at of [1, 33, 64, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at] ^= 1;
    assert.equal((await submit(bad)).error.code, -32003);
    assert.ok((await submit(bad, { skipPreflight: true })).result);
  }
  assert.deepEqual([await balance(a), await balance(b)], [2_000_000_000, 0]);
});

test('a poor payer, an old blockhash and a second sending are worded as a node words them', async () => {
  const [a, b] = [await fundedKey(client, 20_000_000), Keypair.generate()];
  const poor = await submit((await makeTransfer(client, a, b.publicKey, 50_000_000)).serialize());
  assert.equal(poor.error.code, -32002);
  assert.equal(poor.error.message, 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1');
  assert.deepEqual(poor.error.data.err, { InstructionError: [0, { Custom: 1 }] });
  const twice = (await makeTransfer(client, a, b.publicKey, 900_000)).serialize();
  await submit(twice);
  assert.equal((await submit(twice)).error.data.err, 'AlreadyProcessed');
  const tx = await makeTransfer(client, a, b.publicKey, 900_001);
  await client.ok('svm_advanceSlots', 150);
  assert.equal((await submit(tx.serialize())).error, undefined, '150 blocks old is still good');
  const old = await makeTransfer(client, a, b.publicKey, 1);
  await client.ok('svm_advanceSlots', 151);
  assert.equal((await submit(old.serialize())).error.message, 'Transaction simulation failed: Blockhash not found');
});

test('a transaction that fails in a block pays its fee and stays in the ledger', async () => {
  const [a, b] = [await fundedKey(client, 2_000_000), Keypair.generate()];
  const tx = await makeTransfer(client, a, b.publicKey, 5_000_000);
  const { result: signature } = await submit(tx.serialize(), { skipPreflight: true });
  const [status] = (await client.ok('getSignatureStatuses', [signature])).value;
  assert.deepEqual(status.err, { InstructionError: [0, { Custom: 1 }] });
  assert.equal(await balance(a), 2_000_000 - 5000);
});

test('a simulation changes nothing and shows the accounts after', async () => {
  const [a, b] = [await fundedKey(client, 2_000_000_000), Keypair.generate()];
  const tx = await makeTransfer(client, a, b.publicKey, 1_000_000_000);
  const accounts = { addresses: [b.publicKey.toBase58()], encoding: 'base64' };
  const { value } = await client.ok('simulateTransaction', tx.serialize().toString('base64'), { encoding: 'base64', sigVerify: true, accounts });
  assert.equal(value.err, null);
  assert.equal(value.accounts[0].lamports, 1_000_000_000);
  assert.equal(await balance(b), 0);
});

test('the fee of a message counts signatures and the priority price', async () => {
  const a = await fundedKey(client);
  const tx = await makeTransfer(client, a, a.publicKey, 1);
  tx.add(ComputeBudgetProgram.setComputeUnitLimit({ units: 10_000 }), ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 2_000_001 }));
  const message = tx.compileMessage().serialize().toString('base64');
  assert.equal((await client.ok('getFeeForMessage', message)).value, 5000 + 20_001);
});

test('u64 amounts are written in full', async () => {
  const address = Keypair.generate().publicKey.toBase58();
  await client.ok('svm_setAccount', address, { lamports: '9007199254740993' });
  const text = await (await client.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getBalance', params: [address, { commitment: 'processed' }] }))).text();
  assert.match(text, /"value":9007199254740993\b/);
});

test('the clock and the slot of programs follow the controls', async () => {
  const before = await client.ok('svm_advanceTime', 0);
  assert.ok(await client.ok('svm_advanceTime', 86_400) - before >= 86_400);
  const clock = (await client.ok('getAccountInfo', 'SysvarC1ock11111111111111111111111111111111', { encoding: 'base64' })).value;
  const bytes = Buffer.from(clock.data[0], 'base64');
  assert.ok(Number(bytes.readBigInt64LE(32)) - before >= 86_400);
  const height = await client.ok('getBlockHeight', { commitment: 'processed' });
  const slot = await client.ok('svm_advanceSlots', 5000);
  assert.equal(Number(Buffer.from((await client.ok('getAccountInfo', 'SysvarC1ock11111111111111111111111111111111', { encoding: 'base64' })).value.data[0], 'base64').readBigUInt64LE(0)), slot);
  assert.equal(await client.ok('getBlockHeight', { commitment: 'processed' }), height + 184, 'only the last slots have blocks');
});

test('signatures of an address are paged by before, until and limit', async () => {
  const a = await fundedKey(client);
  const sent = [];
  for (let i = 0; i < 5; i++) sent.unshift((await submit((await makeTransfer(client, a, a.publicKey, i + 1)).serialize())).result);
  await client.ok('svm_advanceSlots', 1);
  const list = async (config) => (await client.ok('getSignaturesForAddress', a.publicKey.toBase58(), { commitment: 'confirmed', ...config })).map((x) => x.signature);
  assert.deepEqual((await list({ limit: 2 })), sent.slice(0, 2));
  assert.deepEqual((await list({ before: sent[1], limit: 2 })), sent.slice(2, 4));
  assert.deepEqual((await list({ until: sent[3] })), sent.slice(0, 3));
  for (const bad of [{ limit: 0 }, { limit: 1001 }, { commitment: 'processed' }, { before: 'x' }])
    assert.equal((await client.call('getSignaturesForAddress', a.publicKey.toBase58(), bad)).error.code, -32602);
});

test('the ledger forgets the oldest beyond its bound', async () => {
  const small = await openClient({ history: 3 });
  try {
    const a = await fundedKey(small);
    const signatures = [];
    for (let i = 0; i < 4; i++) {
      const tx = await makeTransfer(small, a, a.publicKey, i + 1);
      signatures.push(await small.ok('sendTransaction', encode58(tx.serialize())));
    }
    const { value } = await small.ok('getSignatureStatuses', signatures);
    assert.deepEqual(value.map((v) => v !== null), [false, true, true, true]);
    assert.equal((await small.ok('getSignaturesForAddress', a.publicKey.toBase58())).length, 3);
    assert.equal(await small.ok('getTransactionCount'), 5);
  } finally {
    await small.close();
  }
});

test('a durable nonce outlives its blockhash', async () => {
  const connection = client.connect('processed');
  const [payer, nonce] = [await fundedKey(client), Keypair.generate()];
  const create = SystemProgram.createNonceAccount({ fromPubkey: payer.publicKey, noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey, lamports: 1_500_000 });
  create.feePayer = payer.publicKey;
  create.recentBlockhash = (await connection.getLatestBlockhash()).blockhash;
  create.sign(payer, nonce);
  await connection.sendRawTransaction(create.serialize());
  const stored = await connection.getNonce(nonce.publicKey);
  const tx = new Transaction({
    feePayer: payer.publicKey, minContextSlot: 0,
    nonceInfo: { nonce: stored.nonce, nonceInstruction: SystemProgram.nonceAdvance({ noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey }) },
  });
  tx.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: nonce.publicKey, lamports: 7 }));
  tx.sign(payer);
  await client.ok('svm_advanceSlots', 400);
  await connection.sendRawTransaction(tx.serialize());
  assert.equal(await connection.getBalance(nonce.publicKey), 1_500_007);
});
