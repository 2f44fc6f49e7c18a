import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NONE, POINTS, follow } from '../src/core/rates.js';

const process = (id, name, calls, { age = 0, p99 = 100 } = {}) => ({ id, name, age_ms: String(age), health: { times: [{ class: 'READ', calls: String(calls), p99_us: p99 }] } });
const rateOf = (rates, key) => rates.lines.find((line) => line.key === key).rate;

test('a rate is of what came between two counts, by when they were heard', () => {
    let rates = follow(NONE, [process('a', 'auth', 100)], 10_000);
    assert.equal(rateOf(rates, 'auth READ'), 0);
    rates = follow(rates, [process('a', 'auth', 130, { age: 1000 })], 14_000); // heard at 13 s
    assert.equal(rateOf(rates, 'auth READ'), 10);
    rates = follow(rates, [process('a', 'auth', 130, { age: 2500 })], 15_500); // the same count, asked for again
    assert.equal(rateOf(rates, 'auth READ'), 10);
    rates = follow(rates, [process('a', 'auth', 130)], 18_000); // another, and nothing came
    assert.equal(rateOf(rates, 'auth READ'), 0);
    assert.deepEqual(rates.lines[0].points, [0, 10, 10, 0]);
});

test('a count that began anew tells nothing, so what was known stays', () => {
    const rates = [500, 530, 20, 50].reduce((before, calls, i) => follow(before, [process('a', 'auth', calls)], i * 3000), NONE);
    assert.deepEqual(rates.lines[0].points, [0, 10, 10, 10]);
});

test('processes of a service are added up, the slowest of them is told, and who is gone counts no more', () => {
    const first = follow(NONE, [process('a', 'events', 0), process('b', 'events', 0), process('c', 'chain', 0)], 0);
    const second = follow(first, [process('a', 'events', 20, { p99: 300 }), process('b', 'events', 40, { p99: 200 }), process('c', 'chain', 2)], 2000);
    assert.deepEqual(second.lines.map(({ key, rate, p99 }) => [key, rate, p99]), [['events READ', 30, 300], ['chain READ', 1, 100]]);
    const third = follow(second, [process('a', 'events', 40)], 4000);
    assert.deepEqual(third.lines.map(({ key, rate }) => [key, rate]), [['events READ', 10]]);
    assert.deepEqual(Object.keys(third.counts), ['a READ']);
});

test('points are kept for a while alone, and a program that tells nothing is no line', () => {
    let rates = NONE;
    for (let i = 0; i < POINTS + 5; i++) rates = follow(rates, [process('a', 'ai', i * 3), { id: 'old', name: 'ai' }], i * 3000);
    assert.equal(rates.lines.length, 1);
    assert.equal(rates.lines[0].points.length, POINTS);
    assert.ok(rates.lines[0].points.every((rate) => rate === 1));
});
