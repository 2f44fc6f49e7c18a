// Streams beside other systems', on one machine and by one client: `make bench-realtime`. CONSE_BIN, CONSE_CENTRIFUGO: the built programs.
// BENCH_SECONDS: of one held rate (default 10); BENCH_LINES: idle connections (10000); BENCH_HELD: entries/s of the fan-out (150);
// BENCH_ROUNDS (3); BENCH_ROWS, BENCH_SYSTEMS: names, joined by commas (default all); BENCH_USERS: whose tokens are used by turns (a person for 30
// connections, 100 at least: more of them would pass a person's share of what is followed).
// What is a gate fails the run.
import os from 'node:os';
import { counter, median, table } from './measure.mjs';
import { anonymousBytes, pause, startClient, startClock, watchMemory } from './realtime_load.mjs';
import { startCentrifugo, startConse, startGraphqlWs, startSocketIo } from './realtime_systems.mjs';

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const names = (name) => process.env[name]?.split(',');
const SECONDS = number('BENCH_SECONDS', 10), LINES = number('BENCH_LINES', 10000), ROUNDS = number('BENCH_ROUNDS', 3);
const USERS = number('BENCH_USERS', Math.max(100, Math.ceil(LINES / 30)));
const VIEWERS = 1000, HELD = number('BENCH_HELD', 150), RATES = [10, 20, 30, 45, 60, 100, 150, 200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000];
const OPEN_PER_MS = 2; // connections opened while nothing else is measured
const faults = [];

const must = (holds, text) => {
    if (!holds) faults.push(text);
    return holds ? 'yes' : 'NO';
};
// The goal, where there is one, is what we are after; it fails nothing.
const gate = (value, most, text, goal) => `gate ${text}: ${must(value <= most, `${text}: ${value}`)}${goal === undefined ? '' : `, its goal: ${value <= goal ? 'yes' : 'no'}`}`;
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const us = (value) => `${value.toFixed(2)} us`;
const percent = (share) => `${Math.round(share * 100)} %`;
const thousands = (rate) => `${Math.round(rate / 1000)} k/s`;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(2)} KB`;

// ---- What every row does

async function withClient(args, body) {
    const client = startClient(args);
    try {
        return await body(client);
    } finally {
        await client.end();
    }
}

async function open(client, count, what, within = count / OPEN_PER_MS) {
    const told = await client.ask(`open ${count} ${Math.round(within)}`);
    if (told.ready !== count) throw new Error(`${what}: ${told.ready} of ${count} connections follow: ${JSON.stringify(told)}`);
    return told;
}

const isWhole = (run) => run.got === run.expected && !run.twice && !run.strange && !run.refusals && run.answered === run.sent;

function mustBeWhole(run, what) {
    must(isWhole(run), `${what}: ${run.got} of ${run.expected} deliveries, ${run.twice} twice, ${run.strange} strange, ${run.refusals} refused`);
    return run;
}

// Messages to all who follow, so many a second for so long, with the share of a core that it took.
async function publish(client, system, perSecond, { seconds = SECONDS, wait = 10000, most = Infinity } = {}) {
    const clock = startClock([system.pid]), service = system.servicePid && startClock([system.servicePid]);
    const run = await client.ask(`publish ${Math.min(most, Math.max(1, Math.round(perSecond * seconds)))} ${perSecond} ${wait}`);
    return { ...run, share: clock.share(), service: service?.share(), each: clock.us() / (run.got || 1) };
}

// What of a system is there: its sockets, and where it has them its events.
const kinds = (system) => [[system.name, system.follow], ...(system.followEvents ? [[`${system.name}, events`, system.followEvents]] : [])];

// ---- Idle connections

async function idleOf(system, name, follow, count) {
    await system.refresh?.();
    return withClient(follow, async (client) => {
        await open(client, 50, name);
        await client.ask('leave');
        await pause(SECONDS * 100);
        const before = anonymousBytes(system.pid);
        const told = await open(client, count, name);
        await pause(SECONDS * 1000);
        const each = (anonymousBytes(system.pid) - before) / count;
        const clock = startClock([system.pid]);
        await pause(SECONDS * 3000);
        const spent = clock.us() / count / (SECONDS * 3);
        const { ready } = await client.ask('tell');
        must(ready === count, `${name}: ${ready} of ${count} connections are left`);
        await client.ask('leave');
        return { each, spent, left: await leftOf(system.pid, before, leftMost(count)), ms: told.ms };
    });
}

// What is still there of it once it had time to be given back.
const LEFT_MS = 20000;
const leftMost = (count) => 1048576 + 0.5 * 1024 * count;
async function leftOf(pid, before, most) {
    const until = performance.now() + LEFT_MS;
    let left = anonymousBytes(pid) - before;
    for (; left > most && performance.now() < until; left = anonymousBytes(pid) - before) await pause(500);
    return left;
}

const idleRow = (name, { each, spent, left, ms: opened }, ...gates) =>
    [name, kilobytes(each), `${us(spent)}/s`, `${(left / 1024 / 1024).toFixed(1)} MB`, `${(opened / 1000).toFixed(1)} s`, ...gates];
const idleHead = (count) => [`${count} idle connections`, 'memory each', 'processor each', 'left when gone', 'opened in', ''];

const gateLeft = (left, name) => gate(left, leftMost(LINES), `${name}: 1 MB and 0.5 KB each left`);

async function idle(systems) {
    const rows = [idleHead(LINES)];
    for (const system of systems)
        for (const [name, follow] of kinds(system)) {
            const one = await idleOf(system, name, follow, LINES);
            const gates = system.name === 'Conse'
                ? [gate(one.each, 2048, `${name}: 2 KB each`, 1024), gate(one.spent, 2, `${name}: 2 us each`, 0.5), gateLeft(one.left, name)].join(', ') : '';
            rows.push(idleRow(name, one, gates));
        }
    table(rows);
}

async function tls() {
    const rows = [idleHead(LINES)], system = await startConse({ users: USERS, tls: true });
    try {
        for (const [name, follow] of kinds(system)) {
            const one = await idleOf(system, `${name}, TLS`, follow, LINES);
            rows.push(idleRow(`${name}, TLS`, one, `${gate(one.each, 16384, `${name}, TLS: 16 KB each`, 12288)}, ${gateLeft(one.left, `${name}, TLS`)}`));
        }
    } finally {
        await system.stop();
    }
    table(rows);
}

// ---- Fan-out

async function fanout(systems) {
    const runs = new Map();
    for (let round = 0; round < ROUNDS; round++)
        for (const system of systems)
            for (const [name, follow] of kinds(system)) {
                await system.refresh?.();
                const run = await withClient({ ...follow, ...system.publish }, async (client) => {
                    await open(client, VIEWERS, name);
                    await publish(client, system, HELD, { seconds: 1 });
                    return publish(client, system, HELD);
                });
                if (system.name === 'Conse') mustBeWhole(run, name);
                runs.set(name, [...(runs.get(name) ?? []), run]);
            }
    const rows = [[`${VIEWERS} viewers, ${HELD * VIEWERS} deliveries/s`, 'bytes', 'held', 'whole', 'p50', 'p99', 'processor', 'each', 'service', '']];
    for (const [name, all] of runs) {
        const of = (pick) => median(all.map(pick));
        const p99 = of((run) => run.told.p99), share = of((run) => run.share);
        const gates = { Conse: () => `${gate(p99, 20, 'p99 20 ms', 10)}, ${gate(share, 1, 'processor 100 %', 0.7)}`, 'Conse, events': () => gate(share, 1, 'events: processor 100 %', 0.7) }[name]?.() ?? '';
        rows.push([name, all[0].bytes.toFixed(0), thousands(of((run) => run.rate)), all.every(isWhole) ? 'yes' : 'NO', ms(of((run) => run.told.p50)), ms(p99),
            percent(share), us(of((run) => run.each)), all[0].service === undefined ? '' : percent(of((run) => run.service)), gates]);
    }
    table(rows);
}

// Goes up until a rate fails twice.
async function mostOf(system, name, follow) {
    let best;
    for (const rate of RATES)
        for (let tries = 1; best?.at !== rate; tries++) {
            const run = await withClient({ ...follow, ...system.publish }, async (client) => {
                await open(client, VIEWERS, name);
                await publish(client, system, Math.min(rate, HELD), { seconds: 1 });
                return publish(client, system, rate, { seconds: Math.min(SECONDS, 5) });
            });
            if (isWhole(run) && run.told.p99 <= 50 && !run.broken) best = { at: rate, ...run };
            else if (tries === 2) return { best, failed: { at: rate, ...run } };
        }
    return { best };
}

const mostText = (run) => run ? `${run.at * VIEWERS / 1000} k/s, p99 ${ms(run.told.p99)}, ${percent(run.share)}` : 'none';

async function most(systems) {
    const rows = [['the most with p99 <= 50 ms', 'held', 'not held', '']];
    for (const system of systems)
        for (const [name, follow] of kinds(system)) {
            await system.refresh?.();
            const { best, failed } = await mostOf(system, name, follow);
            const gates = name === 'Conse' ? gate(-(best?.at ?? 0) * VIEWERS, -400000, '400 k/s', -1000000) : '';
            rows.push([name, mostText(best), mostText(failed), gates]);
        }
    table(rows);
}

async function way(systems) {
    const rows = [[`20 entries/s to ${VIEWERS}: from when each was due`, 'answered, p99', 'had by the last, p50', 'p99', 'processor each', '']];
    for (const system of systems)
        for (const [name, follow] of kinds(system)) {
            const run = await withClient({ ...follow, ...system.publish }, async (client) => {
                await open(client, VIEWERS, name);
                return mustBeWhole(await publish(client, system, 20, { seconds: SECONDS * 2 }), `${name}, 20 entries/s`);
            });
            rows.push([name, ms(run.answers.p99), ms(run.last.p50), ms(run.last.p99), us(run.each), system.name === 'Conse' ? gate(run.last.p99, 40, `${name}: 40 ms`, 15) : '']);
        }
    table(rows);
}

// ---- Coming back, slow viewers, reads beside

const storeReads = (system) => counter(system.system.admin.events, 'conse_store_reads_total', '');

async function comeBack(system, name, follow, to) {
    const MISSED = 10;
    await system.refresh?.();
    return withClient({ ...follow, ...to }, async (client) => {
        await open(client, LINES, name);
        await client.ask('leave');
        mustBeWhole(await client.ask(`publish ${MISSED} 20 1000`), name);
        const reads = system.system && (await storeReads(system));
        const clock = startClock([system.pid]);
        const back = await client.ask('return 5000');
        const cpu = clock.us() / 1e6;
        const run = mustBeWhole(await client.ask('expect 20000'), `${name}, what was missed`);
        must(back.ready === LINES, `${name}: ${back.ready} of ${LINES} came back`);
        return { back, cpu, run, reads: system.system && (await storeReads(system)) - reads };
    });
}

async function returns(systems) {
    const rows = [[`${LINES} come back within 5 s, to 10 missed entries`, 'all in', 'processor', 'resets', 'store reads', '']];
    for (const system of systems.filter((one) => one.name === 'Conse' || one.followKept))
        for (const [name, follow] of system.followKept ? [[system.name, system.followKept]] : kinds(system)) {
            const { back, cpu, reads } = await comeBack(system, name, follow, system.publishKept ?? system.publish);
            const lost = back.resets + back.snapshots;
            const gates = system.name === 'Conse' ? `${gate(back.ms, 8000, `${name}: 8 s`, 4000)}, ${gate(lost + reads, 0, `${name}: no resets, no store reads`)}` : '';
            rows.push([name, ms(back.ms), `${cpu.toFixed(1)} s`, `${lost}`, `${reads ?? ''}`, gates]);
        }
    table(rows);
}

async function slow(systems) {
    const STALLED = VIEWERS / 10, KEPT = 256 << 10, how = { seconds: 900 / 75, most: 900 }; // not too far to go on
    const rows = [[`${STALLED} of ${VIEWERS} stop reading`, 'p99 of the others before', 'then', 'memory more', 'let go', '']];
    for (const system of systems.filter(({ name }) => name === 'Conse'))
        for (const [name, follow] of kinds(system)) {
            await system.refresh();
            await withClient({ ...follow, ...system.publish, size: 240, narrow: 1 }, async (client) => {
                await open(client, VIEWERS, name);
                const before = [], stalled = [];
                await publish(client, system, HELD, { seconds: 1 });
                for (let round = 0; round < ROUNDS; round++) before.push(mustBeWhole(await publish(client, system, 75, how), name).told.p99);
                const memory = anonymousBytes(system.pid), endWatch = watchMemory(system.pid);
                let away = 0;
                for (let round = 0; round < ROUNDS; round++) {
                    await client.ask(`stall ${STALLED}`);
                    stalled.push(mustBeWhole(await publish(client, system, 75, how), `${name}, the others`).told.p99);
                    await client.ask('resume');
                    await pause(500); // who was let go reads so
                    away += VIEWERS - (await client.ask('tell')).ready;
                    await client.ask('return 100');
                    mustBeWhole(await client.ask('expect 10000'), `${name}, those who stopped`);
                }
                must(away > 0, `${name}: nobody was let go, so nothing was tried`);
                const more = endWatch() - memory, ratio = median(stalled) / median(before);
                rows.push([name, ms(median(before)), `${ms(median(stalled))}, ${ratio.toFixed(2)} times`, `${(more / 1048576).toFixed(1)} MB`, `${away} in ${ROUNDS} rounds`,
                    `${gate(ratio, 1.2, `${name}: 1.2 times`)}, ${gate(more, STALLED * KEPT + memory / 20, `${name}: memory`)}`]);
            });
        }
    table(rows);
}

// By turns alone and beside those who follow, so that both have the same noise; many short turns, of which a stall of the machine
// takes only a few.
async function readsBeside(system, follow, rate) {
    const alone = [], beside = [], turns = 3 * ROUNDS, count = Math.ceil((rate * SECONDS) / 2);
    await withClient({ ...system.follow, ...system.read }, (reader) =>
        withClient(follow, async (client) => {
            const read = async () => (await reader.ask(`publish ${count} ${rate} 1000`)).answers;
            for (let turn = 0; turn < turns; turn++) {
                alone.push(await read());
                await open(client, LINES, 'reads');
                beside.push(await read());
                await client.ask('leave');
                await pause(500);
            }
        }));
    return { alone, beside };
}

async function reads(systems) {
    const system = systems.find(({ name }) => name === 'Conse'), rate = 500;
    if (!system) return;
    const rows = [[`GET of an event, ${rate}/s`, 'alone, p50', 'p99', 'beside, p50', 'p99', '']];
    const of = (all, name) => median(all.map((one) => one[name]));
    for (const [name, follow] of kinds(system)) {
        await system.refresh();
        const { alone, beside } = await readsBeside(system, follow, rate), ratio = of(beside, 'p99') / of(alone, 'p99');
        rows.push([`beside ${LINES} idle, ${name}`, ...[alone, beside].flatMap((all) => [ms(of(all, 'p50')), ms(of(all, 'p99'))]),
            `${ratio.toFixed(2)} times, ${gate(ratio, 1.2, `reads beside ${name}: 1.2 times`, 1.05)}`]);
    }
    table(rows);
}

// ---- All

const ROWS = { idle, tls, fanout, most, way, returns, slow, reads };
const SYSTEMS = {
    conse: () => startConse({ users: USERS }), centrifugo: startCentrifugo, 'graphql-ws': startGraphqlWs, 'socket.io': startSocketIo,
};

async function main() {
    const systems = [];
    console.log(`${os.cpus().length} x ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, load average ${os.loadavg()[0].toFixed(1)}`);
    try {
        for (const name of names('BENCH_SYSTEMS') ?? Object.keys(SYSTEMS)) systems.push(await SYSTEMS[name]());
        for (const name of names('BENCH_ROWS') ?? Object.keys(ROWS)) {
            console.log(`\n${name}`);
            await ROWS[name](systems);
        }
    } finally {
        for (const system of systems) await system.stop();
    }
    for (const fault of faults) console.error(`FAILED: ${fault}`);
    process.exitCode = faults.length ? 1 : 0;
}

await main();
