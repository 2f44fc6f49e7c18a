// Seats that cost something over HTTP: events holds them, chain takes what is paid, and both agree, whatever is killed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent } from './parts/games.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 20000;
const PRICE = 500, FEE = 50, START = 2000;
const PAID = { price: { amount: PRICE, currency: 'CONSE' }, payment_terms: { refund_fee: FEE, payout_after: '0s', god_bp: 1000 } };
let system, dev, god, deck, people;

before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'dora', 'dev');
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god, { roles: 3, lastMoves: 1 });
    people = await Promise.all(['ann', 'bob', 'eve', 'tom'].map((name) => signUp(system, name)));
    for (const person of people) await eventually(async () => (await grant(person, START)).status === 201, PATIENCE_MS);
});
after(() => system?.stop());

const grant = (to, amount) => call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: to.id, amount, memo: 'start' } });
const coins = async (of) => Number((await ok(system, 'GET', '/wallet', { token: of.token })).balances.find(({ kind }) => kind === 'CONSE').amount);
const reserve = async (person, event) => (await as(system, person, event)('POST', '/reservations', {})).reservation;
const mine = async (person, event) => (await readEvent(system, person, event)).my_reservation;
const pays = (person, id, method = 'POST', route = '/pay') => call(system, method, `/payments/${id}${route}`, { token: person.token });
const stateOf = async (person, id) => (await pays(person, id, 'GET', '')).body.payment?.state;
const seated = (person, event) => eventually(async () => (await mine(person, event))?.state === 'CONFIRMED', PATIENCE_MS);

// A hold, once chain has opened it.
async function hold(person, event) {
    const { payment_id: id, state } = await reserve(person, event);
    assert.equal(state, 'PENDING');
    await eventually(async () => (await stateOf(person, id)) === 'HELD', PATIENCE_MS);
    return id;
}

async function seat(person, event) {
    const id = await hold(person, event);
    const paid = await pays(person, id);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    await seated(person, event);
    return id;
}

test('a seat is held, paid once, and kept', async () => {
    const [ann, bob] = people;
    const event = await openEvent(system, god, deck, { ...PAID, max_players: 3 });
    const id = await hold(ann, event);
    await eventually(async () => (await mine(ann, event)).hold_expires_at, PATIENCE_MS);
    assertProblem(await pays(bob, id), 404, 'NOT_FOUND');
    const before = await coins(ann);
    const once = () => call(system, 'POST', `/payments/${id}/pay`, { token: ann.token, headers: { 'Idempotency-Key': 'my-seat' } });
    const [first, second] = [await once(), await once()];
    assert.deepEqual([first.status, first.body.payment.state, second.body], [200, 'SEATED', first.body]);
    assertProblem(await pays(ann, id), 409, 'ALREADY_PAID');
    assert.equal(await coins(ann), before - PRICE);
    await seated(ann, event);
    await system.killAll('chain');
    await system.killAll('events');
    await system.startAll('chain');
    await system.startAll('events');
    await eventually(async () => (await call(system, 'GET', `/payments/${id}`, { token: ann.token })).status === 200, PATIENCE_MS);
    assert.equal(await stateOf(ann, id), 'SEATED');
    assert.equal(await coins(ann), before - PRICE);

    // Who leaves gets all but the fee, and the place is free.
    await as(system, ann, event)('DELETE', `/reservations/${ann.id}`);
    await eventually(async () => (await coins(ann)) === before - FEE, PATIENCE_MS);
    await eventually(async () => !(await mine(ann, event)), PATIENCE_MS);
});

test('who gives a hold up owes nothing', async () => {
    const [, bob] = people;
    const event = await openEvent(system, god, deck, { ...PAID, max_players: 3 });
    const before = await coins(bob);
    const id = await hold(bob, event);
    assert.equal((await pays(bob, id, 'DELETE', '')).body.payment.state, 'LEFT');
    assertProblem(await pays(bob, id), 409, 'HOLD_OVER');
    await eventually(async () => !(await mine(bob, event)), PATIENCE_MS);
    assert.equal(await coins(bob), before);
});

test('an event that is called off gives all back', async () => {
    const [ann, bob] = people;
    const event = await openEvent(system, god, deck, { ...PAID, max_players: 3 });
    const before = [await coins(ann), await coins(bob)];
    await seat(ann, event);
    await seat(bob, event);
    assert.deepEqual([await coins(ann), await coins(bob)], before.map((amount) => amount - PRICE));
    await as(system, god, event)('POST', '/cancel');
    await eventually(async () => (await coins(ann)) === before[0] && (await coins(bob)) === before[1], PATIENCE_MS);
});

test('a whole evening: paid, locked, played, divided', async () => {
    const event = await openEvent(system, god, deck, { ...PAID, max_players: 3 });
    const g = as(system, god, event);
    const players = people.slice(0, 3);
    const first = await ok(system, 'GET', `/events/${event.id}/payout-preview?winners=1&seats=3&price=${PRICE}&god_bp=1000`, { token: god.token });
    const godBefore = await coins(god), before = new Map();
    for (const player of players) before.set(player.id, await coins(player));
    const ids = [];
    for (const player of players) ids.push(await seat(player, event));
    const payments = (await ok(system, 'GET', `/events/${event.id}/payments`, { token: god.token })).payments;
    assert.deepEqual(payments.map(({ id, state }) => [id, state]), ids.map((id) => [id, 'SEATED']));
    assertProblem(await call(system, 'GET', `/events/${event.id}/payments`, { token: players[0].token }), 403, 'LEVEL_TOO_LOW');
    const csv = await fetch(`${system.url}/events/${event.id}/payments.csv`, { headers: { authorization: `Bearer ${god.token}` } });
    assert.match(csv.headers.get('content-type'), /^text\/csv/);
    assert.equal((await csv.text()).trim().split('\r\n').length, 4);
    await g('POST', '/lock');
    const plan = await ok(system, 'GET', `/events/${event.id}/payout-preview?winners=1`, { token: god.token });
    assert.equal(Number(plan.pot), 3 * PRICE);
    assert.deepEqual([first.pot, first.revenue, first.god, first.each], [plan.pot, plan.revenue, plan.god, plan.each]);
    assert.equal(Number(plan.each) + Number(plan.revenue) + Number(plan.god), 3 * PRICE);
    const { players: dealt } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/finish', { winning_side_ids: [dealt[0].side_id] });
    await eventually(async () => (await coins(god)) > godBefore, PATIENCE_MS);
    let won = 0;
    for (const player of players) won += (await coins(player)) - before.get(player.id) + PRICE;
    const forGod = (await coins(god)) - godBefore;
    assert.equal(won + forGod + Number(plan.revenue), 3 * PRICE);
    await eventually(async () => (await stateOf(players[0], ids[0])) === 'PAID_OUT', PATIENCE_MS);
    const history = await ok(system, 'GET', `/ledger/accounts/${god.id}`, { token: god.token });
    assert.equal(history.transactions[0].kind, 'PAYOUT');
});

test('the ledger that came of it verifies', async () => {
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    await system.startAll('chain');
});
