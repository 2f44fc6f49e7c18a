// Events followed by server-sent events: what each viewer gets, and how streams end. Where viewers go on, whatever happens:
// following.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { assertProblem, call, eventually, ok, signUp } from './parts/people.mjs';
import { entriesOf, eventsOf, openStream } from './parts/sse.mjs';
import { metricOf, startSystem, throughOne } from './parts/system.mjs';

let system, god, players, stranger, deck;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_STREAMS_PER_ADDRESS: '16', CONSE_STREAMS_PER_VENUE: '20' } });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 3);
    stranger = await signUp(system, 'stranger');
    deck = await makeDeck(system, god, { roles: 3 });
});

after(() => system?.stop());

const streamOf = (event, person, more = {}) => openStream(system, `/events/${event.id}/stream${more.query ?? ''}`, { token: person?.token, ...more });
const viewers = () => metricOf(system, 'gateway', 'conse_stream_viewers');

async function deal(more = {}) {
    const event = await openEvent(system, god, deck, { max_players: 3, ...more });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g };
}

test('a stream begins with what is seen now, and goes on with what happens', async () => {
    const { event, g } = await deal();
    const { body, headers } = await call(system, 'GET', `/events/${event.id}`);
    const stream = await streamOf(event, null);
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    assert.match(stream.headers['conse-time'], /^\d+$/);
    const first = await stream.next();
    assert.deepEqual([first.event, first.id, first.data.cursor, first.data.stream], ['snapshot', headers.get('conse-cursor'), first.id, `event:${event.id}`]);
    assert.deepEqual(first.data.state, body.event);
    await g('POST', '/phases', { kind: 'DAY' });
    const entry = await stream.next();
    const log = await readLog(system, null, event);
    assert.deepEqual([entry.event, entry.data.entry], ['entry', log.entries.at(-1)]);
    assert.deepEqual([entry.id, entry.data.cursor], [log.cursor, log.cursor]);
    assert.ok(stream.retry >= 2000 && stream.retry < 5000);
    stream.close();
    await eventually(async () => (await viewers()) === 0, 5000);
});

test('each sees their own view, and is told at once when it becomes another one', async () => {
    const { event, g } = await deal();
    const eyes = [null, stranger, players[0], players[1], god];
    const streams = await Promise.all(eyes.map((person) => streamOf(event, person)));
    const begun = await Promise.all(streams.map((stream) => stream.next()));
    assert.ok(begun.every(({ event: kind }) => kind === 'snapshot'));
    assert.deepEqual(begun.map(({ data }) => 'mine' in data), [false, true, true, true, true]);
    await g('POST', `/players/${players[0].id}/notes`, { audience: 'PLAYER', text: 'Steps.' });
    await g('POST', '/phases', { kind: 'DAY' });
    const kinds = await Promise.all(streams.map(async (stream, i) => (await entriesOf(stream, i === 2 || i === 4 ? 2 : 1)).map(({ kind }) => kind)));
    assert.deepEqual(kinds, [['PHASE_OPENED'], ['PHASE_OPENED'], ['NOTED', 'PHASE_OPENED'], ['PHASE_OPENED'], ['NOTED', 'PHASE_OPENED']]);
    await g('PUT', `/assistants/${stranger.id}`);
    const other = await streams[1].until(({ event: kind }) => kind !== 'entry' && kind !== 'head');
    assert.deepEqual([other.event, other.data.reason], ['reset', 'RIGHTS']);
    const now = await streams[1].next();
    assert.deepEqual([now.event, now.data.cursor], ['snapshot', (await readLog(system, stranger, event)).cursor]);
    const { players: cards } = (await g('GET', '')).event;
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    for (const [i, stream] of streams.entries()) {
        const reset = await stream.until(({ event: kind }) => kind === 'reset');
        assert.equal(reset.data.reason, 'EPOCH');
        const { data } = await stream.next();
        assert.deepEqual([data.state.state, data.cursor], ['DONE', (await readLog(system, eyes[i], event)).cursor]);
        stream.close();
    }
});

test('several streams go over one connection, and go on together', async () => {
    const [one, two] = [await deal(), await deal()];
    const route = `/stream?topics=event:${one.event.id},event:${two.event.id}`;
    const stream = await openStream(system, route);
    assert.deepEqual(eventsOf([await stream.next(), await stream.next()]), ['snapshot', 'snapshot']);
    await one.g('POST', '/phases', { kind: 'DAY' });
    const entry = await stream.next();
    assert.equal(entry.data.stream, `event:${one.event.id}`);
    assert.match(entry.id, new RegExp(`^event:${one.event.id}=\\S+,event:${two.event.id}=\\S+$`));
    stream.close();
    await two.g('POST', '/phases', { kind: 'DAY' });
    await one.g('POST', '/phases', { kind: 'NIGHT' });
    const again = await openStream(system, route, { headers: { 'Last-Event-ID': entry.id } });
    const told = {};
    for (let live = 0; live < 2;) {
        const { event: kind, data } = await again.next();
        if (kind === 'live') live++;
        else (told[data.stream] ??= []).push(data.entry.kind);
    }
    assert.deepEqual(told, { [`event:${one.event.id}`]: ['PHASE_CLOSED', 'PHASE_OPENED'], [`event:${two.event.id}`]: ['PHASE_OPENED'] });
    again.close();
});

test('what cannot be followed is refused, or told in the stream', async () => {
    const event = await openEvent(system, god, deck);
    for (const [route, status, code] of [
        ['/stream', 400, 'INVALID_FIELD'], ['/stream?topics=', 400, 'INVALID_FIELD'], ['/stream?topics=event:x', 400, 'INVALID_FIELD'], ['/stream?topics=weather', 400, 'INVALID_FIELD'],
        [`/stream?topics=event:${event.id},event:${event.id}`, 400, 'INVALID_FIELD'], [`/events/${event.id}/stream?topics=me`, 400, 'MALFORMED'], [`/events/${event.id}/stream?wait=3s`, 400, 'MALFORMED'],
    ])
        assertProblem(await call(system, 'GET', route), status, code);
    assert.equal((await call(system, 'GET', `/events/${event.id}/stream`, { token: 'no.such.token' })).status, 401);
    assertProblem(await call(system, 'GET', `/events/${event.id}/stream`, { headers: { Origin: 'https://elsewhere.example' } }), 403, 'ORIGIN_REFUSED');
    assert.equal((await call(system, 'HEAD', `/events/${event.id}/stream`)).headers.get('content-type'), 'text/event-stream');
    const none = await openStream(system, '/events/01890000-0000-7000-8000-000000000001/stream');
    const [error, bye] = [await none.next(), await none.next()];
    assert.deepEqual([error.event, error.data.code, error.data.status, bye.event, bye.data.reason], ['error', 'NOT_FOUND', 404, 'bye', 'ENDED']);
    await none.ended;
});

test('a revoked token ends its streams within a second, and no others', async () => {
    const { event } = await deal();
    const person = await signUp(system, 'leaver');
    const [theirs, others] = [await streamOf(event, person), await streamOf(event, stranger)];
    await Promise.all([theirs.next(), others.next()]);
    const began = Date.now();
    await call(system, 'POST', '/auth/logout', { token: person.token, body: {} });
    const bye = await theirs.until(({ event: kind }) => kind === 'bye');
    await theirs.ended;
    assert.ok(Date.now() - began < 1000, `${Date.now() - began} ms`);
    assert.equal(bye.data.reason, 'REVOKED');
    assert.ok(!others.over);
    others.close();
});

// At another gateway, one more may be let in that has not heard of the others yet.
async function refusedStream(event, person) {
    let refused;
    await eventually(async () => {
        refused = await streamOf(event, person);
        if (refused.status === 200) refused.close();
        return refused.status !== 200;
    }, 5000);
    return refused;
}

test('a person has eight streams, an address without tokens as many as is set', async () => {
    const event = await openEvent(system, god, deck);
    await eventually(async () => (await viewers()) === 0, 5000);
    const own = await Promise.all(Array.from({ length: 8 }, () => streamOf(event, stranger)));
    assert.equal((await refusedStream(event, stranger)).body.code, 'TOO_MANY_STREAMS');
    const some = await Promise.all(Array.from({ length: 16 }, () => streamOf(event, null)));
    const more = await refusedStream(event, null);
    assert.deepEqual([more.status, more.body.code, more.headers['retry-after']], [429, 'TOO_MANY_STREAMS', '10']);
    own[0].close();
    await eventually(async () => { const stream = await streamOf(event, stranger); const ok = stream.status === 200; if (ok) own.push(stream); return ok; }, 5000);
    for (const stream of [...own, ...some]) stream.close();
    await eventually(async () => (await viewers()) === 0, 5000);
});

test('an address where somebody plays has more streams, until the game is over', async () => {
    const one = throughOne(system), { event, g } = await deal();
    const open = () => openStream(one, `/events/${event.id}/stream`), refused = async () => {
        const stream = await open();
        if (stream.status === 200) stream.close();
        return stream.status === 429;
    };
    await eventually(async () => (await viewers()) === 0, 5000);
    const crowd = await Promise.all(Array.from({ length: 16 }, open));
    assert.ok(await refused());
    const plays = await openStream(one, `/events/${event.id}/stream`, { token: players[0].token });
    await plays.next();
    for (let i = 0; i < 4; i++) await eventually(async () => { const stream = await open(); const ok = stream.status === 200; if (ok) crowd.push(stream); return ok; }, 5000);
    assert.ok(await refused());
    const { event: { players: [{ side_id: wins }] } } = await ok(system, 'GET', `/events/${event.id}`, { token: god.token });
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/finish', { winning_side_ids: [wins] });
    await plays.until(({ event: kind }) => kind === 'reset');
    for (const stream of crowd.splice(16)) stream.close();
    await eventually(refused, 5000);
    for (const stream of [plays, ...crowd]) stream.close();
    await eventually(async () => (await viewers()) === 0, 5000);
});

test('where there is no place at all a stream is refused before it begins', async () => {
    const small = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { ...LIMITS, CONSE_MAX_STREAMS: '2' } }));
    try {
        const open = () => openStream(small, '/stream?topics=event:01890000-0000-7000-8000-000000000001');
        const streams = await Promise.all([open(), open()]), full = await open();
        assert.deepEqual([full.status, full.headers['retry-after'], full.headers['content-type'], full.body.code], [503, '10', 'application/problem+json', 'SERVICE_BUSY']);
        for (const stream of streams) stream.close();
    } finally {
        await small.stop();
    }
});
