// From escape_at on holders get their money out without the authority, which may be gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, Game } from '../harness/game.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const NO_TAX = { custom: { basisPoints: 0 } };

onEachVersion('escape', (at) => {
  const open = async (days, options) => Game.open(at.cluster, { ...options, escapeAt: await at.cluster.now() + days * DAY });
  const refund = (game, player) => game.refund(player, { caller: player.publicKey });
  const escape = async (game, player) => at.cluster.ok(await refund(game, player), [player]);
  const rents = async () => 2 * await at.cluster.connection.getMinimumBalanceForRentExemption(120);

  test('an open event: its holders, nobody else, and not before the time', async (t) => {
    const game = await open(10);
    const [a, b] = await game.seat(2);
    const stranger = await at.cluster.wallet();
    await at.cluster.advance(10 * DAY - 60);
    await t.test('a minute before', async () => at.cluster.refused('WrongEventAuthority', await refund(game, a), [a]));
    await at.cluster.advance(60);
    await t.test('a stranger', async () => at.cluster.refused('WrongEventAuthority', await game.refund(a, { caller: stranger.publicKey }), [stranger]));
    await t.test('another holder', async () => at.cluster.refused('WrongEventAuthority', await game.refund(a, { caller: b.publicKey }), [b]));
    await t.test("another holder's wallet", async () => at.cluster.refused('WrongPlayer', await game.refund(a, { caller: a.publicKey, player: b.publicKey }), [a]));
    const before = await at.cluster.balance(a);
    await escape(game, a);
    assert.equal(await at.cluster.balance(a), before + game.price + await rents());
    await t.test('a second time', async () => at.cluster.refused('NotInitialized', await refund(game, a), [a]));
    await at.cluster.ok(await game.refund(b), [game.god]);
    assert.deepEqual([(await game.state()).reserved, await game.vaultAmount()], [0, 0n]);
  });

  test('a locked event whose settlement never came', async (t) => {
    const game = await open(10);
    const [a, b] = await game.seat(2);
    await at.cluster.ok(await game.lock(), [game.god]);
    await t.test('before the time', async () => at.cluster.refused('NotRefundable', await refund(game, a), [a]));
    await at.cluster.advance(10 * DAY);
    await t.test('the authority', async () => at.cluster.refused('WrongEventAuthority', await game.refund(a), [game.god]));
    for (const p of [a, b]) await escape(game, p);
    assert.equal(await game.vaultAmount(), 0n);
  });

  test('a settlement that comes late counts those who are left', async (t) => {
    const game = await open(10);
    const [a, b, c] = await game.seat(3);
    const late = [await game.lock(), await game.beginSettle({ tickets: 3, tax: NO_TAX })];
    await at.cluster.advance(10 * DAY);
    await escape(game, c);
    await t.test('the one that was computed before', () => at.cluster.refused('TicketsChanged', late, [game.god]));
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 2, tax: NO_TAX })], [game.god]);
    assert.equal(Number((await game.state()).owed), 2 * game.price);
    await t.test('and holds the holders off again', async () => at.cluster.refused('NotRefundable', await refund(game, a), [a]));
    for (const p of [a, b]) await at.cluster.ok(await game.pay(p, game.price), [game.god]);
    await at.cluster.ok(await game.close(), [game.god]);
  });

  test('a settlement begun in the last moment has thirty days, then the rest is divided equally', async (t) => {
    const game = await open(10, { price: 100_000_007, capacity: 5 });
    const [winner, ...others] = await game.seat(5);
    await at.cluster.advance(10 * DAY - 60);
    const begun = await at.cluster.now();
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 5, tax: NO_TAX })], [game.god]);
    assert.ok(Math.abs(Number((await game.state()).escapeAt) - begun - 30 * DAY) < 60);
    const owed = 5 * game.price - 200_000_000;
    await at.cluster.ok(await game.pay(winner, 200_000_000), [game.god]);
    await at.cluster.advance(30 * DAY - 60);
    await t.test('a minute before', async () => at.cluster.refused('NotRefundable', await refund(game, others[0]), [others[0]]));
    await at.cluster.advance(61);
    const before = await Promise.all(others.map((p) => at.cluster.balance(p)));
    await escape(game, others[0]);
    await t.test('the authority, late, with what it had computed', async () => at.cluster.refused('NotThatMuchOwed', await game.pay(others[1], owed), [game.god]));
    for (const p of others.slice(1)) await escape(game, p);
    const extra = await rents();
    const gained = (await Promise.all(others.map((p) => at.cluster.balance(p)))).map((b, i) => b - before[i] - extra);
    assert.equal(gained[0], Math.floor(owed / 4));
    assert.equal(gained.reduce((a, b) => a + b), owed);
    assert.ok(Math.max(...gained) - Math.min(...gained) <= 1, String(gained));
    assert.deepEqual([(await game.state()).state, await game.vaultAmount()], [{ settled: {} }, 0n]);
    await at.cluster.ok(await game.close(), [game.god]);
  });

  test('an authority that comes back pays what is left', async () => {
    const game = await open(10);
    const [a, b, c] = await game.seat(3);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 3, tax: NO_TAX })], [game.god]);
    await at.cluster.advance(31 * DAY);
    await escape(game, a);
    await at.cluster.ok(await game.pay(b, 2 * game.price), [game.god]);
    assert.deepEqual((await game.state()).state, { settled: {} });
    await at.cluster.refused('NotRefundable', await refund(game, c), [c]);
    await at.cluster.ok(await game.closeTicket(c, { caller: c.publicKey }), [c]);
    await at.cluster.ok(await game.close(), [game.god]);
  });

  test('a settled event stays settled', async () => {
    const game = await open(10);
    const [a, b] = await game.seat(2);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 2, tax: NO_TAX })], [game.god]);
    await at.cluster.ok(await game.pay(a, 2 * game.price), [game.god]);
    await at.cluster.advance(100 * DAY);
    await at.cluster.refused('NotRefundable', await refund(game, b), [b]);
  });

  test('parts that round to nothing close their tickets, and the last one takes the rest', async () => {
    const game = await open(10, { price: 1, capacity: 3 });
    const [a, b, c] = await game.seat(3);
    await at.cluster.ok([await game.lock(), await game.beginSettle({ tickets: 3, tax: NO_TAX })], [game.god]);
    await at.cluster.ok(await game.pay(a, 2), [game.god]);
    await at.cluster.advance(31 * DAY);
    for (const p of [b, c]) await escape(game, p);
    assert.deepEqual([(await game.state()).reserved, await game.vaultAmount()], [0, 0n]);
  });
});
