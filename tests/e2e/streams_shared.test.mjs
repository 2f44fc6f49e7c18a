// Gateways that name the same Redis count together how many streams somebody has.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { eventually, signUp } from './parts/people.mjs';
import { startRedis } from './parts/redis.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const MOST = 4;
const KNOWN_MS = 5000, BEHIND_MS = 20000; // until a gateway hears of a user's streams for the first time; and later
let redis, first, second, person;

before(async () => {
    redis = await startRedis();
    const env = { CONSE_CACHE: redis.url, CONSE_STREAMS_PER_USER: String(MOST), CONSE_STREAMS_PER_ADDRESS: String(MOST) };
    first = await startSystem({ env, replicas: 0 });
    second = await startSystem({ services: ['gateway'], env: { ...env, CONSE_RUN: `${first.env.CONSE_DATA}/run` }, replicas: 0 });
    person = await signUp(first, 'watcher');
});
after(async () => {
    await second?.stop();
    await first?.stop();
    await redis?.stop();
});

const streamAt = (system, token) => openStream(system, token ? '/stream?topics=me' : '/stream?topics=event:01890000-0000-7000-8000-000000000001', { token });
const codeAt = async (system, token) => {
    const stream = await streamAt(system, token);
    if (stream.status === 200) stream.close();
    return stream.body?.code;
};

test('who has as many as may be at one gateway gets none at the other, until one is closed', async () => {
    const streams = await Promise.all(Array.from({ length: MOST }, () => streamAt(first, person.token)));
    assert.deepEqual(streams.map(({ status }) => status), Array(MOST).fill(200));
    await eventually(async () => (await codeAt(second, person.token)) === 'TOO_MANY_STREAMS', KNOWN_MS);
    streams[0].close();
    await eventually(async () => (await codeAt(second, person.token)) === undefined, BEHIND_MS);
    for (const stream of streams) stream.close();
});

test('they are counted by each alone while Redis is away', async () => {
    const streams = await Promise.all(Array.from({ length: MOST }, () => streamAt(first, person.token)));
    await eventually(async () => (await codeAt(second, person.token)) === 'TOO_MANY_STREAMS', BEHIND_MS);
    await redis.kill();
    await eventually(async () => (await codeAt(second, person.token)) === undefined, BEHIND_MS);
    assert.match(second.log('gateway'), /streams are not counted together/);
    assert.equal(await codeAt(first, person.token), 'TOO_MANY_STREAMS');
    await redis.start();
    await eventually(async () => (await codeAt(second, person.token)) === 'TOO_MANY_STREAMS', BEHIND_MS);
    for (const stream of streams) stream.close();
});
