// Where services listen to each other: what others could reach, or stand in for, needs CONSE_BUS_KEY. Each service has one process, whose
// address is given by hand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { eventually, PASSWORD } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const KEY = crypto.randomBytes(32).toString('hex');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-bus-'));

after(() => fs.rmSync(folder, { recursive: true, force: true }));

// A program's first words when it is to start with these settings; it must end by itself.
function refusal(program, settings, ...args) {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('CONSE_'));
    const env = { ...Object.fromEntries(kept), CONSE_DATA: path.join(folder, 'data'), CONSE_LISTEN: '127.0.0.1:0', ...settings };
    for (const name of ['GATEWAY', 'AUTH', 'EVENTS']) env[`CONSE_${name}_ADMIN`] ??= '127.0.0.1:0';
    const { status, stderr } = spawnSync(path.join(BIN, program), args, { cwd: folder, env, encoding: 'utf8', timeout: 20000 });
    assert.equal(status, 1, `${program} with ${JSON.stringify(settings)}: ${stderr}`);
    return stderr;
}

const reachable = ['tcp://127.0.0.1:17451', 'TCP://127.0.0.1:17451', 'tcp4://127.0.0.1:17451', 'tcp6://[::1]:17451', 'tls+tcp://127.0.0.1:17451',
    'ws://127.0.0.1:17451', 'wss://127.0.0.1:17451', 'unix:///tmp/conse.ipc', `ipc://${folder}/auth.ipc`];

test('nothing listens at such an address without the key', () => {
    for (const address of reachable) {
        for (const variable of ['CONSE_AUTH_LISTEN', 'CONSE_AUTH_BUS']) {
            const said = refusal('conse-auth', { [variable]: address });
            assert.match(said, new RegExp(`${variable}: .* needs CONSE_BUS_KEY`));
            assert.ok(said.includes(address), said);
        }
    }
});

test('nothing dials such an address without the key', () => {
    for (const address of reachable) {
        for (const variable of ['CONSE_AUTH_LISTEN', 'CONSE_AUTH_BUS', 'CONSE_EVENTS_PEERS', 'CONSE_EVENTS_TOPICS']) {
            const said = refusal('conse-gateway', { [variable]: `ipc://${folder}/data/run/auth.ipc,${address}` });
            assert.match(said, new RegExp(`${variable}: .* needs CONSE_BUS_KEY`));
        }
        assert.match(refusal('consectl', { CONSE_EVENTS_BUS: address }, 'topics', 'tail', '*'), /needs CONSE_BUS_KEY/);
        if (!address.startsWith('ipc')) assert.match(refusal('consectl', { CONSE_AUTH_LISTEN: address }, 'user', 'level', 'mira', 'dev'), /needs CONSE_BUS_KEY/);
    }
});

test('abstract sockets are refused, key or not', () => {
    for (const key of ['', KEY]) {
        for (const [program, variable] of [['conse-auth', 'CONSE_AUTH_LISTEN'], ['conse-events', 'CONSE_EVENTS_BUS'], ['conse-gateway', 'CONSE_AUTH_LISTEN']]) {
            const said = refusal(program, { CONSE_BUS_KEY: key, [variable]: 'abstract://conse' });
            assert.match(said, new RegExp(`${variable}: abstract sockets are open to everybody`));
        }
    }
});

function listen(port) {
    const server = net.createServer();
    return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server)));
}

// A free port with a free one after it, for slow calls.
async function freePair() {
    for (;;) {
        const first = await listen(0);
        const { port } = first.address();
        const second = await listen(port + 1).catch(() => null);
        await Promise.all([first, second].map((server) => server && new Promise((resolve) => server.close(resolve))));
        if (second) return port;
    }
}

test('with the key the system runs over tcp, and who has another key is not heard', async () => {
    const at = async () => `tcp://127.0.0.1:${await freePair()}`;
    const env = { CONSE_BUS_KEY: KEY, CONSE_AUTH_LISTEN: await at(), CONSE_AUTH_BUS: await at(), CONSE_EVENTS_LISTEN: await at(), CONSE_EVENTS_BUS: await at() };
    const system = await startSystem({ env, replicas: 0 });
    try {
        const signup = (username) => fetch(`${system.url}/auth/signup`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password: PASSWORD }),
        });
        await eventually(async () => (await signup('mira')).status === 201, 10000);
        const consectl = (key) => spawnSync(path.join(BIN, 'consectl'), ['user', 'level', 'mira', 'dev'], {
            env: { ...outside, ...system.env, CONSE_BUS_KEY: key }, encoding: 'utf8', timeout: 60000,
        });
        assert.notEqual(consectl(crypto.randomBytes(32).toString('hex')).status, 0);
        assert.equal(consectl(KEY).status, 0);
    } finally {
        await system.stop();
    }
});

test('a service listens everywhere, and is called by its name, at a port for slow calls that has nothing to do with the other', async () => {
    const env = { CONSE_BUS_KEY: KEY };
    for (const service of ['AUTH', 'EVENTS']) {
        const ports = [];
        while (ports.length < 3) ports.push(await freePair());
        for (const [i, [listen, dial]] of [['LISTEN', 'PEERS'], ['SLOW_LISTEN', 'SLOW_PEERS'], ['BUS', 'TOPICS']].entries()) {
            env[`CONSE_${service}_${listen}`] = `tcp://0.0.0.0:${ports[i]}`;
            env[`CONSE_${service}_${dial}`] = `tcp://localhost:${ports[i]}`;
        }
    }
    const system = await startSystem({ env, replicas: 0 });
    try {
        const signup = () => fetch(`${system.url}/auth/signup`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: 'mira', password: PASSWORD }),
        });
        await eventually(async () => (await signup()).status === 201, 10000); // a slow call
        const { stdout } = spawnSync(path.join(BIN, 'consectl'), ['services', '--json'], { env: { ...outside, ...system.env }, encoding: 'utf8' });
        const [{ address }] = JSON.parse(stdout.split('\n')[0]).processes;
        assert.match(address, new RegExp(`^tcp://\\d+\\.\\d+\\.\\d+\\.\\d+:${env.CONSE_AUTH_LISTEN.split(':').at(-1)}$`));
        assert.doesNotMatch(address, /0\.0\.0\.0/);
    } finally {
        await system.stop();
    }
});

test('keys in a file are rolled without a stop', async () => {
    const at = async () => `tcp://127.0.0.1:${await freePair()}`;
    const file = path.join(folder, 'bus.key');
    const put = (...keys) => fs.writeFileSync(file, `${keys.join('\n')}\n`, { mode: 0o600 });
    put(KEY);
    const env = { CONSE_BUS_KEY_FILE: file, CONSE_AUTH_LISTEN: await at(), CONSE_AUTH_BUS: await at(), CONSE_EVENTS_LISTEN: await at(), CONSE_EVENTS_BUS: await at() };
    const system = await startSystem({ env, replicas: 0 });
    try {
        let people = 0;
        const signup = () => fetch(`${system.url}/auth/signup`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: `mira${people++}`, password: PASSWORD }),
        });
        const next = crypto.randomBytes(32).toString('hex');
        let round = 0;
        for (const keys of [[KEY, next], [next, KEY], [next]]) {
            put(...keys);
            round++;
            for (const name of ['gateway', 'auth', 'events', 'chain']) {
                system.children[name].kill('SIGHUP');
                await eventually(() => system.log(name).split('bus keys read again').length === round + 1, 10000);
                assert.equal((await signup()).status, 201);
                assert.equal((await fetch(`${system.url}/sides`)).status, 200);
            }
        }
        const consectl = (key) => spawnSync(path.join(BIN, 'consectl'), ['user', 'level', 'mira0', 'dev'], {
            env: { ...outside, ...system.env, CONSE_BUS_KEY_FILE: '', CONSE_BUS_KEY: key }, encoding: 'utf8', timeout: 60000,
        });
        assert.notEqual(consectl(KEY).status, 0);
        assert.equal(consectl(next).status, 0);
        put('no key');
        system.children.auth.kill('SIGHUP');
        await eventually(() => system.log('auth').includes('the bus keys stay as they were'), 10000);
        assert.equal((await signup()).status, 201);
    } finally {
        await system.stop();
    }
});
