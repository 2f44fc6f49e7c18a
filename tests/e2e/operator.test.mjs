// What an operator does with consectl about the files of the embedded store: dumps, restores, checks logs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { consectl } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, event, players;

before(async () => {
    system = await startSystem({ env: LIMITS, replicas: 0 });
    const god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 4);
    event = await openEvent(system, god, await makeDeck(system, god));
    await seatAll(system, event, players);
});

after(() => system?.stop());

test('a log is checked by its hash chain, running or not, and a changed byte is found', async () => {
    assert.match((await consectl(system, 'log', event.id)).stdout, /entries, the hash chain holds/);
    assert.equal((await consectl(system, 'log', '00000000-0000-7000-8000-000000000000')).code, 3);
    await system.term('events');
    assert.match((await consectl(system, 'log', event.id)).stdout, /entries, the hash chain holds/);

    const dump = (await consectl(system, 'dump', 'events')).stdout;
    const lines = dump.split('\n').filter(Boolean).map((line) => JSON.parse(line)).slice(1, -1); // without header and sum
    const victim = lines.find((line) => line.stream === `events.${event.id}` && line.seq === 3);
    const bytes = Buffer.from(victim.bytes, 'base64');
    bytes[bytes.length - 1] ^= 1;
    victim.bytes = bytes.toString('base64');
    const broken = path.join(system.dir, 'broken');
    fs.mkdirSync(broken);
    fs.cpSync(path.join(system.env.CONSE_DATA, 'keys'), path.join(broken, 'keys'), { recursive: true });
    fs.writeFileSync(path.join(system.dir, 'broken.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
    assert.equal((await consectl(system, '--data', broken, 'restore', 'events', '--headerless', path.join(system.dir, 'broken.jsonl'))).code, 0);
    const checked = await consectl({ ...system, env: { ...system.env, CONSE_RUN: broken } }, '--data', broken, 'log', event.id);
    assert.equal(checked.code, 1, checked.stdout);
    await system.start('events');
});

test('a dump restored elsewhere is the same, and goes into an empty store only', async () => {
    await system.term('events');
    const dump = (await consectl(system, 'dump', 'events')).stdout;
    const copy = path.join(system.dir, 'copy'), file = path.join(system.dir, 'events.jsonl');
    fs.mkdirSync(copy);
    fs.writeFileSync(file, dump);
    const elsewhere = { ...system, env: { ...system.env, CONSE_DATA: copy, CONSE_RUN: copy } };
    assert.equal((await consectl(elsewhere, 'restore', 'events', file)).code, 0);
    assert.equal((await consectl(elsewhere, 'dump', 'events')).stdout, dump);
    assert.equal((await consectl(elsewhere, 'restore', 'events', file)).code, 1);
    await system.start('events');
});

const linesOf = (dump) => dump.split('\n').filter(Boolean).map((line) => JSON.parse(line));

test('a dump has no sessions of a store that has some', async () => {
    await system.term('auth');
    const lines = linesOf((await consectl(system, 'dump', 'auth')).stdout);
    assert.ok(lines.some((line) => line.table === 'accounts'));
    assert.deepEqual(lines.filter((line) => line.table === 'sessions'), []);
    await system.start('auth');
});

test('a restore brings no session back that an older dump has', async () => {
    const old = gunzipSync(fs.readFileSync(new URL('../fixtures/evening/auth.jsonl.gz', import.meta.url)));
    const folder = path.join(system.dir, 'older'), file = path.join(system.dir, 'older.jsonl');
    const lines = linesOf(String(old));
    const told = lines.filter((line) => line.stream).map((line) => Buffer.from(line.bytes, 'base64').toString('latin1')).join(''); // of ended ones
    const idsOf = (table) => lines.filter((line) => line.table === table).map((line) => line.id);
    const sessions = idsOf('sessions').filter((id) => !told.includes(id));
    fs.mkdirSync(folder);
    fs.writeFileSync(file, old);
    const elsewhere = { ...system, env: { ...system.env, CONSE_DATA: folder, CONSE_RUN: folder } };
    const { code, stderr } = await consectl(elsewhere, 'restore', 'auth', '--headerless', file);
    assert.equal(code, 0, stderr);
    const files = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const stored = files.map(({ name }) => fs.readFileSync(path.join(folder, name), 'latin1')).join('');
    assert.ok(idsOf('accounts').every((id) => stored.includes(id)));
    assert.ok(sessions.length > 0);
    assert.deepEqual(sessions.filter((id) => stored.includes(id)), []);
});

test('where no data is, consectl says so and where it looked, and makes nothing', async () => {
    const empty = path.join(system.dir, 'empty');
    fs.mkdirSync(empty);
    const nowhere = { ...system, env: { CONSE_DATA: empty } };
    for (const command of [['user', 'level', 'mira', 'dev'], ['user', 'list'], ['dump', 'auth'], ['backup', 'auth', path.join(empty, 'copy')]]) {
        const { code, stderr } = await consectl(nowhere, ...command);
        assert.equal(code, 3, stderr);
        assert.match(stderr, /auth has stored nothing here.*CONSE_DATA/);
        assert.ok(stderr.includes(path.join(empty, 'auth.db')), stderr);
    }
    assert.deepEqual(fs.readdirSync(empty), []);
});

test('the processes of each service are listed, running or not, and leave nothing in a store of one', async () => {
    const listed = async () => (await consectl(system, 'services', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line));
    const [auth, events] = await listed();
    assert.deepEqual([auth.service, events.service], ['auth', 'events']);
    assert.equal(auth.processes.length, 1);
    const [process] = events.processes;
    assert.equal(process.address, `ipc://${system.env.CONSE_DATA}/run/events.ipc`);
    assert.match(process.version, /^\d+\.\d+\.\d+$/);
    assert.ok(process.format >= 1 && process.leases.includes('timers') && process.leases.includes('sweeps'), JSON.stringify(process));
    assert.match((await consectl(system, 'services')).stdout, /^auth +ipc:.* format \d.* sweep.*\nevents +ipc:/);
    await system.term('events');
    assert.deepEqual((await listed())[1].processes, []);
    assert.match((await consectl(system, 'services')).stdout, /^events +does not run$/m);
    const dump = (await consectl(system, 'dump', 'events')).stdout;
    assert.doesNotMatch(dump, /"(leases|beats)"/);
    await system.start('events');
});

test('the exit status tells failed, wrong usage, not found and held apart', async () => {
    assert.equal((await consectl(system, 'user', 'level', 'player-none', 'god')).code, 3);
    assert.equal((await consectl(system, 'verify', 'http://127.0.0.1:1')).code, 1);
    for (const wrong of [['user', 'level', 'mira'], ['user', 'level', 'mira', 'king'], ['users'], ['user'], ['log', event.id, '--from-start'], []])
        assert.equal((await consectl(system, ...wrong)).code, 2, wrong.join(' '));
    for (const service of ['auth', 'events']) {
        const held = await consectl(system, '--json', 'dump', service);
        assert.equal(held.code, 4);
        assert.equal(JSON.parse(held.stderr).code, 'SERVICE_BUSY');
    }
});

// As in the moment in which it listens anew.
test('a service that has its files, and no socket just now, is waited for', async () => {
    const socket = path.join(system.run, 'auth.ipc'), away = `${socket}.away`;
    fs.renameSync(socket, away);
    assert.equal((await consectl(system, 'user', 'list')).code, 4);
    const asked = consectl(system, 'user', 'list');
    await consectl(system, '--help'); // which takes as long as the other one to begin
    fs.renameSync(away, socket);
    assert.equal((await asked).code, 0);
});

test('every command explains itself, and options may stand anywhere', async () => {
    const all = await consectl(system, '--help');
    const names = all.stdout.split('\n').map((line) => line.match(/^ {2}([a-z][a-z-]*(?: [a-z-]+)?) /)?.[1]).filter(Boolean);
    assert.ok(names.length >= 9, all.stdout);
    for (const name of names) {
        const { code, stdout } = await consectl(system, ...name.split(' '), '--help');
        assert.equal(code, 0);
        assert.ok(stdout.startsWith(`usage: consectl [OPTIONS] ${name} `), stdout);
        assert.match(stdout.split('\n')[3], /^\w/, `${name} says no more`);
    }
    assert.match((await consectl(system, 'help', 'user')).stdout, /user level .*\n.*user suspend .*\n.*user unsuspend .*\n.*user list/);
    const listed = await consectl(system, 'user', 'list', 'player', '--json');
    assert.equal(listed.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).length, players.length);
});
