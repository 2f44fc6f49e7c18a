// Several processes of each service on stores that they share: MongoDB's stand-in, and Redis for limits.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { freePort } from './processes.mjs';

const STORED = ['auth', 'events', 'chain', 'ai']; // services with a store, calls and topics

// {env, mongo, redis, proxy, stop()}: env is what all processes of a system on shared stores are told.
export async function startStores(dir, { proxied }) {
    // They need packages that other tests do without.
    const { startServer } = await import('../../stores/parts/servers.mjs');
    const { startProxy } = await import('../../stores/parts/proxy.mjs');
    const [mongo, redis] = await Promise.all([startServer('mongo-java'), startServer('redis')]);
    const master = path.join(dir, 'master.key');
    fs.writeFileSync(master, randomBytes(32).toString('hex'), { mode: 0o600 });
    const proxy = proxied ? await startProxy(mongo.port) : undefined;
    const env = { CONSE_STORE: (proxy ?? mongo).url, CONSE_CACHE: redis.url, CONSE_MASTER_KEY_FILE: master, CONSE_RUN: path.join(dir, 'run') };
    const stop = async () => {
        await Promise.all([mongo.stop(), redis.stop()]);
        await proxy?.stop();
    };
    return { env, mongo, redis, proxy, stop };
}

// The replicas' names: auth, auth-2, ...
export const replicaNames = (service, count) => Array.from({ length: count }, (_, i) => (i === 0 ? service : `${service}-${i + 1}`));
export const serviceOf = (name) => name.split('-')[0];

// What all are told of where the replicas of each service are.
export function placesOf(services, count, run) {
    const env = {};
    for (const service of services.filter((each) => STORED.includes(each))) {
        const names = replicaNames(service, count);
        env[`CONSE_${service.toUpperCase()}_PEERS`] = names.map((name) => `ipc://${run}/${name}.ipc`).join();
        env[`CONSE_${service.toUpperCase()}_TOPICS`] = names.map((name) => `ipc://${run}/${name}-bus.ipc`).join();
    }
    return env;
}

// What one replica is told of its own place. Its folder is its own: on a disk they share nothing.
export async function placeOf(name, dir, run) {
    const env = { CONSE_DATA: path.join(dir, `data-${name}`) };
    const upper = serviceOf(name).toUpperCase();
    if (serviceOf(name) === 'gateway') env.CONSE_LISTEN = `127.0.0.1:${await freePort()}`;
    else Object.assign(env, { [`CONSE_${upper}_LISTEN`]: `ipc://${run}/${name}.ipc`, [`CONSE_${upper}_BUS`]: `ipc://${run}/${name}-bus.ipc` });
    return env;
}

// Takes connections at a port and gives them to the addresses in turn: {stop()}.
export async function startBalancer(port, addresses) {
    let next = 0;
    const open = new Set();
    const listener = net.createServer((client) => {
        const [host, to] = addresses[next++ % addresses.length].split(':');
        const server = net.connect(Number(to), host);
        const end = () => [client, server].forEach((socket) => open.delete(socket.destroy()));
        for (const socket of [client, server]) open.add(socket.on('error', end).on('close', end));
        client.pipe(server).pipe(client);
    });
    await new Promise((resolve) => listener.listen(port, '127.0.0.1', resolve));
    const stop = () => {
        open.forEach((socket) => socket.destroy());
        return new Promise((resolve) => listener.close(resolve));
    };
    return { stop };
}
