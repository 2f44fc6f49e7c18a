// With a master key the services keep their keys in their stores, also in SQLite: files are moved in, keys rotate while everything goes on, and
// the master key itself can be changed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { verifyChain, verifyCheckpoint, verifyDeal } from './parts/fairness.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, logIn, ok, prove, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { beginWork } from './parts/work.mjs';

const STORED = ['auth', 'events', 'chain'];
let system, god, deck, players, event, mira, apiKey, identity;
const old = { checkpoints: [] }; // what was shown while keys were files

const masterFile = (name) => path.join(system.dir, name);
const keyFiles = () => fs.readdirSync(path.join(system.env.CONSE_DATA, 'keys')).sort();
const refresh = async (person) => {
    const reply = await ok(system, 'POST', '/auth/refresh', { body: { refresh_token: person.refresh } });
    Object.assign(person, { token: reply.access_token, refresh: reply.refresh_token });
};
const status = async () => {
    const { code, stdout, stderr } = await consectl(system, '--json', 'keys', 'status');
    assert.equal(code, 0, stderr);
    return stdout.trim().split('\n').flatMap((line) => JSON.parse(line).keys);
};
const rotate = async (...args) => {
    const { code, stdout, stderr } = await consectl(system, 'keys', 'rotate', ...args);
    assert.equal(code, 0, stderr);
    return stdout.trim().split('\n');
};

// The gateway has found both again.
const untilBack = () =>
    eventually(async () => (await call(system, 'GET', '/events')).status === 200 && (await call(system, 'POST', '/auth/refresh', { body: { refresh_token: 'none' } })).status === 401, 10000);

// The services anew with these master keys; the gateway goes on.
async function restartWith(...names) {
    for (const name of STORED) assert.equal((await system.term(name)).code, 0);
    system.env.CONSE_MASTER_KEY_FILE = names.map(masterFile).join(',');
    for (const name of STORED) await system.start(name);
    await untilBack();
}

const signedLog = async (person = god) => {
    await eventually(async () => (await readLog(system, person, event)).checkpoints.every((checkpoint) => checkpoint.signature), 10000);
    return readLog(system, person, event);
};

before(async () => {
    system = await startSystem({ env: LIMITS, replicas: 0 });
    for (const name of ['first', 'second']) fs.writeFileSync(masterFile(name), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    mira = await signUp(system, 'mira');
    god = await makeGod(system, 'leader');
    deck = await makeDeck(system, god);
    players = await signUpMany(system, 'player', 3);
    await prove(system, mira.token);
    apiKey = (await ok(system, 'POST', '/auth/api-keys', { token: mira.token, body: { name: 'bot' } })).key;
    event = await openEvent(system, god, deck, { max_players: 3 });
    await seatAll(system, event, players);
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/phases', { kind: 'NIGHT' });
    identity = Buffer.from((await ok(system, 'GET', '/.well-known/conse')).public_key, 'base64');
    const log = await readLog(system, god, event);
    assert.equal(log.signer, undefined);
    old.checkpoints = log.checkpoints;
    old.waiting = await openEvent(system, god, deck, { max_players: 3 }); // its deal is sealed with the file's key
    await seatAll(system, old.waiting, players);
});
after(() => system?.stop());

test('keys in files are shown, and are not rotated', async () => {
    const ids = (await status()).map((key) => key.id);
    assert.ok(ids.includes('refresh') && ids.includes('deal'));
    const { code, stderr } = await consectl(system, 'keys', 'rotate', 'refresh');
    assert.equal(code, 1);
    assert.match(stderr, /keys are files here/);
    assert.ok(keyFiles().includes('identity.key'));
});

test('a master key moves the files into the stores, and nobody notices', async () => {
    await restartWith('first');
    assert.deepEqual(keyFiles(), []);
    await refresh(mira);
    assert.equal((await call(system, 'GET', '/auth/me', { token: god.token })).status, 200, 'the token of before is good');
    assert.equal((await call(system, 'POST', '/auth/api-keys/token', { body: { key: apiKey } })).status, 200);
    assert.deepEqual(Buffer.from((await ok(system, 'GET', '/.well-known/conse')).public_key, 'base64'), identity);
    const g = as(system, god, old.waiting);
    await g('POST', '/lock');
    assert.equal((await g('POST', '/reveal', {})).event.state, 'REVEALED');
});

test('checkpoints are signed by a key of events, which the identity has certified', async () => {
    const log = await signedLog();
    assert.ok(log.signer);
    for (const checkpoint of log.checkpoints) assert.ok(verifyCheckpoint(event.id, checkpoint, identity, log.signer));
    for (const checkpoint of old.checkpoints) assert.ok(verifyCheckpoint(event.id, checkpoint, identity), 'what the identity signed stays true');
    assert.deepEqual(log.checkpoints.map((checkpoint) => checkpoint.hash), old.checkpoints.map((checkpoint) => checkpoint.hash));
    const checked = await consectl(system, 'log', event.id, identity.toString('hex'));
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, /the checkpoints are signed/);
    const other = await consectl(system, 'log', event.id, randomBytes(32).toString('hex'));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /not certified/);
});

test('every key is rotated while people work, and no request is refused', async () => {
    await refresh(god);
    const work = beginWork(system, { mira, god, deck, event, apiKey });
    await work.more(2);
    for (const name of ['token', 'refresh', 'device', 'otp', 'deal', 'checkpoint']) {
        const ids = await rotate(name);
        assert.ok(ids.every((id) => id.startsWith(name) && id.endsWith('/2')), ids.join());
        await work.more(2);
    }
    await work.end();
    const keys = await status();
    for (const id of ['refresh/2', 'device/2', 'otp/2', 'deal/2', 'checkpoint/2']) {
        assert.equal(keys.find((key) => key.id === id).in_use, true, id);
        assert.equal(keys.find((key) => key.id === id.split('/')[0]).in_use, false);
    }
    assert.equal((await consectl(system, 'keys', 'rotate', 'token')).code, 1, 'tokens of the key before the last one live');
    for (const name of ['identity', 'nonsense']) assert.equal((await consectl(system, 'keys', 'rotate', name)).code, 1, name);
    assert.equal((await consectl(system, 'keys', 'rotate', 'deal', '--at-once')).code, 1);
    await eventually(async () => {
        const log = await readLog(system, god, event);
        return log.checkpoints.every((checkpoint) => verifyCheckpoint(event.id, checkpoint, identity, log.signer));
    }, 10000);
});

test('deals sealed by the key before go on to their end', async () => {
    const g = as(system, god, old.waiting);
    await g('POST', '/cancel');
    assert.equal(verifyDeal((await ok(system, 'GET', `/events/${old.waiting.id}/deal`)).deal).length, 3);
});

test('events signs without auth, by the certificate that it keeps', async () => {
    const { signer } = await signedLog();
    await system.term('auth');
    await system.restart('events');
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}/log`)).status === 200, 10000);
    const log = (await call(system, 'GET', `/events/${event.id}/log`)).body;
    assert.deepEqual(log.signer, signer);
    for (const checkpoint of log.checkpoints) assert.ok(verifyCheckpoint(event.id, checkpoint, identity, log.signer));
    await system.start('auth');
    await untilBack();
});

test('a service with another master key, or without one, says so and does not start', async () => {
    const given = system.env.CONSE_MASTER_KEY_FILE;
    for (const name of STORED) {
        await system.term(name);
        system.env.CONSE_MASTER_KEY_FILE = masterFile('second');
        await assert.rejects(system.start(name), /CONSE_MASTER_KEY_FILE does not have the master key [0-9a-f]{16}/);
        system.env.CONSE_MASTER_KEY_FILE = '';
        await assert.rejects(system.start(name), /CONSE_MASTER_KEY_FILE must name their master key/);
        system.env.CONSE_MASTER_KEY_FILE = given;
        await system.start(name);
    }
    await untilBack();
});

test('the master key is changed while people work, and the old one can go', async () => {
    await restartWith('second', 'first');
    await refresh(god);
    const work = beginWork(system, { mira, god, deck, event, apiKey });
    const { code, stdout, stderr } = await consectl(system, 'keys', 'rewrap');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /auth: \d+ sealed anew\nevents: 7 sealed anew\nchain: 2 sealed anew\n/);
    await work.end();
    await restartWith('second');
    await refresh(mira);
    const log = await signedLog();
    assert.ok(log.checkpoints.every((checkpoint) => verifyCheckpoint(event.id, checkpoint, identity, log.signer)));
});

test('a stolen key is thrown away at once, with what it made', async () => {
    const token = (await logIn(system, 'mira')).token;
    assert.equal((await rotate('token', '--at-once')).length, 3);
    await eventually(async () => {
        await logIn(system, 'mira');
        return (await call(system, 'GET', '/auth/me', { token })).status === 401;
    }, 10000);
    const fresh = await logIn(system, 'mira');
    assert.equal((await call(system, 'GET', '/auth/me', { token: fresh.token })).status, 200);
    await rotate('refresh', '--at-once');
    assert.equal((await call(system, 'POST', '/auth/refresh', { body: { refresh_token: fresh.refresh } })).status, 401);
    assert.equal((await call(system, 'POST', '/auth/api-keys/token', { body: { key: apiKey } })).status, 401);
    await refresh(await logIn(system, 'mira'));
});

test('keys are rotated and sealed anew on the files of services that are stopped', async () => {
    for (const name of STORED) await system.term(name);
    assert.deepEqual(await rotate('otp'), ['otp/3']);
    const rewrapped = await consectl(system, 'keys', 'rewrap');
    assert.equal(rewrapped.stdout, 'auth: 0 sealed anew\nevents: 0 sealed anew\nchain: 0 sealed anew\n', rewrapped.stderr);
    assert.equal((await status()).find((key) => key.id === 'otp/3').in_use, true);
    for (const name of STORED) await system.start(name);
    await untilBack();
    god = { ...god, ...(await logIn(system, 'leader')) };
    const played = (await as(system, god, event)('GET', '')).event;
    await as(system, god, event)('POST', '/finish', { winning_side_ids: [played.players[0].side_id] });
    const log = await signedLog();
    const hashes = verifyChain(log.entries, log.head).map((hash) => hash.toString('base64'));
    for (const checkpoint of [...old.checkpoints, ...log.checkpoints]) assert.ok(hashes.includes(checkpoint.hash));
});
