// Servers of other people on a free port, each with a folder of its own: MongoDB's protocol by two programs (README.md says what
// each is good for), and Redis.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { endProcess, freePort, startProcess, untilAnswers } from '../../e2e/parts/processes.mjs';
import { pings } from './asker.mjs';

const BUILT = process.env.CONSE_STORES_BIN ?? path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../../build/stores');
const JAVA = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${BUILT}/java:${BUILT}/java/*`];

function redisPings(port) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
        socket.once('error', reject);
        socket.once('close', () => resolve(false));
        socket.once('data', (bytes) => {
            resolve(bytes.toString() === '+PONG\r\n');
            socket.destroy();
        });
    });
}

const redisWords = (port, folder) => ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];

// keeps: what was acknowledged is there after a kill and a start.
const KINDS = {
    'mongo-java': { keeps: false, program: 'java', words: (port) => [...JAVA, 'MongoJava', `${port}`], answers: pings, url: 'mongodb' },
    ferretdb: { keeps: true, program: path.join(BUILT, 'ferretdb'), words: (port, folder) => [`127.0.0.1:${port}`, folder], answers: pings, url: 'mongodb' },
    redis: { keeps: true, program: 'redis-server', words: redisWords, answers: redisPings, url: 'redis' },
};

// {kind, keeps, port, url, folder, log(), start(), kill(), pause(), resume(), stop()}; it answers when this returns, and when start
// does. kill is SIGKILL: the folder stays, and start serves it again at the same port. stop removes the folder.
export async function startServer(kind) {
    const { program, words, answers, keeps, url } = KINDS[kind];
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `conse-${kind}-`));
    const port = await freePort();
    const server = { kind, keeps, port, folder, url: `${url}://127.0.0.1:${port}` };
    const log = `${folder}.log`;
    let child;
    server.log = () => fs.readFileSync(log, 'utf8');
    server.start = async () => {
        child = startProcess(program, words(port, folder), { log });
        server.pid = child.pid;
        await untilAnswers(child, () => answers(port), { name: kind, story: () => server.log().slice(-2000) });
    };
    server.kill = () => endProcess(child, 'SIGKILL');
    server.pause = () => child.kill('SIGSTOP');
    server.resume = () => child.kill('SIGCONT');
    server.stop = async () => {
        await server.kill();
        fs.rmSync(folder, { recursive: true, force: true });
        fs.rmSync(log, { force: true });
    };
    await server.start();
    return server;
}
