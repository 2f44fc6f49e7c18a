// What the log and the replies say together: each planted anomaly is found, and what faults may do is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkChain, checkExplained, checkOrder, checkTold, checkUndone } from '../checks/commands.mjs';
import { assembleEvent } from '../checks/events.mjs';
import { ANNA, BEN, call, create, entry, freed, GOD, log, opened, reserved, seated } from './history.mjs';

const event = (entries, records) => assembleEvent(log([opened, ...entries]), [create(), ...records]);
const reserve = (who, times, more = seated) => call('reserve', who, times, more);
const cancel = (who, times, more = { status: 204 }) => call('cancel', who, times, more);
const unknown = { status: 504, code: 'OUTCOME_UNKNOWN' };
const absent = { status: 503, code: 'SERVICE_AWAY' };

test('a log that has what was acknowledged is explained', () => {
    const whole = event(
        [reserved(2, ANNA), reserved(3, BEN), freed(4, ANNA)],
        [reserve(ANNA, [2, 3]), reserve(BEN, [3, 5]), cancel(ANNA, [4, 6])],
    );
    assert.deepEqual([checkExplained(whole), checkOrder(whole), checkTold(whole), checkChain(whole)], [[], [], [], []]);
});

test('an acknowledged command that is not in the log is found', () => {
    const [anomaly] = checkExplained(event([reserved(2, ANNA)], [reserve(ANNA, [2, 3]), cancel(ANNA, [4, 5])]));
    assert.equal(anomaly.command.kind, 'cancel');
});

test('a command that is in the log twice is found', () => {
    const note = (text) => call('note', GOD, [2, 3], { status: 201, args: { text } });
    const noted = (seq, text) => entry(seq, 'NOTED', GOD, { text });
    assert.deepEqual(checkExplained(event([noted(2, 'x')], [note('x')])), []);
    const [anomaly] = checkExplained(event([noted(2, 'x'), noted(3, 'x')], [note('x')]));
    assert.equal(anomaly.entry.seq, 3);
});

test('an entry that nobody asked for, was refused, or never sent is found', () => {
    assert.equal(checkExplained(event([reserved(2, ANNA)], [])).length, 1);
    assert.equal(checkExplained(event([reserved(2, ANNA)], [reserve(ANNA, [2, 3], { status: 409, code: 'EVENT_FULL' })])).length, 1);
    assert.equal(checkExplained(event([reserved(2, ANNA)], [reserve(ANNA, [2, 3], absent)])).length, 1);
});

test('an unknown command is there or not, also late, but not twice and not before it began', () => {
    const calls = [
        reserve(ANNA, [2, 3]),
        cancel(ANNA, [4, 5], unknown),
        reserve(ANNA, [6, 7], { ...seated, status: 200 }),
        cancel(ANNA, [8, 9]),
        reserve(ANNA, [10, 11]),
    ];
    const all = [reserved(2, ANNA), freed(3, ANNA), reserved(4, ANNA)];
    assert.deepEqual(checkExplained(event(all, calls)), []);
    assert.deepEqual(checkExplained(event([...all, freed(5, ANNA)], calls)), []);
    assert.equal(checkExplained(event([...all, freed(5, ANNA), freed(6, ANNA)], calls)).length, 1);
    const early = [call('note', GOD, [4, 5], { ...unknown, args: { text: 'y' } })];
    const first = call('note', GOD, [2, 3], { status: 201, args: { text: 'x' } });
    assert.equal(
        checkExplained(event([entry(2, 'NOTED', GOD, { text: 'y' }), entry(3, 'NOTED', GOD, { text: 'x' })], [first, ...early])).length,
        1,
    );
});

test('a command that stands before one that was acknowledged before it began is found', () => {
    const swapped = [reserved(2, BEN), reserved(3, ANNA)];
    assert.deepEqual(checkOrder(event(swapped, [reserve(ANNA, [2, 9]), reserve(BEN, [3, 4])])), []);
    assert.equal(checkOrder(event(swapped, [reserve(ANNA, [2, 3]), reserve(BEN, [4, 5])])).length, 1);
});

test('a reply that tells something else than its entry is found', () => {
    const foul = (fouls) => call('foul', GOD, [2, 3], { args: { user: ANNA }, body: { fouls } });
    const fouled = [entry(2, 'FOULED', GOD, { user_id: ANNA, fouls: 2 })];
    assert.deepEqual(checkTold(event(fouled, [foul(2)])), []);
    assert.equal(checkTold(event(fouled, [foul(1)])).length, 1);
});

test('an undo of another act than the one that was named is found', () => {
    const fouled = entry(2, 'FOULED', GOD, { user_id: ANNA, fouls: 1 });
    const undone = entry(3, 'UNDONE', GOD, { kind: 'FOULED', user_id: ANNA, time_ms: '1002' });
    const calls = (seq) => [
        call('foul', GOD, [2, 3], { args: { user: ANNA }, body: { fouls: 1 } }),
        call('undo', GOD, [4, 5], { args: { seq } }),
    ];
    assert.deepEqual(checkUndone(event([fouled, undone], calls('2'))), []);
    assert.equal(checkUndone(event([fouled, undone], calls('1'))).length, 1);
});

test('a gap, a time that goes back, a broken chain and logs that differ are found', () => {
    const chain = (entries, more) => checkChain({ log: log(entries, more) }).map(({ what }) => what);
    assert.deepEqual(chain([opened, reserved(2, ANNA)]), []);
    assert.equal(chain([opened, reserved(3, ANNA)]).length, 1);
    assert.equal(chain([opened, { ...reserved(2, ANNA), time_ms: 1 }]).length, 1);
    assert.equal(chain([opened], { chain: { code: 1, says: 'no' } }).length, 1);
    assert.equal(chain([opened], { differs: true }).length, 1);
});
