// Replies, tokens, accounts; and that a schedule follows from its seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccounts } from '../checks/accounts.mjs';
import { checkCodes, checkEqual, checkTitles } from '../checks/replies.mjs';
import { checkTokens } from '../checks/tokens.mjs';
import { makeSchedule } from '../parts/schedule.mjs';
import { ANNA, call, GOD } from './history.mjs';

test('different replies to one key are found', () => {
    const note = call('note', GOD, [1, 2], { status: 201 });
    const again = (digest) => ({ ...note, attempts: [...note.attempts, { ...note.attempts[0], digest }] });
    assert.deepEqual(checkEqual([again('x')]), []);
    assert.equal(checkEqual([again('y')]).length, 1);
});

test('codes that nobody should hear are found', () => {
    assert.deepEqual(checkCodes([call('note', GOD, [1, 2], { status: 503, code: 'SERVICE_AWAY' })]), []);
    assert.equal(checkCodes([call('note', GOD, [1, 2], { status: 409, code: 'CONFLICT' })]).length, 1);
    assert.equal(checkCodes([call('note', GOD, [1, 2], { status: 500, code: 'INTERNAL_ERROR' })]).length, 1);
});

test('an event that was made twice, or is lost, is found', () => {
    const make = (status) => [call('create', GOD, [1, 2], { status, args: { title: 'x' } })];
    const there = (count) => Array.from({ length: count }, () => ({ title: 'x' }));
    const found = (status) => [0, 1, 2].map((count) => checkTitles(make(status), there(count)).length);
    assert.deepEqual(found(201), [1, 0, 1]);
    assert.deepEqual(found(504), [0, 0, 1]);
    assert.deepEqual(found(503), [0, 1, 1]);
});

const counts = { auth: 2, events: 1, gateway: 2 };
const logout = call('logout', ANNA, [1000, 1010], { status: 204, args: { session: 1 } });
const probe = (times, status, { isGod = false } = {}) =>
    call('probe', ANNA, times, { status, code: status === 401 ? 'TOKEN_INVALID' : undefined, args: { session: 1, gateway: 0, isGod } });
const tokens = (probes, faults = []) => checkTokens([logout, ...probes], { counts, faults }).length;

test('a token that is accepted a second after the log-out is found', () => {
    assert.equal(tokens([probe([900, 910], 200), probe([1900, 1910], 200), probe([2100, 2110], 401)]), 0);
    assert.equal(tokens([probe([2100, 2110], 200)]), 1);
});

test("a gateway that hears nobody may take it for longer, but not a god's", () => {
    const cut = (auth) => ({ fault: 'part_one_way', host: 'gateway-1', from: auth, start: 500, end: 9000 });
    assert.equal(tokens([probe([2100, 2110], 200)], [cut('auth-1')]), 1, 'it hears the other one');
    assert.equal(tokens([probe([2100, 2110], 200)], [cut('auth-1'), cut('auth-2')]), 0);
    assert.equal(tokens([probe([2100, 2110], 200, { isGod: true })], [cut('auth-1'), cut('auth-2')]), 0);
    assert.equal(tokens([probe([4100, 4110], 200, { isGod: true })], [cut('auth-1'), cut('auth-2')]), 1);
});

test('a token that is refused before its log-out is found', () => {
    assert.equal(tokens([probe([900, 910], 401)]), 1);
    assert.equal(tokens([probe([990, 1005], 401)]), 0);
});

test('a session that is lost, and a name that is not there, are found', () => {
    const login = call('login', ANNA, [1, 2]),
        rename = (status) => call('rename', ANNA, [3, 4], { status, args: { name: 'b' } });
    const me = (username) => call('me', ANNA, [5, 6], { body: { user: { username } } });
    assert.deepEqual(checkAccounts([login, me('a'), rename(200), me('b')]), []);
    assert.deepEqual(checkAccounts([login, me('a'), rename(504), me('b'), me('a')]), []);
    assert.equal(checkAccounts([login, me('a'), rename(200), me('a')]).length, 1);
    assert.equal(checkAccounts([login, call('refresh', ANNA, [3, 4], { status: 401, code: 'REFRESH_INVALID' })]).length, 1);
});

test('a schedule follows from its seed alone', () => {
    const plan = (seed) => makeSchedule({ seed, seconds: 60, store: 'shared', counts });
    assert.deepEqual(plan(7), plan(7));
    assert.notDeepEqual(plan(7), plan(8));
    assert.ok(plan(7).length > 20);
    assert.ok(plan(7).every(({ at_ms, for_ms }) => at_ms > 0 && for_ms > 0));
});
