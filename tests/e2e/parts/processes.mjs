// Programs that tests start: on free ports, with their words in a log file, ended by pid.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import { outside } from './environment.mjs';

const ENDS_MS = 30000; // a program that takes longer hangs

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function canListen(port) {
    const server = net.createServer();
    return new Promise((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
}

// Below the ports that the system gives to connections, which could take it before its program listens.
// Files that run at one time take theirs from different ranges.
const PORTS = 340;
const FIRST_PORT = 10000 + (process.pid % 64) * PORTS;
const given = new Set([10080]); // a port is not listened at at once; and fetch refuses this one, as browsers do

export async function freePort() {
    for (;;) {
        const port = FIRST_PORT + randomInt(PORTS);
        if (given.has(port)) continue;
        given.add(port);
        if (await canListen(port)) return port;
    }
}

// What a test leaves running when it is ended from outside ends with it.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

// The child, with `ended`: a promise of its {code, signal}.
export function startProcess(program, words, { env = outside, log }) {
    const out = fs.openSync(log, 'a');
    const child = spawn(program, words, { env, stdio: ['ignore', out, out] });
    fs.closeSync(out);
    running.add(child);
    child.ended = new Promise((resolve, reject) => {
        child.once('exit', (code, signal) => resolve({ code, signal }));
        child.once('error', reject);
    });
    child.ended.catch(() => {}).then(() => running.delete(child));
    return child;
}

export const isRunning = (child) => child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

// How it ended: {code, signal}, and `hung` when it did not end by itself and was killed.
export async function endProcess(child, signal) {
    if (!isRunning(child)) return { code: child?.exitCode, signal: child?.signalCode, hung: false };
    let hung = false;
    child.kill(signal);
    const patience = setTimeout(() => (hung = child.kill('SIGKILL')), ENDS_MS);
    const end = await child.ended;
    clearTimeout(patience);
    return { ...end, hung };
}

// Asks again until the answer is true. A child that ends before, or does not answer in time, fails with what `story` says.
export async function untilAnswers(child, asks, { name, story, within_ms = 20000 }) {
    for (const deadline = Date.now() + within_ms; ; await pause(10)) {
        if (!isRunning(child)) throw new Error(`${name} ended: ${story()}`);
        if (await asks().catch(() => false)) return;
        if (Date.now() > deadline) throw new Error(`${name} is not ready: ${story()}`);
    }
}
