// The C client against the local Solana: each method, each fault a node or the way to it can have.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { AddressLookupTableProgram, Connection, Keypair, PublicKey, SystemProgram, Transaction, TransactionMessage, VersionedTransaction } from '@solana/web3.js';
import { startServer } from '../../svm-rpc/src/server.mjs';
import { makeRandom, startDriver } from './driver.mjs';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const random = makeRandom();
const FAST = { retries: 2, retry_min_ms: 1, retry_max_ms: 4 };
let server;
let driver;
let web3;

before(async () => {
  server = await startServer({ finality: 'slots' });
  driver = startDriver();
  web3 = new Connection(server.url, { commitment: 'processed', disableRetryOnRateLimit: true });
  await open();
});
after(async () => { await driver.stop(); await server.close(); });

const open = (fields = {}) => driver.run('open', { url: server.url, commitment: 1, ...FAST, ...fields });

async function control(method, ...params) {
  const res = await fetch(server.url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  const { result, error } = await res.json();
  assert.equal(error, undefined);
  return result;
}
const fault = (method, what) => control('svm_fault', method, what);
const settle = () => control('svm_advanceSlots', 1);

async function fundedSeed(lamports = 10_000_000_000) {
  const seed = random.bytes(32);
  const key = Keypair.fromSeed(seed);
  await control('requestAirdrop', key.publicKey.toBase58(), lamports);
  await settle();
  return { seed: hex(seed), address: key.publicKey.toBase58(), key };
}

/** Bytes of a transfer composed and signed by the C client. */
async function makeTransfer(from, to, lamports, extra = []) {
  const { hash } = await driver.run('blockhash');
  const transfer = await driver.run('transfer', { from: from.address, to, lamports });
  return driver.run('compile', { payer: from.address, blockhash: hash, instructions: [...extra, transfer], signers: [{ seed: from.seed }] });
}
const newAddress = () => Keypair.generate().publicKey.toBase58();

test('numbers of the chain', async () => {
  const { hash, last_valid_height } = await driver.run('blockhash');
  assert.equal((await web3.isBlockhashValid(hash)).value, true);
  assert.ok(BigInt(last_valid_height) > BigInt(await driver.run('block_height')));
  assert.equal(Number(await driver.run('slot')), await web3.getSlot('confirmed'));
  assert.equal(Number(await driver.run('rent', { bytes: 165 })), await web3.getMinimumBalanceForRentExemption(165));
});

test('the first block at or after a slot, of which some are skipped', async () => {
  const before = await web3.getSlot('processed');
  assert.equal(await driver.run('first_block', { from: before + 500 }), null);
  await control('svm_advanceSlots', 1000);
  const { slot, hash } = await driver.run('first_block', { from: before + 500 });
  assert.deepEqual([Number(slot)], await web3.getBlocks(before + 500, Number(slot), 'confirmed'));
  assert.ok(Number(slot) > before + 500, 'slots were skipped');
  assert.equal(hash, (await web3.getBlock(Number(slot), { commitment: 'confirmed' })).blockhash);
  assert.equal(Number((await driver.run('first_block', { from: Number(slot) })).slot), Number(slot));
});

test('a transfer with priority fee and memo lands, and is read back whole', async () => {
  const a = await fundedSeed();
  const to = newAddress();
  const extra = [await driver.run('unit_limit', { units: 50_000 }), await driver.run('unit_price', { micro_lamports: 1_000_000 }), await driver.run('memo', { text: 'seat 7', signer: a.address })];
  const bytes = await makeTransfer(a, to, 1_000_000_000, extra);
  const signature = await driver.run('send', { bytes });
  assert.deepEqual((await driver.run('statuses', { signatures: [signature] }))[0].reached, 'processed');
  assert.equal(await driver.run('transaction', { signature }), null, 'not confirmed yet');
  await settle();
  const [status, none] = await driver.run('statuses', { signatures: [signature, '1'.repeat(63) + '2'] });
  assert.deepEqual([status.reached, status.err, none], ['confirmed', null, null]);
  assert.equal(await driver.run('balance', { key: to }), '1000000000');
  const landed = await driver.run('transaction', { signature });
  assert.equal(landed.bytes, bytes);
  assert.equal(landed.fee, '55000');
  assert.equal(landed.err, null);
  const parsed = await driver.run('parse', { bytes: landed.bytes });
  const at = parsed.keys.indexOf(to);
  assert.deepEqual([landed.before[at], landed.after[at]], ['0', '1000000000']);
});

test('the same bytes may be sent again, and land once', async () => {
  const a = await fundedSeed();
  const to = newAddress();
  const bytes = await makeTransfer(a, to, 1_000_000);
  const first = await driver.run('send', { bytes });
  assert.equal(await driver.run('send', { bytes }), first);
  assert.equal(await driver.run('send', { bytes, unchecked: true }), first);
  await settle();
  assert.equal(await driver.run('balance', { key: to }), '1000000');
});

test('accounts: absent, plain, with data, and the rent epoch that no signed integer holds', async () => {
  assert.equal(await driver.run('account', { key: newAddress() }), null);
  const a = await fundedSeed(5_000_000);
  assert.deepEqual(await driver.run('account', { key: a.address }), { lamports: '5000000', owner: SystemProgram.programId.toBase58(), data: '', executable: false });
  const clock = await driver.run('account', { key: 'SysvarC1ock11111111111111111111111111111111' });
  assert.equal(clock.data.length, 80);
});

test('history: all signatures of a reference, failed ones too, page by page', async () => {
  const a = await fundedSeed();
  const sent = [];
  for (let i = 0; i < 5; i++) sent.unshift(await driver.run('send', { bytes: await makeTransfer(a, a.address, i + 1) }));
  const failed = await driver.run('send', { bytes: await makeTransfer(a, newAddress(), 900_000_000_000), unchecked: true });
  sent.unshift(failed);
  await settle();
  const list = async (fields) => driver.run('history', { address: a.address, limit: 16, ...fields });
  const all = await list();
  assert.deepEqual(all.slice(0, 6).map((e) => e.signature), sent);
  assert.deepEqual([all[0].err.name, all[0].err.custom, all[1].err], ['Custom', 1, null]);
  assert.deepEqual((await list({ limit: 2 })).map((e) => e.signature), sent.slice(0, 2));
  assert.deepEqual((await list({ before: sent[1], until: sent[4] })).map((e) => e.signature), sent.slice(2, 4));
  const landed = await driver.run('transaction', { signature: failed });
  assert.deepEqual([landed.err.name, landed.err.instruction, landed.err.custom], ['Custom', 0, 1]);
});

test('a v0 transaction with a lookup table is composed, lands, and its looked-up accounts come back', async () => {
  const a = await fundedSeed();
  const recentSlot = await web3.getSlot('confirmed');
  const [create, table] = AddressLookupTableProgram.createLookupTable({ authority: a.key.publicKey, payer: a.key.publicKey, recentSlot });
  const to = newAddress();
  const extend = AddressLookupTableProgram.extendLookupTable({ lookupTable: table, authority: a.key.publicKey, payer: a.key.publicKey, addresses: [new PublicKey(newAddress()), new PublicKey(to)] });
  const tx = new Transaction({ feePayer: a.key.publicKey, ...(await web3.getLatestBlockhash()) }).add(create, extend);
  tx.sign(a.key);
  await web3.sendRawTransaction(tx.serialize());
  await settle();
  const { state } = (await web3.getAddressLookupTable(table)).value;
  const addresses = await driver.run('lookup_table', { key: table.toBase58() });
  assert.deepEqual(addresses, state.addresses.map((k) => k.toBase58()));
  assert.equal(await driver.run('lookup_table', { key: a.address }), null);
  const { hash } = await driver.run('blockhash');
  const transfer = await driver.run('transfer', { from: a.address, to, lamports: 1_000_000 });
  const tables = [{ key: table.toBase58(), addresses }];
  const bytes = await driver.run('compile', { payer: a.address, blockhash: hash, versioned: true, instructions: [transfer], tables, signers: [{ seed: a.seed }] });
  const message = new TransactionMessage({ payerKey: a.key.publicKey, recentBlockhash: hash, instructions: [SystemProgram.transfer({ fromPubkey: a.key.publicKey, toPubkey: new PublicKey(to), lamports: 1_000_000 })] }).compileToV0Message([{ key: table, state, isActive: () => true }]);
  const theirs = new VersionedTransaction(message);
  theirs.sign([a.key]);
  assert.equal(bytes, hex(theirs.serialize()));
  const signature = await driver.run('send', { bytes });
  await settle();
  const landed = await driver.run('transaction', { signature });
  const parsed = await driver.run('parse', { bytes });
  assert.deepEqual(landed.accounts, [...parsed.keys, to]);
  assert.equal(landed.after.length, landed.accounts.length);
  assert.equal(landed.after.at(-1), '1000000');
});

test('a lookup table that its owner is closing is not used', async () => {
  const a = await fundedSeed();
  const [create, table] = AddressLookupTableProgram.createLookupTable({ authority: a.key.publicKey, payer: a.key.publicKey, recentSlot: await web3.getSlot('confirmed') });
  const close = AddressLookupTableProgram.deactivateLookupTable({ lookupTable: table, authority: a.key.publicKey });
  const tx = new Transaction({ feePayer: a.key.publicKey, ...(await web3.getLatestBlockhash()) }).add(create);
  tx.sign(a.key);
  await web3.sendRawTransaction(tx.serialize());
  await settle();
  assert.deepEqual(await driver.run('lookup_table', { key: table.toBase58() }), []);
  const second = new Transaction({ feePayer: a.key.publicKey, ...(await web3.getLatestBlockhash()) }).add(close);
  second.sign(a.key);
  await web3.sendRawTransaction(second.serialize());
  await settle();
  assert.equal(await driver.run('lookup_table', { key: table.toBase58() }), null);
});

test('a simulation shows error, units and logs of an unsigned transaction', async () => {
  const a = await fundedSeed();
  const transfer = await driver.run('transfer', { from: a.address, to: newAddress(), lamports: 1_000_000 });
  const bytes = await driver.run('compile', { payer: a.address, blockhash: newAddress(), instructions: [transfer] });
  const good = await driver.run('simulate', { bytes });
  assert.deepEqual([good.err, good.units], [null, '150']);
  assert.match(good.logs, /^Program 11111111111111111111111111111111 invoke \[1\]\n/);
  const poor = await driver.run('transfer', { from: a.address, to: newAddress(), lamports: 90_000_000_000 });
  const bad = await driver.run('simulate', { bytes: await driver.run('compile', { payer: a.address, blockhash: newAddress(), instructions: [poor] }) });
  assert.deepEqual([bad.err.name, bad.err.instruction, bad.err.custom], ['Custom', 0, 1]);
});

test('refusals have names', async () => {
  const a = await fundedSeed(2_000_000);
  const failing = await makeTransfer(a, newAddress(), 5_000_000);
  const refused = await driver.run('send', { bytes: failing });
  assert.deepEqual([refused.error, refused.instruction, refused.custom], ['PROGRAM_REFUSED', 0, 1]);
  const nobody = { seed: hex(random.bytes(32)) };
  nobody.address = Keypair.fromSeed(Buffer.from(nobody.seed, 'hex')).publicKey.toBase58();
  assert.equal((await driver.run('send', { bytes: await makeTransfer(nobody, a.address, 5) })).error, 'NO_FUNDS');
  const good = await makeTransfer(a, a.address, 5);
  const flipped = Buffer.from(good, 'hex');
  flipped[1] ^= 1;
  assert.equal((await driver.run('send', { bytes: hex(flipped) })).error, 'SIGNATURE_REFUSED');
  assert.equal((await driver.run('send', { bytes: good.slice(0, -2) })).error, 'METHOD_REFUSED');
  await control('svm_advanceSlots', 151);
  assert.equal((await driver.run('send', { bytes: good })).error, 'BLOCKHASH_NOT_FOUND');
});

test('what may pass is tried again, what may not is not', async () => {
  for (const what of [{ http: 429 }, { http: 408 }, { http: 503 }, { close: true }, { lose: true }, { code: -32005, message: 'Node is behind by 42 slots' }]) {
    await fault('getSlot', { times: 2, ...what });
    assert.match(await driver.run('slot'), /^\d+$/, JSON.stringify(what));
  }
  for (const [what, name] of [[{ http: 429 }, 'RATE_LIMITED'], [{ http: 500 }, 'NODE_DOWN'], [{ code: -32005, message: 'behind' }, 'NODE_BEHIND']]) {
    await fault('getSlot', { times: 3, ...what });
    assert.equal((await driver.run('slot')).error, name);
    assert.match(await driver.run('slot'), /^\d+$/, 'exactly three tries');
  }
  await fault('getSlot', { times: 10, close: true }); // curl itself repeats on a kept-alive connection that was closed
  assert.equal((await driver.run('slot')).error, 'UNREACHABLE');
  await fault('getSlot', null);
  for (const [what, name] of [[{ http: 403 }, 'HTTP_REFUSED'], [{ http: 302, headers: { location: '/' } }, 'HTTP_REFUSED'], [{ code: -32602, message: 'Invalid params' }, 'METHOD_REFUSED'],
    [{ body: '<html>' }, 'BAD_REPLY'], [{ body: '{}' }, 'BAD_REPLY'], [{ body: '{"jsonrpc":"2.0","id":0,"result":1}' }, 'BAD_REPLY'], [{ body: '['.repeat(5000) }, 'BAD_REPLY']]) {
    await fault('getSlot', { times: 1, ...what });
    assert.equal((await driver.run('slot')).error, name, JSON.stringify(what));
    assert.match(await driver.run('slot'), /^\d+$/, 'one try only');
  }
});

test('replies of another shape are refused by every method', async () => {
  const key = newAddress();
  const signature = '1'.repeat(64);
  const calls = [['slot', 'getSlot'], ['block_height', 'getBlockHeight'], ['rent', 'getMinimumBalanceForRentExemption', { bytes: 1 }], ['blockhash', 'getLatestBlockhash'], ['balance', 'getBalance', { key }],
    ['account', 'getAccountInfo', { key }], ['statuses', 'getSignatureStatuses', { signatures: [signature] }], ['history', 'getSignaturesForAddress', { address: key, limit: 3 }], ['transaction', 'getTransaction', { signature }]];
  for (const [op, method, fields] of calls)
    for (const result of ['"x"', '-1', '{}', '{"value":{}}', '{"value":-5}', '[{}]', '{"value":[]}', '{"value":[7]}', '{"slot":1,"meta":{},"transaction":["!","base64"]}', '{"context":{"slot":1},"value":{"lamports":1,"owner":"x"}}']) {
      await driver.run('open', { url: await oneReply(result), commitment: 1, ...FAST });
      assert.equal((await driver.run(op, fields)).error, 'BAD_REPLY', `${method} ${result}`);
    }
  await open();
});

/** A node that answers every call with this result. */
const fakes = [];
async function oneReply(result) {
  const fake = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk) => { text += chunk; });
    req.on('end', () => res.end(`{"jsonrpc":"2.0","id":${JSON.parse(text).id},"result":${result}}`));
  });
  fake.listen(0, '127.0.0.1');
  await once(fake, 'listening');
  fakes.push(fake);
  return `http://127.0.0.1:${fake.address().port}`;
}
after(() => { for (const fake of fakes) { fake.closeAllConnections(); fake.close(); } });

test('a reply over the bound is refused', async () => {
  await open({ reply_max: 4096 });
  await fault('getSlot', { body: `{"jsonrpc":"2.0","id":1,"result":1,"pad":"${'x'.repeat(5000)}"}` });
  assert.equal((await driver.run('slot')).error, 'BAD_REPLY');
  await open();
});

test('a node that is not there, and one that does not answer, cost no more than the deadline', async () => {
  await driver.run('open', { url: 'http://127.0.0.1:1', ...FAST });
  assert.equal((await driver.run('slot')).error, 'UNREACHABLE');
  await open({ deadline_ms: 250, try_ms: 100 });
  await fault('getSlot', { times: 10, delayMs: 60_000 });
  const began = performance.now();
  assert.equal((await driver.run('slot')).error, 'DEADLINE');
  assert.ok(performance.now() - began < 2000);
  await fault('getSlot', null);
  await driver.run('open', { url: 'file:///etc/passwd', ...FAST });
  assert.equal((await driver.run('slot')).error, 'UNREACHABLE', 'only http and https');
  await open();
});

test('Retry-After is obeyed, as seconds and as a date, and not past the deadline', async () => {
  await fault('getSlot', { http: 429, headers: { 'retry-after': '1' } });
  const began = performance.now();
  assert.match(await driver.run('slot'), /^\d+$/);
  assert.ok(performance.now() - began >= 1000);
  for (const value of ['3600', new Date(Date.now() + 3_600_000).toUTCString()]) {
    await fault('getSlot', { http: 503, headers: { 'retry-after': value } });
    const refused = await driver.run('slot');
    assert.equal(refused.error, 'NODE_DOWN');
    assert.ok(refused.retry_after_ms > 3_500_000 && refused.retry_after_ms <= 3_600_000, `${refused.retry_after_ms}`);
  }
});

test('a payment whose reply is lost, or that the node drops, lands once by sending the same bytes', async () => {
  const a = await fundedSeed();
  const to = newAddress();
  const bytes = await makeTransfer(a, to, 1_000_000);
  await fault('sendTransaction', { lose: true });
  const signature = await driver.run('send', { bytes }); // the retry meets ALREADY_PROCESSED
  await settle();
  assert.equal((await driver.run('statuses', { signatures: [signature] }))[0].reached, 'confirmed');
  const dropped = await makeTransfer(a, to, 2_000_000);
  await fault('sendTransaction', { drop: true });
  const second = await driver.run('send', { bytes: dropped });
  assert.deepEqual(await driver.run('statuses', { signatures: [second] }), [null]);
  assert.equal(await driver.run('send', { bytes: dropped }), second);
  await settle();
  assert.equal(await driver.run('balance', { key: to }), '3000000');
});
