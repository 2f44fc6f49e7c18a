// Seats: taking one, getting the money back, and all or nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keypair, PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { Game, again, bn, tamper } from '../harness/game.mjs';
import { TICKET_ID, WHITELIST_ID, clients, events, innerEvents } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const someone = () => Keypair.generate().publicKey;

onEachVersion('seats', (at) => {
  const refusedEach = async (t, cases) => {
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  };
  const rent = (bytes) => at.cluster.connection.getMinimumBalanceForRentExemption(bytes);

  test('a reservation moves the price, makes the ticket and lists the player', async () => {
    const game = await Game.open(at.cluster, { price: 1_500_000_000 });
    const [player, reference] = [await at.cluster.wallet(), someone()];
    const before = await at.cluster.balance(player);
    const meta = await at.cluster.ok(await game.reserve(player, { reference }), [player, game.god]);
    assert.equal(await at.cluster.balance(player), before - 1_500_000_000 - 2 * await rent(120));
    assert.equal(await game.vaultAmount(), 1_500_000_000n);
    const ticket = await game.programs.ticket.account.ticket.fetch(game.ticketAt(reference));
    assert.ok(ticket.event.equals(game.event) && ticket.player.equals(player.publicKey) && ticket.reference.equals(reference));
    assert.equal(Number(ticket.paid), 1_500_000_000);
    assert.ok(Math.abs(Number(ticket.reservedAt) - await at.cluster.now()) < 60);
    assert.equal((await game.state()).reserved, 1);
    assert.deepEqual([(await game.whitelist()).entries, (await game.whitelist()).count].map(Number), [1, 1]);
    const entry = await game.programs.whitelist.account.entry.fetch(game.entryOf(player));
    assert.ok(entry.wallet.equals(player.publicKey) && entry.rentPayer.equals(player.publicKey));
    const own = events(game.programs.ticket, meta.logMessages);
    assert.deepEqual(own.map((e) => e.name), ['ticketReserved']);
    assert.deepEqual([Number(own[0].data.paid), own[0].data.reserved], [1_500_000_000, 1]);
    assert.deepEqual(innerEvents(game.programs.whitelist, meta.logMessages).map((e) => e.name), ['entryAdded']);
  });

  test('the reference finds the reservation among signatures', async () => {
    const game = await Game.open(at.cluster);
    const [player, reference] = [await at.cluster.wallet(), someone()];
    const { signature } = await at.cluster.ok(await game.reserve(player, { reference }), [player, game.god]);
    const found = await at.cluster.connection.getSignaturesForAddress(reference, undefined, 'confirmed');
    assert.deepEqual(found.map((f) => f.signature), [signature]);
  });

  test('lamports sent to ticket or entry beforehand change nothing', async () => {
    const game = await Game.open(at.cluster);
    const player = await at.cluster.wallet();
    for (const key of [game.ticketOf(player), game.entryOf(player)]) await at.cluster.gift(key, 3_000_000);
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
    assert.equal(await game.vaultAmount(), BigInt(game.price));
    const before = await at.cluster.balance(player);
    await at.cluster.ok(await game.refund(player), [game.god]);
    assert.equal(await at.cluster.balance(player), before + game.price + 6_000_000, 'the gifts go where the rents go');
  });

  test('reserve refuses', async (t) => {
    const [game, other] = [await Game.open(at.cluster, { capacity: 10 }), await Game.open(at.cluster)];
    const [player, friend, poor, foreign] = [await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(0.9), await at.cluster.foreign()];
    const short = await at.cluster.wallet(1.002); // the price and the ticket, but not the entry
    const [seated] = await game.seat(1);
    const [reserve, now] = [await game.reserve(player), await at.cluster.now()];
    await refusedEach(t, {
      'a second ticket of the same reference': ['AlreadyReserved', await game.reserve(seated), [seated, game.god]],
      "another player's reference": ['AlreadyReserved', await game.reserve(player, { reference: game.referenceOf(seated) }), [player, game.god]],
      'a player who did not sign': ['MissingSigner', tamper(reserve, player, { signer: false }), [game.god]],
      'an authority who did not sign': ['MissingSigner', tamper(reserve, game.god, { signer: false }), [player]],
      'the authority of another event': ['WrongEventAuthority', await game.reserve(player, { authority: other.god.publicKey }), [player, other.god]],
      'the player as the authority': ['WrongEventAuthority', await game.reserve(player, { authority: player.publicKey }), [player]],
      'a permit that has ended': ['PermitExpired', await game.reserve(player, {}, { notAfter: now - 1 }), [player, game.god]],
      'a permit of no time': ['PermitExpired', await game.reserve(player, {}, { notAfter: 0 }), [player, game.god]],
      'a permit from before all time': ['PermitExpired', await game.reserve(player, {}, { notAfter: -(1n << 63n) }), [player, game.god]],
      'a player who is not writable': ['NotWritable', tamper(reserve, player, { writable: false }), [player, game.god]],
      'an event that is not writable': ['NotWritable', tamper(reserve, game.event, { writable: false }), [player, game.god]],
      'a vault that is not writable': ['NotWritable', tamper(reserve, game.vault, { writable: false }), [player, game.god]],
      'a ticket that is not writable': ['NotWritable', tamper(reserve, game.ticketOf(player), { writable: false }), [player, game.god]],
      'an event that does not exist': ['NotInitialized', await game.reserve(player, { event: someone() }), [player, game.god]],
      'an event of another program': ['WrongOwner', await game.reserve(player, { event: foreign }), [player, game.god]],
      'a ticket in place of the event': ['WrongAccountType', await game.reserve(player, { event: game.ticketOf(seated) }), [player, game.god]],
      'the vault of another event': ['WrongVault', await game.reserve(player, { vault: other.vault }), [player, game.god]],
      'an own wallet in place of the vault': ['WrongVault', await game.reserve(player, { vault: friend.publicKey }), [player, game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.reserve(player, { whitelist: other.list, entry: other.entryOf(player) }), [player, game.god]],
      'the ticket of another reference': ['WrongAddress', await game.reserve(player, { ticket: game.ticketOf(friend) }), [player, game.god]],
      'the ticket of another event': ['WrongAddress', await game.reserve(player, { ticket: other.ticketOf(player) }), [player, game.god]],
      "another player's entry, by the whitelist program": ['WrongWallet', await game.reserve(player, { entry: game.entryOf(seated) }), [player, game.god]],
      'an entry at another address, by the whitelist program': ['WrongAddress', await game.reserve(player, { entry: game.entryOf(friend) }), [player, game.god]],
      'a false whitelist program': ['WrongProgram', tamper(reserve, WHITELIST_ID, { replace: TICKET_ID }), [player, game.god]],
      'a false system program': ['WrongProgram', tamper(reserve, SystemProgram.programId, { replace: WHITELIST_ID }), [player, game.god]],
      'a player without the price': ['InsufficientFunds', await game.reserve(poor), [poor, game.god]],
      'a player without the rent of the entry, by the whitelist program': ['InsufficientFunds', await game.reserve(short), [short, game.god]],
      'arguments that it does not take': ['InvalidArguments', new TransactionInstruction({ ...reserve, data: Buffer.concat([reserve.data, Buffer.from([1])]) }), [player, game.god]],
      'arguments cut short': ['InvalidArguments', new TransactionInstruction({ ...reserve, data: reserve.data.subarray(0, -1) }), [player, game.god]],
      'an account too few': ['NotEnoughAccounts', new TransactionInstruction({ ...reserve, keys: reserve.keys.slice(0, -1) }), [player, game.god]],
    });
    await at.cluster.ok(reserve, [player, game.god]);
    await t.test('the same instruction again', () => at.cluster.refused('AlreadyReserved', reserve, [player, game.god]));
    await t.test('twice in one transaction', async () => at.cluster.refused('AlreadyReserved', [await game.reserve(friend), await game.reserve(friend)], [friend, game.god]));
  });

  test('a permit counts until its time', async () => {
    const game = await Game.open(at.cluster);
    const [early, late] = [await at.cluster.wallet(), await at.cluster.wallet()];
    const notAfter = await at.cluster.now() + 1000;
    await at.cluster.ok(await game.reserve(early, {}, { notAfter }), [early, game.god]);
    await at.cluster.advance(1001);
    await at.cluster.refused('PermitExpired', await game.reserve(late, {}, { notAfter }), [late, game.god]);
  });

  test('one wallet pays for two people: a ticket for each reference, one entry that counts two', async () => {
    const game = await Game.open(at.cluster);
    const player = await at.cluster.wallet();
    const friend = again(player);
    const before = await at.cluster.balance(player);
    await at.cluster.ok([await game.reserve(player), await game.reserve(friend)], [player, game.god]);
    assert.equal(await at.cluster.balance(player), before - 2 * game.price - 3 * await rent(120), 'two tickets and one entry');
    assert.deepEqual([(await game.state()).reserved, Number((await game.whitelist()).entries), Number((await game.whitelist()).count)], [2, 1, 2]);
    assert.equal(Number((await game.programs.whitelist.account.entry.fetch(game.entryOf(player))).count), 2);
    await at.cluster.ok(await game.refund(friend), [game.god]);
    assert.deepEqual([await at.cluster.exists(game.ticketOf(friend)), await at.cluster.exists(game.ticketOf(player))], [false, true]);
    assert.equal(Number((await game.programs.whitelist.account.entry.fetch(game.entryOf(player))).count), 1);
    await at.cluster.refused('NotInitialized', await game.refund(friend), [game.god]);
    await at.cluster.ok(await game.refund(player), [game.god]);
    assert.equal(await at.cluster.balance(player), before, 'the entry goes with the last ticket');
    assert.equal(await at.cluster.exists(game.entryOf(player)), false);
  });

  // As for those whose credit it backs: one key is then the player, the authority, and who gets what is paid.
  test('the authority may have tickets of its own, which come back to it, win, and are closed', async () => {
    const game = await Game.open(at.cluster, { capacity: 4 });
    const seats = [game.god, again(game.god), again(game.god)];
    const had = await at.cluster.balance(game.god);
    for (const seat of seats) await at.cluster.ok(await game.reserve(seat), [game.god]);
    assert.equal(had - await at.cluster.balance(game.god), 3 * game.price + 4 * await rent(120), 'three tickets and one entry');
    const ticket = await game.programs.ticket.account.ticket.fetch(game.ticketOf(seats[1]));
    assert.ok(ticket.player.equals(game.god.publicKey));
    await at.cluster.refused('AlreadyReserved', await game.reserve(seats[1]), [game.god]);
    await at.cluster.ok(await game.refund(seats[1]), [game.god]);
    assert.equal(had - await at.cluster.balance(game.god), 2 * game.price + 3 * await rent(120));
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tax: { preset: { number: 0 } } })], [game.god]);
    const owed = Number((await game.state()).owed);
    await at.cluster.ok(await game.pay(seats[0], owed), [game.god]);
    assert.equal(had - await at.cluster.balance(game.god), 2 * game.price + 2 * await rent(120) - owed);
    await at.cluster.ok(await game.closeTicket(seats[2]), [game.god]);
    assert.equal(had - await at.cluster.balance(game.god), 2 * game.price - owed, 'all rents are back');
    assert.equal((await game.state()).reserved, 0);
    await at.cluster.ok(await game.close(), [game.god]);
  });

  test('an event is never oversold', async () => {
    const game = await Game.open(at.cluster, { capacity: 2 });
    await game.seat(2);
    const late = await at.cluster.wallet();
    await at.cluster.refused('EventFull', await game.reserve(late), [late, game.god]);
    const one = await Game.open(at.cluster, { capacity: 1 });
    const [a, b] = [await at.cluster.wallet(), await at.cluster.wallet()];
    await at.cluster.refused('EventFull', [await one.reserve(a), await one.reserve(b)], [a, b, one.god]);
    assert.equal((await one.state()).reserved, 0);
  });

  test('a bump that is not the canonical one makes no second ticket', async () => {
    const game = await Game.open(at.cluster);
    const player = await at.cluster.wallet();
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
    const seeds = [Buffer.from('ticket'), game.event.toBuffer(), game.referenceOf(player).toBuffer()];
    const [, canonical] = PublicKey.findProgramAddressSync(seeds, TICKET_ID);
    const others = [];
    for (let bump = canonical - 1; others.length === 0; bump--) {
      try { others.push(PublicKey.createProgramAddressSync([...seeds, Buffer.from([bump])], TICKET_ID)); } catch { /* on the curve */ }
    }
    await at.cluster.refused('WrongAddress', await game.reserve(player, { ticket: others[0] }), [player, game.god]);
  });

  test('only the event adds to its whitelist and removes from it', async () => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    const program = clients(at.cluster.connection).whitelist;
    const accounts = { list: game.list, wallet: player.publicKey, entry: game.entryOf(player) };
    const as = (authority) => program.methods.remove(bn(1)).accountsPartial({ ...accounts, authority, rentPayer: player.publicKey }).instruction();
    for (const signer of [game.god, player]) await at.cluster.refused('WrongListAuthority', await as(signer.publicKey), [signer]);
    await at.cluster.refused('MissingSigner', tamper(await as(game.event), game.event, { signer: false }));
    const close = await program.methods.close().accountsPartial({ authority: game.god.publicKey, list: game.list, rentPayer: game.god.publicKey }).instruction();
    await at.cluster.refused('WrongListAuthority', close, [game.god]);
  });

  test('a refund by the authority before the lock undoes all of a reservation', async () => {
    const game = await Game.open(at.cluster, { capacity: 1 });
    const player = await at.cluster.wallet();
    const before = await at.cluster.balance(player);
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
    const meta = await at.cluster.ok(await game.refund(player), [game.god]);
    assert.equal(await at.cluster.balance(player), before);
    assert.equal(await game.vaultAmount(), 0n);
    for (const key of [game.ticketOf(player), game.entryOf(player)]) assert.equal(await at.cluster.exists(key), false);
    assert.deepEqual([(await game.state()).reserved, Number((await game.whitelist()).count)], [0, 0]);
    const [event] = events(game.programs.ticket, meta.logMessages);
    assert.deepEqual([event.name, Number(event.data.amount), event.data.reserved], ['ticketRefunded', game.price, 0]);
    assert.ok(event.data.ticket.equals(game.ticketOf(player)) && event.data.player.equals(player.publicKey));
    await at.cluster.refused('NotInitialized', await game.refund(player), [game.god]);
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
  });

  test('when the event is cancelled every holder gets the price back, once', async () => {
    const game = await Game.open(at.cluster);
    const [a, b] = await game.seat(2);
    await at.cluster.ok(await game.lock(), [game.god]);
    await at.cluster.ok(await game.cancel(), [game.god]);
    const before = await at.cluster.balance(a);
    await at.cluster.ok(await game.refund(a, { caller: a.publicKey }), [a]);
    assert.equal(await at.cluster.balance(a), before + game.price + 2 * await rent(120));
    await at.cluster.refused('NotInitialized', await game.refund(a, { caller: a.publicKey }), [a]);
    await at.cluster.ok(await game.refund(b), [game.god]);
    assert.equal(await game.vaultAmount(), 0n);
    assert.equal((await game.state()).reserved, 0);
  });

  test('refund refuses', async (t) => {
    const [game, other] = [await Game.open(at.cluster), await Game.open(at.cluster)];
    const [a, b] = await game.seat(2);
    const [elsewhere] = await other.seat(1);
    const [stranger, foreign] = [await at.cluster.wallet(), await at.cluster.foreign()];
    const refund = await game.refund(a);
    await refusedEach(t, {
      'the holder before a cancellation': ['WrongEventAuthority', await game.refund(a, { caller: a.publicKey }), [a]],
      'a stranger': ['WrongEventAuthority', await game.refund(a, { caller: stranger.publicKey }), [stranger]],
      'the authority of another event': ['WrongEventAuthority', await game.refund(a, { caller: other.god.publicKey }), [other.god]],
      'an authority who did not sign': ['MissingSigner', tamper(refund, game.god, { signer: false }), []],
      'another player to be paid': ['WrongPlayer', await game.refund(a, { player: b.publicKey }), [game.god]],
      'the authority to be paid': ['WrongPlayer', await game.refund(a, { player: game.god.publicKey }), [game.god]],
      'the ticket of another event': ['WrongTicket', await game.refund(elsewhere, { ticket: other.ticketOf(elsewhere) }), [game.god]],
      'the vault of another event': ['WrongVault', await game.refund(a, { vault: other.vault }), [game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.refund(a, { whitelist: other.list, entry: other.entryOf(a) }), [game.god]],
      "another player's entry, by the whitelist program": ['WrongWallet', await game.refund(a, { entry: game.entryOf(b) }), [game.god]],
      'a ticket that does not exist': ['NotInitialized', await game.refund(stranger), [game.god]],
      'a ticket of another program': ['WrongOwner', await game.refund(a, { ticket: foreign }), [game.god]],
      'the event in place of the ticket': ['WrongAccountType', await game.refund(a, { ticket: other.event }), [game.god]],
      'a false whitelist program': ['WrongProgram', tamper(refund, WHITELIST_ID, { replace: TICKET_ID }), [game.god]],
      'a ticket that is not writable': ['NotWritable', tamper(refund, game.ticketOf(a), { writable: false }), [game.god]],
      'a vault that is not writable': ['NotWritable', tamper(refund, game.vault, { writable: false }), [game.god]],
      'twice in one transaction': ['NotInitialized', [await game.refund(a), await game.refund(a)], [game.god]],
    });
    await at.cluster.ok(await game.lock(), [game.god]);
    await t.test('a locked event', () => at.cluster.refused('NotRefundable', refund, [game.god]));
    await at.cluster.ok(await game.cancel(), [game.god]);
    await t.test('a stranger after the cancellation', async () => at.cluster.refused('WrongEventAuthority', await game.refund(a, { caller: stranger.publicKey }), [stranger]));
    await t.test('another holder after the cancellation', async () => at.cluster.refused('WrongEventAuthority', await game.refund(a, { caller: b.publicKey }), [b]));
  });

  test('a refunded ticket cannot be revived in the same transaction', async () => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    const revive = SystemProgram.transfer({ fromPubkey: player.publicKey, toPubkey: game.ticketOf(player), lamports: 3_000_000 });
    await at.cluster.refused('NotInitialized', [await game.refund(player), revive, await game.refund(player)], [game.god, player]);
  });

  test('when the whitelist refuses, there is no reservation', async () => {
    const game = await Game.open(at.cluster);
    const player = await at.cluster.wallet();
    const full = await at.cluster.connection.getAccountInfo(game.list);
    full.data.writeBigUInt64LE((1n << 64n) - 1n, 80); // the count of a list that can take no more
    await at.cluster.setAccount(game.list, full);
    const meta = await at.cluster.refused('Overflow', await game.reserve(player), [player, game.god]);
    assert.ok(meta.logMessages.some((l) => l === `Program ${WHITELIST_ID} failed: custom program error: 0x1780`), 'refused inside of the whitelist program');
    assert.ok(meta.logMessages.some((l) => l.startsWith('Program 11111111111111111111111111111111 success')), 'after the ticket was made');
    full.data.writeBigUInt64LE(0n, 80);
    await at.cluster.setAccount(game.list, full);
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
  });
});
