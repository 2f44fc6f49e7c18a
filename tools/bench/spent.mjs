// What a process spends: processor time, and instructions where they can be counted.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const JUDGED = ['gateway', 'events']; // the services that a measured request passes
const run = promisify(execFile);

// Nanoseconds of all its threads, in user and system mode.
export function processorTime(pid) {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, id) => sum + Number(fs.readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]), 0);
}

// When a turn ends, wrk's other connections still have a request under way.
export async function untilIdle(pid) {
    for (let last = -Infinity, now; ; last = now) {
        now = processorTime(pid);
        if (now - last < 2e6) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

// perf's rows are "value,unit,event,..."; where the machine has no such counter, the value is no number.
const perfValue = (text) => Number(/^([^,\n]*),[^,\n]*,instructions:u/m.exec(text)?.[1]);

export async function perfCounts() {
    const said = await run('perf', ['stat', '-x,', '-e', 'instructions:u', 'true']).catch(() => ({ stderr: '' }));
    return perfValue(said.stderr) > 0;
}

// Counts from when it is returned; end() gives the instructions.
async function startPerf(pid) {
    const args = ['stat', '-x,', '-e', 'instructions:u', '-D', '-1', '--control', 'fd:3,4', '-p', String(pid)];
    const perf = spawn('perf', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => perf.once('close', resolve));
    let text = '';
    perf.stderr.on('data', (data) => (text += data));
    const tell = (word) =>
        new Promise((resolve, reject) => {
            perf.stdio[4].once('data', resolve);
            perf.once('close', () => reject(new Error(`perf: ${text}`)));
            perf.stdio[3].write(`${word}\n`);
        });
    await tell('enable');
    return async () => {
        await tell('disable');
        perf.kill('SIGINT');
        await ended;
        return perfValue(text);
    };
}

// Fills a folder with programs of which the judged ones run under callgrind and write into it what they count.
export function underCallgrind(bin, dir) {
    const judged = JUDGED.map((name) => `conse-${name}`);
    for (const name of fs.readdirSync(bin)) {
        const [from, to] = [path.join(bin, name), path.join(dir, name)];
        const command = `exec valgrind -q --tool=callgrind --callgrind-out-file=${dir}/counted.%p ${from} "$@"`;
        if (judged.includes(name)) fs.writeFileSync(to, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
        else fs.symlinkSync(from, to);
    }
    return dir;
}

// Instructions since the last dump.
async function dumpCallgrind(dir, pid) {
    await run('callgrind_control', ['-d', String(pid)]);
    const file = fs.readdirSync(dir).find((name) => name.startsWith(`counted.${pid}.`));
    const [, total] = /^(?:summary|totals): (\d+)/m.exec(fs.readFileSync(path.join(dir, file), 'utf8'));
    fs.rmSync(path.join(dir, file));
    return Number(total);
}

async function startCallgrind(dir, pid) {
    await dumpCallgrind(dir, pid);
    return () => dumpCallgrind(dir, pid);
}

// What one process spends from now on. end(): {us, instructions}, the latter counted by 'perf', by 'callgrind' in a folder, or NaN.
export async function startSpending(pid, { name, dir }) {
    const counters = { perf: () => startPerf(pid), callgrind: () => startCallgrind(dir, pid), none: () => () => NaN };
    const endCounter = await counters[name]();
    const before = processorTime(pid);
    return {
        async end() {
            const us = (processorTime(pid) - before) / 1000;
            return { us, instructions: await endCounter() };
        },
    };
}
