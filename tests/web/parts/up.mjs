// What `make run` starts, without the cluster: conse-up in a folder of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { outside } from '../../e2e/parts/environment.mjs';
import { eventually } from '../../e2e/parts/people.mjs';
import { BIN } from '../../e2e/parts/system.mjs';

const ANYWHERE = Object.fromEntries(['CONSE_LISTEN', ...['GATEWAY', 'AUTH', 'EVENTS', 'CHAIN', 'AI'].map((name) => `CONSE_${name}_ADMIN`)].map((name) => [name, '127.0.0.1:0']));
const PATIENCE_MS = 60000;

// {url, said(), run(program, ...words), stop()}; run is what one types in a second terminal there.
export async function startUp(more = {}) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-web-up-'));
    const env = { ...outside, ...ANYWHERE, CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1', CONSE_COINIXERR: 'off', ...more };
    const up = spawn(path.join(BIN, 'conse-up'), ['--no-cluster'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [up.stdout, up.stderr]) stream.on('data', (text) => (said += text));
    const ended = new Promise((resolve) => up.once('exit', resolve));
    const stop = async () => {
        up.kill('SIGINT');
        await ended;
        fs.rmSync(folder, { recursive: true, force: true });
    };
    const run = (command) => {
        const [program, ...words] = command.split(' ');
        const { status, stderr } = spawnSync(path.join(BIN, path.basename(program)), words, { cwd: folder, env, encoding: 'utf8' });
        assert.equal(status, 0, stderr);
    };
    try {
        await eventually(() => /Conse is up: \S+/.test(said) || up.exitCode !== null, PATIENCE_MS);
        return { url: /Conse is up: (\S+)/.exec(said)[1], said: () => said, run, stop };
    } catch (fault) {
        await stop();
        throw new Error(`${fault.message}\n${said}`);
    }
}
