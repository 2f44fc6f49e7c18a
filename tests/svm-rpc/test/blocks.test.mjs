// Blocks and tokens through stock web3.js and spl-token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import {
  ExtensionType, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, approve, createAccount, createAssociatedTokenAccount, createInitializeMint2Instruction, createInitializeTransferFeeConfigInstruction,
  createMint, createMultisig, freezeAccount, getMintLen, mintTo, transferCheckedWithFee,
} from '@solana/spl-token';
import { encode58 } from '../src/base58.mjs';
import { fundedKey, makeTransfer, openClient } from './client.mjs';

let client;
let connection;
let payer;
before(async () => {
  client = await openClient();
  connection = client.connect();
  payer = await fundedKey(client, 100_000_000_000);
});
after(() => client.close());

test('a block holds its transaction, and blocks are linked', async () => {
  const tx = await makeTransfer(client, payer, Keypair.generate().publicKey, 1_000_000);
  await client.ok('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });
  const signature = encode58(tx.signature);
  const { value } = await connection.getSignatureStatus(signature);
  const block = await connection.getBlock(value.slot, { maxSupportedTransactionVersion: 0 });
  assert.equal(block.transactions.length, 1);
  assert.equal(block.transactions[0].transaction.signatures[0], signature);
  assert.equal(block.transactions[0].meta.fee, 5000);
  const parent = await connection.getBlock(block.parentSlot, { maxSupportedTransactionVersion: 0, transactionDetails: 'none' });
  assert.equal(parent.blockhash, block.previousBlockhash);
  const names = await connection.getBlockSignatures(value.slot);
  assert.deepEqual(names.signatures, [signature]);
  const parsed = await connection.getParsedBlock(value.slot, { maxSupportedTransactionVersion: 0 });
  assert.equal(parsed.transactions[0].transaction.message.accountKeys[0].pubkey.toBase58(), payer.publicKey.toBase58());
  const accounts = await client.ok('getBlock', value.slot, { transactionDetails: 'accounts', maxSupportedTransactionVersion: 0 });
  assert.deepEqual(accounts.transactions[0].transaction.accountKeys[0], { pubkey: payer.publicKey.toBase58(), writable: true, signer: true, source: 'transaction' });
  assert.equal(await connection.getBlockTime(value.slot), block.blockTime);
  assert.ok((await connection.getBlocks(block.parentSlot, value.slot)).includes(value.slot));
});

test('blocks that are not there are refused as a node refuses them', async () => {
  const last = await client.ok('svm_advanceSlots', 1000);
  const code = async (...params) => (await client.call('getBlock', ...params)).error.code;
  assert.equal(await code(last), -32004, 'not finished');
  assert.equal(await code(last - 500), -32009, 'skipped');
  assert.equal(await code(1), -32001, 'before the first');
  assert.equal(await code(last - 1, { commitment: 'processed' }), -32602);
  assert.equal(await code(last - 1, { transactionDetails: 'some' }), -32602);
  assert.deepEqual(await client.ok('getBlocksWithLimit', last - 20, 3), [last - 20, last - 19, last - 18]);
  assert.equal(await client.ok('getFirstAvailableBlock') <= last - 1000, true);
});

test('a block follows its commitment', async () => {
  const slots = await openClient({ finality: 'slots' });
  try {
    const { slot } = (await slots.ok('getLatestBlockhash')).context;
    const at = async (commitment) => (await slots.call('getBlock', slot, { commitment })).error?.code ?? 'block';
    await slots.ok('svm_advanceSlots', 2);
    assert.deepEqual([await at('confirmed'), await at('finalized')], ['block', -32004]);
    await slots.ok('svm_advanceSlots', 31);
    assert.equal(await at('finalized'), 'block');
  } finally {
    await slots.close();
  }
});

for (const [name, program] of [['spl-token', TOKEN_PROGRAM_ID], ['spl-token-2022', TOKEN_2022_PROGRAM_ID]])
  test(`accounts of ${name} are parsed as a node parses them`, async () => {
    const owner = Keypair.generate().publicKey;
    const mint = await createMint(connection, payer, payer.publicKey, payer.publicKey, 2, undefined, undefined, program);
    const account = await createAssociatedTokenAccount(connection, payer, mint, owner, undefined, program, undefined, true);
    await mintTo(connection, payer, mint, account, payer, 12_340, [], undefined, program);
    const { data } = (await connection.getParsedAccountInfo(account)).value;
    const amount = { amount: '12340', decimals: 2, uiAmount: 123.4, uiAmountString: '123.4' };
    assert.equal(data.program, name);
    const { extensions, ...info } = data.parsed.info;
    assert.deepEqual(info, { isNative: false, mint: mint.toBase58(), owner: owner.toBase58(), state: 'initialized', tokenAmount: amount });
    assert.deepEqual(extensions, name === 'spl-token' ? undefined : [{ extension: 'immutableOwner' }]);
    const parsedMint = (await connection.getParsedAccountInfo(mint)).value.data.parsed;
    assert.deepEqual(parsedMint, { type: 'mint', info: { mintAuthority: payer.publicKey.toBase58(), supply: '12340', decimals: 2, isInitialized: true, freezeAuthority: payer.publicKey.toBase58() } });
    const [byOwner] = (await connection.getParsedTokenAccountsByOwner(owner, { mint })).value;
    assert.deepEqual([byOwner.pubkey.toBase58(), byOwner.account.data.parsed.info.tokenAmount], [account.toBase58(), amount]);
    assert.equal((await connection.getTokenAccountsByOwner(owner, { programId: program })).value.length, 1);
    const [many, absent] = (await connection.getMultipleParsedAccounts([account, Keypair.generate().publicKey])).value;
    assert.deepEqual([many.data.parsed.type, absent], ['account', null]);
    const filters = [{ memcmp: { offset: 0, bytes: mint.toBase58() } }];
    const [found] = await connection.getParsedProgramAccounts(program, { filters });
    assert.equal(found.account.data.parsed.info.mint, mint.toBase58());
    assert.deepEqual((await connection.getTokenAccountBalance(account)).value, amount);
    assert.deepEqual((await connection.getTokenSupply(mint)).value, amount);
  });

test('delegates, frozen accounts and multisignatures are parsed', async () => {
  const mint = await createMint(connection, payer, payer.publicKey, payer.publicKey, 0);
  const delegate = Keypair.generate().publicKey;
  const account = await createAccount(connection, payer, mint, payer.publicKey, Keypair.generate());
  await mintTo(connection, payer, mint, account, payer, 10);
  await approve(connection, payer, account, delegate, payer, 4);
  await freezeAccount(connection, payer, account, mint, payer);
  const { info } = (await connection.getParsedAccountInfo(account)).value.data.parsed;
  assert.deepEqual([info.state, info.delegate, info.delegatedAmount.amount], ['frozen', delegate.toBase58(), '4']);
  assert.equal((await client.ok('getTokenAccountsByDelegate', delegate.toBase58(), { mint: mint.toBase58() }, { encoding: 'jsonParsed' })).value.length, 1);
  const signers = [Keypair.generate().publicKey, Keypair.generate().publicKey];
  const multisig = await createMultisig(connection, payer, signers, 2);
  assert.deepEqual((await connection.getParsedAccountInfo(multisig)).value.data.parsed, {
    type: 'multisig', info: { numRequiredSigners: 2, numValidSigners: 2, isInitialized: true, signers: signers.map((s) => s.toBase58()) } });
});

test('the transfer fee of a token-2022 mint shows in its extensions', async () => {
  const mint = Keypair.generate();
  const space = getMintLen([ExtensionType.TransferFeeConfig]);
  const tx = new Transaction({ feePayer: payer.publicKey, ...(await connection.getLatestBlockhash()) }).add(
    SystemProgram.createAccount({ fromPubkey: payer.publicKey, newAccountPubkey: mint.publicKey, space, lamports: await connection.getMinimumBalanceForRentExemption(space), programId: TOKEN_2022_PROGRAM_ID }),
    createInitializeTransferFeeConfigInstruction(mint.publicKey, payer.publicKey, null, 100, 50n, TOKEN_2022_PROGRAM_ID),
    createInitializeMint2Instruction(mint.publicKey, 0, payer.publicKey, null, TOKEN_2022_PROGRAM_ID));
  tx.sign(payer, mint);
  await connection.sendRawTransaction(tx.serialize());
  const [from, to] = [await createAccount(connection, payer, mint.publicKey, payer.publicKey, Keypair.generate(), undefined, TOKEN_2022_PROGRAM_ID), await createAccount(connection, payer, mint.publicKey, payer.publicKey, Keypair.generate(), undefined, TOKEN_2022_PROGRAM_ID)];
  await mintTo(connection, payer, mint.publicKey, from, payer, 1000, [], undefined, TOKEN_2022_PROGRAM_ID);
  await transferCheckedWithFee(connection, payer, from, mint.publicKey, to, payer, 1000n, 0, 10n, [], undefined, TOKEN_2022_PROGRAM_ID);
  const [config] = (await connection.getParsedAccountInfo(mint.publicKey)).value.data.parsed.info.extensions;
  assert.equal(config.extension, 'transferFeeConfig');
  assert.deepEqual([config.state.newerTransferFee.maximumFee, config.state.newerTransferFee.transferFeeBasisPoints, config.state.withdrawWithheldAuthority], [50, 100, null]);
  const { extensions } = (await connection.getParsedAccountInfo(to)).value.data.parsed.info;
  assert.deepEqual(extensions, [{ extension: 'transferFeeAmount', state: { withheldAmount: 10 } }]);
});

test('what is no token account falls back to bytes, as does an unknown encoding to an error', async () => {
  const { value } = await client.ok('getAccountInfo', payer.publicKey.toBase58(), { encoding: 'jsonParsed' });
  assert.deepEqual(value.data, ['', 'base64']);
  assert.equal((await client.call('getAccountInfo', payer.publicKey.toBase58(), { encoding: 'base64+zstd' })).error.code, -32602);
  const big = Keypair.generate().publicKey.toBase58();
  await client.ok('svm_setAccount', big, { lamports: 1, data: Buffer.alloc(200, 7).toString('base64') });
  assert.equal((await client.call('getAccountInfo', big)).error.code, -32600, 'too long for base58');
  const part = await client.ok('getAccountInfo', big, { encoding: 'base64', dataSlice: { offset: 190, length: 50 } });
  assert.equal(Buffer.from(part.value.data[0], 'base64').length, 10);
});
