// Streams of oneself beside others, of gateways that stop, over TLS, and at several gateways.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, ok, signUp } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { connect, EVENT } from './parts/socket.mjs';
import { entriesOf, openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, players, deck;

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

before(async () => {
    system = await startSystem({ env: LIMITS });
    await people(system);
});

after(() => system?.stop());

test('what a user is told comes on their own stream, beside others', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const [person] = players, g = as(system, god, event);
    const route = `/stream?topics=me,event:${event.id}`;
    assert.equal((await call(system, 'GET', '/stream?topics=me')).status, 401);
    const stream = await openStream(system, route, { token: person.token });
    const begun = [await stream.next(), await stream.next()].map(({ data }) => data.stream).sort();
    assert.deepEqual(begun, [`event:${event.id}`, 'me']);
    const told = [];
    for (let i = 0; i < 2; i++) {
        await seatAll(system, event, [person]);
        await g('DELETE', `/reservations/${person.id}`);
    }
    while (told.length < 2) {
        const { event: kind, data } = await stream.next();
        if (kind === 'entry' && data.stream === 'me') told.push(data.entry);
    }
    assert.deepEqual(told.map(({ kind, event_id, title }) => [kind, event_id, title]), Array(2).fill(['SEAT_FREED', event.id, event.title]));
    assert.equal(told[0].fields.user_id, person.id);
    assert.deepEqual(told.map(({ cursor }) => Number(cursor.split('.')[1])), [Number(told[0].index), Number(told[0].index) + 1]);
    const id = stream.messages.find(({ data }) => data.entry?.cursor === told[0].cursor).id;
    stream.close();
    const again = await openStream(system, route, { token: person.token, headers: { 'Last-Event-ID': id } });
    const next = await again.until(({ event: kind, data }) => kind === 'entry' && data.stream === 'me');
    assert.deepEqual(next.data.entry, told[1]);
    again.close();
});

test('a gateway that stops says so to each, and ends in time', async () => {
    const { event } = await deal(system);
    const streams = await Promise.all(Array.from({ length: 20 }, (_, i) => openStream(system, `/events/${event.id}/stream`, { token: i < 4 ? god.token : null })));
    await Promise.all(streams.map((stream) => stream.next()));
    const began = Date.now();
    const stopped = Promise.all(system.replicasOf('gateway').map(system.term));
    for (const stream of streams) {
        const bye = await stream.until(({ event: kind }) => kind === 'bye');
        assert.equal(bye.data.reason, 'DRAINING');
        assert.ok(bye.data.retry_ms >= 2000);
        await stream.ended;
    }
    assert.ok((await stopped).every(({ code }) => code === 0));
    assert.ok(Date.now() - began < 9000);
    await system.startAll('gateway');
});

test('over TLS it is the same', async () => {
    const port = await freePort(), dir = system.dir, [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(dir, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
    const secure = await startSystem({ replicas: 0, env: { ...LIMITS, CONSE_LISTEN: `127.0.0.1:${port}`, CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key } });
    try {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        const of = { ...secure, url: `https://127.0.0.1:${port}` };
        await people(of);
        const { event, score } = await deal(of);
        const ca = fs.readFileSync(cert), leaver = await signUp(of, 'leaver');
        const open = (more) => openStream(of, `/events/${event.id}/stream`, { ca, ...more });
        const [stream, theirs] = [await open({ token: god.token }), await open({ token: leaver.token })];
        assert.equal((await stream.next()).event, 'snapshot');
        await theirs.next();
        for (let i = 1; i <= 20; i++) await score(i);
        const seen = await entriesOf(stream, 20);
        const log = await readLog(of, god, event);
        assert.deepEqual(seen, log.entries.slice(-20));
        const again = await open({ token: god.token, headers: { 'Last-Event-ID': stream.messages[10].id } });
        assert.deepEqual(await entriesOf(again, 10), seen.slice(10));
        const began = Date.now();
        await call(of, 'POST', '/auth/logout', { token: leaver.token, body: {} });
        assert.equal((await theirs.until(({ event: kind }) => kind === 'bye')).data.reason, 'REVOKED');
        await theirs.ended;
        assert.ok(Date.now() - began < 1000);
        const stopped = secure.term('gateway');
        assert.equal((await stream.until(({ event: kind }) => kind === 'bye')).data.reason, 'DRAINING');
        assert.equal((await stopped).code, 0);
        await secure.start('gateway').catch(() => {}); // it is asked whether it is ready without TLS
    } finally {
        delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        await secure.stop();
    }
});

const WITHIN_MS = 1000;

// At each gateway, by each transport: {ended, why()}.
async function followEverywhere(several, event, person) {
    const at = several.urls.map((url) => ({ ...several, url })), opened = [];
    for (const of of at) {
        const plain = await openStream(of, `/events/${event.id}/stream`, { token: person.token }), socket = connect(of, { token: person.token });
        const told = socket.follow(EVENT, { id: event.id }), body = JSON.stringify({ query: EVENT, variables: { id: event.id } });
        const events = await fetch(`${of.url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${person.token}` }, body });
        const text = events.text();
        await Promise.all([plain.next(), told.next()]);
        opened.push({ ended: plain.ended, why: async () => plain.messages.at(-1).data.reason });
        opened.push({ ended: told.over, why: async () => `${socket.closes[0].code} ${socket.closes[0].reason}` });
        opened.push({ ended: text, why: async () => /: bye (\w+)\n\n$/.exec(await text)[1] });
    }
    return opened;
}

// A log-out, a suspension and another level end what the token follows, at every gateway and by every transport, within a second.
async function endEverywhere(several, event) {
    const ways = {
        'logs out': (person) => ok(several, 'POST', '/auth/logout', { token: person.token, body: {} }),
        'is suspended': (person) => consectl(several, 'user', 'suspend', person.user.username, 'a test', '1h'),
        'has another level': (person) => consectl(several, 'user', 'level', person.user.username, 'god'),
    };
    for (const [i, [what, does]] of Object.entries(ways).entries()) {
        const person = await signUp(several, `leaver${i}`), opened = await followEverywhere(several, event, person);
        const done = await does(person); // until it is answered it has not been done
        assert.ok(!done?.code, done?.stderr);
        const began = Date.now();
        await Promise.all(opened.map(({ ended }) => ended));
        assert.ok(Date.now() - began < WITHIN_MS, `who ${what} is told for ${Date.now() - began} ms more`);
        assert.deepEqual(await Promise.all(opened.map(({ why }) => why())), several.urls.flatMap(() => ['REVOKED', '4403 REVOKED', 'REVOKED']), what);
    }
}

test('with several gateways viewers go on at any, and whose token ends is let go at all', async () => {
    const several = await startSystem({ replicas: 2, env: LIMITS });
    try {
        await people(several);
        const { event, score } = await deal(several);
        const at = (i) => ({ ...several, url: several.urls[i % 2] });
        const route = `/events/${event.id}/stream`;
        let stream = await openStream(at(0), route, { token: god.token });
        let { id } = await stream.next();
        const seen = [], base = Number(id.split('.')[1]);
        for (let i = 1; i <= 10; i++) {
            stream.close();
            if (i > 5) await score(i); // the first five times without having seen anything
            stream = await openStream(at(i), route, { token: god.token, headers: { 'Last-Event-ID': id } });
            if (i > 5) seen.push(...(await entriesOf(stream, 1)));
            assert.equal((await stream.next()).event, 'live');
            id = stream.lastId;
        }
        const log = await readLog(several, god, event);
        assert.deepEqual(seen, log.entries.slice(base));
        const { ticket } = await ok(at(0), 'POST', '/auth/tickets', { token: god.token });
        const uses = await Promise.all(Array.from({ length: 6 }, (_, i) => openStream(at(i), `${route}?ticket=${ticket}`)));
        const [mine, ...others] = uses.filter(({ status }) => status === 200);
        assert.equal(others.length, 0, 'a ticket is good once, wherever');
        let last = (await mine.next()).id;
        mine.close();
        for (let i = 0; i < 4; i++) {
            const again = await openStream(at(i), `${route}?ticket=${ticket}`, { headers: { 'Last-Event-ID': last } });
            const live = await again.next();
            assert.deepEqual([live.event, live.id], ['live', last]);
            again.close();
        }
        stream.close();
        await endEverywhere(several, event);
    } finally {
        await several.stop();
    }
});
