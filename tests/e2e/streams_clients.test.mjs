// Stock clients of server-sent events: npm's EventSource and Chromium's, by tickets, over broken connections.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { EventSource } from 'eventsource';
import { chromium } from 'playwright-core';
import { startCutter } from './parts/cutter.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { runScript, scriptsOf } from './parts/pages.mjs';
import { assertProblem, call, eventually, ok, signUp } from './parts/people.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem, throughOne } from './parts/system.mjs';

let system, cutter, god, players, deck;

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

const ticketOf = async (person) => (await ok(system, 'POST', '/auth/tickets', { token: person.token, body: {} })).ticket;
const open = (event, ticket, headers = {}) => openStream(system, `/events/${event.id}/stream?ticket=${ticket}`, { headers });

test('a ticket opens a stream once, and the stream opens again by its ids', async () => {
    const { event, score } = await deal();
    const made = await call(system, 'POST', '/auth/tickets', { token: god.token });
    assert.equal(made.status, 201);
    assert.ok(Date.parse(made.body.expires_at) - Date.now() < 31000);
    const { ticket } = made.body;
    const stream = await open(event, ticket);
    const { id, data } = await stream.next();
    assert.equal(data.cursor, (await readLog(system, god, event)).cursor, 'it is the view of who has the ticket');
    assert.match(id, /^[a-z2-7]{8}\.\d+\.[a-z2-7]{26}$/);
    stream.close();
    assertProblem(await call(system, 'GET', `/events/${event.id}/stream?ticket=${ticket}`), 401, 'TICKET_INVALID');
    await score(1);
    let last = id;
    for (let i = 0; i < 10; i++) {
        const again = await open(event, ticket, { 'Last-Event-ID': last });
        const message = await again.next();
        assert.equal(message.event, i === 0 ? 'entry' : 'live');
        last = message.id;
        again.close();
    }
    const other = await openEvent(system, god, deck);
    for (const [route, headers] of [[`/events/${other.id}/stream?ticket=${ticket}`, { 'Last-Event-ID': last }], [`/events/${event.id}/stream?ticket=${await ticketOf(players[0])}`, { 'Last-Event-ID': last }], [`/events/${event.id}/stream?ticket=nonsense`, {}]])
        assertProblem(await call(system, 'GET', route, { headers }), 401, 'TICKET_INVALID');
    assert.equal((await call(system, 'POST', '/auth/tickets')).status, 401);
    assertProblem(await call(system, 'GET', `/events/${event.id}/stream?ticket=${await ticketOf(god)}`, { token: god.token }), 400, 'MALFORMED');
    const log = ['gateway', 'auth', 'events'].flatMap((service) => system.replicasOf(service)).map(system.log).join('');
    const metrics = await Promise.all(system.services.map((name) => fetch(`http://127.0.0.1:${system.admin[name]}/metrics`).then((r) => r.text())));
    for (const secret of [ticket, last.slice(-26)]) assert.ok(!log.includes(secret) && !metrics.join('').includes(secret), 'it is written nowhere');
});

test('a stream by a ticket ends with its token', async () => {
    const { event } = await deal();
    const person = await signUp(system, 'ticketed');
    const ticket = await ticketOf(person);
    const stream = await open(event, ticket);
    const { id } = await stream.next();
    await call(system, 'POST', '/auth/logout', { token: person.token, body: {} });
    assert.equal((await stream.until(({ event: kind }) => kind === 'bye')).data.reason, 'REVOKED');
    const again = await open(event, ticket, { 'Last-Event-ID': id });
    assert.deepEqual([again.status, again.body.code], [401, 'TOKEN_INVALID']);
});

test('npm eventsource loses nothing over broken connections', async () => {
    const { event, score } = await deal();
    const before = (await readLog(system, god, event)).entries.length;
    const source = new EventSource(`http://127.0.0.1:${cutter.port}/events/${event.id}/stream?ticket=${await ticketOf(god)}`);
    const seen = [], kinds = [];
    for (const kind of ['snapshot', 'entry', 'live', 'reset', 'bye', 'error'])
        source.addEventListener(kind, ({ data }) => { kinds.push(kind); if (kind === 'entry') seen.push(JSON.parse(data).entry); });
    await eventually(() => kinds.includes('snapshot'), 10000);
    for (let i = 1; i <= 12; i++) {
        await score(i);
        if (i % 4 === 0) await eventually(() => seen.length >= i, 20000);
        if (i === 2 || i === 6 || i === 9) cutter.cut();
    }
    const log = await readLog(system, god, event);
    assert.deepEqual(seen, log.entries.slice(before));
    assert.ok(kinds.includes('live') && !kinds.includes('reset'), kinds.join());
    assert.equal(kinds.filter((kind) => kind === 'snapshot').length, 1);
    source.close();
});

test('the script of the page shows what happens', async () => {
    const { event, score } = await deal(), shown = [], sources = [];
    class Source extends EventSource {
        constructor(route) {
            super(system.url + route);
            sources.push(this);
        }
    }
    const given = { fetch: (route, more) => fetch(system.url + route, more), EventSource: Source, token: god.token, id: event.id, show: (told) => shown.push(told) };
    await runScript(scriptsOf('realtime.md')[0], given);
    await eventually(() => sources[0].readyState === EventSource.OPEN, 10000);
    await eventually(async () => { await score(shown.length + 1); return shown.some(({ stream }) => stream === `event:${event.id}`); }, 10000);
    sources[0].close();
});

test('so does the EventSource of a browser', async () => {
    const { event, score } = await deal();
    const before = (await readLog(system, god, event)).entries.length;
    const path = execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
    const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
    try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${cutter.port}/docs`);
        await page.evaluate((route) => {
            window.seen = [];
            window.kinds = [];
            const source = new EventSource(route);
            for (const kind of ['snapshot', 'entry', 'live', 'reset', 'bye'])
                source.addEventListener(kind, ({ data }) => { window.kinds.push(kind); if (kind === 'entry') window.seen.push(JSON.parse(data).entry); });
        }, `/stream?topics=event:${event.id}&ticket=${await ticketOf(god)}`);
        const count = () => page.evaluate(() => window.seen.length);
        await eventually(async () => (await page.evaluate(() => window.kinds)).includes('snapshot'), 10000);
        for (let i = 1; i <= 6; i++) {
            await score(i);
            if (i === 2) cutter.cut();
            if (i % 3 === 0) await eventually(async () => (await count()) >= i, 20000);
        }
        assert.deepEqual(await page.evaluate(() => window.seen), (await readLog(system, god, event)).entries.slice(before));
        assert.ok(!(await page.evaluate(() => window.kinds)).includes('reset'));
    } finally {
        await browser.close();
    }
});
