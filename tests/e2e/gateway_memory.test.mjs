// What clients that never read cost the gateway, with its own settings but for time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { from, stalled } from './parts/crowd.mjs';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { eventually } from './parts/people.mjs';
import { noisyPng } from './parts/png.mjs';
import { BIN, metricOf, startSystem, throughOne } from './parts/system.mjs';

const IMAGES = 24; // more than are kept
// A sanitizer's shadow, and what it keeps of freed memory, are the gateway's memory too.
const SHADOW = /\/(address|thread|undefined)\/bin$/.test(BIN) ? 8 : 1;
const events = [];
let system;

before(async () => {
    // Nobody is cut for being slow here: the bounds alone must do.
    system = throughOne(await startSystem({ env: { ...LIMITS, CONSE_REQUEST_TIMEOUT: '120s', CONSE_STALL_TIMEOUT: '120s', CONSE_STREAMS_PER_ADDRESS: '2000' } }));
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

// A stream by events that nobody reads behind its first bytes.
const follow = (i) => new Promise((resolve, reject) => {
    const socket = net.connect({ port: system.port, host: '127.0.0.1', localAddress: `127.0.2.${1 + i % 4}` }, () => socket.write(`GET /events/${events[0].id}/stream HTTP/1.1\r\nHost: x\r\n\r\n`));
    let text = '';
    socket.on('error', reject).on('data', (part) => {
        text += text.includes('event: snapshot') ? '' : part;
        if (text.includes('event: snapshot')) resolve(socket);
    });
});

async function followAll(count) {
    const sockets = [];
    for (let i = 0; i < count; i += 50) sockets.push(...(await Promise.all(Array.from({ length: Math.min(50, count - i) }, (_, at) => follow(i + at)))));
    return sockets;
}

test('streams that have left take no memory', { skip: SHADOW > 1 }, async (t) => {
    const COUNT = 5000, leave = async (sockets) => {
        for (const socket of sockets) socket.destroy();
        await eventually(async () => (await metricOf(system, 'gateway', 'conse_stream_viewers')) === 0, 20000);
    };
    await leave(await followAll(50));
    const before = anonymous(), sockets = await followAll(COUNT), most = anonymous();
    await leave(sockets);
    await eventually(() => anonymous() - before < 1 + 0.3 * COUNT / 1024, 30000);
    t.diagnostic(`${before.toFixed(1)} MB before, ${most.toFixed(1)} with all, ${anonymous().toFixed(1)} afterwards`);
});
