// Random sequences of happenings by ten people to seats that cost LAMPORTS, against the real services, a cluster that forks, loses, lags and falls
// silent, and deaths at commits: what was paid is where it should be, once. SEED=7 STEPS=30 plays one again; `make test-money` plays many.
import process from 'node:process';
import { test } from 'node:test';
import { happenAtOnce } from './parts/money/lamports_happenings.mjs';
import { verifyLedger } from './parts/money/checks.mjs';
import { checkLamports, checkLamportsEnd } from './parts/money/lamports_checks.mjs';
import { LamportsStage } from './parts/money/lamports_stage.mjs';
import { randomOf } from '../torture/parts/random.mjs';

const { SEED, STEPS, CONSE_MONEY_SEEDS } = process.env;
const SEEDS = (SEED ?? CONSE_MONEY_SEEDS ?? '1').split(/\s+/).filter(Boolean).map(Number);
const SHORT = 6; // of a run among all other tests
const HAPPENINGS = Number(STEPS ?? (CONSE_MONEY_SEEDS ? 30 : SHORT));

// Some happenings, during which something may die.
async function step(stage, story, turn) {
    const { random, deaths } = stage;
    story.push(random.below(2) ? deaths.arm() : random.below(3) ? 'all live' : deaths.killSoon());
    story.push(...await happenAtOnce(stage, turn));
    await stage.calm();
    await checkLamports(stage); // what follows by itself may die of it too
    await deaths.disarm();
}

for (const seed of SEEDS)
    test(`whatever happens on the cluster and whoever dies, what was paid is where it should be: seed ${seed}`, async (t) => {
        const stage = new LamportsStage(randomOf(seed), seed), story = [];
        try {
            await stage.begin();
            await stage.open();
            for (let i = 0; i < HAPPENINGS; i++) await step(stage, story, i);
            await checkLamportsEnd(stage);
            await verifyLedger(stage.system);
        } finally {
            t.diagnostic(`seed ${seed}, ${HAPPENINGS} steps, ${JSON.stringify(stage.deaths?.met)}: ${story.join('; ')}`);
            await stage.stop();
        }
    });
