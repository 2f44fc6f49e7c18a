// Several processes of each service at one store: they agree on every key, and a key is used when all know it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { verifyCheckpoint } from './parts/fairness.mjs';
import { assertProcesses, identityOf, servicesIn } from './parts/identity.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, logIn, ok, prove, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { beginWork } from './parts/work.mjs';

let system, god, deck, event, mira, apiKey, identity;

const PODS = ['auth', 'auth-2', 'events', 'events-2'];
const each = (route, options) => Promise.all(system.urls.map((url) => ok({ url }, 'GET', route, options)));
// Empty when a service did not answer.
const status = async () => {
    const { code, stdout } = await consectl(system, '--json', 'keys', 'status');
    return code === 0 ? stdout.trim().split('\n').flatMap((line) => JSON.parse(line).keys) : [];
};
const isRotated = (keys, name) => keys.some((key) => key.id.startsWith(name) && key.id.endsWith('/2'));

// A connection that is lost meanwhile leaves the outcome open.
async function rotate(name) {
    const { code, stderr } = await consectl(system, 'keys', 'rotate', name);
    if (code === 0) return;
    assert.match(stderr, /went away/);
    await eventually(async () => (await status()).length > 0, 10000);
    if (!isRotated(await status(), name)) await rotate(name);
}

before(async () => {
    system = await startSystem({ env: LIMITS, replicas: 2 });
    mira = await signUp(system, 'mira');
    god = await makeGod(system, 'leader');
    deck = await makeDeck(system, god);
    await prove(system, mira.token);
    apiKey = (await ok(system, 'POST', '/auth/api-keys', { token: mira.token, body: { name: 'bot' } })).key;
    event = await openEvent(system, god, deck, { max_players: 3 });
    await seatAll(system, event, await signUpMany(system, 'player', 3));
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/phases', { kind: 'NIGHT' });
    identity = Buffer.from((await ok(system, 'GET', '/.well-known/conse')).public_key, 'base64');
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

test('each process is listed with what it runs, and one that dies no longer', async () => {
    for (const url of system.urls) await assertProcesses(system, url);
    await system.kill('events-2');
    await eventually(async () => servicesIn(await identityOf(system)).filter((name) => name === 'events').length === 1, 20000);
    await system.start('events-2');
    const { replicas } = await assertProcesses(system);
    assert.equal(new Set(replicas.map(({ statement }) => statement.id)).size, replicas.length);
});

test('the processes of events sign with one key, which the identity has certified', async () => {
    const logs = () => Promise.all(Array.from({ length: 6 }, () => each(`/events/${event.id}/log`))).then((all) => all.flat());
    await eventually(async () => (await logs()).every((log) => log.signer), 10000);
    const all = await logs();
    for (const { signer, checkpoints } of all) {
        assert.deepEqual(signer, all[0].signer);
        for (const checkpoint of checkpoints) assert.ok(verifyCheckpoint(event.id, checkpoint, identity, signer));
    }
});

test('every key is rotated while people work, and no request is refused', async () => {
    const old = (await ok(system, 'GET', '/.well-known/jwks.json')).keys.map((key) => key.kid);
    const work = beginWork(system, { mira, god, deck, event, apiKey });
    await work.more(2);
    for (const name of ['refresh', 'device', 'otp', 'deal', 'checkpoint', 'token']) await rotate(name);
    const kidOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
    const signs = async () => !old.includes(kidOf((await logIn(system, 'mira')).token));
    await eventually(signs, 30000); // one of the two; the other follows
    const used = ['refresh/2', 'device/2', 'otp/2', 'deal/2', 'checkpoint/2'];
    await eventually(async () => {
        for (let i = 0; i < 8; i++) if (!(await signs())) return false;
        return (await status()).filter((key) => used.includes(key.id) && key.in_use).length === used.length;
    }, 30000);
    await work.end();
});

test('a process with another master key does not start', async () => {
    const wrong = path.join(system.dir, 'wrong.key');
    fs.writeFileSync(wrong, randomBytes(32).toString('hex'), { mode: 0o600 });
    for (const name of ['auth-2', 'events-2']) {
        await system.term(name);
        system.own[name].CONSE_MASTER_KEY_FILE = wrong;
        await assert.rejects(system.start(name), /CONSE_MASTER_KEY_FILE does not have the master key [0-9a-f]{16}/);
        delete system.own[name].CONSE_MASTER_KEY_FILE;
        await system.start(name);
    }
    const refreshes = () => Promise.all(Array.from({ length: 8 }, () => call(system, 'POST', '/auth/refresh', { body: { refresh_token: 'none' } })));
    await eventually(async () => (await refreshes()).every((reply) => reply.status === 401), 10000);
});
