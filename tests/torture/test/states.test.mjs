// Seats and ballots: what the log may not hold, and refusals that were never true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleEvent } from '../checks/events.mjs';
import { checkRefusals, checkSilent } from '../checks/refusals.mjs';
import { checkCounts, checkLastBallots, checkSeats } from '../checks/states.mjs';
import { ANNA, BEN, call, CLEO, create, entry, freed, GOD, log, opened, reserved, seated } from './history.mjs';

const event = (entries, records = []) => assembleEvent(log([opened, ...entries]), [create(), ...records]);

test('more people than seats, and two seats of one, are found', () => {
    assert.deepEqual(checkSeats(event([reserved(2, ANNA), reserved(3, BEN), freed(4, ANNA), reserved(5, CLEO)])), []);
    assert.equal(checkSeats(event([reserved(2, ANNA), reserved(3, BEN), reserved(4, CLEO)])).length, 1);
    assert.equal(checkSeats(event([reserved(2, ANNA), entry(3, 'WAITLISTED', ANNA, { user_id: ANNA })])).length, 1);
});

const poll = 'p';
const pollOpened = entry(2, 'POLL_OPENED', GOD, { poll_id: poll });
const cast = (seq, who, candidate_id) => entry(seq, 'BALLOT_CAST', who, { poll_id: poll, candidate_id });
const closed = (seq, ballots, counts) =>
    entry(seq, 'POLL_CLOSED', GOD, {
        poll_id: poll,
        ballots: Object.entries(ballots).map(([voter_id, candidate_id]) => ({ voter_id, candidate_id })),
        counts: Object.entries(counts).map(([candidate_id, weight]) => ({ candidate_id, weight })),
    });

test('a close that counts another ballot than the last is found', () => {
    const entries = [pollOpened, cast(3, ANNA, BEN), cast(4, ANNA, 'NONE')];
    assert.deepEqual(checkCounts(event([...entries, closed(5, { [ANNA]: 'NONE' }, { NONE: 1, [BEN]: 0 })])), []);
    assert.equal(checkCounts(event([...entries, closed(5, { [ANNA]: BEN }, { [BEN]: 1 })])).length, 1);
    assert.equal(checkCounts(event([...entries, closed(5, { [ANNA]: 'NONE' }, { NONE: 2 })])).length, 1);
});

test('an acknowledged ballot that a close does not count is found', () => {
    const ballot = (candidate, times, more = { status: 204 }) => call('ballot', ANNA, times, { args: { poll, candidate }, ...more });
    const opens = call('poll', GOD, [1, 2], { status: 201, body: { poll: { id: poll } } });
    const closes = call('close', GOD, [20, 21], { args: { poll } });
    const counted = [pollOpened, cast(3, ANNA, BEN), closed(4, { [ANNA]: BEN }, { [BEN]: 1 })];
    assert.deepEqual(checkLastBallots(event(counted, [opens, ballot(BEN, [3, 4]), closes])), []);
    assert.equal(checkLastBallots(event(counted, [opens, ballot(BEN, [3, 4]), ballot('NONE', [5, 6]), closes])).length, 1);
    assert.deepEqual(checkLastBallots(event(counted, [opens, ballot(BEN, [3, 4]), ballot('NONE', [19, 22]), closes])), []);
});

const full = { status: 409, code: 'EVENT_FULL' };
const table = [reserved(2, ANNA), reserved(3, BEN), freed(4, BEN)];
const people = [
    call('reserve', ANNA, [2, 3], seated),
    call('reserve', BEN, [4, 5], seated),
    call('cancel', BEN, [20, 21], { status: 204 }),
];

test('a refusal that was false at every moment of its call is found', () => {
    const refused = (times) => checkRefusals(event(table, [...people, call('reserve', CLEO, times, full)]));
    assert.deepEqual(refused([10, 12]), []);
    assert.deepEqual(refused([10, 30]), [], 'it was true when the call began');
    assert.deepEqual(refused([21, 30]), [], 'what was acknowledged in the same instant may come after');
    assert.equal(refused([22, 30]).length, 1);
});

test('a refusal that nobody should hear is found', () => {
    assert.equal(
        checkRefusals(event(table, [...people, call('note', GOD, [10, 12], { status: 401, code: 'TOKEN_INVALID', args: { text: 'x' } })]))
            .length,
        1,
    );
});

test('a success that should have written something is found', () => {
    const again = (times) => checkSilent(event(table, [...people, call('reserve', BEN, times, { status: 200 })]));
    assert.deepEqual(again([10, 12]), []);
    assert.equal(again([30, 32]).length, 1);
});
