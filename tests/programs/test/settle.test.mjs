// Dividing the vault: the tax table, shares, dust, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keypair, LAMPORTS_PER_SOL, SystemProgram } from '@solana/web3.js';
import { Game, tamper } from '../harness/game.mjs';
import { TICKET_ID, address, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const preset = (number) => ({ preset: { number } });
const custom = (basisPoints) => ({ custom: { basisPoints } });

/** An event that is locked with this many seats sold. */
async function locked(cluster, seats, options = {}) {
  const game = await Game.open(cluster, { capacity: Math.max(seats, 1), ...options });
  const players = await game.seat(seats);
  await cluster.ok(await game.lock(), [game.god]);
  return { game, players };
}

const total = (list) => list.reduce((a, b) => a + b, 0);

onEachVersion('settlement', (at) => {
  const balances = (keys) => Promise.all(keys.map((k) => at.cluster.balance(k)));

  test('the tax table: two players, one SOL each', async (t) => {
    const table = [[0, 0.95, 1.05], [1, 0.93, 1.07], [2, 0.53, 1.47], [3, 0.3, 1.7], [4, 0.05, 1.95]];
    for (const [number, tax, reward] of table)
      await t.test(`preset ${number}`, async () => {
        const { game, players } = await locked(at.cluster, 2);
        const who = [game.revenue, game.pool, ...players];
        const before = await balances(who);
        const meta = await at.cluster.ok(await game.settle([{ player: players[0], share: 10_000 }], preset(number)), [game.god]);
        const gained = (await balances(who)).map((b, i) => b - before[i]);
        assert.deepEqual(gained, [tax * LAMPORTS_PER_SOL, 0, reward * LAMPORTS_PER_SOL, 0].map(Math.round));
        assert.equal(await game.vaultAmount(), 0n);
        assert.deepEqual((await game.state()).state, { settled: {} });
        const said = events(game.programs.ticket, meta.logMessages);
        assert.deepEqual(said.map((e) => e.name), ['winnerPaid', 'eventSettled']);
        assert.ok(said[0].data.player.equals(players[0].publicKey));
        assert.deepEqual([said[1].data.revenue, said[1].data.winners, said[1].data.pool].map(Number), [gained[0], gained[2], 0]);
      });
  });

  test('shares: the rest goes to the pool, rounding to the first winner, and nothing is lost', async (t) => {
    const cases = [
      ['a half and a quarter', [5000, 2500], custom(1000), 333_333_331],
      ['three thirds', [3334, 3333, 3333], custom(0), 100_000_007],
      ['nothing to winners', [], preset(4), 100_000_003],
      ['all to revenue', [], custom(10_000), 100_000_001],
      ['a share that rounds to nothing', [1], custom(9999), 1_000_003],
    ];
    for (const [name, shares, tax, price] of cases)
      await t.test(name, async () => {
        const { game, players } = await locked(at.cluster, 3, { price });
        const who = [game.revenue, game.pool, ...players];
        const before = await balances(who);
        await at.cluster.ok(await game.settle(shares.map((share, i) => ({ player: players[i], share })), tax), [game.god]);
        const [revenue, pool, ...won] = (await balances(who)).map((b, i) => b - before[i]);
        const vault = 3 * price;
        assert.equal(revenue + pool + total(won), vault);
        const half = Math.floor(vault / 2);
        const taxed = tax.custom ? Math.floor((vault * tax.custom.basisPoints) / 10_000) : Math.floor(half * 0.05) + Math.floor((half * [90, 88, 48, 25, 0][tax.preset.number]) / 100);
        assert.equal(revenue, taxed);
        const reward = vault - taxed;
        const fair = shares.map((s) => Math.floor((reward * s) / 10_000));
        if (total(shares) === 10_000) fair[0] += reward - total(fair);
        assert.deepEqual(won.slice(0, shares.length), fair);
        assert.equal(pool, reward - total(fair));
        assert.equal(await game.vaultAmount(), 0n);
      });
  });

  test('lamports that arrived by the way are divided too', async () => {
    const { game, players } = await locked(at.cluster, 1);
    await at.cluster.gift(game.vault, 12_345);
    const before = await at.cluster.balance(players[0]);
    await at.cluster.ok(await game.settle([{ player: players[0], share: 10_000 }], custom(0)), [game.god]);
    assert.equal(await at.cluster.balance(players[0]), before + game.price + 12_345);
  });

  test('one wallet may be pool, revenue and winner', async () => {
    const game = new Game(at.cluster, { price: LAMPORTS_PER_SOL, capacity: 1 });
    const player = await at.cluster.wallet();
    Object.assign(game, { god: player, pool: player, revenue: player });
    game.event = address.event(player.publicKey, game.id);
    game.vault = address.vault(game.event);
    game.list = address.list(game.event, game.listName);
    await at.cluster.ok([await game.initList(), await game.initEvent(), await game.reserve(player), await game.lock()], [player]);
    const before = await at.cluster.balance(player);
    await at.cluster.ok(await game.settle([{ player, share: 5000 }], custom(2500)), [player]);
    assert.equal(await at.cluster.balance(player), before + LAMPORTS_PER_SOL);
  });

  test('as many winners as fit into a transaction', async () => {
    const { game, players } = await locked(at.cluster, 12, { price: 10_000_000 });
    const before = await balances(players);
    await at.cluster.ok(await game.settle(players.slice(0, 10).map((player) => ({ player, share: 1000 })), custom(0)), [game.god]);
    const gained = (await balances(players)).map((b, i) => b - before[i]);
    assert.deepEqual(gained, [...Array(10).fill(12_000_000), 0, 0]);
  });

  test('24 winners, the most there can be, with a lookup table', async () => {
    const { game, players } = await locked(at.cluster, 25, { price: 10_000_000 });
    const before = await balances(players);
    const meta = await at.cluster.runWithTable(await game.settle(players.slice(0, 24).map((player) => ({ player, share: 400 })), custom(0)), [game.god]);
    assert.equal(meta.err, null, meta.logMessages?.join('\n'));
    const gained = (await balances(players)).map((b, i) => b - before[i]);
    assert.deepEqual(gained, [...Array(24).fill(10_000_000), 0]);
    assert.equal(events(game.programs.ticket, meta.logMessages).length, 25);
  });

  test('settle refuses', async (t) => {
    const { game, players: [a, b, c] } = await locked(at.cluster, 3);
    const { game: other, players: [elsewhere] } = await locked(at.cluster, 1);
    const open = await Game.open(at.cluster);
    const [early] = await open.seat(1);
    const [stranger, nobody] = [await at.cluster.wallet(), Keypair.generate()];
    const both = [{ player: a, share: 6000 }, { player: b, share: 4000 }];
    const settle = await game.settle(both);
    const cases = {
      'an event that is not locked': ['NotLocked', await open.settle([{ player: early, share: 10_000 }]), [open.god]],
      'a stranger': ['WrongEventAuthority', await game.settle(both, preset(0), { authority: stranger.publicKey }), [stranger]],
      'a player': ['WrongEventAuthority', await game.settle(both, preset(0), { authority: a.publicKey }), [a]],
      'the authority of another event': ['WrongEventAuthority', await game.settle(both, preset(0), { authority: other.god.publicKey }), [other.god]],
      'an authority who did not sign': ['MissingSigner', tamper(settle, game.god, { signer: false }), []],
      'the vault of another event': ['WrongVault', await game.settle(both, preset(0), { vault: other.vault }), [game.god]],
      'another revenue wallet': ['WrongRecipient', await game.settle(both, preset(0), { revenue: stranger.publicKey }), [game.god]],
      'another pool': ['WrongRecipient', await game.settle(both, preset(0), { pool: stranger.publicKey }), [game.god]],
      'pool and revenue swapped': ['WrongRecipient', await game.settle(both, preset(0), { pool: game.revenue.publicKey, revenue: game.pool.publicKey }), [game.god]],
      'a preset that is not in the table': ['InvalidTax', await game.settle(both, preset(5)), [game.god]],
      'a tax above the whole': ['InvalidTax', await game.settle(both, custom(10_001)), [game.god]],
      'shares above the whole': ['InvalidShares', await game.settle([{ player: a, share: 6000 }, { player: b, share: 4001 }]), [game.god]],
      'shares that would wrap around': ['InvalidShares', await game.settle([{ player: a, share: 65_535 }, { player: b, share: 65_535 }]), [game.god]],
      'a share of zero': ['InvalidShares', await game.settle([{ player: a, share: 0 }]), [game.god]],
      'the same ticket twice': ['DuplicateWinner', await game.settle([{ player: a, share: 5000 }, { player: a, share: 5000 }]), [game.god]],
      'a winner without a ticket': ['NotInitialized', await game.settle([{ player: stranger, share: 10_000 }]), [game.god]],
      'a winner of another event': ['WrongTicket', await game.settle([{ player: elsewhere, share: 10_000, ticket: other.ticketOf(elsewhere) }]), [game.god]],
      "somebody else's wallet": ['WrongRecipient', await game.settle([{ player: a, share: 10_000, recipient: stranger.publicKey }]), [game.god]],
      "the other winner's wallet": ['WrongRecipient', await game.settle([{ player: a, share: 10_000, recipient: b.publicKey }]), [game.god]],
      'the event in place of a ticket': ['WrongAccountType', await game.settle([{ player: a, share: 10_000, ticket: game.event }]), [game.god]],
      'a ticket of another program': ['WrongOwner', await game.settle([{ player: a, share: 10_000, ticket: game.entryOf(a) }]), [game.god]],
      'a recipient that is not writable': ['NotWritable', tamper(settle, a, { writable: false }), [game.god]],
      'fewer winners than shares': ['NotEnoughAccounts', Object.assign(await game.settle(both), { keys: settle.keys.slice(0, -1) }), [game.god]],
      'more winners than shares': ['TooManyAccounts', Object.assign(await game.settle(both), { keys: [...settle.keys, { pubkey: c.publicKey, isSigner: false, isWritable: true }] }), [game.god]],
      'more shares than are possible': ['InvalidShares', Object.assign(await game.settle(both), { data: Buffer.concat([settle.data.subarray(0, 10), Buffer.from([25, 0, 0, 0]), Buffer.alloc(50, 1)]) }), [game.god]],
      'more shares than are there': ['InvalidShares', Object.assign(await game.settle(both), { data: Buffer.concat([settle.data.subarray(0, 10), Buffer.from([255, 255, 255, 255])]) }), [game.god]],
      'arguments cut short': ['InvalidArguments', Object.assign(await game.settle(both), { data: settle.data.subarray(0, -1) }), [game.god]],
      'an unknown kind of tax': ['InvalidTax', Object.assign(await game.settle(both, custom(1)), { data: Buffer.concat([settle.data.subarray(0, 8), Buffer.from([2, 0, 0]), settle.data.subarray(10)]) }), [game.god]],
    };
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));

    await at.cluster.ok(settle, [game.god]);
    await t.test('a second time', async () => {
      await at.cluster.refused('AlreadyOver', settle, [game.god]);
      await at.cluster.refused('AlreadyOver', await game.lock(false), [game.god]);
      await at.cluster.refused('AlreadyOver', await game.cancel(), [game.god]);
      await at.cluster.refused('NotRefundable', await game.refund(a), [game.god]);
    });
    await t.test('twice in one transaction', () => locked(at.cluster, 1).then(async ({ game: g, players: [p] }) => {
      const once = await g.settle([{ player: p, share: 10_000 }]);
      await at.cluster.refused('AlreadyOver', [once, once], [g.god]);
    }));
    await t.test('an event without tickets', async () => {
      const { game: empty } = await locked(at.cluster, 0);
      await at.cluster.refused('NothingToSettle', await empty.settle([]), [empty.god]);
    });
    await t.test('a payment that leaves its recipient below the rent', async () => {
      const game2 = await Game.open(at.cluster, { price: 1000, capacity: 1 });
      const [player] = await game2.seat(1);
      await at.cluster.ok(await game2.lock(), [game2.god]);
      await at.cluster.ok(SystemProgram.transfer({ fromPubkey: game2.revenue.publicKey, toPubkey: nobody.publicKey, lamports: LAMPORTS_PER_SOL }), [game2.revenue]);
      await at.cluster.refused('RecipientNotRentExempt', await game2.settle([{ player, share: 10_000 }]), [game2.god]);
    });
  });

  test('after the settlement tickets are closed, then the event', async (t) => {
    const { game, players: [a, b] } = await locked(at.cluster, 2);
    const { game: other, players: [elsewhere] } = await locked(at.cluster, 1);
    const stranger = await at.cluster.wallet();
    await t.test('before the settlement', async () => at.cluster.refused('NotSettled', await game.closeTicket(a), [game.god]));
    await at.cluster.ok(await game.settle([{ player: a, share: 10_000 }]), [game.god]);
    const cases = {
      'a stranger': ['WrongEventAuthority', await game.closeTicket(a, { caller: stranger.publicKey }), [stranger]],
      'another holder': ['WrongEventAuthority', await game.closeTicket(a, { caller: b.publicKey }), [b]],
      'no signature': ['MissingSigner', tamper(await game.closeTicket(a), game.god, { signer: false }), []],
      'rent for somebody else': ['WrongPlayer', await game.closeTicket(a, { player: b.publicKey }), [game.god]],
      'the ticket of another event': ['WrongTicket', await game.closeTicket(elsewhere, { ticket: other.ticketOf(elsewhere) }), [game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.closeTicket(a, { whitelist: other.list }), [game.god]],
      'a false whitelist program': ['WrongProgram', Object.assign(await game.closeTicket(a), { keys: (await game.closeTicket(a)).keys.map((k, i) => (i === 6 ? { ...k, pubkey: TICKET_ID } : k)) }), [game.god]],
    };
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
    const before = await at.cluster.balance(a);
    const meta = await at.cluster.ok(await game.closeTicket(a, { caller: a.publicKey }), [a]);
    assert.equal(events(game.programs.ticket, meta.logMessages)[0].name, 'ticketClosed');
    assert.equal(await at.cluster.balance(a), before + 2 * (await at.cluster.connection.getMinimumBalanceForRentExemption(120)));
    await t.test('a second time', async () => at.cluster.refused('NotInitialized', await game.closeTicket(a), [game.god]));
    await t.test('the event while a ticket is live', async () => at.cluster.refused('TicketsRemain', await game.close(), [game.god]));
    await at.cluster.ok(await game.closeTicket(b), [game.god]);
    await at.cluster.ok(await game.close(), [game.god]);
    for (const key of [game.event, game.vault, game.list, game.ticketOf(a), game.entryOf(b)]) assert.equal(await at.cluster.exists(key), false);
  });
});
