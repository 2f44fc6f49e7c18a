// What the benchmarks measure with: a running system without rate limits, an event to read and an evening with an open poll.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { call, ok, signUp, signUpAs } from '../../tests/e2e/parts/people.mjs';
import { BIN, startSystem } from '../../tests/e2e/parts/system.mjs';
import './gateways.mjs'; // ends the programs with us

export const VOTERS = 64;

const SETTINGS = { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_ACCESS_TTL: '1h' };

export async function startBenchSystem(more = {}) {
    // Older programs have fewer services.
    const services = ['auth', 'events', 'chain', 'gateway'].filter((name) => fs.existsSync(path.join(BIN, `conse-${name}`)));
    const system = await startSystem({ services, env: { ...SETTINGS, ...more } });
    process.on('exit', () => Object.values(system.children).forEach((child) => child.kill('SIGKILL')));
    return system;
}

// As many cards as there are seats, as the catalogue has them.
function pick(cards, seats, name) {
    let left = seats;
    return cards.flatMap((card) => {
        const copies = Math.min(card.copies ?? 1, left);
        left -= copies;
        return copies ? [{ [name]: card.id, copies }] : [];
    });
}

async function opening(system, god, seats, title) {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const { last_moves: moves } = await ok(system, 'GET', '/last-moves', { token: god.token });
    const { group } = await ok(system, 'POST', '/groups', { token: god.token, body: { name: `Circle ${title}` } });
    const { deck } = await ok(system, 'POST', '/decks', {
        token: god.token,
        body: {
            group_id: group.id, name: title,
            roles: pick(roles, seats, 'role_id'),
            last_moves: pick(moves, seats, 'last_move_id'),
        },
    });
    return { token: god.token, body: {
        group_id: group.id, deck_id: deck.id, title, content: 'Bring tea. '.repeat(20),
        starts_at: { local: `${new Date(Date.now() + 86400e3).toISOString().slice(0, 11)}20:30:00`, zone: 'Asia/Tehran' },
        min_players: 4, max_players: seats, waitlist: true,
    } };
}

const openEvent = async (system, god, seats, title) => (await ok(system, 'POST', '/events', await opening(system, god, seats, title))).event;

// A file of requests for posts.lua, each of another god: a god may have a hundred open events.
export async function openingsFile(system, gods) {
    const lines = [];
    for (let i = 0; i < gods; i++) {
        const { token, body } = await opening(system, await signUpAs(system, `god-${i}`, 'god'), 8, 'another');
        lines.push(`${token} /events ${JSON.stringify(body)}\n`);
    }
    const file = path.join(system.dir, 'openings');
    fs.writeFileSync(file, lines.join(''));
    return file;
}

async function seat(system, event, people) {
    for (const one of people)
        await ok(system, 'POST', `/events/${event.id}/reservations`, { token: one.token, body: { nonce: randomBytes(32).toString('base64') } });
}

// {god, players, reader, readPath, evening, ballotPath, ballotFile}
export async function prepare(system) {
    const god = await signUpAs(system, 'thegod', 'god');
    const reader = await signUp(system, 'reader');
    const players = [];
    for (let i = 0; i < VOTERS; i += 8)
        players.push(...(await Promise.all(Array.from({ length: 8 }, (_, j) => signUp(system, `player-${i + j}`)))));
    const shown = await openEvent(system, god, 8, 'to be read');
    await seat(system, shown, players.slice(0, 4));
    const evening = await openEvent(system, god, VOTERS, 'to be played');
    await seat(system, evening, players);
    const at = `/events/${evening.id}`;
    await ok(system, 'POST', `${at}/lock`, { token: god.token });
    await ok(system, 'POST', `${at}/reveal`, { token: god.token, body: {} });
    await ok(system, 'POST', `${at}/phases`, { token: god.token, body: { kind: 'DAY' } });
    const { poll } = await ok(system, 'POST', `${at}/polls`, { token: god.token, body: { kind: 'NOMINATION', secret: false } });
    const ballotPath = `${at}/polls/${poll.id}/ballot`;
    const ballotFile = path.join(system.dir, 'ballots');
    const lines = [`path ${ballotPath}`, ...players.map((p) => `voter ${p.token}`), ...players.slice(0, 16).map((p) => `candidate ${p.id}`)];
    fs.writeFileSync(ballotFile, `${lines.join('\n')}\n`);
    return { god, reader, players, readPath: `/events/${shown.id}`, evening, ballotPath, ballotFile };
}

// Waits until the gateway has found an events service that was started anew.
export async function readable(system, scene) {
    for (const deadline = Date.now() + 10000; Date.now() < deadline; )
        if ((await call(system, 'GET', scene.readPath, { token: scene.reader.token })).status === 200) return;
    throw new Error('the gateway does not find the events service again');
}
