// Running wrk, reading counters, and the few statistics of the tables.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

function wrk(args, env) {
    return new Promise((resolve, reject) =>
        execFile('wrk', args, { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
            const line = stdout.split('\n').find((l) => l.startsWith('{'));
            if (error || !line) reject(new Error(`wrk ${args.join(' ')}: ${error ?? ''} ${stdout} ${stderr}`));
            else resolve(JSON.parse(line));
        }));
}

// {requests, rate, p50_us, p99_us}; any answer that is no success ends the benchmark.
export async function get(url, token, { connections = 64, seconds = 4 } = {}) {
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', script('wrk.lua'), url];
    const run = await wrk(args, token ? { BENCH_TOKEN: token } : {});
    if (run.refused || run.broken) throw new Error(`${url}: ${run.refused} refused, ${run.broken} broken of ${run.requests}`);
    return { ...run, rate: run.requests / (run.duration_us / 1e6) };
}

// Where the ballots of a file go on: a voter that repeats what they said makes no entry, so no run begins where the last one did.
const begun = new Map();

// {sent, answered, rate, p50_us, refused, broken}. With drain the connections stay a second longer than ballots are sent, so all
// are answered, but the latencies are not those of ballots alone.
export async function ballots(url, file, { connections = 64, seconds = 4, count = false, drain = true } = {}) {
    const args = ['-t1', `-c${connections}`, `-d${drain ? seconds + 1 : seconds}s`, '--timeout', '5s', '-s', script('ballots.lua'), url];
    const run = await wrk(args, { BENCH_BALLOTS: file, BENCH_SECONDS: String(drain ? seconds : 1e6), BENCH_START: String(begun.get(file) ?? 0), ...(count ? { BENCH_COUNT: '1' } : {}) });
    begun.set(file, (begun.get(file) ?? 0) + run.sent);
    return { ...run, rate: run.sent / (drain ? run.active_us / 1e6 : seconds) };
}

// {sent, made, rate, p50_us, p99_us, broken} of the requests of a file (posts.lua). With drain as for ballots.
export async function posts(url, file, { connections = 64, seconds = 4, drain = true } = {}) {
    const args = ['-t1', `-c${connections}`, `-d${drain ? seconds + 1 : seconds}s`, '--timeout', '5s', '-s', script('posts.lua'), url];
    const run = await wrk(args, { BENCH_POSTS: file, BENCH_SECONDS: String(drain ? seconds : 1e6) });
    return { ...run, rate: run.sent / (drain ? run.active_us / 1e6 : seconds) };
}

// Requests of a script (wrk.lua or ballots.lua with their env) in turns of so many. The first is not counted by end(), which gives how
// many were answered; any status but the expected one ends the benchmark.
export async function inTurns(url, requests, { script: load, env, expect }) {
    const args = ['-t1', '-c64', '-d1h', '--timeout', '20s', '-s', script('turns.lua'), url];
    const own = { BENCH_LOAD: script(load), BENCH_TURN: String(requests), BENCH_EXPECT: String(expect) };
    const child = spawn('wrk', args, { env: { ...process.env, ...own, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    async function until(fits) {
        for (;;) {
            const { value, done } = await lines.next();
            if (done) throw new Error(`wrk ${args.join(' ')} ended`);
            if (fits(value)) return value;
        }
    }
    const turnEnds = () => until((line) => line === 'turn');
    await turnEnds();
    return {
        turn() {
            child.stdin.write('\n');
            return turnEnds();
        },
        async end() {
            child.stdin.end();
            const run = JSON.parse(await until((line) => line.startsWith('{')));
            if (run.refused || run.broken) throw new Error(`${url}: ${run.refused} refused, ${run.broken} broken of ${run.answered}`);
            return run.answered - requests;
        },
    };
}

export async function counter(port, name, labels) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const line = text.split('\n').find((l) => l.startsWith(`${name}{`) && l.includes(labels));
    return line ? Number(line.split(' ').at(-1)) : 0;
}

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

// How much more ours is than theirs, measured in pairs: the median of the pairs' ratios and its 95 % interval, for which pairs are
// drawn anew 10,000 times. The ratio of the medians would move with a machine that is slower in some of the rounds.
export function pairedRatio(ours, theirs) {
    const pairs = ours.map((value, i) => value / theirs[i]);
    const draw = () => median(pairs.map(() => pairs[Math.floor(Math.random() * pairs.length)]));
    const drawn = Array.from({ length: 10000 }, draw).sort((a, b) => a - b);
    return { ratio: median(pairs), low: drawn[250], high: drawn[9749] };
}

export const perSecond = (rate) => `${Math.round(rate).toLocaleString('en')}/s`;
export const ms = (us) => `${(us / 1000).toFixed(2)} ms`;

// Columns as wide as their widest cell.
export function table(rows) {
    const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
    for (const row of rows) console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd());
}
