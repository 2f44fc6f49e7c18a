// make bench-restore: how long an installation is away whose stores are gone, from the begin of the restore until all services are ready.
// Its ledger has BENCH_ENTRIES (default: as many as fill the gigabyte) and a tenth as many accounts; the backup is made while all services
// run. CONSE_BIN: the built programs; CONSE_BENCH: those of tools/bench.
import fs from 'node:fs';
import path from 'node:path';
import { consectl } from '../../tests/e2e/parts/people.mjs';
import { EVERY_SERVICE, startSystem, stopAfter } from '../../tests/e2e/parts/system.mjs';
import { table } from './measure.mjs';
import { run, tool } from './programs.mjs';
import { untilIdle } from './spent.mjs';

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 16e6), PATIENCE_MS = 300000;

const bytesOf = (folder) => fs.readdirSync(folder).map((name) => fs.statSync(path.join(folder, name))).reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);

async function seconds(work) {
    const began = performance.now();
    const done = await work();
    if (done && done.code) throw new Error(done.stderr);
    return (performance.now() - began) / 1000;
}

// The stores as the disk had them when no service ran.
async function loseStores(system, dir) {
    for (const name of [...system.services].reverse()) await system.term(name);
    for (const name of fs.readdirSync(dir)) if (fs.statSync(path.join(dir, name)).isFile()) fs.rmSync(path.join(dir, name));
}

async function measure(system) {
    const data = system.env.CONSE_DATA, copy = path.join(system.dir, 'copy');
    const copied = await seconds(() => consectl(system, 'backup', 'all', copy));
    const size = bytesOf(copy);
    const verified = await seconds(() => consectl(system, 'restore', '--verify', copy));
    const drilled = await seconds(() => consectl(system, 'drill', copy));
    await loseStores(system, data);
    const restored = await seconds(() => consectl(system, 'restore', 'all', copy));
    const started = await seconds(async () => void (await Promise.all(system.services.map(system.start))));
    return { size, copied, verified, drilled, restored, started };
}

const system = await startSystem({ services: EVERY_SERVICE, replicas: 0, within_ms: PATIENCE_MS });
await stopAfter(system, async () => {
    await system.term('chain');
    for (const name of fs.readdirSync(system.env.CONSE_DATA)) if (/^chain\.db/.test(name)) fs.rmSync(path.join(system.env.CONSE_DATA, name));
    await run(tool('money_fill'), [system.env.CONSE_DATA, ENTRIES, ENTRIES / 10]);
    await system.start('chain');
    await untilIdle(system.children.chain.pid); // all rows are made
    const { size, copied, verified, drilled, restored, started } = await measure(system);
    const s = (time) => `${time.toFixed(1)} s`;
    console.log(`\nA backup of ${(size / 2 ** 20).toFixed(0)} MiB, its ledger of ${ENTRIES.toLocaleString('en')} entries`);
    table([
        ['copied while the services run', s(copied)],
        ['restore --verify', s(verified)],
        ['drill: restored, and every event, deal and transfer checked', s(drilled)],
        ['restored, where no store is', s(restored)],
        ['started, until all are ready', s(started)],
        ['away: both', s(restored + started)],
    ]);
});
