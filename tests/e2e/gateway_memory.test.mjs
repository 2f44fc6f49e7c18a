// What clients that never read cost the gateway, with its own settings but for time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { from, stalled } from './parts/crowd.mjs';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { eventually } from './parts/people.mjs';
import { noisyPng } from './parts/png.mjs';
import { BIN, startSystem, throughOne } from './parts/system.mjs';

const IMAGES = 24; // more than are kept
// A sanitizer's shadow, and what it keeps of freed memory, are the gateway's memory too.
const SHADOW = /\/(address|thread|undefined)\/bin$/.test(BIN) ? 8 : 1;
const events = [];
let system;

before(async () => {
    // Nobody is cut for being slow here: the bounds alone must do.
    system = throughOne(await startSystem({ env: { ...LIMITS, CONSE_REQUEST_TIMEOUT: '120s', CONSE_STALL_TIMEOUT: '120s' } }));
    const god = await makeGod(system, 'owner');
    const deck = await makeDeck(system, god);
    const headers = { Authorization: `Bearer ${god.token}`, 'Content-Type': 'image/png' };
    for (let i = 0; i < IMAGES; i++) {
        const event = await openEvent(system, god, deck);
        const put = await fetch(`${system.url}/events/${event.id}/image`, { method: 'PUT', headers, body: noisyPng(600, 580) });
        assert.equal(put.status, 204);
        events.push(event);
    }
});

after(() => system?.stop());

const anonymous = () => Number(/RssAnon:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${system.children.gateway.pid}/status`, 'utf8'))[1]) / 1024;

async function storm(t, addresses) {
    let most = 0;
    const crowd = addresses.map((address, i) => stalled(system, address, `/events/${events[i % IMAGES].id}/image`));
    const statuses = [];
    for (const one of crowd) {
        statuses.push(await one.status);
        most = Math.max(most, anonymous());
        if (statuses.length % 40 === 0) assert.equal((await from(system, '127.0.0.3', 'GET', `/events/${events[0].id}`)).status, 200);
    }
    for (const { socket } of crowd) socket.destroy();
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
    assert.ok(most < SHADOW * 256, `${most} MB`);
    await eventually(() => anonymous() < SHADOW * 64, 20000);
    t.diagnostic(`${most.toFixed(0)} MB at most, ${anonymous().toFixed(0)} MB afterwards`);
}

test('1200 clients of one address that never read cost less than 256 MB, and it is given back', (t) => storm(t, Array(1200).fill('127.0.0.2')));

test('1200 clients of ten addresses neither', (t) => storm(t, Array.from({ length: 1200 }, (_, i) => `127.0.1.${i % 10}`)));
