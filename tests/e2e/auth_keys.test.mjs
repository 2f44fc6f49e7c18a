// API keys: programs act for a person with tokens that can be less than a log-in's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { assertAllRefused, call, consectl, eventually, logIn, ok, PASSWORD, prove, signUp, untilVoid } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, mira, god, event;
before(async () => {
    system = await startSystem({ env: LIMITS });
    mira = await signUp(system, 'mira');
    god = await makeGod(system, 'leader');
    event = await openEvent(system, god, await makeDeck(system, god));
});
after(() => system?.stop());

const ask = (person, method, route, body) => call(system, method, route, { token: person?.token, body });
const create = (person, body) => ask(person, 'POST', '/auth/api-keys', body);
const exchange = (key) => call(system, 'POST', '/auth/api-keys/token', { body: { key } });
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

// A key of the person, and who acts by it.
async function keyOf(person, body) {
    await prove(system, person.token);
    const made = await create(person, { name: 'bot', ...body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return { ...made.body, act: async () => ({ id: person.id, token: (await exchange(made.body.key)).body.access_token }) };
}

test('a key is made after a proof, shown once, and listed without its secret', async () => {
    assert.deepEqual([(await create(mira, { name: 'bot' })).body.code], ['PROOF_NEEDED']);
    const expires = new Date(Date.now() + 86400e3).toISOString();
    const { key, api_key } = await keyOf(mira, { name: 'my بات', read_only: true, expires_at: expires });
    assert.match(key, /^conse-key\.[0-9a-f-]{36}\.[\w-]{43}$/);
    assert.deepEqual([api_key.name, api_key.read_only, api_key.level, api_key.expires_at], ['my بات', true, 'PLAYER', expires]);
    assert.equal((await create(mira, { name: 'bot' })).body.code, 'PROOF_NEEDED'); // one proof, one key
    const listed = await ask(mira, 'GET', '/auth/api-keys');
    assert.deepEqual(listed.body.api_keys, [api_key]);
    assert.ok(!JSON.stringify(listed.body).includes(key.slice(-43)));
    const token = await exchange(key);
    assert.deepEqual([token.status, token.body.token_type, 'refresh_token' in token.body], [200, 'Bearer', false]);
    const claims = claimsOf(token.body.access_token);
    assert.deepEqual([claims.sub, claims.key, claims.ro, claims.lvl], [mira.id, api_key.id, true, 3]);
    assert.ok('last_used_at' in (await ask(mira, 'GET', '/auth/api-keys')).body.api_keys[0]);
    assert.equal((await ask(mira, 'DELETE', `/auth/api-keys/${api_key.id}`)).status, 204);
});

test('bad input is refused by field', async () => {
    await prove(system, mira.token);
    const bad = (body, code, field) => [mira, 'POST', '/auth/api-keys', body, 400, code, field];
    await assertAllRefused(system, [
        [undefined, 'POST', '/auth/api-keys', { name: 'x' }, 401, 'TOKEN_INVALID'],
        [undefined, 'GET', '/auth/api-keys', undefined, 401, 'TOKEN_INVALID'],
        bad({}, 'INVALID_FIELD', 'name'),
        bad({ name: '' }, 'INVALID_FIELD', 'name'),
        bad({ name: 'ن'.repeat(65) }, 'INVALID_FIELD', 'name'),
        bad({ name: 'a\nb' }, 'INVALID_FIELD', 'name'),
        bad({ name: 1 }, 'MALFORMED', 'name'),
        bad({ name: 'x', read_only: 'yes' }, 'MALFORMED', 'read_only'),
        bad({ name: 'x', level: 'KING' }, 'MALFORMED', 'level'),
        bad({ name: 'x', level: 'GOD' }, 'INVALID_FIELD', 'level'),
        bad({ name: 'x', level: 'DEV' }, 'INVALID_FIELD', 'level'),
        bad({ name: 'x', expires_at: 'soon' }, 'MALFORMED', 'expires_at'),
        bad({ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'INVALID_FIELD', 'expires_at'),
        bad({ name: 'x', key: 'mine' }, 'MALFORMED', 'key'),
        [mira, 'DELETE', '/auth/api-keys/x', undefined, 400, 'INVALID_FIELD', 'id'],
        [mira, 'DELETE', '/auth/api-keys/01890000-0000-7000-8000-000000000999', undefined, 404, 'NOT_FOUND'],
        [undefined, 'POST', '/auth/api-keys/token', {}, 400, 'INVALID_FIELD', 'key'],
        [undefined, 'POST', '/auth/api-keys/token', { key: 5 }, 400, 'MALFORMED', 'key'],
        [undefined, 'POST', '/auth/api-keys/token', { key: 'k'.repeat(129) }, 400, 'INVALID_FIELD', 'key'],
        [undefined, 'POST', '/auth/api-keys/token', { key: 'conse-key.x.y' }, 401, 'KEY_INVALID'],
    ]);
    assert.equal((await create(mira, { name: 'ن'.repeat(64), level: 'PLAYER' })).status, 201); // the proof was left
});

test('a read-only key reads, and writes nothing', async () => {
    const key = await keyOf(god, { read_only: true }), bot = await key.act();
    for (const route of ['/auth/me', '/events', `/events/${event.id}`, `/events/${event.id}/log`, '/groups', `/events/${event.id}/deck`])
        assert.equal((await ask(bot, 'GET', route)).status, 200, route);
    const at = `/events/${event.id}`;
    await assertAllRefused(system, [
        ['POST', '/groups', { name: 'another' }], ['POST', `${at}/lock`, {}], ['PATCH', at, { title: 'x' }], ['DELETE', at, undefined],
        ['PUT', `${at}/vote`, { value: 1 }], ['POST', `${at}/reservations`, { guest_name: 'x' }], ['POST', '/auth/logout', {}],
    ].map((row) => [bot, ...row, 403, 'READ_ONLY']));
    for (let i = 0; i < 3; i++) assert.equal((await ask(bot, 'POST', `${at}/lock`, {})).body.code, 'READ_ONLY'); // remembered tokens too
    assert.equal((await ask(god, 'GET', at)).body.event.state, 'OPEN');
});

test('a key acts in games, and is no whole account', async () => {
    const key = await keyOf(god), bot = await key.act();
    await as(system, bot, event)('PATCH', '', { title: 'by a program' });
    const other = await signUp(system, 'other');
    await assertAllRefused(system, [
        ['POST', '/auth/api-keys', { name: 'more' }], ['GET', '/auth/api-keys', undefined], ['DELETE', `/auth/api-keys/${key.api_key.id}`, undefined],
        ['PATCH', '/auth/me', { username: 'stolen' }], ['POST', '/auth/proof', { password: PASSWORD }],
        ['POST', '/auth/otp/verify', { phone: '+989121234567', code: '123456' }],
        ['POST', `/events/${event.id}/players/${other.id}/claim`, {}], ['POST', `/events/${event.id}/claim`, { ticket: 'x' }],
        ['POST', '/auth/wallet/challenge', { address: '11111111111111111111111111111111' }],
    ].map((row) => [bot, ...row, 403, 'KEY_REFUSED']));
    assert.equal((await ask(bot, 'POST', `/auth/users/${other.id}/suspend`, { reason: 'x' })).status, 403);
    assert.equal((await ask(bot, 'POST', '/auth/logout', {})).status, 204); // ends this token alone
    await untilVoid(system, bot);
    const again = await key.act();
    assert.equal((await ask(again, 'GET', '/auth/me')).body.user.username, 'leader');
    assert.equal((await ask(god, 'GET', '/auth/me')).status, 200);
});

test('a key and its tokens end when it is deleted', async () => {
    const key = await keyOf(mira), kept = await keyOf(mira), bot = await key.act(), other = await kept.act();
    const lena = await signUp(system, 'lena');
    assert.equal((await ask(lena, 'DELETE', `/auth/api-keys/${key.api_key.id}`)).status, 404);
    assert.equal((await ask(mira, 'DELETE', `/auth/api-keys/${key.api_key.id}`)).status, 204);
    await untilVoid(system, bot);
    assert.deepEqual([(await exchange(key.key)).status, (await exchange(key.key)).body.code], [401, 'KEY_INVALID']);
    assert.equal((await ask(mira, 'DELETE', `/auth/api-keys/${key.api_key.id}`)).status, 404);
    assert.equal((await ask(other, 'GET', '/auth/me')).status, 200);
});

test('a key has no more rights than its account at the time, and none while it is suspended', async () => {
    const key = await keyOf(god), bot = await key.act();
    assert.equal((await ask(bot, 'POST', '/groups', { name: 'g' })).status, 201);
    await consectl(system, 'user', 'level', 'leader', 'player');
    await untilVoid(system, bot);
    const demoted = await key.act();
    assert.deepEqual([(await ask(demoted, 'POST', '/groups', { name: 'g' })).body.code], ['LEVEL_TOO_LOW']);
    await consectl(system, 'user', 'suspend', 'leader', 'a test', '1h');
    await untilVoid(system, demoted);
    assert.deepEqual([(await exchange(key.key)).status, (await exchange(key.key)).body.code], [403, 'SUSPENDED']);
    await consectl(system, 'user', 'unsuspend', 'leader');
    await consectl(system, 'user', 'level', 'leader', 'god');
    assert.equal((await ask(await key.act(), 'POST', '/groups', { name: 'h' })).status, 201);
    god = await logIn(system, 'leader');
});

test('an account has 20 keys at most, and they survive a restart', async () => {
    const many = await signUp(system, 'many'), keys = [];
    for (let i = 0; i < 20; i++) keys.push(await keyOf(many, { name: `k${i}` }));
    await prove(system, many.token);
    const reply = await create(many, { name: 'one more' });
    assert.deepEqual([reply.status, reply.body.code], [422, 'LIMIT_REACHED']);
    await system.restart('auth');
    await eventually(async () => (await ask(many, 'GET', '/auth/api-keys')).status === 200, 10000);
    assert.deepEqual((await ask(many, 'GET', '/auth/api-keys')).body.api_keys.map((key) => key.name), keys.map((_, i) => `k${i}`));
    assert.equal((await exchange(keys[7].key)).status, 200);
    assert.equal((await ask(many, 'DELETE', `/auth/api-keys/${keys[0].api_key.id}`)).status, 204);
    await keyOf(many);
});
