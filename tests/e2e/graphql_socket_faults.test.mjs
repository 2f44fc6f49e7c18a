// Sockets while processes die and stop, clients that are slow, and clients that say what they should not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, logIn, ok, signUp } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { collect, connect, EVENT, ME, openSocket } from './parts/socket.mjs';
import { openStream } from './parts/sse.mjs';
import { metricOf, startSystem, throughOne } from './parts/system.mjs';

let system, god, players, deck, aging;

async function people(of) {
    god = await makeGod(of, 'thegod');
    players = await signUpMany(of, 'player', 3);
    deck = await makeDeck(of, god, { roles: 3 });
}

async function deal(of) {
    const event = await openEvent(of, god, deck, { max_players: 3 });
    const g = as(of, god, event);
    await seatAll(of, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g, score: (n) => g('PUT', `/players/${players[0].id}/score`, { score: n }) };
}

const insist = async (work) => {
    let done;
    await eventually(async () => { done = await work().then((value) => ({ value }), () => null); return done; }, 20000);
    return done.value;
};

// Sockets whose tokens end a minute after they were opened: one takes another token when it is reminded. What became of them is
// looked at last.
async function age() {
    const of = throughOne(await startSystem({ env: { ...LIMITS, CONSE_ACCESS_TTL: '60s' } }));
    const person = await signUp(of, 'person');
    const [renews, forgets] = [0, 1].map(() => connect(of, { token: person.token }));
    const renewals = [];
    renews.client.on('ping', (received, payload) => {
        if (received && payload?.renew_by) renewals.push((async () => {
            const { token } = await logIn(of, 'person');
            return renews.ask('mutation($t: String!) { renewToken(accessToken: $t) { expiresAt } }', { t: token });
        })());
    });
    const streams = [renews, forgets].map((socket) => socket.follow(ME));
    const events = await fetch(`${of.url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${person.token}` }, body: JSON.stringify({ query: ME }) });
    const plain = await openStream(of, '/stream?topics=me', { token: person.token }), plainTimes = {};
    plain.response.on('data', (part) => {
        if (part.includes(': renew\n')) plainTimes.renew = Date.now();
        if (part.includes('event: bye\n')) plainTimes.bye = Date.now();
    });
    await Promise.all([...streams, plain].map((stream) => stream.next()));
    return { of, renews, forgets, renewals, stream: streams[0], text: events.text(), plain, plainTimes };
}

before(async () => {
    system = throughOne(await startSystem({ env: LIMITS }));
    await people(system);
    aging = await age();
});

after(async () => {
    await aging?.of.stop();
    await system?.stop();
});

// A client that comes again by itself, with the cursor that it has.
function comeAgain(of, event, token) {
    const socket = connect(of, { token, options: { retryAttempts: 1000, shouldRetry: () => true, retryWait: () => new Promise((again) => setTimeout(again, 50)) } });
    const stream = collect((sink) => socket.client.subscribe({ query: EVENT, variables: { id: event.id, get after() { return stream?.cursor; } } }, sink));
    return { ...socket, stream };
}

test('whatever dies, a client that comes again misses nothing and gets nothing twice', async () => {
    const { event, score } = await deal(system);
    const { stream, closes, dispose } = comeAgain(system, event, god.token);
    const first = await stream.next();
    const seen = [];
    for (let i = 1; i <= 4; i++) {
        await score(2 * i);
        seen.push(...(await stream.entries(1)));
        const service = i % 2 ? 'gateway' : 'events';
        await system.killAll(service);
        await system.startAll(service);
        await insist(() => score(2 * i + 1));
        seen.push(...(await stream.entries(1)));
    }
    const all = (await readLog(system, god, event)).entries;
    assert.deepEqual(seen.map(({ cursor }) => cursor), all.slice(Number(first.cursor.split('.')[1])).map(({ cursor }) => cursor));
    assert.ok(!stream.all.some(({ __typename }) => __typename === 'StreamReset'));
    assert.ok(closes.filter(({ code }) => code === 1006).length >= 2);
    dispose();
});

test('a gateway that stops says so, spread over a while, and all come to the next one', async () => {
    const { event, g } = await deal(system);
    const clients = Array.from({ length: 12 }, (_, i) => comeAgain(system, event, i < 4 ? god.token : undefined));
    await Promise.all(clients.map(({ stream }) => stream.next()));
    const stopped = Promise.all(system.replicasOf('gateway').map(system.term));
    await eventually(() => clients.every(({ closes }) => closes.some(({ code }) => code === 1012)), 9000);
    assert.ok(clients.every(({ pings }) => pings.some((payload) => payload?.bye?.retry_ms >= 2000)));
    assert.ok((await stopped).every(({ code }) => code === 0));
    await system.startAll('gateway');
    await insist(() => g('POST', '/phases', { kind: 'DAY' }));
    await Promise.all(clients.map(({ stream }) => stream.entries(1)));
    assert.ok(clients.every(({ stream }) => !stream.all.some(({ __typename }) => __typename === 'StreamReset')));
    clients.forEach(({ dispose }) => dispose());
});

test('a command that was taken is carried out though its socket is gone', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const bare = await openSocket(system, { init: { authorization: `Bearer ${god.token}` } });
    await new Promise((sent) => bare.socket.send(JSON.stringify({
        id: '1', type: 'subscribe',
        payload: { query: 'mutation($a: UpdateEventInput!, $b: UpdateEventInput!) { a: updateEvent(input: $a) { event { id } } b: updateEvent(input: $b) { event { id } } }', variables: { a: { eventId: event.id, title: 'One' }, b: { eventId: event.id, content: 'Two' } } },
    }), () => { bare.socket.terminate(); sent(); }));
    await eventually(async () => {
        const now = (await ok(system, 'GET', `/events/${event.id}`)).event;
        return now.title === 'One' && now.content === 'Two';
    }, 5000);
});

test('who takes nothing is let go, and the others get all', async () => {
    const { event, score } = await deal(system);
    const slow = await openSocket(system, { init: { authorization: `Bearer ${god.token}` } });
    const quick = connect(system, { token: god.token });
    const stream = quick.follow(EVENT, { id: event.id });
    await stream.next();
    for (let i = 0; i < 32; i++) slow.say({ id: `${i}`, type: 'subscribe', payload: { query: EVENT.replaceAll('\n', ' '), variables: { id: event.id } } });
    for (let i = 0; i < 32; i++) await slow.next();
    const slowOnes = () => metricOf(system, 'gateway', 'conse_stream_ends_total.why="SLOW".');
    const before = await slowOnes();
    slow.socket.pause();
    let written = 0;
    await eventually(async () => {
        for (let i = 0; i < 40; i++) await score((written++ % 200) + 1);
        return (await slowOnes()) > before;
    }, 60000);
    slow.socket.resume();
    const { code, reason } = await slow.closed;
    assert.ok((code === 1013 && reason === 'SLOW') || code === 1006, `${code} ${reason}`);
    assert.equal((await stream.entries(written)).length, written);
    quick.dispose();
});

test('what a client may not say closes its socket, and no other', async () => {
    const init = { type: 'connection_init', payload: {} };
    const ask = (id, query = '{ __typename }') => ({ id, type: 'subscribe', payload: { query } });
    const follow = (id) => ask(id, 'subscription { event(id: "01a204b8-c493-744e-8dfd-817a593ee201") { __typename } }');
    const innocent = connect(system, { token: god.token });
    const mine = innocent.follow(ME);
    await mine.next();
    const rows = [
        [[ask('1')], 4401, 'Unauthorized'],
        [[init, init], 4429, 'Too many initialisation requests'],
        [['no JSON'], 4400],
        [['['.repeat(5000)], 4400],
        [[{ type: 'start', id: '1' }], 4400],
        [[init, { type: 'subscribe', id: '', payload: {} }], 4400],
        [[init, { type: 'subscribe', id: '1', payload: { query: 1 } }], 4400],
        [[{ ...init, payload: { authorization: 1 } }], 4400],
        [['x'.repeat(17 << 10)], 1009],
        [[Buffer.from('{}')], 1003],
        [Array.from({ length: 70 }, () => ({ type: 'ping' })), 1013, 'LIMIT'],
    ];
    for (const [messages, code, reason] of rows) {
        const bare = await openSocket(system);
        for (const message of messages) bare.say(message);
        const closed = await bare.closed;
        assert.equal(closed.code, code, JSON.stringify(messages[0]).slice(0, 100));
        if (reason) assert.equal(closed.reason, reason);
    }
    const { event } = await deal(system);
    const twice = await openSocket(system, { init: {} });
    const real = { id: 'a', type: 'subscribe', payload: { query: EVENT, variables: { id: event.id } } };
    twice.say(real);
    twice.say(real);
    assert.deepEqual(await twice.closed, { code: 4409, reason: 'Subscriber for a already exists' });
    const many = await openSocket(system, { init: {} });
    for (let i = 0; i < 33; i++) many.say({ ...real, id: `${i}` });
    let message;
    while ((message = await many.next()).type !== 'error');
    assert.deepEqual([message.id, message.payload[0].extensions.code], ['32', 'TOO_MANY_STREAMS']);
    many.say({ id: '0', type: 'complete' });
    many.say({ ...real, id: 'again' });
    while ((message = await many.next()).id !== 'again');
    assert.equal(message.type, 'next');
    many.socket.close();
    const one = await openSocket(system, { init: {} });
    for (const [query, code] of [['{', 'GRAPHQL_SYNTAX'], ['{ __typename } '.padEnd(17 << 10, '#'), 'GRAPHQL_TOO_LONG'], ['subscription { __typename }', 'GRAPHQL_INVALID'], ['subscription { a: me { __typename } b: me { __typename } }', 'GRAPHQL_INVALID']]) {
        one.say(ask('x', query));
        const { type, payload } = await one.next();
        assert.deepEqual([type, payload[0].extensions.code], ['error', code]);
    }
    one.say(follow('gone'));
    assert.deepEqual((({ type, id }) => [type, id])(await one.next()), ['error', 'gone']);
    one.socket.close();
    const other = await openSocket(system, { protocol: null });
    assert.equal((await other.closed).code, 4406);
    assert.equal(innocent.closes.length, 0);
    innocent.dispose();
});

test('who says nothing is closed after five seconds', async () => {
    const began = Date.now();
    const { code } = await (await openSocket(system)).closed;
    assert.equal(code, 4408);
    assert.ok(Date.now() - began >= 4900);
});

test('requests that are no upgrade of ours are refused before it', async () => {
    const head = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    const refused = (headers) => new Promise((resolve, reject) => {
        const request = http.get(`${system.url}/graphql`, { agent: false, headers: { ...head, ...headers } }, async (response) => {
            let text = '';
            for await (const chunk of response) text += chunk;
            resolve([response.statusCode, JSON.parse(text).errors[0].extensions.code, response.headers['sec-websocket-version']]);
        });
        request.once('upgrade', () => reject(new Error('it was upgraded'))).once('error', reject);
    });
    assert.deepEqual(await refused({ Origin: 'https://elsewhere.example' }), [403, 'ORIGIN_REFUSED', undefined]);
    assert.deepEqual(await refused({ 'Sec-WebSocket-Version': '8' }), [426, 'UPGRADE_REQUIRED', '13']);
    assert.deepEqual((await refused({ 'Sec-WebSocket-Key': 'short' })).slice(0, 2), [400, 'MALFORMED']);
    assert.equal((await call(system, 'GET', '/graphql?query={__typename}')).status, 200, 'without Upgrade it is a question');
});

test('one user has eight sockets, and all together have so many places', async () => {
    const crowd = await signUp(system, 'crowd');
    const sockets = [];
    for (let i = 0; i < 8; i++) sockets.push(await openSocket(system, { init: { authorization: `Bearer ${crowd.token}` } }));
    const ninth = await openSocket(system, { init: { authorization: `Bearer ${crowd.token}` } });
    assert.deepEqual(await ninth.closed, { code: 1013, reason: 'TOO_MANY_STREAMS' });
    sockets.forEach(({ socket }) => socket.close());
    const small = await startSystem({ services: ['auth', 'gateway'], env: { ...LIMITS, CONSE_MAX_STREAMS: '2' } });
    try {
        for (let i = 0; i < 2; i++) await openSocket(throughOne(small), { init: {} });
        const full = await openSocket(throughOne(small));
        assert.deepEqual([full.status, full.headers['retry-after'], full.body.errors[0].extensions.code], [503, '10', 'SERVICE_BUSY']);
    } finally {
        await small.stop();
    }
});

test('only trusted documents are followed where it is said', async () => {
    const text = 'subscription Own { me { __typename } }', id = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const manifest = path.join(system.dir, 'documents.json');
    fs.writeFileSync(manifest, JSON.stringify({ [id]: text }));
    const strict = throughOne(await startSystem({ env: { ...LIMITS, CONSE_GRAPHQL: 'trusted', CONSE_GRAPHQL_DOCUMENTS: manifest } }));
    try {
        const person = await signUp(strict, 'person');
        const bare = await openSocket(strict, { init: { authorization: `Bearer ${person.token}` } });
        bare.say({ id: '1', type: 'subscribe', payload: { documentId: id } });
        assert.deepEqual(await bare.next(), { id: '1', type: 'next', payload: { data: { me: { __typename: 'MeSnapshot' } } } });
        bare.say({ id: '2', type: 'subscribe', payload: { query: text } });
        assert.equal((await bare.next()).type, 'next');
        bare.say({ id: '3', type: 'subscribe', payload: { query: 'subscription { me { __typename } }' } });
        const refused = await bare.next();
        assert.deepEqual([refused.type, refused.payload[0].extensions.code], ['error', 'GRAPHQL_UNTRUSTED']);
    } finally {
        await strict.stop();
    }
});

test('over TLS it is the same', async () => {
    const port = await freePort(), [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(system.dir, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
    const secure = await startSystem({ replicas: 0, env: { ...LIMITS, CONSE_LISTEN: `127.0.0.1:${port}`, CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key } });
    const mine = [god, players, deck];
    try {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        const of = { ...secure, url: `https://127.0.0.1:${port}` };
        await people(of);
        const { event, score } = await deal(of);
        const socket = connect(of, { token: god.token }), leaver = await signUp(of, 'leaver');
        const theirs = connect(of, { token: leaver.token });
        const stream = socket.follow(EVENT, { id: event.id }), own = theirs.follow(ME);
        await Promise.all([stream.next(), own.next()]);
        for (let i = 1; i <= 20; i++) await score(i);
        assert.deepEqual((await stream.entries(20)).map(({ cursor }) => cursor), (await readLog(of, god, event)).entries.slice(-20).map(({ cursor }) => cursor));
        const began = Date.now();
        await call(of, 'POST', '/auth/logout', { token: leaver.token, body: {} });
        await own.over;
        assert.ok(Date.now() - began < 1000);
        assert.deepEqual(theirs.closes, [{ code: 4403, reason: 'REVOKED' }]);
        const stopped = secure.term('gateway');
        await stream.over;
        assert.equal(socket.closes[0].code, 1012);
        assert.equal((await stopped).code, 0);
        await secure.start('gateway').catch(() => {}); // it is asked whether it is ready without TLS
    } finally {
        delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        [god, players, deck] = mine;
        await secure.stop();
    }
});

test('urql follows over graphql-ws', async () => {
    const { event, score } = await deal(system);
    const socket = connect(system, { token: god.token });
    const client = new Client({
        url: `${system.url}/graphql`, preferGetMethod: false, fetchOptions: { headers: { Authorization: `Bearer ${god.token}` } },
        exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: ({ query, variables }) => ({ subscribe: (sink) => ({ unsubscribe: socket.client.subscribe({ query, variables }, sink) }) }) })],
    });
    const results = [];
    const { unsubscribe } = client.subscription(gql`${EVENT}`, { id: event.id }).subscribe((result) => results.push(result));
    await eventually(() => results.length === 1, 5000);
    assert.equal(results[0].data.event.state.id, event.id);
    await score(1);
    await eventually(() => results.length === 2, 5000);
    assert.equal(results[1].data.event.__typename, 'LogEntry');
    const asked = await client.query(gql`{ me { username } }`, {}).toPromise();
    assert.deepEqual(asked.data.me.username, 'thegod');
    unsubscribe();
    socket.dispose();
});

test('who is reminded of their token\'s end and renews it stays; others are let go', async () => {
    const { renews, forgets, renewals, stream, text, plain, plainTimes } = aging;
    await eventually(() => forgets.closes.length === 1, 70000);
    assert.deepEqual(forgets.closes, [{ code: 4403, reason: 'EXPIRED' }]);
    const by = Date.parse(forgets.pings.find(({ renew_by: time }) => time).renew_by);
    assert.ok(Date.now() >= by);
    assert.ok(forgets.pings.some(({ server_time: ms }) => ms < by && ms > by - 60000), 'heads came meanwhile');
    const [{ data }] = await Promise.all(renewals);
    assert.ok(Date.parse(data.renewToken.expiresAt) > by);
    assert.match(await text, /^: \d+\n(.|\n)*: renew\n(.|\n)*: bye EXPIRED\n\n$/m);
    await plain.ended;
    assert.deepEqual([plain.messages.map(({ event }) => event).filter((kind) => kind !== 'head'), plain.messages.at(-1).data.reason], [['snapshot', 'bye'], 'EXPIRED']);
    assert.ok(Math.abs(plainTimes.bye - plainTimes.renew - 30000) < 5000, `renewal was asked for ${plainTimes.bye - plainTimes.renew} ms before the end`);
    assert.ok(Math.abs(plainTimes.renew + 30000 - by) < 5000);
    assert.equal((await renews.ask('{ __typename }')).data.__typename, 'Query');
    assert.deepEqual([renews.closes, stream.ended], [[], undefined]);
    renews.dispose();
});
