// node run.mjs [SOURCES]: the market of conse-chain, which runs, by commands on the bus. Without SOURCES, random commands, of which the ledger has to have
// what always holds, and workloads of our own, of which it has to make what the simplest book makes. With the folder of the public matching
// benchmark's sources, its cases and its flows, of which it has to make what the benchmark has published. CONSE_BIN: the built programs; MATCHING_BIN:
// those of this folder. FLOWS: names of flows, "none" for none; ORDERS: of each flow, fewer than the million whose hashes are published.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { startSystem, stopAfter } from '../e2e/parts/system.mjs';
import { playSimplest } from './simplest.mjs';
import { makeWorkload, readWorkload, writeWorkload } from './workload.mjs';

const run = promisify(execFile);
const sources = process.argv[2] && path.resolve(process.argv[2]);
const FLOWS = ['static', 'normal', 'swing-25', 'swing-40', 'flash-crash'];
const PUBLISHED = 1000000; // new orders of a flow whose hash is published
const orders = Number(process.env.ORDERS ?? PUBLISHED);
const wanted = process.env.FLOWS === 'none' ? [] : (process.env.FLOWS?.split(/[ ,]+/) ?? FLOWS);
const SMALL = { people: 40, cards: 2000 }, CASES = { people: 40, cards: 5000 };
const LARGE = { people: Math.max(40, Math.ceil(orders / 2500)), cards: 10000 };
const OWN = { seeds: [1, 2, 3], messages: 3000, commands: 10000, fee: '25' };
const PATIENCE_MS = 300000; // for a start with the cards of a large flow
const faults = [];

const tool = (name) => path.join(process.env.MATCHING_BIN, name);
const json = async (...args) => JSON.parse((await run(tool('play'), args.map(String), { maxBuffer: 1 << 20 })).stdout);

async function inFolder(work) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-matching-'));
    try {
        return await work(dir);
    } finally {
        fs.rmSync(dir, { recursive: true, force: true });
    }
}

// work(play): play(...words) runs the program against conse-chain, on a ledger of its own with these people and cards.
const withChain = ({ people, cards }, env, work) =>
    inFolder(async (data) => {
        await run(tool('prepare'), [data, String(people), String(cards)]);
        const system = await startSystem({ services: ['chain'], replicas: 0, env: { CONSE_DATA: data, ...env }, within_ms: PATIENCE_MS });
        const verify = async () => {
            await system.term('chain');
            return JSON.parse((await run(path.join(process.env.CONSE_BIN, 'consectl'), ['--json', 'ledger', 'verify'], { env: { ...process.env, CONSE_DATA: data } })).stdout);
        };
        const address = `ipc://${path.join(system.run, 'chain.ipc')}`;
        return stopAfter(system, () => work((kind, file, ...more) => json(kind, file, ...more, address, people, ...(kind === 'service' ? [cards] : [])), verify));
    });

function tell(holds, text) {
    console.log(`${holds ? 'ok   ' : 'FAIL '} ${text}`);
    if (!holds) faults.push(text);
}

const same = (name, service, others) => {
    const holds = others.every((other) => Object.keys(other).every((key) => other[key] === service[key]));
    tell(holds, `${name}: ${service.reports.slice(0, 16)}, book ${service.books.slice(0, 16)}, ${service.lines} reports, ${service.trades} trades`);
    if (!holds) console.log(others);
};

const hashes = ({ reports, books }) => ({ reports, books });

// The service, the engine by itself and the simplest book.
async function compare(name, file, play) {
    const service = await play('service', file, '--books');
    same(name, service, [hashes(await json('engine', file, '--books')), playSimplest(readWorkload(file))]);
}

// ---- Of our own

const ownWorkload = (seed) =>
    inFolder(async (dir) => {
        const file = path.join(dir, 'workload');
        writeWorkload(file, makeWorkload(seed, OWN.messages));
        await withChain(SMALL, {}, (play) => compare(`workload ${seed}`, file, play));
    });

const randomCommands = () =>
    withChain({ people: 6, cards: 60 }, { CONSE_MARKET_FEE_BP: OWN.fee }, async (play, verify) => {
        const found = await play('commands', OWN.commands, OWN.seeds[0]);
        tell(found.commands === OWN.commands && found.trades > 0, `${found.commands} random commands, ${found.refused} refused, ${found.trades} trades: at each of ${found.entries} entries the escrow is what resting orders promise, and balances follow from the trades`);
        const verified = await verify();
        tell(verified.entries >= found.entries, `the ledger verifies: ${verified.entries} entries`);
    });

// ---- Of the benchmark

const publicCases = () =>
    inFolder(async (dir) => {
        const { stdout } = await run('python3', [path.join(import.meta.dirname, 'cases.py'), sources, dir]);
        const names = stdout.trim().split('\n');
        console.log(`${names.length} cases`);
        await withChain(CASES, {}, async (play) => {
            for (const name of names) await compare(name, path.join(dir, name), play);
        });
    });

const publishedHash = (flow) =>
    fs.readFileSync(path.join(sources, 'reference/correctness_hash.txt'), 'utf8').split('\n').find((line) => line.endsWith(`  ${flow}_seed23_count${orders}_reports.txt`))?.split(' ')[0];

const publicFlow = (flow) =>
    inFolder(async (dir) => {
        const file = path.join(dir, 'flow'), generator = path.join(dir, 'generator');
        await run('g++', ['-std=c++17', '-O2', '-o', generator, path.join(sources, 'workload/generator.cpp')]);
        await run(generator, [flow, file, String(orders)]);
        const engine = await json('engine', file), reports = publishedHash(flow);
        if (orders === PUBLISHED && !reports) throw new Error(`no hash of ${flow} is published`);
        await withChain(LARGE, {}, async (play) => {
            const service = await play('service', file);
            const holds = service.reports === engine.reports && (!reports || reports === service.reports);
            const rate = Math.round(service.lines / service.seconds);
            tell(holds, `${flow}: ${service.reports}, ${reports ? 'as published' : 'as the engine'}, ${service.lines} reports, ${service.trades} trades, ${rate} reports/s`);
            if (!holds) console.log({ engine: engine.reports, published: reports });
        });
    });

if (sources) {
    await publicCases();
    for (const flow of wanted) await publicFlow(flow);
} else {
    for (const seed of OWN.seeds) await ownWorkload(seed);
    await randomCommands();
}
for (const text of faults) console.error(`FAILED: ${text}`);
process.exitCode = faults.length ? 1 : 0;
