// The programs of Conse on hosts of their own, with the knobs of preload.c.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { outside } from '../../e2e/parts/environment.mjs';
import { endProcess, pause, startProcess } from '../../e2e/parts/processes.mjs';
import { now } from './client.mjs';
import { inside } from './net.mjs';

const BUILD = process.env.CONSE_TORTURE_BUILD ?? path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../../build');
export const BIN = path.join(BUILD, 'bin');
const PRELOAD = path.join(BUILD, 'tests/torture/preload.so');
const READY_MS = 60000;
const AGAIN_MS = 300;
const NO_STORE = /(can't be reached|can't be read|does not answer|No suitable servers found.*)\n$/;

export const ADMIN_PORT = 7440;

// {name, service, host, address, start(), untilReady(), kill(), pause(), resume(), term(), setClock(ms), setSync(ms), deaths, missed}: missed
// are the times of starts that found no store, as faults.
export function makeProcess({ name, service, address, dir, env }) {
    const log = path.join(dir, `${name}.log`);
    const knobs = path.join(dir, `${name}.knobs`);
    fs.writeFileSync(knobs, Buffer.alloc(16));
    const turn = (at, ms) => {
        const file = fs.openSync(knobs, 'r+');
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(BigInt(ms));
        fs.writeSync(file, bytes, 0, 8, at);
        fs.closeSync(file);
    };
    const own = { LD_PRELOAD: PRELOAD, TORTURE_KNOBS: knobs };
    const story = () => fs.readFileSync(log, 'utf8').slice(-3000);
    let child;
    const made = { name, service, host: name, address, log, deaths: [], missed: [] };
    // A process that ends otherwise than by our hand. One that finds no store at its start says so, and is started again, as any supervisor
    // would.
    const watch = (own) =>
        own.ended.then(async ({ code, signal }) => {
            if (own.wanted) return;
            if (code !== 1 || !NO_STORE.test(story())) made.deaths.push(`${name} ended by itself with ${code ?? signal}: ${log}`);
            await pause(AGAIN_MS);
            made.missed.push({ fault: 'kill', host: name, start: own.began, end: now() });
            if (!own.wanted) made.start();
        });
    const end = (signal) => {
        child.wanted = true;
        return endProcess(child, signal);
    };
    made.start = () => {
        // env sets the preload for the program alone: ip shall not be slow.
        const words = ['env', ...Object.entries(own).map(([key, value]) => `${key}=${value}`), path.join(BIN, `conse-${service}`)];
        child = startProcess('ip', inside(name, ...words), { env: { ...outside, ...env }, log });
        child.began = now();
        watch(child);
    };
    const answers = () => fetch(`http://${address}:${ADMIN_PORT}/readyz`, { signal: AbortSignal.timeout(2000) }).then((reply) => reply.ok);
    const stacks = () => spawnSync('gdb', ['-p', child.pid, '-batch', '-ex', 'thread apply all bt'], { encoding: 'utf8' }).stdout;
    made.untilReady = async () => {
        for (const deadline = Date.now() + READY_MS; !(await answers().catch(() => false)); await pause(20))
            if (Date.now() > deadline) throw new Error(`${name} is not ready: ${story()}\n${stacks()}`);
    };
    made.kill = () => end('SIGKILL');
    made.term = () => end('SIGTERM');
    made.pause = () => child.kill('SIGSTOP');
    made.resume = () => child.kill('SIGCONT');
    made.setClock = (ms) => turn(0, ms);
    made.setSync = (ms) => turn(8, ms);
    return made;
}
