// All services with all that makes them tell something: TLS, a cluster of Solana, a shared cache, an event with an error; and a drill.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { startCluster } from '../e2e/parts/cluster.mjs';
import { consectl } from '../e2e/parts/people.mjs';
import { startRedis } from '../e2e/parts/redis.mjs';
import { EVERY_SERVICE, startSystem } from '../e2e/parts/system.mjs';

function makeCertificate(folder) {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key };
}

// name -> {help, type, labels}, of one process or several.
function take(told, text) {
    for (const [, name, help] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) told.set(name, { labels: new Set(), ...told.get(name), help });
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) told.get(name).type = type;
    for (const [, name, labels] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
        const own = told.get(name) ?? told.get(name.replace(/_(bucket|sum|count)$/, ''));
        for (const [, label] of labels.matchAll(/(\w+)="/g)) own.labels.add(label);
    }
}

// A call that fails, so that failures are told.
async function failOnce(port) {
    const [reply] = await once(https.get({ port, path: `/events/${crypto.randomUUID()}`, rejectUnauthorized: false }), 'response');
    reply.resume();
    if (reply.statusCode !== 404) throw new Error(`an event that is not there: ${reply.statusCode}`);
}

// What a drill tells, by its file.
async function drillOnce(system, folder) {
    const [copy, file] = ['copy', 'conse.prom'].map((name) => path.join(folder, name));
    for (const words of [['backup', 'all', copy], ['drill', copy, file]]) {
        const { code, stderr } = await consectl(system, ...words);
        if (code !== 0) throw new Error(`consectl ${words.join(' ')}: ${stderr}`);
    }
    return fs.readFileSync(file, 'utf8');
}

export async function startMonitored() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-monitored-'));
    const [cluster, redis] = [await startCluster(), await startRedis()];
    const env = { ...makeCertificate(folder), ...cluster.env, CONSE_CACHE: redis.url, CONSE_BUS_KEY: 'a'.repeat(64), CONSE_PROXY: '/panel/=http://127.0.0.1:9' };
    const system = await startSystem({ services: EVERY_SERVICE, env });
    await failOnce(system.port);
    const drilled = await drillOnce(system, folder);
    const metrics = async () => {
        const told = new Map();
        take(told, drilled);
        for (const name of system.services) take(told, await fetch(`http://127.0.0.1:${system.admin[name]}/metrics`).then((reply) => reply.text()));
        return told;
    };
    const stop = async () => {
        await system.stop();
        await Promise.all([cluster.stop(), redis.stop()]);
        fs.rmSync(folder, { recursive: true });
    };
    return { ...system, metrics, stop };
}
