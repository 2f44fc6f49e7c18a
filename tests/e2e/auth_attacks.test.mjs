// Auth under attack: forged tokens, guesses and replays made at once, names that look alike, secrets that leak.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeWallet, openPhones, sendCode, useCode } from './parts/auth_people.mjs';
import { call, changeMe, consectl, eventually, ok, PASSWORD, prove, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { exchange, request } from './parts/wire.mjs';

const ADDRESS_AFTER = 100;
let system, phones, mira;
const secrets = new Set(['webhook secret', 'urlsecret', PASSWORD]); // what no log may show

before(async () => {
    phones = await openPhones((message) => (message.phone.startsWith('+98999') ? 500 : 204));
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: {
            ...phones.env,
            CONSE_LIMIT_AUTH: '100000/100000',
            CONSE_LIMIT_DEFAULT: '100000/100000',
            CONSE_LOCKOUT_ADDRESS_AFTER: String(ADDRESS_AFTER),
            CONSE_OTP_WEBHOOK_TIMEOUT: '1s',
            CONSE_LOG_LEVEL: 'debug',
        },
    });
    mira = await signUp(system, 'mira');
    for (const secret of [mira.token, mira.refresh]) secrets.add(secret);
});

after(async () => {
    await system?.stop();
    phones?.close();
});

const me = (token) => call(system, 'GET', '/auth/me', { token });
const logInAs = (username, password) => call(system, 'POST', '/auth/login', { body: { username, password } });
const refresh = (refresh_token) => call(system, 'POST', '/auth/refresh', { body: { refresh_token } });
const parts = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
const count = (replies, status) => replies.filter((reply) => reply.status === status).length;

// 503 says come back: everybody does, at the same moment.
async function insist(make) {
    for (const deadline = Date.now() + 20000; ; ) {
        assert.ok(Date.now() < deadline, `only 503: ${make}`);
        const reply = await make();
        if (reply.status !== 503) return reply;
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

test('a request with two tokens, or a token elsewhere, is not let in', async () => {
    const two = await exchange(system.port, request('GET /auth/me', ['Host: x', `Authorization: Bearer ${mira.token}`, 'Authorization: Bearer x']));
    assert.equal(two.status, 400);
    for (const value of [mira.token, `Basic ${mira.token}`, `Bearer: ${mira.token}`, `Bearer\t${mira.token}`, `Bearer ${mira.token},Bearer x`]) {
        const reply = await exchange(system.port, request('GET /auth/me', ['Host: x', `Authorization: ${value}`]));
        assert.equal(reply.status, 401, value.slice(0, 10));
    }
    assert.equal((await call(system, 'GET', `/auth/me?access_token=${mira.token}`)).status, 401);
    const huge = await exchange(system.port, request('GET /auth/me', ['Host: x', `Authorization: Bearer ${'a'.repeat(64 * 1024)}`]));
    assert.equal(huge.status, 431);
});

test('a refresh token that was used stays used when the service is killed', async () => {
    const user = await signUp(system, 'replayed');
    const child = (await refresh(user.refresh)).body.refresh_token;
    const grandchild = (await refresh(child)).body.refresh_token;
    await system.restart('auth');
    await eventually(async () => (await call(system, 'GET', '/.well-known/jwks.json')).status === 200, 2000);
    const replay = await refresh(user.refresh);
    assert.equal(replay.body.code, 'REFRESH_REUSED');
    assert.equal((await refresh(grandchild)).body.code, 'REFRESH_INVALID');
});

test('five guesses at a code are five, however many come at once', async () => {
    const phone = '+989120000101';
    assert.equal((await insist(() => sendCode(system, phone))).status, 202);
    const code = phones.codeOf(phone);
    secrets.add(code);
    const wrong = Array.from({ length: 40 }, (_, i) => String(i).padStart(6, '0')).filter((guess) => guess !== code);
    const replies = await Promise.all(wrong.map((guess) => insist(() => useCode(system, phone, guess))));
    for (const reply of replies) assert.equal(reply.body.code, 'OTP_INVALID');
    assert.equal((await useCode(system, phone, code)).body.code, 'OTP_INVALID');
});

test('a code used many times at once opens one session', async () => {
    const phone = '+989120000102';
    await insist(() => sendCode(system, phone));
    const code = phones.codeOf(phone);
    const replies = await Promise.all(Array.from({ length: 8 }, (_, i) => insist(() => useCode(system, phone, code, i % 2 ? { new_password: `password ${i}` } : {}))));
    assert.equal(count(replies, 200), 1, JSON.stringify(replies.map((r) => r.body.code)));
});

test('a webhook that fails says so, holds nobody up and costs no wait', async () => {
    const phone = '+989990000103';
    const replies = await Promise.all([sendCode(system, phone), ...Array.from({ length: 8 }, () => logInAs('mira', PASSWORD))]);
    assert.equal(replies[0].status, 503, JSON.stringify(replies[0].body));
    assert.equal(replies[0].body.code, 'DELIVERY_FAILED');
    assert.ok(replies[0].headers.get('retry-after'));
    const shown = JSON.stringify({ ...replies[0].body, trace_id: '' });
    assert.ok(!shown.includes(phones.codeOf(phone)) && !shown.includes('urlsecret'));
    assert.ok(phones.messages.filter((m) => m.phone === phone).length >= 2); // it was tried again
    assert.equal(new Set(phones.messages.filter((m) => m.phone === phone).map((m) => m.code)).size, 1);
    assert.equal((await sendCode(system, phone)).body.code, 'DELIVERY_FAILED'); // not OTP_TOO_SOON
});

test('a signed challenge is good for one of many', async () => {
    const user = await signUp(system, 'signer');
    const wallet = makeWallet();
    await prove(system, user.token);
    assert.equal((await wallet.prove(system, user.token)).status, 200);
    const message = await wallet.challenge(system);
    const replies = await Promise.all(Array.from({ length: 10 }, () => wallet.verify(system, message)));
    assert.equal(count(replies, 200), 1);
    assert.equal(replies.filter((r) => r.body.code === 'WALLET_PROOF_INVALID').length, 9);
});

test('a wallet message that differs by a byte is refused, and a line cannot be slipped in', async () => {
    const user = await signUp(system, 'exact');
    const wallet = makeWallet();
    const changes = [(m) => `${m}\n`, (m) => m.replace('\n', '\r\n'), (m) => ` ${m}`, (m) => m.replace('Version: 1', 'Version: 2'), (m) => m.replace(/Nonce: ./, 'Nonce: _')];
    for (const change of changes) {
        const reply = await wallet.verify(system, change(await wallet.challenge(system)), user.token);
        assert.ok(reply.status === 401 || reply.status === 400, String(change));
    }
    for (const address of [`${wallet.address}\nURI: https://evil.example`, `${wallet.address}\r`, ' ', '0'.repeat(44), `${wallet.address}${wallet.address}`])
        assert.equal((await call(system, 'POST', '/auth/wallet/challenge', { body: { address } })).status, 400, address);
    const message = await wallet.challenge(system);
    assert.equal((await wallet.verify(system, message, user.token, makeWallet().sign(message))).body.code, 'WALLET_PROOF_INVALID');
    assert.equal((await wallet.verify(system, message, user.token)).body.code, 'WALLET_PROOF_INVALID'); // the failed try used it up
});

test('a wallet belongs to one account, however many link it at once', async () => {
    const people = await Promise.all(['wallet-a', 'wallet-b', 'wallet-c'].map((name) => signUp(system, name)));
    const wallet = makeWallet();
    await Promise.all(people.map((person) => prove(system, person.token)));
    const replies = await Promise.all(people.map((person) => wallet.prove(system, person.token)));
    assert.equal(count(replies, 200), 1);
    assert.equal(replies.filter((r) => r.body.code === 'WALLET_TAKEN').length, 2);
    const owner = replies.find((r) => r.status === 200).body.user.id;
    assert.equal((await wallet.prove(system)).body.user.id, owner);
});

test('of many sign-ups with one name, or one phone, exactly one succeeds', async () => {
    const names = ['Zoya', 'zoya', 'ZOYA', 'zOyA'];
    const signup = (body) => insist(() => call(system, 'POST', '/auth/signup', { body: { password: PASSWORD, ...body } }));
    const byName = await Promise.all(Array.from({ length: 24 }, (_, i) => signup({ username: names[i % 4] })));
    assert.equal(count(byName, 201), 1);
    assert.equal(byName.filter((r) => r.body.code === 'USERNAME_TAKEN').length, 23);
    const byPhone = await Promise.all(Array.from({ length: 12 }, (_, i) => signup({ username: `phoned-${i}`, phone: '+989120000104' })));
    assert.equal(count(byPhone, 201), 1);
    assert.equal(byPhone.filter((r) => r.body.code === 'PHONE_TAKEN').length, 11);
});

test('names and phones that only look right are refused', async () => {
    const names = ['', 'ab', 'a'.repeat(33), 'mіra', 'mira ', ' mira', 'mi ra', 'mira\u0000', 'mi\u200bra', 'mi\u202era', 'MİRA', 'ｍｉｒａ', 'mi​ra', 'ＭＩＲＡ', 'mira\n', '😀😀😀', "mira'--", 'mira%', 'm/../ira'];
    for (const username of names) {
        const reply = await call(system, 'POST', '/auth/signup', { body: { username, password: PASSWORD } });
        assert.equal(reply.status, 400, JSON.stringify(username));
    }
    for (const phone of ['989120000105', '+0989120000105', '+98 912 000 0105', '00989120000105', '+٩٨٩١٢٠٠٠٠١٠٥', '+1', `+${'9'.repeat(16)}`, '+98912000010\u0000', '+98912000010x'])
        assert.equal((await call(system, 'POST', '/auth/otp', { body: { phone } })).status, 400, phone);
    for (const password of ['short', 'x'.repeat(257), 'correct\u0000horse', 'x'.repeat(100000)])
        assert.equal((await call(system, 'POST', '/auth/signup', { body: { username: 'fine', password } })).status, 400);
});

test('a profile changed from many tabs while logging in loses nothing', async () => {
    const user = await signUp(system, 'busy');
    const rename = async (username) => { // a proof is good for one change, and any tab may make it
        for (;;) {
            const reply = await changeMe(system, user.token, { username });
            if (reply.body.code !== 'PROOF_NEEDED') return reply;
        }
    };
    const patches = Array.from({ length: 6 }, (_, i) => rename(`busy-${i}`));
    const replies = await Promise.all([...patches, ...Array.from({ length: 6 }, () => refresh(user.refresh))]);
    assert.deepEqual(replies.map((r) => r.status), Array(12).fill(200));
});

test('levels are given by devs only, and what exists is not told before', async () => {
    const nobody = '01890000-0000-7000-8000-000000000001';
    const god = await signUpAs(system, 'agod', 'god');
    for (const token of [mira.token, god.token])
        for (const id of [mira.id, nobody]) {
            assert.equal((await call(system, 'POST', `/auth/users/${id}/level`, { token, body: { level: 'GOD' } })).status, 403);
            assert.equal((await call(system, 'GET', `/auth/users/${id}`, { token })).status, 403);
        }
    const dev = await signUpAs(system, 'adev', 'dev');
    assert.equal((await call(system, 'GET', `/auth/users/${nobody}`, { token: dev.token })).status, 404);
    for (const level of ['LEVEL_UNSPECIFIED', 'KING', 0, 4, -1, ''])
        assert.equal((await call(system, 'POST', `/auth/users/${mira.id}/level`, { token: dev.token, body: { level } })).status, 400, String(level));
    assert.equal((await call(system, 'POST', `/auth/users/${dev.id}/level`, { token: dev.token, body: { level: 'PLAYER' } })).status, 200);
    await eventually(async () => (await call(system, 'GET', '/auth/users', { token: dev.token })).status === 401, 1000);
    const again = (await refresh(dev.refresh)).body;
    assert.equal(again.user.level, 'PLAYER');
    assert.equal((await call(system, 'GET', '/auth/users', { token: again.access_token })).status, 403);
    assert.equal((await consectl(system, 'user', 'level', 'adev', 'dev')).code, 0); // the operator can always mend it
});

test('a password guessed many times at once is answered a few times', async () => {
    const signedUp = await ok(system, 'POST', '/auth/signup', { body: { username: 'guessed', password: PASSWORD } });
    const replies = await Promise.all(Array.from({ length: 40 }, () => insist(() => logInAs('guessed', 'wrong password'))));
    assert.equal(count(replies, 401), 5);
    const locked = replies.filter((r) => r.body.code === 'ACCOUNT_LOCKED');
    assert.equal(locked.length, 35);
    for (const reply of locked) assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    assert.equal((await logInAs('guessed', PASSWORD)).body.code, 'ACCOUNT_LOCKED');
    const body = { username: 'guessed', password: PASSWORD, device_token: signedUp.device_token };
    assert.equal((await call(system, 'POST', '/auth/login', { body })).status, 200); // the device of the sign-up goes on
});

test('the address that guesses is locked, also after a kill; a device that logged in before is not', async () => {
    const { body: known } = await insist(() => logInAs('mira', PASSWORD));
    secrets.add(known.device_token);
    for (let i = 0; ; i++) {
        assert.ok(i < ADDRESS_AFTER, 'never locked');
        const reply = await insist(() => logInAs(`no-such-name-${i}`, 'wrong password'));
        if (reply.body.code === 'ADDRESS_LOCKED') break;
        assert.equal(reply.body.code, 'BAD_CREDENTIALS');
    }
    await system.restart('auth');
    assert.equal((await insist(() => logInAs('mira', PASSWORD))).body.code, 'ADDRESS_LOCKED');
    const again = (device_token) => insist(() => call(system, 'POST', '/auth/login', { body: { username: 'mira', password: PASSWORD, device_token } }));
    assert.equal((await again(known.device_token)).status, 200);
    assert.equal((await again(known.device_token.replace(/.$/, (c) => (c === 'A' ? 'E' : 'A')))).body.code, 'ADDRESS_LOCKED');
    assert.equal((await again('x'.repeat(200))).status, 400);
});

test('no secret is in a log or a metric', async () => {
    for (const name of system.services) {
        const metrics = await fetch(`http://127.0.0.1:${system.admin[name]}/metrics`).then((r) => r.text());
        for (const secret of secrets) assert.ok(!system.log(name).includes(secret) && !metrics.includes(secret), `${name} shows ${secret}`);
    }
});
