// make demo plays its evening to the end against a running system.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { startSystem } from './parts/system.mjs';

const DEMO = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../tools/demo/evening.mjs');
let system;

before(async () => (system = await startSystem({ env: LIMITS })));
after(() => system?.stop());

test('the demo tells an evening, and nobody in it sees what they may not', async () => {
    const env = { ...process.env, ...system.env, CONSE_URL: system.url, CONSECTL: path.join(system.bin, 'consectl') };
    const { code, stdout, stderr } = await new Promise((resolve) =>
        execFile('node', [DEMO], { env, cwd: system.dir, timeout: 300000 }, (error, stdout, stderr) => resolve({ code: error ? error.code ?? -1 : 0, stdout, stderr })));
    assert.equal(code, 0, stderr);
    for (const chapter of ['The guests', 'The door', 'The cards', 'Day 1', 'Night 1', 'The end']) assert.match(stdout, new RegExp(`^${chapter}$`, 'm'));
    assert.match(stdout, /as promised/);
    assert.match(stdout, /the hash chain holds/);
    const visitor = stdout.split('\n').filter((line) => line.startsWith('  visitor'));
    assert.ok(visitor.length >= 20);
    const heard = (who, what) => assert.match(stdout, new RegExp(`^  ${who} +hears: ${what}`, 'm'));
    heard('visitor', 'reserved · Mira');
    heard('visitor', 'phase opened · NIGHT · day 1');
    heard('Mira', 'card dealt · Mira · \\S');
    for (const who of ['visitor', 'Mira']) heard(who, 'the game is over: all is open');
    const said = stdout.indexOf('POST /phases {"kind":"NIGHT"}'), came = stdout.indexOf('hears: phase opened · NIGHT');
    assert.ok(said > 0 && came > said, 'what is heard stands beside what the god did');
    assert.ok(visitor.every((line) => !/Detective|Doctor|Surgeon|Sheriff|told/.test(line)), visitor.join('\n'));
});
