// What an operator sees of conse-up: one address, one log, what dies comes back, everything stops in order.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { PROGRAMS, readKeyFile } from './parts/cluster.mjs';
import { outside } from './parts/environment.mjs';
import { eventually, PASSWORD } from './parts/people.mjs';
import { BIN } from './parts/system.mjs';

const SERVICES = ['gateway', 'auth', 'events', 'chain', 'ai'];
const ANYWHERE = { CONSE_LISTEN: '127.0.0.1:0', CONSE_GATEWAY_ADMIN: '127.0.0.1:0', CONSE_AUTH_ADMIN: '127.0.0.1:0', CONSE_EVENTS_ADMIN: '127.0.0.1:0', CONSE_CHAIN_ADMIN: '127.0.0.1:0', CONSE_AI_ADMIN: '127.0.0.1:0', CONSE_CLUSTER_PORT: '0' };
const QUICK = { CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1' };
const folders = [];

after(() => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

// A folder of an operator, with his .env.
function makeFolder(settings) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-up-'));
    folders.push(folder);
    fs.writeFileSync(path.join(folder, '.env'), Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`).join(''));
    return folder;
}

// The environment without settings of ours, so that the folder's count.
function environment(more = {}) {
    return { ...outside, ...more };
}

// conse-up in a folder: {text(), address(), pid(name), stop()}; stop gives its exit status.
function startUp(folder, words = ['--no-cluster']) {
    const log = path.join(folder, 'log');
    const fd = fs.openSync(log, 'w');
    const up = spawn(path.join(BIN, 'conse-up'), words, { cwd: folder, env: environment(), stdio: ['ignore', fd, fd] });
    fs.closeSync(fd);
    const ended = new Promise((resolve) => up.once('exit', resolve));
    const text = () => fs.readFileSync(log, 'utf8');
    return {
        text,
        address: () => text().match(/Conse is up: (http:\/\/[^ ]+)/)?.[1],
        pid: (name) => fs.readdirSync('/proc').map(Number).find((pid) => pid && isChild(pid, up.pid, `conse-${name}`)),
        stop: () => (up.kill('SIGINT'), ended),
    };
}

function isChild(pid, parent, name) {
    try {
        const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
        return status.includes(`Name:\t${name}\n`) && status.includes(`PPid:\t${parent}\n`);
    } catch {
        return false; // it ended while we looked
    }
}

const answers = (url) => fetch(`${url}/events`).then((reply) => reply.status === 200, () => false);
const run = (folder, program, ...args) => spawnSync(path.join(BIN, program), args, { cwd: folder, env: environment(), encoding: 'utf8' });

test('one command runs everything by ./.env, brings back what dies where it was, and stops all in order', async () => {
    const folder = makeFolder({ ...ANYWHERE, ...QUICK, CONSE_DATA: './elsewhere' });
    const up = startUp(folder);
    try {
        await eventually(up.address, 20000);
        const url = up.address();
        assert.notEqual(new URL(url).port, '0');
        assert.ok(await answers(url));
        for (const name of ['events', 'gateway']) {
            process.kill(up.pid(name), 'SIGKILL');
            await eventually(() => up.text().includes(`${name} was killed by signal 9; starts again in 0.1 s`), 5000);
            await eventually(() => answers(url), 5000);
        }
        // consectl, run where conse-up runs, finds the same system.
        const signup = await fetch(`${url}/auth/signup`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: 'mira', password: PASSWORD }),
        });
        assert.equal(signup.status, 201);
        const [, words] = /make an account there, then here: \S+\/consectl (.*)/.exec(up.text());
        const led = run(folder, 'consectl', ...words.replace('NAME', 'mira').split(' '));
        assert.match(led.stdout, /god +mira/, led.stderr);
        const level = run(folder, 'consectl', 'user', 'level', 'mira', 'dev');
        assert.match(level.stdout, /dev +mira/, level.stderr);
        // It is held: what needs the files themselves says so.
        assert.equal(run(folder, 'consectl', 'dump', 'auth').status, 4);
    } finally {
        assert.equal(await up.stop(), 0, up.text());
    }
    for (const name of SERVICES) assert.match(up.text(), new RegExp(`service=${name} event=stopped[^]*conse +\\| ${name} stopped`));
    assert.doesNotMatch(up.text(), /status 0|\x1b/);
    assert.ok(fs.existsSync(path.join(folder, 'elsewhere', 'auth.db')));
});

const solana = async (url, method, ...params) =>
    (await fetch(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json().then(({ result }) => result);
const clusterOf = (up) => up.text().match(/a local Solana cluster is at (http:\/\/\S+)/)?.[1];

test('a local Solana cluster runs beside the services, and goes on where it was', async () => {
    const folder = makeFolder({ ...ANYWHERE, ...QUICK }), keyFile = path.join(folder, 'data', 'keys', 'solana.json');
    const key = () => readKeyFile(keyFile).address;
    let address, slot;
    for (const round of [1, 2]) {
        const up = startUp(folder, []);
        try {
            await eventually(up.address, 30000);
            const url = clusterOf(up);
            if (round === 1) address = key();
            assert.equal(key(), address);
            assert.equal(fs.statSync(keyFile).mode & 0o777, 0o600);
            assert.ok((await solana(url, 'getBalance', address, { commitment: 'processed' })).value >= 1e12);
            for (const program of Object.values(PROGRAMS)) assert.ok((await solana(url, 'getAccountInfo', program, { encoding: 'base64' })).value.executable);
            if (round === 2) assert.ok(await solana(url, 'getSlot') > slot);
            slot = await solana(url, 'getSlot');
            await eventually(async () => await solana(url, 'getSlot') > slot, 5000);
        } finally {
            assert.equal(await up.stop(), 0, up.text());
        }
        assert.match(up.text(), /gateway stopped[^]*chain stopped[^]*cluster stopped/);
    }
});

test('a service that dies again and again comes back more and more slowly, and the log says when', async () => {
    const up = startUp(makeFolder(ANYWHERE));
    try {
        await eventually(up.address, 20000);
        for (const pause of ['; starts again in 0.1 s', ', the 2. time in a row; starts again in 0.2 s', ', the 3. time in a row; starts again in 0.4 s']) {
            await eventually(() => up.pid('auth'), 5000);
            process.kill(up.pid('auth'), 'SIGKILL');
            await eventually(() => up.text().includes(`auth was killed by signal 9${pause}`), 5000);
        }
    } finally {
        assert.equal(await up.stop(), 0, up.text());
    }
});

test('what cannot start ends all, and says why', () => {
    const wrong = run(makeFolder({ ...ANYWHERE, CONSE_AUTH_WORKERS: 'many' }), 'conse-up', '--no-cluster');
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /CONSE_AUTH_WORKERS must be a whole number[^]*auth ended with status 1\n[^]*Conse cannot start/);
    const folder = makeFolder({});
    fs.writeFileSync(path.join(folder, '.env'), '# ours\nCONSE_DATA=$HOME/conse\n');
    const expanded = run(folder, 'conse-up');
    assert.equal(expanded.status, 1);
    assert.match(expanded.stderr, /\.env, line 2: /);
    for (const wrong of [['now'], ['--replicas'], ['--replicas', '1'], ['--replicas', '17'], ['--replicas', '2x'], ['--replicas', ''], ['--cluster'], ['--no-cluster', '--replicas']])
        assert.equal(run(folder, 'conse-up', ...wrong).status, 2, wrong.join(' '));
});

test('several processes of a service need a store that they can share', () => {
    const refused = run(makeFolder(ANYWHERE), 'conse-up', '--no-cluster', '--replicas', '2');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /^conse +\| --replicas needs a store that several processes share.* auth has sqlite:.*\n$/);
});

test('a terminal gets colours, unless NO_COLOR is set', () => {
    const folder = makeFolder({ ...ANYWHERE, CONSE_AUTH_WORKERS: 'many' });
    const inTerminal = (more) => spawnSync('script', ['-qec', `${path.join(BIN, 'conse-up')} --no-cluster`, '/dev/null'],
        { cwd: folder, env: environment({ TERM: 'xterm', ...more }), encoding: 'utf8' });
    const colored = inTerminal({}), plain = inTerminal({ NO_COLOR: '1' });
    assert.match(colored.stdout, /\x1b\[1mconse +\x1b\[0m \| Conse cannot start/);
    assert.match(plain.stdout, /^conse +\| Conse cannot start/m);
    assert.doesNotMatch(plain.stdout, /\x1b/);
});
