// Dividing what was paid: the tax table, the winners one by one, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keypair, LAMPORTS_PER_SOL, SystemProgram } from '@solana/web3.js';
import { Game, again, tamper } from '../harness/game.mjs';
import { TICKET_ID, WHITELIST_ID, address, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const preset = (number) => ({ preset: { number } });
const custom = (basisPoints) => ({ custom: { basisPoints } });
const U64_MAX = (1n << 64n) - 1n;

/** An event that is locked with this many seats sold. */
async function locked(cluster, seats, options = {}) {
  const game = await Game.open(cluster, { capacity: Math.max(seats, 1), ...options });
  const players = await game.seat(seats);
  await cluster.ok(await game.lock(), [game.god]);
  return { game, players };
}

/** The same when its settlement has begun; what is owed to winners. */
async function settling(cluster, seats, { tax = custom(0), share, ...options } = {}) {
  const { game, players } = await locked(cluster, seats, options);
  await cluster.ok(await game.beginSettle({ tax, share }), [game.god]);
  return { game, players, owed: Number((await game.state()).owed) };
}

onEachVersion('settlement', (at) => {
  const balances = (keys) => Promise.all(keys.map((k) => at.cluster.balance(k)));
  const rent = (bytes) => at.cluster.connection.getMinimumBalanceForRentExemption(bytes);
  const refusedEach = async (t, cases) => {
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  };

  test('the tax table: two players, one SOL each', async (t) => {
    const table = [[0, 0.95, 1.05], [1, 0.93, 1.07], [2, 0.53, 1.47], [3, 0.3, 1.7], [4, 0.05, 1.95]];
    for (const [number, tax, reward] of table)
      await t.test(`preset ${number}`, async () => {
        const { game, players: [winner, loser] } = await locked(at.cluster, 2);
        const who = [game.revenue, game.pool, winner, loser];
        const before = await balances(who);
        const meta = await at.cluster.ok(await game.beginSettle({ tax: preset(number) }), [game.god]);
        const owed = Math.round(reward * LAMPORTS_PER_SOL);
        assert.deepEqual([(await game.state()).state, Number((await game.state()).owed), await game.vaultAmount()], [{ settling: {} }, owed, BigInt(owed)]);
        const [begun] = events(game.programs.ticket, meta.logMessages);
        assert.deepEqual([begun.name, begun.data.tickets, ...[begun.data.revenue, begun.data.owed, begun.data.pool].map(Number)], ['settlementBegun', 2, Math.round(tax * LAMPORTS_PER_SOL), owed, 0]);
        assert.equal(Number(begun.data.escapeAt), Number((await game.state()).escapeAt));
        const paid = await at.cluster.ok(await game.pay(winner, owed), [game.god]);
        const [said] = events(game.programs.ticket, paid.logMessages);
        assert.deepEqual([said.name, Number(said.data.amount), said.data.reserved], ['winnerPaid', owed, 1]);
        assert.ok(said.data.player.equals(winner.publicKey) && said.data.ticket.equals(game.ticketOf(winner)));
        const gained = (await balances(who)).map((b, i) => b - before[i]);
        assert.deepEqual(gained, [Math.round(tax * LAMPORTS_PER_SOL), 0, owed + 2 * await rent(120), 0]);
        assert.deepEqual([(await game.state()).state, await game.vaultAmount()], [{ settled: {} }, 0n]);
      });
  });

  test('the tax to revenue, a share of the rest to winners, what is left to the pool: nothing is lost', async (t) => {
    const cases = [
      ['a tenth, and three quarters', custom(1000), 7500, 333_333_331, { revenue: 99_999_999, owed: 674_999_995, pool: 224_999_999 }],
      ['all that the tax leaves', custom(1), 10_000, 100_000_007, { revenue: 30_000, owed: 299_970_021, pool: 0 }],
      ['nothing to winners', preset(4), 0, 100_000_003, { revenue: 7_500_000, owed: 0, pool: 292_500_009 }],
      ['all to revenue', custom(10_000), 10_000, 100_000_001, { revenue: 300_000_003, owed: 0, pool: 0 }],
      ['a share that rounds to nothing', custom(9999), 1, 1_000_003, { revenue: 2_999_708, owed: 0, pool: 301 }],
    ];
    for (const [name, tax, share, price, expected] of cases)
      await t.test(name, async () => {
        const { game, players } = await locked(at.cluster, 3, { price });
        const who = [game.revenue, game.pool, ...players];
        const before = await balances(who);
        await at.cluster.ok(await game.beginSettle({ tax, share }), [game.god]);
        const [revenue, pool, ...won] = (await balances(who)).map((b, i) => b - before[i]);
        const { owed, state } = await game.state();
        assert.deepEqual({ revenue, owed: Number(owed), pool }, expected);
        assert.equal(revenue + pool + Number(owed), 3 * price);
        assert.deepEqual(won, [0, 0, 0]);
        assert.equal(await game.vaultAmount(), BigInt(expected.owed));
        assert.deepEqual(state, expected.owed ? { settling: {} } : { settled: {} });
      });
  });

  test('locked and settled in one transaction, as the service does', async () => {
    const game = await Game.open(at.cluster);
    await game.seat(2);
    await at.cluster.refused('TicketsChanged', [await game.lock(), await game.beginSettle({ tickets: 1 })], [game.god]);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 2 })], [game.god]);
    assert.deepEqual((await game.state()).state, { settling: {} });
  });

  test('who can be given nothing has no part in the division, and is owed the price', async () => {
    const { game, players: [winner, loser, apart] } = await locked(at.cluster, 3, { price: 100_000_000 });
    await at.cluster.refused('TicketsChanged', await game.beginSettle({ apart: 4 }), [game.god]);
    await at.cluster.refused('NothingToSettle', await game.beginSettle({ apart: 3 }), [game.god]);
    const before = await balances([game.revenue, game.pool]);
    await at.cluster.ok(await game.beginSettle({ apart: 1, tax: custom(1000), share: 7500 }), [game.god]);
    assert.deepEqual((await balances([game.revenue, game.pool])).map((b, i) => b - before[i]), [20_000_000, 45_000_000]);
    assert.equal(await game.vaultAmount(), 235_000_000n);
    await at.cluster.ok(await game.pay(winner, 135_000_000), [game.god]);
    await at.cluster.ok(await game.pay(loser, 0), [game.god]);
    await at.cluster.refused('LastTakesTheRest', await game.pay(apart, 1), [game.god]);
    await at.cluster.ok(await game.pay(apart, 100_000_000), [game.god]);
    assert.deepEqual([(await game.state()).state, await game.vaultAmount()], [{ settled: {} }, 0n]);
  });

  test("strangers' lamports are not divided: they go to the pool when the event is closed", async () => {
    const { game, players: [player] } = await locked(at.cluster, 1);
    await at.cluster.gift(game.vault, 12_345);
    await at.cluster.ok(await game.beginSettle({ tax: custom(0) }), [game.god]);
    await at.cluster.gift(game.vault, 55);
    await at.cluster.ok(await game.pay(player, game.price), [game.god]);
    const before = await at.cluster.balance(game.pool);
    await at.cluster.ok(await game.close(), [game.god]);
    assert.equal(await at.cluster.balance(game.pool), before + 12_400);
  });

  test('any number of winners, one after the other', async () => {
    const { game, players, owed } = await settling(at.cluster, 40, { price: 10_000_000 });
    const winners = players.slice(3);
    const part = Math.floor(owed / winners.length);
    const before = await balances(players);
    for (const [i, player] of winners.entries()) await at.cluster.ok(await game.pay(player, i ? part : owed - part * (winners.length - 1)), [game.god]);
    const rents = 2 * await rent(120);
    const gained = (await balances(players)).map((b, i) => b - before[i]);
    assert.deepEqual(gained.slice(0, 3), [0, 0, 0]);
    assert.deepEqual(gained.slice(4), Array(36).fill(part + rents));
    assert.equal(gained.reduce((a, b) => a + b), owed + 37 * rents);
    assert.deepEqual([(await game.state()).state, (await game.state()).reserved, await game.vaultAmount()], [{ settled: {} }, 3, 0n]);
  });

  test('a winner is paid once, whatever is repeated', async () => {
    const { game, players: [a, b], owed } = await settling(at.cluster, 2);
    const pay = await game.pay(a, owed / 2);
    await at.cluster.refused('NotInitialized', [pay, await game.pay(a, owed / 2)], [game.god]);
    const revive = SystemProgram.transfer({ fromPubkey: a.publicKey, toPubkey: game.ticketOf(a), lamports: 3_000_000 });
    await at.cluster.refused('NotInitialized', [pay, revive, await game.pay(a, owed / 2)], [game.god, a]);
    await at.cluster.ok(pay, [game.god]);
    await at.cluster.refused('NotInitialized', pay, [game.god]);
    await at.cluster.refused('NotInitialized', await game.pay(a, 1), [game.god]);
    await at.cluster.refused('NotOpen', await game.reserve(a), [a, game.god]);
    await at.cluster.ok(await game.pay(b, owed / 2), [game.god]);
  });

  test('a winner whose wallet was emptied is paid, however little: the rent of the ticket lifts it', async () => {
    const game = await Game.open(at.cluster, { capacity: 3 });
    const winner = await at.cluster.wallet();
    const second = again(winner);
    await at.cluster.ok([await game.reserve(winner), await game.reserve(second)], [winner, game.god]);
    await game.seat(1);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 3 })], [game.god]);
    await at.cluster.ok(SystemProgram.transfer({ fromPubkey: winner.publicKey, toPubkey: game.god.publicKey, lamports: await at.cluster.balance(winner) }), [winner]);
    assert.equal(await at.cluster.exists(winner.publicKey), false);
    await at.cluster.ok(await game.pay(winner, 1), [game.god]);
    assert.equal(await at.cluster.balance(winner), 1 + await rent(120), 'the entry stays for the other ticket');
    await at.cluster.ok(await game.pay(second, 0), [game.god]);
    assert.equal(await at.cluster.balance(winner), 1 + 3 * await rent(120));
  });

  test('one wallet may be authority, pool, revenue and winner', async () => {
    const game = new Game(at.cluster, { price: LAMPORTS_PER_SOL, capacity: 1 });
    const player = await at.cluster.wallet();
    Object.assign(game, { god: player, pool: player, revenue: player });
    game.event = address.event(player.publicKey, game.id);
    game.vault = address.vault(game.event);
    game.list = address.list(game.event, game.listName);
    await at.cluster.ok([await game.initList(), await game.initEvent(), await game.reserve(player), await game.lock()], [player]);
    const before = await at.cluster.balance(player);
    await at.cluster.ok(await game.beginSettle({ tax: custom(2500), share: 5000 }), [player]);
    assert.equal(await at.cluster.balance(player), before + 0.625 * LAMPORTS_PER_SOL);
    await at.cluster.ok(await game.pay(player, 0.375 * LAMPORTS_PER_SOL), [player]);
    assert.equal(await at.cluster.balance(player), before + LAMPORTS_PER_SOL + 2 * await rent(120));
  });

  test('begin_settle refuses', async (t) => {
    const { game, players: [a] } = await locked(at.cluster, 3);
    const { game: other } = await locked(at.cluster, 1);
    const open = await Game.open(at.cluster);
    await open.seat(1);
    const [stranger, nobody] = [await at.cluster.wallet(), Keypair.generate()];
    const begin = await game.beginSettle();
    const changed = (bytes) => Object.assign(tamper(begin, game.god, {}), { data: Buffer.concat([begin.data.subarray(0, 16), Buffer.from(bytes)]) });
    await refusedEach(t, {
      'an event that is not locked': ['NotLocked', await open.beginSettle(), [open.god]],
      'a stranger': ['WrongEventAuthority', await game.beginSettle({}, { authority: stranger.publicKey }), [stranger]],
      'a player': ['WrongEventAuthority', await game.beginSettle({}, { authority: a.publicKey }), [a]],
      'the authority of another event': ['WrongEventAuthority', await game.beginSettle({}, { authority: other.god.publicKey }), [other.god]],
      'an authority who did not sign': ['MissingSigner', tamper(begin, game.god, { signer: false }), []],
      'an event that is not writable': ['NotWritable', tamper(begin, game.event, { writable: false }), [game.god]],
      'a vault that is not writable': ['NotWritable', tamper(begin, game.vault, { writable: false }), [game.god]],
      'a revenue wallet that is not writable': ['NotWritable', tamper(begin, game.revenue, { writable: false }), [game.god]],
      'a pool that is not writable': ['NotWritable', tamper(begin, game.pool, { writable: false }), [game.god]],
      'the vault of another event': ['WrongVault', await game.beginSettle({}, { vault: other.vault }), [game.god]],
      'another revenue wallet': ['WrongRecipient', await game.beginSettle({}, { revenue: stranger.publicKey }), [game.god]],
      'another pool': ['WrongRecipient', await game.beginSettle({}, { pool: stranger.publicKey }), [game.god]],
      'pool and revenue swapped': ['WrongRecipient', await game.beginSettle({}, { pool: game.revenue.publicKey, revenue: game.pool.publicKey }), [game.god]],
      'a ticket less than there are': ['TicketsChanged', await game.beginSettle({ tickets: 2 }), [game.god]],
      'a ticket more than there are': ['TicketsChanged', await game.beginSettle({ tickets: 4 }), [game.god]],
      'a preset that is not in the table': ['InvalidTax', await game.beginSettle({ tax: preset(5) }), [game.god]],
      'a tax above the whole': ['InvalidTax', await game.beginSettle({ tax: custom(10_001) }), [game.god]],
      'a share above the whole': ['InvalidShare', await game.beginSettle({ share: 10_001 }), [game.god]],
      'the largest share': ['InvalidShare', await game.beginSettle({ share: 65_535 }), [game.god]],
      'an unknown kind of tax': ['InvalidTax', changed([2, 0, 0, 0, 0]), [game.god]],
      'arguments cut short': ['InvalidArguments', changed([0, 0, 0]), [game.god]],
      'arguments that it does not take': ['InvalidArguments', changed([0, 0, 0, 0, 0]), [game.god]],
    });
    await at.cluster.ok(begin, [game.god]);
    await refusedEach(t, {
      'a second time': ['AlreadyOver', begin, [game.god]],
      'unlocking what is being settled': ['AlreadyOver', await game.lock(false), [game.god]],
      'cancelling what is being settled': ['AlreadyOver', await game.cancel(), [game.god]],
      'a refund out of what is being settled': ['NotRefundable', await game.refund(a), [game.god]],
      'a refund to its holder': ['NotRefundable', await game.refund(a, { caller: a.publicKey }), [a]],
      'closing a ticket that may have won': ['NotSettled', await game.closeTicket(a, { caller: a.publicKey }), [a]],
      'closing what is being settled': ['NotOver', await game.close(), [game.god]],
    });
    await t.test('twice in one transaction', async () => {
      const once = await other.beginSettle();
      await at.cluster.refused('AlreadyOver', [once, once], [other.god]);
    });
    await t.test('an event without tickets', async () => {
      const { game: empty } = await locked(at.cluster, 0);
      await at.cluster.refused('NothingToSettle', await empty.beginSettle(), [empty.god]);
    });
    await t.test('a payment that leaves its recipient below the rent', async () => {
      const poor = await Game.open(at.cluster, { price: 1000, capacity: 1 });
      await poor.seat(1);
      await at.cluster.ok(await poor.lock(), [poor.god]);
      await at.cluster.ok(SystemProgram.transfer({ fromPubkey: poor.revenue.publicKey, toPubkey: nobody.publicKey, lamports: LAMPORTS_PER_SOL }), [poor.revenue]);
      await at.cluster.refused('RecipientNotRentExempt', await poor.beginSettle(), [poor.god]);
    });
  });

  test('pay_ticket refuses', async (t) => {
    const { game, players: [a, b], owed } = await settling(at.cluster, 3);
    const { game: other, players: [elsewhere] } = await settling(at.cluster, 1);
    const { game: waiting, players: [early] } = await locked(at.cluster, 1);
    const [stranger, foreign] = [await at.cluster.wallet(), await at.cluster.foreign()];
    const pay = await game.pay(a, 1000);
    const by = (key) => ({ authority: key.publicKey });
    await refusedEach(t, {
      'an event whose settlement has not begun': ['NotSettling', await waiting.pay(early, 1), [waiting.god]],
      'more than is owed': ['NotThatMuchOwed', await game.pay(a, owed + 1), [game.god]],
      'the largest amount': ['NotThatMuchOwed', await game.pay(a, U64_MAX), [game.god]],
      'less than is owed, to the last ticket': ['LastTakesTheRest', await other.pay(elsewhere, 1), [other.god]],
      'nothing, to the last ticket': ['LastTakesTheRest', await other.pay(elsewhere, 0), [other.god]],
      'a stranger': ['WrongEventAuthority', await game.pay(a, 1, by(stranger)), [stranger]],
      'the winner': ['WrongEventAuthority', await game.pay(a, 1, by(a)), [a]],
      'the authority of another event': ['WrongEventAuthority', await game.pay(a, 1, by(other.god)), [other.god]],
      'an authority who did not sign': ['MissingSigner', tamper(pay, game.god, { signer: false }), []],
      "somebody else's wallet": ['WrongPlayer', await game.pay(a, 1, { player: stranger.publicKey }), [game.god]],
      "another winner's wallet": ['WrongPlayer', await game.pay(a, 1, { player: b.publicKey, entry: game.entryOf(b) }), [game.god]],
      'a ticket of another event': ['WrongTicket', await game.pay(elsewhere, 1, { ticket: other.ticketOf(elsewhere) }), [game.god]],
      'a winner without a ticket': ['NotInitialized', await game.pay(stranger, 1), [game.god]],
      'the event in place of the ticket': ['WrongAccountType', await game.pay(a, 1, { ticket: game.event }), [game.god]],
      'a ticket of another program': ['WrongOwner', await game.pay(a, 1, { ticket: foreign }), [game.god]],
      'the vault of another event': ['WrongVault', await game.pay(a, 1, { vault: other.vault }), [game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.pay(a, 1, { whitelist: other.list, entry: other.entryOf(a) }), [game.god]],
      "another player's entry, by the whitelist program": ['WrongWallet', await game.pay(a, 1, { entry: game.entryOf(b) }), [game.god]],
      'a false whitelist program': ['WrongProgram', tamper(pay, WHITELIST_ID, { replace: foreign }), [game.god]],
      'a ticket that is not writable': ['NotWritable', tamper(pay, game.ticketOf(a), { writable: false }), [game.god]],
      'a player who is not writable': ['NotWritable', tamper(pay, a, { writable: false }), [game.god]],
      'a vault that is not writable': ['NotWritable', tamper(pay, game.vault, { writable: false }), [game.god]],
      'an event that is not writable': ['NotWritable', tamper(pay, game.event, { writable: false }), [game.god]],
      'two parts above what is owed': ['NotThatMuchOwed', [await game.pay(a, owed), await game.pay(b, 1)].reverse(), [game.god]],
    });
    await at.cluster.ok(await game.pay(a, owed), [game.god]);
    await t.test('a winner more when nothing is owed', async () => at.cluster.refused('NotSettling', await game.pay(b, 0), [game.god]));
  });

  test('after the settlement the other tickets are closed, then the event', async (t) => {
    const { game, players: [winner, a, b] } = await locked(at.cluster, 3);
    const { game: other, players: [elsewhere] } = await locked(at.cluster, 1);
    const stranger = await at.cluster.wallet();
    await t.test('before the settlement', async () => at.cluster.refused('NotSettled', await game.closeTicket(a), [game.god]));
    await at.cluster.ok(await game.beginSettle(), [game.god]);
    await t.test('before the winners are paid', async () => at.cluster.refused('NotSettled', await game.closeTicket(a), [game.god]));
    await at.cluster.ok(await game.pay(winner, (await game.state()).owed), [game.god]);
    await refusedEach(t, {
      'a stranger': ['WrongEventAuthority', await game.closeTicket(a, { caller: stranger.publicKey }), [stranger]],
      'another holder': ['WrongEventAuthority', await game.closeTicket(a, { caller: b.publicKey }), [b]],
      'no signature': ['MissingSigner', tamper(await game.closeTicket(a), game.god, { signer: false }), []],
      'rent for somebody else': ['WrongPlayer', await game.closeTicket(a, { player: b.publicKey }), [game.god]],
      'the ticket of another event': ['WrongTicket', await game.closeTicket(elsewhere, { ticket: other.ticketOf(elsewhere) }), [game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.closeTicket(a, { whitelist: other.list }), [game.god]],
      'a false whitelist program': ['WrongProgram', Object.assign(await game.closeTicket(a), { keys: (await game.closeTicket(a)).keys.map((k, i) => (i === 6 ? { ...k, pubkey: TICKET_ID } : k)) }), [game.god]],
      'refunding it': ['NotRefundable', await game.refund(a), [game.god]],
    });
    const before = await at.cluster.balance(a);
    const meta = await at.cluster.ok(await game.closeTicket(a, { caller: a.publicKey }), [a]);
    const [closed] = events(game.programs.ticket, meta.logMessages);
    assert.deepEqual([closed.name, closed.data.reserved], ['ticketClosed', 1]);
    assert.equal(await at.cluster.balance(a), before + 2 * await rent(120));
    await t.test('a second time', async () => at.cluster.refused('NotInitialized', await game.closeTicket(a), [game.god]));
    await t.test('the event while a ticket is live', async () => at.cluster.refused('TicketsRemain', await game.close(), [game.god]));
    await at.cluster.ok(await game.closeTicket(b), [game.god]);
    await at.cluster.ok(await game.close(), [game.god]);
    for (const key of [game.event, game.vault, game.list, game.ticketOf(winner), game.ticketOf(a), game.entryOf(b)]) assert.equal(await at.cluster.exists(key), false);
  });
});
