// A book is followed by its stream alone: through resets, losses of the connection, and kills of the gateway and of chain.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Book } from './parts/book.mjs';
import { LIMITS } from './parts/games.mjs';
import { call, consectl, eventually, ok, signUp, signUpAs, untilTaken } from './parts/people.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 10000;
const [ROLE, EVENT] = [randomUUID(), randomUUID()];
const TOPIC = `market:${ROLE}`;
let system, dev, ann, bob;

before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'dora', 'dev');
    [ann, bob] = [await signUp(system, 'ann'), await signUp(system, 'bob')];
    for (const person of [ann, bob]) {
        const body = { to_user_id: person.id, amount: 1000000, memo: 'start' };
        await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body })).status === 201, PATIENCE_MS);
        for (let i = 0; i < 8; i++) assert.equal((await consectl(system, 'card', 'make', person.id, ROLE, EVENT)).code, 0);
    }
});
after(() => system?.stop());

let turn = 0;
async function trade(count) {
    for (let i = 0; i < count; i++) {
        const of = [ann, bob][turn % 2], side = ['BUY', 'SELL'][(turn >> 1) % 2];
        const body = { role_id: ROLE, side, price: 95 + ((turn * 7) % 11), quantity: 1 + (turn % 3), client_order_id: `turn ${turn}` };
        // By its name an order is placed once, also when a connection to the chain of before is lost under it.
        const { status, body: reply } = await untilTaken(() => call(system, 'POST', '/market/orders', { token: of.token, body }));
        assert.ok([200, 201].includes(status) || reply.code === 'CARDS_SHORT' || reply.code === 'TOO_MANY_ORDERS', JSON.stringify(reply));
        if (++turn % 20 === 0) await call(system, 'DELETE', '/market/orders', { token: of.token });
    }
}

const watch = (headers = {}, query = '') => openStream(system, `/stream?topics=${TOPIC}${query}`, { token: bob.token, headers });

function take(book, { event, data }) {
    if (event === 'snapshot') book.snapshot(data.cursor, data.state);
    if (event === 'entry') book.message(data.entry);
    if (event === 'reset') book.seen.resets++;
}

// Until it has seen what the server has now; then both have the same book.
async function reach(book, stream) {
    const { headers, body } = await call(system, 'GET', `/market/books/${ROLE}?depth=200`, { token: ann.token });
    const index = Number(headers.get('conse-cursor').split('.')[1]);
    while (!(book.index >= index)) take(book, await stream.next());
    assert.deepEqual(book.faults, []);
    assert.equal(book.checksum(), Number(body.checksum));
    for (const side of ['bids', 'asks'])
        assert.deepEqual(book.levels(side), (body[side] ?? []).map(({ price, quantity }) => [Number(price), Number(quantity)]));
}

test('every change comes, in order, with the sum of what is there then', async () => {
    const book = new Book(), stream = await watch();
    await trade(100);
    await reach(book, stream);
    assert.equal(book.seen.snapshots, 1);
    assert.ok(book.seen.messages >= 50 && book.seen.trades > 0, JSON.stringify(book.seen));
    stream.close();
});

test('who comes back goes on where they were; who was too long away, or elsewhere, begins with what is', async () => {
    const book = new Book();
    let stream = await watch(), id;
    await trade(5);
    await reach(book, stream);
    for (let round = 0; round < 10; round++) {
        id = stream.lastId;
        stream.close();
        await trade(10);
        const before = { ...book.seen };
        stream = await watch({ 'Last-Event-ID': id });
        await reach(book, stream);
        assert.deepEqual([book.seen.snapshots, book.seen.resets], [before.snapshots, before.resets]);
        stream.close();
        stream = await watch({}, '&after=AAAAAAAA.1');
        await trade(3);
        await reach(book, stream);
        assert.deepEqual([book.seen.snapshots, book.seen.resets], [before.snapshots + 1, before.resets + 1]);
    }
    stream.close();
});

test('a kill of the gateway, and one of chain, lose nothing', async () => {
    const book = new Book();
    let stream = await watch();
    await trade(5);
    await reach(book, stream);
    const id = stream.lastId;
    await system.killAll('gateway');
    await stream.ended;
    await system.startAll('gateway');
    await trade(10);
    stream = await watch({ 'Last-Event-ID': id });
    await reach(book, stream);
    assert.equal(book.seen.snapshots, 1);
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: bob.token })).status === 200, PATIENCE_MS);
    await trade(10);
    await reach(book, stream);
    assert.deepEqual(book.faults, []);
    stream.close();
});

test("one's own orders are told to oneself", async () => {
    for (const of of [ann, bob]) await call(system, 'DELETE', '/market/orders', { token: of.token });
    const stream = await openStream(system, '/stream?topics=orders', { token: ann.token });
    const first = await stream.next();
    assert.equal(first.event, 'snapshot');
    const place = (of, side, price, quantity, more = {}) =>
        call(system, 'POST', '/market/orders', { token: of.token, body: { role_id: ROLE, side, price, quantity, ...more } });
    const { order } = (await place(ann, 'BUY', 50, 3)).body;
    const entry = async () => (await stream.until(({ event }) => event === 'entry')).data.entry;
    const accepted = await entry();
    assert.deepEqual([accepted.kind, accepted.order.id, accepted.order.state], ['ACCEPTED', order.id, 'OPEN']);
    assert.equal((await place(bob, 'SELL', 50, 1)).status, 201);
    const traded = await entry();
    assert.deepEqual([traded.kind, traded.order.state, traded.trade.part, traded.trade.quantity], ['TRADE', 'PARTIAL', 'MAKER', 1]);
    await call(system, 'DELETE', `/market/orders/${order.id}`, { token: ann.token });
    const cancelled = await entry();
    assert.deepEqual([cancelled.kind, cancelled.order.state, cancelled.order.reason, cancelled.order.filled], ['CANCELLED', 'CANCELLED', 'USER', 1]);
    assert.deepEqual([Number(traded.index), Number(cancelled.index)], [Number(accepted.index) + 1, Number(accepted.index) + 2]);
    stream.close();
});

test('of a role without cards there is no stream, and none without a token', async () => {
    const none = await openStream(system, `/stream?topics=market:${randomUUID()}`, { token: bob.token });
    const told = await none.next();
    assert.equal(told.event, 'error', JSON.stringify(told));
    none.close();
    assert.equal((await openStream(system, `/stream?topics=${TOPIC}`)).status, 401);
    assert.equal((await openStream(system, '/stream?topics=orders')).status, 401);
});
