// Runs a program that answers each line of numbers with a line of numbers.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const answers = (command, args, lines, env) => {
  const run = spawnSync(command, args, {
    input: lines.join('\n') + '\n',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status}: ${run.stderr}`);
  return run.stdout.trimEnd().split('\n').map((line) => line.trim().split(' ').map(Number));
};

const required = (name) => {
  if (!process.env[name]) throw new Error(`${name} is not set: run make test-engines`);
  return process.env[name];
};

export const conse = (lines) => answers(required('ENGINES_DRIVER'), [], lines);

export const openskillPy = (lines) =>
  answers('python3', [fileURLToPath(new URL('openskill_py.py', import.meta.url))], lines, {
    PYTHONPATH: required('ENGINES_PYTHON'),
  });
