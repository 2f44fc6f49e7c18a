// node club.mjs: what openskill.js makes of the games of services/ai/games/openskill_test.c, as lines of its table. Skill counts from the
// average of a game's players; the sides, and the deck for each of them, are teammates with 0 and 25/3 at first.
import { rate } from 'openskill';
import { plackettLuce } from 'openskill/models';

const PEOPLE = 9, GAMES = 40, NEWCOMER = { mu: 25, sigma: 25 / 3 }, EASE = { mu: 0, sigma: 25 / 3 };
const people = Array.from({ length: PEOPLE }, () => NEWCOMER), sides = [EASE, EASE], decks = [EASE, EASE];

for (let game = 0; game < GAMES; game++) {
    const average = people.reduce((sum, { mu }) => sum + mu, 0) / PEOPLE;
    const of = [0, 1].map((side) => people.map((_, i) => i).filter((i) => (i + game * (1 + (i % 2))) % 3 === 0 === (side === 0)));
    const teams = of.map((own, side) => [...own.map((i) => ({ ...people[i], mu: people[i].mu - average })), sides[side], decks[side]]);
    const after = rate(teams, { rank: game % 4 ? [2, 1] : [1, 2], model: plackettLuce, tau: 25 / 300, limitSigma: true });
    of.forEach((own, side) => {
        own.forEach((i, k) => { people[i] = { mu: after[side][k].mu + average, sigma: after[side][k].sigma }; });
        [sides[side], decks[side]] = after[side].slice(-2);
    });
}
for (const { mu, sigma } of people) console.log(`    {${mu}, ${sigma}},`);
