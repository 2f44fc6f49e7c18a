// A dockerd of our own, in the namespaces that run.sh made, and what is asked of it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { eventually } from '../../e2e/parts/people.mjs';

const run = promisify(execFile);
export const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../..');
export const WORK = process.env.CONSE_DEPLOY;
const HOST = `unix://${path.join(WORK, 'docker/engine.sock')}`;
const PROXY_PORT = 3128;

// A fault tells the end of what was said.
export async function docker(...words) {
    const env = { ...process.env, DOCKER_HOST: HOST, DOCKER_BUILDKIT: '0' };
    const { stdout } = await run('docker', words, { env, maxBuffer: 1 << 26, cwd: ROOT }).catch((error) => {
        throw new Error(`docker ${words.join(' ')}: ${`${error.stdout}${error.stderr}`.slice(-2000)}`);
    });
    return stdout.trim();
}
export const inspect = async (what) => JSON.parse(await docker('inspect', what))[0];

// What is built gets its packages through the socket that leads out.
function openProxy() {
    const server = net.createServer((client) => {
        const onwards = net.connect(path.join(WORK, 'proxy.sock'));
        client.pipe(onwards).pipe(client);
        for (const each of [client, onwards]) each.on('error', () => [client, onwards].forEach((end) => end.destroy()));
    });
    server.listen(PROXY_PORT);
    return server;
}

// {build(target, tag, file, folder), stop()}
export async function startEngine() {
    const folder = path.join(WORK, 'docker');
    fs.mkdirSync(folder, { recursive: true });
    // Another machine's names are none here.
    const log = fs.openSync(path.join(WORK, 'dockerd.log'), 'w');
    const words = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '-p', `${folder}/pid`, '-H', HOST, '--storage-driver', 'overlay2'];
    const engine = spawn('dockerd', words, { stdio: ['ignore', log, log] });
    const ended = new Promise((resolve) => engine.once('exit', resolve));
    await eventually(() => docker('version').then(() => true, () => false), 60000);
    const proxy = openProxy();
    const bridge = JSON.parse(execFileSync('ip', ['-j', 'address', 'show', 'docker0'], { encoding: 'utf8' }))[0].addr_info[0].local;
    const args = ['http_proxy', 'https_proxy'].flatMap((name) => ['--build-arg', `${name}=http://${bridge}:${PROXY_PORT}`]);
    const build = (target, tag, file, context) => docker('build', ...args, '--target', target, '-t', tag, '-f', file, context);
    const stop = async () => {
        proxy.close();
        engine.kill('SIGTERM');
        await ended;
    };
    return { build, stop };
}
