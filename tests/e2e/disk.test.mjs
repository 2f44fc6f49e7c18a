// A disk that fills up under the running system: nothing acknowledged is lost, reads and tokens go on, everything starts again
// on the full disk, and writes work as soon as there is room. And files that somebody cut or lost are told at the start. All of it is of the
// embedded store.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, PASSWORD } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const DISK_MIB = 128, BALLAST = 32 << 20;
let disk, system, god, players, event;

function run(command, ...args) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

// A file system of its own, so that it can be full.
function mountDisk() {
    disk = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-disk-'));
    try {
        run('mount', '-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0700`, 'conse-disk', disk);
    } catch (error) {
        fs.rmdirSync(disk);
        disk = undefined;
        throw new Error(`this test mounts a small disk, which root may: run it as root, or under "unshare -rm"; ${error.message}`);
    }
}

before(async () => {
    mountDisk();
    system = await startSystem({ env: { ...LIMITS, CONSE_DATA: path.join(disk, 'data') }, replicas: 0 });
    god = await makeGod(system, 'judge');
    players = await signUpMany(system, 'player', 4);
    event = await openEvent(system, god, await makeDeck(system, god));
});

after(async () => {
    try {
        await system?.stop();
    } finally {
        if (disk) {
            run('umount', disk);
            fs.rmdirSync(disk);
        }
    }
});

const filler = () => path.join(disk, 'filler');

// The last byte, in ever smaller pieces.
function fillDisk() {
    const fd = fs.openSync(filler(), 'a');
    for (let piece = 1 << 20; piece >= 1; ) {
        try {
            if (fs.writeSync(fd, Buffer.alloc(piece)) === piece) continue;
        } catch (error) {
            if (error.code !== 'ENOSPC') throw error;
        }
        piece >>= 1;
    }
    fs.closeSync(fd);
}

const ballast = (name) => fs.statSync(path.join(disk, 'data', `${name}.ballast`));

// What was acknowledged last must be there, whatever happens.
const kept = { description: '', sessions: [] };

async function rename(text) {
    const reply = await call(system, 'PATCH', `/groups/${god.group.id}`, { token: god.token, body: { description: text } });
    if (reply.status === 200) kept.description = text;
    return reply;
}

async function logInAs(username) {
    const reply = await call(system, 'POST', '/auth/login', { body: { username, password: PASSWORD } });
    if (reply.status === 200) kept.sessions.push(reply.body.refresh_token);
    return reply;
}

const writeNote = (text) => call(system, 'POST', '/groups', { token: god.token, body: { name: text } });

// Writes until the disk takes no more.
async function untilFull(write) {
    for (let i = 0; i < 5000; i++) {
        const reply = await write(`kept ${i}`);
        if (reply.status === 507) {
            assert.equal(reply.body.code, 'STORE_FULL');
            assert.equal(reply.headers.get('content-type'), 'application/problem+json');
            return;
        }
        assert.ok(reply.status < 300, `${reply.status} ${JSON.stringify(reply.body)}`);
    }
    throw new Error('the disk is never full');
}

// What needs no room: a token is verified, keys are published, and everything is read.
async function readsWork() {
    assert.equal((await ok(system, 'GET', `/events/${event.id}`, { token: god.token })).event.id, event.id);
    assert.equal((await ok(system, 'GET', `/groups/${god.group.id}`, { token: god.token })).group.description, kept.description);
    assert.equal((await ok(system, 'GET', '/auth/me', { token: players[0].token })).user.username, 'player0');
    assert.ok((await ok(system, 'GET', '/.well-known/jwks.json')).keys.length >= 2);
    assert.equal((await call(system, 'GET', '/auth/me', { token: `${players[0].token}x` })).status, 401);
}

// The gateway has found both again, auth for what is slow and for what is not.
async function bothAnswer() {
    const asks = [() => rename('no'), () => logInAs('player1'), () => call(system, 'GET', '/auth/me', { token: god.token })];
    for (const ask of asks) await eventually(async () => (await ask()).status !== 503, 10000);
}

async function writesAreRefused() {
    for (const reply of [await rename('no'), await writeNote('no'), await logInAs('player1')]) {
        assert.equal(reply.status, 507, JSON.stringify(reply.body));
        assert.equal(reply.body.code, 'STORE_FULL');
    }
}

test('each store keeps ballast that only its owner may read', () => {
    for (const name of ['auth', 'events']) {
        const { size, blocks, mode } = ballast(name);
        assert.equal(size, BALLAST);
        assert.ok(blocks * 512 >= BALLAST);
        assert.equal(mode & 0o777, 0o600);
    }
});

test('on a full disk writes are refused and reads go on', async () => {
    fillDisk();
    await untilFull(rename);
    await untilFull(() => logInAs('player2'));
    await readsWork();
});

test('consectl doctor says which stores have no room', async () => {
    const failed = () => {
        const { stdout } = spawnSync(path.join(BIN, 'consectl'), ['--json', 'doctor'], { env: { ...outside, ...system.env, CONSE_URL: system.url }, encoding: 'utf8' });
        return JSON.parse(stdout).findings.filter(({ status, todo }) => status === 'failed' && todo === 'docs/runbooks.md#consestorefull').map(({ check, saw }) => `${check} ${saw}`);
    };
    await eventually(() => ['auth', 'events'].every((name) => failed().some((line) => new RegExp(`^room ${name} \\w{8}: its store has no room`).test(line))), 20000);
    for (const name of ['auth', 'events']) assert.ok(failed().some((line) => line.startsWith(`stores ${name}'s disk has `)), name);
});

test('killed on the full disk all start again with what they acknowledged, and read', async () => {
    for (const name of ['auth', 'events']) await system.kill(name);
    // As after a fall of the machine: the index of the log is gone, and others took its room.
    for (const name of ['auth', 'events']) fs.rmSync(path.join(disk, 'data', `${name}.db-shm`), { force: true });
    fillDisk();
    for (const name of ['auth', 'events']) await system.start(name);
    await bothAnswer();
    await readsWork();
    await untilFull(rename); // what one gave up may serve the other
    await untilFull(() => logInAs('player1'));
    assert.ok(['auth', 'events'].some((name) => ballast(name).size < BALLAST), 'a piece was given up');
    // However often they are killed, they start: what was given up for that is no room for writes.
    for (let i = 0; i < 3; i++) for (const name of ['events', 'auth']) await system.restart(name);
    await bothAnswer();
    await writesAreRefused();
    await readsWork();
});

test('with room again writes work, and the ballast is whole', async () => {
    fs.rmSync(filler());
    assert.equal((await rename('room')).status, 200);
    await readsWork();
    for (const refresh_token of kept.sessions.slice(-20)) assert.equal((await call(system, 'POST', '/auth/refresh', { body: { refresh_token } })).status, 200);
    assert.equal((await logInAs('player1')).status, 200);
    await seatAll(system, event, players);
    assert.equal((await as(system, god, event)('GET', '')).event.seats_taken, players.length);
    for (const name of ['auth', 'events']) assert.equal(ballast(name).size, BALLAST);
});

// ---- What is told at the start

// A service's last words; it must end by itself.
function refusal(name) {
    const { status, stderr } = spawnSync(path.join(BIN, `conse-${name}`), [], { env: { ...outside, ...system.env }, encoding: 'utf8', timeout: 20000 });
    assert.equal(status, 1, stderr);
    const lines = stderr.split('\n').filter((line) => line.startsWith(`conse-${name}: `));
    assert.equal(lines.length, 1, stderr);
    return lines[0];
}

// Damages a file of a stopped service, hears what it says, mends it, and starts it again.
async function assertTold(name, file, damage, expected) {
    const at = path.join(disk, 'data', file), saved = `${at}.saved`;
    await system.term(name);
    fs.copyFileSync(at, saved);
    damage(at);
    const said = refusal(name);
    assert.ok(said.includes(at), said);
    assert.match(said, expected);
    fs.rmSync(at, { force: true });
    fs.renameSync(saved, at);
    await system.start(name);
    await bothAnswer();
}

const cut = (at) => fs.truncateSync(at, 0);
const lose = (at) => fs.rmSync(at);
const age = (table) => (at) => run('sqlite3', at, `UPDATE meta SET value = '99' || ltrim(value, '0123456789') WHERE name = 'table ${table}'`);

for (const name of ['auth', 'events'])
    test(`a store of ${name} that was cut to nothing is told, and not begun anew`, () => assertTold(name, `${name}.db`, cut, /is empty/));

test('a store of a newer program is told', async () => {
    await assertTold('events', 'events.db', age('events'), /version 99 of table events, this program knows \d+/);
    await assertTold('auth', 'auth.db', age('sessions'), /version 99 of table sessions, this program knows \d+/);
});

test('a lost key is told, and no other made in its place', async () => {
    await assertTold('events', 'keys/deal.key', lose, /is lost, and deals are sealed with it/);
    await assertTold('events', 'keys/identity.key', lose, /is lost, and checkpoints are signed with it/);
    await assertTold('auth', 'keys/identity.key', lose, /is lost/);
    await assertTold('auth', 'keys/refresh.key', lose, /is lost, and sessions and API keys were given with it/);
    await eventually(async () => (await call(system, 'POST', '/auth/refresh', { body: { refresh_token: god.refresh } })).status === 200, 10000);
});
