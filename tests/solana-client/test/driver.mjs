// The C client as an object: run(op, fields) resolves with its answer. SOLANA_CLIENT_DRIVER is the program built from driver/.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export function startDriver() {
  const path = process.env.SOLANA_CLIENT_DRIVER;
  if (!path) throw new Error('SOLANA_CLIENT_DRIVER is not set: run make test-solana');
  const child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on('exit', (code, signal) => { for (const w of waiting.splice(0)) w.reject(new Error(`driver ended: ${code ?? signal}`)); });
  const run = (op, fields = {}) => new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    child.stdin.write(`${JSON.stringify({ op, ...fields })}\n`);
  });
  const stop = async () => {
    child.stdin.end();
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`driver ended with ${code}`);
  };
  return { run, stop };
}

/** A random number below n. Seeded, so that a failure comes again; the seed is printed. */
export function makeRandom(seed = Number(process.env.SEED ?? Date.now() % 1_000_000)) {
  console.log(`SEED=${seed}`);
  let state = seed >>> 0;
  const next = () => { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, bytes: (n) => Buffer.from(Array.from({ length: n }, () => below(256))) };
}
