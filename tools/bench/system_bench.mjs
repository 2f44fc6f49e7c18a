// The system benchmarks: `make bench` runs them after those of the modules. Everything on loopback, on free ports, in folders of
// its own; wrk is the load. CONSE_BIN: the built programs. BENCH_SECONDS: of one run (default 4).
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { outside } from '../../tests/e2e/parts/environment.mjs';
import { call, consectl, ok } from '../../tests/e2e/parts/people.mjs';
import { stopAfter } from '../../tests/e2e/parts/system.mjs';
import { prepare, readable, startBenchSystem } from './evening.mjs';
import { ballots, counter, get, median, ms, perSecond, table } from './measure.mjs';
import { startGateway } from './gateways.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const ROUNDS = 3, LATENCY_ROUNDS = 5, STARTS = 5;
const faults = [];

const must = (holds, text) => {
    if (!holds) faults.push(text);
    return holds ? 'yes' : 'NO';
};

const ratio = (value) => value.toFixed(2);

// ---- Reads

async function sameAnswer(system, statics, scene) {
    const token = scene.reader.token;
    const answers = [];
    for (const one of [system, ...statics]) {
        await call(one, 'GET', scene.readPath, { token });
        const { body, headers } = await call(one, 'GET', scene.readPath, { token, headers: { 'Accept-Encoding': 'identity' } });
        answers.push({ text: JSON.stringify(body), names: [...headers.keys()].join(' '), length: Number(headers.get('content-length')) });
    }
    for (const answer of answers.slice(1))
        must(answer.text === answers[0].text && answer.names === answers[0].names, 'the static gateways answer as the real one');
    must(answers[0].length >= 1024, `the event is ${answers[0].length} bytes, at least 1024`);
    return answers[0].length;
}

const readCalls = (system) => counter(system.admin.events, 'conse_rpc_calls_total', 'method="events.GetEvent"');

async function reads(system, scene) {
    const statics = [await startGateway(system, 'reply'), await startGateway(system, 'bytes')];
    try {
        const length = await sameAnswer(system, statics, scene);
        const all = [system, ...statics], rates = all.map(() => []), counts = [];
        for (let round = 0; round < ROUNDS; round++) {
            for (const [i, one] of all.entries()) {
                const before = await readCalls(system);
                const run = await get(one.url + scene.readPath, scene.reader.token, { seconds: SECONDS });
                const asked = (await readCalls(system)) - before;
                rates[i].push(run.rate);
                if (i === 0) counts.push([run.requests, asked]);
                else must(asked === 0, `a static gateway asked the service ${asked} times`);
            }
        }
        const [real, reply, bytes] = rates.map(median);
        // wrk drops what it has sent but not read when it ends: at most one request of each of the 64 connections.
        const equal = counts.every(([wrk, service]) => service >= wrk && service <= wrk + 64);
        console.log(`\nGET of one event (${length} bytes), 64 connections, median of ${ROUNDS} interleaved rounds`);
        table([
            ['gateway -> events -> gateway', perSecond(real), ''],
            ['gateway alone, the reply kept, JSON written', perSecond(reply), `ratio ${ratio(real / reply)}`],
            ['gateway alone, the bytes kept', perSecond(bytes), `ratio ${ratio(real / bytes)}  (target >= 0.70)`],
            ["the service's counter is wrk's", counts.map(([wrk, service]) => `${wrk}+${service - wrk}`).join(' '), must(equal, 'the counters differ')],
        ]);
    } finally {
        for (const one of statics) await one.stop();
    }
}

async function latencies(system, scene) {
    const runs = [];
    for (let round = 0; round < LATENCY_ROUNDS; round++)
        runs.push(await get(system.url + scene.readPath, scene.reader.token, { seconds: Math.min(SECONDS, 3) }));
    const tails = runs.map((run) => run.p99_us / run.p50_us);
    console.log(`\nLatency of that GET, 64 connections, median of ${LATENCY_ROUNDS} rounds`);
    table([['median', ms(median(runs.map((r) => r.p50_us))), ''], ['p99', ms(median(runs.map((r) => r.p99_us))), ''],
        ['p99 / median', ratio(median(tails)), '(target <= 3)']]);
}

// ---- Ballots

// Entries of the evening's stream, as they lie in the store's file.
async function inStore(system, scene) {
    const query = `SELECT sum(count) FROM entry JOIN stream ON entry.at >> 32 = stream.id WHERE name = 'events.${scene.evening.id}'`;
    const { stdout } = await promisify(execFile)('sqlite3', ['-readonly', path.join(system.env.CONSE_DATA, 'events.db'), query]);
    return Number(stdout);
}

// The evening ends, so that consectl may read all of it: ballots in the log, with its hash chain checked.
async function inLog(system, scene) {
    await ok(system, 'POST', `/events/${scene.evening.id}/cancel`, { token: scene.god.token });
    const { code, stdout, stderr } = await consectl(system, 'log', scene.evening.id);
    must(code === 0 && /the hash chain holds/.test(stdout), `consectl log: ${stderr}`);
    return stdout.split('\n').filter((line) => / ballot_cast /i.test(line)).length;
}

async function durableBallots(system, scene) {
    const rates = [], before = await inStore(system, scene);
    let sent = 0, clean = true;
    for (let round = 0; round < ROUNDS; round++) {
        const run = await ballots(system.url, scene.ballotFile, { seconds: SECONDS });
        rates.push(run.rate);
        sent += run.sent;
        clean &&= run.refused + run.broken === 0;
    }
    const counted = await ballots(system.url, scene.ballotFile, { seconds: 1, count: true });
    must(counted.answered === counted.sent, `${counted.answered} of ${counted.sent} ballots were answered with 204`);
    sent += counted.sent;
    const written = (await inStore(system, scene)) - before;
    await system.restart('events');
    await readable(system, scene);
    const reread = (await inStore(system, scene)) - before;
    const single = await ballots(system.url, scene.ballotFile, { connections: 1, seconds: SECONDS, drain: false });
    console.log('\nDurable ballots: PUT by 64 voters in turn, each for another candidate, fsynced before the 204');
    table([
        ['64 connections', perSecond(median(rates)), '(target >= 25,000/s)'],
        ['1 connection, median', ms(single.p50_us), '(target <= 1 ms)'],
        ['204s', `${sent}`, must(clean, 'a ballot was refused')],
        ['entries in the store', `${written}`, must(written === sent, `${sent} ballots were answered, ${written} are in the store`)],
        ['after kill -9 and restart', `${reread}`, must(reread === sent, `${reread} of ${sent} entries are left`)],
    ]);
}

// The service is killed under load: nothing that was answered may be missing, and of what was not, at most what was under way is there.
async function killedBallots(system, scene) {
    const before = await inStore(system, scene);
    const load = ballots(system.url, scene.ballotFile, { seconds: 2, count: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await system.kill('events');
    const run = await load;
    await system.start('events');
    await readable(system, scene);
    const total = await inStore(system, scene), written = total - before;
    const kept = run.answered > 0 && written >= run.answered && written <= run.answered + 64;
    const listed = await inLog(system, scene);
    console.log('\nkill -9 of the events service under that load');
    table([
        ['204s', `${run.answered}`, ''],
        ['entries after the restart', `${written}`, must(kept, `${run.answered} ballots were answered, ${written} found`)],
        ['ballots in the log, chain checked', `${listed}`, must(listed > 0 && listed <= total, `${listed} of ${total} entries listed`)],
    ]);
}

// ---- Memory and start

function anonymousKiB(pid) {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

const isReady = (port) =>
    new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /readyz HTTP/1.0\r\n\r\n'));
        let text = '';
        socket.on('data', (data) => (text += data)).on('error', () => resolve(false)).on('close', () => resolve(text.startsWith('HTTP/1.1 200') || text.startsWith('HTTP/1.0 200')));
    });

async function startTime(system, name) {
    await system.term(name);
    const began = performance.now();
    const child = spawn(path.join(system.bin, `conse-${name}`), [], { env: { ...outside, ...system.env }, stdio: 'ignore' });
    child.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    system.children[name] = child;
    while (!(await isReady(system.admin[name])))
        if (performance.now() - began > 10000) throw new Error(`conse-${name} is not ready`);
    return performance.now() - began;
}

async function idle() {
    await stopAfter(await startBenchSystem(), async (system) => {
        const memory = Object.fromEntries(system.services.map((name) => [name, anonymousKiB(system.children[name].pid)]));
        const rows = [];
        for (const name of system.services) {
            const times = [];
            for (let i = 0; i < STARTS; i++) times.push(await startTime(system, name));
            rows.push([name, `${(memory[name] / 1024).toFixed(1)} MiB`, `${median(times).toFixed(0)} ms`]);
        }
        console.log(`\nIdle services: anonymous memory (target <= 6 MB), start to ready (target <= 100 ms, median of ${STARTS})`);
        table(rows);
    });
}

async function main() {
    await idle();
    await stopAfter(await startBenchSystem(), async (system) => {
        const scene = await prepare(system);
        await reads(system, scene);
        await latencies(system, scene);
        await durableBallots(system, scene);
        await killedBallots(system, scene);
    });
    for (const fault of faults) console.error(`FAILED: ${fault}`);
    process.exitCode = faults.length ? 1 : 0;
}

await main();
