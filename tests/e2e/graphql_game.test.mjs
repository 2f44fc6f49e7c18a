// The game through GraphQL: the same values as through REST, of links too, which are asked for together; mutations in order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, bothFaces, data, selectionOf, told } from './parts/graphql.mjs';
import { as, LIMITS, makeDeck, makeGod, openBody, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, ok, signUp } from './parts/people.mjs';
import { playGames } from './parts/played.mjs';
import { metricOf, startSystem } from './parts/system.mjs';

const EVENTS = 1000;
const AT_ONCE = 5; // of an operation: each of them costs many objects
let system;
let faces;
let god;
let deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    faces = await bothFaces(system);
    god = await makeGod(system, 'gandalf');
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

// The same sequence on each run.
function random(seed) {
    let state = seed;
    return (most) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state % most;
    };
}

const WORDS = ['night', 'شب', '"quoted"', 'tab\\', 'ü', '🎭', '<b>', 'x'];

async function openRandom(opener, dice) {
    const max = 4 + dice(20);
    const body = openBody(opener, opener.deck, {
        title: Array.from({ length: 1 + dice(4) }, () => WORDS[dice(WORDS.length)]).join(' '),
        content: dice(2) ? 'two\nlines' : '',
        max_players: max,
        min_players: dice(2) ? 1 + dice(max) : undefined,
        waitlist: dice(2) === 1,
        secret_ballot: dice(2) === 1,
        spectator_delay: dice(3) ? undefined : `${dice(3600)}.5s`,
        reveal_on_death: [undefined, 'NONE', 'SIDE', 'ROLE'][dice(4)],
    });
    const { event } = await ok(system, 'POST', '/events', { token: opener.token, body });
    return { event, opener };
}

async function stir({ event, opener }, people, dice) {
    const guests = people.slice(0, dice(3));
    for (const person of guests) await call(system, 'POST', `/events/${event.id}/reservations`, { token: person.token, body: {} });
    if (dice(3) === 0) await ok(system, 'PUT', `/events/${event.id}/vote`, { token: people[0].token, body: { vote: dice(2) ? 'UP' : 'DOWN' } });
    if (dice(8) === 0) await ok(system, 'POST', `/events/${event.id}/cancel`, { token: opener.token, body: {} });
}

async function compareOpen(dice) {
    const gods = [];
    for (let i = 0; i < 10; i++) {
        const one = await makeGod(system, `god${i}`);
        one.deck = await makeDeck(system, one, { roles: 26 });
        gods.push(one);
    }
    const people = await signUpMany(system, 'guest', 3);
    const events = [];
    for (let i = 0; i < EVENTS; i++) events.push(await openRandom(gods[i % gods.length], dice));
    for (const each of events) if (dice(3) === 0) await stir(each, people, dice);
    for (let i = 0; i < EVENTS; i += AT_ONCE) {
        const some = events.slice(i, i + AT_ONCE);
        const token = [undefined, people[0].token, some[0].opener.token][dice(3)];
        const query = `{ ${some.map(({ event }, k) => `e${k}: event(id: "${event.id}") { ...All }`).join(' ')} } fragment All on Event ${faces.select('Event')}`;
        const got = await data(system, query, { token });
        for (const [k, { event }] of some.entries()) {
            const rest = await ok(system, 'GET', `/events/${event.id}`, { token });
            assert.deepEqual(got[`e${k}`], faces.tell(rest.event, 'Event'));
        }
    }
}

// What leads on from an event, with the route that shows the same: [field, selection of it, its type, route, the value in the reply].
const LIST = (field, type, route, key) => [`${field}(first: 9)`, () => `{ nodes ${faces.select(type)} pageInfo { hasNextPage } }`, type, `${route}?page_size=9`, (body) => body[key]];
const LINKS = [
    ['deal', () => faces.select('Deal'), 'Deal', '/deal', ({ deal }) => deal],
    ['deck', () => faces.select('Deck'), 'Deck', '/deck', ({ deck }) => deck],
    ['myPlayer', () => faces.select('Me'), 'Me', '/me', (body) => body],
    LIST('phases', 'PhaseReport', '/phases', 'phases'), LIST('polls', 'Poll', '/polls', 'polls'), LIST('notes', 'Note', '/notes', 'notes'),
    LIST('uses', 'Use', '/uses', 'uses'), LIST('waiting', 'Waiting', '/waitlist', 'waitlist'),
    ['bans', () => faces.select('Ban'), 'Ban', '/bans', ({ bans }) => bans],
];

// One link, or its refusal, in both.
async function compareLink(event, [field, selection, type, route, pick], token, what) {
    const { body } = await ask(system, `query($id: ID!) { event(id: $id) { it: ${field} ${selection()} } }`, { token, variables: { id: event.id } });
    const rest = await call(system, 'GET', `/events/${event.id}${route}`, { token });
    if (rest.status !== 200) return assert.deepEqual([body.data.event.it, body.errors.map(({ path, message, extensions }) => [path, message, extensions.code])], [null, [[['event', 'it'], rest.body.detail, rest.body.code]]], what);
    assert.equal(body.errors, undefined, what);
    const { it } = body.data.event, value = pick(rest.body);
    assert.deepEqual(it?.nodes ?? it, Array.isArray(value) ? value.map((one) => faces.tell(one, type)) : faces.tell(value, type), what);
    if (it?.pageInfo) assert.equal(it.pageInfo.hasNextPage, rest.body.next_page_token !== '', what);
}

async function comparePlayed() {
    const [waiting, banned, stranger] = [await signUp(system, 'waiting'), await signUp(system, 'banned'), await signUp(system, 'stranger')];
    const players = await signUpMany(system, 'seated', 4), other = await makeGod(system, 'othergod');
    const games = await playGames({ system, god, deck }, { players, waiting, banned });
    const viewers = { god, other, nobody: undefined, stranger, waiting, banned, living: players[0], silent: players[2], dead: players[3] };
    const states = new Set();
    for (const { event, stage } of games)
        for (const [who, viewer] of Object.entries(viewers)) {
            const token = viewer?.token, { event: rest } = await ok(system, 'GET', `/events/${event.id}`, { token });
            const got = await data(system, `query($id: ID!) { event(id: $id) ${faces.select('Event')} }`, { token, variables: { id: event.id } });
            assert.deepEqual(got.event, faces.tell(rest, 'Event'), `${who} at ${stage}`);
            for (const link of LINKS) await compareLink(event, link, token, `${who} at ${stage}: ${link[0]}`);
            states.add(rest.state);
        }
    assert.deepEqual([...states].sort(), ['CANCELLED', 'DONE', 'LOCKED', 'REVEALED', 'RUNNING']);
}

test('a thousand random events are the same through REST and GraphQL', () => compareOpen(random(20261130)));

test('so are games and what they link to, however far they are and whoever looks', comparePlayed);

test('so is the log of a game', async () => {
    const players = await signUpMany(system, 'player', 5);
    const event = await openEvent(system, god, deck, { max_players: 6 });
    await seatAll(system, event, players);
    const act = as(system, god, event);
    await act('POST', '/lock', {});
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    await act('POST', `/players/${players[0].id}/fouls`, {});
    await act('PATCH', `/players/${players[1].id}`, { status: 'DEAD' });
    const { poll } = await act('POST', '/polls', { kind: 'NOMINATION' });
    await ok(system, 'PUT', `/events/${event.id}/polls/${poll.id}/ballot`, { token: players[0].token, body: { candidate_id: 'NONE' } });
    for (const viewer of [god, players[0], players[1], undefined]) {
        const { event: rest } = await ok(system, 'GET', `/events/${event.id}`, { token: viewer?.token });
        const got = await data(system, `query($id: ID!) { event(id: $id) ${faces.select('Event')} }`, { token: viewer?.token, variables: { id: event.id } });
        assert.deepEqual(got.event, faces.tell(rest, 'Event'));
        const log = await readLog(system, viewer, event);
        const plain = (type, field) => faces.isShown(type, field) && field.name !== 'fields'; // a union
        const all = selectionOf(faces.typeOf('LogEntry'), plain);
        const entries = await data(system, `query($id: ID!) { log(eventId: $id, limit: 500) { entries ${all} } }`, { token: viewer?.token, variables: { id: event.id } });
        assert.deepEqual(entries.log.entries, log.entries.map((entry) => told(entry, faces.typeOf('LogEntry'), plain)));
    }
    const fields = await data(system, `query($id: ID!) { log(eventId: $id) { entries { kind fields { __typename ... on EntryFouled { userId } ... on EntryStatusSet { userId status } } } } }`, { token: god.token, variables: { id: event.id } });
    const fouled = fields.log.entries.find(({ kind }) => kind === 'FOULED');
    assert.deepEqual(fouled.fields, { __typename: 'EntryFouled', userId: players[0].id });
});

test('a list of twenty with their god, group and deck takes two messages, and none to auth', async () => {
    const query = '{ events(first: 20) { nodes { title god { username } group { name } deck { name } } } }';
    const sent = () => Promise.all(['events', 'auth', 'chain'].map((service) => metricOf(system, service, 'conse_rpc_messages_total')));
    const asked = () => Promise.all(['GetEventDeck', 'ListEvents'].map((method) => metricOf(system, 'events', `conse_rpc_calls_total{method="events.${method}"}`)));
    const spent = [];
    for (let i = 0; i < 5; i++) { // others send messages of their own now and then
        const calls = await asked(), before = await sent();
        const { events } = await data(system, query, { token: god.token });
        spent.push((await sent()).map((count, service) => count - before[service]));
        assert.equal(events.nodes.length, 20);
        assert.ok(events.nodes.every((node) => node.god.username && node.group.name && node.deck.name));
        assert.deepEqual(await asked(), [calls[0] + 20, calls[1] + 1]);
    }
    const least = (service) => Math.min(...spent.map((counts) => counts[service]));
    assert.ok(least(0) <= Math.min(4, system.replicasOf('events').length + 1), JSON.stringify(spent));
    assert.deepEqual([least(1), least(2)], [0, 0], JSON.stringify(spent));
});

test('equal questions are asked once', async () => {
    const event = await openEvent(system, god, deck);
    const calls = () => metricOf(system, 'events', 'conse_rpc_calls_total{method="events.GetProfile"}');
    const before = await calls();
    const query = 'query($id: ID!) { event(id: $id) { god { profile { username } } deck { group { god { profile { level } } } } } again: event(id: $id) { god { profile { id } } } }';
    const got = await data(system, query, { token: god.token, variables: { id: event.id } });
    assert.equal(got.event.god.profile.username, 'gandalf');
    assert.equal(got.event.deck.group.god.profile.level, 'GOD');
    assert.equal((await calls()) - before, 1);
});

test('a link has the rights of its method', async () => {
    const [zoe] = await signUpMany(system, 'zoe', 1);
    const event = await openEvent(system, god, deck);
    const query = '{ groups(first: 1) { nodes { decks { nodes { name } } god { profile { username } } } } }';
    const { body } = await ask(system, query, { token: zoe.token });
    assert.deepEqual(body.errors.map(({ path, extensions }) => [path.join('.'), extensions.code]), [['groups.nodes.0.decks', 'LEVEL_TOO_LOW']]);
    const nobody = await ask(system, query);
    assert.deepEqual(nobody.body.errors.map(({ extensions }) => extensions.code), ['TOKEN_INVALID', 'TOKEN_INVALID']);
    const hidden = await ask(system, `{ event(id: "${event.id}") { waiting { nodes { username } } title } }`, { token: zoe.token });
    assert.deepEqual([hidden.body.data.event.title, hidden.body.errors[0].extensions.code], ['Friday night', 'NOT_OWNER']);
});

test('mutations run in their order, with keys that count', async () => {
    const event = await openEvent(system, god, deck);
    const players = await signUpMany(system, 'mover', 2);
    await seatAll(system, event, players);
    const query = `mutation($e: LockInput!, $seat: SeatInput!) {
        lock: lockEvent(input: $e) { event { state } }
        early: foulPlayer(input: $seat) { fouls }
        reveal(input: { eventId: "${event.id}" }) { event { state deck { name } } }
        day: openPhase(input: { eventId: "${event.id}", kind: DAY }, idempotencyKey: "day-1") { phase { number kind state } }
        again: openPhase(input: { eventId: "${event.id}", kind: DAY }, idempotencyKey: "day-1") { phase { number } }
        other: openPhase(input: { eventId: "${event.id}", kind: DAY }) { phase { number } }
        one: foulPlayer(input: $seat) { fouls }
        two: foulPlayer(input: $seat) { fouls }
    }`;
    const variables = { e: { eventId: event.id }, seat: { eventId: event.id, userId: players[0].id } };
    const { body } = await ask(system, query, { token: god.token, variables });
    assert.deepEqual(body.data, {
        lock: { event: { state: 'LOCKED' } },
        early: null,
        reveal: { event: { state: 'REVEALED', deck: { name: 'evening' } } },
        day: { phase: { number: 1, kind: 'DAY', state: 'OPEN' } },
        again: { phase: { number: 1 } },
        other: null,
        one: { fouls: 1 },
        two: { fouls: 2 },
    });
    assert.deepEqual(body.errors.map(({ path, extensions }) => [path[0], extensions.code]), [['early', 'EVENT_NOT_REVEALED'], ['other', 'PHASE_REPEATED']]);
});

test('a refusal names the argument that it is about', async () => {
    const rows = [
        ['{ events(first: 1000) { pageInfo { hasNextPage } } }', 'first'],
        ['{ event(id: "x") { id } }', 'id'],
        ['{ event(id: "x") { id } }', 'id'],
        ['{ events(after: "nonsense") { pageInfo { hasNextPage } } }', 'after'],
        [`mutation { updateEvent(input: { eventId: "${god.id}", startsAt: { local: "2026", zone: "UTC" } }) { event { id } } }`, 'startsAt.local'],
    ];
    for (const [query, field] of rows) {
        const [error] = (await ask(system, query, { token: god.token })).body.errors;
        assert.equal(error.extensions.status, 400, JSON.stringify(error));
        if (error.extensions.fields) assert.equal(error.extensions.fields[0].field, field, query);
        else assert.equal(error.extensions.code, 'BAD_PAGE_TOKEN');
    }
});
