// People: the ways in, tokens that others can verify, and what ends them.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify, decodeProtectedHeader } from 'jose';
import { assertProcesses, identityOf } from './parts/identity.mjs';
import { makeWallet, openPhones, sendCode, useCode, wrongCode } from './parts/auth_people.mjs';
import { startSystem } from './parts/system.mjs';
import { call, changeMe, consectl, eventually, prove, signUp } from './parts/people.mjs';

let system;
let phones;

before(async () => {
    phones = await openPhones();
    system = await startSystem({ services: ['auth', 'gateway'], env: { ...phones.env, CONSE_LIMIT_AUTH: '100000/100000' } });
});

after(async () => {
    await system?.stop();
    phones?.close();
});

test('a stock JWT library verifies our access tokens by the published keys', async () => {
    const mira = await signUp(system, 'mira');
    const keys = createRemoteJWKSet(new URL(`${system.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(mira.token, keys, { issuer: 'conse', algorithms: ['EdDSA'] });
    assert.equal(payload.sub, mira.user.id);
    assert.equal(payload.name, 'mira');
    assert.equal(payload.lvl, 3);
    assert.equal(payload.exp - payload.iat, 900);
    assert.equal(protectedHeader.alg, 'EdDSA');
    assert.ok(decodeProtectedHeader(mira.token).kid);
});

test('the profile can be read and changed', async () => {
    const user = await signUp(system, 'profile');
    assert.equal((await call(system, 'GET', '/auth/me', { token: user.token })).body.user.username, 'profile');
    const renamed = await changeMe(system, user.token, { username: 'Renamed' });
    assert.equal(renamed.status, 200);
    assert.equal(renamed.body.user.username, 'Renamed');
    const taken = await changeMe(system, user.token, { username: 'MIRA' });
    assert.equal(taken.status, 409);
    assert.equal(taken.body.code, 'USERNAME_TAKEN');
});

test('twenty tabs that refresh at once get one child; a later reuse ends the family', async () => {
    const user = await signUp(system, 'tabs');
    const refresh = (refresh_token) => call(system, 'POST', '/auth/refresh', { body: { refresh_token } });
    const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(user.refresh)));
    assert.deepEqual(replies.map((r) => r.status), Array(20).fill(200));
    assert.equal(new Set(replies.map((r) => r.body.refresh_token)).size, 1);
    const child = replies[0].body.refresh_token;
    const grandchild = (await refresh(child)).body.refresh_token;
    const reused = await refresh(user.refresh); // two generations old
    assert.equal(reused.status, 401);
    assert.equal(reused.body.code, 'REFRESH_REUSED');
    assert.equal((await refresh(grandchild)).body.code, 'REFRESH_INVALID');
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: replies[0].body.access_token })).status === 401, 1000);
});

test('a logout reaches the gateway within a second', async () => {
    const user = await signUp(system, 'leaver');
    assert.equal((await call(system, 'POST', '/auth/logout', { token: user.token, body: {} })).status, 204);
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: user.token })).status === 401, 1000);
});

test('a level change ends access tokens at once and keeps the session', async () => {
    const user = await signUp(system, 'riser');
    assert.equal((await call(system, 'GET', '/auth/users', { token: user.token })).body.code, 'LEVEL_TOO_LOW');
    const promoted = await consectl(system, 'user', 'level', 'riser', 'dev');
    assert.equal(promoted.code, 0, promoted.stderr);
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: user.token })).status === 401, 1000);
    const session = (await call(system, 'POST', '/auth/refresh', { body: { refresh_token: user.refresh } })).body;
    assert.equal(session.user.level, 'DEV');
    const users = await call(system, 'GET', '/auth/users?username=ris', { token: session.access_token });
    assert.deepEqual(users.body.users.map((u) => u.username), ['riser']);
});

test('a code sent to a phone logs in, and a second one is refused for a minute', async () => {
    const phone = '+989120000001';
    assert.equal((await sendCode(system, phone)).status, 202);
    const again = await sendCode(system, phone);
    assert.equal(again.status, 429);
    assert.equal(again.body.code, 'OTP_TOO_SOON');
    assert.ok(Number(again.headers.get('retry-after')) > 50);
    const sent = phones.messages.find((m) => m.phone === phone);
    assert.equal(sent.authorization, 'Bearer webhook secret');
    assert.match(sent.code, /^\d{6}$/);
    assert.equal((await useCode(system, phone, wrongCode(sent.code))).body.code, 'OTP_INVALID');
    const session = await useCode(system, phone, sent.code);
    assert.equal(session.status, 200);
    assert.equal(session.body.user.phone, phone);
});

test('a wallet is linked and logs in; a foreign signature does not', async () => {
    const user = await signUp(system, 'wallet');
    const wallet = makeWallet();
    assert.equal((await wallet.prove(system)).body.code, 'WALLET_PROOF_INVALID');
    await prove(system, user.token);
    assert.equal((await wallet.prove(system, user.token)).body.user.wallet, wallet.address);
    assert.equal((await wallet.prove(system)).body.user.id, user.id);
    const message = await wallet.challenge(system);
    assert.equal((await wallet.verify(system, message, undefined, makeWallet().sign(message))).status, 401);
});

test('a flood of logins is answered or told to come back, never dropped', async () => {
    await signUp(system, 'flooded');
    const body = { username: 'flooded', password: 'correct horse' };
    const replies = await Promise.all(Array.from({ length: 200 }, () => call(system, 'POST', '/auth/login', { body })));
    const busy = replies.filter((r) => r.status === 503);
    assert.equal(replies.filter((r) => r.status === 200).length + busy.length, 200);
    for (const reply of busy) assert.equal(reply.headers.get('retry-after'), '1');
});

test('the signed identity verifies with a stock library and with consectl', async () => {
    const identity = (await call(system, 'GET', '/.well-known/conse')).body;
    const key = crypto.createPublicKey({
        key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(identity.public_key, 'base64')]),
        format: 'der',
        type: 'spki',
    });
    const statement = Buffer.from(identity.statement_bytes, 'base64');
    assert.ok(crypto.verify(null, statement, key, Buffer.from(identity.signature, 'base64')));
    const hex = Buffer.from(identity.public_key, 'base64').toString('hex');
    assert.equal((await consectl(system, 'verify', system.url, hex)).code, 0);
    await assertProcesses(system);
    assert.equal((await consectl(system, 'verify', system.url, '00'.repeat(32))).code, 1);
});

test('consectl verify refuses a process whose statement was changed, or that runs another file', async () => {
    const identity = await identityOf(system);
    let shown = identity;
    const server = http.createServer((request, response) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(shown)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const verify = (replica) => {
        shown = { ...identity, replicas: [...identity.replicas.slice(1), replica] };
        return consectl(system, 'verify', `http://127.0.0.1:${server.address().port}`);
    };
    const [first] = identity.replicas;
    assert.equal((await verify(first)).code, 0);
    const other = { ...first.statement, sha256: '0'.repeat(64) };
    assert.match((await verify({ ...first, statement: other })).stderr, /shown of process .* is not the one signed/);
    assert.match((await verify({ ...first, signature: identity.signature })).stderr, /signature of process .* is wrong/);
    const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519'); // an installation of its own
    const sign = (prefix, packed) => crypto.sign(null, Buffer.concat([Buffer.from(prefix), packed]), privateKey).toString('base64');
    const packed = Buffer.from(Buffer.from(first.statement_bytes, 'base64').toString('latin1').replace(first.statement.sha256, other.sha256), 'latin1');
    shown = {
        ...identity,
        public_key: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
        signature: sign('', Buffer.from(identity.statement_bytes, 'base64')),
        replicas: [{ statement: other, statement_bytes: packed.toString('base64'), signature: sign('conse/process/1', packed) }],
    };
    assert.match((await consectl(system, 'verify', `http://127.0.0.1:${server.address().port}`)).stderr, /runs another file: 0{64}/);
    server.close();
});
