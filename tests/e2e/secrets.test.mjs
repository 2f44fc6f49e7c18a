// An event can always be dealt with the secrets that it promised: when its process was killed, and when it was restored from a dump.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { verifyDeal } from './parts/fairness.mjs';
import { LIMITS, makeDeck, makeGod, openBody, openEvent, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, logIn, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const OPENERS = 4, ROUNDS = 4, EVENTS = 12, PATIENCE_MS = 30000;

async function begin(system) {
    const god = await makeGod(system, 'thegod');
    return { god, deck: await makeDeck(system, god), players: await signUpMany(system, 'player', 3) };
}

// The gateway may meet a process once more that has just been killed: then it is asked again by the same key.
async function insist(system, person, event, route) {
    const asked = { token: person.token, body: {}, headers: { 'Idempotency-Key': randomUUID() } };
    let reply;
    await eventually(async () => ![503, 504].includes((reply = await call(system, 'POST', `/events/${event.id}${route}`, asked)).status), PATIENCE_MS);
    assert.ok(reply.status < 300, `${route}: ${JSON.stringify(reply.body)}`);
    return reply.body;
}

// Deals, and ends the event, so that its secrets are opened.
async function dealAndOpen(system, { god, players }, event) {
    for (const player of players) await insist(system, player, event, '/reservations');
    await insist(system, god, event, '/lock');
    assert.equal((await insist(system, god, event, '/reveal')).event.players.length, players.length);
    await insist(system, god, event, '/cancel');
    assert.match((await consectl(system, 'verify-deal', event.id)).stdout, /all as promised/);
    return verifyDeal((await ok(system, 'GET', `/events/${event.id}/deal`)).deal);
}

test('killed while events are opened: each that is there is dealt as it promised', async () => {
    const system = await startSystem({ env: LIMITS });
    try {
        const table = await begin(system), body = openBody(table.god, table.deck);
        for (let round = 0; round < ROUNDS; round++) {
            const opened = new Set();
            let kill;
            await Promise.all(Array.from({ length: OPENERS }, async () => {
                for (let going = true; going; ) {
                    const reply = await call(system, 'POST', '/events', { token: table.god.token, body });
                    going = reply.status === 201;
                    assert.ok(going || [503, 504].includes(reply.status), JSON.stringify(reply.body));
                    if (going) opened.add(reply.body.event.id);
                    if (opened.size === EVENTS) kill ??= system.killAll('events');
                }
            }));
            await kill;
            await system.startAll('events');
            let list;
            await eventually(async () => (list = await call(system, 'GET', '/events?status=OPEN&page_size=100')).status === 200, PATIENCE_MS);
            const there = list.body.events.map((event) => event.id);
            for (const id of opened) assert.ok(there.includes(id), `${id} was opened and is gone`);
            for (const id of there) await dealAndOpen(system, table, { id });
        }
    } finally {
        await system.stop();
    }
});

test('restored from a dump, an event is dealt as it promised', async () => {
    const system = await startSystem({ env: LIMITS, replicas: 0 });
    const data = path.join(system.dir, 'restored');
    let restored;
    try {
        const { god, deck, players } = await begin(system);
        const events = [await openEvent(system, god, deck), await openEvent(system, god, deck)];
        for (const service of ['gateway', 'chain', 'events', 'auth']) await system.term(service);
        fs.cpSync(path.join(system.env.CONSE_DATA, 'keys'), path.join(data, 'keys'), { recursive: true });
        const place = { ...system, env: { ...system.env, CONSE_DATA: data, CONSE_RUN: data } };
        for (const service of ['auth', 'events', 'chain']) {
            const { stdout } = await consectl(system, 'dump', service), file = path.join(system.dir, `${service}.jsonl`);
            assert.equal(stdout.includes('"attached"'), service === 'events');
            fs.writeFileSync(file, stdout);
            assert.equal((await consectl(place, 'restore', service, file)).code, 0);
            assert.equal((await consectl(place, 'dump', service)).stdout, stdout);
        }
        restored = await startSystem({ env: { ...LIMITS, CONSE_DATA: data }, replicas: 0 });
        const again = { god: await logIn(restored, 'thegod'), players: [] };
        for (const { user } of players) again.players.push(await logIn(restored, user.username));
        for (const event of events) await dealAndOpen(restored, again, event);
    } finally {
        await restored?.stop();
        await system.stop();
    }
});
