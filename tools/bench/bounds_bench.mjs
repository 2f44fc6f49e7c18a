// What the largest replies that are allowed cost others, and memory: `make bench-bounds`. CONSE_BIN: the built programs.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { from, stalled } from '../../tests/e2e/parts/crowd.mjs';
import { LIMITS, makeDeck, openEvent } from '../../tests/e2e/parts/games.mjs';
import { playLargest } from '../../tests/e2e/parts/largest.mjs';
import { noisyPng } from '../../tests/e2e/parts/png.mjs';
import { startSystem, stopAfter } from '../../tests/e2e/parts/system.mjs';
import { median, ms, table } from './measure.mjs';

const PLAYERS = 90, PHASES = 200, PAGE = 100;
const SAMPLES = 250, BETWEEN_MS = 15; // less than the limit of an address
const SILENT = 1200, IMAGES = 24; // more than are kept
const faults = [];

const must = (holds, text) => {
    if (!holds) faults.push(text);
    return holds ? 'yes' : 'NO';
};
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const pageOf = (event, size, first) => `/events/${event.id}/phases?page_size=${size}${first > 1 ? `&page_token=${first}` : ''}`;

// ---- Others

function timed(system, agent, path) {
    const began = performance.now();
    return new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port: system.port, localAddress: '127.0.8.1', path, agent }, (reply) => {
            if (reply.statusCode !== 200) reject(new Error(`${path}: ${reply.statusCode}`));
            reply.resume().on('end', () => resolve((performance.now() - began) * 1000));
        }).on('error', reject);
    });
}

async function medianOfOthers(system, event) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 }), times = [];
    for (let i = 0; i < SAMPLES; i++) {
        times.push(await timed(system, agent, `/events/${event.id}`));
        await pause(BETWEEN_MS);
    }
    agent.destroy();
    return median(times);
}

async function besideLargePages(system, event) {
    const alone = await medianOfOthers(system, event);
    const paths = Array.from({ length: PHASES - PAGE + 1 }, (_, i) => pageOf(event, PAGE, i + 1));
    const env = { ...process.env, BENCH_PORT: system.port, BENCH_PATHS: JSON.stringify(paths) };
    const side = fork(fileURLToPath(new URL('bounds_side.mjs', import.meta.url)), { env });
    const said = once(side, 'message');
    await pause(1000);
    const beside = await medianOfOthers(system, event);
    side.send('stop');
    const [got] = await said;
    console.log(`\nGET of an event, others' median, while eight addresses ask for the largest pages of phases, each another, as fast as the limits let them`);
    table([
        ['alone', ms(alone), ''],
        ['beside them', ms(beside), `ratio ${(beside / alone).toFixed(2)} (target <= 2) ${must(beside <= 2 * alone, 'others wait more than twice as long')}`],
        ['what they got', Object.entries(got).map(([status, count]) => `${status}: ${count}`).join(', '), must(got[200] > 0, 'no large page was served')],
    ]);
}

// ---- Sizes

async function read(system, god, path, accept) {
    const reply = await from(system, '127.0.0.1', 'GET', path, { token: god.token, headers: accept });
    must(reply.status === 200, `${path}: ${reply.status}`);
    return reply.body.length;
}

async function everySize(system, god, event) {
    const forms = { json: {}, gzip: { 'Accept-Encoding': 'gzip' }, protobuf: { Accept: 'application/x-protobuf' } };
    const before = faults.length, most = { json: 0, gzip: 0, protobuf: 0 };
    let served = 0;
    for (let size = 1; size <= PAGE; size++)
        for (const [name, accept] of Object.entries(forms))
            for (const first of [1, PHASES - size + 1]) {
                most[name] = Math.max(most[name], await read(system, god, pageOf(event, size, first), accept));
                served++;
            }
    console.log(`\nPages of at most 1 to ${PAGE} of the ${PHASES} phases of ${PLAYERS} players, for the god`);
    table([
        ['served', `${served}`, faults.length === before ? 'yes' : 'NO'],
        ...Object.entries(most).map(([name, bytes]) => [`largest as ${name}`, `${(bytes / 1e6).toFixed(2)} MB`, '']),
    ]);
}

// ---- Memory

const megabytes = (system) => Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${system.children.gateway.pid}/status`, 'utf8'))[1]) / 1024;

// Images are the largest replies that there are.
async function putImages(system, god) {
    const deck = await makeDeck(system, god), body = noisyPng(824, 840), paths = [];
    const headers = { Authorization: `Bearer ${god.token}`, 'Content-Type': 'image/png' };
    for (let i = 0; i < IMAGES; i++) {
        paths.push(`/events/${(await openEvent(system, god, deck)).id}/image`);
        const { status } = await fetch(system.url + paths[i], { method: 'PUT', headers, body });
        must(status === 204, `${paths[i]}: ${status}`);
    }
    return { paths, bytes: body.length };
}

async function whoNeverReads(system, god) {
    const { paths, bytes } = await putImages(system, god);
    const before = megabytes(system), statuses = {};
    let most = before;
    const crowd = Array.from({ length: SILENT }, (_, i) => stalled(system, '127.0.9.1', paths[i % IMAGES]));
    for (const { status } of crowd) {
        const got = await status;
        statuses[got] = (statuses[got] ?? 0) + 1;
        most = Math.max(most, megabytes(system));
    }
    for (const { socket } of crowd) socket.destroy();
    let after = megabytes(system);
    for (const until = Date.now() + 15000; after > 64 && Date.now() < until; after = megabytes(system)) await pause(100);
    console.log(`\n${SILENT} connections of one address that ask for ${(bytes / 1e6).toFixed(2)} MB, the largest replies there are, and never read: resident memory of the gateway`);
    table([
        ['before', `${before.toFixed(0)} MB`, ''],
        ['at most', `${most.toFixed(0)} MB`, `(target < 256) ${must(most < 256, `${most} MB at most`)}`],
        ['after they have closed', `${after.toFixed(0)} MB`, `(target <= 64) ${must(after <= 64, `${after} MB stay`)}`],
        ['what they got', Object.entries(statuses).map(([status, count]) => `${status}: ${count}`).join(', '), must(statuses[200] > 0, 'no reply began')],
    ]);
}

async function main() {
    await stopAfter(await startSystem({ env: LIMITS }), async (system) => {
        const { god, event } = await playLargest(system, { players: PLAYERS, phases: PHASES });
        await everySize(system, god, event);
        await whoNeverReads(system, god);
        await system.term('gateway');
        for (const name of Object.keys(LIMITS)) delete system.env[name]; // from here on those of every gateway
        await system.start('gateway');
        await besideLargePages(system, event);
    });
    for (const fault of faults) console.error(`FAILED: ${fault}`);
    process.exitCode = faults.length ? 1 : 0;
}

await main();
