// The same on stores that two processes share: a text whose time is over is in no document, was never in the cache or a log, and nobody
// who comes back by a cursor of before is told it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { everythingAt } from '../stores/parts/asker.mjs';
import { LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { eventually, ok } from './parts/people.mjs';
import { everythingInRedis } from './parts/redis.mjs';
import { openStream } from './parts/sse.mjs';
import { startSystem } from './parts/system.mjs';

const SECRET = 'NEEDLE in the haystack', REPLACED = 'PIN before it was replaced', STANDS = 'what stays', REASON = 'SPIKE that somebody gave for a report', PATIENCE_MS = 90000;
let system, god, event, room, player, reader;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_CHAT_DELETED: '1s' }, replicas: 2 });
    god = await makeGod(system, 'thegod');
    event = await openEvent(system, god, await makeDeck(system, god));
    [player, reader] = await signUpMany(system, 'player', 2);
    await seatAll(system, event, [player, reader]);
    room = `${event.id}.table`;
});

after(() => system?.stop());

const say = async (text) => (await ok(system, 'POST', `/rooms/${room}/messages`, { token: player.token, body: { client_id: crypto.randomUUID(), text } })).message;
const bytesIn = (folder) => Buffer.concat(fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile()).map((file) => fs.readFileSync(path.join(file.parentPath ?? file.path, file.name))));
const logOf = (after) => ok(system, 'GET', `/rooms/${room}/log?after=${encodeURIComponent(after)}`, { token: reader.token });
const isErased = (bytes) => !bytes.includes(SECRET) && !bytes.includes(REPLACED);

test('a text whose time is over is in no document, cache or log, and is told to nobody', async () => {
    const { port } = system.stores.mongo, inCache = () => everythingInRedis(system.stores.redis.port), start = (await logOf('')).cursor;
    const { id } = await say(SECRET), { id: other } = await say(REPLACED);
    await say(STANDS);
    const route = `/rooms/${room}/messages`;
    await ok(system, 'PATCH', `${route}/${other}`, { token: player.token, body: { text: 'replaced' } });
    assert.ok(JSON.stringify(await logOf(start)).includes(SECRET));
    const readable = JSON.stringify(await ok(system, 'GET', `${route}?all_texts=true`, { token: god.token }));
    assert.ok(readable.includes(SECRET) && readable.includes(REPLACED));
    await ok(system, 'POST', `${route}/${id}/report`, { token: reader.token, body: { reason: REASON } });
    const follows = await openStream(system, `/events/${event.id}/stream`, { token: reader.token }); // so that they are there, in the cache
    await eventually(async () => (await inCache()).includes('conse:gathered:'), PATIENCE_MS);
    const cached = await inCache();
    for (const text of [SECRET, REPLACED, STANDS, REASON]) assert.ok(!cached.includes(text), text);
    follows.close();
    await ok(system, 'DELETE', `${route}/${id}`, { token: player.token });
    const stored = await everythingAt(port);
    for (const text of [SECRET, REPLACED, STANDS]) assert.ok(stored.includes(text), text);
    await eventually(async () => isErased(await everythingAt(port)), PATIENCE_MS);
    assert.ok((await everythingAt(port)).includes(STANDS));
    for (const bytes of [bytesIn(system.stores.redis.folder), await inCache(), bytesIn(system.dir)]) assert.ok(isErased(bytes) && !bytes.includes(REASON)); // logs, and the processes' own folders
    for (const url of system.urls) {
        const told = JSON.stringify(await ok({ url }, 'GET', `/rooms/${room}/log?after=${encodeURIComponent(start)}`, { token: reader.token }));
        const listed = JSON.stringify(await ok({ url }, 'GET', route, { token: reader.token }));
        const all = JSON.stringify(await ok({ url }, 'GET', `${route}?all_texts=true`, { token: god.token }));
        for (const text of [told, listed, all]) assert.ok(isErased(text) && text.includes(STANDS), text);
        assert.deepEqual([told, listed, all].map((text) => text.includes(REASON)), [false, false, true], 'a report is for who leads alone');
    }
});
