// A crowd that logs in or signs up: beyond what all may ask together each works for it, at any gateway.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { eventually } from './parts/people.mjs';
import { startRedis } from './parts/redis.mjs';
import { startSystem } from './parts/system.mjs';

const BITS = 10, ROOM = 3;
let redis, first, second;
before(async () => {
    redis = await startRedis();
    const env = { CONSE_BUS_KEY: 'c5'.repeat(32), CONSE_CACHE: redis.url, CONSE_LIMIT_AUTH: '1000/1000', CONSE_LIMIT_CROWD: `${ROOM}/0.001`, CONSE_PROOF_BITS: String(BITS) };
    first = await startSystem({ services: ['auth', 'gateway'], env, replicas: 0 });
    second = await startSystem({ services: ['gateway'], env: { ...env, CONSE_RUN: `${first.env.CONSE_DATA}/run` }, replicas: 0 });
});
after(async () => {
    await second?.stop();
    await first?.stop();
    await redis?.stop();
});

let people = 0;
async function post(system, path, body, proof) {
    const headers = { 'Content-Type': 'application/json', ...(proof && { 'Conse-Proof': proof }) };
    const reply = await fetch(`${system.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: reply.status, retry: reply.headers.get('Retry-After'), body: await reply.json() };
}
const signUp = (system, proof) => post(system, '/auth/signup', { username: `crowd_${++people}`, password: 'correct horse battery' }, proof);

const zeros = (text) => Math.clz32(createHash('sha256').update(text).digest().readUInt32BE());
function work({ stamp, bits }) {
    let number = 0;
    while (zeros(`${stamp}.${number}`) < bits) number++;
    return `${stamp}.${number}`;
}

test('there is room for some, then work is wanted', async () => {
    for (let i = 0; i < ROOM; i++) assert.equal((await signUp(first)).status, 201);
    const refused = await signUp(first);
    assert.deepEqual([refused.status, refused.body.code, refused.body.proof.bits], [429, 'PROOF_WANTED', BITS]);
    assert.ok(Number(refused.retry) > 0);
    const proof = work(refused.body.proof);
    assert.equal((await signUp(first, proof)).status, 201);
    assert.equal((await signUp(first, proof)).body.code, 'PROOF_WANTED', 'a stamp counts once');
});

test('the other gateway has no more room, and believes the stamp', async () => {
    let refused;
    await eventually(async () => (refused = await signUp(second)).status === 429, 5000);
    assert.equal((await signUp(first, work(refused.body.proof))).status, 201);
});

test('a stamp is for what was asked', async () => {
    const proof = work((await signUp(first)).body.proof);
    const login = { username: 'crowd_1', password: 'correct horse battery' };
    const refused = await post(first, '/auth/login', login, proof);
    assert.equal(refused.body.code, 'PROOF_WANTED');
    assert.equal((await post(first, '/auth/login', login, work(refused.body.proof))).status, 200);
});

test('work does not make a wrong password right, and others are not held up', async () => {
    const login = { username: 'crowd_1', password: 'not this one' };
    const refused = await post(first, '/auth/login', login);
    assert.equal((await post(first, '/auth/login', login, work(refused.body.proof))).body.code, 'BAD_CREDENTIALS');
    assert.equal((await fetch(`${first.url}/events`)).status, 503, 'what is not asked by a crowd goes its way');
});

test('over GraphQL there is no way around it', async () => {
    const query = 'mutation { login(input: { username: "crowd_1", password: "correct horse battery" }) { accessToken } }';
    const reply = await post(first, '/graphql', { query });
    assert.equal(reply.body.errors?.[0]?.extensions?.code, 'RATE_LIMITED', JSON.stringify(reply.body));
});
