// Programs that end by themselves, and what they took.
import { spawn } from 'node:child_process';
import path from 'node:path';

// {seconds, cpu, ...what it printed as JSON}: cpu in seconds, of all its threads. `input` is its standard input.
export function run(program, args, { env = {}, input = '' } = {}) {
    const began = performance.now();
    const child = spawn('/usr/bin/env', ['bash', '-c', 'time "$0" "$@"', program, ...args], {
        env: { ...process.env, ...env, TIMEFORMAT: 'spent %U %S' }, stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '', stderr = '';
    child.stdin.end(input);
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    return new Promise((resolve, reject) => child.once('close', (code) => {
        const spent = /^spent ([\d.]+) ([\d.]+)$/m.exec(stderr);
        if (code !== 0 || !spent) return reject(new Error(`${program}: ${stderr || code}`));
        resolve({ seconds: (performance.now() - began) / 1000, cpu: Number(spent[1]) + Number(spent[2]), ...JSON.parse(stdout) });
    }));
}

// One of tools/bench.
export const tool = (name) => path.join(process.env.CONSE_BENCH, name);
