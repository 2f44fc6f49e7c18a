// Behind a reverse proxy: whose word about the client is taken, and what follows from it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { startSystem, throughOne } from './parts/system.mjs';
import { call, eventually, ok } from './parts/people.mjs';
import { exchange, openWires, request } from './parts/wire.mjs';

let system;

before(async () => {
    system = throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_TRUSTED_PROXIES: '127.0.0.0/8, ::1',
            CONSE_LIMIT_DEFAULT: '5/0.01',
            CONSE_LIMIT_AUTH: '100000/100000',
            CONSE_MAX_CONNECTIONS_PER_ADDRESS: '3',
        },
    }));
});

after(() => system?.stop());

const jwks = (lines, of = system) => exchange(of.port, request('GET /.well-known/jwks.json', ['Host: x', ...lines.map((line) => `X-Forwarded-For: ${line}`)]));
const left = async (lines, of) => Number((await jwks(lines, of)).headers['ratelimit-remaining']);

test('each client behind the proxy has a budget of his own', async () => {
    for (let used = 1; used <= 5; used++) assert.equal(await left(['192.0.2.1']), 5 - used);
    assert.equal((await jwks(['192.0.2.1'])).status, 429);
    assert.equal(await left(['192.0.2.2']), 4);
    assert.equal(await left(['2001:db8:1:2::1']), 4);
    assert.equal(await left(['2001:db8:1:2::2']), 3); // a /64 is one household
    assert.equal(await left(['2001:db8:1:3::1']), 4);
});

test('what the client wrote himself does not count', async () => {
    assert.equal((await jwks(['203.0.113.9, 192.0.2.1'])).status, 429);
    assert.equal((await jwks(['203.0.113.9', '192.0.2.1'])).status, 429);
    assert.equal((await jwks(['203.0.113.9, 192.0.2.1, 127.0.0.3'])).status, 429);
    assert.equal((await jwks(['garbage, 192.0.2.1:4711'])).status, 429);
});

test('what is malformed is the proxy\'s own request', async () => {
    let before = await left(['nonsense']);
    assert.equal(before, 4);
    for (const line of ['192.0.2.2, nonsense', '999.0.0.1', '192.0.2.2, ', 'a'.repeat(3000)]) assert.equal(await left([line]), --before, line);
    assert.equal((await jwks([])).status, 429);
});

test('the log names the client', async () => {
    await jwks(['198.51.100.7']);
    await eventually(() => system.log('gateway').includes('client=198.51.100.7'), 2000);
});

test('guessing locks the client\'s address, not the proxy\'s', async () => {
    await ok(system, 'POST', '/auth/signup', { body: { username: 'zoe', password: 'correct horse' } });
    const logIn = (username, password, client) =>
        call(system, 'POST', '/auth/login', { body: { username, password }, headers: { 'X-Forwarded-For': client } });
    let guesses = 0;
    await eventually(async () => (await logIn(`guess${guesses++}`, 'wrong password', '198.51.100.66')).body.code === 'ADDRESS_LOCKED', 30000);
    assert.equal((await logIn('zoe', 'correct horse', '198.51.100.66')).body.code, 'ADDRESS_LOCKED');
    assert.equal((await logIn('zoe', 'correct horse', '198.51.100.67')).status, 200);
});

test('a proxy may have more connections than one address', async () => {
    const wires = await openWires(system.port, 20);
    for (const [i, wire] of wires.entries()) {
        const headers = ['Host: x', `X-Forwarded-For: 203.0.113.${i}`];
        assert.equal((await wire.send(request('GET /livez', headers)).reply()).status, 404);
    }
    wires.forEach((wire) => wire.close());
});

test('nobody else is believed', async () => {
    const own = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { CONSE_TRUSTED_PROXIES: '10.0.0.0/8', CONSE_LIMIT_DEFAULT: '5/0.01' } }));
    try {
        assert.equal(await left(['192.0.2.1'], own), 4);
        assert.equal(await left(['192.0.2.2'], own), 3);
        assert.equal(await left(['10.0.0.1'], own), 2);
        assert.ok(own.log('gateway').includes('client=127.0.0.1'));
    } finally {
        await own.stop();
    }
});

test('a setting that is wrong stops the start and names the entry', () => {
    const { status, stderr } = spawnSync(path.join(system.bin, 'conse-gateway'), [], {
        env: { ...outside, ...system.env, CONSE_TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/33', CONSE_GATEWAY_ADMIN: '127.0.0.1:0' },
    });
    assert.notEqual(status, 0);
    assert.match(stderr.toString(), /CONSE_TRUSTED_PROXIES.*10\.0\.0\.0\/33/);
});
