import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay, standing, tally } from '../src/core/replay.js';

let at = 1000;
const entry = (kind, fields = {}) => ({ index: '0', kind, time: new Date((at += 10)).toISOString(), actor_id: 'god', fields });
const undo = (one) => entry('UNDONE', { kind: one.kind, time_ms: String(new Date(one.time).getTime()), user_id: one.fields.user_id ?? '' });
const seat = (user_id, seat) => entry('RESERVED', { user_id, username: user_id, seat });
const phase = (number, kind) => entry('PHASE_OPENED', { number, day: 1, kind });
const beginning = () => [entry('OPENED'), seat('mira', 1), seat('omid', 2), seat('kian', 3), entry('SEAT_FREED', { user_id: 'kian' }), entry('LOCKED', { user_ids: ['omid', 'mira'] }),
    entry('CARD_DEALT', { user_id: 'mira', role_id: 'doctor', side_id: 'citizen' }), entry('CARD_DEALT', { user_id: 'omid', role_id: 'boss', side_id: 'mafia' })];

test('each phase is shown as it ended, in the order of the seats', () => {
    const death = entry('STATUS_SET', { user_id: 'mira', status: 'DEAD' });
    const steps = replay([...beginning(), phase(1, 'NIGHT'), death, phase(2, 'DAY'), entry('STATUS_SET', { user_id: 'omid', status: 'SILENT_2_PHASES' }), entry('FINISHED', { winning_side_ids: ['mafia'] })]);
    assert.deepEqual(steps.map((step) => step.phase?.kind), [undefined, 'NIGHT', 'DAY']);
    assert.deepEqual(steps[0].people.map(({ id, alive, role_id }) => [id, alive, role_id]), [['omid', true, 'boss'], ['mira', true, 'doctor']]);
    assert.deepEqual(steps[1].people.map(({ alive }) => alive), [true, false]);
    assert.deepEqual(steps[1].told, [death]);
    assert.deepEqual(steps[2].people[0].statuses, ['SILENT_2_PHASES']);
    assert.deepEqual(steps[2].told.map(({ kind }) => kind), ['STATUS_SET', 'FINISHED']);
});

test('who comes back to life lives, and what ended is over', () => {
    const steps = replay([...beginning(), phase(1, 'NIGHT'), entry('STATUS_SET', { user_id: 'mira', status: 'DEAD' }), phase(2, 'DAY'), entry('STATUS_SET', { user_id: 'mira', status: 'DEFAULT' }),
        entry('STATUS_SET', { user_id: 'omid', status: 'CHAINED' }), phase(3, 'NIGHT'), entry('STATUS_ENDED', { user_id: 'omid', status: 'CHAINED' })]);
    assert.deepEqual(steps.map(({ people }) => people[1].alive), [true, false, true, true]);
    assert.deepEqual(steps.map(({ people }) => people[0].statuses.length), [0, 0, 1, 0]);
});

test('what was taken back is not told, with all that it did', () => {
    const killed = entry('STATUS_SET', { user_id: 'mira', status: 'DEAD' });
    const card = entry('CARD_OPENED', { user_id: 'mira', role_id: '', side_id: 'mafia' });
    const changed = entry('STATUS_SET', { user_id: 'omid', status: 'ROLE_CHANGED' });
    const role = entry('ROLE_CHANGED', { user_id: 'omid', role: { role_id: 'spy', side_id: 'mafia' }, side_id: '', joins: true });
    const log = [...beginning(), phase(1, 'NIGHT'), killed, card, undo(killed), changed, role, undo(changed)];
    assert.equal(standing(log).length, beginning().length + 1);
    const [, night] = replay(log);
    assert.deepEqual(night.told, []);
    assert.deepEqual(night.people.map(({ alive, role_id, side_id }) => [alive, role_id, side_id]), [[true, 'boss', 'mafia'], [true, 'doctor', 'citizen']]);
});

test('a role that changed is the true one from then on', () => {
    const steps = replay([...beginning(), phase(1, 'NIGHT'), entry('ROLE_CHANGED', { user_id: 'mira', role: { role_id: 'spy', side_id: 'mafia' }, side_id: '' }), phase(2, 'DAY'), entry('ROLE_CHANGED', { user_id: 'mira', side_id: 'citizen' })]);
    assert.deepEqual(steps.map(({ people }) => [people[1].role_id, people[1].side_id]), [['doctor', 'citizen'], ['spy', 'mafia'], ['spy', 'citizen']]);
});

test('votes are told by weight, without those that got none', () => {
    const closed = entry('POLL_CLOSED', { counts: [{ candidate_id: 'a', weight: 1 }, { candidate_id: 'b', weight: 3 }, { candidate_id: 'c', weight: 0 }], ballots: [{ voter_id: 'x', candidate_id: 'b' }] });
    assert.deepEqual(tally(closed), [{ id: 'b', weight: 3, voters: ['x'] }, { id: 'a', weight: 1, voters: [] }]);
});

test('a log without a game is one step', () => assert.deepEqual(replay([]).map(({ people }) => people), [[]]));
