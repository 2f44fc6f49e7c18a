// Requests whose token is signed by a key that the gateway has yet to fetch: the body and the keys come in any order. New keys are made by
// taking auth's files away, so with the embedded store in every mode.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { call, eventually, logIn, ok, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { Wire } from './parts/wire.mjs';

const BETWEEN_FETCHES_MS = 1000; // the gateway asks for keys no oftener
const BODY = JSON.stringify({ username: 'zoe' });
let system, fetchedAt;

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], replicas: 0, env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_REQUEST_TIMEOUT: '10s' } });
    fetchedAt = performance.now();
    await signUp(system, 'zoe');
});

after(() => system?.stop());

async function keysAsked() {
    const text = await fetch(`http://127.0.0.1:${system.admin.auth}/metrics`).then((r) => r.text());
    return Number(/conse_rpc_calls_total\{method="auth.GetJwks"\} (\d+)/.exec(text)[1]);
}

const published = async () => (await ok(system, 'GET', '/.well-known/jwks.json')).keys.map((key) => key.kid).sort().join();

// auth signs with new keys from here on; the gateway does not have them.
async function logInWithNewerKeys() {
    const folder = path.join(system.dir, 'data/keys');
    const old = await published();
    for (const name of fs.readdirSync(folder)) if (name.startsWith('token-')) fs.rmSync(path.join(folder, name));
    system.children.auth.kill('SIGHUP');
    await eventually(async () => (await published()) !== old, 5000);
    return logIn(system, 'zoe');
}

// The gateway may ask for them at once.
async function logInWithNewKeys() {
    await eventually(() => performance.now() - fetchedAt > BETWEEN_FETCHES_MS, 2 * BETWEEN_FETCHES_MS);
    return logInWithNewerKeys();
}

const headers = (token) => `PATCH /auth/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
const me = (token) => call(system, 'GET', '/auth/me', { token });

test('a body that comes after the keys is answered', async () => {
    const { token } = await logInWithNewKeys();
    const asked = await keysAsked();
    const late = new Wire(system.port);
    await late.opened;
    late.send(headers(token));
    await eventually(async () => (await keysAsked()) > asked, 5000);
    assert.equal((await me(token)).status, 200); // so the keys have come
    fetchedAt = performance.now();
    late.send(BODY);
    const reply = await late.reply();
    assert.equal(reply.status, 200, String(reply.body));
    assert.equal(JSON.parse(reply.body).user.username, 'zoe');
    late.close();
});

test('a body that comes before the keys is answered', async () => {
    const { token } = await logInWithNewKeys();
    const replies = await Promise.all(Array.from({ length: 8 }, () => me(token)));
    fetchedAt = performance.now();
    assert.deepEqual(replies.map((reply) => reply.status), Array(8).fill(200));
});

test('a key made just after the others were fetched is waited for', async () => {
    for (let i = 0; i < 3; i++) {
        const { token } = await logInWithNewerKeys();
        assert.equal((await me(token)).status, 200);
    }
    fetchedAt = performance.now();
});

test('a key that nobody published is refused, and asked for once a second', async () => {
    const [, claims, signature] = (await logIn(system, 'zoe')).token.split('.');
    const forged = (i) => [Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid: `nobodys-${i}` })).toString('base64url'), claims, signature].join('.');
    const asked = await keysAsked();
    const begun = performance.now();
    for (let round = 0; round < 2; round++) {
        const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => me(forged(i))));
        for (const { status, body } of replies) assert.deepEqual([status, body.code], [401, 'TOKEN_INVALID'], body.detail);
    }
    const seconds = Math.ceil((performance.now() - begun) / BETWEEN_FETCHES_MS);
    assert.ok((await keysAsked()) - asked <= seconds + 1, `asked ${(await keysAsked()) - asked} times in ${seconds} s`);
    fetchedAt = performance.now();
});

test('keys that do not come refuse at once, and the late body is dropped', async () => {
    const { token } = await logInWithNewKeys();
    await system.kill('auth');
    const late = new Wire(system.port);
    await late.opened;
    late.send(headers(token));
    await eventually(async () => (await me(token)).status === 503, 5000); // so they are known to be away
    await system.start('auth');
    late.send(BODY);
    const reply = await late.reply();
    assert.equal(reply.status, 503, String(reply.body));
    assert.equal(JSON.parse(reply.body).code, 'SERVICE_AWAY');
    await eventually(async () => (await me(token)).status === 200, 5000);
    late.send(headers(token) + BODY); // the connection goes on
    assert.equal((await late.reply()).status, 200);
    late.close();
});
