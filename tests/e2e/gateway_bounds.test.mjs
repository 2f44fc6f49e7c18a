// What one client, or one address, can hold of the gateway: bytes of replies, connections, time.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, signUpMany } from './parts/games.mjs';
import { call, eventually, ok } from './parts/people.mjs';
import { from as askFrom, stalled as stall } from './parts/crowd.mjs';
import { noisyPng } from './parts/png.mjs';
import { startSystem, throughOne } from './parts/system.mjs';

const CROWD = '127.0.0.2', SHARERS = 16, HELD = 20;
const image = noisyPng(700, 650);
let system, god, deck, event;

before(async () => {
    const bytes = HELD * Math.floor(image.length / SHARERS) + 1000;
    system = throughOne(await startSystem({ env: { ...LIMITS, CONSE_LIMIT_DEFAULT: '1000000/0.001', CONSE_MAX_REPLIES_PER_ADDRESS: String(bytes) } }));
    god = await makeGod(system, 'owner');
    deck = await makeDeck(system, god, { roles: 100, lastMoves: 100 });
    event = await openEvent(system, god, deck);
    assert.equal((await putImage(event)).status, 204);
    assert.equal((await from('127.0.0.1', 'GET', `/events/${event.id}/image`)).body.length, image.length); // kept from here on
});

after(() => system?.stop());

const from = (...args) => askFrom(system, ...args), stalled = (...args) => stall(system, ...args);
const putImage = (what) => fetch(`${system.url}/events/${what.id}/image`, { method: 'PUT', headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': 'image/png' }, body: image });

async function metric(name) {
    const text = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
    return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

// Runs while one address holds all but a thousand of the bytes that it may have.
async function whileFull(run) {
    const path = `/events/${event.id}/image`;
    const held = Array.from({ length: HELD }, () => stalled(CROWD, path));
    try {
        for (const one of held) assert.equal(await one.status, 200);
        await run(path);
    } finally {
        for (const { socket } of held) socket.destroy();
    }
    await eventually(async () => (await from(CROWD, 'GET', path)).status === 200, 5000);
}

test('an address has so many bytes of replies and no more; others have theirs', () => whileFull(async (path) => {
    const before = await metric('conse_http_refused_total{why="address"}');
    const refused = await from(CROWD, 'GET', path);
    assert.equal(refused.status, 503);
    assert.equal(JSON.parse(refused.body).code, 'SERVICE_BUSY');
    assert.equal(refused.headers['retry-after'], '2');
    assert.equal(await metric('conse_http_refused_total{why="address"}'), before + 1);
    assert.equal((await from('127.0.0.3', 'GET', path)).status, 200);
    assert.equal((await from(CROWD, 'GET', '/.well-known/jwks.json')).status, 200); // small ones are not counted
    const known = (await from('127.0.0.3', 'GET', path)).headers.etag;
    assert.equal((await from(CROWD, 'GET', path, { headers: { 'If-None-Match': known } })).status, 304);
}));

test('a write that succeeded is answered, however much its address holds', () => whileFull(async () => {
    const read = await from(CROWD, 'GET', `/decks/${deck.id}`, { token: god.token });
    assert.equal(read.status, 503);
    const patched = await from(CROWD, 'PATCH', `/decks/${deck.id}`, { token: god.token, body: { name: 'another' } });
    assert.equal(patched.status, 200);
    assert.ok(patched.body.length > 4096, `${patched.body.length} bytes`);
    assert.equal((await ok(system, 'GET', `/decks/${deck.id}`, { token: god.token })).deck.name, 'another');
}));

// What a request takes of its bucket, which is not filled meanwhile; small() is a request that takes one, and says what is left.
async function costOf(small, request) {
    const left = async () => Number((await small()).headers['ratelimit-remaining']);
    const before = await left();
    await request();
    return before - (await left()) - 1;
}

test('a large reply counts as several requests, once it has to be written', async () => {
    const large = await openEvent(system, god, deck, { content: '\u{1f0a1}'.repeat(16384) });
    const read = (headers) => from('127.0.0.6', 'GET', `/events/${large.id}`, { token: god.token, headers });
    const cost = (headers) => costOf(() => from('127.0.0.6', 'GET', '/auth/me', { token: god.token }), () => read(headers));
    const whole = await cost();
    assert.ok(whole >= 3 && whole <= 10, String(whole)); // 64 KiB are two more
    assert.equal(await cost(), 1);
    const packed = await cost({ 'Accept-Encoding': 'gzip' });
    assert.ok(packed >= 2 && packed <= 10, String(packed));
    assert.equal(await cost({ 'Accept-Encoding': 'gzip' }), 1);
    assert.equal(await cost({ 'If-None-Match': (await read()).headers.etag }), 1);
});

test('a large reply that is only compared counts as several requests', async () => {
    const read = (headers) => from('127.0.0.7', 'GET', `/events/${event.id}/image`, { headers });
    const small = () => from('127.0.0.7', 'GET', '/.well-known/jwks.json');
    const costs = async (status, headers) => {
        let reply;
        const cost = await costOf(small, async () => (reply = await read(headers)));
        assert.equal(reply.status, status);
        return cost;
    };
    const known = (await read()).headers.etag, more = Math.floor(image.length / (128 * 1024));
    assert.ok(more > 2);
    assert.equal(await costs(200), 1);
    assert.equal(await costs(304, { 'If-None-Match': known }), 1 + more);
    assert.equal(await costs(412, { 'If-Match': '"other"' }), 1 + more);
});

test('bodies count while they live, each once', async () => {
    const before = await metric('conse_http_reply_bytes');
    const held = Array.from({ length: 20 }, () => stalled('127.0.0.4', `/events/${event.id}/image`));
    for (const one of held) assert.equal(await one.status, 200);
    assert.equal(await metric('conse_http_reply_bytes'), before);
    for (const { socket } of held) socket.destroy();
    await call(system, 'GET', `/events/${event.id}`);
});

test('who leaves while a service has the request frees a place; a write is done all the same', async () => {
    const connections = () => metric('conse_http_connections{loop="0"}');
    await eventually(async () => (await connections()) <= 4, 5000); // those of other tests are gone
    const before = await connections();
    const body = JSON.stringify({ name: 'left' });
    system.signal('events', 'SIGSTOP');
    try {
        const reads = Array.from({ length: 50 }, () => stalled('127.0.0.5', `/events/${event.id}`));
        const write = net.connect({ host: '127.0.0.1', port: system.port, localAddress: '127.0.0.5' }, () =>
            write.write(`PATCH /decks/${deck.id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${god.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
        await eventually(async () => (await connections()) >= before + 51, 5000);
        for (const { socket } of reads) socket.destroy();
        write.destroy();
        await eventually(async () => (await connections()) <= before + 1, 8000); // while it stands still
    } finally {
        system.signal('events', 'SIGCONT');
    }
    await eventually(async () => (await ok(system, 'GET', `/decks/${deck.id}`, { token: god.token })).deck.name === 'left', 5000);
});

test('what is refused draws from a bucket too', async () => {
    const own = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_DEFAULT: '10/0.001' } }));
    try {
        const [first, second, third, fourth] = await signUpMany(own, 'guest', 4); // a user's bucket is theirs alone
        const html = { 'Content-Type': 'text/html', 'Content-Length': 2 }, large = { 'Content-Type': 'application/json', 'Content-Length': 2 << 20 };
        const cases = [
            [404, 'GET', '/nowhere'],
            [405, 'PUT', '/auth/me'],
            [204, 'OPTIONS', '/auth/me'],
            [400, 'GET', '/%00'],
            [401, 'GET', '/auth/me'],
            [401, 'GET', '/auth/me', { token: 'forged' }],
            [403, 'GET', '/auth/users', { token: first.token }],
            [415, 'PATCH', '/auth/me', { token: second.token, headers: html, body: {} }],
            [413, 'PATCH', '/auth/me', { token: third.token, headers: large }],
            [431, 'GET', '/docs', { headers: { x: 'y'.repeat(8200) } }],
        ];
        for (const [i, [status, method, path, options]] of cases.entries()) {
            const statuses = [];
            for (let n = 0; n < 12; n++) statuses.push((await askFrom(own, `127.0.5.${i + 1}`, method, path, options)).status);
            assert.deepEqual(statuses, [...Array(10).fill(status), 429, 429], `${method} ${path}`);
        }
        const compared = () => askFrom(own, '127.0.5.98', 'PATCH', '/auth/me', { token: fourth.token, headers: { 'If-Match': '"other"' }, body: {} });
        for (const status of [412, 412, 412, 412, 412, 429]) assert.equal((await compared()).status, status); // asked twice each
        assert.equal((await askFrom(own, '127.0.5.99', 'GET', '/nowhere')).status, 404); // another's bucket is its own
    } finally {
        await own.stop();
    }
});

test('a full house gives way where most is held', async () => {
    const own = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { ...LIMITS, CONSE_MAX_CONNECTIONS: '60', CONSE_MAX_CONNECTIONS_PER_ADDRESS: '20' } }));
    const open = (localAddress) => new Promise((resolve) => {
        const socket = net.connect({ host: '127.0.0.1', port: own.port, localAddress }, () => resolve(socket));
        socket.on('error', () => {});
    });
    const ask = (socket) => new Promise((resolve) => {
        socket.once('data', (bytes) => resolve(Number(bytes.toString('latin1').slice(9, 12))));
        socket.once('close', () => resolve(0));
        socket.write('GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    const sockets = [];
    try {
        const phones = [];
        for (let i = 0; i < 3; i++) phones.push(await open(`127.0.2.${i + 1}`)); // they rest longest of all
        for (const phone of phones) assert.equal(await ask(phone), 200);
        for (let i = 0; i < 57; i++) sockets.push(await open(`127.0.3.${i % 3}`));
        for (let i = 0; i < 30; i++) {
            const newcomer = await open(`127.0.4.${i}`);
            sockets.push(newcomer);
            assert.equal(await ask(newcomer), 200, String(i));
        }
        for (const phone of phones) assert.equal(await ask(phone), 200);
        sockets.push(...phones);
        const text = await fetch(`http://127.0.0.1:${own.admin.gateway}/metrics`).then((r) => r.text());
        assert.ok(Number(/conse_http_cut_total\{why="evicted"\} (\d+)/.exec(text)[1]) >= 30);
    } finally {
        for (const socket of sockets) socket.destroy();
        await own.stop();
    }
});
