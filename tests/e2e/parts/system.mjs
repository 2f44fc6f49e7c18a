// Starts the built programs on free ports with folders of their own, and ends them by pid.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const BIN = process.env.CONSE_BIN ?? path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../../build/bin');

async function freePort() {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilReady(system, name) {
    for (const deadline = Date.now() + 20000; ; await pause(10)) {
        if (system.children[name].exitCode !== null) throw new Error(`conse-${name} ended: ${system.log(name).slice(-2000)}`);
        const ready = await fetch(`http://127.0.0.1:${system.admin[name]}/readyz`).then((r) => r.ok, () => false);
        if (ready) return;
        if (Date.now() > deadline) throw new Error(`conse-${name} is not ready: ${system.log(name).slice(-2000)}`);
    }
}

function spawnService(system, name) {
    const log = fs.openSync(path.join(system.dir, `${name}.log`), 'a');
    const child = spawn(path.join(BIN, `conse-${name}`), [], { env: { ...process.env, ...system.env }, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    running.add(child);
    child.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    child.ended.then(() => running.delete(child));
    system.children[name] = child;
}

// One that does not end within half a minute is killed, and its test fails.
async function endService(system, name, signal) {
    const child = system.children[name];
    if (!child || child.exitCode !== null || child.signalCode !== null) return { code: child?.exitCode, signal: child?.signalCode };
    let hung = false;
    child.kill(signal);
    const patience = setTimeout(() => (hung = child.kill('SIGKILL')), 30000);
    const end = await child.ended;
    clearTimeout(patience);
    if (hung) throw new Error(`conse-${name} does not end: ${system.log(name).slice(-2000)}`);
    return end;
}

// What a test leaves running when it is ended from outside ends with it.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

// {url, dir, env, bin, admin: {name: port}, log(name), kill(name), term(name), restart(name), stop()}
export async function startSystem({ services = ['auth', 'events', 'gateway'], env = {} } = {}) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-e2e-'));
    const port = await freePort();
    const system = { dir, bin: BIN, url: `http://127.0.0.1:${port}`, port, admin: {}, children: {}, services };
    system.env = { CONSE_DATA: path.join(dir, 'data'), CONSE_LISTEN: `127.0.0.1:${port}`, CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1' };
    for (const name of services) {
        system.admin[name] = await freePort();
        system.env[`CONSE_${name.toUpperCase()}_ADMIN`] = `127.0.0.1:${system.admin[name]}`;
    }
    Object.assign(system.env, env);
    system.log = (name) => fs.readFileSync(path.join(dir, `${name}.log`), 'utf8');
    system.kill = (name) => endService(system, name, 'SIGKILL');
    system.term = (name) => endService(system, name, 'SIGTERM');
    system.start = async (name) => {
        spawnService(system, name);
        await untilReady(system, name);
    };
    system.restart = async (name) => {
        await system.kill(name);
        await system.start(name);
    };
    // Ends everything as an operator would; a service that does not end cleanly fails the test.
    system.stop = async () => {
        const faults = [];
        for (const name of [...services].reverse()) {
            const { code, signal } = await system.term(name).catch((error) => ({ code: error.message, signal: null }));
            if (code !== 0 && signal !== 'SIGKILL') faults.push(`conse-${name} ended with ${code ?? signal}: ${system.log(name).slice(-2000)}`);
        }
        fs.rmSync(dir, { recursive: true, force: true });
        if (faults.length) throw new Error(faults.join('\n'));
    };
    for (const name of services) spawnService(system, name);
    try {
        await Promise.all(services.map((name) => untilReady(system, name)));
    } catch (error) {
        await Promise.all(services.map((name) => system.kill(name)));
        throw error;
    }
    return system;
}
