// make demo plays its evening to the end against a running system.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startCluster } from './parts/cluster.mjs';
import { LIMITS } from './parts/games.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const DEMO = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../tools/demo/evening.mjs');
const SLOT_MS = 50;
let cluster, system;

before(async () => {
    cluster = await startCluster({ slotMs: SLOT_MS });
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, ...cluster.env, CONSE_REWARD_MINUTES: '0' } });
});
after(async () => {
    await system?.stop();
    await cluster?.stop();
});

test('the demo tells an evening, and nobody in it sees what they may not', async () => {
    const env = { ...process.env, ...system.env, CONSE_URL: system.url, CONSECTL: path.join(system.bin, 'consectl') };
    const { code, stdout, stderr } = await new Promise((resolve) =>
        execFile('node', [DEMO], { env, cwd: system.dir, timeout: 300000 }, (error, stdout, stderr) => resolve({ code: error ? error.code ?? -1 : 0, stdout, stderr })));
    assert.equal(code, 0, `${stderr}\n${stdout.slice(-2000)}`);
    for (const chapter of ['The guests', 'The door', 'The cards', 'Day 1', 'Night 1', 'The end', 'Who plays well', 'The pot', 'The market', 'The final', 'The books', 'What stays']) assert.match(stdout, new RegExp(`^${chapter}$`, 'm'));
    assert.match(stdout, /as promised/);
    assert.match(stdout, /the hash chain holds/);
    const visitor = stdout.split('\n').filter((line) => line.startsWith('  visitor'));
    assert.ok(visitor.length >= 20);
    const heard = (who, what) => assert.match(stdout, new RegExp(`^  ${who} +hears: ${what}`, 'm'));
    heard('visitor', 'seat held · Mira');
    heard('visitor', 'seat paid · Mira');
    heard('visitor', 'phase opened · NIGHT · day 1');
    heard('Mira', 'card dealt · Mira · \\S');
    for (const who of ['visitor', 'Mira']) heard(who, 'the game is over: all is open');
    const said = stdout.indexOf('POST /phases {"kind":"NIGHT"}'), came = stdout.indexOf('hears: phase opened · NIGHT');
    assert.ok(said > 0 && came > said, 'what is heard stands beside what the god did');
    assert.ok(visitor.every((line) => !/Detective|Doctor|Surgeon|Sheriff|told/.test(line)), visitor.join('\n'));
    assert.match(stdout, /Vida can't come after all: 15\.00 in the purse, then 20\.00 again/);
    const [, shares] = stdout.match(/^Nobody disputes the end, so 40\.00 CONSE are divided: (3\.90 to the god, .*)\.$/m);
    assert.strictEqual([...shares.matchAll(/(\d+)\.(\d\d) to /g)].reduce((sum, [, whole, part]) => sum + Number(whole + part), 0), 4000, shares);
    assert.doesNotMatch(shares, /-/);
    assert.match(stdout, /^Issued in all evenings: (18[0-9]\.\d\d) CONSE\. Now people [\d.]+ \+ .*revenue [\d.]+.* = \1\.$/m);
    assert.match(stdout, /bids 1\.60 and gets it for 1\.50: filled/);
    assert.match(stdout, /^  Omid's wallet \S+ scans the code of Conse, reads "A seat for 0\.500000000 SOL"/m);
    assert.match(stdout, /^  Nora leaves again\. Wallet \S+ has 1\.9999\d SOL of 2\.00000 SOL: all but the fee\./m);
    assert.match(stdout, /^  Both seats are final, .* 1\.00000 SOL were paid, and wallet \S+ has 2\.47\d\d\d SOL\.$/m);
    assert.match(stdout, /The ledger is right: \d+ entries/);
    const [, stays] = stdout.split(/^What stays$/m);
    assert.match(stays, /^For how they played, those with wallets get coins: (Kian|Leila) \d+, (Kian|Leila) \d+\.$/m);
    assert.match(stays, /^A tip for \S+: \S+ .*\S$/m);
    assert.match(stays, /^Of \d+ messages, by their own sentences:\n  - \S/m);
});
