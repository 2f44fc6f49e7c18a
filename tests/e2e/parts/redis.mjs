// A real Redis in a folder of its own.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

// {url, ask(...words), start(), pause(), resume(), kill(), stop()}
export async function startRedis() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-redis-'));
    const socket = path.join(dir, 'redis.sock');
    const redis = { url: `redis+unix://${socket}` };
    redis.ask = async (...words) => (await run('redis-cli', ['-s', socket, ...words])).stdout;
    redis.start = async () => {
        redis.child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', dir], { stdio: 'ignore' });
        redis.child.ended = new Promise((resolve) => redis.child.once('exit', resolve));
        for (const deadline = Date.now() + 10000; ; await new Promise((done) => setTimeout(done, 20))) {
            if ((await redis.ask('PING').catch(() => '')).includes('PONG')) return;
            if (Date.now() > deadline) throw new Error('redis-server does not answer');
        }
    };
    redis.pause = () => redis.child.kill('SIGSTOP');
    redis.resume = () => redis.child.kill('SIGCONT');
    redis.kill = async () => {
        redis.child.kill('SIGKILL');
        await redis.child.ended;
    };
    redis.stop = async () => {
        await redis.kill();
        fs.rmSync(dir, { recursive: true, force: true });
    };
    await redis.start();
    return redis;
}

const READS = { string: ['GET'], hash: ['HGETALL'], set: ['SMEMBERS'], list: ['LRANGE', 0, -1], zset: ['ZRANGE', 0, -1], stream: ['XRANGE', '-', '+'] };

// Every key of the Redis at a port, with all that it has.
export async function everythingInRedis(port) {
    const ask = async (...words) => (await run('redis-cli', ['-p', `${port}`, ...words], { encoding: 'latin1', maxBuffer: 64 << 20 })).stdout;
    const found = [];
    for (const key of (await ask('KEYS', '*')).split('\n').filter(Boolean)) {
        const [word, ...more] = READS[(await ask('TYPE', key)).trim()] ?? ['TYPE']; // which may be gone by now
        found.push(key, await ask(word, key, ...more));
    }
    return found.join('\n');
}
