// Web Push: a browser is told that there is news, by a push service that learns nothing, and never in a night.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { importJWK, jwtVerify } from 'jose';
import webpush from 'web-push';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { runScript, scriptsOf } from './parts/pages.mjs';
import { assertRefused, call, dumpOf, eventually, leave, ok, signUp } from './parts/people.mjs';
import { openPushService } from './parts/push.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000;
let system, god, players, deck, service;

const newBrowser = (answer) => service.newBrowser(answer);
const register = (person, browser) => ok(system, 'POST', '/notifications/push', { token: person.token, body: browser.subscription });
const browsersOf = async (person) => (await ok(system, 'GET', '/notifications/push', { token: person.token })).browsers.map(({ endpoint }) => endpoint);

async function browserOf(person, answer) {
    const browser = newBrowser(answer);
    await register(person, browser);
    return browser;
}

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms', CONSE_PUSH_GIVE_UP: '2s', CONSE_PUBLIC_URL: 'https://conse.example' } });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god, { roles: 3 });
    service = await openPushService();
});

after(async () => {
    service?.close();
    await system?.stop();
});

async function deal(people = players) {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    await seatAll(system, event, people);
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g };
}

// Tells a person something, by the seat that they lose.
async function tell(person) {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    await seatAll(system, event, [person]);
    await as(system, god, event)('DELETE', `/reservations/${person.id}`);
}

test('a browser is told that there is news, and the push service nothing', async () => {
    const person = await signUp(system, 'told'), browser = await browserOf(person);
    await tell(person);
    await eventually(() => browser.got.length === 1, PATIENCE_MS);
    const [{ headers, body }] = browser.got, { public_key: key } = await ok(system, 'GET', '/notifications/push', { token: person.token });
    assert.deepEqual([headers['content-encoding'], headers.ttl, headers.urgency, headers.topic], ['aes128gcm', '86400', 'normal', 'news']);
    const [, token, k] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization), point = Buffer.from(k, 'base64url');
    assert.equal(k, key);
    assert.equal(point.length, 65);
    const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK(jwk, 'ES256'), { audience: service.origin });
    assert.deepEqual([protectedHeader, payload.sub], [{ typ: 'JWT', alg: 'ES256' }, 'https://conse.example']);
    assert.ok(payload.exp - Date.now() / 1000 <= 24 * 3600 && payload.exp > Date.now() / 1000);
    assert.match(browser.read({ body }).replace(/\0+$/, ''), /^\{"news":[12]\}$/);
    assert.equal(body.length, 230); // whatever there is to tell
});

test('the script of the page registers a browser', async () => {
    const person = await signUp(system, 'scripted'), browser = newBrowser(), asked = [];
    const registration = { pushManager: { subscribe: async (options) => (asked.push(options), { toJSON: () => ({ ...browser.subscription, expirationTime: null }) }) } };
    await runScript(scriptsOf('notifications.md')[0], { token: person.token, registration, fetch: (route, more) => fetch(system.url + route, more) });
    assert.equal(asked[0].userVisibleOnly, true);
    assert.equal(Buffer.from(asked[0].applicationServerKey, 'base64url').length, 65);
    assert.ok((await browsersOf(person)).some((endpoint) => browser.endpoint.startsWith(endpoint)));
    await tell(person);
    await eventually(() => browser.got.length === 1, PATIENCE_MS);
});

test('a push is as stock web-push would send it', async () => {
    const person = await signUp(system, 'stock'), browser = await browserOf(person);
    await tell(person);
    await eventually(() => browser.got.length === 1, PATIENCE_MS);
    const [own] = browser.got, text = browser.read(own).padEnd(127, '\0'); // as long as all
    const vapidDetails = { subject: 'https://conse.example', ...webpush.generateVAPIDKeys() };
    const stock = webpush.generateRequestDetails(browser.subscription, text, { vapidDetails, TTL: 86400, urgency: 'normal', topic: 'news', contentEncoding: 'aes128gcm' });
    assert.equal(browser.read(stock), text);
    for (const [name, value] of Object.entries(stock.headers)) {
        if (name !== 'Authorization') assert.equal(own.headers[name.toLowerCase()], `${value}`, name);
    }
    const parts = (authorization) => {
        const [, token, key] = /^vapid t=([^,]+), *k=(.+)$/.exec(authorization), [head, claims, signature] = token.split('.');
        const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
        return { head: read(head), claims: read(claims), signature: Buffer.from(signature, 'base64url').length, key: Buffer.from(key, 'base64url').length };
    };
    const mine = parts(own.headers.authorization), theirs = parts(stock.headers.Authorization);
    assert.deepEqual([mine.head, mine.signature, mine.key], [theirs.head, theirs.signature, theirs.key]);
    assert.deepEqual(Object.keys(mine.claims).sort(), Object.keys(theirs.claims).sort());
    assert.deepEqual([mine.claims.aud, mine.claims.sub], [theirs.claims.aud, theirs.claims.sub]);
});

test('a browser that is gone is forgotten, one that is busy is told later', async () => {
    const person = await signUp(system, 'gone'), gone = await browserOf(person, () => 410), missing = await browserOf(person, () => 404);
    const busy = await browserOf(person, (n) => (n === 1 ? { status: 429, headers: { 'Retry-After': '1' } } : 201)), begun = Date.now();
    assert.equal((await browsersOf(person)).length, 3);
    await tell(person);
    await eventually(() => busy.got.length === 1, PATIENCE_MS);
    assert.ok(Date.now() - begun >= 900);
    await eventually(async () => (await browsersOf(person)).length === 1, PATIENCE_MS);
    assert.deepEqual([await browsersOf(person), gone.requests, missing.requests], [[busy.endpoint], 1, 1]);
    const dead = await browserOf(person, () => 500);
    await tell(person);
    await eventually(async () => !(await browsersOf(person)).includes(dead.endpoint), PATIENCE_MS);
    assert.ok(dead.requests > 1);
});

test('nobody is told where an answer leads', async () => {
    const person = await signUp(system, 'led'), elsewhere = newBrowser();
    const leads = await browserOf(person, () => ({ status: 307, headers: { Location: elsewhere.endpoint } })), stays = await browserOf(person);
    await tell(person);
    await eventually(() => leads.requests > 0 && stays.got.length === 1, PATIENCE_MS);
    await eventually(async () => leads.requests > 1 || !(await browsersOf(person)).includes(leads.endpoint), PATIENCE_MS);
    assert.equal(elsewhere.requests, 0);
});

test('from a night\'s opening to its close no player is told, and then only of what others told', async () => {
    const { event, g } = await deal(), newest = async (player) => (await ok(system, 'GET', '/notifications', { token: player.token })).notifications[0]?.kind;
    for (const player of players) await eventually(async () => (await newest(player)) === 'CARD_DEALT', PATIENCE_MS);
    const browsers = await Promise.all(players.map((player) => browserOf(player)));
    const watcher = await signUp(system, 'watcher'), free = await browserOf(watcher);
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', `/players/${players[0].id}/notes`, { audience: 'PLAYER', text: 'by day' });
    await eventually(() => browsers[0].got.length === 1, PATIENCE_MS);
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const text of ['one', 'two', 'three']) await g('POST', `/players/${players[0].id}/notes`, { audience: 'PLAYER', text });
    await tell(players[1]); // elsewhere
    await tell(watcher);
    await eventually(() => free.got.length === 1, PATIENCE_MS);
    const unread = async (person) => (await ok(system, 'GET', '/notifications', { token: person.token })).unread;
    await eventually(async () => (await unread(players[1])) > 0, PATIENCE_MS);
    assert.deepEqual(browsers.map(({ requests }) => requests), [1, 0, 0]);
    await system.killAll('events');
    await system.startAll('events');
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}`)).status === 200, PATIENCE_MS);
    await tell(watcher);
    await eventually(() => free.got.length === 2, PATIENCE_MS);
    assert.deepEqual(browsers.map(({ requests }) => requests), [1, 0, 0]);
    await g('POST', '/phases', { kind: 'DAY' });
    await eventually(() => browsers[1].got.length === 1, PATIENCE_MS);
    await tell(watcher);
    await eventually(() => free.got.length === 3, PATIENCE_MS);
    assert.deepEqual(browsers.map(({ requests }) => requests), [1, 1, 0]);
    await tell(players[0]);
    await eventually(() => browsers[0].got.length === 2, PATIENCE_MS);
    assert.equal(JSON.parse(browsers[0].read(browsers[0].got[1]).replace(/\0+$/, '')).news, await unread(players[0]));
    for (const browser of browsers)
        for (const push of browser.got) assert.match(browser.read(push).replace(/\0+$/, ''), /^\{"news":\d+\}$/);
});

test('what was seen, or is not wanted, is not pushed', async () => {
    const person = await signUp(system, 'wishing'), browser = await browserOf(person);
    await ok(system, 'PUT', '/notifications/preferences', { token: person.token, body: { no_push: ['SEAT'] } });
    await tell(person);
    await eventually(async () => (await ok(system, 'GET', '/notifications', { token: person.token })).unread > 0, PATIENCE_MS);
    const fence = await signUp(system, 'fence'), fenced = await browserOf(fence);
    await tell(fence);
    await eventually(() => fenced.got.length === 1, PATIENCE_MS);
    assert.equal(browser.requests, 0);
    await deal([person]);
    await eventually(() => browser.got.length > 0, PATIENCE_MS); // its card
});

test('whose push services never answer hold up nobody else', async () => {
    const silent = http.createServer(() => {});
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const slow = await signUpMany(system, 'slow', 5), person = await signUp(system, 'quick'), browser = await browserOf(person);
    for (const each of slow)
        for (let i = 0; i < 5; i++) {
            const { subscription } = newBrowser();
            await register(each, { subscription: { ...subscription, endpoint: `http://127.0.0.1:${silent.address().port}/${crypto.randomUUID()}` } });
        }
    let asked = 0;
    silent.on('request', () => asked++);
    for (const each of slow) await tell(each);
    await eventually(() => asked >= 4, PATIENCE_MS);
    const begun = Date.now();
    await tell(person);
    await eventually(() => browser.got.length === 1, PATIENCE_MS);
    assert.ok(Date.now() - begun < 15000, `it took ${Date.now() - begun} ms`);
    silent.closeAllConnections();
    silent.close();
});

test('a browser is who signs in there; five each, and none outlives the account', async () => {
    const [one, other] = await signUpMany(system, 'sharing', 2), shared = await browserOf(one);
    await register(other, shared);
    assert.deepEqual([await browsersOf(one), await browsersOf(other)], [[], [shared.endpoint]]);
    for (let i = 1; i < 5; i++) await browserOf(other);
    await register(other, shared);
    const sixth = newBrowser();
    await assertRefused(system, other, 'POST', '/notifications/push', sixth.subscription, 409, 'TOO_MANY_BROWSERS');
    const remove = (person) => call(system, 'DELETE', `/notifications/push?endpoint=${encodeURIComponent(shared.endpoint)}`, { token: person.token });
    assert.equal((await remove(one)).status, 204);
    assert.equal((await browsersOf(other)).length, 5);
    assert.equal((await remove(other)).status, 204);
    assert.equal((await browsersOf(other)).length, 4);
    const left = await browsersOf(other), stays = await browserOf(one);
    await leave(system, other, one);
    const lines = await dumpOf(system, 'events'), isKept = (endpoint) => lines.some(({ text }) => text.includes(endpoint));
    assert.ok(isKept(stays.endpoint));
    assert.deepEqual([left.length, left.filter(isKept)], [4, []]);
});

test('what is no browser is refused', async () => {
    const [person] = players, { subscription } = newBrowser();
    const refused = (more, ...expected) => assertRefused(system, person, 'POST', '/notifications/push', { ...subscription, ...more }, ...expected);
    const keys = (more) => ({ keys: { ...subscription.keys, ...more } });
    for (const endpoint of ['http://10.0.0.1/', 'https://169.254.169.254/', 'https://[::ffff:127.0.0.1]/', 'https://user@example.com/'])
        await refused({ endpoint }, 400, 'INVALID_FIELD', 'endpoint');
    await refused(keys({ auth: 'short' }), 400, 'INVALID_FIELD', 'keys.auth');
    for (const p256dh of ['AAAA', Buffer.alloc(65, 4).toString('base64url'), crypto.randomBytes(65).toString('base64url')])
        await refused(keys({ p256dh }), 400, 'INVALID_FIELD', 'keys.p256dh');
    await assertRefused(system, null, 'POST', '/notifications/push', subscription, 401, 'TOKEN_INVALID');
});
