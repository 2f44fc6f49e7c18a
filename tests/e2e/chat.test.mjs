// Rooms through HTTP: who reads and writes in them as an evening goes on, and that a message is there once, whatever dies.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeGod, openEvent, readEvent, seatAll, signUpMany } from './parts/games.mjs';
import { makeDeckOfFour } from './parts/mafia.mjs';
import { assertRefused, call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const SENDS = 1000, AT_ONCE = 100, CLIENT_IDS = 100, KILLS = 5, PATIENCE_MS = 60000;
let system, god, dev, players, spectator, deck, roles, event, mafia, citizen, other;

const newId = () => crypto.randomUUID();
const say = (person, room, text, more = {}) =>
    call(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id: newId(), text, ...more } });
async function said(person, room, text, more) {
    const reply = await say(person, room, text, more);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
    return reply.body.message;
}
const list = (person, room, query = '') => ok(system, 'GET', `/rooms/${room}/messages${query}`, { token: person.token });
const texts = async (person, room) => (await list(person, room)).messages.map((message) => message.text);
const refused = (person, method, route, body, status, code, field) => assertRefused(system, person, method, route, body, status, code, field);
const mayNotSay = (person, room, status, code) => refused(person, 'POST', `/rooms/${room}/messages`, { client_id: newId(), text: 'no' }, status, code);
const rooms = async (person, of = event) => (await ok(system, 'GET', `/rooms?event_id=${of.id}`, { token: person.token })).rooms;
const kinds = async (person, of = event) => (await rooms(person, of)).map((room) => room.kind);
const lead = (method, route, body) => as(system, god, event)(method, route, body);
const roomOf = (name) => `${event.id}.${name}`;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    dev = await signUpAs(system, 'thedev', 'dev');
    players = await signUpMany(system, 'player', 4);
    spectator = await signUp(system, 'spectator');
    ({ roles, deck } = await makeDeckOfFour(system, god));
    event = await openEvent(system, god, deck, { max_players: 4 });
});

after(() => system?.stop());

test('there is a table as soon as somebody has a seat', async () => {
    assert.deepEqual(await rooms(god), []);
    await refused(god, 'GET', `/rooms/${roomOf('table')}/messages`, undefined, 404, 'NOT_FOUND');
    await seatAll(system, event, players);
    for (const person of [god, dev, ...players, spectator]) assert.deepEqual(await kinds(person), ['TABLE']);
    const message = await said(players[0], roomOf('table'), 'cafe\u0301 at eight?');
    assert.equal(message.text, 'caf\u00e9 at eight?');
    assert.deepEqual([message.seq, message.revision, message.author.username], ['1', 1, 'player0']);
    await said(god, roomOf('table'), 'yes', { reply_to: message.id });
    assert.deepEqual(await texts(spectator, roomOf('table')), ['caf\u00e9 at eight?', 'yes']);
    await mayNotSay(spectator, roomOf('table'), 403, 'NOT_A_LIVING_PLAYER');
    await refused(null, 'GET', `/rooms/${roomOf('table')}/messages`, undefined, 401, 'TOKEN_INVALID');
});

test('a list says where a stream of the room goes on', async () => {
    const cursorOf = async (person) => (await call(system, 'GET', `/rooms/${roomOf('table')}/messages`, { token: person.token })).headers.get('conse-cursor');
    const mine = await cursorOf(players[0]);
    assert.match(mine, /^[A-Za-z2-7]{8}\.2$/);
    assert.equal(await cursorOf(players[1]), mine);
    assert.notEqual((await cursorOf(god)).split('.')[0], mine.split('.')[0]);
});

test('what can not be said is named', async () => {
    const route = `/rooms/${roomOf('table')}/messages`, good = { client_id: newId(), text: 'x' };
    for (const text of ['', ' ', 'a\tb', 'a\u202eb', 'a\u2066b', 'x'.repeat(2001)]) await refused(players[0], 'POST', route, { ...good, text }, 400, 'INVALID_FIELD', 'text');
    for (const client_id of ['', 'short', 'x'.repeat(37)]) await refused(players[0], 'POST', route, { ...good, client_id }, 400, 'INVALID_FIELD', 'client_id');
    await refused(players[0], 'POST', route, { ...good, reply_to: newId() }, 400, 'INVALID_FIELD', 'reply_to');
    await refused(players[0], 'POST', '/rooms/table/messages', good, 400, 'INVALID_FIELD', 'room_id');
    await said(players[0], roomOf('table'), 'ب'.repeat(2000));
});

test('a message is sent once', async () => {
    const body = { client_id: newId(), text: 'once' }, route = `/rooms/${roomOf('table')}/messages`;
    const first = await call(system, 'POST', route, { token: players[0].token, body });
    const second = await call(system, 'POST', route, { token: players[0].token, body });
    assert.deepEqual([first.status, second.status], [201, 200]);
    assert.deepEqual(second.body.message, first.body.message);
    await refused(players[0], 'POST', route, { ...body, text: 'twice' }, 422, 'CLIENT_ID_MISMATCH');
});

test('a message is changed by its revision, and taken back', async () => {
    const room = roomOf('table'), message = await said(players[0], room, 'teh');
    const route = `/rooms/${room}/messages/${message.id}`;
    const change = (text, tag) => call(system, 'PATCH', route, { token: players[0].token, body: { text }, headers: tag ? { 'If-Match': tag } : {} });
    assert.equal((await change('the', '"rev-2"')).status, 412);
    assert.equal((await change('the', '"act-1"')).status, 412);
    const { status, body } = await change('the', '"rev-1"');
    assert.deepEqual([status, body.message.text, body.message.revision], [200, 'the', 2]);
    assert.ok(body.message.edited_at);
    await refused(players[1], 'PATCH', route, { text: 'mine' }, 403, 'NOT_OWNER');
    await refused(players[1], 'DELETE', route, undefined, 403, 'NOT_OWNER');
    assert.equal((await call(system, 'DELETE', route, { token: players[0].token })).status, 204);
    const [gone] = (await list(players[1], room)).messages.slice(-1);
    assert.deepEqual([gone.text, gone.deleted.by], ['', 'AUTHOR']);
    await refused(players[0], 'PATCH', route, { text: 'new' }, 409, 'MESSAGE_DELETED');
    const [seen] = (await list(god, room, '?all_texts=true')).messages.slice(-1);
    assert.deepEqual(seen.texts, ['teh', 'the']);
    await refused(players[1], 'GET', `/rooms/${room}/messages?all_texts=true`, undefined, 403, 'NOT_OWNER');
});

test('two tabs come to one number of unread messages', async () => {
    const room = roomOf('table'), read = (seq) => ok(system, 'PUT', `/rooms/${room}/cursor`, { token: players[2].token, body: { seq } });
    const { head, messages } = await list(players[2], room, '?page_size=100');
    const places = messages.map((message) => message.seq);
    await Promise.all([...places, ...places].sort(() => Math.random() - 0.5).map(read));
    const [table] = await rooms(players[2]);
    assert.deepEqual([table.cursor, table.unread], [places.at(-1), 0]);
    assert.equal((await read(1)).cursor, places.at(-1));
    await said(players[0], room, 'news');
    await eventually(async () => (await rooms(players[2]))[0].unread === 1, 2000); // also at a process that hears of it
    assert.ok(BigInt((await rooms(players[2]))[0].head) > BigInt(head));
    assert.equal((await rooms(players[0]))[0].unread, 1, 'own messages are not unread, those of others are');
});

test('who leads slows and mutes, and hears of reports', async () => {
    const room = roomOf('table'), until = new Date(Date.now() + 3600e3).toISOString();
    await refused(players[0], 'PUT', `/rooms/${room}/slow-mode`, { seconds: 60 }, 403, 'NOT_OWNER');
    assert.equal((await ok(system, 'PUT', `/rooms/${room}/slow-mode`, { token: god.token, body: { seconds: 60 } })).room.slow_mode, 60);
    const slow = await say(players[0], room, 'again');
    assert.deepEqual([slow.status, slow.body.code], [429, 'SLOW_MODE']);
    assert.ok(Number(slow.headers.get('retry-after')) <= 60);
    await said(god, room, 'one');
    await said(god, room, 'two');
    await ok(system, 'PUT', `/rooms/${room}/slow-mode`, { token: god.token, body: { seconds: 0 } });
    await ok(system, 'PUT', `/rooms/${room}/mutes/${players[0].id}`, { token: god.token, body: { until, reason: 'shouts' } });
    await mayNotSay(players[0], room, 403, 'MUTED');
    await refused(players[0], 'PUT', `/rooms/${room}/typing`, {}, 403, 'MUTED');
    await ok(system, 'PUT', `/rooms/${room}/mutes/${players[0].id}`, { token: god.token, body: {} });
    const message = await said(players[0], room, 'rude');
    await ok(system, 'POST', `/rooms/${room}/messages/${message.id}/report`, { token: players[1].token, body: { reason: 'hurts' } });
    const report = async (person) => (await list(person, room)).messages.at(-1).reports;
    assert.deepEqual((await report(god)).map((each) => [each.user.username, each.reason]), [['player1', 'hurts']]);
    assert.deepEqual(await report(players[0]), []);
    await ok(system, 'PUT', `/rooms/${room}/typing`, { token: players[0].token, body: {} });
});

test('the god speaks with each player alone from the lock on', async () => {
    assert.deepEqual(await kinds(players[0]), ['TABLE']);
    await lead('POST', '/lock');
    assert.deepEqual(await kinds(players[0]), ['TABLE', 'GOD']);
    assert.deepEqual(await kinds(god), ['TABLE', 'GOD', 'GOD', 'GOD', 'GOD']);
    assert.deepEqual(await kinds(dev), ['TABLE']);
    const room = roomOf(`god.${players[0].id}`);
    await said(players[0], room, 'who am I?');
    await said(god, room, 'wait');
    for (const person of [players[1], dev, spectator]) {
        const absent = await refused(person, 'GET', `/rooms/${room}/messages`, undefined, 404, 'NOT_FOUND');
        const never = await refused(person, 'GET', `/rooms/${event.id}.god.${newId()}/messages`, undefined, 404, 'NOT_FOUND');
        assert.equal(absent.detail, never.detail);
    }
});

test('a side that meets has a room at night', async () => {
    await lead('POST', '/reveal');
    const seen = (await readEvent(system, god, event)).players;
    const ofSide = (slug) => seen.filter((player) => roles.find((role) => role.id === player.role_id).slug.match(slug)).map((player) => players.find((each) => each.id === player.user_id));
    mafia = ofSide(/mafia-boss|nightmare/);
    [citizen, other] = ofSide(/doctor|sheriff/);
    const sideId = roles.find((role) => role.slug === 'mafia-boss').side_id, room = roomOf(`side.${sideId}`);
    const citizens = roomOf(`side.${roles.find((role) => role.slug === 'doctor').side_id}`);
    assert.deepEqual(await kinds(mafia[0]), ['TABLE', 'SIDE', 'GOD']);
    assert.deepEqual(await kinds(citizen), ['TABLE', 'GOD']);
    await refused(citizen, 'GET', `/rooms/${citizens}/messages`, undefined, 404, 'NOT_FOUND');
    await mayNotSay(mafia[0], room, 409, 'ROOM_CLOSED');
    await lead('POST', '/phases', { kind: 'NIGHT' });
    await said(mafia[0], room, 'the doctor');
    await mayNotSay(citizen, roomOf('table'), 409, 'ROOM_CLOSED');
    await mayNotSay(mafia[0], roomOf('table'), 409, 'ROOM_CLOSED');
    assert.deepEqual(await texts(mafia[1], room), ['the doctor']);
    assert.deepEqual(await texts(god, room), ['the doctor']);
    let side;
    await eventually(async () => {
        [side] = (await rooms(mafia[1])).filter((each) => each.kind === 'SIDE');
        return side.unread > 0;
    }, 2000);
    assert.deepEqual([side.id, side.side.name, side.unread, side.may_write], [room, 'Mafia', 1, true]);
    for (const person of [citizen, spectator]) {
        await refused(person, 'GET', `/rooms/${room}/messages`, undefined, 404, 'NOT_FOUND');
        await mayNotSay(person, room, 404, 'NOT_FOUND');
    }
});

test('what was said in a phase is not changed after it', async () => {
    await lead('POST', '/phases', { kind: 'DAY' });
    const message = await said(citizen, roomOf('table'), 'I am the doctor'), route = `/rooms/${roomOf('table')}/messages/${message.id}`;
    await ok(system, 'PATCH', route, { token: citizen.token, body: { text: 'I am nobody' } });
    await lead('POST', '/phases', { kind: 'MID_DAY' });
    await refused(citizen, 'PATCH', route, { text: 'who, me?' }, 409, 'PHASE_OVER');
});

test('the silenced are silent at the table, and the dead talk among themselves', async () => {
    await lead('PATCH', `/players/${other.id}`, { status: 'SILENT_2_PHASES' });
    await mayNotSay(other, roomOf('table'), 403, 'SILENCED');
    await refused(citizen, 'GET', `/rooms/${roomOf('dead')}/messages`, undefined, 404, 'NOT_FOUND');
    await lead('PATCH', `/players/${citizen.id}`, { status: 'DEAD' });
    await mayNotSay(citizen, roomOf('table'), 403, 'NOT_A_LIVING_PLAYER');
    await said(citizen, roomOf('dead'), 'so dark');
    assert.deepEqual(await texts(god, roomOf('dead')), ['so dark']);
    await refused(other, 'GET', `/rooms/${roomOf('dead')}/messages`, undefined, 404, 'NOT_FOUND');
});

test('at the end everybody reads everything but the rooms of two', async () => {
    const sideId = roles.find((role) => role.slug === 'mafia-boss').side_id;
    await lead('POST', '/finish', { winning_side_ids: [sideId] });
    assert.deepEqual(await kinds(spectator), ['TABLE', 'SIDE', 'DEAD']);
    assert.deepEqual(await texts(spectator, roomOf(`side.${sideId}`)), ['the doctor']);
    assert.deepEqual(await texts(spectator, roomOf('dead')), ['so dark']);
    await mayNotSay(mafia[0], roomOf('table'), 409, 'EVENT_OVER');
    await refused(spectator, 'GET', `/rooms/${roomOf(`god.${players[0].id}`)}/messages`, undefined, 404, 'NOT_FOUND');
    await said(players[0], roomOf(`god.${players[0].id}`), 'thanks');
});

test('everybody has what they said', async () => {
    const own = [];
    for (let token = ''; ;) {
        const page = await ok(system, 'GET', `/messages?page_size=2&page_token=${token}`, { token: players[0].token });
        own.push(...page.messages);
        if (!(token = page.next_page_token)) break;
    }
    assert.ok(own.length > 5 && own.every(({ message }) => message.author.id === players[0].id));
    assert.ok(own.some(({ room_id: room, message }) => room === roomOf(`god.${players[0].id}`) && message.text === 'who am I?'));
});

test('an event without rooms has none', async () => {
    const quiet = await openEvent(system, god, deck, { max_players: 4, chat: false });
    await seatAll(system, quiet, players.slice(0, 1));
    assert.deepEqual(await rooms(players[0], quiet), []);
    await mayNotSay(players[0], `${quiet.id}.table`, 404, 'NOT_FOUND');
});

// Repeats one message until its outcome is known.
async function insist(room, body) {
    const again = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'DEADLINE_PASSED', 'OUTCOME_UNKNOWN', 'STORE_AWAY']);
    for (const deadline = Date.now() + PATIENCE_MS; ;) {
        const reply = await call(system, 'POST', `/rooms/${room}/messages`, { token: players[0].token, body });
        if (!again.has(reply.body.code)) return reply;
        assert.ok(Date.now() < deadline, `${body.client_id} is not answered any more: ${JSON.stringify(reply.body)}`);
        await new Promise((resolve) => setTimeout(resolve, 3));
    }
}

// Ids of the room's messages in which they were told that they are named.
async function mentionsOf(person, room) {
    const ids = [];
    for (let before = ''; ; ) {
        const { notifications, more } = await ok(system, 'GET', `/notifications?page_size=100${before}`, { token: person.token });
        ids.push(...notifications.filter((each) => each.kind === 'MENTIONED' && each.room_id === room).map((each) => each.message_id));
        if (!more) return ids;
        before = `&before=${notifications.at(-1).index}`;
    }
}

test('a thousand sends of a hundred messages under kill -9 make a hundred messages, and as many mentions', async () => {
    const busy = await openEvent(system, god, deck, { max_players: 4 });
    await seatAll(system, busy, players.slice(0, 1));
    const room = `${busy.id}.table`;
    const bodies = Array.from({ length: CLIENT_IDS }, (_, i) => ({ client_id: newId(), text: `message ${i} to @spectator` }));
    const replies = bodies.map(() => []), answered = () => replies.flat().length;
    const killedAt = []; // how many sends had been answered
    let ended = false;
    const sends = Array.from({ length: SENDS }, (_, i) => i % CLIENT_IDS).sort(() => Math.random() - 0.5);
    const send = async () => { for (let i = sends.pop(); i !== undefined; i = sends.pop()) replies[i].push(await insist(room, bodies[i])); };
    const running = Promise.all(Array.from({ length: AT_ONCE }, send)).finally(() => (ended = true));
    for (let kill = 0; kill < KILLS && !ended; kill++) {
        const at = kill * 150 + crypto.randomInt(150);
        await eventually(() => answered() >= at || ended, PATIENCE_MS);
        killedAt.push(answered());
        for (const name of system.replicasOf('events')) await system.restart(name);
    }
    await running;
    assert.ok(killedAt.filter((count) => count > 0 && count < SENDS).length >= 3, `it was killed after ${killedAt} of ${SENDS} answers`);
    const made = replies.flat().filter(({ status }) => status === 201).length; // an answer that a kill took is given as a repetition
    assert.ok(made > 0 && made <= CLIENT_IDS, `${made} were the first`);
    for (const each of replies) {
        assert.equal(each.length, SENDS / CLIENT_IDS);
        for (const reply of each) {
            assert.ok([200, 201].includes(reply.status), JSON.stringify(reply.body));
            assert.deepEqual(reply.body.message, each[0].body.message);
        }
    }
    const { messages } = await list(players[0], room, '?page_size=100');
    assert.deepEqual(messages.map((message) => message.text).sort(), bodies.map((body) => body.text).sort());
    assert.equal((await list(players[0], room, '?page_size=100&after=100')).messages.length, 0);
    const ids = messages.filter((message) => message.mentions.length === 1).map((message) => message.id).sort();
    assert.equal(ids.length, CLIENT_IDS);
    await eventually(async () => (await mentionsOf(spectator, room)).length >= CLIENT_IDS, PATIENCE_MS);
    assert.deepEqual((await mentionsOf(spectator, room)).sort(), ids);
});
