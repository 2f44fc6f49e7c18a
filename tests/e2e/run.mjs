// npm test: every file but the long ones, or those named, as many at a time as there are cores. A file that hangs is ended, and fails. When
// few files fail, each is run once more, alone, and what passes then is told as unsteady: that is a fault to be found, of the test or of Conse.
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const HANGS_MS = 15 * 60 * 1000; // a file takes a minute or two, under a sanitizer ten
const LONG = ['credit_seats.test.mjs', 'lamports_faults.test.mjs', 'lamports_late.test.mjs', 'money_table.test.mjs', 'restored.test.mjs']; // run by a target of their own
const AGAIN = 2; // files
const SLOWEST = 12; // files that are told with their seconds
const folder = path.dirname(new URL(import.meta.url).pathname);
const names = process.argv.length > 2 ? process.argv.slice(2) : fs.readdirSync(folder).filter((name) => name.endsWith('.test.mjs') && !LONG.includes(name)).sort();

function tellSlowest(seconds) {
    const slowest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, SLOWEST);
    console.log(slowest.map(([file, s]) => `${s.toFixed().padStart(6)} s  ${path.basename(file)}`).join('\n'));
}

// The files of them that failed.
async function runFiles(files) {
    const failed = new Set();
    const seconds = new Map();
    const results = run({ files, concurrency: os.availableParallelism(), timeout: HANGS_MS });
    results.on('test:fail', ({ file, name }) => failed.add(file ?? name));
    results.on('test:complete', ({ file, name, details }) => file === name && seconds.set(file, details.duration_ms / 1000));
    const shown = results.compose(new spec());
    shown.pipe(process.stdout, { end: false });
    await once(shown, 'end');
    tellSlowest(seconds);
    return [...failed];
}

// Those that failed twice.
async function runAgain(files) {
    console.log(`\nonce more, alone: ${files.map((file) => path.basename(file)).join(' ')}\n`);
    const failed = [];
    for (const file of files) {
        if ((await runFiles([file])).length) failed.push(file);
        else console.log(`UNSTEADY: ${path.basename(file)} failed, and passed alone`);
    }
    return failed;
}

const failed = await runFiles(names.map((name) => path.resolve(folder, name)));
const again = failed.length > 0 && failed.length <= AGAIN;
process.exitCode = (again ? await runAgain(failed) : failed).length ? 1 : 0;
