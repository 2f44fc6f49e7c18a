// docs/graphql.md, block by block in one shell, as its reader runs it, and its script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { assertPageRuns, givenBy, runScript, scripted, scriptsOf } from './parts/pages.mjs';
import { eventually, ok } from './parts/people.mjs';
import { socketUrl } from './parts/socket.mjs';
import { startSystem } from './parts/system.mjs';

let system;

before(async () => (system = await startSystem({ env: LIMITS })));
after(() => system?.stop());

test('the calls of the page about GraphQL run as they are printed', () => assertPageRuns(system, 'graphql.md', 7));

test('its client shows what happens, and goes on behind what it has shown', async () => {
    const god = await makeGod(system, 'shower'), event = await openEvent(system, god, await makeDeck(system, god));
    const shown = [], sockets = [], clients = [];
    class Socket extends WebSocket {
        constructor(...words) {
            super(...words);
            sockets.push(this);
        }
    }
    const given = {
        createClient: (options) => (clients.push(createClient({ ...options, url: socketUrl(system), webSocketImpl: Socket, retryAttempts: 100, retryWait: () => new Promise((again) => setTimeout(again, 50)) })), clients.at(-1)),
        token: god.token, id: event.id, follow: givenBy('graphql.md', 'follow'), show: (what) => shown.push(what),
    };
    const titled = (title) => ok(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: { title } });
    await runScript(scriptsOf('graphql.md')[0], given);
    await eventually(() => shown.some(({ __typename }) => __typename === 'EventSnapshot'), 10000);
    await titled('another');
    await eventually(() => shown.some(({ __typename }) => __typename === 'LogEntry'), 10000);
    sockets[0].terminate();
    await titled('still another');
    await eventually(() => shown.filter(({ __typename }) => __typename === 'LogEntry').length === 2, 10000);
    assert.equal(shown.filter(({ __typename }) => __typename === 'EventSnapshot').length, 1);
    assert.ok(sockets.length > 1);
    await clients[0].dispose();
});

test('every script of the pages is run by a test', () => {
    // realtime.md: streams_clients.test.mjs; notifications.md: web_push; payments.md: lamports; webhooks.md: webhooks.
    assert.deepEqual(scripted(), { 'graphql.md': 1, 'notifications.md': 1, 'payments.md': 1, 'realtime.md': 1, 'webhooks.md': 1 });
});
