import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wakesTonight } from '../src/screens/lead/wakes.js';

const roles = [
    { id: 'first', night_order: 1, wakes: 'FIRST' }, { id: 'every', night_order: 5, wakes: 'EVERY' }, { id: 'odd', night_order: 2, wakes: 'ODD' },
    { id: 'even', night_order: 3, wakes: 'EVEN' }, { id: 'third', night_order: 4, wakes: 'EVERY_N', n: 3 }, { id: 'once', night_order: 6, wakes: 'ONCE' },
    { id: 'never', night_order: 0, wakes: 'NEVER' },
];
const players = roles.map(({ id }, i) => ({ user_id: id, seat: roles.length - i, role_id: id, abilities_left: 1 }));
const called = (day, more = players) => wakesTonight({ phase: { day }, players: more }, roles).map(({ role }) => role.id);

test('each night calls those whose night it is, in their order', () => {
    assert.deepEqual(called(1), ['first', 'odd', 'every', 'once']);
    assert.deepEqual(called(2), ['even', 'every', 'once']);
    assert.deepEqual(called(3), ['odd', 'third', 'every', 'once']);
    assert.deepEqual(called(6), ['even', 'third', 'every', 'once']);
});

test('who acts once sleeps afterwards, and those of one place wake by their seats', () => {
    assert.deepEqual(called(2, players.map((player) => ({ ...player, abilities_left: 0 }))), ['even', 'every']);
    const two = [{ user_id: 'b', seat: 2, role_id: 'every' }, { user_id: 'a', seat: 1, role_id: 'every' }];
    assert.deepEqual(wakesTonight({ phase: { day: 1 }, players: two }, roles).map(({ player }) => player.user_id), ['a', 'b']);
});
