// node bench.mjs RATING_BENCH: our ratings and openskill.js on the same mix of games, interleaved; prints ratios.
import { execFileSync } from 'node:child_process';
import { rate } from 'openskill';
import * as models from 'openskill/models';
import { random } from './games.mjs';

const MODELS = { plackett_luce: 'plackettLuce', bradley_terry: 'bradleyTerryFull', thurstone_mosteller: 'thurstoneMostellerFull' };
const LEAGUE = 10000, ROUNDS = 3, SECONDS = 2;

const ours = () =>
  Object.fromEntries(execFileSync(process.argv[2], ['--plain'], { encoding: 'utf8' }).trim().split('\n')
    .map((line) => line.split(' ')).map(([model, figure]) => [model, Number(figure)]));

const play = (league, model, next, teams, size) => {
  const seats = Array.from({ length: teams * size }, () => Math.floor(next() * LEAGUE));
  const sides = Array.from({ length: teams }, (_, i) => seats.slice(i * size, (i + 1) * size).map((seat) => league[seat]));
  const rank = sides.map(() => Math.floor(next() * 8));
  rate(sides, { rank, model }).flat().forEach((player, i) => { league[seats[i]] = player; });
  return seats.length;
};

const theirs = (name) => {
  const next = random(1), model = models[MODELS[name]];
  const league = Array.from({ length: LEAGUE }, () => ({ mu: 25, sigma: 25 / 3 }));
  const measure = (seconds) => {
    const start = process.cpuUsage();
    let updates = 0, spent = 0;
    while (spent < seconds) {
      for (let i = 0; i < 64; i += 1) updates += play(league, model, next, 2, 5) + play(league, model, next, 8, 1);
      const { user, system } = process.cpuUsage(start);
      spent = (user + system) / 1e6;
    }
    return updates / spent;
  };
  measure(SECONDS / 2);
  return measure(SECONDS);
};

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const rounds = [];
for (let i = 0; i < ROUNDS; i += 1)
  rounds.push([ours(), Object.fromEntries(Object.keys(MODELS).map((name) => [name, theirs(name)]))]);

for (const name of Object.keys(MODELS)) {
  const us = median(rounds.map(([own]) => own[name])), them = median(rounds.map(([, other]) => other[name]));
  const ratio = median(rounds.map(([own, other]) => own[name] / other[name]));
  console.log(`${name.padEnd(20)} ${(us / 1e6).toFixed(2)} M/s, openskill.js ${(them / 1e6).toFixed(3)} M/s, ratio ${ratio.toFixed(0)}`);
}
