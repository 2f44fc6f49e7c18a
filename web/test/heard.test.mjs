import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, heard, tell } from '../src/parts/heard.js';

const players = [{ user_id: 'a', username: 'mira' }, { user_id: 'b', username: 'omid' }];
const plain = (kind, fields) => heard({ kind, fields }, players).replace(/[\u2068\u2069]/g, '');

test('what happens is told by name', () => {
    assert.equal(plain('PHASE_OPENED', { kind: 'NIGHT', day: 2 }), 'Night 2');
    assert.equal(plain('STATUS_SET', { user_id: 'b', status: 'DEAD' }), 'omid: Dead');
    assert.equal(plain('STATUS_SET', { user_id: 'b', status: 'DEFAULT' }), 'omid is back to life.');
    assert.equal(plain('POLL_OPENED', { kind: 'TRIAL' }), 'A vote begins. Who is to go?');
    assert.match(plain('POLL_CLOSED', { counts: [{ candidate_id: 'a', weight: 1 }, { candidate_id: 'b', weight: 3 }, { candidate_id: 'NONE', weight: 0 }] }), /^The vote is over\. omid 3.*mira 1$/);
    assert.equal(plain('POLL_CLOSED', { counts: [] }), 'The vote is over. Nobody got a vote.');
    assert.equal(plain('CLOCK_STARTED', { user_id: 'a' }), 'mira speaks');
});

test('what only one may know is not read aloud', () => {
    assert.equal(plain('CARD_DEALT', { user_id: 'a', role_id: 'r', side_id: 's' }), '');
    assert.equal(plain('ABILITY_USED', { user_id: 'a', target_id: 'b' }), '');
    assert.doesNotMatch(plain('NOTED', { audience: 'PLAYER', text: 'the boss is omid', user_id: 'a' }), /omid/);
    assert.equal(plain('NOTED', { audience: 'GOD', text: 'omid', user_id: 'a' }), '');
});

test('of many facts the newest are kept, each of them once', () => {
    for (let i = 0; i < 20; i++) tell(`fact ${i}`);
    tell('');
    const told = facts.value.map(({ text }) => text);
    assert.equal(told.at(-1), 'fact 19');
    assert.equal(new Set(facts.value.map(({ n }) => n)).size, told.length);
});
