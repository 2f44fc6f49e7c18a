// A second gateway before the same services: the one of gateway_static.c, which answers GET of an event by itself.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const started = new Set();

// Whatever ends the benchmark ends its programs.
export function endWithUs(child) {
    started.add(child);
    child.once('exit', () => started.delete(child));
}
process.on('exit', () => started.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export async function freePort() {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

// answer: 'reply' or 'bytes'. {url, pid, stop()}
export async function startGateway(system, answer) {
    const [port, admin] = [await freePort(), await freePort()];
    const file = path.join(system.dir, `gateway-${answer}.log`);
    const log = fs.openSync(file, 'a');
    const env = {
        ...process.env, ...system.env, CONSE_LISTEN: `127.0.0.1:${port}`, CONSE_GATEWAY_ADMIN: `127.0.0.1:${admin}`, CONSE_BENCH_ANSWER: answer,
    };
    const child = spawn(path.join(system.bin, '../bench/gateway_static'), [], { env, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    endWithUs(child);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const stop = () => (child.kill('SIGTERM'), ended);
    for (const deadline = Date.now() + 10000; ; ) {
        if (await fetch(`http://127.0.0.1:${admin}/readyz`).then((r) => r.ok, () => false)) break;
        if (child.exitCode === null && Date.now() < deadline) continue;
        await stop();
        throw new Error(`the static gateway is not ready: ${fs.readFileSync(file, 'utf8').slice(-1000)}`);
    }
    return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop };
}
