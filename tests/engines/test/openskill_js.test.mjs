import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictDraw, predictRank, predictWin, rate } from 'openskill';
import * as models from 'openskill/models';
import { defaults, game, line, random } from '../games.mjs';
import { conse } from '../peers.mjs';

const TOLERANCE = 1e-9;

const assertNear = (actual, expected, what) => {
  assert.equal(actual.length, expected.length, what);
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) <= TOLERANCE, `${what}: ${value} is not ${expected[i]}`));
};

const games = (seed, count, shape) => {
  const next = random(seed);
  return Array.from({ length: count }, () => game(next, shape));
};

const rated = (g, outcome) =>
  rate(g.teams, { ...g.options, ...outcome, model: models[g.model] }).flat().flatMap(({ mu, sigma }) => [mu, sigma]);

const compare = (verb, played, expected) => {
  const got = conse(played.map((g) => line(verb, g)));
  assert.equal(got.length, played.length);
  played.forEach((g, i) => assertNear(got[i], expected(g), line(verb, g)));
};

test('5000 games of 2 to 10 teams by rank, ties and options, in all three models', () => {
  compare('update', games(1, 5000), (g) => rated(g, { rank: g.ranks }));
});

test('the same by scores: more is better', () => {
  compare('update', games(2, 1000), (g) => rated(g, { score: g.ranks.map((rank) => 100 - 3 * rank) }));
});

test('a crowd of 60 single players', () => {
  compare('update', games(3, 50, { teams: 60, most: 1 }), (g) => rated(g, { rank: g.ranks }));
});

test('one career of 2000 games keeps within the tolerance', () => {
  const next = random(4);
  const league = Array.from({ length: 20 }, () => ({ mu: 25, sigma: 25 / 3 }));
  for (let round = 0; round < 20; round += 1) {
    const played = Array.from({ length: 100 }, () => {
      const seats = league.map((_, i) => i).sort(() => next() - 0.5).slice(0, 10);
      const teams = [seats.slice(0, 3), seats.slice(3)].map((team) => team.map((i) => league[i]));
      const g = { model: 'plackettLuce', options: defaults, weighting: 0, ranks: next() < 0.4 ? [1, 2] : [2, 1], teams };
      const after = rate(teams, { rank: g.ranks }).flat();
      seats.forEach((i, k) => { league[i] = after[k]; });
      return g;
    });
    compare('update', played, (g) => rated(g, { rank: g.ranks }));
  }
  assert.ok(league.every(({ sigma }) => sigma < 4), 'the league has settled');
});

test('chances to win, ranks and draws', () => {
  const played = games(5, 1000);
  compare('win', played, (g) => predictWin(g.teams, g.options));
  compare('rank', played, (g) => predictRank(g.teams, g.options).flat());
  compare('draw', played, (g) => [predictDraw(g.teams, g.options)]);
});

test('openskill.js does not read weights: nothing to compare', () => {
  const [g] = games(6, 1);
  const weight = g.teams.map((team) => team.map((_, k) => k + 1));
  assert.deepEqual(rated(g, { rank: g.ranks, weight }), rated(g, { rank: g.ranks }));
});
