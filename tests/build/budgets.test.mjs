// What takes much longer than its budget fails the run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-budgets-'));
after(() => fs.rmSync(folder, { recursive: true }));

// A part that took so many seconds by bash's own count, so that nobody waits for it.
function run(took, { command = 'true', ...env } = {}) {
    const times = path.join(folder, 'times'), budgets = path.join(folder, 'budgets'), timed = path.join(ROOT, 'tools/timed.sh');
    fs.rmSync(times, { force: true });
    fs.writeFileSync(budgets, '# seconds\nslow 10\n');
    const script = `late() { SECONDS=$((SECONDS + ${took})); ${command}; }; set -- ${times} slow late; . ${timed}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH, CONSE_BUDGETS: budgets, ...env } });
    return { status, stdout, stderr, times: fs.readFileSync(times, 'utf8') };
}

test('each part tells its seconds', () => {
    const { status, stdout, times } = run(7, { CI: 'true' });
    assert.equal(status, 0);
    assert.match(stdout, /^ +[78] s {2}slow\n$/);
    assert.equal(times, stdout);
});

test('one that takes half as much again as its budget fails in CI, and is told elsewhere', () => {
    assert.equal(run(13, { CI: 'true' }).status, 0);
    const late = run(17, { CI: 'true' });
    assert.equal(late.status, 1);
    assert.match(late.stderr, /slow took 1[78] s; its budget is 10 s/);
    const elsewhere = run(17);
    assert.equal(elsewhere.status, 0);
    assert.match(elsewhere.stderr, /its budget is 10 s/);
    assert.equal(run(17, { CI: 'true', SAN: 'address' }).status, 0);
});

test('one that fails stays failed', () => assert.equal(run(17, { command: 'return 3' }).status, 3));

test('every suite has a budget, and every budget a suite', () => {
    const named = fs.readFileSync(path.join(ROOT, '.ci/budgets'), 'utf8').split('\n').filter((line) => line && line[0] !== '#');
    for (const line of named) assert.match(line, /^[\w-]+ \d+$/);
    assert.deepEqual(named.map((line) => line.split(' ')[0]).sort(), ['build', 'unit', ...process.env.SUITES.split(' ')].sort());
});
