// What an operator does with consectl about the files of the embedded store: dumps, restores, checks logs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
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

test('every command explains itself, and options may stand anywhere', async () => {
    const all = await consectl(system, '--help');
    const names = all.stdout.split('\n').map((line) => line.match(/^ {2}([a-z][a-z-]*(?: [a-z]+)?) /)?.[1]).filter(Boolean);
    assert.ok(names.length >= 9, all.stdout);
    for (const name of names) {
        const { code, stdout } = await consectl(system, ...name.split(' '), '--help');
        assert.equal(code, 0);
        assert.ok(stdout.startsWith(`usage: consectl [OPTIONS] ${name} `), stdout);
    }
    assert.match((await consectl(system, 'help', 'user')).stdout, /user level .*\n.*user suspend .*\n.*user unsuspend .*\n.*user list/);
    const listed = await consectl(system, 'user', 'list', 'player', '--json');
    assert.equal(listed.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).length, players.length);
});
