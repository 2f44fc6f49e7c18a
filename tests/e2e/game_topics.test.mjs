// What people are told arrives on their own topics: once, in order, whoever dies meanwhile, and nobody else reads it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CODE, OPERATOR, fields, listHeads, readFeed, readUser } from './parts/feed.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, otherGod, players, deck;
const tails = [];

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 4);
    deck = await makeDeck(system, god);
});

after(async () => {
    for (const child of tails) child.kill('SIGTERM');
    await system?.stop();
});

// Notices as consectl prints them.
function tail(pattern) {
    const child = spawn(path.join(system.bin, 'consectl'), ['--json', 'topics', 'tail', pattern, '--from-start'], { env: { ...process.env, ...system.env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    tails.push(child);
    return () => printed.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

const entryOf = (notice) => Buffer.from(fields(Buffer.from(notice.payload, 'base64')).find(([field]) => field === 5)[1]).toString('base64');
const contiguous = (notices) => notices.every((notice, i) => Number(notice.seq) === i + 1);

async function deal(event) {
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return g;
}

test('a player is told what the game tells him, and not what it tells others', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3, waitlist: true });
    const [a, b, , waiting] = players, printed = tail(`users.${a.id}`), shown = tail(`events.${event.id}.public`);
    const g = await deal(event);
    await g('POST', `/players/${a.id}/notes`, { text: 'for you', audience: 'PLAYER' });
    await g('POST', `/players/${b.id}/notes`, { text: 'for b', audience: 'PLAYER' });
    await g('POST', `/players/${a.id}/notes`, { text: 'of you', audience: 'GOD' });
    await g('POST', '/phases', { kind: 'DAY' });
    await g('PATCH', `/players/${a.id}`, { status: 'DISABLED' });
    await g('PATCH', `/players/${b.id}`, { status: 'DISABLED' });
    await g('PATCH', `/players/${a.id}`, { status: 'PRO_KILLED_9_PHASES' });
    await g('POST', '/cancel');
    await eventually(() => printed().some((notice) => notice.kind === 'CANCELLED'), 10000);
    const of = async (person) => (await readUser(system, person, person.id)).notices.filter((notice) => notice.told.event_id === event.id);
    const kinds = (notices) => notices.map((notice) => notice.kind);
    assert.deepEqual(kinds(printed()), ['LOCKED', 'CARD_DEALT', 'NOTED', 'STATUS_SET', 'CANCELLED']);
    assert.deepEqual(kinds(await of(a)), kinds(printed()));
    assert.deepEqual(kinds(await of(waiting)), ['WAITLISTED', 'LOCKED', 'CANCELLED']);
    assert.ok((await of(a)).every((notice) => notice.told.index === 0n && notice.told.title === 'Friday night'), 'no place in the stream is told');
    const feed = (await readFeed(system, undefined, `events.${event.id}.public`)).notices;
    await eventually(() => shown().length >= feed.length, 10000);
    assert.deepEqual(shown().map((notice) => [notice.kind, notice.payload]), feed.map((notice) => [notice.kind, notice.payload.toString('base64')]));
    const log = await readLog(system, otherGod, event);
    const known = new Set(log.entries.map((entry) => entry.payload));
    for (const notice of printed()) assert.ok(known.has(entryOf(notice)), 'the bytes are those of the log');
});

test('nobody reads the topic of another', async () => {
    const [a, b] = players, stream = `users.${a.id}`;
    assert.ok((await readUser(system, { ...a, level: 3 }, a.id)).notices.length > 0);
    assert.ok((await readUser(system, OPERATOR, a.id)).notices.every((notice) => notice.kind), 'an operator follows everything');
    const counted = (await readFeed(system, undefined, stream)).notices;
    assert.ok(counted.length > 0 && counted.every((notice) => !notice.kind && !notice.payload), 'the gateway counts, it does not read');
    for (const caller of [{ ...b, level: 3 }, { ...god, level: 2 }, { ...otherGod, level: 1 }]) {
        const { code, notices, head } = await readFeed(system, caller, stream);
        assert.deepEqual([code, notices, head], [CODE.NOT_FOUND, [], 0]);
        assert.ok(!(await listHeads(system, caller, 'users.*')).includes(stream));
        assert.deepEqual(await listHeads(system, caller, stream), []);
    }
    assert.deepEqual(await listHeads(system, { ...b, level: 3 }, 'users.*'), [`users.${b.id}`]);
    const event = await openEvent(system, god, deck), godStream = `events.${event.id}.god`;
    assert.equal((await readFeed(system, { ...god, level: 2 }, godStream)).code, CODE.OK);
    for (const caller of [{ ...a, level: 3 }, { ...otherGod, level: 2 }])
        assert.equal((await readFeed(system, caller, godStream)).code, CODE.NOT_FOUND);
    assert.deepEqual((await readFeed(system, undefined, godStream)).notices.map((notice) => [notice.seq, notice.kind, notice.payload]), [[1, '', undefined]]);
    assert.equal((await readFeed(system, undefined, `events.${event.id}.public`)).notices[0].kind, 'OPENED');
});

// Of the games of other tests none is finished.
test('a finished game is told of on events.games, once, to programs', async () => {
    const games = async () => (await readFeed(system, OPERATOR, 'events.games')).notices;
    const printed = tail('events.games');
    const event = await openEvent(system, god, deck), g = await deal(event);
    await g('POST', '/phases', { kind: 'NIGHT' });
    assert.deepEqual(await games(), [], 'nothing of a running game');
    const side = (await ok(system, 'GET', `/events/${event.id}`, { token: god.token })).event.players[0].side_id;
    await g('POST', '/finish', { winning_side_ids: [side] });
    await eventually(async () => (await games()).length === 1, 10000);
    await system.restart('events');
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}`)).status === 200, 10000);
    const told = await games();
    assert.deepEqual(told.map((notice) => [notice.seq, notice.kind]), [[1, 'GAME']]);
    assert.equal(fields(told[0].payload).find(([field]) => field === 1)[1].toString(), event.id);
    for (const caller of [undefined, { ...god, level: 2 }, { ...players[0], level: 3 }])
        assert.equal((await readFeed(system, caller, 'events.games')).code, CODE.NOT_FOUND);
    await eventually(() => printed().length === 1, 10000);
});

test('killed again and again: every note that was accepted is told once, in the order of the log', async () => {
    const event = await openEvent(system, god, deck), [a] = players;
    const printed = tail(`users.${a.id}`);
    await deal(event);
    const accepted = [], unknown = [];
    let stop = false;
    const writing = (async () => {
        for (let n = 0; !stop; n++) {
            const text = `note ${n}`;
            const reply = await call(system, 'POST', `/events/${event.id}/players/${a.id}/notes`, { token: god.token, body: { text, audience: 'PLAYER' } }).catch(() => ({ status: 0 }));
            assert.ok([0, 201, 503, 504].includes(reply.status), JSON.stringify(reply.body));
            (reply.status === 201 ? accepted : unknown).push(text);
        }
    })();
    for (let round = 1; round <= 4; round++) {
        await eventually(() => accepted.length > round * 20, 30000);
        await system.restart('events');
    }
    const kept = accepted.length;
    await eventually(() => accepted.length > kept, 30000); // the gateway has found the service again
    stop = true;
    await writing;
    const mine = async () => (await readLog(system, a, event)).entries.filter((entry) => entry.kind === 'NOTED').map((entry) => entry.payload);
    const notes = await mine();
    assert.ok(notes.length >= accepted.length && notes.length <= accepted.length + unknown.length);
    const ofEvent = () => printed().filter((notice) => notes.includes(entryOf(notice)));
    await eventually(() => ofEvent().length >= notes.length, 20000);
    assert.deepEqual(ofEvent().map(entryOf), notes);
    assert.ok(contiguous(printed()), 'none twice, none missing');
    const feed = (await readUser(system, { ...a, level: 3 }, a.id)).notices;
    assert.deepEqual(feed.map((notice) => notice.payload.toString('base64')), printed().map((notice) => notice.payload));
});
