// The running system against its own description (/openapi.json), tried by schemathesis with every check, as each kind of
// person. CONSE_API_PEOPLE: who, by commas; CONSE_API_EXAMPLES: how many requests an operation gets at most.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { EVERY_SERVICE, startSystem } from '../e2e/parts/system.mjs';
import { ok, signUp, signUpAs } from '../e2e/parts/people.mjs';

const people = (process.env.CONSE_API_PEOPLE ?? 'player').split(',');
const examples = process.env.CONSE_API_EXAMPLES ?? '10';
const folder = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const python = process.env.CONSE_API_PYTHON;

const ids = (list) => list.map((item) => item.id);

// Things to name: a group with its deck, an event to join, one that is running with a poll.
async function furnish(system, god, player) {
    const make = (path, body = {}, token = god.token) => ok(system, 'POST', path, { token, body });
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const { sides } = await ok(system, 'GET', '/sides', { token: god.token });
    const { last_moves: moves } = await ok(system, 'GET', '/last-moves', { token: god.token });
    const { group } = await make('/groups', { name: 'Friday' });
    const { deck } = await make('/decks', {
        group_id: group.id, name: 'small',
        roles: roles.slice(0, 6).map((role) => ({ role_id: role.id, copies: 1 })),
        last_moves: moves.slice(0, 2).map((move) => ({ last_move_id: move.id, copies: 1 })),
    });
    const open = (title) => make('/events', { group_id: group.id, deck_id: deck.id, title, starts_at: { local: '2031-12-01T20:30:00', zone: 'Asia/Tehran' }, max_players: 4, waitlist: true });
    const events = ids([(await open('Open')).event, (await open('Running')).event]);
    await make(`/events/${events[1]}/reservations`, {}, player.token);
    for (const step of ['lock', 'reveal']) await make(`/events/${events[1]}/${step}`);
    await make(`/events/${events[1]}/phases`, { kind: 'DAY' });
    const { poll } = await make(`/events/${events[1]}/polls`, { kind: 'TRIAL' });
    const users = [god.id, player.id];
    return {
        event_id: events, group_id: [group.id], deck_id: [deck.id], poll_id: [poll.id],
        role_id: ids(roles.slice(0, 6)), side_id: ids(sides), winning_side_ids: ids(sides), last_move_id: ids(moves.slice(0, 2)),
        user_id: users, god_id: users, player_id: users, target_id: users, to_id: users, candidates: [player.id], candidate_id: [player.id],
        id: [...events, group.id, roles.at(-1).id, sides.at(-1).id, moves.at(-1).id], zone: ['Asia/Tehran', 'UTC', 'Europe/Berlin'],
    };
}

function tryOut(system, known, token) {
    const options = ['run', `${system.url}/openapi.json`, '--checks', 'all', '--max-examples', examples, '--seed', '1', '--workers', '1', '--no-color'];
    // A token that was logged out would have everything else refused.
    options.push('--exclude-path', '/auth/logout');
    options.push('--exclude-path', '/graphql'); // what it takes GraphQL's own schema tells: tests/e2e/graphql_http.test.mjs
    const config = path.join(system.dir, 'schemathesis.toml');
    const auth = token ? '\n[auth.openapi.bearer]\nbearer = "${CONSE_API_TOKEN}"\n' : '';
    fs.writeFileSync(config, fs.readFileSync(path.join(folder, 'schemathesis.toml'), 'utf8') + auth);
    const child = spawn('python3', ['-m', 'schemathesis.cli', '--config-file', config, ...options], {
        cwd: system.dir, // where it leaves notes of its own
        env: { ...process.env, PYTHONPATH: `${python}:${folder}`, PYTHONDONTWRITEBYTECODE: '1', CONSE_API_KNOWN: JSON.stringify(known), CONSE_API_TOKEN: token ?? '' },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

for (const person of people)
    test(`${person}: the API is as described`, async () => {
        const system = await startSystem({ services: EVERY_SERVICE, env: { CONSE_LIMIT_AUTH: '1000000/1000000', CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_ACCESS_TTL: '1h' } });
        try {
            const everybody = { anonymous: { token: null }, player: await signUp(system, 'mira'), god: await signUpAs(system, 'judge', 'god'), dev: await signUpAs(system, 'keeper', 'dev') };
            const known = await furnish(system, everybody.god, everybody.player);
            const { code, said } = await tryOut(system, known, everybody[person].token);
            assert.equal(code, 0, said.slice(-100000));
            console.log(said.slice(said.lastIndexOf('Test cases:')));
        } finally {
            await system.stop();
        }
    });
