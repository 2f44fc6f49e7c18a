// node check.mjs FOLDER: checks again what a run left there.
import process from 'node:process';
import { check } from './checks/all.mjs';
import { report } from './checks/report.mjs';
import { readHistory } from './parts/history.mjs';

const [folder] = process.argv.slice(2);
const found = check(readHistory(folder));
report(found, folder, console.log);
process.exit(found.anomalies.length ? 1 : 0);
