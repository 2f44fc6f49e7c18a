// conse-up --replicas: several processes of each service at one store, each known to the others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { eventually, PASSWORD } from '../e2e/parts/people.mjs';
import { endProcess, startProcess } from '../e2e/parts/processes.mjs';
import { BIN } from '../e2e/parts/system.mjs';
import { startServer } from './parts/servers.mjs';

const NAMES = ['gateway', 'gateway-2', 'auth', 'auth-2', 'events', 'events-2'];
const LEASES = { auth: ['beats', 'sweep'], events: ['beats', 'sweeps', 'timers'] };

let mongo, dir, env, up;
const log = () => fs.readFileSync(path.join(dir, 'up.log'), 'utf8');
const urls = () => log().match(/Conse is up: (\S+) (\S+)/)?.slice(1);

before(async () => {
    mongo = await startServer('mongo-java');
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-up-'));
    fs.writeFileSync(path.join(dir, 'master.key'), randomBytes(32).toString('hex'), { mode: 0o600 });
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('CONSE_'));
    const free = Object.fromEntries(['CONSE_LISTEN', 'CONSE_GATEWAY_ADMIN', 'CONSE_AUTH_ADMIN', 'CONSE_EVENTS_ADMIN'].map((name) => [name, '127.0.0.1:0']));
    env = { ...Object.fromEntries(kept), ...free, CONSE_STORE: mongo.url, CONSE_DATA: path.join(dir, 'data'), CONSE_MASTER_KEY_FILE: path.join(dir, 'master.key'),
        CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1' };
    up = startProcess(path.join(BIN, 'conse-up'), ['--replicas', '2'], { env, log: path.join(dir, 'up.log') });
    await eventually(urls, 40000).catch((error) => { throw new Error(`${error.message}\n${log().slice(-4000)}`); });
});

after(async () => {
    await endProcess(up, 'SIGTERM');
    await mongo?.stop();
    fs.rmSync(dir, { recursive: true, force: true });
});

// What consectl lists: {auth: [process], events: [process]}.
function listed() {
    const { stdout, stderr, status } = spawnSync(path.join(BIN, 'consectl'), ['services', '--json'], { cwd: dir, env, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return Object.fromEntries(stdout.trim().split('\n').map((line) => JSON.parse(line)).map(({ service, processes }) => [service, processes]));
}

const leasesOf = (processes) => processes.flatMap((each) => each.leases ?? []).sort();
const holderOf = (lease) => listed().events.find((each) => each.leases?.includes(lease));
const post = (url, where, body) => fetch(url + where, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

// The process whose name conse-up gave, by its socket.
function pidOf(address) {
    const wanted = `CONSE_${address.includes('auth') ? 'AUTH' : 'EVENTS'}_LISTEN=${address}`;
    return fs.readdirSync('/proc').map(Number).find((pid) => {
        try {
            return pid && fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted);
        } catch {
            return false; // it ended while we looked
        }
    });
}

test('all are up, each at its own address, and both gateways serve the same people', async () => {
    const [first, second] = urls();
    assert.notEqual(first, second);
    for (const [url, where, status] of [[first, '/auth/signup', 201], [second, '/auth/login', 200]]) {
        const reply = await post(url, where, { username: 'mira', password: PASSWORD });
        assert.equal(reply.status, status, await reply.text());
    }
    const run = path.join(dir, 'data', 'run');
    let auth, events;
    await eventually(() => ({ auth, events } = listed()) && auth.length === 2 && events.length === 2, 10000); // each sees the other at its next look
    assert.deepEqual(auth.map((each) => each.address).sort(), [`ipc://${run}/auth-2.ipc`, `ipc://${run}/auth.ipc`]);
    assert.deepEqual(events.map((each) => each.address).sort(), [`ipc://${run}/events-2.ipc`, `ipc://${run}/events.ipc`]);
    assert.ok(new Set([...auth, ...events].map((each) => each.id)).size === 4);
    for (const { age_ms } of [...auth, ...events]) assert.ok(Number(age_ms ?? 0) < 10000);
});

test('each lease has one holder, and another when it is killed, which conse-up starts again', async () => {
    await eventually(() => Object.entries(listed()).every(([service, processes]) => LEASES[service].every((lease) => leasesOf(processes).includes(lease))), 20000);
    for (const processes of Object.values(listed())) assert.equal(new Set(leasesOf(processes)).size, leasesOf(processes).length);
    const killed = holderOf('timers');
    const name = path.basename(killed.address, '.ipc');
    process.kill(pidOf(killed.address), 'SIGKILL');
    await eventually(() => log().includes(`${name} was killed by signal 9; starts again`), 5000);
    // By the other one, or by the one that was started again, which is another process.
    await eventually(() => (holderOf('timers')?.id ?? killed.id) !== killed.id, 20000);
    await eventually(async () => (await fetch(`${urls()[1]}/events`)).status === 200, 5000);
    await eventually(() => listed().events.some((each) => each.address === killed.address && each.id !== killed.id), 20000);
});

test('a stop is in order, and nobody is left in the store', async () => {
    const { code, hung } = await endProcess(up, 'SIGINT');
    assert.deepEqual([code, hung], [0, false], log().slice(-4000));
    for (const name of NAMES) assert.ok(log().includes(`${name} stopped`), name);
    const { auth, events } = listed();
    assert.deepEqual(auth, []);
    assert.ok(events.every((each) => each.address), 'only the killed process may still be listed');
    assert.ok(events.length <= 1);
});
