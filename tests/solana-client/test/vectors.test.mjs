// Byte for byte against @solana/web3.js and @solana/spl-token, on chosen and on random cases.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddressLookupTableAccount, ComputeBudgetProgram, Keypair, PublicKey, SystemProgram, Transaction, TransactionInstruction,
  TransactionMessage, VersionedTransaction,
} from '@solana/web3.js';
import {
  TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction, createTransferCheckedInstruction,
  getAssociatedTokenAddressSync,
} from '@solana/spl-token';
import { WireError, parse } from '../../svm-rpc/src/wire.mjs';
import { makeRandom, startDriver } from './driver.mjs';

const CASES = 300;
const MEMO_PROGRAM = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const random = makeRandom();
let driver;
before(() => { driver = startDriver(); });
after(() => driver.stop());

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const randomKey = () => new PublicKey(random.bytes(32));
const roleOf = (meta) => (meta.isSigner ? 2 : 0) + (meta.isWritable ? 1 : 0);
const plain = (ix) => ({ program: ix.programId.toBase58(), keys: ix.keys.map((k) => ({ key: k.pubkey.toBase58(), role: roleOf(k) })), data: hex(ix.data) });
const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));

test('keys are written and read as web3.js does', async () => {
  for (let i = 0; i < CASES; i++) {
    const bytes = random.bytes(32).fill(0, 0, random.below(4) ? 0 : random.below(33));
    const text = new PublicKey(bytes).toBase58();
    assert.equal(await driver.run('format_key', { bytes: hex(bytes) }), text);
    assert.equal(await driver.run('parse_key', { text }), hex(bytes));
  }
  for (const text of ['', '1', '0OIl', `${'1'.repeat(33)}`, 'z'.repeat(44), `${PublicKey.default.toBase58()} `])
    assert.equal((await driver.run('parse_key', { text })).error, 'INVALID', text);
});

test('a key is on the curve exactly when web3.js says so', async () => {
  let on = 0;
  for (let i = 0; i < 2 * CASES; i++) {
    const key = i % 3 ? randomKey() : Keypair.generate().publicKey;
    const expected = PublicKey.isOnCurve(key.toBytes());
    on += expected;
    assert.equal(await driver.run('on_curve', { key: key.toBase58() }), expected, key.toBase58());
  }
  assert.ok(on > CASES / 2 && on < 2 * CASES, 'both kinds were met');
});

test('program-derived addresses have the same bump', async () => {
  for (let i = 0; i < CASES; i++) {
    const seeds = times(random.below(16), () => random.bytes(random.below(33)));
    const program = randomKey();
    const [address, bump] = PublicKey.findProgramAddressSync(seeds, program);
    const found = await driver.run('find_pda', { program: program.toBase58(), seeds: seeds.map((s) => ({ hex: hex(s) })) });
    assert.deepEqual(found, { address: address.toBase58(), bump });
  }
});

test('seeds that are too many or too long are refused', async () => {
  const program = randomKey().toBase58();
  for (const seeds of [times(16, () => 'aa'), ['aa'.repeat(33)]])
    assert.equal((await driver.run('find_pda', { program, seeds: seeds.map((s) => ({ hex: s })) })).error, 'INVALID');
});

test('known addresses of the ticket program', async () => {
  const seeds = ['8SzHrPVkDf5xhmjyUJ7W8vDaxhTiGF9XBT9XX2PtiwYF', '2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p'].map((k) => ({ hex: hex(new PublicKey(k).toBytes()) }));
  const found = await driver.run('find_pda', { program: 'bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk', seeds });
  assert.deepEqual(found, { address: 'CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX', bump: 255 });
});

test('associated token accounts', async () => {
  for (const program of [TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID])
    for (let i = 0; i < 20; i++) {
      const [owner, mint] = [randomKey(), randomKey()];
      const fields = { owner: owner.toBase58(), mint: mint.toBase58(), token_program: program.toBase58() };
      assert.equal(await driver.run('token_address', fields), getAssociatedTokenAddressSync(mint, owner, true, program).toBase58());
    }
});

test('instructions of the common programs', async () => {
  const [a, b, mint, owner] = times(4, randomKey);
  const max = (1n << 64n) - 1n;
  const pairs = [
    ['transfer', { from: a.toBase58(), to: b.toBase58(), lamports: max.toString() }, SystemProgram.transfer({ fromPubkey: a, toPubkey: b, lamports: max })],
    ['unit_limit', { units: 1_400_000 }, ComputeBudgetProgram.setComputeUnitLimit({ units: 1_400_000 })],
    ['unit_price', { micro_lamports: max.toString() }, ComputeBudgetProgram.setComputeUnitPrice({ microLamports: max })],
    ['memo', { text: 'seat 7 – گرگ', signer: a.toBase58() }, new TransactionInstruction({
      programId: MEMO_PROGRAM, keys: [{ pubkey: a, isSigner: true, isWritable: false }], data: Buffer.from('seat 7 – گرگ') })],
  ];
  for (const program of [TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID]) {
    const token = { token_program: program.toBase58(), mint: mint.toBase58(), owner: owner.toBase58() };
    pairs.push(['token_transfer', { ...token, source: a.toBase58(), destination: b.toBase58(), amount: max.toString(), decimals: 9 },
      createTransferCheckedInstruction(a, mint, b, owner, max, 9, [], program)]);
    pairs.push(['token_account', { ...token, payer: a.toBase58() },
      createAssociatedTokenAccountIdempotentInstruction(a, getAssociatedTokenAddressSync(mint, owner, true, program), owner, mint, program)]);
  }
  for (const [op, fields, expected] of pairs) assert.deepEqual(await driver.run(op, fields), { ...plain(expected), failed: false }, op);
});

/** Random instructions over a small set of keys, so that keys repeat in different roles. */
function randomInstructions(keys, signers) {
  return times(random.below(5), () => new TransactionInstruction({
    programId: keys[random.below(keys.length)],
    keys: times(random.below(7), () => {
      const signer = random.below(4) === 0;
      const pubkey = signer ? signers[random.below(signers.length)].publicKey : keys[random.below(keys.length)];
      return { pubkey, isSigner: signer, isWritable: random.below(2) === 0 };
    }),
    data: random.bytes(random.below(60)),
  }));
}

function randomTables(keys) {
  return times(random.below(3), () => new AddressLookupTableAccount({
    key: randomKey(),
    state: {
      deactivationSlot: (1n << 64n) - 1n, lastExtendedSlot: 0, lastExtendedSlotStartIndex: 0, authority: undefined,
      addresses: times(random.below(20), () => (random.below(2) ? keys[random.below(keys.length)] : randomKey())),
    },
  }));
}

const signersOf = (message, signers) => signers.filter((s) => message.staticAccountKeys.slice(0, message.header.numRequiredSignatures).some((k) => k.equals(s.publicKey)));

for (const versioned of [false, true])
  test(`${versioned ? 'v0' : 'legacy'} transactions are compiled and signed to the same bytes, and read back`, async () => {
    let compiled = 0;
    for (let i = 0; i < CASES; i++) {
      const keys = times(2 + random.below(12), randomKey);
      const signers = times(1 + random.below(3), () => Keypair.fromSeed(random.bytes(32)));
      const [payer] = signers;
      const instructions = randomInstructions(keys, signers);
      const tables = versioned ? randomTables(keys) : [];
      const blockhash = randomKey().toBase58();
      const draft = new TransactionMessage({ payerKey: payer.publicKey, recentBlockhash: blockhash, instructions });
      const message = versioned ? draft.compileToV0Message(tables) : draft.compileToLegacyMessage();
      const used = versioned ? signersOf(message, signers) : signers.filter((s) => message.accountKeys.slice(0, message.header.numRequiredSignatures).some((k) => k.equals(s.publicKey)));
      const tx = new VersionedTransaction(message);
      tx.sign(used);
      const bytes = hex(tx.serialize());
      const answer = await driver.run('compile', {
        payer: payer.publicKey.toBase58(), blockhash, versioned, instructions: instructions.map(plain),
        tables: tables.map((t) => ({ key: t.key.toBase58(), addresses: t.state.addresses.map((a) => a.toBase58()) })),
        signers: used.map((s) => ({ seed: hex(s.secretKey.slice(0, 32)) })),
      });
      if (bytes.length > 2 * 1232) {
        assert.equal(answer.error, 'LIMIT_REACHED');
        continue;
      }
      compiled++;
      assert.equal(answer, bytes);
      const parsed = await driver.run('parse', { bytes });
      assert.equal(parsed.signed, true);
      assert.equal(parsed.versioned, versioned);
      assert.equal(parsed.blockhash, blockhash);
      const statics = versioned ? message.staticAccountKeys : message.accountKeys;
      assert.deepEqual(parsed.keys, statics.map((k) => k.toBase58()));
      const roles = parsed.roles.map((_, n) => (message.isAccountSigner(n) ? 2 : 0) + (message.isAccountWritable(n) ? 1 : 0));
      assert.deepEqual(parsed.roles, roles);
      const lookups = message.addressTableLookups ?? [];
      assert.deepEqual(parsed.lookups, lookups.map((l) => ({ table: l.accountKey.toBase58(), writable: hex(l.writableIndexes), readonly: hex(l.readonlyIndexes) })));
    }
    assert.ok(compiled > CASES / 2);
  });

test('what web3.js makes of a wallet transaction is read, and a flipped bit is noticed', async () => {
  const payer = Keypair.generate();
  const tx = new Transaction({ feePayer: payer.publicKey, blockhash: randomKey().toBase58(), lastValidBlockHeight: 1 });
  tx.add(ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1000 }), SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: randomKey(), lamports: 5 }));
  tx.sign(payer);
  const good = tx.serialize();
  assert.equal((await driver.run('parse', { bytes: hex(good) })).signed, true);
  for (const at of [1, 33, 64, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at] ^= 1;
    assert.equal((await driver.run('parse', { bytes: hex(bad) })).signed, false, `byte ${at}`);
  }
});

test('every cut and every longer form of a transaction is refused', async () => {
  const payer = Keypair.generate();
  const tx = new Transaction({ feePayer: payer.publicKey, blockhash: randomKey().toBase58(), lastValidBlockHeight: 1 });
  tx.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: randomKey(), lamports: 5 }));
  tx.sign(payer);
  const good = tx.serialize();
  for (let n = 0; n < good.length; n++) assert.equal((await driver.run('parse', { bytes: hex(good.subarray(0, n)) })).error, 'MALFORMED');
  const variants = {
    'trailing byte': Buffer.concat([good, Buffer.from([0])]),
    'longer length': Buffer.concat([Buffer.from([0x81, 0x00]), good.subarray(1)]),
    'too large': Buffer.concat([good, Buffer.alloc(1233 - good.length)]),
    'signer count': Buffer.from(good).fill(2, 65, 66),
    'no writable payer': Buffer.from(good).fill(1, 66, 67),
    'readonly count': Buffer.from(good).fill(9, 67, 68),
    'duplicate key': Buffer.concat([good.subarray(0, 69 + 32), good.subarray(69, 69 + 32), good.subarray(69 + 64)]),
    'version 1': Buffer.concat([good.subarray(0, 65), Buffer.from([0x81]), good.subarray(65)]),
    'program 0': Buffer.from(good).fill(0, good.length - 17, good.length - 16),
    'program out of range': Buffer.from(good).fill(3, good.length - 17, good.length - 16),
    'account out of range': Buffer.from(good).fill(7, good.length - 15, good.length - 14),
  };
  for (const [name, bytes] of Object.entries(variants)) assert.equal((await driver.run('parse', { bytes: hex(bytes) })).error, 'MALFORMED', name);
});

function makeWalletTransaction(versioned) {
  const [payer, cosigner] = [Keypair.fromSeed(random.bytes(32)), Keypair.fromSeed(random.bytes(32))];
  const to = randomKey();
  const instructions = [SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: 5 }), SystemProgram.transfer({ fromPubkey: cosigner.publicKey, toPubkey: to, lamports: 5 })];
  const draft = new TransactionMessage({ payerKey: payer.publicKey, recentBlockhash: randomKey().toBase58(), instructions });
  const table = new AddressLookupTableAccount({ key: randomKey(), state: { addresses: [to, randomKey()] } });
  const tx = new VersionedTransaction(versioned ? draft.compileToV0Message([table]) : draft.compileToLegacyMessage());
  tx.sign([payer, cosigner]);
  return Buffer.from(tx.serialize());
}

function accepted(bytes) {
  try { return parse(bytes); } catch (e) {
    if (e instanceof WireError) return null;
    throw e;
  }
}

test('the parser in C and the one of the local Solana take the same changed bytes', async () => {
  const counts = { both: 0, none: 0 };
  for (let i = 0; i < 10 * CASES; i++) {
    const bytes = makeWalletTransaction(i % 2 === 1);
    const structure = [0, 129, 130, 131, 132, 133, 134, bytes.length - 1 - random.below(60)]; // counts, header, instructions, lookups
    const at = random.below(2) ? structure[random.below(structure.length)] : random.below(bytes.length);
    bytes[at] = random.below(4) ? random.below(8) : random.below(256);
    const ours = await driver.run('parse', { bytes: hex(bytes) });
    const theirs = accepted(bytes);
    const alike = /the same$/.test(ours.message ?? ''); // two equal keys: the runtime finds them, the other parser leaves it to it
    assert.equal(ours.error === undefined || alike, theirs !== null, `${hex(bytes)} ${ours.message}`);
    counts[theirs ? 'both' : 'none']++;
  }
  assert.ok(counts.both > CASES && counts.none > CASES, JSON.stringify(counts));
});

test('Borsh is written as JavaScript writes it', async () => {
  const key = randomKey();
  const string = 'شهر گرگ 🐺';
  const expected = Buffer.alloc(23);
  expected.writeUInt8(200, 0);
  expected.writeUInt16LE(65_535, 1);
  expected.writeUInt32LE(4_000_000_000, 3);
  expected.writeBigUInt64LE(2n ** 63n + 5n, 7);
  expected.writeBigInt64LE(BigInt.asIntN(64, 2n ** 63n + 5n), 15);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(string));
  const all = Buffer.concat([expected, Buffer.from([1]), length, Buffer.from(string), key.toBuffer()]);
  const fields = { u8: 200, u16: 65_535, u32: 4_000_000_000, u64: (2n ** 63n + 5n).toString(), bool: true, string, key: key.toBase58() };
  assert.equal(await driver.run('borsh', fields), hex(all));
});
