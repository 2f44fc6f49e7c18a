// If-Match, If-None-Match and If-Unmodified-Since on writes and reads, and what 304 says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { startSystem } from './parts/system.mjs';
import { call, ok, signUp, signUpAs } from './parts/people.mjs';
import { Wire, request } from './parts/wire.mjs';

let system;
let god;
let mira;
let group;
let deck;

before(async () => {
    system = await startSystem({ env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000' } });
    god = await signUpAs(system, 'judge', 'god');
    mira = await signUp(system, 'mira');
    ({ group } = await ok(system, 'POST', '/groups', { token: god.token, body: { name: 'Friday' } }));
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    ({ deck } = await ok(system, 'POST', '/decks', { token: god.token, body: { group_id: group.id, name: 'small', roles: [{ role_id: roles[0].id, copies: 1 }, { role_id: roles[1].id, copies: 1 }] } }));
});
after(() => system?.stop());

const openEvent = async (fields = {}) =>
    (await ok(system, 'POST', '/events', { token: god.token, body: { group_id: group.id, deck_id: deck.id, title: 'Evening', starts_at: { local: '2027-01-15T20:00:00', zone: 'UTC' }, max_players: 2, ...fields } })).event;

const tagOf = async (path, { token, headers } = {}) => (await call(system, 'GET', path, { token, headers })).headers.get('etag');

function isFailed(reply, field) {
    assert.equal(reply.status, 412, JSON.stringify(reply.body));
    assert.equal(reply.headers.get('content-type'), 'application/problem+json');
    assert.equal(reply.body.code, 'PRECONDITION_FAILED');
    if (field) assert.equal(reply.body.errors[0].field, field);
}

test('a write with the tag of what is there is done, with an older one it is not', async () => {
    const path = `/groups/${group.id}`;
    const write = (description, headers) => call(system, 'PATCH', path, { token: god.token, body: { description }, headers });
    for (const headers of [{ Accept: 'application/json' }, { Accept: 'application/x-protobuf' }, { 'Accept-Encoding': 'gzip' }]) {
        const tag = await tagOf(path, { headers });
        assert.equal((await write(`x${Math.random()}`, { 'If-Match': tag })).status, 200);
        isFailed(await write('never', { 'If-Match': tag }), 'If-Match');
    }
    const tag = await tagOf(path);
    isFailed(await write('never', { 'If-Match': `W/${tag}` }), 'If-Match');
    isFailed(await write('never', { 'If-Match': '"x"' }), 'If-Match');
    isFailed(await write('never', { 'If-Match': '"act-1"' }), 'If-Match');
    assert.notEqual((await ok(system, 'GET', path)).group.description, 'never');
    assert.equal((await write('listed', { 'If-Match': `"x", ${tag}` })).status, 200);
    assert.equal((await write('any', { 'If-Match': '*' })).status, 200);
    assert.equal((await write('x', { 'If-Match': 'bare' })).status, 400);
});

test('If-None-Match keeps a write from what is there', async () => {
    const path = `/groups/${group.id}`;
    isFailed(await call(system, 'PATCH', path, { token: god.token, body: { name: 'Never' }, headers: { 'If-None-Match': '*' } }), 'If-None-Match');
    isFailed(await call(system, 'PATCH', path, { token: god.token, body: { name: 'Never' }, headers: { 'If-None-Match': await tagOf(path) } }), 'If-None-Match');
    assert.equal((await call(system, 'PATCH', path, { token: god.token, body: { name: 'Friday' }, headers: { 'If-None-Match': '"other"' } })).status, 200);
    const event = await openEvent();
    const image = zlib.deflateSync(Buffer.from([0, 0, 0, 0]));
    const put = (headers) => fetch(`${system.url}/events/${event.id}/image`, { method: 'PUT', headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': 'image/png', ...headers }, body: png(image) });
    assert.equal((await put({ 'If-Match': '*' })).status, 412);
    assert.equal((await put({ 'If-None-Match': '*' })).status, 204);
    assert.equal((await put({ 'If-None-Match': '*' })).status, 412);
    assert.equal((await put({ 'If-Match': await tagOf(`/events/${event.id}/image`) })).status, 204);
    assert.equal((await put({ 'If-Match': '"act-1"' })).status, 412);
});

function png(pixels) {
    const chunk = (type, bytes) => {
        const head = Buffer.alloc(4);
        head.writeUInt32BE(bytes.length);
        const crc = Buffer.alloc(4);
        crc.writeUInt32BE(zlib.crc32 ? zlib.crc32(Buffer.concat([Buffer.from(type), bytes])) : 0);
        return Buffer.concat([head, Buffer.from(type), bytes, crc]);
    };
    const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
    return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('where nothing can be read nothing matches', async () => {
    const event = await openEvent();
    isFailed(await call(system, 'POST', `/events/${event.id}/lock`, { token: god.token, headers: { 'If-Match': '*' } }), 'If-Match');
    isFailed(await call(system, 'PUT', `/events/${event.id}/vote`, { token: mira.token, body: { vote: 'UP' }, headers: { 'If-Match': '"x"' } }), 'If-Match');
    assert.equal((await call(system, 'PUT', `/events/${event.id}/vote`, { token: mira.token, body: { vote: 'UP' }, headers: { 'If-None-Match': '*' } })).status, 200);
    const absent = '01890000-0000-7000-8000-000000000009';
    assert.equal((await call(system, 'PATCH', `/groups/${absent}`, { token: god.token, body: { name: 'x' }, headers: { 'If-Match': '"x"' } })).status, 404);
    assert.equal((await call(system, 'DELETE', `/events/${absent}`, { token: god.token, headers: { 'If-Match': '"x"' } })).status, 404);
    assert.equal((await call(system, 'PATCH', `/groups/${group.id}`, { token: mira.token, body: { name: 'x' }, headers: { 'If-Match': '"x"' } })).status, 403);
    assert.equal((await call(system, 'PATCH', `/groups/${group.id}`, { body: { name: 'x' }, headers: { 'If-Match': '"x"' } })).status, 401);
});

test('nothing has a date of change, so a write that rests on one is not done', async () => {
    const path = `/groups/${group.id}`;
    const write = (headers) => call(system, 'PATCH', path, { token: god.token, body: { description: 'dated' }, headers });
    isFailed(await write({ 'If-Unmodified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' }), 'If-Unmodified-Since');
    assert.equal((await write({ 'If-Unmodified-Since': 'yesterday' })).status, 200);
    assert.equal((await write({ 'If-Unmodified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT', 'If-Match': await tagOf(path) })).status, 200);
    assert.equal((await call(system, 'GET', path, { headers: { 'If-Unmodified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' } })).status, 200);
});

test('act: a god on two devices does not act on what was', async () => {
    const event = await openEvent();
    const act = async (token) => (await ok(system, 'GET', `/events/${event.id}`, { token })).event.act;
    const seen = await act(god.token);
    assert.equal(seen, '1');
    assert.equal(await act(mira.token), '0');
    assert.equal(await act(), '0');
    assert.equal((await call(system, 'POST', `/events/${event.id}/reservations`, { token: mira.token, body: {} })).status, 201);
    const write = (title, tag) => call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title }, headers: { 'If-Match': tag } });
    const first = await write('One', `"act-${seen}"`);
    assert.equal(first.status, 200);
    assert.ok(Number(first.body.event.act) > 2);
    isFailed(await write('Two', `"act-${seen}"`));
    isFailed(await write('Two', `"act-0"`));
    isFailed(await write('Two', `W/"act-${first.body.event.act}"`));
    assert.equal((await write('Two', `"act-999", "act-${first.body.event.act}"`)).status, 200);
    assert.equal((await write('Three', `"act-999", ${await tagOf(`/events/${event.id}`, god)}`)).status, 200);
    assert.equal((await write('Three', Array.from({ length: 9 }, (_, i) => `"act-${i + 1}"`).join(', '))).status, 400);
    const lock = await call(system, 'POST', `/events/${event.id}/lock`, { token: god.token, headers: { 'If-Match': `"act-${await act(god.token)}"` } });
    assert.equal(lock.status, 200);
    for (let guess = 1; guess < 12; guess++)
        isFailed(await call(system, 'PUT', `/events/${event.id}/vote`, { token: mira.token, body: { vote: 'UP' }, headers: { 'If-Match': `"act-${guess}"` } }));
    const key = { 'Idempotency-Key': 'again', 'If-Match': `"act-${await act(god.token)}"` };
    const unlocked = await call(system, 'POST', `/events/${event.id}/unlock`, { token: god.token, headers: key });
    assert.equal(unlocked.status, 200);
    const repeated = await call(system, 'POST', `/events/${event.id}/unlock`, { token: god.token, headers: key });
    assert.equal(repeated.status, 200);
});

test('of two writes with one act one is done', async () => {
    const event = await openEvent();
    const write = (title) => call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title }, headers: { 'If-Match': '"act-1"' } });
    const statuses = (await Promise.all(['a', 'b', 'c', 'd', 'e'].map(write))).map((reply) => reply.status).sort();
    assert.deepEqual(statuses, [200, 412, 412, 412, 412]);
});

test('304 tells the length that 200 has, for every form, and the connection stays', async () => {
    for (let i = 0; i < 12; i++) await openEvent({ content: 'tea '.repeat(20) });
    const event = await openEvent();
    const wire = new Wire(system.port);
    await wire.opened;
    for (const path of [`/events/${event.id}`, '/events', '/graphql/schema.graphql', '/openapi.json', '/.well-known/jwks.json', `/events/${event.id}/calendar.ics`])
        for (const form of [[], ['Accept-Encoding: gzip'], ['Accept: application/x-protobuf, */*;q=0.1']]) {
            const whole = await wire.send(request(`GET ${path}`, ['Host: x', ...form])).reply();
            assert.equal(whole.status, 200, path);
            const same = await wire.send(request(`GET ${path}`, ['Host: x', ...form, `If-None-Match: "x"`, `If-None-Match: ${whole.headers.etag}`])).reply();
            assert.equal(same.status, 304, path);
            assert.equal(same.headers['content-length'], whole.headers['content-length'], path);
            assert.equal(same.headers.etag, whole.headers.etag);
            assert.equal(same.headers['transfer-encoding'], undefined);
            const any = await wire.send(request(`GET ${path}`, ['Host: x', ...form, 'If-None-Match: *'])).reply();
            assert.equal(any.status, 304, path);
            assert.equal(any.headers['content-length'], whole.headers['content-length'], path);
        }
    wire.close();
});

test('a read of one version only', async () => {
    const path = `/groups/${group.id}`;
    assert.equal((await call(system, 'GET', path, { headers: { 'If-Match': await tagOf(path) } })).status, 200);
    isFailed(await call(system, 'GET', path, { headers: { 'If-Match': '"x"' } }), 'If-Match');
    isFailed(await call(system, 'GET', '/openapi.json', { headers: { 'If-Match': '"x"' } }), 'If-Match');
    assert.equal((await call(system, 'GET', '/openapi.json', { headers: { 'If-Match': '*' } })).status, 200);
});
