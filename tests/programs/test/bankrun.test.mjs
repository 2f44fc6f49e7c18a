// Cross-check on another validator, with a stricter loader, for SBPF v0.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { LAMPORTS_PER_SOL, SystemProgram } from '@solana/web3.js';
import { Bank } from '../harness/bank.mjs';
import { DAY, Game, bn, tamper } from '../harness/game.mjs';
import { deploy } from '../harness/loader.mjs';
import { address, events, programFile } from '../harness/programs.mjs';
import { Token } from '../harness/tokens.mjs';

describe('the Bank of 1.18', () => {
  let bank;
  before(async () => { bank = await Bank.start(); });

  test('an event from the first reservation to the last rent', async () => {
    const game = await Game.open(bank, { capacity: 2 });
    const [a, b] = await game.seat(2);
    const late = await bank.wallet();
    await bank.refused('EventFull', await game.reserve(late), [late, game.god]);
    await bank.ok(await game.refund(b), [game.god]);
    await bank.refused('NotInitialized', await game.refund(b), [game.god]);
    await bank.ok(await game.reserve(b), [b, game.god]);
    const before = await bank.balance(a);
    const begun = await bank.ok([await game.lock(), await game.beginSettle({ tickets: 2 })], [game.god]);
    await bank.refused('AlreadyOver', await game.beginSettle(), [game.god]);
    const owed = 1.05 * LAMPORTS_PER_SOL;
    const paid = await bank.ok(await game.pay(a, owed), [game.god]);
    assert.equal(await bank.balance(a), before + owed + 2 * await bank.connection.getMinimumBalanceForRentExemption(120));
    assert.deepEqual([begun, paid].flatMap((meta) => events(game.programs.ticket, meta.logMessages)).map((e) => e.name), ['eventLocked', 'settlementBegun', 'winnerPaid']);
    await bank.refused('NotInitialized', await game.pay(a, 1), [game.god]);
    await bank.ok(await game.closeTicket(b), [game.god]);
    await bank.ok(await game.close(), [game.god]);
    for (const key of [game.event, game.vault, game.list]) assert.equal(await bank.exists(key), false);
  });

  test('cancelled: the holder is refunded', async () => {
    const game = await Game.open(bank);
    const player = await bank.wallet();
    const before = await bank.balance(player);
    await bank.ok(await game.reserve(player), [player, game.god]);
    await bank.ok(await game.cancel(), [game.god]);
    await bank.ok(await game.refund(player, { caller: player.publicKey }), [player]);
    assert.equal(await bank.balance(player), before);
  });

  test('a permit ends; after the escape the holder is refunded', async () => {
    const escapeAt = await bank.now() + 30 * DAY;
    const game = await Game.open(bank, { escapeAt });
    const [player, late] = [await bank.wallet(), await bank.wallet()];
    const before = await bank.balance(player);
    await bank.ok(await game.reserve(player, {}, { notAfter: escapeAt - 1 }), [player, game.god]);
    await bank.refused('WrongEventAuthority', await game.refund(player, { caller: player.publicKey }), [player]);
    await bank.advance(30 * DAY);
    await bank.refused('PermitExpired', await game.reserve(late, {}, { notAfter: escapeAt - 1 }), [late, game.god]);
    await bank.ok(await game.refund(player, { caller: player.publicKey }), [player]);
    assert.equal(await bank.balance(player), before);
  });

  test('a price in tokens, and a burn', async () => {
    const token = await Token.create(bank, TOKEN_PROGRAM_ID);
    token.balance = async (key) => (await bank.connection.getAccountInfo(key)).data.readBigUInt64LE(64);
    const game = await Game.open(bank, { price: 1000, token });
    const [player] = await game.seat(1);
    assert.equal(await game.vaultAmount(), 1000n);
    await bank.ok(await game.refund(player), [game.god]);
    assert.equal(await game.vaultAmount(), 0n);
    const burn = await game.programs.whitelist.methods.burn(bn(400)).accountsPartial({ owner: player.publicKey, list: game.list, burned: address.burned(game.list, token.mint), mint: token.mint,
      tokenAccount: token.account(player.publicKey), tokenProgram: token.program }).instruction();
    await bank.ok(burn, [player]);
    assert.equal(await token.balance(token.account(player.publicKey)), 600n);
    await bank.refused('MintAlreadyBurned', burn, [player]);
  });

  test('wrong accounts, a revival and a refusing whitelist', async () => {
    const [game, other] = [await Game.open(bank), await Game.open(bank)];
    const player = await bank.wallet();
    await bank.refused('WrongVault', await game.reserve(player, { vault: other.vault }), [player, game.god]);
    await bank.refused('WrongWhitelist', await game.reserve(player, { whitelist: other.list, entry: other.entryOf(player) }), [player, game.god]);
    await bank.refused('MissingSigner', tamper(await game.lock(), game.god, { signer: false }));
    await bank.ok(await game.reserve(player), [player, game.god]);
    const revive = SystemProgram.transfer({ fromPubkey: player.publicKey, toPubkey: game.ticketOf(player), lamports: 3_000_000 });
    await bank.refused('NotInitialized', [await game.refund(player), revive, await game.refund(player)], [game.god, player]);
    const list = await bank.connection.getAccountInfo(other.list);
    list.data.writeBigUInt64LE((1n << 64n) - 1n, 80);
    await bank.setAccount(other.list, list);
    await bank.refused('Overflow', await other.reserve(player), [player, other.god]);
  });

  test('its loader deploys both files', async () => {
    const authority = await bank.wallet(100);
    for (const name of ['ticket', 'whitelist']) assert.ok(await bank.exists(await deploy(bank, authority, readFileSync(programFile(name, 'v0')))));
  });

  test('its loader refuses SBPF v3 and a damaged file', async () => {
    const authority = await bank.wallet(100);
    const damaged = readFileSync(programFile('ticket', 'v0'));
    damaged[damaged.indexOf(Buffer.from('sol_invoke_signed_c'))] ^= 1;
    for (const file of [readFileSync(programFile('ticket', 'v3')), damaged]) await assert.rejects(deploy(bank, authority, file));
  });
});
