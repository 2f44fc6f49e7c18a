// A number of a field means what it meant, or nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { baseOf, differences } from './fields.mjs';

const FIRST = `syntax = "proto3";
package seats;
message Seat {
  enum State { FREE = 0; TAKEN = 1; }
  string player = 1;
  State state = 2;
  repeated uint32 cards = 3;
  message Note { bytes text = 1; }
}
message Gone { string name = 1; }
`;
let root;
const git = (...words) => execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { stdio: 'ignore' });
const write = (text) => fs.writeFileSync(path.join(root, 'proto/seats.proto'), text);
function commit(text, tag) {
    write(text);
    git('add', '.');
    git('commit', '--allow-empty', '-m', 'x');
    if (tag) git('tag', tag);
}

before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-fields-test-'));
    fs.mkdirSync(path.join(root, 'proto'));
    git('init', '-b', 'main');
    fs.writeFileSync(path.join(root, 'proto/breaks.txt'), 'first\n');
    commit(FIRST);
});
after(() => fs.rmSync(root, { recursive: true }));

const changed = (from, to) => {
    write(FIRST.replace(from, to));
    return differences(root, 'HEAD');
};

test('what is new, or whole messages that are gone, changes no number', () => {
    assert.deepEqual(changed('string player = 1;', 'string player = 1; string host = 4;'), []);
    assert.deepEqual(changed('TAKEN = 1;', 'TAKEN = 1; KEPT = 2;'), []);
    assert.deepEqual(changed('message Gone { string name = 1; }', ''), []);
    assert.deepEqual(changed('string player = 1;', 'reserved 1; reserved "player";'), []);
    assert.deepEqual(changed('enum State { FREE = 0; TAKEN = 1; }', 'enum State { FREE = 0; reserved 1; }'), []);
});

for (const [what, from, to, said] of [
    ['a field of another name', 'player', 'guest', 'message seats.Seat: 1 was player, and is guest'],
    ['a field of another type', 'string player', 'uint64 player', 'message seats.Seat: 1, player, was LABEL_OPTIONAL TYPE_STRING, and is LABEL_OPTIONAL TYPE_UINT64'],
    ['one instead of many', 'repeated uint32', 'uint32', 'message seats.Seat: 3, cards, was LABEL_REPEATED TYPE_UINT32, and is LABEL_OPTIONAL TYPE_UINT32'],
    ['a number that is free again', 'repeated uint32 cards = 3;', '', 'message seats.Seat: 3 was cards, and is free to be used again: reserve it'],
    ['a field within a message', 'bytes text = 1', 'bytes words = 1', 'message seats.Seat.Note: 1 was text, and is words'],
    ["an enum's value", 'TAKEN = 1', 'KEPT = 1', 'enum seats.Seat.State: 1 was TAKEN, and is KEPT'],
])
    test(`${what} is found`, () => assert.deepEqual(changed(from, to), [said]));

test('the version to compare with is the last tag, else the oldest that works beside this one', () => {
    const head = () => execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    const first = head();
    commit(FIRST);
    assert.equal(baseOf(root), first);
    commit(FIRST, 'v1');
    commit(FIRST);
    assert.equal(baseOf(root), 'v1');
    commit(FIRST, 'v2'); // itself is not what it has to fit
    assert.equal(baseOf(root), 'v1');
    const bare = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-fields-bare-'));
    assert.equal(baseOf(bare), null);
    fs.rmSync(bare, { recursive: true });
});
