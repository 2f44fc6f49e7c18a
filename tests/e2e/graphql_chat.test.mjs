// A room over GraphQL alone: what is said, changed, taken back, reported, slowed and muted, by requests and over sockets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { ask, data } from './parts/graphql.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { eventually, signUp } from './parts/people.mjs';
import { connect, ROOM, WAYS } from './parts/socket.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, one, two, stranger, dealt;

before(async () => {
    system = await startSystem({ env: LIMITS });
    const four = await makeFour(system);
    dealt = await dealFour(system, four);
    ({ god } = four);
    [one, two] = dealt.citizens;
    stranger = await signUp(system, 'stranger');
    await dealt.g('POST', '/phases', { kind: 'DAY' });
});

after(() => system?.stop());

const SEND = 'mutation($in: SendMessageInput!) { sendMessage(input: $in) { existing message { id seq text revision clientId author { username } mentions { username } } } }';
const LIST = 'query($id: ID!, $before: UInt64, $after: UInt64, $around: UInt64, $size: Int, $all: Boolean) { messages(roomId: $id, before: $before, after: $after, around: $around, pageSize: $size, allTexts: $all) { head moreBefore moreAfter messages { seq text texts editedAt clientId deleted { by } reports { reason user { username } } } } }';

const as = (person, query, variables) => ask(system, query, { token: person?.token, variables });
const does = (person, query, variables) => data(system, query, { token: person.token, variables });
const send = (person, clientId, text, more) => as(person, SEND, { in: { roomId: dealt.table, clientId, text, ...more } });
const list = async (person, more) => (await does(person, LIST, { id: dealt.table, ...more })).messages;
const refusal = async (asked) => { const [{ path, extensions: { code, status, retryAfter } }] = (await asked).body.errors; return retryAfter ? [path.join('.'), code, status, 'later'] : [path.join('.'), code, status]; };

test('a message is sent once, by a request or over a socket, and heard by who follows', async () => {
    const ways = Object.values(WAYS).map((open) => open(system, two)), heard = ways.map((way) => way.follow(ROOM, { id: dealt.table }));
    for (const each of heard) assert.deepEqual((await each.next()).state.messages, []);
    const first = (await send(one, 'client-id-of-one-01', '@player0 @player1 @player2 @player3 cafe\u0301?')).body.data.sendMessage;
    assert.deepEqual([first.existing, first.message.seq, first.message.text, first.message.author.username], [false, '1', '@player0 @player1 @player2 @player3 caf\u00e9?', one.user.username]);
    assert.ok(first.message.mentions.length >= 3);
    const socket = connect(system, { token: one.token });
    const again = (await socket.ask(SEND, { in: { roomId: dealt.table, clientId: 'client-id-of-one-01', text: first.message.text } })).data.sendMessage;
    assert.deepEqual(again, { ...first, existing: true });
    const other = (await socket.ask(SEND, { in: { roomId: dealt.table, clientId: 'client-id-of-one-02', text: 'teh', replyTo: first.message.id } })).data.sendMessage;
    const mismatch = (await socket.ask(SEND, { in: { roomId: dealt.table, clientId: 'client-id-of-one-02', text: 'the' } })).errors[0];
    assert.deepEqual([other.message.seq, mismatch.extensions.code, mismatch.path], ['2', 'CLIENT_ID_MISMATCH', ['sendMessage']]);
    for (const each of heard) assert.deepEqual((await each.entries(2)).map(({ kind, message }) => [kind, message.text]), [['SAID', first.message.text], ['SAID', 'teh']]);

    const change = (person, text, name = other.message.id) => as(person, 'mutation($in: UpdateMessageInput!) { updateMessage(input: $in) { message { text revision editedAt } } }', { in: { roomId: dealt.table, messageId: name, text } });
    const changed = (await change(one, 'the')).body.data.updateMessage.message;
    assert.deepEqual([changed.text, changed.revision, !!changed.editedAt], ['the', 2, true]);
    assert.deepEqual(await refusal(change(two, 'mine')), ['updateMessage', 'NOT_OWNER', 403]);
    const remove = (person) => as(person, 'mutation($in: MessageInput!) { deleteMessage(input: $in) { done } }', { in: { roomId: dealt.table, messageId: other.message.id } });
    assert.deepEqual(await refusal(remove(two)), ['deleteMessage', 'NOT_OWNER', 403]);
    assert.deepEqual((await remove(one)).body.data, { deleteMessage: { done: true } });
    assert.deepEqual(await refusal(change(one, 'new')), ['updateMessage', 'MESSAGE_DELETED', 409]);
    for (const each of heard) assert.deepEqual((await each.entries(2)).map(({ kind }) => kind), ['EDITED', 'DELETED']);
    for (const way of [...ways]) way.close();
    socket.dispose();
});

test('it is listed by pages, each as who reads may see it', async () => {
    for (let i = 3; i <= 6; i++) assert.equal((await send(two, `client-id-of-two-0${i}`, `word ${i}`)).body.errors, undefined);
    const seqs = ({ messages, moreBefore, moreAfter }) => [messages.map(({ seq }) => Number(seq)), moreBefore, moreAfter];
    const all = await list(two), [first, gone] = all.messages.map(({ seq }) => seq);
    assert.deepEqual([all.messages.length, all.moreBefore, all.moreAfter], [6, false, false]);
    const places = all.messages.map(({ seq }) => Number(seq));
    assert.deepEqual(seqs(await list(two, { size: 2 })), [places.slice(-2), true, false]);
    assert.deepEqual(seqs(await list(two, { size: 2, before: String(places[4]) })), [places.slice(2, 4), true, true]);
    assert.deepEqual(seqs(await list(two, { size: 2, after: first })), [places.slice(1, 3), true, true]);
    assert.deepEqual(seqs(await list(two, { size: 3, around: String(places[3]) })), [places.slice(2, 5), true, true]);
    const shown = (person, more) => list(person, more).then(({ messages }) => messages.find(({ seq }) => seq === gone));
    assert.deepEqual([(await shown(two)).text, (await shown(two)).deleted.by, (await shown(two)).clientId], ['', 'AUTHOR', '']);
    assert.deepEqual((await shown(god, { all: true })).texts, ['teh', 'the']);
    assert.deepEqual(await refusal(as(two, LIST, { id: dealt.table, all: true })), ['messages', 'NOT_OWNER', 403]);
    const own = (await does(one, '{ ownMessages { nodes { roomId message { text } } } }')).ownMessages.nodes;
    assert.deepEqual(own.map(({ roomId }) => roomId), [dealt.table, dealt.table]);
});

test('what was read is known, and who leads slows, mutes and hears of reports', async () => {
    const rooms = async (person) => (await does(person, 'query($id: ID!) { rooms(eventId: $id) { id kind unread cursor mayWrite whyNot slowMode } }', { id: dealt.event.id })).rooms;
    await eventually(async () => (await rooms(one))[0].unread === 4, 2000); // also at a process that hears of it
    const { messages } = await list(one), last = messages.at(-1).seq;
    const read = (person, seq) => does(person, 'mutation($in: RoomCursorInput!) { setRoomCursor(input: $in) { cursor unread } }', { in: { roomId: dealt.table, seq } });
    assert.deepEqual((await read(one, last)).setRoomCursor, { cursor: last, unread: 0 });
    assert.deepEqual((await read(one, '1')).setRoomCursor, { cursor: last, unread: 0 });

    const SLOW = 'mutation($in: SlowRoomInput!) { slowRoom(input: $in) { room { slowMode } } }', slow = (person, seconds) => as(person, SLOW, { in: { roomId: dealt.table, seconds } });
    assert.deepEqual(await refusal(slow(one, 60)), ['slowRoom', 'NOT_OWNER', 403]);
    assert.equal((await slow(god, 60)).body.data.slowRoom.room.slowMode, 60);
    assert.deepEqual(await refusal(send(two, 'client-id-of-two-07', 'so')), ['sendMessage', 'SLOW_MODE', 429, 'later']);
    await slow(god, 0);

    const MUTE = 'mutation($in: MuteInput!) { muteInRoom(input: $in) { mute { user { username } until } } }', until = new Date(Date.now() + 3600e3).toISOString();
    const mute = (person, more) => as(person, MUTE, { in: { roomId: dealt.table, userId: two.id, ...more } });
    assert.deepEqual(await refusal(mute(one, { until })), ['muteInRoom', 'NOT_OWNER', 403]);
    assert.equal((await mute(god, { until, reason: 'shouts' })).body.data.muteInRoom.mute.user.username, two.user.username);
    assert.deepEqual(await refusal(send(two, 'client-id-of-two-08', 'so')), ['sendMessage', 'MUTED', 403, 'later']);
    assert.deepEqual([(await rooms(two))[0].mayWrite, (await rooms(two))[0].whyNot], [false, 'MUTED']);
    assert.equal((await mute(god)).body.data.muteInRoom.mute.until, null);

    const [, , rude] = (await does(one, 'query($id: ID!) { messages(roomId: $id) { messages { id } } }', { id: dealt.table })).messages.messages;
    assert.deepEqual((await does(one, 'mutation($in: ReportMessageInput!) { reportMessage(input: $in) { done } }', { in: { roomId: dealt.table, messageId: rude.id, reason: 'hurts' } })), { reportMessage: { done: true } });
    const reports = async (person) => (await list(person)).messages.flatMap((message) => message.reports);
    assert.deepEqual([await reports(god), await reports(two)], [[{ reason: 'hurts', user: { username: one.user.username } }], []]);
});

test('to who may not read a room it is not there, whatever they do, by either way', async () => {
    const absent = `${dealt.event.id}.side.${stranger.id}`, socket = connect(system, { token: one.token });
    const acts = [
        [SEND, (roomId) => ({ in: { roomId, clientId: 'client-id-of-one-09', text: 'psst' } })], [LIST, (id) => ({ id })],
        ['mutation($in: RoomInput!) { setTyping(input: $in) { done } }', (roomId) => ({ in: { roomId } })],
        ['mutation($in: RoomCursorInput!) { setRoomCursor(input: $in) { cursor } }', (roomId) => ({ in: { roomId, seq: '1' } })],
        ['mutation($in: MessageInput!) { deleteMessage(input: $in) { done } }', (roomId) => ({ in: { roomId, messageId: stranger.id } })],
        ['mutation($in: ReportMessageInput!) { reportMessage(input: $in) { done } }', (roomId) => ({ in: { roomId, messageId: stranger.id } })],
    ];
    const form = ({ data: told, errors }) => JSON.stringify({ told, errors: errors.map((error) => ({ ...error, extensions: { ...error.extensions, traceId: '' } })) });
    for (const [query, variables] of acts) {
        const answers = await Promise.all([dealt.side, absent].flatMap((room) => [as(one, query, variables(room)).then(({ body }) => ({ data: body.data, errors: body.errors })), socket.ask(query, variables(room))]));
        assert.match(form(answers[0]), /"code":"NOT_FOUND"/);
        for (const each of answers) assert.equal(form(each), form(answers[0]), query);
    }
    socket.dispose();
});
