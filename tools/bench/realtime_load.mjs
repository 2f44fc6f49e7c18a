// The C client that loads every system, and what a process takes meanwhile.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { BIN } from '../../tests/e2e/parts/system.mjs';
import { endWithUs } from './gateways.mjs';
import { processorTime } from './spent.mjs';

const program = path.join(BIN, '../bench/realtime_client');

// {ask(command): its answer, end()}; what each argument means is in realtime_client.c.
export function startClient(args) {
    const said = Object.entries(args).map(([name, value]) => `${name}=${value}`);
    const child = spawn(program, said, { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithUs(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise((resolve) => child.once('close', resolve));
    return {
        async ask(command) {
            child.stdin.write(`${command}\n`);
            const { value, done } = await lines.next();
            if (done) throw new Error(`the client ended at "${command}"`);
            return JSON.parse(value);
        },
        async end() {
            child.stdin.end();
            await ended;
        },
    };
}

const statusOf = (pid) => fs.readFileSync(`/proc/${pid}/status`, 'utf8');

export const anonymousBytes = (pid) => Number(/^RssAnon:\s+(\d+) kB/m.exec(statusOf(pid))[1]) * 1024;

// Share of one core since it was called.
export function startClock(pids) {
    const now = () => pids.reduce((sum, pid) => sum + processorTime(pid), 0);
    const before = now(), began = performance.now();
    return { share: () => (now() - before) / 1e6 / (performance.now() - began), us: () => (now() - before) / 1000 };
}

// The most anonymous memory until stopped.
export function watchMemory(pid) {
    let most = 0;
    const look = () => { most = Math.max(most, anonymousBytes(pid)); };
    const timer = setInterval(look, 100);
    return () => (clearInterval(timer), look(), most);
}

export const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
