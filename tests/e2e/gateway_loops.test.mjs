// A gateway on three threads: connections are spread, and what is one for all of them stays one.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem, throughOne } from './parts/system.mjs';
import { eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { loadUntilClosed, openWires, request } from './parts/wire.mjs';

const LOOPS = 3;
const MANY = 60; // so many connections that none of the loops is left out
const generous = { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_STREAMS_PER_USER: '100' };

let system;
let god;
let player;
let event;

const start = async (options = {}) =>
    throughOne(await startSystem({ services: ['auth', 'gateway'], ...options, env: { CONSE_LOOPS: String(LOOPS), ...generous, ...options.env } }));

before(async () => {
    system = await start({ services: ['auth', 'events', 'gateway'] });
    god = await signUpAs(system, 'thegod', 'god');
    player = await signUp(system, 'player');
    const { roles } = await ok(system, 'GET', '/roles', god);
    const { group } = await ok(system, 'POST', '/groups', { ...god, body: { name: 'Friday' } });
    const { deck } = await ok(system, 'POST', '/decks', { ...god, body: { group_id: group.id, name: 'small', roles: roles.slice(0, 8).map((role) => ({ role_id: role.id, copies: 1 })) } });
    ({ event } = await ok(system, 'POST', '/events', {
        ...god, body: { group_id: group.id, deck_id: deck.id, title: 'Evening', starts_at: { local: new Date(Date.now() + 86400e3).toISOString().slice(0, 19), zone: 'UTC' }, max_players: 8 },
    }));
});

after(() => system?.stop());

async function metric(of, pattern) {
    const text = await fetch(`http://127.0.0.1:${of.admin.gateway}/metrics`).then((r) => r.text());
    return [...text.matchAll(pattern)].map((found) => Number(found[1]));
}

const connections = (of) => metric(of, /conse_http_connections\{loop="\d"\} (\d+)/g);
const authorized = (line, token) => request(line, ['Host: x', `Authorization: Bearer ${token}`]);
const me = (token) => authorized('GET /auth/me', token);
const statuses = async (wires, bytes) => Promise.all(wires.map(async (wire) => (await wire.send(bytes).reply())?.status ?? 0));
const closeAll = (wires) => wires.forEach((wire) => wire.close());

test('connections are spread over the loops, and each is served', async () => {
    const wires = await openWires(system.port, MANY);
    for (let round = 0; round < 20; round++) assert.deepEqual(new Set(await statuses(wires, me(player.token))), new Set([200]));
    const spread = await connections(system);
    assert.equal(spread.length, LOOPS);
    assert.ok(spread.every((count) => count > 0), String(spread));
    closeAll(wires);
});

test('a read waits on every loop, and all hear the same news', async () => {
    const { next } = await ok(system, 'GET', `/events/${event.id}/log?limit=500`, player);
    const wires = await openWires(system.port, MANY);
    for (const wire of wires) wire.send(authorized(`GET /events/${event.id}/log?from=${next}&wait=20s`, player.token));
    const parked = async () => (await metric(system, /conse_http_parked (\d+)/g))[0];
    await eventually(async () => (await parked()) === MANY, 5000);
    await ok(system, 'PATCH', `/events/${event.id}`, { ...god, body: { title: 'Late evening' } });
    const begun = performance.now();
    for (const wire of wires) {
        const reply = await wire.reply();
        assert.equal(reply.status, 200);
        assert.equal(JSON.parse(reply.body).entries.length, 1);
    }
    assert.ok(performance.now() - begun < 2000);
    assert.equal(await parked(), 0);
    closeAll(wires);
});

test('a log-out is known to every loop within a second', async () => {
    const leaver = await signUp(system, 'leaver');
    const wires = await openWires(system.port, MANY);
    assert.deepEqual(new Set(await statuses(wires, me(leaver.token))), new Set([200]));
    await ok(system, 'POST', '/auth/logout', { token: leaver.token, body: {} });
    await eventually(async () => (await statuses(wires, me(leaver.token))).every((status) => status === 401), 1000);
    closeAll(wires);
});

// Just behind a turn of the wheels that look at viewers once in a second: who waited for the next would take that long. A busy
// machine may spoil a round.
test('a log-out ends streams on every loop when it is heard', async () => {
    const took = [];
    for (let round = 0; round < 4 && !took.some((ms) => ms < 600); round++) {
        const leaver = await signUp(system, `leaver${round}`);
        const streams = await Promise.all(Array.from({ length: 12 }, () => openStream(system, `/events/${event.id}/stream`, { token: leaver.token })));
        await eventually(() => streams.some(({ messages }) => messages.at(-1)?.event === 'head'), 20000, 10);
        const begun = performance.now(), ends = ({ event: kind, data }) => kind === 'bye' && data.reason === 'REVOKED';
        await ok(system, 'POST', '/auth/logout', { token: leaver.token, body: {} });
        await Promise.all(streams.map((stream) => stream.until(ends)));
        took.push(performance.now() - begun);
        for (const stream of streams) stream.close();
    }
    assert.ok(took.some((ms) => ms < 600), String(took));
});

test('a token by an unknown key is refused on every loop, after the keys were asked for', async () => {
    const [, claims, signature] = player.token.split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid: 'nobody' })).toString('base64url');
    const wires = await openWires(system.port, MANY);
    assert.deepEqual(new Set(await statuses(wires, me(`${header}.${claims}.${signature}`))), new Set([401]));
    assert.deepEqual(new Set(await statuses(wires, me(player.token))), new Set([200]));
    closeAll(wires);
});

test('a service that dies is away on every loop, and back on each', async () => {
    const wires = await openWires(system.port, MANY);
    const read = authorized(`GET /events/${event.id}`, player.token);
    assert.deepEqual(new Set(await statuses(wires, read)), new Set([200]));
    await system.killAll('events');
    assert.deepEqual(new Set(await statuses(wires, read)), new Set([503]));
    await system.startAll('events');
    await eventually(async () => (await statuses(wires, read)).every((status) => status === 200), 10000);
    closeAll(wires);
});

test('a second gateway does not slip in beside the first', async () => {
    for (const loops of ['1', String(LOOPS)]) {
        const child = spawn(path.join(system.bin, 'conse-gateway'), [], {
            env: { ...outside, ...system.env, CONSE_LOOPS: loops, CONSE_GATEWAY_ADMIN: '127.0.0.1:0' }, stdio: ['ignore', 'ignore', 'pipe'],
        });
        let said = '';
        child.stderr.on('data', (text) => (said += text));
        const code = await new Promise((resolve) => child.once('close', resolve));
        assert.notEqual(code, 0);
        assert.match(said, /in use/);
    }
});

test('a drain loses no reply on any loop', async () => {
    const wires = await openWires(system.port, MANY);
    const quick = me(player.token);
    const slow = request('POST /events', ['Host: x', `Authorization: Bearer ${god.token}`, 'Content-Type: application/json', 'Content-Length: 2'], '{}');
    const loads = wires.map((wire, i) => loadUntilClosed(wire, i % 4 ? quick : slow));
    await eventually(() => system.log('gateway').split('path=/auth/me').length > 5000, 20000);
    const ended = system.term('gateway');
    const results = await Promise.all(loads);
    assert.equal(results.reduce((lost, result) => lost + result.lost, 0), 0, JSON.stringify(results));
    assert.deepEqual(await ended, { code: 0, signal: null, hung: false });
    await system.start('gateway');
});

// ---- Systems of their own

async function within(options, body) {
    const own = await start(options);
    try {
        await body(own);
    } finally {
        await own.stop();
    }
}

test('who is ready is so on every loop', () =>
    within({ env: { CONSE_LOOPS: '8' } }, async (own) => {
        for (let round = 1; round <= 3; round++) {
            await own.kill('gateway');
            await own.killAll('auth');
            const ready = own.start('gateway');
            await eventually(() => own.log('gateway').split('listening').length === round + 2, 5000);
            await own.startAll('auth');
            await ready;
            const wires = await openWires(own.port, 100);
            assert.deepEqual(new Set(await statuses(wires, request('GET /.well-known/jwks.json'))), new Set([200]));
            closeAll(wires);
        }
    }));

test('a budget is counted once, whatever the loop', () =>
    within({ env: { CONSE_LIMIT_DEFAULT: '30/0.01' } }, async (own) => {
        const zoe = await signUp(own, 'zoe');
        const wires = await openWires(own.port, MANY);
        const given = await statuses(wires, me(zoe.token));
        assert.equal(given.filter((status) => status === 200).length, 30);
        assert.equal(given.filter((status) => status === 429).length, MANY - 30);
        closeAll(wires);
    }));

test('connections are bounded once, in all and per address', async () => {
    for (const [name, most] of [['CONSE_MAX_CONNECTIONS', 20], ['CONSE_MAX_CONNECTIONS_PER_ADDRESS', 25]])
        await within({ env: { [name]: String(most) } }, async (own) => {
            const jwks = request('GET /.well-known/jwks.json');
            const wires = await openWires(own.port, MANY);
            const given = await statuses(wires, jwks);
            assert.ok(given.every((status) => status === 200 || status === 0), name);
            // One that was answered may have given way to one that came later: as many stay as may, and all of them were answered.
            await eventually(() => wires.filter((wire) => wire.closed).length === MANY - most, 10000);
            assert.ok(wires.every((wire, i) => wire.closed || given[i] === 200), name);
            await eventually(async () => (await connections(own)).reduce((sum, count) => sum + count, 0) === most, 10000);
            closeAll(wires);
            await eventually(async () => (await connections(own)).every((count) => count === 0), 10000);
            const again = await openWires(own.port, most);
            assert.deepEqual(new Set(await statuses(again, jwks)), new Set([200]), name);
            closeAll(again);
        });
});

test('the memory of bodies is bounded once', () =>
    within({ env: { CONSE_MAX_BODIES: '4M' } }, async (own) => {
        const wires = await openWires(own.port, 30);
        const announced = request('POST /auth/login', ['Host: x', 'Content-Type: application/json', 'Content-Length: 1048576']);
        let refused = 0;
        for (const wire of wires) wire.send(announced).reply().then((reply) => (refused += reply?.status === 503));
        await eventually(() => refused === 26, 3000); // four of 1 MiB have room
        closeAll(wires);
        await eventually(async () => (await connections(own)).every((count) => count === 0), 3000);
        const again = await openWires(own.port, 4);
        const body = '{}'.padEnd(1048576);
        const given = await statuses(again, request('POST /auth/login', ['Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`], body));
        assert.deepEqual(new Set(given), new Set([400])); // their room was given back
        closeAll(again);
    }));

test('port 0 is one port for all loops', () =>
    within({ env: { CONSE_LISTEN: '127.0.0.1:0' } }, async (own) => {
        const port = Number(/address=127\.0\.0\.1:(\d+)/.exec(own.log('gateway'))[1]);
        const wires = await openWires(port, MANY);
        assert.deepEqual(new Set(await statuses(wires, request('GET /openapi.json'))), new Set([200]));
        assert.ok((await connections(own)).every((count) => count > 0));
        closeAll(wires);
    }));

test('SIGHUP gives every loop the new certificate', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-tls-'));
    const files = { CONSE_TLS_CERT: path.join(folder, 'cert.pem'), CONSE_TLS_KEY: path.join(folder, 'key.pem') };
    const make = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
        '-keyout', files.CONSE_TLS_KEY, '-out', files.CONSE_TLS_CERT], { stdio: 'ignore' });
    make('first');
    await within({ env: files }, async (own) => {
        const names = async () => {
            const wires = await openWires(own.port, 30, { rejectUnauthorized: false });
            assert.deepEqual(new Set(await statuses(wires, request('GET /openapi.json'))), new Set([200]));
            const seen = new Set(wires.map((wire) => wire.socket.getPeerCertificate().subject.CN));
            closeAll(wires);
            return [...seen];
        };
        assert.deepEqual(await names(), ['first']);
        make('second');
        own.children.gateway.kill('SIGHUP');
        await eventually(() => own.log('gateway').includes('certificate read again'), 3000);
        assert.deepEqual(await names(), ['second']);
    });
    fs.rmSync(folder, { recursive: true, force: true });
});
