// Starts the built programs on free ports with folders of their own, and ends them by pid.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { outside } from './environment.mjs';
import { endProcess, freePort, isRunning, startProcess, untilAnswers } from './processes.mjs';
import { placeOf, placesOf, replicaNames, serviceOf, startBalancer, startStores } from './replicas.mjs';

// CONSE_E2E_STORES=replicas runs every system as two of each service on shared stores.
export const REPLICAS = process.env.CONSE_E2E_STORES === 'replicas' ? 2 : 0;

export const BIN = process.env.CONSE_BIN ?? path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../../build/bin');

const untilReady = (system, name) =>
    untilAnswers(system.children[name], () => fetch(`http://127.0.0.1:${system.admin[name]}/readyz`).then((r) => r.ok), {
        name: `conse-${name}`,
        story: () => system.log(name).slice(-2000),
        within_ms: system.within_ms,
    });

function spawnService(system, name) {
    if (isRunning(system.children[name])) throw new Error(`conse-${name} runs already`);
    const log = path.join(system.dir, `${name}.log`);
    const env = { ...outside, ...system.env, ...system.own[name] };
    system.children[name] = startProcess(path.join(system.programs[name] ?? system.bin, `conse-${serviceOf(name)}`), [], { env, log });
}

// One that does not end within half a minute is killed, and its test fails.
async function endService(system, name, signal) {
    const end = await endProcess(system.children[name], signal);
    if (end.hung) throw new Error(`conse-${name} does not end: ${system.log(name).slice(-2000)}`);
    return end;
}

// Replicas of each service on shared stores, behind one address: {env, own, stop()}.
async function prepareReplicas(system, services, { replicas, proxied }) {
    const { dir, port } = system;
    const stores = await startStores(dir, { proxied });
    const run = stores.env.CONSE_RUN;
    const own = {};
    for (const name of system.services) own[name] = await placeOf(name, dir, run);
    const gateways = replicaNames('gateway', replicas).filter((name) => own[name]);
    const balancer = await startBalancer(port, gateways.map((name) => own[name].CONSE_LISTEN));
    system.urls = gateways.map((name) => `http://${own[name].CONSE_LISTEN}`);
    const stop = async () => {
        await balancer.stop();
        await stores.stop();
    };
    return { env: { ...stores.env, ...placesOf(services, replicas, run) }, own, stores, stop };
}

// With ai, whose methods most tests do not ask.
export const EVERY_SERVICE = ['auth', 'events', 'chain', 'ai', 'gateway'];

// What starts together. mongo-java-server fails when two processes make the same index at once, so a second replica starts when the
// first has; gateways come last, because each may know any of the others.
function stages(services, replicas) {
    if (!replicas) return [services];
    const stored = services.filter((service) => service !== 'gateway');
    const all = Array.from({ length: replicas }, (_, i) => stored.map((service) => replicaNames(service, i + 1)[i]));
    return services.includes('gateway') ? [...all, replicaNames('gateway', replicas)] : all;
}

// The sum of a metric over all processes of a service.
export async function metricOf(system, service, name) {
    const all = system.replicasOf(service).map(async (each) => {
        const text = await fetch(`http://127.0.0.1:${system.admin[each]}/metrics`).then((r) => r.text());
        return Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    });
    return (await Promise.all(all)).reduce((sum, value) => sum + value, 0);
}

// How many reads wait for news.
export const parkedAt = (system) => metricOf(system, 'gateway', 'conse_http_parked');

const alone = { env: {}, own: {}, stop: async () => {} };

// The same system, asked through one of its gateways alone: whose sockets, waits and bounds are then those of that process.
export function throughOne(system) {
    const [url] = system.urls;
    return { ...system, url, port: Number(new URL(url).port) };
}

// {url, dir, run, env, bin, admin: {name: port}, log(name), kill(name), term(name), restart(name), stop()}. With `replicas`, so many of each
// service run on shared stores: the second is named auth-2, and so on; url leads to all gateways in turn, urls to each; stores has
// {mongo, redis}, and with `proxied` the proxy before mongo. own(name, dir): what one replica is told besides. replicasOf(service) names
// its processes, however many; killAll(service), startAll(service) and signal(service, name) reach each of them. programs[name]: the
// folder of the programs that this one is started from next, when it is not bin. within_ms: in which each has to be ready.
export async function startSystem({ services = ['auth', 'events', 'chain', 'gateway'], env = {}, replicas = REPLICAS, proxied = false, own = () => ({}), programs = {}, within_ms } = {}) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-e2e-'));
    const port = await freePort();
    const names = services.flatMap((service) => replicaNames(service, replicas || 1));
    const url = `http://127.0.0.1:${port}`;
    const system = { dir, bin: BIN, url, urls: [url], port, admin: {}, children: {}, services: names, programs, within_ms };
    const shared = replicas ? await prepareReplicas(system, services, { replicas, proxied }) : alone;
    system.stores = shared.stores;
    system.own = shared.own;
    for (const name of names) if (replicas) Object.assign(system.own[name], own(name, dir));
    system.env = { CONSE_DATA: path.join(dir, 'data'), CONSE_LISTEN: `127.0.0.1:${port}`, CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1', CONSE_COINIXERR: 'off' };
    for (const name of names) {
        const where = replicas ? system.own[name] : system.env;
        system.admin[name] = await freePort();
        where[`CONSE_${serviceOf(name).toUpperCase()}_ADMIN`] = `127.0.0.1:${system.admin[name]}`;
    }
    Object.assign(system.env, shared.env, env);
    system.run = system.env.CONSE_RUN ?? path.join(system.env.CONSE_DATA, 'run');
    system.log = (name) => fs.readFileSync(path.join(dir, `${name}.log`), 'utf8');
    system.kill = (name) => endService(system, name, 'SIGKILL');
    system.term = (name) => endService(system, name, 'SIGTERM');
    system.replicasOf = (service) => names.filter((name) => serviceOf(name) === service);
    system.start = async (name) => {
        spawnService(system, name);
        await untilReady(system, name);
    };
    system.killAll = (service) => Promise.all(system.replicasOf(service).map(system.kill));
    system.startAll = async (service) => {
        for (const name of system.replicasOf(service)) await system.start(name);
    };
    system.signal = (service, signal) => system.replicasOf(service).forEach((name) => system.children[name].kill(signal));
    system.restart = async (name) => {
        await system.kill(name);
        await system.start(name);
    };
    // Ends everything as an operator would; a service that does not end cleanly fails the test.
    system.stop = async () => {
        const faults = [];
        for (const name of [...names].reverse()) {
            const { code, signal } = await system.term(name).catch((error) => ({ code: error.message, signal: null }));
            if (code !== 0 && signal !== 'SIGKILL') faults.push(`conse-${name} ended with ${code ?? signal}: ${system.log(name).slice(-2000)}`);
        }
        await shared.stop();
        fs.rmSync(dir, { recursive: true, force: true });
        if (faults.length) throw new Error(faults.join('\n'));
    };
    try {
        for (const together of stages(services, replicas)) {
            for (const name of together) spawnService(system, name);
            await Promise.all(together.map((name) => untilReady(system, name)));
        }
    } catch (error) {
        await Promise.all(names.map((name) => system.kill(name)));
        await shared.stop();
        throw error;
    }
    return system;
}

// Stops the system when the work is done, or has failed; then its fault is told, and not what stopping meets because of it.
export async function stopAfter(system, work) {
    const [done] = await Promise.allSettled([work(system)]);
    const [stopped] = await Promise.allSettled([system.stop()]);
    if (done.status === 'rejected') throw done.reason;
    if (stopped.status === 'rejected') throw stopped.reason;
    return done.value;
}
