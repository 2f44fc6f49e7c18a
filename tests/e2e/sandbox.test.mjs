// What a program can still do that somebody has taken over.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { untilAnswers } from './parts/processes.mjs';
import { BIN, EVERY_SERVICE, startSystem, stopAfter } from './parts/system.mjs';

// A gateway that does what signals say, instead of the one that runs.
async function takeOver(system, sandbox) {
    await system.kill('gateway');
    system.own = { gateway: { LD_PRELOAD: path.resolve(BIN, '../tests/taken.so'), TEST_TAKEN: path.join(system.dir, 'data/auth.db'), CONSE_SANDBOX: sandbox } };
    fs.rmSync(path.join(system.dir, 'gateway.log'));
    await system.start('gateway');
}

async function tryTo(system, signal, said) {
    const child = system.children.gateway;
    child.kill(signal);
    const story = () => system.log('gateway');
    await untilAnswers(child, async () => story().includes(`taken: ${said}`), { name: 'what it says', story });
}

test('a gateway that was taken over reads nothing of auth, and ends when it runs a program', () =>
    startSystem({ services: ['auth', 'gateway'], replicas: 0 }).then((started) =>
        stopAfter(started, async (system) => {
            await takeOver(system, 'on');
            await tryTo(system, 'SIGURG', 'cannot open');
            assert.equal((await fetch(`${system.url}/docs`)).status, 200, 'it goes on');
            system.children.gateway.kill('SIGWINCH');
            assert.equal((await system.children.gateway.ended).signal, 'SIGSYS');
            assert.ok(!system.log('gateway').includes('taken: ran'));
            // Without the sandbox the same succeeds.
            await takeOver(system, 'off');
            await tryTo(system, 'SIGURG', 'read');
            system.children.gateway.kill('SIGWINCH');
            assert.equal((await system.children.gateway.ended).code, 0, 'as the program that it ran did');
            assert.match(system.log('gateway'), /taken: ran/);
            await system.start('gateway');
        }),
    ));

for (const service of EVERY_SERVICE)
    test(`${service} says by itself what is refused to it`, () => {
        const dir = fs.mkdtempSync('/tmp/conse-sandbox-');
        const out = execFileSync(path.join(BIN, `conse-${service}`), ['--self-test-sandbox'], { env: { ...outside, CONSE_DATA: dir }, encoding: 'utf8' });
        for (const what of ['opening a file of others', 'a raw socket', 'running a program']) assert.match(out, new RegExp(`^${what}: refused`, 'm'));
        // One with settings in the folder of the foreign file carries it out, and says so.
        const open = spawnSync(path.join(BIN, `conse-${service}`), ['--self-test-sandbox'], { env: { ...outside, CONSE_DATA: dir, CONSE_CONSOLE: '/tmp', CONSE_MASTER_KEY_FILE: '/tmp/none' }, encoding: 'utf8' });
        fs.rmSync(dir, { recursive: true });
        assert.equal(open.status, 1, open.stdout);
        assert.match(open.stdout, /opening a file of others: CARRIED OUT/);
    });
