// Several processes of auth at one store: they agree on every key, and a key is used when all know it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { call, consectl, eventually, logIn, ok, prove, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { beginWork } from './parts/work.mjs';

let system, mira, apiKey;

const PODS = ['auth', 'auth-2'];
const each = (route, options) => Promise.all(system.urls.map((url) => ok({ url }, 'GET', route, options)));
const status = async () => {
    const { stdout } = await consectl(system, '--json', 'keys', 'status'); // of auth; there is no events
    return JSON.parse(stdout.trim().split('\n')[0]).keys;
};

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], env: LIMITS, replicas: 2 });
    mira = await signUp(system, 'mira');
    await prove(system, mira.token);
    apiKey = (await ok(system, 'POST', '/auth/api-keys', { token: mira.token, body: { name: 'bot' } })).key;
});
after(() => system?.stop());

test('all processes have the same keys, and no disk has any', async () => {
    const keys = (await Promise.all(Array.from({ length: 4 }, () => each('/.well-known/jwks.json')))).flat();
    for (const published of keys) assert.deepEqual(published, keys[0]);
    for (let i = 0; i < 6; i++) {
        const { token } = await logIn(system, 'mira');
        await each('/auth/me', { token });
    }
    for (const name of PODS) assert.equal(fs.existsSync(path.join(system.own[name].CONSE_DATA, 'keys')), false, name);
});

test('every key is rotated while people work, and no request fails', async () => {
    const old = (await ok(system, 'GET', '/.well-known/jwks.json')).keys.map((key) => key.kid);
    const work = beginWork(system, { mira, apiKey });
    await work.more(2);
    for (const name of ['refresh', 'device', 'otp', 'token']) {
        const { code, stderr } = await consectl(system, 'keys', 'rotate', name);
        assert.equal(code, 0, stderr);
    }
    const kidOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
    const signs = async () => !old.includes(kidOf((await logIn(system, 'mira')).token));
    await eventually(signs, 30000); // one of the two; the other follows
    const used = ['refresh/2', 'device/2', 'otp/2'];
    await eventually(async () => {
        for (let i = 0; i < 8; i++) if (!(await signs())) return false;
        return (await status()).filter((key) => used.includes(key.id) && key.in_use).length === used.length;
    }, 30000);
    await work.end();
});

test('a process with another master key does not start', async () => {
    const wrong = path.join(system.dir, 'wrong.key');
    fs.writeFileSync(wrong, randomBytes(32).toString('hex'), { mode: 0o600 });
    await system.term('auth-2');
    system.own['auth-2'].CONSE_MASTER_KEY_FILE = wrong;
    await assert.rejects(system.start('auth-2'), /CONSE_MASTER_KEY_FILE does not have the master key [0-9a-f]{16}/);
    delete system.own['auth-2'].CONSE_MASTER_KEY_FILE;
    await system.start('auth-2');
    const refreshes = () => Promise.all(Array.from({ length: 8 }, () => call(system, 'POST', '/auth/refresh', { body: { refresh_token: 'none' } })));
    await eventually(async () => (await refreshes()).every((reply) => reply.status === 401), 10000);
});
