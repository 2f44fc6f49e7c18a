// What one request costs the gateway and the events service, in this build and in another: `make bench-cost BASE=...`. Rates do not
// count. CONSE_BIN, CONSE_BASE_BIN: the programs of the two builds; BASE_ENV: settings of the other alone, as CONSE_SANDBOX=off. CALLGRIND=1: the short form, which only counts instructions.
// BENCH_ROUNDS: another number of rounds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, pairedRatio, table } from './measure.mjs';
import { JUDGED, perfCounts, underCallgrind } from './spent.mjs';

const short = process.env.CALLGRIND === '1';
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? (short ? 5 : 15)), TURNS = short ? 2 : 40;
// 64 voters vote for 16 candidates each in a turn, and their next ballot is a change again. Events stay, so fewer are opened.
const KINDS = {
    get: { title: 'GET of an event', requests: 1024, turns: TURNS },
    unchanged: { title: 'the same, 304', requests: 1024, turns: TURNS },
    ballot: { title: 'PUT of a ballot', requests: 1024, turns: TURNS },
    create: { title: 'POST of an event', requests: 64, turns: Math.ceil(TURNS / 4) },
};

// "A=1 B=2"
const settingsOf = (text = '') => Object.fromEntries(text.split(' ').filter(Boolean).map((one) => one.split('=')));

async function startSide(bin, dir, settings) {
    if (!fs.existsSync(path.join(bin, 'conse-gateway'))) throw new Error(`${bin} has no conse-gateway: build it`);
    fs.mkdirSync(dir);
    const programs = short ? underCallgrind(bin, dir) : bin;
    const child = fork(fileURLToPath(new URL('cost_side.mjs', import.meta.url)), { env: { ...process.env, CONSE_BIN: programs, BENCH_SETTINGS: JSON.stringify(settings) } });
    const ended = once(child, 'exit').then(() => [{ fault: `the side of ${bin} ended` }]);
    const answer = async () => {
        const [{ fault, value }] = await Promise.race([once(child, 'message'), ended]);
        if (fault) throw new Error(fault);
        return value;
    };
    const ask = (what, more) => {
        child.send({ ask: what, ...more });
        return answer();
    };
    await answer();
    return { dir, ask, leave: () => child.connected && child.disconnect() };
}

// The cost of a request of each side. The sides take turns, so that what else the machine does is alike for all.
async function costsOf(kind, sides, counter) {
    const { requests, turns } = KINDS[kind];
    for (const side of sides) await side.ask('begin', { kind, requests });
    for (const side of sides) await side.ask('count', { name: counter, dir: side.dir });
    for (let turn = 0; turn < turns; turn++)
        for (const side of turn % 2 ? [...sides].reverse() : sides) await side.ask('turn');
    const costs = [];
    for (const side of sides) costs.push(await side.ask('end'));
    return costs;
}

// rounds[i][kind] is [ours, theirs]. Callgrind counts what an idle process does too, and a process is slow there: one side after the other.
async function measure(sides, counter) {
    const together = short ? sides.map((side) => [side]) : [sides];
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
        if (!short) for (const side of sides) await side.ask('renew');
        const costs = {};
        for (const kind of Object.keys(KINDS)) {
            costs[kind] = [];
            for (const some of together) costs[kind].push(...(await costsOf(kind, some, counter)));
        }
        rounds.push(costs);
    }
    return rounds;
}

function report(rounds, unit, name, digits) {
    const rows = [['', '', 'this', 'base', 'ratio', '95 % interval']];
    for (const [kind, { title }] of Object.entries(KINDS)) {
        for (const [who, judged] of [...JUDGED.map((one) => [one, [one]]), ['both', JUDGED]]) {
            const value = (cost) => judged.reduce((sum, one) => sum + cost[one][unit], 0);
            const [ours, theirs] = [0, 1].map((i) => rounds.map((round) => value(round[kind][i])));
            const { ratio, low, high } = pairedRatio(ours, theirs);
            const cells = [median(ours).toFixed(digits), median(theirs).toFixed(digits), ratio.toFixed(3), `${low.toFixed(3)} to ${high.toFixed(3)}`];
            rows.push([who === JUDGED[0] ? title : '', who, ...cells]);
        }
    }
    console.log(`\n${name} of one request, median of ${rounds.length} interleaved rounds, 64 connections`);
    table(rows);
}

async function main() {
    const counter = short ? 'callgrind' : (await perfCounts()) ? 'perf' : 'none';
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-cost-'));
    const sides = [];
    try {
        sides.push(await startSide(process.env.CONSE_BIN, path.join(dir, 'this'), {}));
        sides.push(await startSide(process.env.CONSE_BASE_BIN, path.join(dir, 'base'), settingsOf(process.env.BASE_ENV)));
        const rounds = await measure(sides, counter);
        if (!short) report(rounds, 'us', 'Microseconds of processor time', 2);
        if (counter !== 'none') report(rounds, 'instructions', 'Instructions', 0);
        else console.log('\nInstructions are not counted: perf has no counter here; CALLGRIND=1 counts them');
        for (const side of sides) await side.ask('stop');
    } finally {
        for (const side of sides) side.leave();
        fs.rmSync(dir, { recursive: true, force: true });
    }
}

await main();
