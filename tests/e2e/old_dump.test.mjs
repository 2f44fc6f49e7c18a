// A dump of the first release line goes on living: it restores, everyone reads what they read before, and its evenings are played
// on, with the embedded store, which is what it was made of. tests/fixtures/evening/README.md tells what is in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { chainOf, readFacts, readReplies } from '../fixtures/evening/facts.mjs';
import { checkProof, verifyChain, verifyCheckpoint, verifyDeal } from './parts/fairness.mjs';
import { fields } from './parts/feed.mjs';
import { as, LIMITS, readLog } from './parts/games.mjs';
import { call, consectl, logIn, ok } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const FIXTURE = new URL('../fixtures/evening/', import.meta.url);
const readFixture = (name) => fs.readFileSync(new URL(name, FIXTURE));
const expected = JSON.parse(readFixture('expected.json'));

let dir, system;
const people = {};
const { events } = expected;

// The dump of then had no header.
const restoreOld = (place, service, file) => consectl(place, 'restore', '--headerless', service, file);

async function restoreAll(data) {
    fs.mkdirSync(path.join(data, 'keys'), { recursive: true, mode: 0o700 });
    for (const name of fs.readdirSync(new URL('keys/', FIXTURE))) fs.writeFileSync(path.join(data, 'keys', name), readFixture(`keys/${name}`), { mode: 0o600 });
    for (const service of ['auth', 'events']) {
        const file = path.join(dir, `${service}.jsonl`);
        fs.writeFileSync(file, gunzipSync(readFixture(`${service}.jsonl.gz`)));
        const { code, stderr } = await restoreOld({ bin: BIN, env: { CONSE_DATA: data, CONSE_RUN: data } }, service, file);
        assert.equal(code, 0, stderr);
    }
}

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-old-'));
    const data = path.join(dir, 'data');
    await restoreAll(data);
    // Without reminders, what waits for its start stays as it is until it expires; and the gods of then have done nothing for long.
    system = await startSystem({ env: { ...LIMITS, CONSE_DATA: data, CONSE_REMINDERS: ',', CONSE_IDLE_EXPIRES: '3650d' }, replicas: 0 });
});

after(async () => {
    await system?.stop();
    fs.rmSync(dir, { recursive: true });
});

// What was there is there; what later versions add is none of our business.
function assertHolds(now, then, where) {
    if (then === null || typeof then !== 'object') return assert.equal(now, then, where);
    assert.ok(now !== null && typeof now === 'object', `${where} is ${now}`);
    if (Array.isArray(then)) assert.equal(now.length, then.length, `${where}: its length`);
    for (const key of Object.keys(then)) assertHolds(now[key], then[key], `${where}.${key}`);
}

const lead = (name, person = people.shahrzad) => as(system, person, events[name]);

// What may be asked of an event that is over, and was begun before the dump.
async function assertEnded(name) {
    const { entries, head } = expected.chains[name], event = events[name];
    const chain = await chainOf(system, event.id);
    assert.equal(chain.hashes[entries - 1], head, 'what is new follows the old chain');
    const log = await readLog(system, people.faranak, event);
    const hashes = verifyChain(log.entries, log.head).map((hash) => hash.toString('base64'));
    for (const checkpoint of log.checkpoints) {
        assert.ok(hashes.includes(checkpoint.hash), `the checkpoint of phase ${checkpoint.phase_number}`);
        assert.ok(verifyCheckpoint(event.id, checkpoint, Buffer.from(expected.identity, 'base64')), 'it is signed by the old identity');
    }
    const { code, stdout, stderr } = await consectl(system, 'verify-deal', event.id);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /all as promised/);
    return verifyDeal((await ok(system, 'GET', `/events/${event.id}/deal`)).deal);
}

// The counts of a poll by candidate, as the entry that closed it has them: PollClosed is field 63 of an entry, its counts field 2.
function countsInLog(log, pollId) {
    const text = (value) => value.toString();
    const closings = log.entries.filter((entry) => entry.kind === 'POLL_CLOSED').map((entry) => fields(fields(Buffer.from(entry.payload, 'base64')).find(([field]) => field === 63)[1]));
    const closing = closings.find((closed) => text(closed.find(([field]) => field === 1)[1]) === pollId);
    const rows = closing.filter(([field]) => field === 2).map(([, count]) => Object.fromEntries(fields(count)));
    return Object.fromEntries(rows.filter((row) => row[2]).map((row) => [text(row[1]), Number(row[2])]));
}
const countsShown = (poll) => Object.fromEntries(poll.counts.filter((row) => row.weight).map((row) => [row.candidate_id, row.weight]));

async function closeLastPoll(name, god) {
    const id = events[name].polls.at(-1), g = lead(name, god);
    const { poll } = await g('POST', `/polls/${id}/close`);
    assert.equal(poll.state, 'CLOSED');
    assert.deepEqual(countsInLog(await readLog(system, god, events[name]), id), countsShown(poll));
    return countsShown(poll);
}

async function finish(name, god) {
    const g = lead(name, god), { players } = (await g('GET', '')).event;
    assert.equal((await g('POST', '/finish', { winning_side_ids: [players[0].side_id] })).event.state, 'DONE');
    return assertEnded(name);
}

test('everyone logs in with the password they had, and nobody with another', async () => {
    for (const username of Object.keys(expected.people)) people[username] = { ...(await logIn(system, username)), username };
    assert.deepEqual(Object.fromEntries(Object.values(people).map(({ username, id }) => [username, id])), expected.people);
    assert.equal((await call(system, 'POST', '/auth/login', { body: { username: 'rostam', password: 'another horse' } })).status, 401);
    assert.equal((await call(system, 'POST', '/auth/signup', { body: { username: 'Rostam', password: 'another horse' } })).body.code, 'USERNAME_TAKEN');
});

test('every chain ends in the hash it had, and every log and topic has the same bytes for everyone', async () => {
    const { chains, logs, topics } = await readFacts(system, Object.values(people), events);
    assert.deepEqual(chains, expected.chains);
    assert.deepEqual(logs, expected.logs);
    assert.deepEqual(topics, expected.topics);
});

test('the API shows everyone what it showed, and nothing that it refused', async () => {
    const then = JSON.parse(gunzipSync(readFixture('replies.json.gz')));
    const now = await readReplies(system, Object.values(people), events);
    for (const [route, replies] of Object.entries(then)) assertHolds(now[route], replies, route);
    const image = await fetch(`${system.url}/events/${events.finished.id}/image`);
    assert.deepEqual([image.status, image.headers.get('content-type')], [200, 'image/png']);
});

// The test before has seen that nothing else of them changed.
test('roles and cards of the catalogue were given their nights and their Persian', async () => {
    const { token } = people.shahrzad;
    const { roles } = await ok(system, 'GET', '/roles?include_disabled=true', { token });
    const bird = roles.find((role) => role.slug === 'bird'); // the dev's own
    assert.deepEqual([bird.wakes, bird.night_order, bird.prompt], ['WAKES_UNSPECIFIED', 0, '']);
    for (const role of roles.filter((each) => each !== bird)) {
        assert.notEqual(role.wakes, 'WAKES_UNSPECIFIED', role.slug);
        assert.ok(role.effect_fa && (role.wakes === 'NEVER' || (role.night_order && role.prompt && role.prompt_fa)), role.slug);
    }
    const { last_moves: cards } = await ok(system, 'GET', '/last-moves?include_disabled=true', { token });
    for (const { number, name_fa: name, effect_fa: effect } of cards)
        assert.deepEqual([name !== '', effect !== ''], number === 900 ? [false, false] : [true, true], `card ${number}`);
});

test('the deals that were opened verify', async () => {
    const { players } = (await ok(system, 'GET', `/events/${events.finished.id}`)).event;
    assert.equal((await assertEnded('finished')).length, players.length);
    assert.equal((await assertEnded('cancelled')).length, 3);
});

test('the running evening goes on in the middle of its poll, to its end', async () => {
    const g = lead('running'), { rostam, sohrab } = people;
    await as(system, rostam, events.running)('PUT', `/polls/${events.running.polls.at(-1)}/ballot`, { candidate_id: sohrab.id });
    assert.equal((await closeLastPoll('running', people.shahrzad))[sohrab.id], 3, 'the weight it had before counts');
    for (const kind of ['NIGHT', 'DAY', 'NIGHT', 'DAY', 'NIGHT', 'DAY', 'NIGHT']) await g('POST', '/phases', { kind });
    const ended = (await g('GET', '')).event.players.find((player) => player.user_id === people.giv.id);
    assert.deepEqual([ended.alive, ended.statuses.map(({ status }) => status)], [true, ['PRO_KILLED_9_PHASES']]);
    await g('POST', '/phases', { kind: 'DAY' }); // the ninth closing kills
    assert.equal((await g('GET', '')).event.players.find((player) => player.user_id === people.giv.id).alive, false);
    await finish('running', people.shahrzad);
});

test('the paused evening is resumed with the time it had left', async () => {
    const { bahram, giv, bizhan } = people, g = lead('paused', bahram);
    const { remaining } = (await g('GET', '')).event.phase;
    const { phase } = await g('PATCH', '/phases/current', { pause: false });
    assert.equal(phase.state, 'OPEN');
    const left = (new Date(phase.closes_at) - Date.now()) / 1000;
    assert.ok(left > 0 && left <= parseFloat(remaining), `${left} s of ${remaining}`);
    for (const choice of ['NONE', bizhan.id]) await as(system, giv, events.paused)('PUT', `/polls/${events.paused.polls[0]}/ballot`, { candidate_id: choice });
    assert.ok((await closeLastPoll('paused', bahram))[bizhan.id] >= 1);
    await finish('paused', bahram);
    const { entries } = await readLog(system, bahram, events.paused);
    assert.ok(entries.filter((entry) => entry.leaf).length >= 4, 'secret ballots stay sealed');
});

test('the locked evening is revealed, played and verified', async () => {
    const g = lead('locked'), { deal } = await g('GET', '/deal');
    const { players } = (await g('POST', '/reveal', {})).event;
    assert.equal(players.length, 5);
    const { root } = (await g('GET', '/deal')).deal;
    for (const player of players) {
        const { role, proof } = await as(system, people[player.username], events.locked)('GET', '/me');
        assert.equal(role.id, player.role_id);
        assert.ok(checkProof(Buffer.from(root, 'base64'), player.user_id, role.id, proof, players.length));
    }
    await g('POST', '/phases', { kind: 'DAY' });
    assert.deepEqual(await finish('locked', people.shahrzad), players.map((player) => player.role_id));
    assertHolds((await g('GET', '/deal')).deal, { k: deal.k, commitments: deal.commitments, burned: deal.burned, deck_hash: deal.deck_hash }, 'deal');
});

test('the revealed evening begins with the cards that were dealt', async () => {
    const { bahram, siavash } = people, g = lead('revealed', bahram);
    const before = await as(system, siavash, events.revealed)('GET', '/me');
    await g('POST', '/phases', { kind: 'NIGHT' });
    assert.deepEqual((await as(system, siavash, events.revealed)('GET', '/me')).proof, before.proof);
    const { players } = (await g('GET', '')).event;
    assert.deepEqual(await finish('revealed', bahram), players.map((player) => player.role_id));
});

test('the open evening promotes the first who waits', async () => {
    const { sohrab, siavash } = people;
    await as(system, sohrab, events.open)('DELETE', `/reservations/${sohrab.id}`);
    const { event } = await lead('open')('GET', '');
    assert.deepEqual([event.seats_taken, event.waitlisted], [3, 1]);
    assert.ok(event.players.some((player) => player.user_id === siavash.id));
    const log = await readLog(system, people.shahrzad, events.open);
    assert.deepEqual(log.entries.slice(-2).map((entry) => entry.kind), ['SEAT_FREED', 'RESERVED']);
    assert.equal((await lead('open')('POST', '/lock')).event.state, 'LOCKED');
    const { entries, head } = expected.chains.open;
    assert.equal((await chainOf(system, events.open.id)).hashes[entries - 1], head);
});
