// One's own account: showing anew who one is, another password, sessions, wallet, deletion, export; what a stolen token can't do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeWallet, openPhones, sendCode, useCode } from './parts/auth_people.mjs';
import { startSystem } from './parts/system.mjs';
import { call, changeMe, consectl, eventually, logIn, PASSWORD, prove, signUp, signUpAs, untilVoid } from './parts/people.mjs';

const OTHER = 'another password';
let system;
let phones;
let dev;

before(async () => {
    phones = await openPhones();
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: { ...phones.env, CONSE_LIMIT_AUTH: '100000/100000', CONSE_OTP_PAUSE: '0s' },
    });
    dev = await signUpAs(system, 'keeper', 'dev');
});

after(async () => {
    await system?.stop();
    phones?.close();
});

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const brief = (reply) => [reply.status, reply.body?.code];
const refresh = (refresh_token) => call(system, 'POST', '/auth/refresh', { body: { refresh_token } });
const me = (token) => call(system, 'GET', '/auth/me', { token });
const logInBy = (username, password) => call(system, 'POST', '/auth/login', { body: { username, password } });
const changePassword = (token, current_password, new_password) => call(system, 'PUT', '/auth/me/password', { token, body: { current_password, new_password } });
const untilRefused = (token) => untilVoid(system, { token });

async function newCode(phone) {
    const before = phones.messages.length;
    assert.equal((await sendCode(system, phone)).status, 202);
    await eventually(() => phones.messages.length > before, 5000);
    return phones.codeOf(phone);
}

// With a phone that is proven.
async function signUpWithPhone(username, phone) {
    const person = await signUp(system, username);
    assert.equal((await changeMe(system, person.token, { phone })).status, 200);
    const verified = await call(system, 'POST', '/auth/otp/verify', { token: person.token, body: { phone, code: await newCode(phone) } });
    assert.equal(verified.body.user.id, person.id);
    return logIn(system, username);
}

test('an access token alone changes nothing by which the account is entered', async () => {
    const owner = await signUpWithPhone('owner', '+989120000301'), wallet = makeWallet(), { token } = owner;
    const tries = () => [
        ['PATCH', '/auth/me', { username: 'thief' }],
        ['PATCH', '/auth/me', { phone: '+989120000399' }],
        ['PATCH', '/auth/me', { phone: '' }],
        ['DELETE', '/auth/me', undefined],
        ['GET', '/auth/me/export', undefined],
        ['POST', '/auth/otp/verify', { phone: '+989120000301', code: phones.codeOf('+989120000301'), new_password: OTHER }],
    ];
    await newCode('+989120000301');
    const stolen = await refresh(owner.refresh); // nor does a refresh token
    for (const mine of [token, stolen.body.access_token])
        for (const [method, path, body] of tries())
            assert.deepEqual(brief(await call(system, method, path, { token: mine, body })), [403, 'PROOF_NEEDED'], `${method} ${path}`);
    assert.deepEqual(brief(await wallet.prove(system, token)), [403, 'PROOF_NEEDED']);
    assert.deepEqual(brief(await changePassword(token, undefined, OTHER)), [400, 'INVALID_FIELD']);
    const own = await call(system, 'POST', '/auth/otp/verify', { token, body: { phone: '+989120000398', code: await newCode('+989120000398'), new_password: OTHER } });
    assert.notEqual(own.body.user.id, owner.id); // an account of the thief's own
    const { user } = (await me(token)).body;
    assert.deepEqual([user.username, user.phone, user.wallet], ['owner', '+989120000301', '']);
    assert.equal((await logInBy('owner', PASSWORD)).status, 200);
});

test('a proof is good for one change, in its session', async () => {
    const here = await signUp(system, 'prover'), there = await logIn(system, 'prover');
    assert.equal((await prove(system, here.token)).status, 204);
    const rename = (token, username) => call(system, 'PATCH', '/auth/me', { token, body: { username } });
    assert.deepEqual(brief(await rename(there.token, 'prover2')), [403, 'PROOF_NEEDED']);
    assert.deepEqual(brief(await rename(here.token, 'keeper')), [409, 'USERNAME_TAKEN']); // refused: the proof is left
    assert.equal((await rename(here.token, 'prover2')).status, 200);
    assert.deepEqual(brief(await rename(here.token, 'prover3')), [403, 'PROOF_NEEDED']);
});

test('a code and a wallet are proofs too, but a code changes no phone and links no wallet while there is a password', async () => {
    const phone = '+989120000302', person = await signUpWithPhone('coded', phone), wallet = makeWallet();
    const byCode = async () => assert.equal((await prove(system, person.token, { code: await newCode(phone) })).status, 204);
    await byCode();
    assert.deepEqual(brief(await wallet.prove(system, person.token)), [403, 'PROOF_NEEDED']);
    await prove(system, person.token);
    assert.equal((await wallet.prove(system, person.token)).body.user.wallet, wallet.address);
    await byCode();
    const change = () => call(system, 'PATCH', '/auth/me', { token: person.token, body: { phone: '+989120000303' } });
    assert.deepEqual(brief(await change()), [403, 'PROOF_NEEDED']);
    const { message } = (await call(system, 'POST', '/auth/wallet/challenge', { token: person.token, body: { address: wallet.address } })).body;
    assert.equal((await prove(system, person.token, { message, signature: wallet.sign(message) })).status, 204);
    assert.equal((await change()).status, 200);
    const asked = await wallet.challenge(system); // by nobody
    assert.deepEqual(brief(await prove(system, person.token, { message: asked, signature: wallet.sign(asked) })), [401, 'WALLET_PROOF_INVALID']);
});

test("another's phone, wallet and name are refused", async () => {
    const a = await signUpWithPhone('first', '+989120000304'), b = await signUp(system, 'second'), wallet = makeWallet();
    await prove(system, a.token);
    assert.equal((await wallet.prove(system, a.token)).status, 200);
    await prove(system, b.token);
    assert.deepEqual(brief(await wallet.prove(system, b.token)), [409, 'WALLET_TAKEN']);
    assert.deepEqual(brief(await changeMe(system, b.token, { phone: '+989120000304' })), [409, 'PHONE_TAKEN']);
    assert.deepEqual(brief(await changeMe(system, b.token, { username: 'FIRST' })), [409, 'USERNAME_TAKEN']);
});

test('the fifth wrong try ends the session, also when all come at once, and locks nobody out', async () => {
    for (const guess of [(token) => prove(system, token, { password: 'wrong password' }), (token) => changePassword(token, 'wrong password', OTHER)]) {
        const person = await signUp(system, `guessed${Math.random().toString(36).slice(2, 8)}`);
        const replies = await Promise.all(Array.from({ length: 12 }, () => guess(person.token)));
        assert.equal(replies.filter((reply) => reply.body.code === 'BAD_CREDENTIALS').length, 5);
        await untilRefused(person.token);
        assert.deepEqual(brief(await refresh(person.refresh)), [401, 'REFRESH_INVALID']);
        assert.equal((await logInBy(person.user.username, PASSWORD)).status, 200);
    }
});

test('another password ends every other session at once, and gives a new one', async () => {
    const person = await signUp(system, 'changer'), other = await logIn(system, 'changer');
    assert.deepEqual(brief(await changePassword(person.token, 'wrong password', OTHER)), [401, 'BAD_CREDENTIALS']);
    const changed = await changePassword(person.token, PASSWORD, OTHER);
    assert.equal(changed.status, 200);
    for (const { token, refresh: stale } of [person, other]) {
        await untilRefused(token);
        assert.deepEqual(brief(await refresh(stale)), [401, 'REFRESH_INVALID']);
    }
    assert.equal((await me(changed.body.access_token)).status, 200);
    assert.equal((await refresh(changed.body.refresh_token)).status, 200);
    assert.deepEqual(brief(await logInBy('changer', PASSWORD)), [401, 'BAD_CREDENTIALS']);
});

test('a password fits on every keyboard', async () => {
    const [composed, apart] = ['caf\u00e9 \u0631\u0624\u06cc\u0627', 'cafe\u0301 \u0631\u0648\u0654\u06cc\u0627'];
    const username = 'keyboards';
    assert.equal((await call(system, 'POST', '/auth/signup', { body: { username, password: apart } })).status, 201);
    for (const password of [composed, apart]) assert.equal((await logInBy(username, password)).status, 200);
    const { access_token } = (await logInBy(username, composed)).body;
    const changed = await changePassword(access_token, apart, PASSWORD);
    assert.equal(changed.status, 200);
    assert.equal((await logInBy(username, composed)).status, 401);
});

test('who has no password sets one with a proof', async () => {
    const phone = '+989120000305', person = (await useCode(system, phone, await newCode(phone))).body, token = person.access_token;
    assert.deepEqual(brief(await changePassword(token, '', OTHER)), [403, 'PROOF_NEEDED']);
    assert.deepEqual(brief(await changePassword(token, PASSWORD, OTHER)), [401, 'BAD_CREDENTIALS']);
    assert.equal((await prove(system, token, { code: await newCode(phone) })).status, 204);
    const set = await changePassword(token, '', OTHER);
    assert.equal(set.status, 200);
    assert.equal((await logInBy(person.user.username, OTHER)).status, 200);
});

test('sessions are listed and ended, one or all others', async () => {
    const own = await signUp(system, 'sessions'), lost = await logIn(system, 'sessions'), third = await logIn(system, 'sessions');
    const list = async (token) => (await call(system, 'GET', '/auth/sessions', { token })).body.sessions;
    const sessions = await list(own.token);
    assert.equal(sessions.length, 3);
    const fields = ['created_at', 'current', 'expires_at', 'id', 'kind', 'last_used_at', 'network'];
    for (const session of sessions) assert.deepEqual(Object.keys(session).sort(), fields);
    assert.deepEqual(sessions.map((session) => session.kind), Array(3).fill('PASSWORD'));
    assert.equal(sessions.filter((session) => session.current).length, 1);
    const theirs = (await list(lost.token)).find((session) => session.current).id;
    assert.equal((await call(system, 'DELETE', `/auth/sessions/${theirs}`, { token: own.token })).status, 204);
    await untilRefused(lost.token);
    assert.deepEqual(brief(await call(system, 'DELETE', `/auth/sessions/${theirs}`, { token: own.token })), [404, 'NOT_FOUND']);
    const foreign = (await list(dev.token))[0].id;
    assert.deepEqual(brief(await call(system, 'DELETE', `/auth/sessions/${foreign}`, { token: own.token })), [404, 'NOT_FOUND']);
    const ended = await call(system, 'DELETE', '/auth/sessions', { token: own.token });
    assert.deepEqual([ended.status, ended.body.refresh_token, ended.body.device_token], [200, '', '']); // a thief gains nothing lasting
    await untilRefused(third.token);
    await untilRefused(own.token);
    assert.equal(claimsOf(ended.body.access_token).exp, claimsOf(own.token).exp);
    assert.equal((await list(ended.body.access_token)).length, 1);
    assert.equal((await refresh(own.refresh)).status, 200);
    assert.deepEqual(brief(await refresh(third.refresh)), [401, 'REFRESH_INVALID']);
});

test('the others end all the same when one leaves meanwhile', async () => {
    const { user } = await signUp(system, 'leaving');
    for (let round = 0; round < 30; round++) {
        const own = await logIn(system, user.username), other = await logIn(system, user.username);
        await Promise.all([call(system, 'DELETE', '/auth/sessions', { token: own.token }), call(system, 'POST', '/auth/logout', { token: own.token, body: {} })]);
        if ((await refresh(other.refresh)).status !== 200) await untilRefused(other.token);
    }
});

test('operators end sessions and unlock', async () => {
    const person = await signUp(system, 'helped'), other = await signUp(system, 'bystander');
    const sessions = (token) => call(system, 'DELETE', `/auth/users/${person.id}/sessions`, { token });
    const unlock = (token) => call(system, 'POST', `/auth/users/${person.id}/unlock`, { token });
    for (const ask of [sessions, unlock]) {
        assert.deepEqual(brief(await ask(other.token)), [403, 'LEVEL_TOO_LOW']);
        assert.deepEqual(brief(await ask(undefined)), [401, 'TOKEN_INVALID']);
    }
    for (let i = 0; i < 5; i++) await logInBy('helped', 'wrong password');
    assert.deepEqual(brief(await logInBy('helped', PASSWORD)), [429, 'ACCOUNT_LOCKED']);
    assert.equal((await unlock(dev.token)).status, 204);
    assert.equal((await logInBy('helped', PASSWORD)).status, 200);
    assert.equal((await sessions(dev.token)).status, 204);
    await untilRefused(person.token);
    assert.equal((await refresh(person.refresh)).status, 401);
    assert.equal((await me(other.token)).status, 200);
});

test('a wallet is unlinked, unless it is the last way in', async () => {
    const person = await signUp(system, 'unlinker'), wallet = makeWallet();
    const unlink = () => call(system, 'DELETE', '/auth/wallet', { token: person.token });
    assert.equal((await unlink()).status, 204); // there is none
    await prove(system, person.token);
    assert.equal((await wallet.prove(system, person.token)).status, 200);
    assert.deepEqual(brief(await unlink()), [403, 'PROOF_NEEDED']);
    await prove(system, person.token);
    assert.equal((await unlink()).status, 204);
    assert.deepEqual(brief(await wallet.prove(system)), [401, 'WALLET_PROOF_INVALID']);
    const phone = '+989120000306', token = (await useCode(system, phone, await newCode(phone))).body.access_token;
    await prove(system, token, { code: await newCode(phone) });
    assert.deepEqual(brief(await call(system, 'PATCH', '/auth/me', { token, body: { phone: '' } })), [409, 'LAST_LOGIN']);
});

test('a deleted account is gone: nothing opens it, and nobody gets its name', async () => {
    const phone = '+989120000307', person = await signUpWithPhone('leaver2', phone), wallet = makeWallet();
    const erase = (token) => call(system, 'DELETE', '/auth/me?forfeit=true', { token });
    await prove(system, person.token);
    assert.equal((await wallet.prove(system, person.token)).status, 200);
    await prove(system, person.token, { code: await newCode(phone) });
    assert.deepEqual(brief(await erase(person.token)), [403, 'PROOF_NEEDED']); // of a stolen number
    await prove(system, person.token);
    assert.equal((await erase(person.token)).status, 204);
    await untilRefused(person.token);
    assert.equal((await erase(person.token)).status, 401);
    assert.deepEqual(brief(await refresh(person.refresh)), [401, 'REFRESH_INVALID']);
    assert.deepEqual(brief(await logInBy('leaver2', PASSWORD)), [401, 'BAD_CREDENTIALS']);
    assert.deepEqual(brief(await wallet.prove(system)), [401, 'WALLET_PROOF_INVALID']);
    assert.deepEqual(brief(await call(system, 'POST', '/auth/signup', { body: { username: 'Leaver2', password: PASSWORD } })), [409, 'USERNAME_TAKEN']);
    assert.notEqual((await useCode(system, phone, await newCode(phone))).body.user.id, person.id);
    assert.equal((await call(system, 'GET', `/auth/users/${person.id}`, { token: dev.token })).status, 404);
    await system.restart('auth');
    await eventually(async () => (await me(person.token)).status === 401, 10000);
});

test('gods and devs keep their accounts', async () => {
    const god = await signUpAs(system, 'leading', 'god');
    for (const { token } of [god, dev]) {
        await prove(system, token);
        assert.deepEqual(brief(await call(system, 'DELETE', '/auth/me', { token })), [409, 'LEVEL_HELD']);
    }
    assert.equal((await consectl(system, 'user', 'level', 'leading', 'player')).code, 0);
    const player = await logIn(system, 'leading');
    await prove(system, player.token);
    assert.deepEqual(brief(await call(system, 'DELETE', '/auth/me', { token: player.token })), [503, 'SERVICE_AWAY']); // no chain says what they have
    assert.equal((await call(system, 'DELETE', '/auth/me?forfeit=true', { token: player.token })).status, 204);
});

test('an export has what is kept and no secret', async () => {
    const person = await signUpWithPhone('exporter', '+989120000308');
    assert.equal((await changeMe(system, person.token, { username: 'exporter2' })).status, 200);
    await prove(system, person.token);
    const got = await call(system, 'GET', '/auth/me/export', { token: person.token });
    assert.equal(got.status, 200);
    const { body } = got;
    assert.deepEqual([body.user.username, body.user.phone, body.has_password, body.phone_verified], ['exporter2', '+989120000308', true, true]);
    assert.deepEqual(body.former_usernames.map((name) => name.username), ['exporter']);
    assert.ok(body.sessions.length >= 2);
    assert.ok(!/argon2|hash|mac|secret/.test(JSON.stringify(body)));
    assert.deepEqual(brief(await call(system, 'GET', '/auth/me/export', { token: person.token })), [403, 'PROOF_NEEDED']);
});

test('bad input is refused by its field', async () => {
    const person = await signUp(system, 'strict'), token = person.token, long = 'x'.repeat(257);
    const id = '01890000-0000-7000-8000-000000000001', signature = Buffer.alloc(64).toString('base64');
    const rows = [
        ['PUT', '/auth/me/password', {}, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD }, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD, new_password: 'short' }, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD, new_password: '\u0631'.repeat(7) }, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD, new_password: '\u0631'.repeat(257) }, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD, new_password: 12345678 }, 'new_password'],
        ['PUT', '/auth/me/password', { current_password: long, new_password: OTHER }, 'current_password'],
        ['PUT', '/auth/me/password', { new_password: OTHER }, 'current_password'],
        ['PUT', '/auth/me/password', { current_password: PASSWORD, new_password: OTHER, more: 1 }, 'more'],
        ['POST', '/auth/proof', {}, 'password'],
        ['POST', '/auth/proof', { password: long }, 'password'],
        ['POST', '/auth/proof', { password: true }, 'password'],
        ['POST', '/auth/proof', { password: PASSWORD, code: '123456' }, 'code'],
        ['POST', '/auth/proof', { code: '1234567890123' }, 'code'],
        ['POST', '/auth/proof', { code: '123456' }, 'code'], // no phone is proven
        ['POST', '/auth/proof', { message: 'm' }, 'signature'],
        ['POST', '/auth/proof', { signature }, 'message'],
        ['POST', '/auth/proof', { message: 'm', signature: 'AAAA' }, 'signature'],
        ['POST', '/auth/proof', { message: 'm'.repeat(2049), signature }, 'message'],
        ['POST', '/auth/proof', { password: PASSWORD, device_token: 'x'.repeat(129) }, 'device_token'],
        ['DELETE', '/auth/sessions/none', undefined, 'session_id'],
        ['DELETE', '/auth/users/none/sessions', undefined, 'user_id', () => dev.token],
        ['POST', '/auth/users/none/unlock', {}, 'user_id', () => dev.token],
    ];
    for (const [method, path, body, field, by = () => token] of rows) {
        const reply = await call(system, method, path, { token: by(), body });
        const what = `${method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(reply.body)}`;
        assert.equal(reply.status, 400, what);
        assert.ok(reply.body.errors?.some((error) => error.field === field), what);
    }
    assert.deepEqual(brief(await changePassword(token, PASSWORD, 'correct\u0000horse')), [400, 'MALFORMED']);
    for (const [method, path, code] of [['DELETE', `/auth/sessions/${id}`, 404], ['PUT', '/auth/me/password', 400], ['POST', '/auth/me/password', 405]])
        assert.equal((await call(system, method, path, { token, body: method === 'DELETE' ? undefined : {} })).status, code);
    for (const [method, path] of [['PUT', '/auth/me/password'], ['POST', '/auth/proof'], ['GET', '/auth/sessions'], ['DELETE', '/auth/sessions'], ['DELETE', `/auth/sessions/${id}`], ['DELETE', '/auth/me'], ['GET', '/auth/me/export'], ['DELETE', '/auth/wallet']])
        assert.deepEqual(brief(await call(system, method, path, { body: method === 'PUT' || method === 'POST' ? { new_password: OTHER, password: PASSWORD } : undefined })).slice(0, 1), [401], path);
    assert.equal((await me(token)).status, 200);
});
