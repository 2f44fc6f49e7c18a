// Who reads slowly, and who reads nothing: what waits for them, what is left out, and when they are let go.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { eventually, ok } from './parts/people.mjs';
import { openStream, parseMessage } from './parts/sse.mjs';
import { EVENT, openSocket } from './parts/socket.mjs';
import { metricOf, startSystem, throughOne } from './parts/system.mjs';

let system, god, players, deck;

before(async () => {
    system = throughOne(await startSystem({ env: LIMITS }));
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 4);
    deck = await makeDeck(system, god, { roles: 4 });
});

after(() => system?.stop());

const slowOnes = () => metricOf(system, 'gateway', 'conse_stream_ends_total.why="SLOW".');

// write(count): so many long notes, which the god alone sees.
async function deal() {
    const event = await openEvent(system, god, deck, { max_players: 4 });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    let notes = 0;
    const write = async (count) => { for (let i = 0; i < count; i++) await g('POST', '/notes', { audience: 'GOD', text: `${notes++} `.padEnd(2000, 'so it goes ') }); };
    return { event, g, write };
}

// A client whose socket is read as the test says: {messages(), read(bytes), stop(), go(bytes, ms), over, close()}. It begins by reading nothing.
async function openRaw(route, headers = '') {
    const { hostname, port } = new URL(system.url), socket = net.connect(Number(port), hostname);
    const raw = { text: '', over: false };
    socket.on('error', () => {}).on('end', () => { raw.over = true; }).on('close', () => { raw.over = true; });
    socket.pause();
    socket.write(`GET ${route} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${god.token}\r\n${headers}\r\n`);
    raw.read = (bytes) => { raw.text += (socket.read(Math.min(bytes, socket.readableLength)) ?? '').toString(); };
    raw.go = (bytes, ms) => { raw.timer = setInterval(() => raw.read(bytes), ms); };
    raw.stop = () => clearInterval(raw.timer);
    raw.close = () => { raw.stop(); socket.destroy(); };
    raw.messages = () => raw.text.slice(raw.text.indexOf('\r\n\r\n') + 4).split('\n\n').slice(0, -1).map(parseMessage).filter(({ event }) => event);
    socket.on('readable', () => {});
    return raw;
}

const kindsOf = (messages, topic) => messages.filter(({ data }) => data.stream?.startsWith(topic)).map(({ event }) => event);
const entriesIn = (messages) => messages.filter(({ event }) => event === 'entry').map(({ data }) => data.entry);
const begins = (raw) => eventually(() => { raw.read(1 << 20); return raw.messages().some(({ event }) => event === 'snapshot'); }, 10000);

// What a socket's stream tells next; between it are signs of life.
async function told(bare) {
    for (;;) {
        const { type, payload } = await bare.next();
        if (type === 'next') return payload.data.event.__typename;
    }
}

// Until the gateway has let one go; returns how many were written.
async function writeUntilSlow(write) {
    const begun = await slowOnes();
    for (let written = 0; ; written += 10) {
        if (await slowOnes() > begun) return written;
        assert.ok(written < 600, 'nobody is let go');
        await write(10);
    }
}

test('who reads nothing of events is let go, and goes on by its cursor; the others get all', async () => {
    const { event, write } = await deal();
    const route = `/events/${event.id}/stream`, quick = await openStream(system, route, { token: god.token });
    const raw = await openRaw(route);
    await begins(raw);
    const written = await writeUntilSlow(write);
    await eventually(() => entriesIn(quick.messages).length === written, 20000);
    const all = entriesIn(quick.messages);
    raw.go(1 << 20, 10);
    await eventually(() => raw.over, 10000);
    raw.stop();
    const seen = entriesIn(raw.messages());
    assert.ok(seen.length < written);
    assert.deepEqual(seen, all.slice(0, seen.length), 'up to there nothing is missing');
    const { id } = raw.messages().findLast((message) => message.id);
    const again = await openStream(system, route, { token: god.token, headers: { 'Last-Event-ID': id } });
    const rest = [];
    for (let message; (message = await again.next()).event !== 'live';) rest.push(message);
    assert.deepEqual(entriesIn(rest), all.slice(seen.length));
    [quick, again, raw].forEach((each) => each.close());
});

test('who reads nothing of a socket is let go in the same way', async () => {
    const { event, write } = await deal();
    const follow = (bare) => bare.say({ id: '1', type: 'subscribe', payload: { query: EVENT.replaceAll('\n', ' '), variables: { id: event.id } } });
    const [slow, quick] = await Promise.all([0, 1].map(() => openSocket(system, { init: { authorization: `Bearer ${god.token}` } })));
    for (const bare of [slow, quick]) {
        follow(bare);
        assert.equal(await told(bare), 'EventSnapshot');
    }
    slow.socket.pause();
    const written = await writeUntilSlow(write);
    slow.socket.resume();
    const { code, reason } = await slow.closed;
    assert.ok((code === 1013 && reason === 'SLOW') || code === 1006, `${code} ${reason}`);
    for (let i = 0; i < written; i++) assert.equal(await told(quick), 'LogEntry');
    quick.socket.close();
});

// Bursts that wait for it, but less than may.
const BURST = 40, BURSTS = 3;

test('who reads slowly and keeps up is not let go, and gets all in order', async () => {
    const { event, write } = await deal();
    const route = `/events/${event.id}/stream`, quick = await openStream(system, route, { token: god.token });
    const raw = await openRaw(route), begun = await slowOnes();
    await begins(raw);
    await quick.next();
    const socket = await openSocket(system, { init: { authorization: `Bearer ${god.token}` } });
    socket.say({ id: '1', type: 'subscribe', payload: { query: EVENT.replaceAll('\n', ' '), variables: { id: event.id } } });
    await told(socket);
    raw.go(8 << 10, 100);
    let lagged = 0;
    const turns = setInterval(() => { socket.socket.resume(); setTimeout(() => socket.socket.pause(), 5); }, 200);
    for (let burst = 1; burst <= BURSTS; burst++) {
        await write(BURST);
        await eventually(() => entriesIn(quick.messages).length === burst * BURST, 20000);
        lagged += entriesIn(raw.messages()).length < burst * BURST;
        await eventually(() => entriesIn(raw.messages()).length === burst * BURST, 60000);
        await eventually(() => socket.messages.filter(({ payload }) => payload?.data?.event.__typename === 'LogEntry').length === burst * BURST, 60000);
    }
    clearInterval(turns);
    assert.ok(lagged > 0, 'it was slow');
    assert.deepEqual(entriesIn(raw.messages()), entriesIn(quick.messages));
    assert.equal(await slowOnes(), begun);
    assert.ok(!raw.over && !socket.over);
    raw.close();
    quick.close();
    socket.socket.terminate();
});

test('of who is there a slow viewer is told the newest alone, of who writes nothing, and of what happened all', async () => {
    const ENOUGH = 275 << 10; // of which the kernel holds a part, and the gateway more than 64 KiB and less than 256
    const { event, g, write } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const route = `/stream?topics=event:${event.id},presence:${event.id},room:${event.id}.table`;
    const quick = await openStream(system, route, { token: god.token }), raw = await openRaw(route), begun = await slowOnes();
    const newest = (messages) => messages.findLast(({ event: kind, data }) => kind === 'snapshot' && data.stream.startsWith('presence:'));
    const areThere = (messages, people) => people.every(({ id }) => newest(messages)?.data.state.people.some(({ user, state }) => user.id === id && state === 'CONNECTED'));
    // Both follow, and are seen.
    await eventually(() => { raw.read(1 << 20); return [raw.messages(), quick.messages].every((messages) => kindsOf(messages, 'room:').length && kindsOf(messages, 'event:').length && areThere(messages, [god])); }, 20000);
    const before = raw.messages().length, quickBefore = quick.messages.length;
    const bytes = () => quick.messages.reduce((sum, { data }) => sum + (data.entry ? JSON.stringify(data).length : 0), 0);
    while (bytes() < ENOUGH) {
        const had = entriesIn(quick.messages).length;
        await write(5);
        await eventually(() => entriesIn(quick.messages).length === had + 5, 20000);
    }
    const visits = [];
    for (const player of players) {
        visits.push(await openStream(system, `/events/${event.id}/stream`, { token: player.token }));
        await eventually(() => areThere(quick.messages, players.slice(0, visits.length)), 20000);
    }
    await ok(system, 'PUT', `/rooms/${event.id}.table/typing`, { token: players[0].token, body: {} });
    await eventually(() => quick.messages.some(({ event: kind }) => kind === 'typing'), 10000);
    await eventually(() => quick.messages.findLast(({ event: kind }) => kind === 'typing').data.typing.users.length === 0, 20000);
    raw.go(1 << 20, 5);
    await eventually(() => areThere(raw.messages(), players), 20000);
    await eventually(() => entriesIn(raw.messages()).length === entriesIn(quick.messages).length, 20000);
    raw.stop();
    const late = raw.messages().slice(before);
    assert.ok(kindsOf(quick.messages.slice(quickBefore), 'presence:').filter((kind) => kind === 'snapshot').length >= players.length);
    assert.equal(kindsOf(late, 'presence:').filter((kind) => kind === 'snapshot').length, 1);
    assert.ok(!late.some(({ event: kind }) => kind === 'typing'));
    assert.deepEqual(entriesIn(raw.messages()), entriesIn(quick.messages));
    assert.equal(await slowOnes(), begun);
    [raw, quick, ...visits].forEach((each) => each.close());
});
