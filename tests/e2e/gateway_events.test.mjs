// What the gateway adds to the game: waiting for news, images, keys of repeated requests, and a service that comes and goes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startSystem, throughOne } from './parts/system.mjs';
import { call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { Wire, openWires, request } from './parts/wire.mjs';

let system;
let god;
let player;
let group;
let event;

const STARTS_AT = { local: new Date(Date.now() + 86400e3).toISOString().slice(0, 19), zone: 'Asia/Tehran' };

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

before(async () => {
    system = throughOne(await startSystem({ env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '100000/100000', CONSE_STREAMS_PER_USER: '1000' } }));
    god = await signUpAs(system, 'thegod', 'god');
    player = await signUp(system, 'player');
    const { roles } = await ok(system, 'GET', '/roles', god);
    ({ group } = await ok(system, 'POST', '/groups', { ...god, body: { name: 'Friday' } }));
    const { deck } = await ok(system, 'POST', '/decks', {
        ...god, body: { group_id: group.id, name: 'small', roles: roles.slice(0, 8).map((role) => ({ role_id: role.id, copies: 1 })) },
    });
    ({ event } = await ok(system, 'POST', '/events', {
        ...god, body: { group_id: group.id, deck_id: deck.id, title: 'Evening', starts_at: STARTS_AT, max_players: 8 },
    }));
});

after(() => system?.stop());

test('ids may come in upper case, by path, query, body and protobuf', async () => {
    const up = (id) => id.toUpperCase();
    const me = await signUp(system, 'shouter');
    assert.equal((await ok(system, 'GET', `/events/${up(event.id)}`)).event.id, event.id);
    assert.deepEqual(await ok(system, 'GET', `/events?group_id=${up(group.id)}`), await ok(system, 'GET', `/events?group_id=${group.id}`));
    const { deck } = await ok(system, 'GET', `/decks/${up(event.deck_id)}`, god);
    const made = await ok(system, 'POST', '/decks', { ...god, body: { group_id: up(group.id), name: 'loud', roles: [{ role_id: up(deck.roles[0].role_id), copies: 1 }] } });
    assert.equal(made.deck.group_id, group.id);
    assert.deepEqual(made.deck.roles, [deck.roles[0]]);
    const { event: other } = await ok(system, 'POST', '/events', {
        ...god, body: { group_id: up(group.id), deck_id: up(deck.id), title: 'Loud', starts_at: STARTS_AT, max_players: 1 },
    });
    await ok(system, 'POST', `/events/${up(other.id)}/reservations`, { token: me.token, body: {} });
    assert.equal((await call(system, 'DELETE', `/events/${up(other.id)}/reservations/${up(me.id)}`, { token: me.token })).status, 204); // S
    const field = (number, text) => Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), Buffer.from(text)]);
    const packed = await fetch(`${system.url}/decks`, {
        method: 'POST', headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': 'application/x-protobuf' },
        body: Buffer.concat([field(1, up(group.id)), field(2, 'packed'), field(3, `\x0a\x24${up(deck.roles[0].role_id)}\x10\x01`)]),
    });
    assert.equal(packed.status, 201, await packed.text());
});

test('an event by a deck of somebody else is refused as one by no deck', async () => {
    const rival = await signUpAs(system, 'rival', 'god');
    const { group: theirs } = await ok(system, 'POST', '/groups', { ...rival, body: { name: 'Monday' } });
    const open = async (deck_id) => {
        const reply = await call(system, 'POST', '/events', { ...rival, body: { group_id: theirs.id, deck_id, title: 'x', starts_at: STARTS_AT, max_players: 8 } });
        return { status: reply.status, ...reply.body, trace_id: null };
    };
    const foreign = await open(event.deck_id), absent = await open('01890000-0000-7000-8000-000000000001');
    assert.equal(foreign.status, 404);
    assert.deepEqual(foreign, absent);
});

const log = (from, wait, who = player) => call(system, 'GET', `/events/${event.id}/log?from=${from}&wait=${wait}`, { token: who.token });
const next = async (who = player) => (await ok(system, 'GET', `/events/${event.id}/log?limit=500`, { token: who.token })).next;

async function parked() {
    const text = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
    return Number(/conse_http_parked (\d+)/.exec(text)[1]);
}

async function connections() {
    const text = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
    return Number(/conse_http_connections\{loop="0"\} (\d+)/.exec(text)[1]);
}

async function written(form) {
    const text = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
    return Number(new RegExp(`conse_http_written_total\\{form="${form}"\\} (\\d+)`).exec(text)[1]);
}

const waitRequest = (from, wait) =>
    `GET /events/${event.id}/log?from=${from}&wait=${wait} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${player.token}\r\n\r\n`;

test('a read waits until there is news, and no longer', async () => {
    const from = await next();
    const waiting = log(from, '20s');
    await eventually(async () => (await parked()) === 1, 3000);
    const begun = performance.now();
    await ok(system, 'POST', `/events/${event.id}/reservations`, { token: player.token, body: {} });
    const reply = await waiting;
    assert.ok(performance.now() - begun < 2000);
    assert.equal(reply.status, 200);
    assert.ok(reply.body.entries.length > 0);
    assert.equal(await parked(), 0);
});

test('without news the reply comes when the wait is over', async () => {
    const from = await next();
    const begun = performance.now();
    const reply = await log(from, '0.4s');
    const took = performance.now() - begun;
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body.entries, []);
    assert.ok(took >= 390 && took < 3000, String(took));
    const at = performance.now();
    await log('1', '10s');
    assert.ok(performance.now() - at < 2000); // old entries are news to who asks for them
    assert.equal((await log('1', 'soon')).body.errors[0].field, 'wait');
});

test('at most 512 wait, the next is answered at once, and leaving clients make room', async () => {
    const from = await next();
    const wires = Array.from({ length: 512 }, () => new Wire(system.port));
    await Promise.all(wires.map((wire) => wire.opened));
    for (const wire of wires) wire.send(waitRequest(from, '25s'));
    await eventually(async () => (await parked()) === 512, 10000);
    const begun = performance.now();
    assert.equal((await log(from, '25s')).status, 200);
    assert.ok(performance.now() - begun < 2000);
    for (const wire of wires.slice(0, 500)) wire.close();
    await eventually(async () => (await parked()) === 12, 5000);
    await ok(system, 'PUT', `/events/${event.id}/vote`, { token: player.token, body: { vote: 'UP' } });
    await ok(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title: 'Late evening' } });
    for (const wire of wires.slice(500)) {
        assert.equal((await wire.reply()).status, 200);
        wire.close();
    }
});

test('a reply is written once for all who get the same, and never for 304', async () => {
    const read = (headers) => call(system, 'GET', '/last-moves', { token: player.token, headers });
    const before = { json: await written('json'), gzip: await written('gzip') };
    const replies = await Promise.all(Array.from({ length: 6 }, (_, i) => read({ 'Accept-Encoding': i % 2 ? 'gzip' : 'identity' })));
    for (const reply of replies) assert.deepEqual(reply.body, replies[0].body);
    assert.equal(await written('json'), before.json + 1);
    assert.equal(await written('gzip'), before.gzip + 1);
    for (const reply of replies) assert.equal((await read({ 'If-None-Match': reply.headers.get('etag') })).status, 304);
    assert.equal(await written('json'), before.json + 1);
    assert.equal(await written('gzip'), before.gzip + 1);
});

test('images go in and out as they are', async () => {
    const url = `${system.url}/events/${event.id}/image`;
    const put = (body, type = 'image/png') => fetch(url, { method: 'PUT', headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': type }, body });
    assert.equal((await put(png)).status, 204);
    const got = await fetch(url);
    assert.equal(got.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await got.arrayBuffer()), png);
    assert.equal((await fetch(url, { headers: { 'If-None-Match': got.headers.get('etag') } })).status, 304);
    assert.equal((await put(Buffer.alloc((2 << 20) + 1))).status, 413);
    assert.equal((await put('<svg/>')).status, 400);
    assert.equal((await put('<html>', 'text/html')).status, 415);
    const calendar = await fetch(`${system.url}/events/${event.id}/calendar.ics`);
    assert.match(calendar.headers.get('content-type'), /^text\/calendar/);
    assert.match(await calendar.text(), /^BEGIN:VCALENDAR/);
});

test('a repeated request with its key is answered as the first was', async () => {
    const headers = { 'Idempotency-Key': 'group-1' };
    const first = await call(system, 'POST', '/groups', { token: god.token, body: { name: 'Once' }, headers });
    const again = await call(system, 'POST', '/groups', { token: god.token, body: { name: 'Once' }, headers });
    assert.equal(first.status, 201);
    assert.deepEqual(again.body, first.body);
    const other = await call(system, 'POST', '/groups', { token: god.token, body: { name: 'Twice' }, headers });
    assert.equal(other.status, 422);
    assert.equal(other.body.code, 'IDEMPOTENCY_MISMATCH');
    for (const key of ['x'.repeat(65), 'a b']) {
        const bad = await call(system, 'POST', '/groups', { token: god.token, body: { name: 'x' }, headers: { 'Idempotency-Key': key } });
        assert.equal(bad.status, 400);
        assert.equal(bad.body.errors[0].field, 'Idempotency-Key');
    }
});

test('a repeated edit with its key changes nothing any more', async () => {
    const group = (await call(system, 'POST', '/groups', { token: god.token, body: { name: 'Before' } })).body.group;
    const edit = (name, headers) => call(system, 'PATCH', `/groups/${group.id}`, { token: god.token, body: { name }, headers });
    const first = await edit('First', { 'Idempotency-Key': 'edit-1' });
    await edit('Second');
    assert.deepEqual((await edit('First', { 'Idempotency-Key': 'edit-1' })).body, first.body);
    assert.equal((await call(system, 'GET', `/groups/${group.id}`, {})).body.group.name, 'Second');
});

test('the path and the body may not both name a field', async () => {
    const reply = await call(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: god.id, event_id: event.id } });
    assert.equal(reply.status, 400);
    assert.equal(reply.body.errors[0].field, 'event_id');
    for (const id of ['x', '01A204B8-C493-744E-8DFD-817A593EE278'])
        assert.ok([400, 404].includes((await call(system, 'GET', `/events/${id}`)).status), id);
    assert.equal((await call(system, 'GET', '/events/01a204b8-c493-744e-8dfd-817a593ee278')).status, 404);
});

test('a service that dies is away until it is back, and who waits hears of what comes then', async () => {
    const read = () => call(system, 'GET', `/events/${event.id}`);
    const waiting = log(await next(), '20s');
    await eventually(async () => (await parked()) === 1, 3000);
    await system.killAll('events');
    const away = await read();
    assert.equal(away.status, 503);
    assert.ok(Number(away.headers.get('retry-after')) >= 1);
    assert.equal((await call(system, 'GET', '/auth/me', { token: player.token })).status, 200);
    await system.startAll('events');
    await eventually(async () => (await read()).status === 200, 10000); // lib/rpc/loss_test.c says how soon
    await ok(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title: 'After the night' } });
    assert.equal((await waiting).status, 200); // it heard of the change from the new process
});

// Processor time the gateway uses in a quarter of a second.
async function busyMs() {
    const ticks = () => {
        const fields = fs.readFileSync(`/proc/${system.children.gateway.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 250));
    return (ticks() - before) * 10;
}

test('while a service stands still, calls cost nothing, those who leave are let go and the others are answered', async () => {
    const wires = await openWires(system.port, 400);
    system.signal('events', 'SIGSTOP');
    try {
        for (const wire of wires) wire.send(request(`GET /events/${event.id}`, ['Host: x', `Authorization: Bearer ${player.token}`]));
        await eventually(async () => (await busyMs()) < 100, 8000);
        for (const wire of wires.slice(0, 150)) wire.close();
        assert.equal((await call(system, 'GET', '/auth/me', player)).status, 200);
    } finally {
        system.signal('events', 'SIGCONT');
    }
    for (const wire of wires.slice(150)) assert.equal((await wire.reply()).status, 200);
    for (const wire of wires) wire.close();
    await eventually(async () => (await connections()) < 20, 5000);
});

test('who connects to the services\' sockets and leaves makes none of them deaf', async () => {
    const { run } = system;
    const comeAndLeave = (name) => new Promise((resolve) => {
        const socket = net.connect(path.join(run, name), () => (socket.destroy(), resolve())).on('error', resolve);
    });
    for (const name of fs.readdirSync(run).filter((name) => name.endsWith('.ipc')))
        for (let i = 0; i < 100; i++) await comeAndLeave(name);
    await system.restart('gateway'); // connects anew to every socket
    const hears = async (title) => {
        const { status, body } = await log('1', '0s');
        if (status !== 200) return false; // a service that listens anew is away for a moment
        const waiting = log(body.next, '5s');
        const changed = await call(system, 'PATCH', `/events/${event.id}`, { ...god, body: { title } });
        const heard = await waiting;
        return changed.status === 200 && heard.status === 200 && heard.body.entries.length === 1;
    };
    let tries = 0;
    await eventually(() => hears(`Heard ${++tries}`), 10000);
});

test('a drain answers those who wait', async () => {
    const waiting = log(await next(), '25s');
    await eventually(async () => (await parked()) === 1, 3000);
    const ended = system.term('gateway');
    assert.equal((await waiting).status, 200);
    assert.deepEqual(await ended, { code: 0, signal: null, hung: false });
    await system.start('gateway');
});
