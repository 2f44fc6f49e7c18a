// make bench-money: durable transfers and orders, what is placed as its owner hears of it, and a ledger of ten million entries: made,
// started from, verified. Everything on loopback, on free ports, in folders of its own; wrk is the load of transfers. CONSE_BIN: the built
// programs; CONSE_BENCH: those of tools/bench. BENCH_SECONDS: of one run (default 4); BENCH_MESSAGES: of orders (default 200 000);
// BENCH_ENTRIES, BENCH_ACCOUNTS: of the large ledger (default 10 000 000 and 1 000 000; 0: none).
import fs from 'node:fs';
import path from 'node:path';
import { consectl, eventually, ok, call, signUp, signUpAs } from '../../tests/e2e/parts/people.mjs';
import { stopAfter } from '../../tests/e2e/parts/system.mjs';
import { startBenchSystem } from './evening.mjs';
import { median, ms, perSecond, posts, table } from './measure.mjs';
import { largeLedger, orderFlow, verifyLedger } from './money_large.mjs';
import { measureAccepted } from './money_orders.mjs';
import { processorTime } from './spent.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const ROUNDS = 3, PEOPLE = 64, START = 1000000;

const missed = [];
const gate = (holds, text, what) => {
    if (!holds) missed.push(`${what}: ${text}`);
    return `(gate ${text}${holds ? '' : ', MISSED'})`;
};
const count = (number) => Math.round(number).toLocaleString('en');

// ---- Transfers

const balance = async (system, person) =>
    BigInt((await ok(system, 'GET', '/wallet', { token: person.token })).balances.find(({ kind }) => kind === 'CONSE').amount);

async function gather(system) {
    const dev = await signUpAs(system, 'banker', 'dev');
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => signUp(system, `payer${i}`)));
    for (const { id } of people) {
        const body = { to_user_id: id, amount: START, memo: 'for the benchmark' };
        await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body })).status === 201, 10000);
    }
    return people;
}

function transfersOf(system, people) {
    const file = path.join(system.dir, 'transfers');
    const to = (i, round) => people[(i + round) % PEOPLE];
    const lines = Array.from({ length: 7 }, (_, round) =>
        people.map((from, i) => `${from.token} /ledger/transfers ${JSON.stringify({ to_user_id: to(i, round + 1).id, amount: 1 })}\n`));
    fs.writeFileSync(file, lines.flat().join(''));
    return file;
}

async function transfers(system, people) {
    const file = transfersOf(system, people);
    const runs = [], clocks = ['gateway', 'chain'].map((name) => system.children[name].pid), before = clocks.map(processorTime);
    for (let round = 0; round < ROUNDS; round++) runs.push(await posts(system.url, file, { seconds: SECONDS }));
    const made = runs.reduce((sum, run) => sum + run.made, 0), spent = clocks.map((pid, i) => (processorTime(pid) - before[i]) / 1000 / made);
    const single = await posts(system.url, file, { connections: 1, seconds: SECONDS, drain: false });
    const broken = runs.filter(({ sent, made, broken }) => sent !== made || broken);
    if (broken.length) throw new Error(`not every transfer was made: ${JSON.stringify(broken)}`);
    const sum = (await Promise.all(people.map((person) => balance(system, person)))).reduce((total, each) => total + each, 0n);
    if (sum !== BigInt(PEOPLE * START)) throw new Error(`money is not conserved: ${sum}`);
    const rate = median(runs.map(({ rate }) => rate));
    console.log(`\nDurable transfers through the gateway, ${PEOPLE} people, median of ${ROUNDS}`);
    table([
        ['64 connections', perSecond(rate), gate(rate >= 8000, '8,000/s', 'transfers')],
        ['1 connection, median', ms(single.p50_us), ''],
        ['processor of one: gateway, chain', spent.map((us) => `${us.toFixed(1)} us`).join(', '), ''],
    ]);
}

// ---- Orders

async function accepted(system, people) {
    await measureAccepted(system, people, SECONDS); // warms the services
    const runs = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await measureAccepted(system, people, SECONDS));
    const [p50_us, p99_us] = ['p50_us', 'p99_us'].map((name) => median(runs.map((run) => run[name])));
    console.log(`\nPlaced at ${count(runs[0].rate)}/s through the gateway, until its owner's stream has it as ACCEPTED, median of ${ROUNDS}`);
    table([['median', ms(p50_us), ''], ['p99', ms(p99_us), gate(p99_us <= 10000, '10 ms', 'accepted')]]);
}

async function orders() {
    const flow = await orderFlow();
    console.log(`\nDurable orders, normal flow, each an append of its own: ${count(flow.placed)} placed, ${count(flow.withdrawn)} withdrawn, ${count(flow.trades)} trades`);
    table([
        ['orders and withdrawals', perSecond(flow.rate), gate(flow.rate >= 10000, '10,000/s', 'orders')],
        ['of processor time', perSecond(flow.core), ''],
        ['its ledger verified, a core', perSecond(flow.verified.core), `${count(flow.verified.entries)} entries`],
    ]);
}

// ---- The large ledger

async function large() {
    const all = await largeLedger();
    if (!all) return;
    console.log(`\nA ledger of ${count(all.entries)} entries and ${count(all.accounts)} accounts, ${count(all.behind)} entries behind its snapshot of ${all.snapshot_mib} MiB`);
    table([
        ['made, entries durable', perSecond(all.entries / all.seconds), ''],
        ['start to ready, median of 5', `${(median(all.starts) / 1000).toFixed(2)} s`, gate(median(all.starts) <= 3000, '3 s', 'start')],
        ['processor time of a start', `${(median(all.spent) / 1000).toFixed(2)} s`, ''],
        ['anonymous memory, of each account', `${count(all.bytes)} B`, gate(all.bytes <= 400, '400 B', 'memory')],
        ['ledger verify, a core', perSecond(all.verified.core), gate(all.verified.core >= 18000, '18,000/s', 'verify')],
        ['ledger verify, by the clock', `${all.verified.seconds.toFixed(1)} s`, ''],
    ]);
}

const system = await startBenchSystem({ CONSE_TRANSFER_LIMIT: '0' });
await stopAfter(system, async () => {
    const people = await gather(system);
    await transfers(system, people);
    await accepted(system, people);
    await system.term('chain');
    const { entries, core } = await verifyLedger(system.env.CONSE_DATA);
    console.log(`\nThat ledger, verified: ${count(entries)} entries, ${perSecond(core)} of processor time`);
});
await orders();
await large();
for (const text of missed) console.error(`FAILED: ${text}`);
process.exitCode = missed.length ? 1 : 0;
