import assert from 'node:assert/strict';
import { test } from 'node:test';
import { game, line, random } from '../games.mjs';
import { conse, openskillPy } from '../peers.mjs';

const TOLERANCE = 1e-9;

const lines = (verb, seed, count, shape) => {
  const next = random(seed);
  return Array.from({ length: count }, () => line(verb, game(next, shape)));
};

const distance = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

const compare = (asked) => {
  const got = conse(asked), expected = openskillPy(asked);
  assert.equal(got.length, expected.length);
  asked.forEach((request, i) => {
    assert.equal(got[i].length, expected[i].length, request);
    assert.ok(distance(got[i], expected[i]) <= TOLERANCE, `${request}: ${got[i]} is not ${expected[i]}`);
  });
};

test('2000 games of 2 to 10 teams by rank, in all three models', () => compare(lines('update', 11, 2000)));

test('weights as given: a gain is multiplied, a loss divided', () =>
  compare(lines('update', 12, 2000, { weighting: 1 })));

test('weights scaled to 1..2 within each team', () => compare(lines('update', 13, 2000, { weighting: 2 })));

test('chances of two teams', () => {
  compare(lines('win', 14, 500, { teams: 2 }));
  compare(lines('rank', 15, 500, { teams: 2 }));
});

test('a draw of two single players', () => compare(lines('draw', 16, 500, { teams: 2, most: 1 })));

// openskill.py takes two performances' noise for a pair in any field; openskill.js the whole field's.
test('with more teams the two projects differ, and we follow openskill.js', () => {
  for (const verb of ['win', 'draw']) {
    const asked = lines(verb, 17, 100, { teams: 4 });
    const got = conse(asked), other = openskillPy(asked);
    const apart = asked.filter((_, i) => distance(got[i], other[i]) > 1e-6);
    assert.equal(apart.length, asked.length);
  }
});

// openskill.py cuts the ranks of Plackett-Luce to integers, so 1.2 and 1.7 tie there; openskill.js and we do not.
test('fractional ranks are ranks', () => {
  const asked = [[1.2, 1.7], [1, 1], [1, 2]].map((ranks) =>
    line('update', { ...game(random(18), { teams: 2, most: 1 }), model: 'plackettLuce', ranks }));
  const [got, tie, apart] = conse(asked), [other, otherTie] = openskillPy(asked);
  assert.deepEqual(got, apart);
  assert.notDeepEqual(got, tie);
  assert.deepEqual(other, otherTie);
});
