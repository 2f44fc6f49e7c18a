// Events with a price in tokens, of SPL Token and of Token-2022.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ExtensionType, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createCloseAccountInstruction, createEnableRequiredMemoTransfersInstruction, createReallocateInstruction,
  createTransferInstruction, getAccount,
} from '@solana/spl-token';
import { Keypair } from '@solana/web3.js';
import { DAY, Game } from '../harness/game.mjs';
import { address, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';
import { PROGRAMS, Token, UNSAFE_EXTENSIONS } from '../harness/tokens.mjs';

const PRICE = 25_000_001;

onEachVersion('token price', (at) => {
  for (const [name, program] of PROGRAMS)
    describe(name, () => {
      const open = async (options = {}) => Game.open(at.cluster, { price: PRICE, token: await Token.create(at.cluster, program), ...options });

      test('the vault is a token account of the event, and nobody else has a say in it', async () => {
        const game = await open();
        const vault = await getAccount(at.cluster.connection, game.vault, 'confirmed', program);
        assert.ok(vault.owner.equals(game.event) && vault.mint.equals(game.token.mint));
        assert.deepEqual([vault.delegate, vault.closeAuthority, vault.isFrozen, vault.amount], [null, null, false, 0n]);
        assert.ok((await game.state()).mint.equals(game.token.mint));
        const steal = createTransferInstruction(game.vault, game.token.account(game.god.publicKey), game.god.publicKey, 0, [], program);
        const meta = await at.cluster.run(steal, [game.god]);
        assert.notEqual(meta.err, null);
      });

      test('reserve, refund, reserve, lock, settle, close', async () => {
        const game = await open({ capacity: 2 });
        const { token } = game;
        const [a, b] = await game.seat(2);
        assert.equal(await game.vaultAmount(), BigInt(2 * PRICE));
        assert.equal(await token.balance(token.account(a.publicKey)), 0n);
        await at.cluster.ok(await game.refund(a), [game.god]);
        assert.equal(await token.balance(token.account(a.publicKey)), BigInt(PRICE));
        assert.equal(await at.cluster.exists(game.ticketOf(a)), false);
        await at.cluster.ok(await game.reserve(a), [a, game.god]);
        await at.cluster.ok(await game.lock(), [game.god]);
        const vault = 2 * PRICE;
        const revenue = Math.floor(PRICE * 0.05) + Math.floor(PRICE * 0.25);
        const owed = Math.floor(((vault - revenue) * 9000) / 10_000);
        const begun = await at.cluster.ok(await game.beginSettle({ tax: { preset: { number: 3 } }, share: 9000 }), [game.god]);
        assert.equal(await game.vaultAmount(), BigInt(owed));
        const won = [owed - 1_000_000, 1_000_000];
        const paid = [await at.cluster.ok(await game.pay(a, won[0]), [game.god]), await at.cluster.ok(await game.pay(b, won[1]), [game.god])];
        const held = await Promise.all([game.revenue, game.pool, a, b].map((k) => token.balance(token.account(k.publicKey))));
        assert.deepEqual(held.map(Number), [revenue, vault - revenue - owed, ...won]);
        assert.equal(await game.vaultAmount(), 0n);
        assert.deepEqual([begun, ...paid].map((meta) => events(game.programs.ticket, meta.logMessages).map((e) => e.name)), [['settlementBegun'], ['winnerPaid'], ['winnerPaid']]);
        await token.fund(game.god.publicKey, 9);
        await at.cluster.ok(createTransferInstruction(token.account(game.god.publicKey), game.vault, game.god.publicKey, 9, [], program), [game.god]);
        const [god, rents] = [await at.cluster.balance(game.god), (await Promise.all([game.event, game.vault, game.list].map((k) => at.cluster.balance(k)))).reduce((x, y) => x + y)];
        const pool = await token.balance(token.account(game.pool.publicKey));
        await at.cluster.ok(await game.close(), [game.god]);
        assert.equal(await token.balance(token.account(game.pool.publicKey)), pool + 9n);
        assert.equal(await at.cluster.balance(game.god), god + rents);
        assert.equal(await at.cluster.exists(game.vault), false);
      });

      test('an event without surplus is closed though the pool has no token account', async () => {
        const game = await open();
        await at.cluster.ok(await game.cancel(), [game.god]);
        await at.cluster.ok(await game.close({ pool: game.pool.publicKey }), [game.god]);
        assert.equal(await at.cluster.exists(game.event), false);
      });

      test('the wrong tokens are refused', async (t) => {
        const game = await open({ capacity: 10 });
        const { token } = game;
        const second = await Token.create(at.cluster, program);
        const [player, friend, poor, foreign] = [await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.foreign()];
        for (const who of [player, friend]) await token.fund(who.publicKey, 2 * PRICE);
        await token.fund(poor.publicKey, PRICE - 1);
        await second.fund(player.publicKey, 2 * PRICE);
        const [seated] = await game.seat(1);
        const otherProgram = program.equals(TOKEN_PROGRAM_ID) ? TOKEN_2022_PROGRAM_ID : TOKEN_PROGRAM_ID;
        const cases = {
          'reserve without mint': ['NotEnoughAccounts', await game.reserve(player, { mint: null }), [player, game.god]],
          'reserve without token program': ['NotEnoughAccounts', await game.reserve(player, { tokenProgram: null }), [player, game.god]],
          'reserve without token account': ['WrongOwner', await game.reserve(player, { playerToken: null }), [player, game.god]],
          'reserve with another mint': ['WrongMint', await game.reserve(player, { mint: second.mint, playerToken: second.account(player.publicKey) }), [player, game.god]],
          'reserve with tokens of another mint': ['WrongMint', await game.reserve(player, { playerToken: second.account(player.publicKey) }), [player, game.god]],
          "reserve with a friend's tokens": ['WrongTokenAccount', await game.reserve(player, { playerToken: token.account(friend.publicKey) }), [player, game.god]],
          'reserve with the vault as the purse': ['WrongTokenAccount', await game.reserve(player, { playerToken: game.vault }), [player, game.god]],
          'reserve with an account of another program': ['WrongOwner', await game.reserve(player, { playerToken: foreign }), [player, game.god]],
          'reserve with the mint as the purse': ['WrongTokenAccount', await game.reserve(player, { playerToken: token.mint }), [player, game.god]],
          'reserve with the other token program': ['WrongOwner', await game.reserve(player, { tokenProgram: otherProgram }), [player, game.god]],
          'reserve with no token program': ['WrongProgram', await game.reserve(player, { tokenProgram: foreign }), [player, game.god]],
          'reserve with too few tokens': ['InsufficientFunds', await game.reserve(poor), [poor, game.god]],
          'reserve a second time': ['AlreadyReserved', await game.reserve(seated).then(async (i) => { await token.fund(seated.publicKey, PRICE); return i; }), [seated, game.god]],
          "refund into a friend's account": ['WrongTokenAccount', await game.refund(seated, { playerToken: token.account(friend.publicKey) }), [game.god]],
          'refund into the vault': ['WrongTokenAccount', await game.refund(seated, { playerToken: game.vault }), [game.god]],
          'refund of another mint': ['WrongMint', await game.refund(seated, { mint: second.mint }), [game.god]],
          'refund without the token accounts': ['NotEnoughAccounts', await game.refund(seated, { mint: null, tokenProgram: null, playerToken: null }), [game.god]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
        await at.cluster.ok(await game.lock(), [game.god]);
        const settle = (accounts) => game.beginSettle({}, accounts);
        const begin = {
          'settle with another revenue account': ['WrongTokenAccount', await settle({ revenue: token.account(friend.publicKey) }), [game.god]],
          'settle to a wallet instead of a token account': ['WrongOwner', await settle({ revenue: game.revenue.publicKey }), [game.god]],
          'settle with the vault as the pool': ['WrongTokenAccount', await settle({ pool: game.vault }), [game.god]],
          'settle with another mint': ['WrongMint', await settle({ mint: second.mint }), [game.god]],
          'settle without the mint': ['NotEnoughAccounts', await settle({ mint: null }), [game.god]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(begin)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
        await at.cluster.ok(await settle(), [game.god]);
        const { owed } = await game.state();
        const pay = (accounts) => game.pay(seated, owed, accounts);
        const after = {
          'pay to a wallet instead of a token account': ['WrongOwner', await pay({ playerToken: seated.publicKey }), [game.god]],
          "pay to a friend's account": ['WrongTokenAccount', await pay({ playerToken: token.account(friend.publicKey) }), [game.god]],
          'pay into the vault': ['WrongTokenAccount', await pay({ playerToken: game.vault }), [game.god]],
          'pay to an account of another mint': ['WrongMint', await pay({ playerToken: second.account(player.publicKey) }), [game.god]],
          'pay with another mint': ['WrongMint', await pay({ mint: second.mint }), [game.god]],
          'pay without the token accounts': ['NotEnoughAccounts', await pay({ mint: null, tokenProgram: null, playerToken: null }), [game.god]],
          'pay by the other token program': ['WrongOwner', await pay({ tokenProgram: otherProgram }), [game.god]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(after)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
      });

      test('a winner who closed his token account is paid into another one of his', async () => {
        const game = await open({ capacity: 1 });
        const { token } = game;
        const [winner] = await game.seat(1);
        await at.cluster.ok(createCloseAccountInstruction(token.account(winner.publicKey), winner.publicKey, winner.publicKey, [], program), [winner]);
        await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 1 })], [game.god]);
        const { owed } = await game.state();
        await at.cluster.refused('WrongOwner', await game.pay(winner, owed), [game.god]);
        const spare = await token.spare(winner.publicKey);
        await at.cluster.ok(await game.pay(winner, owed, { playerToken: spare }), [game.god]);
        assert.equal(await token.balance(spare), BigInt(owed.toString()));
      });

      test('from escape_at on holders take their tokens out, of a settlement equal parts', async () => {
        const [open1, begun] = [await open({ capacity: 1 }), await open({ capacity: 3 })];
        const [early] = await open1.seat(1);
        const [a, b, c] = await begun.seat(3);
        await at.cluster.ok([await begun.lock(), await begun.beginSettle({ tickets: 3, tax: { custom: { basisPoints: 0 } } })], [begun.god]);
        await at.cluster.ok(await begun.pay(b, PRICE + 1), [begun.god]);
        await at.cluster.advance(61 * DAY);
        await at.cluster.ok(await open1.refund(early, { caller: early.publicKey }), [early]);
        for (const p of [a, c]) await at.cluster.ok(await begun.refund(p, { caller: p.publicKey }), [p]);
        const held = await Promise.all([[open1, early], [begun, a], [begun, b], [begun, c]].map(([g, p]) => g.token.balance(g.token.account(p.publicKey))));
        assert.deepEqual(held.map(Number), [PRICE, Math.floor((2 * PRICE - 1) / 2), PRICE + 1, PRICE]);
        assert.deepEqual([(await begun.state()).state, await begun.vaultAmount()], [{ settled: {} }, 0n]);
      });

      test('when the whitelist refuses, the tokens stay', async () => {
        const game = await open();
        const player = await at.cluster.wallet();
        await game.token.fund(player.publicKey, PRICE);
        const list = await at.cluster.connection.getAccountInfo(game.list);
        list.data.writeBigUInt64LE((1n << 64n) - 1n, 80);
        await at.cluster.setAccount(game.list, list);
        await at.cluster.refused('Overflow', await game.reserve(player), [player, game.god]);
        assert.equal(await game.token.balance(game.token.account(player.publicKey)), BigInt(PRICE));
      });

      test('a mint is checked when the event opens', async (t) => {
        const made = await open();
        const god = await at.cluster.wallet();
        const game = Object.assign(new Game(at.cluster, { price: 1, capacity: 1, token: made.token }), { god, pool: made.pool, revenue: made.revenue });
        game.event = address.event(god.publicKey, game.id);
        game.vault = address.vault(game.event);
        game.list = address.list(game.event, game.listName);
        await at.cluster.ok(await game.initList(), [god]);
        const otherProgram = program.equals(TOKEN_PROGRAM_ID) ? TOKEN_2022_PROGRAM_ID : TOKEN_PROGRAM_ID;
        const cases = {
          'a token account': ['WrongMint', { mint: made.vault }],
          'a wallet': ['WrongOwner', { mint: Keypair.generate().publicKey }],
          'the other token program': ['WrongOwner', { tokenProgram: otherProgram }],
          'a program that is no token program': ['WrongProgram', { tokenProgram: address.list(god.publicKey, 'x') }],
        };
        for (const [what, [error, accounts]] of Object.entries(cases)) await t.test(what, async () => at.cluster.refused(error, await game.initEvent(accounts), [god]));
      });
    });

  test('a Token-2022 mint that could take tokens out of the vault is refused', async (t) => {
    for (const extension of UNSAFE_EXTENSIONS)
      await t.test(extension, async () => {
        const token = await Token.create(at.cluster, TOKEN_2022_PROGRAM_ID, { extensions: ['MintCloseAuthority', extension] });
        const god = await at.cluster.wallet();
        const game = Object.assign(new Game(at.cluster, { price: 100, capacity: 1, token }), { god, pool: god, revenue: god });
        game.event = address.event(god.publicKey, game.id);
        game.vault = address.vault(game.event);
        game.list = address.list(game.event, game.listName);
        await at.cluster.ok(await game.initList(), [god]);
        await at.cluster.refused('UnsupportedMint', await game.initEvent(), [god]);
      });
  });

  test('a mint that was made again with an extension that could take tokens sells no seat', async () => {
    const token = await Token.create(at.cluster, TOKEN_2022_PROGRAM_ID, { extensions: ['MintCloseAuthority'] });
    const game = await Game.open(at.cluster, { price: 100, token });
    const player = await at.cluster.wallet();
    await token.remake(['PermanentDelegate']);
    await token.fund(player.publicKey, 100);
    await at.cluster.refused('UnsupportedMint', await game.reserve(player), [player, game.god]);
  });

  test('a winner whose token account demands memos is paid into another one of his', async () => {
    const token = await Token.create(at.cluster, TOKEN_2022_PROGRAM_ID);
    const game = await Game.open(at.cluster, { price: 100, capacity: 1, token });
    const [winner] = await game.seat(1);
    const account = token.account(winner.publicKey);
    await at.cluster.ok([
      createReallocateInstruction(account, winner.publicKey, [ExtensionType.MemoTransfer], winner.publicKey, [], token.program),
      createEnableRequiredMemoTransfersInstruction(account, winner.publicKey, [], token.program),
    ], [winner]);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 1 })], [game.god]);
    const { owed } = await game.state();
    assert.notEqual((await at.cluster.run(await game.pay(winner, owed), [game.god])).err, null);
    const spare = await token.spare(winner.publicKey);
    await at.cluster.ok(await game.pay(winner, owed, { playerToken: spare }), [game.god]);
    assert.equal(await token.balance(spare), BigInt(owed.toString()));
  });

  test('a Token-2022 mint with a harmless extension is taken', async () => {
    const token = await Token.create(at.cluster, TOKEN_2022_PROGRAM_ID, { extensions: ['MintCloseAuthority'] });
    const game = await Game.open(at.cluster, { price: 100, capacity: 1, token });
    const [player] = await game.seat(1);
    await at.cluster.ok(await game.refund(player), [game.god]);
    assert.equal(await token.balance(token.account(player.publicKey)), 100n);
  });
});
