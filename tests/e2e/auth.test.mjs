// People: the ways in, tokens that others can verify, and what ends them.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify, decodeProtectedHeader } from 'jose';
import { startSystem } from './system.mjs';
import { call, consectl, eventually, logIn, signUp } from './people.mjs';

let system;
const messages = []; // what the one-time-code webhook got
let webhook;

before(async () => {
    webhook = http.createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
            messages.push({ ...JSON.parse(body), authorization: request.headers.authorization });
            response.writeHead(204).end();
        });
    });
    await new Promise((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_OTP_DRIVER: 'webhook',
            CONSE_OTP_WEBHOOK_URL: `http://127.0.0.1:${webhook.address().port}/sms`,
            CONSE_OTP_WEBHOOK_TOKEN: 'webhook secret',
            CONSE_LIMIT_AUTH: '100000/100000',
        },
    });
});

after(async () => {
    await system?.stop();
    webhook?.close();
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
    const renamed = await call(system, 'PATCH', '/auth/me', { token: user.token, body: { username: 'Renamed' } });
    assert.equal(renamed.status, 200);
    assert.equal(renamed.body.user.username, 'Renamed');
    const taken = await call(system, 'PATCH', '/auth/me', { token: user.token, body: { username: 'MIRA' } });
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
    assert.equal((await call(system, 'POST', '/auth/otp', { body: { phone } })).status, 202);
    const again = await call(system, 'POST', '/auth/otp', { body: { phone } });
    assert.equal(again.status, 429);
    assert.equal(again.body.code, 'OTP_TOO_SOON');
    assert.ok(Number(again.headers.get('retry-after')) > 50);
    const sent = messages.find((m) => m.phone === phone);
    assert.equal(sent.authorization, 'Bearer webhook secret');
    const wrong = await call(system, 'POST', '/auth/otp/verify', { body: { phone, code: sent.code === '111111' ? '222222' : '111111' } });
    assert.equal(wrong.body.code, 'OTP_INVALID');
    const session = await call(system, 'POST', '/auth/otp/verify', { body: { phone, code: sent.code } });
    assert.equal(session.status, 200);
    assert.equal(session.body.user.phone, phone);
});

function base58(bytes) {
    const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    let n = BigInt('0x' + Buffer.from(bytes).toString('hex')), text = '';
    for (; n > 0n; n /= 58n) text = alphabet[Number(n % 58n)] + text;
    for (const byte of bytes) if (byte === 0) text = '1' + text; else break;
    return text;
}

test('a wallet is linked and logs in; a foreign signature does not', async () => {
    const user = await signUp(system, 'wallet');
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const address = base58(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    const prove = async (key, token) => {
        const { message } = (await call(system, 'POST', '/auth/wallet/challenge', { body: { address } })).body;
        const signature = crypto.sign(null, Buffer.from(message), key).toString('base64');
        return call(system, 'POST', '/auth/wallet/verify', { token, body: { message, signature } });
    };
    assert.equal((await prove(privateKey)).body.code, 'WALLET_PROOF_INVALID');
    assert.equal((await prove(privateKey, user.token)).body.user.wallet, address);
    assert.equal((await prove(privateKey)).body.user.id, user.user.id);
    assert.equal((await prove(crypto.generateKeyPairSync('ed25519').privateKey)).status, 401);
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
    assert.equal((await consectl(system, 'verify', system.url, '00'.repeat(32))).code, 1);
});

test('consectl works on the files when the service is down, and says when they are held', async () => {
    assert.equal((await consectl(system, 'dump', 'auth')).code, 4);
    await system.kill('auth');
    assert.equal((await consectl(system, 'user', 'level', 'mira', 'god')).code, 0);
    assert.equal((await consectl(system, 'user', 'level', 'nobody', 'god')).code, 3);
    assert.equal((await consectl(system, 'user', 'level', 'mira', 'king')).code, 2);
    const dump = await consectl(system, 'dump', 'auth');
    assert.ok(dump.stdout.split('\n').filter(Boolean).every((line) => JSON.parse(line).bytes));
    await system.restart('auth');
    await eventually(async () => (await call(system, 'GET', '/.well-known/jwks.json')).status === 200, 2000);
    assert.equal((await logIn(system, 'mira')).user.level, 'GOD'); // 503 until the gateway has found it again
});

test('a backup made while people sign up opens as a store of its own', async () => {
    const signups = Promise.all(Array.from({ length: 10 }, (_, i) => signUp(system, `backup-${i}`)));
    const file = `${system.dir}/backup/auth.db`;
    await import('node:fs').then((fs) => fs.mkdirSync(`${system.dir}/backup`));
    assert.equal((await consectl(system, 'backup', 'auth', file)).code, 0);
    await signups;
    const list = await consectl(system, '--data', `${system.dir}/backup`, 'user', 'list', 'mira');
    assert.match(list.stdout, /god +mira/);
});
