// What `make run` starts finds the console that was built beside it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { outside } from '../e2e/parts/environment.mjs';
import { eventually } from '../e2e/parts/people.mjs';
import { BIN } from '../e2e/parts/system.mjs';

const ANYWHERE = Object.fromEntries(['CONSE_LISTEN', ...['GATEWAY', 'AUTH', 'EVENTS', 'CHAIN', 'AI'].map((name) => `CONSE_${name}_ADMIN`)].map((name) => [name, '127.0.0.1:0']));

test('conse-up serves the console at /', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-web-up-'));
    const env = { ...outside, ...ANYWHERE, CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1', CONSE_COINIXERR: 'off' };
    const up = spawn(path.join(BIN, 'conse-up'), ['--no-cluster'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [up.stdout, up.stderr]) stream.on('data', (text) => (said += text));
    const ended = new Promise((resolve) => up.once('exit', resolve));
    try {
        await eventually(() => /Conse is up: \S+/.test(said) || up.exitCode !== null, 60000);
        const url = /Conse is up: (\S+)/.exec(said)?.[1];
        const page = await (await fetch(url)).text();
        assert.match(page, /<script type="module" src="\/assets\/main-[A-Z0-9]+\.js">/);
        const script = /src="([^"]+)"/.exec(page)[1];
        assert.equal((await fetch(url + script)).status, 200);
    } finally {
        up.kill('SIGINT');
        await ended;
        fs.rmSync(folder, { recursive: true, force: true });
    }
});
