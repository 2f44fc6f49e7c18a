// A dump goes from one kind of store into another and back, and says the same everywhere.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { outside } from '../e2e/parts/environment.mjs';
import { startServer } from './parts/servers.mjs';

const BIN = process.env.CONSE_BIN;
const FIXTURE = new URL('../fixtures/evening/', import.meta.url);
const SERVICES = ['auth', 'events'];
let folder, server, places = 0;

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-dump-'));
    server = await startServer('mongo-java');
});
after(async () => {
    await server?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
});

// A place of its own: a folder with the keys of the fixture, and in the database a name.
function placeOf(kind) {
    const data = path.join(folder, `${kind}-${places++}`);
    fs.mkdirSync(path.join(data, 'keys'), { recursive: true, mode: 0o700 });
    for (const name of fs.readdirSync(new URL('keys/', FIXTURE)))
        fs.writeFileSync(path.join(data, 'keys', name), fs.readFileSync(new URL(`keys/${name}`, FIXTURE)), { mode: 0o600 });
    const master = path.join(data, 'master.key');
    fs.writeFileSync(master, Buffer.alloc(32, 7), { mode: 0o600 });
    const env = { CONSE_DATA: data, CONSE_RUN: data, CONSE_MASTER_KEY_FILE: master };
    if (kind === 'mongo') env.CONSE_STORE = `${server.url}/dump${places}`;
    else delete env.CONSE_MASTER_KEY_FILE;
    return { data, env };
}

function consectl(place, ...args) {
    return new Promise((resolve) => {
        const env = { ...outside, ...place.env };
        execFile(path.join(BIN, 'consectl'), args, { env, maxBuffer: 256 << 20 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr }));
    });
}

async function done(place, ...args) {
    const { code, stdout, stderr } = await consectl(place, ...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
}

async function restored(kind, service, text, ...options) {
    const place = placeOf(kind);
    const file = path.join(place.data, `${service}.jsonl`);
    fs.writeFileSync(file, text);
    await done(place, 'restore', ...options, service, file);
    return place;
}

const linesOf = (dump) => dump.trim().split('\n').map((line) => JSON.parse(line));

for (const service of SERVICES) {
    test(`${service}: from a file into MongoDB and back, the dump is the same`, async () => {
        const old = gunzipSync(fs.readFileSync(new URL(`${service}.jsonl.gz`, FIXTURE)));
        const first = await done(await restored('sqlite', service, old, '--headerless'), 'dump', service);
        const second = await done(await restored('mongo', service, first), 'dump', service);
        assert.equal(second, first);
        const third = await done(await restored('sqlite', service, second), 'dump', service);
        assert.equal(third, first);
        assert.ok(linesOf(first).length > 10);
    });
}

test('what appends carry goes from a file into MongoDB and back', async () => {
    const attached = Buffer.from('beside').toString('base64');
    const entries = [1, 2, 3, 4].map((seq) => ({ stream: 'users.1', seq, bytes: 'CgF1', ...(seq % 2 ? { attached } : {}) }));
    const first = await done(await restored('sqlite', 'events', entries.map((line) => `${JSON.stringify(line)}\n`).join(''), '--headerless'), 'dump', 'events');
    const second = await done(await restored('mongo', 'events', first), 'dump', 'events');
    assert.equal(second, first);
    assert.equal(await done(await restored('sqlite', 'events', second), 'dump', 'events'), first);
    assert.deepEqual(linesOf(second).slice(1, 5).map((line) => line.attached), [attached, undefined, attached, undefined]);
});

test('sessions are no part of a dump', async () => {
    const old = gunzipSync(fs.readFileSync(new URL('auth.jsonl.gz', FIXTURE)));
    assert.ok(old.includes('"sessions"'));
    const dump = await done(await restored('mongo', 'auth', old, '--headerless'), 'dump', 'auth');
    const lines = linesOf(dump);
    assert.equal(lines.filter((line) => line.table === 'sessions').length, 0);
    assert.equal(lines.at(-1).rows.sessions, 0);
});

test('a store in which a process lives takes no dump', async () => {
    const place = placeOf('mongo');
    const admin = path.join(place.data, 'log');
    const child = spawn(path.join(BIN, 'conse-auth'), [], {
        env: { ...outside, ...place.env, CONSE_AUTH_ADMIN: '127.0.0.1:0' },
        stdio: ['ignore', fs.openSync(admin, 'w'), fs.openSync(admin, 'a')],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const file = path.join(place.data, 'auth.jsonl');
    try {
        for (const deadline = Date.now() + 30000; !/event="?ready/.test(fs.readFileSync(admin, 'utf8')); await new Promise((r) => setTimeout(r, 50)))
            assert.ok(Date.now() < deadline && child.exitCode === null, fs.readFileSync(admin, 'utf8'));
        const dump = await done(place, 'dump', 'auth'); // while it runs
        fs.writeFileSync(file, dump);
        const { code, stderr } = await consectl(place, 'restore', 'auth', file);
        assert.equal(code, 4, stderr);
        assert.match(stderr, /stop all of them/);
    } finally {
        child.kill('SIGTERM');
        await ended;
    }
});

test('a store that has content takes no dump', async () => {
    const old = gunzipSync(fs.readFileSync(new URL('events.jsonl.gz', FIXTURE)));
    const place = await restored('mongo', 'events', old, '--headerless');
    const file = path.join(place.data, 'events.jsonl');
    const before = await done(place, 'dump', 'events');
    assert.equal((await consectl(place, 'restore', '--headerless', 'events', file)).code, 1);
    assert.equal(await done(place, 'dump', 'events'), before);
});

test('a restore that breaks off leaves an empty store', async () => {
    const old = gunzipSync(fs.readFileSync(new URL('events.jsonl.gz', FIXTURE))).toString();
    const place = placeOf('mongo');
    const file = path.join(place.data, 'cut.jsonl');
    fs.writeFileSync(file, old.slice(0, old.length / 2));
    assert.equal((await consectl(place, 'restore', '--headerless', 'events', file)).code, 1);
    fs.writeFileSync(file, old);
    await done(place, 'restore', '--headerless', 'events', file);
});
