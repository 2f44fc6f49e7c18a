// Opening, locking, cancelling and closing an event.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Keypair, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { DAY, Game, tamper } from '../harness/game.mjs';
import { TICKET_ID, WHITELIST_ID, address, clients, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const someone = () => Keypair.generate().publicKey;

onEachVersion('event', (at) => {
  const refusedEach = async (t, cases) => {
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  };

  test('an event stores its terms and owns an empty vault', async () => {
    const escapeAt = await at.cluster.now() + 45 * DAY;
    const game = await Game.open(at.cluster, { price: 250_000_000, capacity: 12, escapeAt });
    const state = await game.state();
    for (const [field, key] of Object.entries({ authority: game.god.publicKey, vault: game.vault, whitelist: game.list, pool: game.pool.publicKey, revenue: game.revenue.publicKey, mint: SystemProgram.programId }))
      assert.ok(state[field].equals(key), field);
    assert.deepEqual([Number(state.price), state.capacity, state.reserved, state.state, Buffer.from(state.id).toString('hex')], [250_000_000, 12, 0, { open: {} }, game.id.toString('hex')]);
    const vault = await at.cluster.connection.getAccountInfo(game.vault);
    assert.ok(vault.owner.equals(TICKET_ID));
    assert.equal(vault.data.length, 0);
    assert.equal(await game.vaultAmount(), 0n);
    const [event] = events(game.programs.ticket, game.opened.logMessages);
    assert.equal(event.name, 'eventCreated');
    assert.deepEqual([Number(event.data.price), event.data.capacity, Number(event.data.escapeAt)], [250_000_000, 12, escapeAt]);
    assert.deepEqual([Number(state.escapeAt), Number(state.owed)], [escapeAt, 0]);
  });

  test('lamports sent to the addresses beforehand do not keep an event from opening', async () => {
    const god = await at.cluster.wallet();
    const id = randomBytes(16);
    const event = address.event(god.publicKey, id);
    for (const key of [event, address.vault(event)]) await at.cluster.gift(key, 2_000_000);
    const game = new Game(at.cluster, { price: 1000, capacity: 1 });
    Object.assign(game, { god, id, event, vault: address.vault(event), list: address.list(event, game.listName), pool: await at.cluster.wallet(1), revenue: await at.cluster.wallet(1) });
    await at.cluster.ok([await game.initList(), await game.initEvent()], [god]);
    assert.equal((await game.state()).capacity, 1);
  });

  test('init_event refuses', async (t) => {
    const [game, other] = [await Game.open(at.cluster), await Game.open(at.cluster)];
    const fresh = new Game(at.cluster, { price: 1000, capacity: 2 });
    Object.assign(fresh, { god: game.god, pool: game.pool, revenue: game.revenue });
    fresh.event = address.event(fresh.god.publicKey, fresh.id);
    fresh.vault = address.vault(fresh.event);
    fresh.list = address.list(fresh.event, fresh.listName);
    await at.cluster.ok(await fresh.initList(), [fresh.god]);
    const [init, now] = [await fresh.initEvent(), await at.cluster.now()];
    const poor = await at.cluster.wallet(0.002);
    const poorEvent = address.event(poor.publicKey, fresh.id);
    const poorList = address.list(poorEvent, 'seats');
    await at.cluster.ok(await fresh.initList({ authority: poorEvent, list: poorList }), [fresh.god]);
    await refusedEach(t, {
      'an event that exists': ['AlreadyInitialized', await game.initEvent(), [game.god]],
      'a price of zero': ['ZeroPrice', await fresh.initEvent({}, { price: 0 }), [fresh.god]],
      'a capacity of zero': ['ZeroCapacity', await fresh.initEvent({}, { capacity: 0 }), [fresh.god]],
      'takings above 64 bits': ['Overflow', await fresh.initEvent({}, { price: 1n << 63n, capacity: 2 }), [fresh.god]],
      'takings far above 64 bits': ['Overflow', await fresh.initEvent({}, { price: (1n << 64n) - 1n, capacity: 0xffffffff }), [fresh.god]],
      'takings just above 64 bits': ['Overflow', await fresh.initEvent({}, { price: 6148914691236517206n, capacity: 3 }), [fresh.god]],
      'an escape in the past': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: now - 1 }), [fresh.god]],
      'no escape': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: 0 }), [fresh.god]],
      'an escape before all time': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: -(1n << 63n) }), [fresh.god]],
      'an escape in milliseconds': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: now * 1000 }), [fresh.god]],
      'an escape more than 2000 days away': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: now + 2001 * DAY }), [fresh.god]],
      'an escape at the end of time': ['InvalidEscape', await fresh.initEvent({}, { escapeAt: (1n << 63n) - 1n }), [fresh.god]],
      'an authority who did not sign': ['MissingSigner', tamper(init, fresh.god, { signer: false }), []],
      'an event that is not writable': ['NotWritable', tamper(init, fresh.event, { writable: false }), [fresh.god]],
      'a vault that is not writable': ['NotWritable', tamper(init, fresh.vault, { writable: false }), [fresh.god]],
      'the address of another id': ['WrongAddress', await fresh.initEvent({}, { id: randomBytes(16) }), [fresh.god]],
      "somebody else's event address": ['WrongWhitelist', await fresh.initEvent({ event: address.event(someone(), fresh.id) }), [fresh.god]],
      'the vault of another event': ['WrongVault', await fresh.initEvent({ vault: other.vault }), [fresh.god]],
      'a vault of no event': ['WrongVault', await fresh.initEvent({ vault: someone() }), [fresh.god]],
      'a whitelist that obeys another event': ['WrongWhitelist', await fresh.initEvent({ whitelist: other.list }), [fresh.god]],
      'a whitelist that does not exist': ['NotInitialized', await fresh.initEvent({ whitelist: someone() }), [fresh.god]],
      'a whitelist of another program': ['WrongOwner', await fresh.initEvent({ whitelist: game.event }), [fresh.god]],
      'the vault as the pool': ['WrongRecipient', await fresh.initEvent({ pool: fresh.vault }), [fresh.god]],
      'the event as the revenue wallet': ['WrongRecipient', await fresh.initEvent({ revenue: fresh.event }), [fresh.god]],
      'a false system program': ['WrongProgram', tamper(init, SystemProgram.programId, { replace: WHITELIST_ID }), [fresh.god]],
      'a mint without a token program': ['NotEnoughAccounts', await fresh.initEvent({ mint: someone() }), [fresh.god]],
      'an authority without the rent': ['InsufficientFunds', await fresh.initEvent({ authority: poor.publicKey, event: poorEvent, vault: address.vault(poorEvent), whitelist: poorList }), [poor]],
      'arguments cut short': ['InvalidArguments', new TransactionInstruction({ ...init, data: init.data.subarray(0, -1) }), [fresh.god]],
    });
    await at.cluster.ok(init, [fresh.god]);
    await t.test('the largest takings that fit', async () => {
      const rich = await Game.open(at.cluster, { price: 6148914691236517205n, capacity: 3 });
      assert.equal(String((await rich.state()).price), '6148914691236517205');
    });
  });

  test('every instruction refuses bytes behind its arguments and accounts that are missing', async (t) => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    const fresh = await at.cluster.wallet();
    const all = { initEvent: await game.initEvent(), reserve: await game.reserve(fresh), lock: await game.lock(), cancel: await game.cancel(), refund: await game.refund(player),
      beginSettle: await game.beginSettle(), pay: await game.pay(player, 1), closeTicket: await game.closeTicket(player), close: await game.close() };
    for (const [name, instruction] of Object.entries(all)) {
      const signers = name === 'reserve' ? [fresh, game.god] : [game.god];
      const change = (fields) => new TransactionInstruction({ programId: instruction.programId, keys: instruction.keys, data: instruction.data, ...fields });
      await t.test(`${name}, a byte more`, () => at.cluster.refused('InvalidArguments', change({ data: Buffer.concat([instruction.data, Buffer.from([0])]) }), signers));
      await t.test(`${name}, an account less`, () => at.cluster.refused('NotEnoughAccounts', change({ keys: instruction.keys.slice(0, -1) }), signers));
    }
  });

  test('every instruction refuses what is no event', async (t) => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    const [fresh, foreign, nothing] = [await at.cluster.wallet(), await at.cluster.foreign(), someone()];
    const all = { reserve: await game.reserve(fresh), lock: await game.lock(), cancel: await game.cancel(), refund: await game.refund(player), beginSettle: await game.beginSettle(),
      pay: await game.pay(player, 1), closeTicket: await game.closeTicket(player), close: await game.close() };
    for (const [name, instruction] of Object.entries(all))
      for (const [error, replace] of [['NotInitialized', nothing], ['WrongOwner', foreign], ['WrongOwner', game.list], ['WrongAccountType', game.ticketOf(player)], ['WrongAccountType', game.vault]])
        await t.test(`${name}: ${error}`, () => at.cluster.refused(error, tamper(instruction, game.event, { replace }), name === 'reserve' ? [fresh, game.god] : [game.god]));
    for (const name of ['refund', 'pay', 'closeTicket'])
      for (const [error, replace] of [['NotInitialized', nothing], ['WrongOwner', foreign], ['WrongAccountType', game.event], ['WrongAccountType', game.vault]])
        await t.test(`${name}, ticket: ${error}`, () => at.cluster.refused(error, tamper(all[name], game.ticketOf(player), { replace }), [game.god]));
  });

  test("Anchor's listener hears an event of the program", async () => {
    const { ticket } = clients(at.cluster.connection);
    const heard = new EventEmitter();
    const listener = ticket.addEventListener('eventCancelled', ({ event }) => heard.emit(String(event)));
    // a subscription is confirmed to nobody, so what happened before it is tried again
    for (let found = false; !found;) {
      const game = await Game.open(at.cluster);
      const told = once(heard, String(game.event)).then(() => true);
      await at.cluster.ok(await game.cancel(), [game.god]);
      found = await Promise.race([told, delay(1000, false, { ref: false })]);
    }
    await ticket.removeEventListener(listener);
  });

  test('an entry of the whitelist is no list', async () => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    const fresh = Object.assign(new Game(at.cluster, { price: 1, capacity: 1 }), { god: game.god, pool: game.pool, revenue: game.revenue });
    fresh.event = address.event(fresh.god.publicKey, fresh.id);
    fresh.vault = address.vault(fresh.event);
    await at.cluster.refused('WrongAccountType', await fresh.initEvent({ whitelist: game.entryOf(player) }), [fresh.god]);
  });

  test('the authority locks and unlocks; a locked event takes nobody', async (t) => {
    const [game, other] = [await Game.open(at.cluster), await Game.open(at.cluster)];
    const player = await at.cluster.wallet();
    const stranger = await at.cluster.wallet();
    await refusedEach(t, {
      'a stranger': ['WrongEventAuthority', await game.lock(true, { authority: stranger.publicKey }), [stranger]],
      'the authority of another event': ['WrongEventAuthority', await game.lock(true, { authority: other.god.publicKey }), [other.god]],
      'no signature': ['MissingSigner', tamper(await game.lock(), game.god, { signer: false }), []],
      'an event that is not writable': ['NotWritable', tamper(await game.lock(), game.event, { writable: false }), [game.god]],
      'unlocking an open event': ['AlreadyInState', await game.lock(false), [game.god]],
      'something that is no event': ['NotInitialized', await game.lock(true, { event: someone() }), [game.god]],
      'an account of another program': ['WrongOwner', await game.lock(true, { event: game.list }), [game.god]],
      'an argument that is no bool': ['InvalidArguments', Object.assign(await game.lock(), { data: Buffer.concat([(await game.lock()).data.subarray(0, 8), Buffer.from([2])]) }), [game.god]],
    });
    const meta = await at.cluster.ok(await game.lock(), [game.god]);
    assert.deepEqual(events(game.programs.ticket, meta.logMessages).map((e) => [e.name, e.data.locked]), [['eventLocked', true]]);
    assert.deepEqual((await game.state()).state, { locked: {} });
    await at.cluster.refused('AlreadyInState', await game.lock(), [game.god]);
    await at.cluster.refused('NotOpen', await game.reserve(player), [player, game.god]);
    await at.cluster.ok(await game.lock(false), [game.god]);
    await at.cluster.ok(await game.reserve(player), [player, game.god]);
  });

  test('a ticket or a vault in place of the event is refused by its type', async () => {
    const game = await Game.open(at.cluster);
    const [player] = await game.seat(1);
    await at.cluster.refused('WrongAccountType', await game.lock(true, { event: game.ticketOf(player) }), [game.god]);
    await at.cluster.refused('WrongAccountType', await game.lock(true, { event: game.vault }), [game.god]);
  });

  test('cancelling is final', async (t) => {
    const game = await Game.open(at.cluster);
    const [stranger, player] = [await at.cluster.wallet(), await at.cluster.wallet()];
    await refusedEach(t, {
      'a stranger': ['WrongEventAuthority', await game.cancel({ authority: stranger.publicKey }), [stranger]],
      'no signature': ['MissingSigner', tamper(await game.cancel(), game.god, { signer: false }), []],
      'an event that is not writable': ['NotWritable', tamper(await game.cancel(), game.event, { writable: false }), [game.god]],
    });
    const meta = await at.cluster.ok(await game.cancel(), [game.god]);
    assert.equal(events(game.programs.ticket, meta.logMessages)[0].name, 'eventCancelled');
    await refusedEach(t, {
      'a second time': ['AlreadyOver', await game.cancel(), [game.god]],
      'locking it': ['AlreadyOver', await game.lock(), [game.god]],
      'reserving': ['NotOpen', await game.reserve(player), [player, game.god]],
      'settling': ['AlreadyOver', await game.beginSettle(), [game.god]],
    });
  });

  test('close returns every rent, and what strangers sent goes to the pool', async (t) => {
    const game = await Game.open(at.cluster);
    const [stranger, other] = [await at.cluster.wallet(), await Game.open(at.cluster)];
    const [player] = await game.seat(1);
    await t.test('an event that is not over', async () => at.cluster.refused('NotOver', await game.close(), [game.god]));
    await at.cluster.ok(await game.cancel(), [game.god]);
    await t.test('an event with tickets', async () => at.cluster.refused('TicketsRemain', await game.close(), [game.god]));
    await at.cluster.ok(await game.refund(player), [game.god]);
    await at.cluster.gift(game.vault, 777);
    await refusedEach(t, {
      'a stranger': ['WrongEventAuthority', await game.close({ authority: stranger.publicKey }), [stranger]],
      'no signature': ['MissingSigner', tamper(await game.close(), game.god, { signer: false }), []],
      'the vault of another event': ['WrongVault', await game.close({ vault: other.vault }), [game.god]],
      'the whitelist of another event': ['WrongWhitelist', await game.close({ whitelist: other.list }), [game.god]],
      'another pool': ['WrongRecipient', await game.close({ pool: stranger.publicKey }), [game.god]],
      "the list's rent for somebody else": ['WrongRentPayer', await game.close({ listRentPayer: stranger.publicKey }), [game.god]],
      'a false whitelist program': ['WrongProgram', tamper(await game.close(), WHITELIST_ID, { replace: TICKET_ID }), [game.god]],
    });
    const rents = (await Promise.all([game.event, game.vault, game.list].map((k) => at.cluster.balance(k)))).reduce((a, b) => a + b) - 777;
    const [god, pool] = [await at.cluster.balance(game.god), await at.cluster.balance(game.pool)];
    const meta = await at.cluster.ok(await game.close(), [game.god]);
    assert.equal(events(game.programs.ticket, meta.logMessages)[0].name, 'eventClosed');
    assert.equal(await at.cluster.balance(game.god), god + rents);
    assert.equal(await at.cluster.balance(game.pool), pool + 777);
    for (const key of [game.event, game.vault, game.list]) assert.equal(await at.cluster.exists(key), false);
    await t.test('a second time', async () => at.cluster.refused('NotInitialized', await game.close(), [game.god]));
  });

  test('a closed event cannot be revived in the same transaction, but may be opened anew', async () => {
    const game = await Game.open(at.cluster);
    await at.cluster.ok(await game.cancel(), [game.god]);
    const revive = (to) => SystemProgram.transfer({ fromPubkey: game.god.publicKey, toPubkey: to, lamports: 5_000_000 });
    await at.cluster.refused('NotInitialized', [await game.close(), revive(game.event), revive(game.vault), await game.lock()], [game.god]);
    await at.cluster.ok([await game.close(), await game.initList(), await game.initEvent()], [game.god]);
    const state = await game.state();
    assert.deepEqual([state.state, state.reserved], [{ open: {} }, 0]);
  });
});
