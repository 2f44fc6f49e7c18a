// Who follows an event and who writes in its rooms, told over GraphQL as over server-sent events, and no more than that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { call, ok, signUp } from './parts/people.mjs';
import { connect, EVENT, openSocket, PRESENCE, refusalOf, ROOM, WAYS, WRITERS } from './parts/socket.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

let system, four, god, players, stranger;
const NOBODY = '01890000-0000-7000-8000-000000000001';

before(async () => {
    system = await startSystem({ env: LIMITS });
    four = await makeFour(system);
    ({ god, players } = four);
    stranger = await signUp(system, 'stranger');
});

after(() => system?.stop());

const deal = (more) => dealFour(system, four, more);

const come = async (person, event) => {
    const stream = await openStream(system, `/events/${event.id}/stream`, { token: person.token });
    assert.equal((await stream.next()).event, 'snapshot');
    return stream;
};
const statesOf = (list) => Object.fromEntries(list.map(({ user, state }) => [user.id, state]));
const until = (told, test) => told.until((what) => what.state && test(what.state, statesOf(what.state.people)));
const withPairs = async (work) => { for (const [name, open] of Object.entries(WAYS)) await work((...person) => open(system, ...person), name); };

test('a subscription tells the table who is there, from a cursor on, and what the stream tells', () => withPairs(async (open, name) => {
    const { event, citizens: [me, other] } = await deal();
    const mine = open(me), told = mine.follow(PRESENCE, { id: event.id }), first = await told.next();
    assert.deepEqual([first.__typename, first.state.people.map(({ state }) => state)], ['PresenceSnapshot', Array(5).fill('GONE')], name);
    const there = await come(other, event);
    await until(told, (_, states) => states[other.id] === 'CONNECTED');
    const read = await call(system, 'GET', `/events/${event.id}/presence`, { token: me.token });
    assert.equal(read.headers.get('conse-cursor'), told.cursor);
    const again = open(me), back = again.follow(PRESENCE, { id: event.id, after: told.cursor });
    assert.equal((await back.next()).__typename, 'StreamLive');
    const leads = open(god), other_view = leads.follow(PRESENCE, { id: event.id, after: told.cursor });
    assert.deepEqual([(await other_view.next()).reason, (await other_view.next()).__typename], ['RIGHTS', 'PresenceSnapshot']);
    there.close();
    for (const each of [mine, again, leads]) each.close();
}));

test('during a night it stands still for who does not lead, and a side sees itself', () => withPairs(async (open, name) => {
    const { event, g, mafia, citizens, side } = await deal();
    const there = await come(citizens[0], event);
    const eyes = { citizen: citizens[1], stranger, mafia: mafia[0], god }, ways = [], told = {};
    for (const [who, person] of Object.entries(eyes)) {
        ways.push(open(person));
        told[who] = ways.at(-1).follow(PRESENCE, { id: event.id });
        await until(told[who], (_, states) => states[citizens[0].id] === 'CONNECTED');
    }
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const who of ['citizen', 'stranger', 'mafia']) await until(told[who], (state) => state.asOf);
    const before = Object.fromEntries(Object.entries(told).map(([who, { all }]) => [who, all.length]));
    const wakes = await Promise.all(mafia.map((player) => come(player, event)));
    await until(told.god, (_, states) => mafia.every(({ id }) => states[id] === 'CONNECTED'));
    const seen = await until(told.mafia, (state) => mafia.every(({ id }) => statesOf(state.side)[id] === 'CONNECTED'));
    assert.equal(seen.state.sideRoomId, side, name);
    assert.deepEqual(mafia.map(({ id }) => statesOf(seen.state.people)[id]), ['GONE', 'GONE']);
    for (const who of ['citizen', 'stranger']) assert.equal(told[who].all.length, before[who], `${who} is told nothing`);
    await g('POST', '/phases', { kind: 'DAY' });
    await until(told.citizen, (state, states) => !state.asOf && mafia.every(({ id }) => states[id] === 'CONNECTED'));
    for (const each of [...ways, ...wakes, there]) each.close();
}));

const codeOf = async (told) => (await refusalOf(told)).code;

test('who may not know gets what a missing thing gets', async () => {
    const { event, g, citizens, side } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const way = WAYS.socket(system, citizens[0]), nobody = WAYS.socket(system, null), asker = connect(system, { token: citizens[0].token });
    assert.equal(await codeOf(way.follow(PRESENCE, { id: NOBODY })), 'NOT_FOUND');
    assert.equal(await codeOf(nobody.follow(PRESENCE, { id: event.id })), 'TOKEN_INVALID');
    assert.equal(await codeOf(nobody.follow(PRESENCE, { id: NOBODY })), 'TOKEN_INVALID');
    const missing = `${event.id}.side.${NOBODY}`, set = 'mutation($in: RoomInput!) { setTyping(input: $in) { done } }';
    const [theirs, absent] = await Promise.all([side, missing].map((id) => codeOf(way.follow(WRITERS, { id }))));
    assert.deepEqual([theirs, absent], ['NOT_FOUND', 'NOT_FOUND']);
    const wordOf = ({ errors }) => errors.map(({ message, extensions: { code } }) => [message, code]);
    const words = await Promise.all([side, missing].map((roomId) => asker.ask(set, { in: { roomId } })));
    assert.deepEqual(wordOf(words[0]), wordOf(words[1]));
    assert.equal(wordOf(words[0])[0][1], 'NOT_FOUND');
    asker.dispose();
    way.close();
    nobody.close();
});

test('who writes is told to who selects it, until they send, and to nobody else', () => withPairs(async (open, name) => {
    const { g, citizens: [me, other], table } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    const mine = open(me), told = mine.follow(WRITERS, { id: table }), plain = mine.follow(ROOM, { id: table });
    for (const each of [told, plain]) assert.equal((await each.next()).__typename, 'RoomSnapshot', name);
    const theirs = connect(system, { token: other.token });
    assert.deepEqual(await theirs.ask('mutation($in: RoomInput!) { setTyping(input: $in) { done } }', { in: { roomId: table } }).then(({ data }) => data), { setTyping: { done: true } });
    assert.deepEqual((await told.next()).users, [{ id: other.id }]);
    await ok(system, 'POST', `/rooms/${table}/messages`, { token: other.token, body: { client_id: `client-${name}-0001`, text: 'so' } });
    const next = [await told.next(), await told.next()];
    assert.deepEqual(next.map((what) => what.users ?? what.kind).sort(), [[], 'SAID'].sort());
    assert.equal((await plain.next()).kind, 'SAID');
    assert.ok(plain.all.every(({ __typename }) => __typename !== 'RoomTyping'));
    theirs.dispose();
    mine.close();
}));

test('of two tabs one is looked at: they are there; when both are hidden, they are away', () => withPairs(async (open, name) => {
    const { event, citizens: [me, other] } = await deal();
    const looks = open(me), told = looks.follow(PRESENCE, { id: event.id });
    const say = (away, tab) => call(system, 'PUT', `/events/${event.id}/presence`, { token: other.token, body: { away, tab } });
    const tabs = [open(other, '?tab=one'), WAYS.socket(system, other, '?tab=two')];
    for (const each of tabs) assert.equal((await each.follow(EVENT, { id: event.id }).next()).__typename, 'EventSnapshot', name);
    const becomes = (wanted) => until(told, (_, states) => states[other.id] === wanted);
    await becomes('CONNECTED');
    assert.equal((await say(true, 'two')).status, 204);
    await say(true, 'one');
    await becomes('AWAY');
    await say(false, 'two');
    await becomes('CONNECTED');
    tabs[1].close();
    await becomes('AWAY');
    tabs[0].close();
    assert.ok(told.all.every((what) => !what.state || statesOf(what.state.people)[me.id] === 'GONE'), 'who looks at presence alone is not there by that');
    looks.close();
}));

test('the name of a tab is short, and told once', async () => {
    for (const query of [`?tab=${'x'.repeat(129)}`, '?tab=a&tab=b', '?tap=a']) assert.equal((await openSocket(system, { query })).status, 400, query);
    const long = await fetch(`${system.url}/graphql?tab=${'x'.repeat(129)}`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${god.token}` }, body: JSON.stringify({ query: 'subscription { me { __typename } }' }) });
    assert.match(await long.text(), /"code":"INVALID_FIELD"/);
});

const SAY = 'mutation($in: SayPresenceInput!) { sayPresence(input: $in) { done } }';

test('a page says over its socket that nobody looks at it, and by its name anywhere', async () => {
    const { event, citizens: [me, other] } = await deal();
    const looks = WAYS.socket(system, me), told = looks.follow(PRESENCE, { id: event.id });
    const page = connect(system, { token: other.token, query: '?tab=page' }), nameless = connect(system, { token: other.token });
    assert.equal((await page.follow(EVENT, { id: event.id }).next()).__typename, 'EventSnapshot');
    const becomes = (wanted) => until(told, (_, states) => states[other.id] === wanted);
    await becomes('CONNECTED');
    assert.deepEqual((await page.ask(SAY, { in: { eventId: event.id, away: true } })).data, { sayPresence: { done: true } });
    await becomes('AWAY');
    await nameless.ask(SAY, { in: { eventId: event.id, away: false, tab: 'page' } });
    await becomes('CONNECTED');
    const posted = await call(system, 'POST', '/graphql', { token: other.token, body: { query: SAY, variables: { in: { eventId: event.id, away: true, tab: 'page' } } } });
    assert.deepEqual(posted.body.data, { sayPresence: { done: true } });
    await becomes('AWAY');
    for (const [input, code] of [[{ eventId: 'x', away: true }, 'INVALID_FIELD'], [{ eventId: event.id, away: true, tab: 'x'.repeat(33) }, 'INVALID_FIELD']])
        assert.equal((await nameless.ask(SAY, { in: input })).errors[0].extensions.code, code, JSON.stringify(input));
    for (const eventId of ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'])
        assert.equal((await nameless.ask(SAY, { in: { eventId, away: true } })).errors[0].extensions.code, 'NOT_FOUND');
    assert.equal((await call(system, 'POST', '/graphql', { body: { query: SAY, variables: { in: { eventId: event.id, away: true } } } })).body.errors[0].extensions.code, 'TOKEN_INVALID');
    for (const each of [page, nameless]) each.dispose();
    looks.close();
});
