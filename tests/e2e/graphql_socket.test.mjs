// GraphQL over WebSocket with npm's graphql-ws client as it is: operations of all kinds, and how sockets end.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, logIn, ok, prove, signUp } from './parts/people.mjs';
import { connect, EVENT, ME, openSocket } from './parts/socket.mjs';
import { metricOf, startSystem } from './parts/system.mjs';

let system, god, players, deck;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_STREAMS_PER_ADDRESS: '16' } });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god, { roles: 3 });
});

after(() => system?.stop());

async function deal() {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g, score: (n) => g('PUT', `/players/${players[0].id}/score`, { score: n }) };
}

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
// An entry of GET log as GraphQL tells it, without what is unpacked.
const told = ({ fields, ...entry }) => ({ __typename: 'LogEntry', ...Object.fromEntries(Object.entries(entry).map(([name, value]) => [camel(name), value])) });

test('questions, commands and streams go over one socket', async () => {
    const { event, g } = await deal();
    const { client, ...socket } = connect(system, { token: god.token });
    assert.deepEqual((await socket.ask('{ me { username } }')).data, { me: { username: 'thegod' } });
    const log = await readLog(system, god, event);
    const stream = socket.follow(EVENT, { id: event.id });
    const first = await stream.next();
    assert.deepEqual([first.__typename, first.cursor, first.state.id], ['EventSnapshot', log.cursor, event.id]);
    const noted = await socket.ask('mutation($input: NoteInput!) { addNote(input: $input) { __typename } }', { input: { eventId: event.id, userId: players[0].id, audience: 'PLAYER', text: 'Steps.' } });
    assert.equal(noted.errors, undefined);
    await g('POST', '/phases', { kind: 'DAY' });
    const seen = await stream.entries(2);
    assert.deepEqual(seen, (await readLog(system, god, event)).entries.slice(-2).map(told));
    const failed = await socket.ask('{ nothing }').catch((errors) => errors);
    assert.deepEqual(failed.map(({ extensions: { code, status } }) => [code, status]), [['GRAPHQL_INVALID', 400]]);
    const partly = await socket.ask('{ me { id } users { nodes { id } } }');
    assert.deepEqual([partly.data.me.id, partly.errors[0].extensions.code], [god.id, 'LEVEL_TOO_LOW']);
    stream.stop();
    assert.equal(await stream.over, 'complete');
    client.dispose();
    await eventually(async () => (await metricOf(system, 'gateway', 'conse_sockets')) === 0, 5000);
});

test('the decoded entry is beside the hashed one', async () => {
    const { event, g } = await deal();
    const socket = connect(system, { token: god.token });
    const stream = socket.follow('subscription($id: ID!) { event(id: $id) { ... on LogEntry { payload fields { __typename ... on EntryPhaseOpened { number kind } } } } }', { id: event.id });
    assert.deepEqual(await stream.next(), {}); // a snapshot, of which nothing is selected
    await g('POST', '/phases', { kind: 'DAY' });
    const { payload, fields } = await stream.next();
    const entry = (await readLog(system, god, event)).entries.at(-1);
    assert.deepEqual([payload, fields], [entry.payload, { __typename: 'EntryPhaseOpened', number: entry.fields.number, kind: entry.fields.kind }]);
    socket.dispose();
});

test('what a snapshot links to is asked for, each viewer as themselves, and nothing overtakes it', async () => {
    const { event, score } = await deal();
    const document = `subscription($id: ID!) { event(id: $id) { __typename
        ... on EventSnapshot { cursor state { title deck { name } myPlayer { player { userId } } } } ... on LogEntry { index cursor } } }`;
    const sockets = [god, players[0], null].map((person) => connect(system, { token: person?.token }));
    const streams = sockets.map((socket) => socket.follow(document, { id: event.id }));
    const writing = (async () => { for (let i = 1; i <= 10; i++) await score(i); })();
    const [of_god, of_player, of_nobody] = await Promise.all(streams.map((stream) => stream.next()));
    assert.equal(of_god.state.deck.name, (await ok(system, 'GET', `/events/${event.id}/deck`)).deck.name);
    assert.equal(of_player.state.myPlayer.player.userId, players[0].id);
    assert.equal(of_nobody.data?.event ?? of_nobody.state?.myPlayer ?? null, null);
    await writing;
    const all = (await readLog(system, god, event)).entries;
    await eventually(() => streams[0].cursor === all.at(-1).cursor, 5000);
    const offsets = streams[0].all.map(({ cursor }) => Number(cursor.split('.')[1]));
    assert.deepEqual(offsets, offsets.map((_, i) => offsets[0] + i));
    sockets.forEach((socket) => socket.dispose());
});

test('what a user is told comes on a stream of their own; nobody has none', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const [person] = players;
    const socket = connect(system, { token: person.token });
    const mine = socket.follow(ME);
    const { state } = await mine.next();
    await seatAll(system, event, [person]);
    await as(system, god, event)('DELETE', `/reservations/${person.id}`);
    const [entry] = await mine.entries(1);
    assert.deepEqual([entry.kind, entry.eventId, entry.title, Number(entry.index)], ['SEAT_FREED', event.id, event.title, Number(state.count) + 1]);
    const nobody = connect(system);
    const refused = await nobody.follow(ME).over;
    assert.equal(refused[0].extensions.code, 'TOKEN_INVALID');
    assert.equal((await nobody.follow(EVENT, { id: 'x' }).over)[0].extensions.fields[0].field, 'id');
    const gone = await nobody.follow(EVENT, { id: '01a204b8-c493-744e-8dfd-817a593ee201' }).over;
    assert.equal(gone[0].extensions.code, 'NOT_FOUND');
    assert.equal(nobody.closes.length, 0, 'the socket goes on');
    socket.dispose();
    nobody.dispose();
});

test('a token may come with the first message, in a header, or as a ticket', async () => {
    const who = async (bare) => {
        bare.say({ id: '1', type: 'subscribe', payload: { query: '{ me { username } }' } });
        const { payload } = await bare.next();
        bare.socket.close();
        return payload.data.me?.username;
    };
    assert.equal(await who(await openSocket(system, { init: { authorization: `Bearer ${god.token}` } })), 'thegod');
    assert.equal(await who(await openSocket(system, { headers: { Authorization: `Bearer ${god.token}` }, init: {} })), 'thegod');
    const { ticket } = await ok(system, 'POST', '/auth/tickets', { token: god.token });
    assert.equal(await who(await openSocket(system, { query: `?ticket=${ticket}`, init: {} })), 'thegod');
    const again = await openSocket(system, { query: `?ticket=${ticket}`, init: {} });
    assert.deepEqual(await again.closed, { code: 4403, reason: 'TICKET_INVALID' });
    assert.equal((await openSocket(system, { headers: { Authorization: 'Bearer x' } })).status, 401);
    const bad = await openSocket(system, { init: { authorization: 'Bearer x' } });
    assert.deepEqual(await bad.closed, { code: 4403, reason: 'TOKEN_INVALID' });
    assert.equal((await openSocket(system, { query: '?query={me{id}}' })).status, 400);
});

test('a revoked token closes within a second, and another one comes in', async () => {
    const leaver = await signUp(system, 'leaver');
    const socket = connect(system, { token: leaver.token });
    const mine = socket.follow(ME);
    await mine.next();
    const began = Date.now();
    await call(system, 'POST', '/auth/logout', { token: leaver.token, body: {} });
    await mine.over;
    assert.ok(Date.now() - began < 1000);
    assert.deepEqual(socket.closes, [{ code: 4403, reason: 'REVOKED' }]);
});

test('a token is renewed without a stream noticing; of others, or for less, it is not', async () => {
    const { event, score } = await deal();
    const other = await logIn(system, 'thegod');
    const socket = connect(system, { token: god.token });
    const stream = socket.follow(EVENT, { id: event.id });
    await stream.next();
    const renew = (token) => socket.ask('mutation($t: String!) { renewToken(accessToken: $t) { expiresAt } }', { t: token });
    const { data } = await renew(other.token);
    assert.ok(Date.parse(data.renewToken.expiresAt) > Date.now());
    await score(1);
    assert.equal((await stream.entries(1)).length, 1);
    const spoilt = await renew('nonsense');
    assert.deepEqual([spoilt.data.renewToken, spoilt.errors[0].extensions.code], [null, 'TOKEN_INVALID']);
    await score(2);
    assert.equal((await stream.entries(1)).length, 1, 'a token that is none changes nothing');
    await renew(players[0].token).catch(() => {});
    await stream.over;
    assert.deepEqual(socket.closes, [{ code: 4403, reason: 'RIGHTS' }]);
    const nobody = connect(system);
    const refused = await nobody.ask('mutation($t: String!) { renewToken(accessToken: $t) { expiresAt } }', { t: god.token });
    assert.equal(refused.errors[0].extensions.code, 'TOKEN_INVALID');
    nobody.dispose();
});

test('the key of a screen may follow and read, and not write', async () => {
    const { event, score } = await deal();
    await prove(system, god.token);
    const { key } = await ok(system, 'POST', '/auth/api-keys', { token: god.token, body: { name: 'screen', read_only: true } });
    const { access_token: token } = await ok(system, 'POST', '/auth/api-keys/token', { body: { key } });
    const socket = connect(system, { token });
    const stream = socket.follow(EVENT, { id: event.id });
    await stream.next();
    const refused = await socket.ask('mutation($input: EventInput!) { unlockEvent(input: $input) { event { id } } }', { input: { eventId: event.id } });
    assert.equal(refused.errors[0].extensions.code, 'READ_ONLY');
    await score(1);
    await stream.entries(1);
    socket.dispose();
});

test('a room is followed by who may read it, and by nobody else', async () => {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const named = ['mafia-boss', 'nightmare', 'doctor'].map((slug) => roles.find((role) => role.slug === slug));
    const body = { group_id: god.group.id, name: 'with mafia', roles: named.map((role) => ({ role_id: role.id, copies: 1 })) };
    const event = await openEvent(system, god, (await ok(system, 'POST', '/decks', { token: god.token, body })).deck, { max_players: 3 });
    const g = as(system, god, event), side = named[0].side_id, room = `${event.id}.side.${side}`;
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'NIGHT' });
    const cards = (await g('GET', '')).event.players;
    const [mafia, citizens] = [true, false].map((is) => players.filter(({ id }) => (cards.find(({ user_id }) => user_id === id).side_id === side) === is));
    const document = `subscription($id: ID!, $after: String) { room(id: $id, after: $after) { __typename
        ... on RoomSnapshot { cursor state { messages { text } } mine { mayWrite } } ... on RoomEntry { cursor kind message { text } } ... on StreamReset { reason } } }`;
    const sockets = [...mafia, citizens[0], null].map((person) => connect(system, { token: person?.token }));
    const streams = sockets.map((socket) => socket.follow(document, { id: room }));
    const first = await Promise.all(streams.slice(0, 2).map((stream) => stream.next()));
    assert.deepEqual(first.map(({ state, mine }) => [state.messages, mine.mayWrite]), [[[], true], [[], true]]);
    assert.equal((await streams[2].until(() => false).catch(() => streams[2].ended))[0].extensions.code, 'NOT_FOUND');
    assert.equal((await streams[3].over)[0].extensions.code, 'TOKEN_INVALID');
    await ok(system, 'POST', `/rooms/${room}/messages`, { token: mafia[0].token, body: { client_id: crypto.randomUUID(), text: 'him?' } });
    for (const stream of streams.slice(0, 2)) {
        const [{ kind, message }] = await stream.entries(1);
        assert.deepEqual([kind, message], ['SAID', { text: 'him?' }]);
    }
    const again = sockets[0].follow(document, { id: room, after: first[0].cursor });
    assert.equal((await again.entries(1))[0].message.text, 'him?');
    sockets.forEach((socket) => socket.dispose());
});
