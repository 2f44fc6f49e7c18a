// Tokens that auth would not issue, signed with auth's own key, which is taken from its folder: so with the embedded store in every mode.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { base64url, serverKey, signToken } from './parts/auth_people.mjs';
import { assertProblem, call, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, mira;
before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], replicas: 0, env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '100000/100000' } });
    mira = await signUp(system, 'mira');
});
after(() => system?.stop());

const me = (token) => call(system, 'GET', '/auth/me', { token });
const parts = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));

test('only tokens that the server would issue now open anything', async () => {
    const [header, claims] = parts(mira.token);
    const [head, body, signature] = mira.token.split('.');
    const { key, x } = serverKey(system, header.kid);
    const now = Math.floor(Date.now() / 1000);
    const foreign = crypto.generateKeyPairSync('ed25519');
    const foreignX = foreign.publicKey.export({ format: 'jwk' }).x;
    const hmac = (secret) => {
        const text = `${base64url({ ...header, alg: 'HS256' })}.${body}`;
        return `${text}.${crypto.createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    const pem = crypto.createPublicKey(key).export({ format: 'pem', type: 'spki' });
    const dev = { ...claims, lvl: 1 };
    const forged = {
        'alg none': `${base64url({ ...header, alg: 'none' })}.${base64url(dev)}.`,
        'alg None, with our signature': `${base64url({ ...header, alg: 'None' })}.${body}.${signature}`,
        'no alg': signToken(key, { typ: 'JWT', kid: header.kid }, claims),
        'HS256 with the public key': hmac(Buffer.from(x, 'base64url')),
        'HS256 with its text': hmac(x),
        'HS256 with its PEM': hmac(pem),
        'foreign key, our kid': signToken(foreign.privateKey, header, claims),
        'foreign key, its own kid': signToken(foreign.privateKey, { ...header, kid: 'foreign' }, claims),
        'foreign key in the header': signToken(foreign.privateKey, { ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: foreignX } }, claims),
        'key from an address': signToken(foreign.privateKey, { ...header, jku: 'http://127.0.0.1:1/', kid: 'far' }, claims),
        'kid that walks': signToken(foreign.privateKey, { ...header, kid: '../../../../dev/null' }, claims),
        'kid with SQL': signToken(foreign.privateKey, { ...header, kid: "' OR 1=1 --" }, claims),
        'no kid': signToken(key, { alg: 'EdDSA', typ: 'JWT' }, claims),
        'crit': signToken(key, { ...header, crit: ['exp'] }, claims),
        'another type': signToken(key, { ...header, typ: 'at+jwt' }, claims),
        'level raised under the old signature': `${head}.${base64url(dev)}.${signature}`,
        'expired': signToken(key, header, { ...claims, iat: now - 1000, exp: now - 1 }),
        'issued in the future': signToken(key, header, { ...claims, iat: now + 600, exp: now + 1200 }),
        'not before the future': signToken(key, header, { ...claims, nbf: now + 600 }),
        'not before a word': signToken(key, header, { ...claims, nbf: 'soon' }),
        'another issuer': signToken(key, header, { ...claims, iss: 'other' }),
        'level 0': signToken(key, header, { ...claims, lvl: 0 }),
        'level 4': signToken(key, header, { ...claims, lvl: 4 }),
        'level as text': signToken(key, header, { ...claims, lvl: '1' }),
        'no expiry': signToken(key, header, { ...claims, exp: undefined }),
        'expiry as text': signToken(key, header, { ...claims, exp: String(now + 600) }),
        'expiry beyond numbers': `${head}.${base64url(`{"iss":"conse","exp":1e999}`)}.${signature}`,
        'no subject': signToken(key, header, { ...claims, sub: undefined }),
        'subject that is no id': signToken(key, header, { ...claims, sub: 'admin' }),
        'claims that are a list': signToken(key, header, [claims]),
        'huge': signToken(key, header, { ...claims, more: 'x'.repeat(4000) }),
        'signature missing': `${head}.${body}.`,
        'two parts': `${head}.${body}`,
        'four parts': `${mira.token}.${signature}`,
        'empty part': `${head}..${signature}`,
        'dots': '..',
        'padding': `${mira.token}=`,
        'not base64': `${head}.${body}.${'*'.repeat(86)}`,
        'standard alphabet': `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}`,
        'signature cut': mira.token.slice(0, -2),
        'signature of zeros': `${head}.${body}.${'A'.repeat(86)}`,
        'trailing space and text': `${mira.token} x`,
        'refresh token': mira.refresh,
    };
    for (const [what, token] of Object.entries(forged)) {
        const reply = await me(token);
        assert.equal(reply.status, 401, what);
        assert.equal(reply.body.code, 'TOKEN_INVALID', what);
        assert.match(reply.headers.get('www-authenticate'), /^Bearer/, what);
    }
    assert.equal((await me(signToken(key, header, { ...claims, nbf: now - 5 }))).status, 200); // the key is the server's indeed
    assert.equal((await me(mira.token)).status, 200);
});

test('tokens: only a live one, signed by a published key, opens a door', async () => {
    const [header, claims] = parts(mira.token);
    const { key } = serverKey(system, header.kid);
    const foreign = crypto.generateKeyPairSync('ed25519').privateKey;
    const now = Math.floor(Date.now() / 1000);
    assert.equal((await me(signToken(key, header, claims))).status, 200);
    const bad = {
        foreign: signToken(foreign, header, claims),
        'unknown kid': signToken(foreign, { ...header, kid: 'nobody' }, claims),
        expired: signToken(key, header, { ...claims, iat: now - 1000, exp: now - 1 }),
        issuer: signToken(key, header, { ...claims, iss: 'other' }),
        future: signToken(key, header, { ...claims, iat: now + 500, exp: now + 900 }),
        'level 0': signToken(key, header, { ...claims, lvl: 0 }),
        'no subject': signToken(key, header, { ...claims, sub: undefined }),
        HS256: signToken(key, { ...header, alg: 'HS256' }, claims),
        none: `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`,
        'none with kid': `${base64url({ ...header, alg: 'none' })}.${base64url(claims)}.AAAA`,
        cut: mira.token.slice(0, -1),
        empty: '.',
        long: 'a'.repeat(5000),
    };
    for (const [name, token] of Object.entries(bad)) {
        const reply = await me(token);
        assert.equal(reply.status, 401, name);
        assertProblem(reply, 401, 'TOKEN_INVALID');
        assert.match(reply.headers.get('www-authenticate'), /^Bearer realm="conse", error="invalid_token"$/);
    }
    const nobody = await call(system, 'GET', '/auth/me');
    assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="conse"');
    assert.equal((await call(system, 'GET', '/auth/me', { headers: { Authorization: 'Basic dTpw' } })).status, 401);
});
