// Events with a price in tokens, of SPL Token and of Token-2022.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createTransferInstruction, getAccount } from '@solana/spl-token';
import { Keypair } from '@solana/web3.js';
import { Game } from '../harness/game.mjs';
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
        await at.cluster.ok(await game.reserve(a), [a]);
        await at.cluster.ok(await game.lock(), [game.god]);
        const meta = await at.cluster.ok(await game.settle([{ player: a, share: 7000 }, { player: b, share: 2000 }], { preset: { number: 3 } }), [game.god]);
        const vault = 2 * PRICE;
        const half = PRICE;
        const revenue = Math.floor(half * 0.05) + Math.floor(half * 0.25);
        const won = [7000, 2000].map((s) => Math.floor(((vault - revenue) * s) / 10_000));
        const held = await Promise.all([game.revenue, game.pool, a, b].map((k) => token.balance(token.account(k.publicKey))));
        assert.deepEqual(held.map(Number), [revenue, vault - revenue - won[0] - won[1], ...won]);
        assert.equal(await game.vaultAmount(), 0n);
        assert.deepEqual(events(game.programs.ticket, meta.logMessages).map((e) => e.name), ['winnerPaid', 'winnerPaid', 'eventSettled']);
        for (const p of [a, b]) await at.cluster.ok(await game.closeTicket(p), [game.god]);
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
        const reserve = (who, accounts) => game.reserve(who, accounts);
        const cases = {
          'reserve without mint': ['NotEnoughAccounts', await reserve(player, { mint: null }), [player]],
          'reserve without token program': ['NotEnoughAccounts', await reserve(player, { tokenProgram: null }), [player]],
          'reserve without token account': ['WrongOwner', await reserve(player, { playerToken: null }), [player]],
          'reserve with another mint': ['WrongMint', await reserve(player, { mint: second.mint, playerToken: second.account(player.publicKey) }), [player]],
          'reserve with tokens of another mint': ['WrongMint', await reserve(player, { playerToken: second.account(player.publicKey) }), [player]],
          "reserve with a friend's tokens": ['WrongTokenAccount', await reserve(player, { playerToken: token.account(friend.publicKey) }), [player]],
          'reserve with the vault as the purse': ['WrongTokenAccount', await reserve(player, { playerToken: game.vault }), [player]],
          'reserve with an account of another program': ['WrongOwner', await reserve(player, { playerToken: foreign }), [player]],
          'reserve with the mint as the purse': ['WrongTokenAccount', await reserve(player, { playerToken: token.mint }), [player]],
          'reserve with the other token program': ['WrongOwner', await reserve(player, { tokenProgram: otherProgram }), [player]],
          'reserve with no token program': ['WrongProgram', await reserve(player, { tokenProgram: foreign }), [player]],
          'reserve with too few tokens': ['InsufficientFunds', await reserve(poor), [poor]],
          'reserve a second time': ['AlreadyReserved', await reserve(seated).then(async (i) => { await token.fund(seated.publicKey, PRICE); return i; }), [seated]],
          "refund into a friend's account": ['WrongTokenAccount', await game.refund(seated, { playerToken: token.account(friend.publicKey) }), [game.god]],
          'refund into the vault': ['WrongTokenAccount', await game.refund(seated, { playerToken: game.vault }), [game.god]],
          'refund of another mint': ['WrongMint', await game.refund(seated, { mint: second.mint }), [game.god]],
          'refund without the token accounts': ['NotEnoughAccounts', await game.refund(seated, { mint: null, tokenProgram: null, playerToken: null }), [game.god]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
        await at.cluster.ok(await game.lock(), [game.god]);
        const winner = [{ player: seated, share: 10_000 }];
        const tax = { preset: { number: 0 } };
        const after = {
          'settle to a wallet instead of a token account': ['WrongOwner', await game.settle([{ ...winner[0], recipient: seated.publicKey }]), [game.god]],
          "settle to a friend's account": ['WrongTokenAccount', await game.settle([{ ...winner[0], recipient: token.account(friend.publicKey) }]), [game.god]],
          'settle with another revenue account': ['WrongTokenAccount', await game.settle(winner, tax, { revenue: token.account(friend.publicKey) }), [game.god]],
          'settle with the vault as the pool': ['WrongTokenAccount', await game.settle(winner, tax, { pool: game.vault }), [game.god]],
          'settle with another mint': ['WrongMint', await game.settle(winner, tax, { mint: second.mint }), [game.god]],
          'settle without the mint': ['NotEnoughAccounts', await game.settle(winner, tax, { mint: null }), [game.god]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(after)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
      });

      test('when the whitelist refuses, the tokens stay', async () => {
        const game = await open();
        const player = await at.cluster.wallet();
        await game.token.fund(player.publicKey, PRICE);
        const list = await at.cluster.connection.getAccountInfo(game.list);
        list.data.writeBigUInt64LE((1n << 64n) - 1n, 80);
        await at.cluster.setAccount(game.list, list);
        await at.cluster.refused('Overflow', await game.reserve(player), [player]);
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

  test('a Token-2022 mint with a harmless extension is taken', async () => {
    const token = await Token.create(at.cluster, TOKEN_2022_PROGRAM_ID, { extensions: ['MintCloseAuthority'] });
    const game = await Game.open(at.cluster, { price: 100, capacity: 1, token });
    const [player] = await game.seat(1);
    await at.cluster.ok(await game.refund(player), [game.god]);
    assert.equal(await token.balance(token.account(player.publicKey)), 100n);
  });
});
