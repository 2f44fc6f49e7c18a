// Finding an event by its code: typed, scanned, or opened by a browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, eventually, ok } from './parts/people.mjs';
import { readQr } from './parts/qr.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, deck, event;
before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_PUBLIC_URL: 'https://play.example', CONSE_LIMIT_JOIN: '30/0.001' } });
    god = await makeGod(system, 'join_god');
    deck = await makeDeck(system, god);
    event = await openEvent(system, god, deck);
});
after(() => system.stop());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';
const open = (path, { method = 'GET', headers } = {}) => fetch(`${system.url}${path}`, { method, headers, redirect: 'manual' });

test('a code leads to its event, in any case', async () => {
    assert.match(event.join_code, /^[B-DF-HJ-NP-TV-Z2-9]{6}$/);
    for (const code of [event.join_code, event.join_code.toLowerCase()]) {
        const found = await call(system, 'GET', `/join/${code}`);
        assert.deepEqual([found.status, found.body.event_id, found.body.event.title, found.body.event.state], [200, event.id, event.title, 'OPEN']);
        assert.deepEqual(found.body.event.players, []);
    }
    assert.equal((await call(system, 'GET', '/join/BBBBBB')).status, 404);
    assert.equal((await call(system, 'GET', '/join/nothing')).status, 404);
    assert.equal((await call(system, 'GET', `/join/${'B'.repeat(17)}`)).status, 400);
    assert.equal((await ok(system, 'GET', '/events')).events.find((one) => one.id === event.id).join_code, event.join_code);
});

test('a browser is led to the page of the event, others get the event', async () => {
    const path = `/join/${event.join_code}`;
    const led = await open(path, { headers: { Accept: BROWSER } });
    assert.deepEqual([led.status, led.headers.get('location'), led.headers.get('vary'), led.headers.get('cache-control')], [302, `/?event=${event.id}`, 'Accept', 'no-cache']);
    assert.equal((await open(path, { headers: { Accept: 'text/html' } })).status, 302);
    const told = await open(path, { headers: { Accept: 'application/json' } });
    assert.deepEqual([told.status, told.headers.get('content-type'), told.headers.get('cache-control')], [200, 'application/json', 'no-cache']);
    assert.match(told.headers.get('vary'), /Accept/);
    const missing = await open('/join/BBBBBB', { headers: { Accept: BROWSER } });
    assert.deepEqual([missing.status, missing.headers.get('location')], [404, null]);
});

test('the QR code is the address with the code', async () => {
    const image = await open(`/events/${event.id}/qr.svg`), svg = await image.text();
    assert.deepEqual([image.status, image.headers.get('content-type')], [200, 'image/svg+xml']);
    assert.equal(readQr(svg), `https://play.example/join/${event.join_code}`);
    assert.ok(svg.includes(`<title>QR code: https://play.example/join/${event.join_code}</title>`));
    const again = await open(`/events/${event.id}/qr.svg`, { headers: { 'If-None-Match': image.headers.get('etag') } });
    assert.equal(again.status, 304);
    assert.equal((await open(`/events/${god.id}/qr.svg`)).status, 404);
});

test('an event that is over is found while no newer one has its code, and after a restart', async () => {
    const over = await openEvent(system, god, deck);
    await ok(system, 'POST', `/events/${over.id}/cancel`, { token: god.token });
    await system.restart('events');
    let found;
    await eventually(async () => (found = await call(system, 'GET', `/join/${over.join_code}`)).status === 200, 10000);
    assert.deepEqual([found.body.event_id, found.body.event.state], [over.id, 'CANCELLED']);
});

test('codes cannot be tried without end, and other calls go on', async () => {
    let last;
    const most = 31 * system.urls.length; // gateways hear of each other's a little later
    for (let i = 0; i < most && last?.status !== 429; i++) last = await open('/join/BBBBBB', { method: i % 2 ? 'HEAD' : 'GET' });
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get('retry-after')) > 0);
    assert.equal((await open(`/events/${event.id}`)).status, 200);
});
