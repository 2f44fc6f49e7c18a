// Every instruction of the ticket and whitelist programs through the C client, on the programs that `make programs` built.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Connection, Keypair, PublicKey, SYSVAR_CLOCK_PUBKEY, Transaction } from '@solana/web3.js';
import {
  TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction, createMintToInstruction, getAssociatedTokenAddressSync,
  getMintLen, createInitializeMint2Instruction, unpackAccount,
} from '@solana/spl-token';
import { SystemProgram } from '@solana/web3.js';
import { startServer } from '../../svm-rpc/src/server.mjs';
import { makeRandom, startDriver } from './driver.mjs';

const PROGRAMS = process.env.PROGRAMS_DIR;
const idl = Object.fromEntries(['ticket', 'whitelist'].map((n) => [n, JSON.parse(readFileSync(new URL(`../../../services/chain/programs/idl/${n}.json`, import.meta.url), 'utf8'))]));
const PRICE = 100_000_000n;
const DAY = 86_400;
const random = makeRandom();
const hex = (bytes) => Buffer.from(bytes).toString('hex');
let server;
let driver;
let web3;

before(async () => {
  if (!PROGRAMS) throw new Error('PROGRAMS_DIR is not set: run make test-solana');
  const programs = ['ticket', 'whitelist'].map((n) => ({ address: idl[n].address, elf: readFileSync(`${PROGRAMS}/${n}.v3.so`) }));
  server = await startServer({ programs });
  driver = startDriver();
  web3 = new Connection(server.url, { commitment: 'confirmed', disableRetryOnRateLimit: true });
  await driver.run('open', { url: server.url, commitment: 1 });
});
after(async () => { await driver.stop(); await server.close(); });

async function wallet(lamports = 5_000_000_000) {
  const seed = random.bytes(32);
  const key = Keypair.fromSeed(seed);
  await web3.requestAirdrop(key.publicKey, lamports);
  return { seed: hex(seed), address: key.publicKey.toBase58(), key };
}

/** Builds by the C client, composes, signs by all, sends; the answer of `send`. */
async function send(op, fields, [payer, ...others]) {
  const instruction = await driver.run(op, fields);
  assert.equal(instruction.failed, false, op);
  const { hash } = await driver.run('blockhash');
  const limit = await driver.run('unit_limit', { units: 400_000 });
  const signers = [payer, ...others].map(({ seed }) => ({ seed }));
  const bytes = await driver.run('compile', { payer: payer.address, blockhash: hash, versioned: true, instructions: [limit, instruction], signers });
  assert.equal(typeof bytes, 'string', JSON.stringify(bytes));
  return driver.run('send', { bytes });
}

async function ok(op, fields, signers) {
  const signature = await send(op, fields, signers);
  assert.equal(typeof signature, 'string', `${op}: ${JSON.stringify(signature)}`);
  assert.deepEqual((await driver.run('statuses', { signatures: [signature] }))[0].err, null);
}

async function refused(name, op, fields, signers) {
  const fault = await send(op, fields, signers);
  assert.equal(fault.error, 'PROGRAM_REFUSED', `${op}: ${JSON.stringify(fault)}`);
  assert.equal(await driver.run('refusal_name', { custom: fault.custom }), name);
}

/** The Unix time that programs read. */
const now = async () => Number((await web3.getAccountInfo(SYSVAR_CLOCK_PUBKEY)).data.readBigInt64LE(32));

async function read(address) {
  const account = await driver.run('account', { key: address });
  return account && driver.run('read_account', account);
}

/** A mint, and a way to give its tokens to a wallet. */
async function makeCurrency(program) {
  const [payer, mint] = [await wallet(), Keypair.generate()];
  const space = getMintLen([]);
  const submit = async (instructions, signers = []) => {
    const tx = new Transaction({ feePayer: payer.key.publicKey, ...(await web3.getLatestBlockhash()) }).add(...instructions);
    tx.sign(payer.key, ...signers);
    await web3.sendRawTransaction(tx.serialize());
  };
  await submit([
    SystemProgram.createAccount({ fromPubkey: payer.key.publicKey, newAccountPubkey: mint.publicKey, space, lamports: await web3.getMinimumBalanceForRentExemption(space), programId: program }),
    createInitializeMint2Instruction(mint.publicKey, 2, payer.key.publicKey, null, program),
  ], [mint]);
  const accountOf = (owner) => getAssociatedTokenAddressSync(mint.publicKey, new PublicKey(owner), true, program);
  const fund = (owner, amount) => submit([
    createAssociatedTokenAccountIdempotentInstruction(payer.key.publicKey, accountOf(owner), new PublicKey(owner), mint.publicKey, program),
    createMintToInstruction(mint.publicKey, accountOf(owner), payer.key.publicKey, amount, [], program),
  ]);
  const balance = async (account) => unpackAccount(account, await web3.getAccountInfo(account), program).amount;
  return { fields: { mint: mint.publicKey.toBase58(), token_program: program.toBase58() }, accountOf, fund, balance };
}

/** An event with its whitelist, opened by the C client. */
async function openEvent({ capacity = 3, currency } = {}) {
  const [god, pool, revenue] = [await wallet(), await wallet(), await wallet()];
  const id = hex(random.bytes(16));
  const event = await driver.run('event_address', { authority: god.address, id });
  const list = await driver.run('list_address', { authority: event, name: 'seats' });
  if (currency) for (const w of [pool, revenue]) await currency.fund(w.address, 0);
  await ok('whitelist_init', { payer: god.address, authority: event, name: 'seats' }, [god]);
  const escapeAt = await now() + 30 * DAY;
  const terms = { authority: god.address, id, pool: pool.address, revenue: revenue.address, whitelist: list, price: PRICE.toString(), capacity, escape_at: escapeAt, ...currency?.fields };
  await ok('ticket_init_event', terms, [god]);
  const references = new Map();
  const referenceOf = (player) => references.get(player) ?? references.set(player, Keypair.generate().publicKey.toBase58()).get(player);
  const seat = (player) => ({ event, player: player.address, whitelist: list, reference: referenceOf(player), ...currency?.fields });
  const reserve = (player, notAfter = escapeAt) => ['ticket_reserve', { ...seat(player), authority: god.address, not_after: notAfter }, [player, god]];
  return { god, pool, revenue, id, event, list, terms, seat, reserve, referenceOf, currency };
}

async function seated(game, count) {
  const players = [];
  for (let i = 0; i < count; i++) {
    const player = await wallet();
    if (game.currency) await game.currency.fund(player.address, PRICE);
    await ok(...game.reserve(player));
    players.push(player);
  }
  return players;
}

test('the names of all refusals are those of the interface descriptions', async () => {
  for (const { code, name } of [...idl.ticket.errors, ...idl.whitelist.errors]) assert.equal(await driver.run('refusal_name', { custom: code }), name);
  for (const custom of [0, 1, 5999, 6000 + 47, 6099, 6111, 4294967295]) assert.equal(await driver.run('refusal_name', { custom }), null);
});

test('whitelist: init, add, remove, close', async () => {
  const [authority, guest] = [await wallet(), await wallet()];
  const list = await driver.run('list_address', { authority: authority.address, name: 'شهر گرگ' });
  await ok('whitelist_init', { payer: authority.address, authority: authority.address, name: 'شهر گرگ' }, [authority]);
  await refused('AlreadyInitialized', 'whitelist_init', { payer: guest.address, authority: authority.address, name: 'شهر گرگ' }, [guest]);
  const change = (count, by = authority) => ({ authority: by.address, list, wallet: guest.address, rent_payer: by.address, count });
  await ok('whitelist_add', change(3), [authority]);
  await refused('WrongListAuthority', 'whitelist_add', change(1, guest), [guest]);
  await refused('ZeroCount', 'whitelist_add', change(0), [authority]);
  const entry = await driver.run('derived_address', { kind: 'entry', of: list, with: guest.address });
  const { entry: seen } = await read(entry);
  assert.deepEqual([seen.list, seen.wallet, seen.rent_payer, seen.count], [list, guest.address, authority.address, '3']);
  assert.deepEqual((await read(list)).list, { authority: authority.address, rent_payer: authority.address, entries: '1', count: '3', burned: '0', name: 'شهر گرگ' });
  await refused('NotThatMany', 'whitelist_remove', change(4), [authority]);
  await refused('ListNotEmpty', 'whitelist_close', { authority: authority.address, list, rent_payer: authority.address }, [authority]);
  await ok('whitelist_remove', change(3), [authority]);
  assert.equal(await read(entry), null);
  await ok('whitelist_close', { authority: authority.address, list, rent_payer: authority.address }, [authority]);
  assert.equal(await read(list), null);
});

for (const [name, program] of [['spl-token', TOKEN_PROGRAM_ID], ['token-2022', TOKEN_2022_PROGRAM_ID]])
  test(`whitelist: burn of ${name}, once per list and mint`, async () => {
    const owner = await wallet();
    const currency = await makeCurrency(program);
    await currency.fund(owner.address, 500);
    await ok('whitelist_init', { payer: owner.address, authority: owner.address, name: 'burners' }, [owner]);
    const list = await driver.run('list_address', { authority: owner.address, name: 'burners' });
    const token_account = await driver.run('token_address', { owner: owner.address, ...currency.fields });
    const burn = (amount) => ['whitelist_burn', { owner: owner.address, list, token_account, ...currency.fields, amount }, [owner]];
    await refused('ZeroAmount', ...burn(0));
    await ok(...burn(200));
    assert.equal(await currency.balance(new PublicKey(token_account)), 300n);
    await refused('MintAlreadyBurned', ...burn(1));
    const { burned } = await read(await driver.run('derived_address', { kind: 'burned', of: list, with: currency.fields.mint }));
    assert.deepEqual([burned.list, burned.owner, burned.mint, burned.amount], [list, owner.address, currency.fields.mint, '200']);
  });

const CURRENCIES = [['lamports', null], ['spl-token', TOKEN_PROGRAM_ID], ['token-2022', TOKEN_2022_PROGRAM_ID]];
for (const [name, program] of CURRENCIES) {
  const open = async (options) => openEvent({ ...options, currency: program ? await makeCurrency(program) : undefined });

  test(`${name}: an event is opened, filled, locked, settled and closed`, async () => {
    const game = await open({ capacity: 2 });
    const { god, event, list, pool, revenue } = game;
    const opened = (await read(event)).event;
    assert.deepEqual([opened.authority, opened.pool, opened.revenue, opened.whitelist, opened.price, opened.capacity, opened.reserved, opened.owed, opened.escape_at, opened.id, opened.state],
      [god.address, pool.address, revenue.address, list, PRICE.toString(), 2, 0, '0', String(game.terms.escape_at), game.id, 'open']);
    assert.equal(opened.vault, await driver.run('derived_address', { kind: 'vault', of: event }));
    assert.equal(opened.mint, game.currency?.fields.mint ?? '11111111111111111111111111111111');
    const [winner] = await seated(game, 1);
    if (game.currency) await game.currency.fund(winner.address, PRICE);
    await refused('AlreadyReserved', ...game.reserve(winner));
    const [loser] = await seated(game, 1);
    const { ticket } = await read(await driver.run('derived_address', { kind: 'ticket', of: event, with: game.referenceOf(winner) }));
    assert.deepEqual([ticket.event, ticket.player, ticket.reference, ticket.paid], [event, winner.address, game.referenceOf(winner), PRICE.toString()]);
    const late = await wallet();
    if (game.currency) await game.currency.fund(late.address, PRICE);
    await refused('EventFull', ...game.reserve(late));
    await refused('PermitExpired', ...game.reserve(late, 1));
    const settle = { authority: god.address, event, pool: pool.address, revenue: revenue.address, tickets: 2, apart: 0, winners_bp: 10_000, ...game.currency?.fields };
    await refused('NotLocked', 'ticket_begin_settle', { ...settle, preset: 4 }, [god]);
    await ok('ticket_lock', { authority: god.address, event, locked: true }, [god]);
    await refused('NotOpen', ...game.reserve(late));
    await refused('NotRefundable', 'ticket_refund', { ...game.seat(loser), caller: god.address }, [god]);
    await refused('InvalidTax', 'ticket_begin_settle', { ...settle, tax_bp: 10_001 }, [god]);
    await refused('InvalidShare', 'ticket_begin_settle', { ...settle, preset: 4, winners_bp: 10_001 }, [god]);
    await refused('TicketsChanged', 'ticket_begin_settle', { ...settle, preset: 4, tickets: 1 }, [god]);
    const purse = async (w) => (game.currency ? game.currency.balance(game.currency.accountOf(w.address)) : BigInt(await driver.run('balance', { key: w.address })));
    const before = [await purse(winner), await purse(revenue), await purse(pool)];
    await ok('ticket_begin_settle', { ...settle, tax_bp: 1000, winners_bp: 7500 }, [god]);
    const [total, owed] = [2n * PRICE, 2n * PRICE * 27n / 40n];
    assert.deepEqual([await purse(revenue) - before[1], await purse(pool) - before[2]], [total / 10n, total * 9n / 40n]);
    assert.deepEqual([(await read(event)).event.state, (await read(event)).event.owed], ['settling', owed.toString()]);
    await refused('AlreadyOver', 'ticket_begin_settle', { ...settle, preset: 4 }, [god]);
    const pay = (player, amount) => ['ticket_pay', { ...game.seat(player), authority: god.address, amount: amount.toString() }, [god]];
    await refused('NotThatMuchOwed', ...pay(winner, owed + 1n));
    await refused('NotSettled', 'ticket_close_ticket', { ...game.seat(loser), caller: god.address }, [god]);
    await ok(...pay(winner, owed));
    const rents = game.currency ? 0n : 2n * BigInt(await driver.run('rent', { bytes: 120 }));
    assert.equal(await purse(winner) - before[0], owed + rents);
    await refused('NotInitialized', ...pay(winner, 1n));
    assert.equal((await read(event)).event.state, 'settled');
    const end = { authority: god.address, event, pool: pool.address, whitelist: list, list_rent_payer: god.address, ...game.currency?.fields };
    await refused('TicketsRemain', 'ticket_close', end, [god]);
    await ok('ticket_close_ticket', { ...game.seat(loser), caller: god.address }, [god]);
    await ok('ticket_close', end, [god]);
    assert.deepEqual([await read(event), await read(list)], [null, null]);
  });

  test(`${name}: refunds before the lock and after a cancellation give back the whole price`, async () => {
    const game = await open();
    const { god, event } = game;
    const [first, second] = await seated(game, 2);
    const purse = async (w) => (game.currency ? game.currency.balance(game.currency.accountOf(w.address)) : BigInt(await driver.run('balance', { key: w.address })));
    const start = await purse(first);
    await refused('WrongEventAuthority', 'ticket_refund', { ...game.seat(first), caller: first.address }, [first]);
    const asked = await purse(first);
    await ok('ticket_refund', { ...game.seat(first), caller: god.address }, [god]);
    assert.ok(await purse(first) >= asked + PRICE, 'the price, and the rent of the ticket');
    assert.ok(start <= await purse(first));
    assert.equal((await read(event)).event.reserved, 1);
    assert.equal((await read(game.list)).list.count, '1');
    await refused('WrongEventAuthority', 'ticket_cancel', { authority: second.address, event }, [second]);
    await ok('ticket_cancel', { authority: god.address, event }, [god]);
    await ok('ticket_refund', { ...game.seat(second), caller: second.address }, [second]);
    assert.equal((await read(event)).event.reserved, 0);
    const again = await send('ticket_refund', { ...game.seat(second), caller: second.address }, [second]);
    assert.equal(again.error, 'PROGRAM_REFUSED');
    assert.equal((await read(event)).event.state, 'cancelled');
  });
}

test('one wallet holds two tickets, and its holder takes them out after the escape', async () => {
  const game = await openEvent();
  const player = await wallet();
  const second = { ...player };
  for (const p of [player, second]) await ok(...game.reserve(p));
  assert.deepEqual([(await read(game.event)).event.reserved, (await read(game.list)).list.entries, (await read(game.list)).list.count], [2, '1', '2']);
  await refused('WrongEventAuthority', 'ticket_refund', { ...game.seat(player), caller: player.address }, [player]);
  await fetch(server.url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'svm_advanceTime', params: [30 * DAY] }) });
  for (const p of [player, second]) await ok('ticket_refund', { ...game.seat(p), caller: player.address }, [player]);
  assert.equal((await read(game.event)).event.reserved, 0);
});

test('accounts of other programs and of other types are not taken for ours', async () => {
  const game = await openEvent();
  const account = await driver.run('account', { key: game.event });
  assert.ok((await driver.run('read_account', account)).event);
  for (const change of [{ owner: SystemProgram.programId.toBase58() }, { owner: idl.whitelist.address }, { data: `00${account.data.slice(2)}` }, { data: account.data.slice(0, 16) }, { data: '' }])
    assert.equal(await driver.run('read_account', { ...account, ...change }), null, JSON.stringify(change).slice(0, 80));
  for (let n = 0; n < 2 * 258; n += 2) assert.equal(await driver.run('read_account', { ...account, data: account.data.slice(0, n) }), null);
});

test('names and settlements that do not fit are refused before anything is sent', async () => {
  const payer = await wallet();
  const long = await driver.run('whitelist_init', { payer: payer.address, authority: payer.address, name: 'x'.repeat(33) });
  assert.equal(long.failed, true);
  const settle = { authority: payer.address, event: payer.address, pool: payer.address, revenue: payer.address, tickets: 1, apart: 0, winners_bp: 1 };
  assert.equal((await driver.run('ticket_begin_settle', { ...settle, preset: 255 })).failed, false);
  assert.equal((await driver.run('ticket_begin_settle', { ...settle, preset: 256 })).failed, true);
  const answer = await driver.run('compile', { payer: payer.address, blockhash: payer.address, instructions: [{ program: payer.address, keys: [], data: 'aa'.repeat(1500) }] });
  assert.equal(answer.error, 'INVALID_FIELD');
});
