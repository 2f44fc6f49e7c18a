// The market over GraphQL, as over server-sent events: a book by its changes, and what happens to one's own orders.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Book } from './parts/book.mjs';
import { LIMITS } from './parts/games.mjs';
import { data } from './parts/graphql.mjs';
import { call, consectl, eventually, signUp, signUpAs } from './parts/people.mjs';
import { BOOK, ORDERS, refusalOf, WAYS } from './parts/socket.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 10000;
const [ROLE, EVENT] = [randomUUID(), randomUUID()];
let system, ann, bob;

before(async () => {
    system = await startSystem({ env: LIMITS });
    const dev = await signUpAs(system, 'dora', 'dev');
    [ann, bob] = [await signUp(system, 'ann'), await signUp(system, 'bob')];
    for (const person of [ann, bob]) {
        const body = { to_user_id: person.id, amount: 1000000, memo: 'start' };
        await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body })).status === 201, PATIENCE_MS);
        for (let i = 0; i < 8; i++) assert.equal((await consectl(system, 'card', 'make', person.id, ROLE, EVENT)).code, 0);
    }
});
after(() => system?.stop());

const withWays = async (work) => { for (const [name, open] of Object.entries(WAYS)) await work((person) => open(system, person), name); };
const withdraw = async () => {
    const answers = await Promise.all([ann, bob].map(({ token }) => call(system, 'DELETE', '/market/orders', { token })));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
};
const place = async (of, side, price, quantity) => {
    const { status, body } = await call(system, 'POST', '/market/orders', { token: of.token, body: { role_id: ROLE, side, price, quantity } });
    assert.equal(status, 201, JSON.stringify(body));
    return body.order;
};

// Changes of all kinds: levels that come, shrink and vanish, and trades, each card there and back.
async function trade(rounds) {
    for (let i = 0; i < rounds; i++) {
        const [seller, buyer] = i % 2 ? [bob, ann] : [ann, bob];
        await place(seller, 'SELL', 100 + i, 2);
        await place(buyer, 'BUY', 99 - i, 1);
        await place(buyer, 'BUY', 100 + i, 1);
        await place(seller, 'SELL', 99 - i, 1);
        await withdraw();
    }
}

// Until the book is what a question is answered now.
async function reach(book, told) {
    const { book: now } = await data(system, 'query($id: ID!) { book(roleId: $id, depth: 200) { checksum bids { price quantity } asks { price quantity } } }', { token: ann.token, variables: { id: ROLE } });
    const index = (await call(system, 'GET', `/market/books/${ROLE}`, { token: ann.token })).headers.get('conse-cursor').split('.')[1];
    while (!(book.index >= Number(index))) {
        const what = await told.next();
        if (what.__typename === 'BookSnapshot') book.snapshot(what.cursor, what.state);
        if (what.__typename === 'BookEntry') book.message(what);
    }
    assert.deepEqual(book.faults, []);
    assert.equal(book.checksum(), Number(now.checksum));
    for (const side of ['bids', 'asks']) assert.deepEqual(book.levels(side), now[side].map(({ price, quantity }) => [Number(price), Number(quantity)]));
}

test('every change of a book comes, and who comes back is told what lies between', () => withWays(async (open, name) => {
    const book = new Book(), first = open(bob), told = first.follow(BOOK, { id: ROLE });
    await trade(6);
    await place(ann, 'SELL', 120, 1);
    await reach(book, told);
    assert.equal(book.seen.snapshots, 1, name);
    assert.ok(book.seen.messages >= 20 && book.seen.trades >= 10, JSON.stringify(book.seen));
    first.close();
    await trade(2);
    const back = open(bob), rest = back.follow(BOOK, { id: ROLE, after: told.cursor });
    await reach(book, rest);
    await rest.live();
    assert.equal(book.seen.snapshots, 1, name);
    const lost = back.follow(BOOK, { id: ROLE, after: 'AAAAAAAA.1' });
    assert.deepEqual([(await lost.next()).reason, (await lost.next()).__typename], ['EPOCH', 'BookSnapshot'], name);
    back.close();
}));

// A sum has 32 bits, which an Int has not: of a thousand books about half have one that it would not hold.
test('every sum of a book is told', async () => {
    const followed = WAYS.socket(system, bob), book = new Book(), told = followed.follow(BOOK, { id: ROLE });
    for (let i = 0; i < 12; i++) await place(ann, 'BUY', 10 + i, 1);
    await reach(book, told);
    assert.ok(told.all.some(({ checksum }) => Number(checksum) > 2 ** 31 - 1), 'none of them is large');
    await withdraw();
    followed.close();
});

test("what happens to one's orders is told to oneself alone, and who comes back is told the rest", () => withWays(async (open, name) => {
    const mine = open(ann), told = mine.follow(ORDERS), others = open(bob), theirs = others.follow(ORDERS);
    assert.deepEqual([(await told.next()).state.orders, (await theirs.next()).state.orders], [[], []], name);
    const order = await place(ann, 'BUY', 50, 3);
    const [accepted] = await told.entries(1);
    assert.deepEqual([accepted.kind, accepted.order.id, accepted.order.state], ['ACCEPTED', order.id, 'OPEN'], name);
    await place(bob, 'SELL', 50, 1);
    const [traded] = await told.entries(1);
    assert.deepEqual([traded.kind, traded.order.state, traded.trade.part, traded.trade.quantity], ['TRADE', 'PARTIAL', 'MAKER', 1], name);
    assert.deepEqual((await theirs.entries(2)).map(({ kind, order: { price } }) => [kind, price]), [['ACCEPTED', '50'], ['TRADE', '50']], name);
    mine.close();
    assert.equal((await call(system, 'DELETE', `/market/orders/${order.id}`, { token: ann.token })).status, 200, name);
    const again = open(ann), back = again.follow(ORDERS, { after: told.cursor }), [cancelled] = await back.entries(1);
    assert.deepEqual([cancelled.kind, cancelled.order.reason, cancelled.order.filled, Number(cancelled.index)], ['CANCELLED', 'USER', 1, Number(traded.index) + 1], name);
    await back.live();
    const wrong = others.follow(ORDERS, { after: told.cursor });
    assert.deepEqual([(await wrong.next()).reason, (await wrong.next()).state.orders], ['EPOCH', []], name);
    for (const each of [again, others]) each.close();
}));

test('of a role without cards nothing is told, and nothing without a token', () => withWays(async (open, name) => {
    const one = open(bob), nobody = open(null);
    assert.equal((await refusalOf(one.follow(BOOK, { id: randomUUID() }))).code, 'NOT_FOUND', name);
    assert.equal((await refusalOf(one.follow(BOOK, { id: 'x' }))).fields[0].field, 'roleId', name);
    assert.equal((await refusalOf(nobody.follow(BOOK, { id: ROLE }))).code, 'TOKEN_INVALID', name);
    assert.equal((await refusalOf(nobody.follow(ORDERS))).code, 'TOKEN_INVALID', name);
    const goes = one.follow(BOOK, { id: ROLE });
    assert.equal((await goes.next()).__typename, 'BookSnapshot', name);
    for (const each of [one, nobody]) each.close();
}));
