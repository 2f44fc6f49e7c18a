import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monthOf, plus, weekPlace } from '../src/core/calendar.js';

test('a month of the Persian calendar has its own days', () => {
    const azar = monthOf('2026-12-03', 'fa');
    assert.deepEqual([azar[0], azar.at(-1), azar.length], ['2026-11-22', '2026-12-21', 30]);
    const esfand = monthOf('2026-03-20', 'fa'); // of a year without a leap day
    assert.deepEqual([esfand[0], esfand.at(-1), esfand.length], ['2026-02-20', '2026-03-20', 29]);
    assert.equal(monthOf('2025-03-20', 'fa').length, 30); // of a leap year
    assert.deepEqual(monthOf(plus(esfand.at(-1), 1), 'fa').length, 31);
});

test('each day of years is in one month, from the first to the last', () => {
    for (const language of ['en', 'fa']) {
        let day = '2024-01-15';
        while (day < '2034-01-01') {
            const month = monthOf(day, language);
            assert.ok(month.includes(day) && month.length >= 28 && month.length <= 31, `${language} ${day}`);
            assert.deepEqual(monthOf(month[0], language), month);
            assert.deepEqual(monthOf(month.at(-1), language), month);
            day = plus(month.at(-1), 1);
        }
    }
});

test('a week begins on Monday, in Persian on Saturday', () => {
    assert.equal(weekPlace('2026-12-07', 'en'), 0);
    assert.equal(weekPlace('2026-12-06', 'en'), 6);
    assert.equal(weekPlace('2026-12-05', 'fa'), 0);
    assert.equal(weekPlace('2026-12-04', 'fa'), 6);
});
