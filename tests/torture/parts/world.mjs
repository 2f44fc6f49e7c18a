// All hosts of a run: {url, urls, bin, env, processes, addresses, database, stop()}. url, bin and env are what tests/e2e/parts/people.mjs
// takes for a system.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { endProcess, startProcess, untilAnswers } from '../../e2e/parts/processes.mjs';
import { addHost, buildNetwork, inside } from './net.mjs';
import { ADMIN_PORT, BIN, makeProcess } from './processes.mjs';
import { steer } from './steering.mjs';

const FIRST = { auth: 20, events: 30, gateway: 40 }; // the hosts' numbers
const PORT = { LISTEN: 7451, SLOW_LISTEN: 7460, BUS: 7453 };
const HERE = path.dirname(new URL(import.meta.url).pathname);
const HTTP = 7438;

const namesOf = (counts) =>
    Object.entries(counts).flatMap(([service, count]) =>
        Array.from({ length: count }, (_, i) => ({ service, name: `${service}-${i + 1}`, number: FIRST[service] + i + 1 })),
    );

const answersAt = (host, port) =>
    new Promise((resolve) => {
        const socket = net.connect(port, host, () => resolve(true) || socket.destroy());
        socket.on('error', () => resolve(false));
    });

// The database's host: {url, steer, stop()}.
async function startDatabase(dir) {
    const address = addHost('database', 10);
    const log = fs.openSync(path.join(dir, 'database.log'), 'a');
    const child = spawn('ip', inside('database', process.execPath, path.join(HERE, '../database.mjs'), address), {
        stdio: ['pipe', log, log],
    });
    const story = () => fs.readFileSync(path.join(dir, 'database.log'), 'utf8');
    await untilAnswers(child, () => answersAt(address, 27018), { name: 'the database', story, within_ms: 60000 });
    let wanted = false;
    child.once('exit', (code, signal) => {
        if (!wanted) throw new Error(`the database ended with ${code ?? signal}, so nothing can be said of the others: ${story()}`);
    });
    const stop = () => {
        wanted = true;
        return endProcess(child, 'SIGKILL');
    };
    return { address, url: `mongodb://${address}:27017`, steer: await steer(address, 27018), stop };
}

async function startRedis(dir) {
    const address = addHost('redis', 11);
    const log = path.join(dir, 'redis.log');
    const child = startProcess(
        'ip',
        inside('redis', 'redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--dir', dir),
        { log },
    );
    await untilAnswers(child, () => answersAt(address, 6379), { name: 'redis', story: () => fs.readFileSync(log, 'utf8') });
    return { address, url: `redis://${address}:6379`, stop: () => endProcess(child, 'SIGKILL') };
}

function secret(dir, name, env) {
    const file = path.join(dir, name);
    fs.writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
    return { [env]: file };
}

const lists = (hosts) =>
    Object.fromEntries(
        ['auth', 'events'].flatMap((service) => {
            const at = (port) =>
                hosts
                    .filter((host) => host.service === service)
                    .map(({ address }) => `tcp://${address}:${port}`)
                    .join();
            const upper = service.toUpperCase();
            return [
                [`CONSE_${upper}_PEERS`, at(PORT.LISTEN)],
                [`CONSE_${upper}_SLOW_PEERS`, at(PORT.SLOW_LISTEN)],
                [`CONSE_${upper}_TOPICS`, at(PORT.BUS)],
            ];
        }),
    );

function ownEnv({ service, name, address }, dir) {
    const upper = service.toUpperCase();
    const env = { CONSE_DATA: path.join(dir, name), [`CONSE_${upper}_ADMIN`]: `${address}:${ADMIN_PORT}` };
    if (service === 'gateway') return { ...env, CONSE_LISTEN: `${address}:${HTTP}` };
    for (const [what, port] of Object.entries(PORT)) env[`CONSE_${upper}_${what}`] = `tcp://${address}:${port}`;
    return env;
}

const COMMON = { CONSE_HASH_MEMORY: '8M', CONSE_HASH_OPS: '1', CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000' };

// store is 'shared' or 'sqlite'; counts is {auth, events, gateway}.
export async function startWorld({ dir, store, counts }) {
    buildNetwork();
    const hosts = namesOf(counts).map((host) => ({ ...host, address: addHost(host.name, host.number) }));
    const [database, redis] = store === 'shared' ? await Promise.all([startDatabase(dir), startRedis(dir)]) : [];
    const shared = database
        ? { CONSE_STORE: database.url, CONSE_CACHE: redis.url, ...secret(dir, 'master.key', 'CONSE_MASTER_KEY_FILE') }
        : {};
    const env = { ...COMMON, ...shared, ...secret(dir, 'bus.key', 'CONSE_BUS_KEY_FILE'), ...lists(hosts) };
    const processes = hosts.map((host) => makeProcess({ ...host, dir, env: { ...env, ...ownEnv(host, dir) } }));
    const urls = processes.filter(({ service }) => service === 'gateway').map(({ address }) => `http://${address}:${HTTP}`);
    const addresses = Object.fromEntries(
        [
            ...hosts,
            ...(database
                ? [
                      { name: 'database', ...database },
                      { name: 'redis', ...redis },
                  ]
                : []),
        ].map(({ name, address }) => [name, address]),
    );
    const world = {
        dir,
        bin: BIN,
        url: urls[0],
        urls,
        env: { ...env, CONSE_DATA: path.join(dir, 'operator') },
        processes,
        addresses,
        database,
    };
    // mongo-java-server fails when two processes make the same index at once, so a second replica starts when the first has.
    for (let i = 1; i <= Math.max(...Object.values(counts)); i++) {
        const together = processes.filter(({ name }) => name.endsWith(`-${i}`));
        together.forEach((each) => each.start());
        await Promise.all(together.map((each) => each.untilReady()));
    }
    // Gives what went wrong: processes that ended by themselves, or do not end as asked.
    world.stop = async () => {
        const faults = processes.flatMap(({ deaths }) => deaths);
        for (const each of [...processes].reverse()) {
            const { code, hung } = await each.term();
            if (hung || code !== 0) faults.push(`${each.name} ended with ${hung ? 'a kill, because it hung' : code}: see ${each.log}`);
        }
        await database?.stop();
        await redis?.stop();
        return faults;
    };
    return world;
}
