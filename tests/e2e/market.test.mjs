// Role cards are dealt in over HTTP: orders, their escrow, books, trades and prices; nothing is lost by a kill.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 10000;
const [ROLE, OTHER, EVENT] = [randomUUID(), randomUUID(), randomUUID()];
let system, dev, ann, bob;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_MARKET_FEE_BP: '100' } });
    dev = await signUpAs(system, 'dora', 'dev');
    [ann, bob] = [await signUp(system, 'ann'), await signUp(system, 'bob')];
    for (const person of [ann, bob]) await eventually(async () => (await grant(person, 100000)).status === 201, PATIENCE_MS);
    for (let i = 0; i < 4; i++) await giveCard(ann, ROLE);
    await giveCard(bob, OTHER);
});
after(() => system?.stop());

const grant = (to, amount) => call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: to.id, amount, memo: 'start' } });
const giveCard = async (to, role) => {
    const { code, stderr } = await consectl(system, 'card', 'make', to.id, role, EVENT);
    assert.equal(code, 0, stderr);
};
const order = (of, side, price, quantity, more = {}) =>
    call(system, 'POST', '/market/orders', { token: of.token, body: { role_id: ROLE, side, price, quantity, ...more } });
const read = (of, path) => ok(system, 'GET', path, { token: of.token });
const coins = async (of) => Number((await read(of, '/wallet')).balances.find(({ kind }) => kind === 'CONSE').amount);
const cards = async (of) => (await read(of, '/market/cards')).cards ?? [];

test('an order rests with its escrow, and is met at its price', async () => {
    const { status, body } = await order(ann, 'SELL', 1000, 2);
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.order.state, 'OPEN');
    assert.ok((await cards(ann)).filter(({ order_id: held }) => held === body.order.id).length === 2);
    const bought = await order(bob, 'BUY', 1500, 1);
    assert.equal(bought.body.order.state, 'FILLED');
    assert.equal(bought.body.order.average_price, '1000.00');
    assert.deepEqual([await coins(ann), await coins(bob)], [100990, 99000]);
    const book = await read(bob, `/market/books/${ROLE}?depth=5`);
    assert.deepEqual(book.asks, [{ price: '1000', quantity: '1', orders: 1 }]);
    assert.equal(book.last.price, '1000');
});

test('what everybody sees of trades follows', async () => {
    await eventually(async () => (await read(bob, `/market/trades?role_id=${ROLE}`)).trades?.length === 1, PATIENCE_MS);
    const [own] = (await read(ann, '/market/trades?user_id=me')).trades;
    assert.deepEqual([own.part, own.side, own.fee], ['MAKER', 'SELL', '10']);
    for (const interval of ['1m', '15m', '1h', '1d']) {
        const [candle] = (await read(bob, `/market/candles?role_id=${ROLE}&interval=${interval}`)).candles;
        assert.deepEqual([candle.open, candle.close, candle.volume], ['1000', '1000', '1']);
    }
    const tickers = (await read(bob, '/market/tickers')).tickers;
    assert.equal(tickers.length, 2);
    assert.equal(tickers.find(({ role_id: id }) => id === ROLE).volume, '1');
    assert.equal((await read(bob, '/market/orders?state=FILLED')).orders.length, 1);
});

test('a hint says what a card costs, and warns of a price that is far from it', async () => {
    const hint = await read(bob, `/market/hints?role_id=${ROLE}&side=BUY&price=1200`);
    assert.deepEqual([hint.last, hint.bid, hint.ask, hint.spread, hint.far], ['1000', '0', '1000', '0', true]);
    assert.equal((await read(bob, `/market/hints?role_id=${ROLE}&side=BUY&price=1100`)).far, false);
    assertProblem(await call(system, 'GET', `/market/hints?role_id=${randomUUID()}`, { token: bob.token }), 404, 'NOT_FOUND');
});

test('a name of the client, and a key, make repetitions known', async () => {
    const named = { client_order_id: 'bid-1' };
    const first = await order(bob, 'BUY', 10, 1, named);
    const again = await order(bob, 'BUY', 10, 1, named);
    assert.deepEqual([first.status, again.status], [201, 200]);
    assert.equal(again.body.order.id, first.body.order.id);
    assertProblem(await order(bob, 'BUY', 11, 1, named), 422, 'IDEMPOTENCY_MISMATCH');
    assert.equal((await call(system, 'DELETE', `/market/orders/${first.body.order.id}`, { token: bob.token })).body.order.reason, 'USER');
    assertProblem(await call(system, 'DELETE', `/market/orders/${first.body.order.id}`, { token: bob.token }), 409, 'ORDER_CLOSED');
    assertProblem(await call(system, 'DELETE', `/market/orders/${first.body.order.id}`, { token: ann.token }), 404, 'NOT_FOUND');
});

test('what cannot be placed is refused, and moves nothing', async () => {
    const before = [await coins(bob), (await cards(bob)).length];
    assertProblem(await order(bob, 'BUY', 1000000, 1), 422, 'FUNDS_SHORT');
    assertProblem(await order(bob, 'SELL', 10, 5), 422, 'CARDS_SHORT');
    assertProblem(await order(bob, 'BUY', 10, 1, { role_id: randomUUID() }), 404, 'NOT_FOUND');
    assertProblem(await order(bob, 'BUY', 10, 1, { post_only: true, time_in_force: 'IOC' }), 400, 'INVALID_FIELD');
    assertProblem(await call(system, 'POST', '/market/orders', { body: {} }), 401, 'TOKEN_INVALID');
    assert.deepEqual([await coins(bob), (await cards(bob)).length], before);
});

test('orders are withdrawn when their time comes, also after a kill', async () => {
    const before = await coins(bob);
    assert.equal((await order(bob, 'BUY', 100, 3)).body.order.state, 'OPEN');
    assert.equal(await coins(bob), before - 300);
    const { cancel_at: at } = (await call(system, 'POST', '/market/cancel-after', { token: bob.token, body: { seconds: 1 } })).body;
    assert.ok(at);
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: bob.token })).status === 200, PATIENCE_MS);
    await eventually(async () => (await coins(bob)) === before, PATIENCE_MS);
    await eventually(async () => (await read(bob, '/market/orders?state=CANCELLED')).orders[0]?.reason === 'TIMER', PATIENCE_MS);
});

test('many orders at once: everything that there was is there', async () => {
    const sum = async () => {
        await Promise.all([ann, bob].map((of) => call(system, 'DELETE', '/market/orders', { token: of.token })));
        const held = await Promise.all([coins(ann), coins(bob)]);
        const owned = await Promise.all([cards(ann), cards(bob)]);
        return [held[0] + held[1], owned[0].length + owned[1].length];
    };
    const [coinsBefore, cardsBefore] = await sum();
    const tries = Array.from({ length: 200 }, (_, i) => order([ann, bob][i % 2], ['BUY', 'SELL'][(i >> 1) % 2], 95 + ((i * 7) % 11), 1 + (i % 2)));
    const statuses = new Set((await Promise.all(tries)).map(({ status }) => status));
    assert.ok([...statuses].every((status) => [201, 422].includes(status)), String([...statuses]));
    const [coinsAfter, cardsAfter] = await sum();
    assert.equal(cardsAfter, cardsBefore);
    assert.ok(coinsAfter <= coinsBefore && coinsAfter > coinsBefore - 300); // the fee alone is gone
});

test('a role that is disabled in the catalogue gives everything back', async () => {
    const role = (await read(dev, '/roles')).roles.find(({ slug }) => slug === 'mafia') ?? (await read(dev, '/roles')).roles[0];
    await giveCard(ann, role.id);
    const before = await coins(bob);
    const bid = () => order(bob, 'BUY', 7, 1, { role_id: role.id });
    const disable = (disabled) => ok(system, 'PATCH', `/roles/${role.id}`, { token: dev.token, body: { disabled } });
    const { id } = (await bid()).body.order;
    await disable(true);
    const ended = async () => (await read(bob, '/market/orders?state=CANCELLED')).orders.find((one) => one.id === id);
    await eventually(async () => (await ended())?.reason === 'ROLE_DISABLED', PATIENCE_MS);
    assert.equal(await coins(bob), before);
    assertProblem(await bid(), 409, 'ROLE_STOPPED');
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await bid()).body.code === 'ROLE_STOPPED', PATIENCE_MS);
    await disable(false);
    await eventually(async () => (await bid()).status === 201, PATIENCE_MS);
    await call(system, 'DELETE', '/market/orders', { token: bob.token });
});

test('a role that is stopped gives everything back', async () => {
    await order(bob, 'BUY', 7, 1);
    assert.equal((await consectl(system, 'card', 'stop', ROLE)).code, 0);
    assertProblem(await order(bob, 'BUY', 7, 1), 409, 'ROLE_STOPPED');
    assert.equal((await read(bob, '/market/orders?state=OPEN')).orders?.length ?? 0, 0);
    assert.equal((await consectl(system, 'card', 'go-on', ROLE)).code, 0);
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    const { cards } = JSON.parse(verified.stdout);
    const somewhere = cards.accounts + cards.orders + cards.cluster;
    assert.ok(cards.made > 0 && cards.made === somewhere + cards.taken_back, verified.stdout);
    await system.startAll('chain');
});
