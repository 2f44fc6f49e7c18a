// Who follows an event, as each may know it: by day, during a night, and while gateways and their cache come and go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { assertProblem, call, ok, signUp } from './parts/people.mjs';
import { openStream } from './parts/sse.mjs';
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

const come = async (person, event, more = '') => {
    const stream = await openStream(system, `/events/${event.id}/stream${more}`, { token: person.token });
    assert.equal((await stream.next()).event, 'snapshot');
    return stream;
};
const watch = (person, event, more = {}) => openStream(system, `/stream?topics=presence:${event.id}`, { token: person?.token, ...more });
const statesOf = (list = []) => Object.fromEntries(list.map(({ user, state }) => [user.id, state]));
const snapshotsOf = (stream) => stream.messages.filter(({ event: kind }) => kind === 'snapshot').length;
// Until the state is so.
const until = (stream, test) => stream.until(({ event: kind, data }) => kind === 'snapshot' && data.stream.startsWith('presence:') && test(data.state, statesOf(data.state.people)));

test('the table sees who comes, looks away and goes', async () => {
    const { event, citizens } = await deal();
    const stream = await watch(citizens[0], event), first = await stream.next(), [, other] = citizens, [third] = players.filter((player) => !citizens.includes(player));
    assert.deepEqual([first.event, first.data.state.people.length, first.data.state.side, first.data.mine], ['snapshot', 5, [], undefined]);
    assert.ok(first.data.state.people.every(({ state }) => state === 'GONE'));
    const there = await come(other, event);
    await until(stream, (_, states) => states[other.id] === 'CONNECTED' && states[third.id] === 'GONE');
    const also = await come(god, event);
    await until(stream, (_, states) => states[god.id] === 'CONNECTED');
    there.close();
    const began = Date.now();
    await until(stream, (_, states) => states[other.id] === 'GONE');
    assert.ok(Date.now() - began > 9000, 'who leaves may come back');
    also.close();
    stream.close();
});

test('what is told is what is new, and who comes back with a cursor is told no more than that', async () => {
    const { event } = await deal();
    const stream = await watch(players[0], event), { id } = await stream.next();
    stream.close();
    const again = await watch(players[0], event, { headers: { 'Last-Event-ID': id } });
    const next = () => again.until(({ event: kind }) => kind !== 'head');
    assert.deepEqual([(await next()).event, again.lastId], ['live', id]);
    const there = await come(players[1], event);
    const told = await next();
    assert.deepEqual([told.event, statesOf(told.data.state.people)[players[1].id]], ['snapshot', 'CONNECTED']);
    again.close();
    const other = await watch(god, event, { headers: { 'Last-Event-ID': told.id } });
    assert.deepEqual([(await other.next()).data.reason, (await other.next()).event], ['RIGHTS', 'snapshot']);
    other.close();
    there.close();
});

test('during a night it is as it was, but for who leads, and for a side among themselves', async () => {
    const { event, g, mafia, citizens, side } = await deal();
    const there = await come(citizens[0], event);
    const eyes = { citizen: citizens[1], stranger, mafia: mafia[0], god };
    const streams = Object.fromEntries(await Promise.all(Object.entries(eyes).map(async ([name, person]) => [name, await watch(person, event)])));
    for (const stream of Object.values(streams)) await until(stream, (_, states) => states[citizens[0].id] === 'CONNECTED');
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const name of ['citizen', 'stranger', 'mafia']) await until(streams[name], (state, states) => state.as_of && states[citizens[0].id] === 'CONNECTED');
    const before = Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, snapshotsOf(stream)]));
    const wakes = await Promise.all(mafia.map((player) => come(player, event)));
    await until(streams.god, (_, states) => mafia.every(({ id }) => states[id] === 'CONNECTED'));
    const seen = await until(streams.mafia, (state) => mafia.every(({ id }) => statesOf(state.side)[id] === 'CONNECTED'));
    assert.deepEqual([seen.data.state.side_room_id, seen.data.state.side.length], [side, 2]);
    assert.deepEqual(mafia.map(({ id }) => statesOf(seen.data.state.people)[id]), ['GONE', 'GONE']);
    for (const name of ['citizen', 'stranger']) assert.equal(snapshotsOf(streams[name]), before[name], `${name} is told nothing`);
    const late = await watch(citizens[1], event);
    const told = await late.next();
    assert.deepEqual([statesOf(told.data.state.people)[citizens[0].id], statesOf(told.data.state.people)[mafia[0].id], told.data.state.side], ['CONNECTED', 'GONE', []]);
    await g('POST', '/phases', { kind: 'DAY' });
    for (const stream of [streams.citizen, streams.stranger, late]) await until(stream, (state, states) => !state.as_of && mafia.every(({ id }) => states[id] === 'CONNECTED'));
    for (const stream of [...Object.values(streams), ...wakes, there, late]) stream.close();
});

test('who leads sees also who only looks on', async () => {
    const { event } = await deal();
    const [leads, table] = [await watch(god, event), await watch(players[0], event)];
    const there = await come(stranger, event);
    await until(leads, (state) => statesOf(state.others)[stranger.id] === 'CONNECTED');
    assert.ok(!JSON.stringify(table.messages).includes(stranger.id));
    for (const stream of [leads, table, there]) stream.close();
    assertProblem(await call(system, 'GET', `/stream?topics=presence:${event.id}`), 401, 'TOKEN_INVALID');
    const none = await openStream(system, '/stream?topics=presence:01890000-0000-7000-8000-000000000001', { token: stranger.token });
    assert.deepEqual([(await none.next()).data.code], ['NOT_FOUND']);
});

test('who sees the game late sees nobody while it goes on', async () => {
    const { event, g } = await deal({ spectator_delay: '60s' });
    await g('POST', '/phases', { kind: 'DAY' });
    const there = await come(players[0], event), stream = await watch(stranger, event), leads = await watch(god, event);
    assert.deepEqual((await stream.next()).data.state, { people: [], side_room_id: '', side: [], others: [] });
    await until(leads, (_, states) => states[players[0].id] === 'CONNECTED');
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PATCH', `/players/${players[1].id}`, { status: 'DEAD' });
    assert.ok(stream.messages.every(({ event: kind }, i) => i === 0 || kind === 'head'));
    for (const each of [there, stream, leads]) each.close();
});

test('a hidden page is away, until somebody looks at one again', async () => {
    const { event } = await deal();
    const stream = await watch(god, event), [person] = players;
    const [one, two] = [await come(person, event, '?tab=one'), await come(person, event, '?tab=two')];
    const say = async (away, tab) => assert.equal((await call(system, 'PUT', `/events/${event.id}/presence`, { token: person.token, body: { away, tab } })).status, 204);
    await until(stream, (_, states) => states[person.id] === 'CONNECTED');
    await say(true, 'one');
    await say(true, 'two');
    await until(stream, (_, states) => states[person.id] === 'AWAY');
    await say(false, 'one');
    await until(stream, (_, states) => states[person.id] === 'CONNECTED');
    two.close();
    await say(true, 'one');
    await until(stream, (_, states) => states[person.id] === 'AWAY');
    one.close();
    await until(stream, (_, states) => states[person.id] === 'GONE');
    await say(false, 'one');
    const read = await call(system, 'GET', `/events/${event.id}/presence`, { token: god.token });
    assert.deepEqual(statesOf(read.body.presence.people)[person.id], 'GONE', 'who says that they look is not there by that');
    stream.close();
});

test('it is read once, too, and what is no word is refused', async () => {
    const { event } = await deal();
    const there = await come(players[0], event), stream = await watch(players[1], event);
    await until(stream, (_, states) => states[players[0].id] === 'CONNECTED');
    const read = (person, of = event.id) => call(system, 'GET', `/events/${of}/presence`, { token: person?.token });
    const { status, body, headers } = await read(players[1]);
    assert.deepEqual([status, body.presence, headers.get('conse-cursor')], [200, stream.messages.at(-1).data.state, stream.lastId]);
    assertProblem(await read(null), 401, 'TOKEN_INVALID');
    assertProblem(await read(stranger, '01890000-0000-7000-8000-000000000001'), 404, 'NOT_FOUND');
    assertProblem(await read(stranger, 'x'), 400, 'INVALID_FIELD');
    assertProblem(await call(system, 'GET', `/events/${event.id}/presence?wait=1s`, { token: stranger.token }), 400, 'MALFORMED');
    for (const [said, code] of [[{}, 'INVALID_FIELD'], [{ away: 1 }, 'MALFORMED'], [{ away: true, tab: 'x'.repeat(33) }, 'INVALID_FIELD'], [{ away: true, more: 1 }, 'MALFORMED'], [[], 'MALFORMED']])
        assertProblem(await call(system, 'PUT', `/events/${event.id}/presence`, { token: stranger.token, body: said }), 400, code);
    assertProblem(await call(system, 'GET', `/events/${event.id}/stream?tab=${'x'.repeat(129)}`), 400, 'INVALID_FIELD');
    for (const each of [there, stream]) each.close();
});

test('only an event that there is counts, and one user takes nothing from the others', async () => {
    const { event } = await deal(), say = (token, of, tab) => call(system, 'PUT', `/events/${of}/presence`, { token, body: { away: true, tab } });
    const none = (i) => `01890000-0000-7000-8000-${String(i).padStart(12, '0')}`;
    for (const i of [1, 2]) assertProblem(await say(stranger.token, none(i), ''), 404, 'NOT_FOUND');
    assertProblem(await call(system, 'PUT', `/events/${event.id}/presence`, { body: { away: true } }), 401, 'TOKEN_INVALID');
    for (let tab = 0; tab < 40; tab++) assert.equal((await say(stranger.token, event.id, `tab${tab}`)).status, 204);
    const stream = await watch(god, event), there = await come(players[0], event);
    await until(stream, (_, states) => states[players[0].id] === 'CONNECTED');
    for (const each of [there, stream]) each.close();
});
