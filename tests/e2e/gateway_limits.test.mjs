// Gateways that name the same Redis share their limits; without it each keeps its own.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startRedis } from './parts/redis.mjs';
import { startSystem } from './parts/system.mjs';

const BURST = 20;
let redis, first, second;

before(async () => {
    redis = await startRedis();
    const env = { CONSE_CACHE: redis.url, CONSE_LIMIT_DEFAULT: `${BURST}/0.001` };
    first = await startSystem({ env, replicas: 0 });
    const shared = { CONSE_RUN: `${first.env.CONSE_DATA}/run` };
    second = await startSystem({ services: ['gateway'], env: { ...env, ...shared }, replicas: 0 });
});
after(async () => {
    await second?.stop();
    await first?.stop();
    await redis?.stop();
});

const ask = (system) => fetch(`${system.url}/events`);
const left = async (system) => Number((await ask(system)).headers.get('ratelimit-remaining'));

async function until(condition, what) {
    for (const deadline = Date.now() + 10000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 50))) if (await condition()) return;
    assert.fail(what);
}

test('what one gateway lets pass is missing at the other', async () => {
    for (let i = 0; i < 8; i++) assert.equal((await ask(first)).status, 200);
    assert.equal(await left(second), BURST - 1); // it has not heard of the first's yet
    await until(async () => (await redis.ask('DBSIZE')).includes('1'), 'nothing is told to Redis');
    await until(async () => (await left(second)) <= BURST - 8 - 2, 'the second never learns of the first');
});

test('both together let pass one burst and little more', async () => {
    let passed = 0;
    for (let i = 0; i < 2 * BURST; i++) passed += (await ask(i % 2 ? first : second)).status === 200;
    // What the first has left, and what the second was seen to have left.
    assert.ok(passed <= BURST - 8 + BURST - 8 - 2, `${passed} more passed`);
    await until(async () => (await ask(first)).status === 429 && (await ask(second)).status === 429, 'no end of tokens');
});

// A gateway that is asked until its log says something.
async function startTalker({ url } = redis) {
    const env = { CONSE_CACHE: url, CONSE_LIMIT_DEFAULT: '100000/0.001', CONSE_RUN: `${first.env.CONSE_DATA}/run` };
    const talker = await startSystem({ services: ['gateway'], env, replicas: 0 });
    talker.says = (what) => async () => (assert.equal((await ask(talker)).status, 200), talker.log('gateway').includes(what));
    return talker;
}

test('what is sent to Redis is counted by the clock, not by calls', async () => {
    const CALLS = 2000, EXCHANGE_MS = 200, MOST = 8; // commands of one exchange, with those of its scripts
    const own = await startRedis();
    const sent = async () => Number(/total_commands_processed:(\d+)/.exec(await own.ask('INFO', 'stats'))[1]);
    const talker = await startTalker(own);
    try {
        const before = await sent(), began = performance.now();
        for (let i = 0; i < CALLS; i += 20) await Promise.all(Array.from({ length: 20 }, async () => assert.equal((await ask(talker)).status, 200)));
        const exchanges = (performance.now() - began) / EXCHANGE_MS + 2;
        const commands = (await sent()) - before;
        assert.ok(commands <= exchanges * MOST, `${commands} commands in ${exchanges} exchanges`);
        assert.ok(commands > 0);
        console.log(`# ${CALLS} calls, ${commands} commands`);
    } finally {
        await talker.stop();
        await own.stop();
    }
});

test('a gateway whose Redis is away goes on with its own limits', async () => {
    const third = await startTalker();
    try {
        await redis.kill();
        await until(third.says('limits are not shared'), 'the log is silent');
        await redis.start();
        await until(third.says('limits are shared again'), 'limits stay apart');
    } finally {
        await third.stop();
    }
});

test('no call waits for a Redis that hangs', async () => {
    const REDIS_MS = 200; // how long a gateway waits for its answer
    const third = await startTalker();
    const times = [];
    try {
        redis.pause();
        for (const deadline = Date.now() + 20000; times.length < 40 || !third.log('gateway').includes('limits are not shared'); ) {
            assert.ok(Date.now() < deadline, 'the log is silent');
            const began = performance.now();
            assert.equal((await ask(third)).status, 200);
            times.push(performance.now() - began);
        }
    } finally {
        redis.resume();
        await third.stop();
    }
    const half = times.sort((a, b) => a - b)[times.length >> 1];
    assert.ok(half < REDIS_MS / 2, `half of the answers took ${half} ms and more`);
});

test('a gateway tells what is wrong with its setting and not the password', async () => {
    const bad = startSystem({ services: ['gateway'], replicas: 0, env: { CONSE_CACHE: 'redis://:hunter2@host/x' } });
    await assert.rejects(bad, (error) => /CONSE_CACHE/.test(error.message) && !/hunter2/.test(error.message));
});
