// Reads and followers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleEvent } from '../checks/events.mjs';
import { checkChain } from '../checks/commands.mjs';
import { checkFollowed, checkPhantoms, checkSeen, checkStale } from '../checks/reads.mjs';
import { ANNA, BEN, call, create, entry, GOD, log, opened, reserved, seated } from './history.mjs';

const entries = [opened, reserved(2, ANNA), reserved(3, BEN)];
const made = [create(), call('reserve', ANNA, [100, 110], seated), call('reserve', BEN, [200, 210], seated)];
const event = (...reads) => assembleEvent(log(entries), [...made, ...reads]);
const bare = (list) => list.map(({ seq, kind, actor_id, payload }) => ({ index: seq, seq, kind, actor_id, payload }));
const read = (kind, from, to, times) =>
    call(kind, GOD, times, { args: { from }, body: { next: `${to + 1}`, entries: bare(entries.slice(from - 1, to)) } });

test('a read that is older than what was acknowledged 250 ms before it is found', () => {
    assert.deepEqual(checkStale(event(read('look', 1, 2, [450, 460]))), []);
    assert.equal(checkStale(event(read('look', 1, 2, [470, 480]))).length, 1);
    assert.deepEqual(checkStale(event(read('look', 1, 3, [470, 480]))), []);
    assert.equal(
        checkStale(event(read('look', 1, 3, [150, 160]), read('look', 1, 2, [470, 480]))).length,
        1,
        'what a read showed is known, too',
    );
});

test('entries that are not in the log are found', () => {
    const look = read('look', 1, 3, [470, 480]);
    assert.deepEqual(checkPhantoms(event(look)), []);
    look.body.entries[2].payload = 'other';
    assert.deepEqual(
        checkPhantoms(event(look))[0].entries.map(({ seq }) => seq),
        [3],
    );
    look.body.entries[2] = { ...look.body.entries[2], payload: '4', seq: 4 };
    assert.equal(checkPhantoms(event(look)).length, 1);
});

test('a gap, and an entry told twice, of who follows are found', () => {
    assert.deepEqual(checkFollowed(event(read('follow', 1, 2, [1, 2]), read('follow', 3, 3, [3, 4]))), []);
    assert.equal(checkFollowed(event(read('follow', 1, 1, [1, 2]), read('follow', 3, 3, [3, 4]))).length, 1);
    assert.equal(checkFollowed(event(read('follow', 1, 2, [1, 2]), read('follow', 2, 3, [3, 4]))).length, 1);
});

test('a sealed entry has a number in the log and none for who follows', () => {
    const sealed = { ...entry(3, 'SEALED', ''), time_ms: null };
    const list = [opened, reserved(2, ANNA), sealed, reserved(4, BEN)];
    const told = (from, to) => bare(list.filter((each) => each !== sealed).slice(from - 1, to)).map((each, i) => ({ ...each, index: from + i }));
    const follow = (from, to, times) => call('follow', GOD, times, { args: { from }, body: { next: `${to + 1}`, entries: told(from, to) } });
    const of = (...reads) => assembleEvent(log(list), [...made, ...reads]);
    assert.deepEqual(checkFollowed(of(follow(1, 2, [1, 2]), follow(3, 3, [3, 4]))), []);
    assert.deepEqual(checkStale(of(follow(4, 3, [470, 480]))), [], 'nothing is new');
    assert.equal(checkStale(of(follow(3, 2, [470, 480]))).length, 1, 'the last one is missing');
    assert.deepEqual(checkChain({ log: { ...log(list), store: 'shared', chain: { code: 0 } } }), []);
});

test('seats that were never so while they were read are found', () => {
    const see = (people, times) =>
        checkSeen(
            event(
                call('see', ANNA, times, {
                    body: { event: { seats_taken: people.length, players: people.map((user_id) => ({ user_id })) } },
                }),
            ),
        );
    assert.deepEqual(see([ANNA], [205, 208]), []);
    assert.deepEqual(see([ANNA, BEN], [205, 208]), []);
    assert.equal(see([], [400, 410]).length, 1);
    assert.equal(see([BEN], [205, 208]).length, 1);
});
