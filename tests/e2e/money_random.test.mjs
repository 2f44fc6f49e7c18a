// Random sequences of happenings by ten people against the real services, which are killed at their commits and at any time: nothing is
// made, lost or charged twice, and nothing stays open between events and chain. `make test-money SEEDS="1 2"` plays these.
import process from 'node:process';
import { test } from 'node:test';
import { check, checkEnd, verifyLedger } from './parts/money/checks.mjs';
import { happen } from './parts/money/happenings.mjs';
import { Stage } from './parts/money/stage.mjs';
import { randomOf } from '../torture/parts/random.mjs';

const SEEDS = (process.env.CONSE_MONEY_SEEDS ?? '1 2').split(/\s+/).filter(Boolean).map(Number);
const STEPS = Number(process.env.CONSE_MONEY_STEPS ?? 30);

// One happening, during which something may die.
async function step(stage, story) {
    const { random, deaths } = stage;
    const death = random.below(2) ? deaths.arm() : random.below(4) ? 'all live' : deaths.killSoon();
    story.push(death);
    story.push(await happen(stage));
    await check(stage); // what follows by itself may die of it too
    await deaths.disarm();
}

for (const seed of SEEDS)
    test(`whatever happens and whoever dies, money is where it should be: seed ${seed}`, async (t) => {
        const stage = new Stage(randomOf(seed), seed), story = [];
        try {
            await stage.begin();
            await stage.open();
            for (let i = 0; i < STEPS; i++) await step(stage, story);
            await checkEnd(stage);
            await verifyLedger(stage.system);
        } finally {
            t.diagnostic(`seed ${seed}, ${JSON.stringify(stage.deaths?.met)}: ${story.join('; ')}`);
            await stage.system?.stop();
        }
    });
