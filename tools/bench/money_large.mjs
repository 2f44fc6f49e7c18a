// Ledgers that programs of tools/bench make in a folder, without a service; then consectl verifies them and conse-chain starts from them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BIN, startSystem, stopAfter } from '../../tests/e2e/parts/system.mjs';
import { run, tool } from './programs.mjs';
import { processorTime, untilIdle } from './spent.mjs';

const BEHIND = 100000, STARTS = 5; // as money_fill leaves; starts that are measured
const PATIENCE_MS = 300000; // with a start on a busy machine
const number = (name, otherwise) => Number(process.env[name] ?? otherwise);

// {entries, seconds, core: entries of a second of processor time}
export async function verifyLedger(data) {
    const verified = await run(path.join(BIN, 'consectl'), ['--json', 'ledger', 'verify'], { env: { CONSE_DATA: data } });
    return { ...verified, core: verified.entries / verified.cpu };
}

async function inFolder(work) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-money-'));
    try {
        return await work(dir);
    } finally {
        fs.rmSync(dir, { recursive: true, force: true });
    }
}

// {placed, withdrawn, trades, rate, core, verified}
export const orderFlow = () => inFolder(async (dir) => {
    const flow = await run(tool('money_flow'), [dir, number('BENCH_MESSAGES', 200000)]);
    const made = flow.placed + flow.withdrawn;
    return { ...flow, rate: made / flow.seconds, core: made / flow.spent, verified: await verifyLedger(dir) };
});

// ---- The large one

const anonymous = (pid) => Number(/^RssAnon:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

async function start(system) {
    await system.term('chain');
    const began = performance.now();
    await system.start('chain');
    return { ms: performance.now() - began, spent_ms: processorTime(system.children.chain.pid) / 1e6 };
}

// What is made from its entries for the first time is not of the start.
async function startAgain(dir) {
    const system = await startSystem({ services: ['chain'], env: { CONSE_DATA: dir }, within_ms: PATIENCE_MS });
    return stopAfter(system, async () => {
        await untilIdle(system.children.chain.pid);
        const runs = [];
        for (let i = 0; i < STARTS; i++) runs.push(await start(system));
        return { starts: runs.map((one) => one.ms), spent: runs.map((one) => one.spent_ms), anonymous: anonymous(system.children.chain.pid) };
    });
}

// null when none is wanted.
export function largeLedger() {
    const entries = number('BENCH_ENTRIES', 10e6), accounts = number('BENCH_ACCOUNTS', entries / 10);
    return entries ? inFolder(async (dir) => {
        const made = await run(tool('money_fill'), [dir, entries, accounts]);
        const started = await startAgain(dir);
        return { ...made, ...started, behind: BEHIND, bytes: started.anonymous / accounts, verified: await verifyLedger(dir) };
    }) : Promise.resolve(null);
}
