// Random games from a seed, and the lines in which the driver and openskill_py.py take them.

const MODELS = ['plackettLuce', 'bradleyTerryFull', 'thurstoneMostellerFull'];

// Mulberry32: small, seeded, good enough to spread test data.
export const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

const between = (next, low, high) => low + next() * (high - low);
const integer = (next, low, high) => Math.floor(between(next, low, high + 1));

export const defaults = { beta: 25 / 6, kappa: 1e-4, tau: 25 / 300, epsilon: 0.1, limitSigma: false };

const options = (next) =>
  next() < 0.5
    ? { ...defaults }
    : {
        beta: between(next, 2, 8),
        kappa: 10 ** between(next, -6, -2),
        tau: next() < 0.3 ? 0.001 : between(next, 0.01, 1),
        epsilon: between(next, 0.05, 1),
        limitSigma: next() < 0.5,
      };

const player = (next) => ({ mu: between(next, 10, 40), sigma: between(next, 0.7, 25 / 3) });

export const game = (next, { teams = integer(next, 2, 10), most = 6, weighting = 0 } = {}) => {
  const places = integer(next, 1, teams);
  return {
    model: MODELS[integer(next, 0, 2)],
    options: options(next),
    weighting,
    ranks: Array.from({ length: teams }, () => integer(next, 1, places)),
    teams: Array.from({ length: teams }, () => Array.from({ length: integer(next, 1, most) }, () => player(next))),
    weights: Array.from({ length: teams }, () => Array.from({ length: most }, () => between(next, 0.5, 3))),
  };
};

export const line = (verb, { model, options: o, ranks, teams, weights, weighting }) => {
  const words = [verb, MODELS.indexOf(model), o.beta, o.kappa, o.tau, o.epsilon, Number(o.limitSigma), teams.length];
  teams.forEach((team, i) => {
    words.push(ranks[i], team.length, weighting);
    team.forEach(({ mu, sigma }, k) => words.push(mu, sigma, ...(weighting ? [weights[i][k]] : [])));
  });
  return words.join(' ');
};
