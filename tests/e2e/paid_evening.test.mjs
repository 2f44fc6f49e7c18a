// Seats that cost something, from the reservation to the pot: over HTTP, with the account that pays for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent } from './parts/games.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 20000;
const PRICE = { amount: '500', currency: 'CONSE' };

let system, dev, god, deck;
before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'paid_dev', 'dev');
    god = await makeGod(system, 'paid_god');
    deck = await makeDeck(system, god);
});
after(() => system?.stop());

const grant = (to) => call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: to.id, amount: 1000, memo: 'for the evening' } });
const rich = async (name) => {
    const person = await signUp(system, name);
    await eventually(async () => (await grant(person)).status === 201, PATIENCE_MS); // chain has heard of them
    return person;
};
const wallet = async (of) => Number((await ok(system, 'GET', '/wallet', { token: of.token })).balances.find(({ kind }) => kind === 'CONSE').amount);
const to = (person, event) => (method, path, body) => call(system, method, `/events/${event.id}${path}`, { token: person.token, body });
const open = (more) => openEvent(system, god, deck, { price: PRICE, ...more });
const mine = async (person, event) => (await readEvent(system, person, event)).my_reservation;
const untilMine = (person, event, state) => eventually(async () => (await mine(person, event))?.state === state, PATIENCE_MS);
const reserve = async (person, event) => (await as(system, person, event)('POST', '/reservations', {})).reservation;
const payment = (person, { payment_id: id }) => call(system, 'GET', `/payments/${id}`, { token: person.token });
// Once chain has heard of the hold.
const pay = async (person, { payment_id: id }) => {
    let reply;
    await eventually(async () => (reply = await call(system, 'POST', `/payments/${id}/pay`, { token: person.token })).status !== 404, PATIENCE_MS);
    return reply;
};
const takeSeat = async (person, event) => {
    const hold = await reserve(person, event);
    assert.equal((await pay(person, hold)).status, 200);
    await untilMine(person, event, 'CONFIRMED');
    return hold;
};

test('a paid evening, from the reservation to the lock', async () => {
    const [a, b] = [await rich('pays_a'), await rich('pays_b')];
    const event = await open({ payment_terms: { hold: '600s', god_bp: 500 } });
    assert.deepEqual([event.price.amount, event.payment_terms.hold, event.payment_terms.god_bp], ['500', '600s', 500]);
    const hold = await reserve(a, event);
    assert.deepEqual([hold.state, hold.position, typeof hold.payment_id], ['PENDING', 1, 'string']);
    await eventually(async () => (await mine(a, event)).hold_expires_at, PATIENCE_MS);
    assert.deepEqual((await readEvent(system, undefined, event)).players.map(({ held }) => held), [true]);
    const refused = await to(god, event)('POST', '/lock', {});
    assertProblem(refused, 409, 'HOLDS_OPEN');
    assert.match(JSON.stringify(refused.body), /pays_a/);

    assert.equal((await pay(a, hold)).status, 200);
    await untilMine(a, event, 'CONFIRMED');
    assert.equal(await wallet(a), 500);
    await takeSeat(b, event);
    const locked = await as(system, god, event)('POST', '/lock', {});
    assert.deepEqual([locked.event.state, locked.event.players.map(({ held }) => held)], ['LOCKED', [false, false]]);
});

test('who waits gets a hold when a place frees', async () => {
    const [a, b] = [await rich('waits_a'), await rich('waits_b')];
    const event = await open({ max_players: 1, waitlist: true });
    const hold = await reserve(a, event);
    assert.equal((await reserve(b, event)).state, 'WAITLISTED');
    const left = await to(a, event)('DELETE', `/reservations/${a.id}`);
    assert.deepEqual([left.status, left.body.reservation.state, left.body.reservation.payment_id], [200, 'ENDING', hold.payment_id]);
    await untilMine(b, event, 'PENDING');
    assert.equal(await mine(a, event), undefined);
    assert.equal((await pay(b, await mine(b, event))).status, 200);
    await untilMine(b, event, 'CONFIRMED');
});

test('holds are ended for the lock, which comes by itself', async () => {
    const [a, b] = [await rich('locks_a'), await rich('locks_b')];
    const event = await open();
    await takeSeat(a, event);
    const hold = await reserve(b, event);
    const waits = await as(system, god, event)('POST', '/lock', { end_holds: true });
    assert.ok(waits.event.locking || waits.event.state === 'LOCKED');
    await eventually(async () => (await readEvent(system, god, event)).state === 'LOCKED', PATIENCE_MS);
    assert.deepEqual((await readEvent(system, god, event)).players.map(({ user_id: id }) => id), [a.id]);
    await eventually(async () => (await payment(b, hold)).body.payment?.state === 'OUTSIDE', PATIENCE_MS);
});

test('who leaves, or whose evening is called off, gets everything back', async () => {
    const [a, b] = [await rich('back_a'), await rich('back_b')];
    const event = await open();
    const seat = await takeSeat(a, event);
    await takeSeat(b, event);
    assert.equal((await to(b, event)('DELETE', `/reservations/${b.id}`)).status, 200);
    await eventually(async () => !(await mine(b, event)), PATIENCE_MS);
    assert.equal(await wallet(b), 1000);
    assert.equal(await wallet(a), 500);
    await as(system, god, event)('POST', '/cancel', {});
    await eventually(async () => await wallet(a) === 1000, PATIENCE_MS);
    await eventually(async () => (await payment(a, seat)).body.payment.state === 'REFUNDED', PATIENCE_MS);

    // Its seat is still taken, and keeps nothing.
    const played = () => ok(system, 'GET', `/events?player_id=${a.id}`);
    assert.deepEqual((await played()).events.map(({ id }) => id), [event.id]);
    await eventually(async () => (await to(god, event)('DELETE', '')).status === 204, PATIENCE_MS);
    assert.deepEqual((await played()).events, []);
});

test('a walk-in sits without a payment, when the god says so', async () => {
    const event = await open(), ask = to(god, event);
    assertProblem(await ask('POST', '/reservations', { guest_name: 'anna' }), 400, 'INVALID_FIELD');
    assert.equal((await ask('POST', '/reservations', { guest_name: 'anna', comp: true })).status, 201);
    assert.equal((await ask('POST', '/lock', {})).status, 200);
});

test('an event is deleted when nothing of its payments is open', async () => {
    const a = await rich('gone_a');
    const event = await open();
    await reserve(a, event);
    assertProblem(await to(god, event)('DELETE', ''), 409, 'PAYMENTS_OPEN');
    assert.equal((await to(a, event)('DELETE', `/reservations/${a.id}`)).status, 200);
    await eventually(async () => (await to(god, event)('DELETE', '')).status === 204, PATIENCE_MS);
});

test('terms are frozen by the first hold, and the price can only go up for others', async () => {
    const a = await rich('terms_a');
    const event = await open(), edit = (body) => to(god, event)('PATCH', '', body);
    assert.equal((await edit({ payment_terms: { god_bp: 100 } })).status, 200);
    await reserve(a, event);
    assertProblem(await edit({ payment_terms: { god_bp: 0 } }), 409, 'TERMS_FROZEN');
    assertProblem(await edit({ price: { amount: '499', currency: 'CONSE' } }), 409, 'IN_USE');
    assert.equal((await edit({ price: { amount: '600', currency: 'CONSE' } })).body.event.price.amount, '600');
    assertProblem(await to(god, event)('PATCH', '', { price: { amount: '1', currency: 'LAMPORTS' } }), 422, 'PRICE_UNSUPPORTED');
});

test('while chain is away seats are held, and it is caught up', async () => {
    const a = await rich('away_a');
    const event = await open();
    await system.killAll('chain');
    const hold = await reserve(a, event);
    await system.startAll('chain');
    assert.deepEqual([hold.state, hold.hold_expires_at], ['PENDING', undefined]);
    assert.equal((await pay(a, hold)).status, 200);
    await untilMine(a, event, 'CONFIRMED');
});

test('the pot goes to who won', async () => {
    const [a, b] = [await rich('wins_a'), await rich('wins_b')];
    const event = await open({ payment_terms: { payout_after: '0s', tax_bp: 1000 } }), act = as(system, god, event);
    await takeSeat(a, event);
    await takeSeat(b, event);
    await act('POST', '/lock', {});
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const { players } = await readEvent(system, god, event);
    const side = players.find(({ user_id: id }) => id === a.id).side_id;
    const winners = players.filter(({ side_id: id }) => id === side).map(({ user_id: id }) => id);
    await act('POST', '/finish', { winning_side_ids: [side] });
    const each = 900 / winners.length;
    for (const person of [a, b]) {
        const due = 500 + (winners.includes(person.id) ? each : 0);
        await eventually(async () => await wallet(person) === due, PATIENCE_MS);
    }
});

test('devs, and the god, find the games whose end is disputed', async () => {
    const [a, b] = [await rich('doubts_a'), await rich('doubts_b')];
    const event = await open(), act = as(system, god, event);
    const disputes = async (of) => (await ok(system, 'GET', '/disputes?page_size=5', { token: of.token })).disputes;
    await takeSeat(a, event);
    await takeSeat(b, event);
    await act('POST', '/lock', {});
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const { players } = await readEvent(system, god, event);
    await act('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    await eventually(async () => (await to(a, event)('POST', '/disputes', {})).status === 200, PATIENCE_MS);
    for (const person of [dev, god]) {
        const [dispute] = await disputes(person);
        assert.deepEqual([dispute.event_id, dispute.god_id, dispute.user_ids, dispute.payout.pot], [event.id, god.id, [a.id], '1000']);
    }
    assert.deepEqual(await disputes(await makeGod(system, 'paid_other')), []);
    assertProblem(await call(system, 'GET', '/disputes', { token: a.token }), 403, 'LEVEL_TOO_LOW');
    assert.equal((await to(dev, event)('DELETE', '/disputes')).status, 200);
    assert.deepEqual(await disputes(dev), []);
});

test('what is paid out after the end is told to all who follow, and closes the log', async () => {
    const [a, b] = [await rich('told_a'), await rich('told_b')];
    const event = await open({ payment_terms: { payout_after: '0s' } }), act = as(system, god, event);
    await takeSeat(a, event);
    await takeSeat(b, event);
    await act('POST', '/lock', {});
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const { players } = await readEvent(system, god, event);
    const streams = await Promise.all([undefined, a, god].map((who) => openStream(system, `/stream?topics=event:${event.id}`, { token: who?.token })));
    for (const stream of streams) await stream.until(({ event: kind }) => kind === 'snapshot');
    await act('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    await eventually(async () => (await to(god, event)('GET', '/payments')).body.payments.every(({ state }) => state === 'PAID_OUT'), PATIENCE_MS);
    const cursorOf = (stream) => stream.messages.findLast(({ data }) => data?.cursor)?.data.cursor;
    const now = async () => (await call(system, 'GET', `/events/${event.id}`)).headers.get('conse-cursor');
    for (const stream of streams) {
        await eventually(async () => cursorOf(stream) === await now(), PATIENCE_MS);
        stream.close();
    }
    const { code, stdout, stderr } = await consectl(system, 'log', event.id);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /the hash chain holds/);
});
