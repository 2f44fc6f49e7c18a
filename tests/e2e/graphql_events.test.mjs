// GraphQL by server-sent events: npm's graphql-sse client, urql's own and EventSource as they are, over faults too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, fetchExchange, gql } from '@urql/core';
import { EventSource } from 'eventsource';
import { createClient } from 'graphql-sse';
import { startCutter } from './parts/cutter.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { collect, EVENT, ME } from './parts/socket.mjs';
import { metricOf, startSystem, throughOne } from './parts/system.mjs';

let system, god, players, deck, cutter;

before(async () => {
    system = throughOne(await startSystem({ env: LIMITS }));
    cutter = await startCutter(system.port);
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god, { roles: 3 });
});

after(async () => {
    await cutter?.stop();
    await system?.stop();
});

async function deal() {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g, score: (n) => g('PUT', `/players/${players[0].id}/score`, { score: n }) };
}

const insist = async (work) => {
    let done;
    await eventually(async () => { done = await work().then((value) => ({ value }), () => null); return done; }, 20000);
    return done.value;
};

function open(token, more = {}) {
    const client = createClient({ url: `${system.url}/graphql`, retryAttempts: 0, headers: token ? { Authorization: `Bearer ${token}` } : {}, ...more });
    return { client, follow: (query, variables) => collect((sink) => client.subscribe({ query, variables }, sink)) };
}

const plain = (body, headers = {}) => fetch(`${system.url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', ...headers }, body: JSON.stringify(body) });

test('streams, questions and commands come as events', async () => {
    const { event, score } = await deal();
    const { client, follow } = open(god.token);
    const stream = follow(EVENT, { id: event.id });
    const first = await stream.next();
    assert.deepEqual([first.__typename, first.state.id], ['EventSnapshot', event.id]);
    for (let i = 1; i <= 5; i++) await score(i);
    assert.deepEqual((await stream.entries(5)).map(({ cursor }) => cursor), (await readLog(system, god, event)).entries.slice(-5).map(({ cursor }) => cursor));
    const asked = follow('{ me { username } }');
    assert.deepEqual([await asked.next(), await asked.over], [{ username: 'thegod' }, 'complete']);
    const made = follow('mutation($i: EventInput!) { unlockEvent(input: $i) { event { id } } }', { i: { eventId: event.id } });
    const refused = await made.next();
    assert.equal(refused ?? null, null); // it has been revealed
    assert.equal(await made.over, 'complete');
    client.dispose();
    await eventually(async () => (await metricOf(system, 'gateway', 'conse_stream_viewers')) === 0, 5000);
});

test('what is refused is told in an event, and the stream is complete', async () => {
    for (const [query, variables, code] of [
        ['{', {}, 'GRAPHQL_SYNTAX'],
        ['subscription { nothing }', {}, 'GRAPHQL_INVALID'],
        [EVENT, { id: 'x' }, 'INVALID_FIELD'],
        [EVENT, { id: '01a204b8-c493-744e-8dfd-817a593ee201' }, 'NOT_FOUND'],
    ]) {
        const reply = await plain({ query, variables });
        assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'text/event-stream']);
        const text = await reply.text();
        const [, json] = /event: next\ndata: (.*)\n\nevent: complete\ndata: \n\n$/.exec(text) ?? assert.fail(text);
        assert.equal(JSON.parse(json).errors[0].extensions.code, code);
    }
    assert.equal((await plain({ query: ME })).status, 401);
    assert.equal((await plain({ query: ME }, { Authorization: 'Bearer x' })).status, 401);
    assert.equal((await plain({ query: EVENT, variables: { id: players[0].id } }, { Origin: 'https://elsewhere.example' })).status, 403);
    assert.equal((await fetch(`${system.url}/graphql?query=${encodeURIComponent('mutation { renewToken(accessToken: "x") { expiresAt } }')}`, { headers: { Accept: 'text/event-stream' } })).status, 405);
});

test('a client that comes again has its cursor, whatever broke', async () => {
    const { event, score } = await deal();
    const client = createClient({ url: `${system.url}/graphql`, retryAttempts: 1000, retry: () => new Promise((again) => setTimeout(again, 50)), headers: { Authorization: `Bearer ${god.token}` } });
    let stream;
    stream = collect((sink) => client.subscribe({ query: EVENT, variables: { id: event.id, get after() { return stream?.cursor; } } }, sink));
    const first = await stream.next();
    const seen = [];
    for (let i = 1; i <= 4; i++) {
        await score(2 * i);
        seen.push(...(await stream.entries(1)));
        if (i === 4) await Promise.all(system.replicasOf('gateway').map(system.term));
        else await system.killAll(i % 2 ? 'gateway' : 'events');
        await system.startAll(i % 2 || i === 4 ? 'gateway' : 'events');
        await insist(() => score(2 * i + 1));
        seen.push(...(await stream.entries(1)));
    }
    const all = (await readLog(system, god, event)).entries;
    assert.deepEqual(seen.map(({ cursor }) => cursor), all.slice(Number(first.cursor.split('.')[1])).map(({ cursor }) => cursor));
    assert.ok(!stream.all.some(({ __typename }) => __typename === 'StreamReset'));
    client.dispose();
});

test('EventSource goes on by the ids, over a line that breaks', async () => {
    const { event, g } = await deal();
    const url = new URL(`http://127.0.0.1:${cutter.port}/graphql`);
    url.searchParams.set('query', EVENT);
    url.searchParams.set('variables', JSON.stringify({ id: event.id }));
    const source = new EventSource(url), told = [];
    source.addEventListener('next', ({ data, lastEventId }) => told.push({ ...JSON.parse(data).data.event, lastEventId }));
    await eventually(() => told.length === 1, 5000);
    assert.deepEqual([told[0].__typename, told[0].lastEventId], ['EventSnapshot', told[0].cursor]);
    cutter.cut();
    await g('POST', '/phases', { kind: 'DAY' });
    await eventually(() => told.some(({ kind }) => kind === 'PHASE_OPENED'), 15000);
    assert.equal(told.filter(({ __typename }) => __typename === 'EventSnapshot').length, 1);
    source.close();
});

// The address of a subscription by GET.
function addressOf(document, variables, more = {}) {
    const url = new URL(`http://127.0.0.1:${cutter.port}/graphql`);
    for (const [name, value] of Object.entries({ query: document, variables: JSON.stringify(variables), ...more })) url.searchParams.set(name, value);
    return url;
}

const ticketOf = async (person) => (await ok(system, 'POST', '/auth/tickets', { token: person.token })).ticket;
const asEvents = (url, headers = {}) => fetch(url, { headers: { Accept: 'text/event-stream', ...headers } });

test('a ticket lets EventSource follow as somebody, and go on at the same address when the line breaks', async () => {
    const { event, score } = await deal(), ticket = await ticketOf(god);
    const url = addressOf(EVENT, { id: event.id }, { ticket, operationName: 'Event' }), source = new EventSource(url), told = [];
    source.addEventListener('next', ({ data, lastEventId }) => told.push({ ...JSON.parse(data).data.event, lastEventId }));
    await eventually(() => told.length === 1, 5000);
    const secret = told[0].lastEventId.slice(told[0].cursor.length + 1);
    assert.deepEqual([told[0].__typename, told[0].lastEventId], ['EventSnapshot', `${told[0].cursor}.${secret}`]);
    assert.match(secret, /^[a-z2-7]{26}$/);
    for (let i = 1; i <= 3; i++) {
        cutter.cut();
        await score(i);
        await eventually(() => told.filter(({ kind }) => kind === 'SCORED').length === i, 15000);
    }
    const { lastEventId } = told.at(-1);
    source.close();
    assert.equal(told.filter(({ __typename }) => __typename === 'EventSnapshot').length, 1);
    assert.ok(!told.some(({ __typename }) => __typename === 'StreamReset'));
    assert.deepEqual(told.filter(({ kind }) => kind).map(({ cursor }) => cursor), (await readLog(system, god, event)).entries.slice(-3).map(({ cursor }) => cursor));
    const others = [[url, {}], [addressOf(EVENT, { id: event.id }, { ticket }), { 'Last-Event-ID': lastEventId }], [addressOf(ME, {}, { ticket, operationName: 'Event' }), { 'Last-Event-ID': lastEventId }],
        [addressOf(EVENT, { id: event.id }, { ticket: await ticketOf(players[0]), operationName: 'Event' }), { 'Last-Event-ID': lastEventId }]];
    for (const [address, headers] of others) {
        const reply = await asEvents(address, headers);
        assert.deepEqual([reply.status, (await reply.json()).errors[0].extensions.code], [401, 'TICKET_INVALID'], address.search);
    }
    const log = system.log('gateway');
    for (const each of [ticket, secret]) assert.ok(!log.includes(each), 'it is written nowhere');
});

test('a ticket is for events by GET, in place of a token, and ends with it', async () => {
    const { event } = await deal(), leaver = await signUp(system, 'ticketleaver');
    const codeOf = async (reply) => [reply.status, (await reply.json()).errors[0].extensions.code];
    assert.deepEqual(await codeOf(await fetch(addressOf('{ me { username } }', {}, { ticket: await ticketOf(leaver) }))), [400, 'MALFORMED']);
    assert.deepEqual(await codeOf(await asEvents(addressOf(EVENT, { id: event.id }, { ticket: await ticketOf(leaver) }), { Authorization: `Bearer ${leaver.token}` })), [400, 'MALFORMED']);
    const posted = await fetch(`${system.url}/graphql?ticket=${await ticketOf(leaver)}`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' }, body: JSON.stringify({ query: ME }) });
    assert.deepEqual(await codeOf(posted), [400, 'MALFORMED']);
    const asked = await asEvents(addressOf('{ me { username } }', {}, { ticket: await ticketOf(leaver) }));
    assert.match(await asked.text(), /event: next\ndata: \{"data":\{"me":\{"username":"ticketleaver"\}\}/);
    const errors = [], told = [], source = new EventSource(addressOf(ME, {}, { ticket: await ticketOf(leaver) }));
    source.addEventListener('next', ({ data }) => told.push(JSON.parse(data).data.me));
    source.addEventListener('error', ({ code }) => errors.push(code));
    await eventually(() => told.length === 1, 5000);
    await call(system, 'POST', '/auth/logout', { token: leaver.token, body: {} });
    await eventually(() => source.readyState === EventSource.CLOSED, 15000);
    assert.equal(errors.at(-1), 401);
});

test('urql follows by fetch alone', async () => {
    const { event, score } = await deal();
    const client = new Client({ url: `${system.url}/graphql`, preferGetMethod: false, fetchSubscriptions: true, exchanges: [fetchExchange], fetchOptions: { headers: { Authorization: `Bearer ${god.token}` } } });
    const results = [];
    const { unsubscribe } = client.subscription(gql`${EVENT}`, { id: event.id }).subscribe((result) => results.push(result));
    await eventually(() => results.length === 1, 5000);
    assert.equal(results[0].data.event.state.id, event.id);
    await score(1);
    await eventually(() => results.length === 2, 5000);
    assert.equal(results[1].data.event.__typename, 'LogEntry');
    unsubscribe();
    assert.equal((await client.query(gql`{ me { username } }`, {}).toPromise()).data.me.username, 'thegod');
});

test('a revoked token ends the stream within a second', async () => {
    const leaver = await signUp(system, 'leaver');
    const reply = await plain({ query: ME }, { Authorization: `Bearer ${leaver.token}` });
    const text = reply.text();
    await eventually(async () => (await metricOf(system, 'gateway', 'conse_stream_viewers')) >= 1, 5000);
    const began = Date.now();
    await call(system, 'POST', '/auth/logout', { token: leaver.token, body: {} });
    assert.match(await text, /retry: \d+\n: bye REVOKED\n\n$/);
    assert.ok(Date.now() - began < 1000, `${Date.now() - began} ms`);
});
