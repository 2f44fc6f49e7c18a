import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minorOf, written } from '../src/core/amounts.js';
import { bookOf, changed } from '../src/core/book.js';

test('an amount is read in any digits, and with no more of them than there are', () => {
    for (const [text, amount] of [['12', 1200], ['12.5', 1250], ['۱۲٫۵', 1250], ['٣,٠٧', 307], [' 0.01 ', 1], ['0', 0]]) assert.equal(minorOf(text), amount, text);
    for (const text of ['', '1.234', '-1', '1e3', '1 000', '.5', 'ten', '99999999999999999']) assert.ok(Number.isNaN(minorOf(text)), text);
    assert.equal(minorOf(written(1250)), 1250);
});

const level = (price, quantity) => ({ price: String(price), quantity: String(quantity), orders: 1 });
const plain = (levels) => levels.map(({ price, quantity }) => [price, quantity]);

test('a change replaces levels, takes away what is empty, and keeps the best first', () => {
    const book = bookOf({ bids: [level(90, 2), level(80, 1)], asks: [level(100, 3)], stopped: false });
    const next = changed(book, { bids: [level(90, 0), level(95, 4)], asks: [level(99, 1), level(120, 2)], trades: [{ id: 'a', price: '90' }, { id: 'b', price: '91' }] });
    assert.deepEqual(plain(next.bids), [[95, 4], [80, 1]]);
    assert.deepEqual(plain(next.asks), [[99, 1], [100, 3], [120, 2]]);
    assert.deepEqual(next.trades.map(({ id }) => id), ['b', 'a']);
    assert.equal(next.last.id, 'b');
    assert.deepEqual(plain(book.bids), [[90, 2], [80, 1]]); // the one of before is as it was
});
