// The gateway in a crowd: many, slow and leaving clients, and services that go away.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { startEdge } from './parts/edge.mjs';
import { assertProblem, call, eventually, signUp } from './parts/people.mjs';
import { Wire, loadUntilClosed, openWires, request } from './parts/wire.mjs';

let system;
let zoe;

before(async () => {
    system = await startEdge();
    zoe = await signUp(system, 'zoe');
});

after(() => system?.stop());

// ---- Many, slow and leaving clients

test('10 000 requests over kept connections, pipelined, all answered in order', async () => {
    const counts = await Promise.all(Array.from({ length: 20 }, async () => {
        const wire = new Wire(system.port);
        await wire.opened;
        let good = 0;
        for (let batch = 0; batch < 25; batch++) {
            const ids = Array.from({ length: 20 }, () => crypto.randomBytes(16).toString('hex'));
            wire.send(ids.map((id) => request('GET /auth/me', ['Host: x', `Authorization: Bearer ${zoe.token}`, `traceparent: 00-${id}-00f067aa0ba902b7-01`])).join(''));
            for (const id of ids) {
                const reply = await wire.reply();
                if (reply.status === 200 && reply.headers.traceparent.includes(id)) good++;
            }
        }
        wire.close();
        return good;
    }));
    assert.equal(counts.reduce((a, b) => a + b), 10000);
});

// Responses are used again for answers alike: by others, at the same time, with values of their own.
test('each of many is told what it asked, and nothing that another is told', async () => {
    const names = ['zoe', 'yara', 'xerxes'], people = [zoe, await signUp(system, 'yara'), await signUp(system, 'xerxes')];
    const tags = await Promise.all(people.map(async ({ token }) => (await call(system, 'GET', '/auth/me', { token, headers: { 'Accept-Encoding': 'identity' } })).headers.get('etag')));
    assert.equal(new Set(tags).size, 3);
    await Promise.all(Array.from({ length: 30 }, async (_, n) => {
        const one = people[n % 3], tag = tags[n % 3], wire = new Wire(system.port);
        await wire.opened;
        for (let i = 0; i < 60; i++) {
            const id = crypto.randomBytes(16).toString('hex'), knows = (n + i) % 2;
            const from = n % 5 ? [] : ['Origin: https://game.example'];
            const path = i % 7 ? '/auth/me' : `/auth/${id}`;
            wire.send(request(`GET ${path}`, ['Host: x', `Authorization: Bearer ${one.token}`, `traceparent: 00-${id}-00f067aa0ba902b7-01`, ...(knows ? [`If-None-Match: ${tag}`] : []), ...from]));
            const reply = await wire.reply(), { headers } = reply;
            assert.equal(reply.status, i % 7 === 0 ? 404 : knows ? 304 : 200);
            assert.ok(headers.traceparent.includes(id));
            assert.equal(headers['access-control-allow-origin'], from.length ? 'https://game.example' : undefined);
            if (i % 7 === 0) continue;
            assert.equal(headers.etag, tag);
            if (!knows) assert.equal(JSON.parse(reply.body.toString()).user.username, names[n % 3]);
        }
        wire.close();
    }));
});

test('slow clients are ended, and others do not notice', async () => {
    const slow = Array.from({ length: 50 }, () => new Wire(system.port).send('GET /docs HTTP/1.1\r\nHost: x\r\n'));
    const body = new Wire(system.port).send(request('POST /auth/login', ['Host: x', 'Content-Type: application/json', 'Content-Length: 100'], '{'));
    const drip = setInterval(() => [...slow, body].forEach((wire) => wire.closed || wire.send('X')), 100);
    const begun = performance.now();
    assert.equal((await call(system, 'GET', '/auth/me', { token: zoe.token })).status, 200);
    await Promise.all(slow.map((wire) => wire.ended));
    assert.ok(performance.now() - begun < 4000);
    await body.ended;
    assert.ok(performance.now() - begun < 9000);
    clearInterval(drip);
});

test('clients that leave in the middle leave nothing behind', async () => {
    for (let i = 0; i < 100; i++) {
        const wire = new Wire(system.port);
        await wire.opened;
        wire.send(request('POST /auth/login', ['Host: x', 'Content-Type: application/json', 'Content-Length: 44'], '{"username":"zoe","password":"correct horse"}'));
        wire.socket.resetAndDestroy();
    }
    await eventually(async () => {
        const metrics = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
        return Number(/conse_http_connections\{loop="0"\} (\d+)/.exec(metrics)[1]) < 20;
    }, 5000);
});

// ---- Services that go away

test('503 with Retry-After while auth is away, and 200 when it is back', async () => {
    await system.killAll('auth');
    const knows = (url) => eventually(async () => (await call({ url }, 'GET', '/auth/me', { token: zoe.token })).status === 503, 5000);
    await Promise.all(system.urls.map(knows));
    const away = await call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: 'correct horse' } });
    assertProblem(away, 503, 'SERVICE_AWAY');
    assert.ok(Number(away.headers.get('retry-after')) >= 1);
    await system.startAll('auth');
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: zoe.token })).status === 200, 10000);
});

test('calls in flight to a service that dies fail at once', async () => {
    const calls = Array.from({ length: 16 }, () => call(system, 'POST', '/auth/login', { body: { username: 'zoe', password: 'correct horse' } }));
    await eventually(() => true, 5);
    await system.killAll('auth');
    const begun = performance.now();
    const statuses = (await Promise.all(calls)).map((reply) => reply.status);
    assert.ok(performance.now() - begun < 1000);
    assert.ok(statuses.every((status) => [200, 503, 504].includes(status)), String(statuses)); // 504: it may have been done
    await system.startAll('auth');
});

test('a drain loses no reply', async () => {
    const wires = await openWires(system.port, 32);
    const body = JSON.stringify({ username: 'filler1', password: 'wrong password' });
    const slow = request('POST /auth/login', ['Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`], body);
    const quick = request('GET /auth/me', ['Host: x', `Authorization: Bearer ${zoe.token}`]);
    const loads = wires.map((wire, i) => loadUntilClosed(wire, i % 4 ? quick : slow));
    await eventually(() => system.log('gateway').split('path=/auth/me').length > 3000, 10000);
    const ended = system.term('gateway');
    const results = await Promise.all(loads);
    assert.equal(results.reduce((lost, result) => lost + result.lost, 0), 0, JSON.stringify(results));
    assert.deepEqual(await ended, { code: 0, signal: null, hung: false });
    await system.start('gateway');
    assert.equal((await call(system, 'GET', '/auth/me', { token: zoe.token })).status, 200);
});
