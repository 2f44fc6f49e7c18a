// node run.mjs SOURCE BUILD [PATTERN]: takes one guard after the other out of a copy of the sources (rows/), and runs the test that is to
// miss it. Says which case failed, and ends with 1 when a test went on without its guard. PATTERN: of the names of those that are wanted.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { copySources, isOnce, make, withoutGuard } from './mutant.mjs';
import { ROWS } from './rows/all.mjs';

const [source, build] = process.argv.slice(2, 4).map((folder) => path.resolve(folder));
const wanted = new RegExp(process.argv[4] ?? '');
const copy = path.join(build, 'guards');
const SAME = ['build/stores', 'tests/stores/node_modules', 'tests/e2e/node_modules'];
const PATIENCE_S = 30; // and five times what the test takes with all guards
const HANGS_S = 900;
const CORES = `-j${os.availableParallelism()}`;

const isProgram = (test) => !test.endsWith('.mjs');
const nameOf = ({ test, only }) => (only ? `${test}: ${only}` : test);

// What a test needs, and how it is run.
function needs({ test, program }) {
    if (isProgram(program ?? test)) return [`build/test/${program ?? test}`];
    return test.startsWith('tests/stores/') ? ['run-build', 'build/tests/stores/driver'] : ['e2e-build'];
}

function commandOf({ test, only }) {
    if (isProgram(test)) return [`build/test/${test}`];
    return ['node', '--test', '--test-reporter=spec', ...(only ? [`--test-name-pattern=${only}`] : []), test];
}

const envOf = ({ program }) => ({
    ...process.env,
    CONSE_BIN: path.join(copy, 'build/bin'),
    CONSE_FOLLOW: path.join(copy, 'build/docs/follow'),
    CONSE_STORE_DRIVER: path.join(copy, 'build/tests/stores/driver'),
    CONSE_CONTRACT_TESTS: path.join(copy, `build/test/${program}`),
});

const took = new Map(); // seconds, by the name of the test

// What a failed test leaves running, as a process that it has forked, is ended with timeout's group. It keeps nobody waiting: what is said
// goes to a file.
function runTest(row, seconds) {
    const began = performance.now();
    const log = path.join(copy, 'build/guards.log');
    const out = fs.openSync(log, 'w');
    const { status, signal, pid } = spawnSync('timeout', ['-k', '5', `${Math.ceil(seconds)}`, ...commandOf(row)], { cwd: copy, env: envOf(row), stdio: ['ignore', out, out] });
    fs.closeSync(out);
    try {
        process.kill(-pid, 'SIGKILL');
    } catch {
        // Nothing was left.
    }
    return { ok: status === 0 && !signal, status, said: fs.readFileSync(log, 'utf8'), took: (performance.now() - began) / 1000 };
}

// The case that failed; one that ended its program, or hung, is the last that began.
function caseOf({ said, status }) {
    const failed = said.match(/\[ {2}FAILED {2}\] (?:GROUP )?(\w+)/) ?? said.match(/✖ (?!failing)(.*?)(?: \([\d.]+ms\))?$/m);
    if (failed) return failed[1];
    const begun = [...said.matchAll(/\[ RUN {6}\] (\w+)/g)].pop()?.[1] ?? 'before the first case';
    return `${begun} (${status === 124 ? 'it hangs' : 'the program ends'})`;
}

// A filter that fits no case passes with none.
const ranSomething = (said) => !/^ℹ pass 0$/m.test(said);

function isBuilt(what, ...words) {
    const { status, stdout, stderr } = make(copy, CORES, ...words);
    if (status !== 0) console.log(`${what} is not built: ${stdout.slice(-1000)}${stderr.slice(-3000)}`);
    return status === 0;
}

// Whether the test failed. Warnings are off: what only the guard used is unused then.
function isCaught(row) {
    if (!isBuilt(row.name, 'WARN=-w', ...needs(row))) return false;
    const ran = runTest(row, PATIENCE_S + 5 * took.get(nameOf(row)));
    console.log(`${ran.ok ? 'MISSED' : 'caught'}  ${row.name}: ${nameOf(row)}${ran.ok ? '' : `: ${caseOf(ran)}`}`);
    return !ran.ok;
}

copySources(source, copy, SAME);
const rows = ROWS.filter(({ name }) => wanted.test(name));
const strange = rows.filter((row) => !isOnce(copy, row));
strange.forEach(({ name, file }) => console.log(`${name}: the guard is not, or not once, in ${file}`));
if (strange.length) process.exit(1);

const tests = [...new Map(rows.map((row) => [nameOf(row), row])).values()];
if (!isBuilt('a test', ...new Set(tests.flatMap(needs)))) process.exit(1);
const broken = tests.filter((row) => {
    const ran = runTest(row, HANGS_S);
    const good = ran.ok && ranSomething(ran.said);
    took.set(nameOf(row), ran.took);
    if (!good) console.log(`${nameOf(row)} fails with all guards, or has no such case: ${ran.said.slice(-2000)}`);
    return !good;
});
if (broken.length) process.exit(1);
console.log(`${tests.length} tests pass with all guards`);

const left = rows.filter((row) => !withoutGuard(copy, row, () => isCaught(row)));
console.log(`${rows.length} guards, ${left.length} that no test missed`);
process.exit(left.length ? 1 : 0);
