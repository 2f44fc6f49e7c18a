// The inbox through HTTP: what a person was told, newest first, how far they have seen it, and that it goes on as the stream `me`.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, signUpMany } from './parts/games.mjs';
import { assertRefused, call, dumpOf, eventually, leave, ok, signUp } from './parts/people.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000;
let system, god, players, deck, event;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 2);
    deck = await makeDeck(system, god);
    event = await openEvent(system, god, deck);
});

after(() => system?.stop());

const inbox = (person, query = '') => call(system, 'GET', `/notifications${query}`, { token: person.token });
const see = (person, until) => ok(system, 'POST', '/notifications/seen', { token: person.token, body: { until } });
const brief = ({ body }) => [body.notifications.map(({ kind }) => kind), body.unread, body.seen];

// Takes a seat and is put off it, of which they are told.
async function putOff(person, times = 1) {
    const count = Number((await inbox(person)).body.notifications[0]?.index ?? 0);
    for (let i = 0; i < times; i++) {
        await as(system, person, event)('POST', '/reservations', {});
        await as(system, god, event)('DELETE', `/reservations/${person.id}`);
    }
    await eventually(async () => Number((await inbox(person)).body.notifications[0]?.index ?? 0) === count + times, PATIENCE_MS);
}

test('what somebody is told waits for them, and is seen once', async () => {
    const [person] = players;
    assert.deepEqual(brief(await inbox(person)), [[], 0, '0']);
    await putOff(person, 3);
    const reply = await inbox(person);
    assert.deepEqual(brief(reply), [['SEAT_FREED', 'SEAT_FREED', 'SEAT_FREED'], 3, '0']);
    const [newest] = reply.body.notifications;
    assert.deepEqual([newest.index, newest.event_id, newest.title, newest.fields.user_id], ['3', event.id, event.title, person.id]);
    assert.equal(newest.cursor, reply.headers.get('conse-cursor'));
    assert.deepEqual(await see(person, newest.cursor), { seen: '3', unread: 0 });
    assert.deepEqual(await see(person, reply.body.notifications[2].cursor), { seen: '3', unread: 0 });
    assert.deepEqual(brief(await inbox(players[1])), [[], 0, '0']);
});

test('the stream goes on where the list ends, and its cursors mark what was seen', async () => {
    const [person] = players, { headers } = await inbox(person);
    const stream = await openStream(system, `/stream?topics=me&after=${headers.get('conse-cursor')}`, { token: person.token });
    assert.equal((await stream.next()).event, 'live');
    await putOff(person);
    const { data } = await stream.until(({ event: kind }) => kind === 'entry');
    stream.close();
    assert.equal(data.entry.index, '4');
    assert.deepEqual((await inbox(person)).body.notifications[0], data.entry);
    assert.deepEqual(await see(person, data.cursor), { seen: '4', unread: 0 });
});

test('pages go back without a gap', async () => {
    const [person] = players, seen = [];
    for (let more = true, before = 0; more; before = seen.at(-1)) {
        const { body } = await inbox(person, `?page_size=3&before=${before}`);
        seen.push(...body.notifications.map(({ index }) => Number(index)));
        more = body.more;
    }
    assert.deepEqual(seen, [4, 3, 2, 1]);
});

test('what can not be marked is refused', async () => {
    const [person, other] = players, { headers } = await inbox(person), cursor = headers.get('conse-cursor');
    await assertRefused(system, other, 'POST', '/notifications/seen', { until: cursor }, 409, 'CURSOR_LOST');
    await assertRefused(system, person, 'POST', '/notifications/seen', { until: cursor.replace(/\d+$/, '99') }, 409, 'CURSOR_LOST');
    await assertRefused(system, person, 'POST', '/notifications/seen', { until: '4' }, 400, 'INVALID_FIELD', 'until');
    await assertRefused(system, person, 'POST', '/notifications/seen', {}, 400, 'INVALID_FIELD', 'until');
    await assertRefused(system, null, 'GET', '/notifications', undefined, 401, 'TOKEN_INVALID');
    await assertRefused(system, person, 'GET', '/notifications?page_size=101', undefined, 400, 'INVALID_FIELD', 'page_size');
});

test('a mention leads to its message, and may be quiet', async () => {
    const [person, other] = players, route = '/notifications/preferences';
    assert.deepEqual(await ok(system, 'GET', route, { token: other.token }), { preferences: { quiet: [], no_push: [] } });
    for (const player of players) await as(system, player, event)('POST', '/reservations', {});
    const body = { client_id: crypto.randomUUID(), text: `@player1 are you here?` };
    const { message } = await ok(system, 'POST', `/rooms/${event.id}.table/messages`, { token: person.token, body });
    await eventually(async () => (await inbox(other)).body.unread === 1, PATIENCE_MS);
    const [told] = (await inbox(other)).body.notifications;
    assert.deepEqual([told.kind, told.room_id, told.message_id, told.title], ['MENTIONED', `${event.id}.table`, message.id, event.title]);
    assert.ok(!JSON.stringify(told).includes('are you here'));
    await ok(system, 'PUT', route, { token: other.token, body: { quiet: ['MENTION'] } });
    assert.deepEqual(await ok(system, 'GET', route, { token: other.token }), { preferences: { quiet: ['MENTION'], no_push: [] } });
    assert.deepEqual(brief(await inbox(other)), [['MENTIONED'], 0, '0']);
});

test('marks race, and the highest stands', async () => {
    const person = await signUp(system, 'racer');
    await putOff(person, 6);
    const cursors = (await inbox(person)).body.notifications.map(({ cursor }) => cursor);
    await Promise.all([...cursors, ...cursors].sort(() => Math.random() - 0.5).map((cursor) => see(person, cursor)));
    assert.deepEqual(brief(await inbox(person)).slice(1), [0, '6']);
});

test('a mark outlives a killed process', async () => {
    const [person] = players, { headers } = await inbox(person), before = brief(await inbox(person));
    await see(person, headers.get('conse-cursor'));
    await system.killAll('events');
    await system.startAll('events');
    await eventually(async () => (await inbox(person)).status === 200, PATIENCE_MS);
    assert.deepEqual(brief(await inbox(person)), [before[0], 0, headers.get('conse-cursor').split('.')[1]]);
});

// Of what is kept about a person's news: lines of a dump.
async function keptOf(person) {
    const lines = await dumpOf(system, 'events');
    return lines.filter((line) => ['seen', 'preferences'].includes(line.table) ? line.id === person.id : line.stream === `users.${person.id}` && !line.ended);
}

test('an inbox goes with its account', async () => {
    const person = await signUp(system, 'leaver');
    await putOff(person, 2);
    await see(person, (await inbox(person)).headers.get('conse-cursor'));
    await ok(system, 'PUT', '/notifications/preferences', { token: person.token, body: { quiet: ['GAME'] } });
    assert.equal((await keptOf(person)).length, 4);
    await eventually(async () => (await inbox(person)).status === 200, PATIENCE_MS);
    await leave(system, person, god);
    assert.deepEqual(await keptOf(person), []);
});
