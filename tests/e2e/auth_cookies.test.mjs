// The session of a browser: its tokens are in cookies that no script reads, for who asks so by a header that no other site can send.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, ok, PASSWORD, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const ASKED = { 'Conse-Session': 'cookie' };
const SEALED = /; Path=\/auth; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/;
let system;

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_CORS_ORIGINS: 'https://game.example' } });
    await signUp(system, 'zoe');
});
after(() => system?.stop());

// What a browser keeps: {name: text}, changed by a reply.
function take(jar, reply) {
    for (const line of reply.headers.getSetCookie()) {
        assert.match(line, SEALED);
        const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
        if (line.includes('Max-Age=0;')) delete jar[name];
        else jar[name] = text;
    }
    return reply;
}
const cookieOf = (jar) => Object.entries(jar).map(([name, text]) => `${name}=${text}`).join('; ');
const ask = async (jar, route, body = {}, more = {}) =>
    take(jar, await call(system, 'POST', route, { body, ...more, headers: { ...ASKED, Cookie: cookieOf(jar), ...more.headers } }));
const REFRESH = '__Secure-conse-refresh_token';
const DEVICE = '__Secure-conse-device_token';

async function logIn() {
    const jar = {};
    const reply = await ask(jar, '/auth/login', { username: 'zoe', password: PASSWORD });
    assert.equal(reply.status, 200);
    return { jar, reply };
}

test('a log-in leaves its tokens in cookies, and not in the answer', async () => {
    const { jar, reply } = await logIn();
    assert.deepEqual(Object.keys(jar).sort(), [DEVICE, REFRESH].sort());
    assert.equal(reply.body.refresh_token, '');
    assert.equal(reply.body.device_token, '');
    assert.equal((await ok(system, 'GET', '/auth/me', { token: reply.body.access_token })).user.username, 'zoe');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    for (const text of Object.values(jar)) assert.ok(!JSON.stringify(reply.body).includes(text));
});

test('without the header all is as it was', async () => {
    const reply = await call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: PASSWORD } });
    assert.ok(reply.body.refresh_token.length > 20);
    assert.deepEqual(reply.headers.getSetCookie(), []);
});

test('another kind of session than by cookie is refused', async () => {
    for (const asked of ['', 'Cookie', 'cookies', '1']) {
        const { status, body } = await call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: PASSWORD }, headers: { 'Conse-Session': asked } });
        assert.deepEqual([status, body.code, body.errors?.[0]?.field], [400, 'INVALID_FIELD', 'Conse-Session'], asked);
    }
});

test('the cookie gives the next session, and a new cookie', async () => {
    const { jar } = await logIn();
    const before = jar[REFRESH];
    const { status, body } = await ask(jar, '/auth/refresh');
    assert.equal(status, 200);
    assert.equal(body.refresh_token, '');
    assert.notEqual(jar[REFRESH], before);
    assert.equal((await ask(jar, '/auth/refresh')).status, 200);
});

test('several tabs at once get the same next session', async () => {
    const { jar } = await logIn();
    const replies = await Promise.all(Array.from({ length: 6 }, () => ask({ ...jar }, '/auth/refresh')));
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
    assert.equal(new Set(replies.flatMap(({ headers }) => headers.getSetCookie().filter((line) => line.startsWith(REFRESH)))).size, 1);
});

test('the cookie alone does nothing: a page of another site can send that, but not the header', async () => {
    const { jar } = await logIn();
    const reply = await call(system, 'POST', '/auth/refresh', { body: {}, headers: { Cookie: cookieOf(jar) } });
    assert.equal(reply.status, 400);
    assert.equal(reply.body.errors[0].field, 'refresh_token');
    const preflight = await call(system, 'OPTIONS', '/auth/refresh', {
        headers: { Origin: 'https://game.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'conse-session' } });
    assert.doesNotMatch(preflight.headers.get('access-control-allow-headers'), /conse-session/i);
    assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
    assert.equal((await ask(jar, '/auth/refresh')).status, 200);
});

test('a body comes before a cookie', async () => {
    const { jar } = await logIn();
    assert.equal((await ask({ ...jar }, '/auth/refresh', { refresh_token: 'another' })).status, 401);
    assert.equal((await ask(jar, '/auth/refresh')).status, 200);
});

test('a log-out ends the session of the cookie and takes it away, but not what says that the device is known', async () => {
    const { jar, reply } = await logIn();
    const { [REFRESH]: spent } = jar;
    assert.equal((await ask(jar, '/auth/logout', {}, { token: reply.body.access_token })).status, 204);
    assert.deepEqual(Object.keys(jar), [DEVICE]);
    assert.equal((await ask({ [REFRESH]: spent }, '/auth/refresh')).status, 401);
});

test('who ends the other sessions keeps the cookie, and those of the others are taken away', async () => {
    const { jar: other } = await logIn();
    const { jar, reply } = await logIn();
    const { [REFRESH]: kept } = jar;
    const ended = take(jar, await call(system, 'DELETE', '/auth/sessions', { token: reply.body.access_token, headers: { ...ASKED, Cookie: cookieOf(jar) } }));
    assert.equal(ended.status, 200);
    assert.equal(ended.body.refresh_token, '');
    assert.equal(jar[REFRESH], kept);
    assert.equal((await ask(jar, '/auth/refresh')).status, 200);
    assert.equal((await ask(other, '/auth/refresh')).status, 401);
    assert.deepEqual(Object.keys(other), [DEVICE]);
});

test('a cookie that is not good is taken away', async () => {
    const jar = { [REFRESH]: 'AAAAAAAAAAAAAAAA', [DEVICE]: 'kept' };
    const reply = await ask(jar, '/auth/refresh');
    assert.equal(reply.status, 401);
    assert.deepEqual(Object.keys(jar), [DEVICE]);
});

test('cookies are written into no log', async () => {
    const { jar } = await logIn();
    await ask(jar, '/auth/refresh');
    for (const name of system.services) for (const text of Object.values(jar)) assert.ok(!system.log(name).includes(text), name);
});

test('a known device is known by its cookie', async () => {
    const { jar } = await logIn();
    for (let i = 0; i < 12; i++) await call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: `wrong ${i}` } });
    const locked = await call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: PASSWORD } });
    assert.equal(locked.status, 429);
    assert.equal((await ask(jar, '/auth/login', { username: 'zoe', password: PASSWORD })).status, 200);
});
