// Rooms followed by server-sent events: who is told what is said, from where they go on, and how it ends for who may not read.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { assertProblem, call, ok, signUp } from './parts/people.mjs';
import { entriesOf, openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

let system, four, god, players, stranger;

before(async () => {
    system = await startSystem({ env: LIMITS });
    four = await makeFour(system);
    ({ god, players } = four);
    stranger = await signUp(system, 'stranger');
});

after(() => system?.stop());

const deal = (more) => dealFour(system, four, more);

const follow = (person, room, more = {}) => openStream(system, `/stream?topics=room:${room}${more.query ?? ''}`, { token: person?.token, ...more });
const say = async (person, room, text, client_id = crypto.randomUUID()) =>
    (await ok(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id, text } })).message;
const saidIn = async (stream, count) => (await entriesOf(stream, count)).map(({ kind, message }) => [kind, message.text]);
const cursorOf = async (person, room) => (await call(system, 'GET', `/rooms/${room}/messages`, { token: person.token })).headers.get('conse-cursor');

// What came until the end, as it came, without what each connection has by chance.
async function wholeOf(stream) {
    await stream.ended;
    return [stream.status, stream.messages.map(({ event, id, data }) => ({ event, id, data: event === 'bye' ? data.reason : data }))];
}

async function begun(person, room) {
    const stream = await follow(person, room), first = await stream.next();
    assert.equal(first.event, 'snapshot');
    return Object.assign(stream, { first });
}

test('two of a side talk at night, and see what each says, changes and takes back', async () => {
    const { g, mafia, side } = await deal();
    await g('POST', '/phases', { kind: 'NIGHT' });
    const streams = await Promise.all(mafia.map((player) => begun(player, side)));
    const { data } = streams[0].first;
    assert.deepEqual([data.stream, data.state.room.kind, data.state.messages, data.mine.may_write, data.mine.unread], [`room:${side}`, 'SIDE', [], true, 0]);
    assert.equal(data.cursor, await cursorOf(mafia[0], side));
    const first = await say(mafia[0], side, 'him?'), route = `/rooms/${side}/messages/${first.id}`;
    await say(mafia[1], side, 'no, her');
    await ok(system, 'PATCH', route, { token: mafia[0].token, body: { text: 'him!' } });
    await ok(system, 'DELETE', route, { token: mafia[0].token });
    for (const stream of streams) {
        const entries = await entriesOf(stream, 4);
        assert.deepEqual(entries.map(({ kind, seq }) => [kind, seq]), [['SAID', '1'], ['SAID', '2'], ['EDITED', '3'], ['DELETED', '4']]);
        assert.ok(entries.every(({ message, cursor }, i) => message.client_id === '' && cursor.endsWith(`.${i + 1}`)));
        assert.deepEqual([entries[3].message.text, entries[3].message.deleted.by], ['', 'AUTHOR']);
        stream.close();
    }
    const late = await follow(mafia[1], side, { query: `&after=${data.cursor}` });
    assert.deepEqual(await saidIn(late, 4), [['SAID', ''], ['SAID', 'no, her'], ['EDITED', ''], ['DELETED', '']], 'what was taken back comes as such');
    assert.equal((await late.next()).event, 'live');
    late.close();
    await g('POST', '/phases', { kind: 'DAY' });
    assert.equal((await call(system, 'POST', `/rooms/${side}/messages`, { token: mafia[0].token, body: { client_id: crypto.randomUUID(), text: 'x' } })).status, 409);
});

test('at night the table is told what who leads says, and goes on by day', async () => {
    const { g, table, citizens, mafia } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const streams = await Promise.all([...mafia, ...citizens, stranger, god].map((person) => begun(person, table)));
    await say(citizens[0], table, 'good evening');
    await g('POST', '/phases', { kind: 'NIGHT' });
    assertProblem(await call(system, 'POST', `/rooms/${table}/messages`, { token: citizens[0].token, body: { client_id: crypto.randomUUID(), text: 'psst' } }), 409, 'ROOM_CLOSED');
    await say(god, table, 'close your eyes');
    await g('POST', '/phases', { kind: 'DAY' });
    await say(citizens[1], table, 'who?');
    for (const stream of streams) {
        assert.deepEqual(await saidIn(stream, 3), [['SAID', 'good evening'], ['SAID', 'close your eyes'], ['SAID', 'who?']]);
        stream.close();
    }
});

test('who dies enters the room of the dead, and who comes back to life leaves it', async () => {
    const { g, dead, citizens, mafia } = await deal();
    const [victim, other] = citizens;
    await g('POST', '/phases', { kind: 'DAY' });
    const before = await wholeOf(await follow(victim, dead));
    await g('PATCH', `/players/${victim.id}`, { status: 'DEAD' });
    const stream = await begun(victim, dead), leads = await begun(god, dead);
    await say(victim, dead, 'so dark');
    assert.deepEqual([await saidIn(stream, 1), await saidIn(leads, 1)], Array(2).fill([['SAID', 'so dark']]));
    assert.deepEqual(await wholeOf(await follow(other, dead)), before);
    await g('PATCH', `/players/${mafia[0].id}`, { status: 'DEAD' });
    await g('PATCH', `/players/${victim.id}`, { status: 'DEFAULT' });
    const [reset, error, bye] = [await stream.next(), await stream.next(), await stream.next()];
    assert.deepEqual([reset.event, reset.data.reason, error.event, error.data.code, error.data.status, bye.event, bye.data.reason], ['reset', 'RIGHTS', 'error', 'NOT_FOUND', 404, 'bye', 'ENDED']);
    await say(mafia[0], dead, 'she left');
    assert.deepEqual(await saidIn(leads, 1), [['SAID', 'she left']]);
    await stream.ended;
    assert.ok(!JSON.stringify(stream.messages).includes('she left'));
    leads.close();
});

test('who is moved to another side is thrown out before anything more is said', async () => {
    const { g, side, mafia } = await deal();
    const [one, two] = mafia, citizen = four.roles.find((role) => role.slug === 'doctor');
    await g('POST', '/phases', { kind: 'NIGHT' });
    const [staying, going] = [await begun(one, side), await begun(two, side)];
    await say(one, side, 'welcome');
    await Promise.all([saidIn(staying, 1), saidIn(going, 1)]);
    const cursor = going.lastId;
    await g('PATCH', `/players/${two.id}`, { role_id: citizen.id }); // in silence
    await say(one, side, 'still here');
    await Promise.all([saidIn(staying, 1), saidIn(going, 1)]);
    await g('PATCH', `/players/${two.id}`, { status: 'ROLE_CHANGED' });
    await say(one, side, 'is she gone?');
    assert.deepEqual(await saidIn(staying, 1), [['SAID', 'is she gone?']]);
    await going.ended;
    assert.deepEqual(going.messages.slice(-3).map(({ event }) => event), ['reset', 'error', 'bye']);
    assert.ok(!JSON.stringify(going.messages).includes('is she gone?'));
    const [, again] = await wholeOf(await follow(two, side, { headers: { 'Last-Event-ID': cursor } }));
    assert.deepEqual(again.map(({ event }) => event), ['reset', 'error', 'bye']);
    staying.close();
});

test('a room that may not be read is as one that is not there, byte for byte', async () => {
    const { g, side, dead, mafia, citizens, room, table } = await deal();
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PATCH', `/players/${citizens[0].id}`, { status: 'DEAD' });
    const cursor = await cursorOf(mafia[0], side);
    await say(mafia[0], side, 'tonight');
    const none = [`01890000-0000-7000-8000-000000000001.table`, room('kitchen'), room(`side.${table.slice(0, 36)}`), room(`god.${stranger.id}`)];
    const secret = [side, dead, room(`god.${mafia[0].id}`)];
    for (const eyes of [citizens[1], stranger])
        for (const headers of [{}, { 'Last-Event-ID': cursor }, { 'Last-Event-ID': 'spoilt' }]) {
            const named = async (of) => JSON.stringify(await wholeOf(await follow(eyes, of, { headers }))).replaceAll(of, 'ROOM');
            const absent = await named(none[0]);
            assert.match(absent, /"code":"NOT_FOUND","status":404/);
            for (const of of [...none, ...secret]) assert.equal(await named(of), absent, of);
        }
    assertProblem(await call(system, 'GET', `/stream?topics=room:${side}`), 401, 'TOKEN_INVALID');
    for (const topic of ['room:', 'room:x', `room:${table.slice(0, 36)}`, `room:${table}/x`, `room:${table}${'x'.repeat(50)}`])
        assertProblem(await call(system, 'GET', `/stream?topics=${encodeURIComponent(topic)}`, { token: god.token }), 400, 'INVALID_FIELD');
});

// What those hear that may not know is the same whether there is talk or not. Each stream has its order; among them it is free.
test('talk changes no byte of what others follow', async () => {
    const streamsOf = async (talks) => {
        const { event, g, side, mafia, citizens, table } = await deal();
        const eyes = [null, stranger, citizens[1]];
        const streams = await Promise.all(eyes.map((person) => openStream(system, `/stream?topics=event:${event.id}${person ? `,me,room:${table}` : ''}`, { token: person?.token })));
        await Promise.all(streams.map((stream, i) => (async () => { for (let n = i ? 3 : 1; n; n--) await stream.next(); })()));
        await g('POST', '/phases', { kind: 'NIGHT' });
        if (talks) {
            await say(mafia[0], side, '@player0 @player1 @player2 @player3 now');
            const message = await say(mafia[1], side, 'ok');
            await ok(system, 'DELETE', `/rooms/${side}/messages/${message.id}`, { token: mafia[1].token });
            await ok(system, 'PUT', `/rooms/${side}/typing`, { token: mafia[0].token });
            await say(god, `${event.id}.god.${mafia[0].id}`, 'done?');
        }
        await say(god, table, 'morning');
        await streams[1].until(({ data }) => data.entry?.message?.text === 'morning');
        await streams[2].until(({ data }) => data.entry?.message?.text === 'morning');
        await g('POST', '/phases', { kind: 'DAY' });
        const all = await Promise.all(streams.map(async (stream) => { await stream.until(({ data }) => data.entry?.kind === 'PHASE_OPENED' && JSON.stringify(data).includes('DAY')); stream.close(); return stream.messages; }));
        return all.map((messages) => messages.filter(({ event: kind, data }) => kind !== 'head' && kind !== 'snapshot' && data.entry?.kind !== 'CARD_DEALT').map(({ event: kind, data }) =>
            [kind, data.stream.replaceAll(event.id, 'EVENT'), data.entry?.kind, data.stream !== 'me' && (data.entry?.index ?? data.entry?.seq), data.stream !== 'me' && data.cursor?.split('.')[1], JSON.stringify(data).length]).sort(([, one], [, other]) => one.localeCompare(other)));
    };
    assert.deepEqual(await streamsOf(true), await streamsOf(false));
});

test('who writes just now is shown to readers alone, for six seconds or until the message', async () => {
    const { event, g, table, side, mafia, citizens } = await deal({ spectator_delay: '60s' });
    await g('POST', '/phases', { kind: 'NIGHT' });
    const others = await Promise.all([...citizens, stranger].map((person) => openStream(system, `/stream?topics=event:${event.id},me,room:${table}`, { token: person.token })));
    for (const stream of others) for (let i = 0; i < 3; i++) assert.equal((await stream.next()).event, 'snapshot');
    const streams = await Promise.all([...mafia, god].map((person) => begun(person, side)));
    const types = (person, room) => ok(system, 'PUT', `/rooms/${room}/typing`, { token: person.token });
    const typing = async (stream) => (await stream.until(({ event: kind }) => kind === 'typing')).data.typing.users.map(({ id }) => id);
    await types(mafia[0], side);
    const began = Date.now();
    for (const stream of streams) assert.deepEqual(await typing(stream), [mafia[0].id]);
    await types(mafia[1], side);
    for (const stream of streams) assert.deepEqual((await typing(stream)).sort(), mafia.map(({ id }) => id).sort());
    await say(mafia[1], side, 'so');
    for (const stream of streams) assert.deepEqual(await typing(stream), [mafia[0].id]);
    for (const stream of streams) assert.deepEqual(await typing(stream), []);
    assert.ok(Date.now() - began >= 5900 && Date.now() - began < 20000, `${Date.now() - began} ms`);
    assertProblem(await call(system, 'PUT', `/rooms/${table}/typing`, { token: citizens[0].token }), 409, 'ROOM_CLOSED');
    assertProblem(await call(system, 'PUT', `/rooms/${side}/typing`, { token: citizens[0].token }), 404, 'NOT_FOUND');
    await g('POST', '/phases', { kind: 'DAY' });
    await types(citizens[0], table);
    assert.deepEqual(await typing(others[1]), [citizens[0].id]);
    for (const stream of [...streams, ...others]) stream.close();
    assert.ok(others.slice(0, 2).every(({ messages }) => messages.filter(({ event: kind }) => kind === 'typing').every(({ data }) => data.stream === `room:${table}`)));
    assert.ok(others[2].messages.every(({ event: kind }) => kind !== 'typing'), 'who sees the game late is not told');
});

test('by asking again it is the same, from any cursor', async () => {
    const { g, table, side, mafia, citizens } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const read = (person, room, query) => call(system, 'GET', `/rooms/${room}/log${query}`, { token: person.token });
    const first = (await read(citizens[0], table, '')).body;
    assert.deepEqual([first.entries, first.reset, first.state.messages, first.mine.may_write], [[], undefined, [], true]);
    const stream = await begun(citizens[1], table);
    const waits = read(citizens[0], table, `?after=${first.cursor}&wait=20s`);
    const message = await say(citizens[1], table, 'hello');
    const { body, headers } = await waits, [entry] = await entriesOf(stream, 1);
    assert.deepEqual(body.entries, [entry]);
    assert.deepEqual([body.cursor, headers.get('conse-cursor'), body.state], [stream.lastId, stream.lastId, undefined]);
    const nothing = await read(citizens[0], table, `?after=${body.cursor}&wait=0.1s`);
    assert.deepEqual([nothing.body.entries, nothing.body.cursor], [[], body.cursor]);
    const taken = read(citizens[0], table, `?after=${body.cursor}&wait=20s`);
    await ok(system, 'DELETE', `/rooms/${table}/messages/${message.id}`, { token: citizens[1].token });
    assert.deepEqual((await taken).body.entries.map(({ kind }) => kind), ['DELETED']);
    assert.deepEqual(await saidIn(stream, 1), [['DELETED', '']]);
    const lost = (await read(god, table, `?after=${body.cursor}&wait=20s`)).body;
    assert.deepEqual([lost.reset.reason, lost.state.messages.length], ['RIGHTS', 1]);
    for (const room of [side, `${table.slice(0, 36)}.kitchen`]) assertProblem(await read(citizens[0], room, '?wait=20s'), 404, 'NOT_FOUND');
    const still = read(mafia[0], side, `?after=${(await read(mafia[0], side, '')).body.cursor}&wait=20s`);
    await say(god, side, 'tonight');
    assert.deepEqual((await still).body.entries.map((each) => each.message.text), ['tonight']);
    stream.close();
});

test('rooms, events and what one is told go over one connection', async () => {
    const { event, g, table, side, mafia } = await deal();
    await g('POST', '/phases', { kind: 'NIGHT' });
    const route = `/stream?topics=me,event:${event.id},room:${table},room:${side}`;
    const stream = await openStream(system, route, { token: mafia[0].token });
    for (let i = 0; i < 4; i++) assert.equal((await stream.next()).event, 'snapshot');
    await say(mafia[1], side, 'one');
    await say(god, table, 'two');
    const [one] = await saidIn(stream, 1);
    const two = await stream.until(({ event: kind }) => kind === 'entry');
    assert.deepEqual([one[1], two.data.entry.message.text], ['one', 'two']);
    stream.close();
    await say(mafia[1], side, 'three');
    const again = await openStream(system, route, { token: mafia[0].token, headers: { 'Last-Event-ID': two.id } });
    assert.deepEqual(await saidIn(again, 1), [['SAID', 'three']]);
    again.close();
});

test('a long talk is caught up with in parts, and what is too far begins anew', async () => {
    const { g, table, citizens } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const stream = await begun(citizens[0], table), from = stream.lastId;
    const text = 'ب'.repeat(1000);
    for (let i = 0; i < 120; i++) await say(citizens[1], table, `${i} ${text}`);
    const late = await follow(citizens[0], table, { headers: { 'Last-Event-ID': from } });
    for (const each of [stream, late]) {
        const entries = await entriesOf(each, 120);
        assert.deepEqual(entries.map(({ message }) => message.text), Array.from({ length: 120 }, (_, i) => `${i} ${text}`));
        each.close();
    }
});
