// npm test: every file after the other but the long ones, or those named. A file that hangs is ended, and fails.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const HANGS_MS = 15 * 60 * 1000; // a file takes a minute or two, under a sanitizer ten
const LONG = ['lamports_faults.test.mjs']; // run by a target of their own
const folder = path.dirname(new URL(import.meta.url).pathname);
const names = process.argv.length > 2 ? process.argv.slice(2) : fs.readdirSync(folder).filter((name) => name.endsWith('.test.mjs') && !LONG.includes(name)).sort();
const results = run({ files: names.map((name) => path.resolve(folder, name)), concurrency: 1, timeout: HANGS_MS });

results.on('test:fail', () => (process.exitCode = 1));
results.compose(new spec()).pipe(process.stdout);
