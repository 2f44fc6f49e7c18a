// Programs that follow topics: consectl, and the subscriber of docs/topics.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, event, players;
const followers = [];

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 4);
    event = await openEvent(system, god, await makeDeck(system, god));
});

after(async () => {
    for (const child of followers) child.kill('SIGTERM');
    await system?.stop();
});

// Runs a program that prints a line per notice; lines() is what it has printed.
function follow(file, ...args) {
    const child = spawn(file, args, { env: { ...process.env, ...system.env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    followers.push(child);
    return () => text.split('\n').filter(Boolean);
}

const numbers = (lines) => lines.map((line) => Number(line.split(' ')[1]));
const contiguous = (list) => list.every((n, i) => n === i + 1);

test('followers see every notice of a stream in order, across kills of the publisher', async () => {
    const stream = `events.${event.id}.public`;
    const shell = follow(path.join(system.bin, 'consectl'), 'topics', 'tail', stream, '--from-start');
    const at = `ipc://${system.run}/events`;
    const plain = follow(process.env.CONSE_FOLLOW, `${at}-bus.ipc`, `${at}.ipc`, 'events.feed.Read', stream);
    await seatAll(system, event, players);
    await eventually(() => shell().length >= 5, 10000); // created and four seats
    await system.restart('events');
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}`)).status === 200, 5000);
    const lead = as(system, god, event);
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    await lead('POST', '/phases', { kind: 'DAY' });
    const head = (await ok(system, 'GET', `/events/${event.id}/log?limit=500`, { token: players[0].token })).entries.length;
    assert.ok(head > 5);
    await eventually(() => shell().some((line) => / PHASE_OPENED /.test(line)), 10000);
    await eventually(() => plain().some((line) => / PHASE_OPENED$/.test(line)), 15000);
    assert.ok(contiguous(numbers(shell())), shell().join('\n'));
    assert.ok(contiguous(numbers(plain())), plain().join('\n'));
});

test('what no service publishes is not followed', async () => {
    const { code, stderr } = await consectl(system, 'topics', 'tail', 'coins.*');
    assert.equal(code, 3);
    assert.match(stderr, /no service publishes coins\.\*/);
});
