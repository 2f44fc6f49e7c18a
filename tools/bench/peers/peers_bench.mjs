// The same GET through other systems, on the same machine and in the same run, in turns with Conse: Moleculer over NATS, HAProxy
// before nginx. CONSE_BIN: the built programs. BENCH_SECONDS: of one run (default 4).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { call } from '../../../tests/e2e/parts/people.mjs';
import { prepare, startBenchSystem } from '../evening.mjs';
import { endWithUs, freePort } from '../gateways.mjs';
import { get, median, ms, perSecond, table } from '../measure.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const ROUNDS = 3;
const children = [];

function start(file, args, dir) {
    const log = fs.openSync(path.join(dir, `${path.basename(file)}-${children.length}.log`), 'a');
    const child = spawn(file, args, { stdio: ['ignore', log, log], cwd: dir, env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    fs.closeSync(log);
    endWithUs(child);
    child.ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    child.on('error', (error) => console.error(`${file}: ${error.message}`));
    children.push(child);
}

async function stop() {
    for (const child of children.reverse()) {
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 3000);
        await child.ended;
        clearTimeout(late);
    }
}

async function until(what, check) {
    for (const deadline = Date.now() + 15000; !(await check().catch(() => false)); await new Promise((r) => setTimeout(r, 20)))
        if (Date.now() > deadline) throw new Error(`${what} does not answer`);
}

const accepts = (port) =>
    new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => resolve(socket.end())).on('error', reject);
    });

async function startMoleculer(dir) {
    const [nats, remembering, verifying] = [await freePort(), await freePort(), await freePort()];
    const node = fileURLToPath(new URL('gateway.mjs', import.meta.url));
    start('nats-server', ['-a', '127.0.0.1', '-p', String(nats)], dir);
    await until('nats-server', () => accepts(nats));
    const roles = { service: 0, gateway: remembering, verifier: verifying };
    for (const [role, port] of Object.entries(roles)) start(process.execPath, [node, role, String(port), `nats://127.0.0.1:${nats}`, dir], dir);
    return [
        { name: 'Moleculer over NATS, JWT verified', url: `http://127.0.0.1:${verifying}` },
        { name: 'the same, verified tokens remembered', url: `http://127.0.0.1:${remembering}` },
    ];
}

// Both with one worker, as Conse's gateway has one loop.
async function startProxy(dir, body, readPath) {
    const [web, port] = [await freePort(), await freePort()];
    const root = path.join(dir, 'www');
    fs.mkdirSync(path.join(root, path.dirname(readPath)), { recursive: true });
    fs.writeFileSync(path.join(root, readPath), body);
    fs.chmodSync(dir, 0o755); // nginx's worker reads as another user when it is started by root
    fs.writeFileSync(path.join(dir, 'nginx.conf'), `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/nginx-error.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; default_type application/json; open_file_cache max=16;
  client_body_temp_path ${dir}/nb; proxy_temp_path ${dir}/np; fastcgi_temp_path ${dir}/nf; uwsgi_temp_path ${dir}/nu; scgi_temp_path ${dir}/ns;
  server { listen 127.0.0.1:${web}; root ${root}; } }
`);
    fs.writeFileSync(path.join(dir, 'haproxy.cfg'), `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend edge
  bind 127.0.0.1:${port}
  default_backend files
backend files
  server one 127.0.0.1:${web}
`);
    start('nginx', ['-c', path.join(dir, 'nginx.conf'), '-p', dir, '-e', path.join(dir, 'nginx-error.log')], dir);
    start('haproxy', ['-f', path.join(dir, 'haproxy.cfg'), '-db'], dir);
    return { name: 'HAProxy -> nginx, a file, no token', url: `http://127.0.0.1:${port}` };
}

async function compare(system) {
    const scene = await prepare(system);
    const token = scene.reader.token;
    const asked = { token, headers: { 'Accept-Encoding': 'identity' } };
    const { body } = await call(system, 'GET', scene.readPath, asked);
    const text = JSON.stringify(body);
    const dir = path.join(system.dir, 'peers');
    fs.mkdirSync(dir);
    fs.chmodSync(system.dir, 0o755);
    fs.writeFileSync(path.join(dir, 'body.json'), text);
    fs.writeFileSync(path.join(dir, 'jwks.json'), JSON.stringify((await call(system, 'GET', '/.well-known/jwks.json')).body));
    const all = [{ name: 'Conse: gateway -> events', url: system.url }, ...(await startMoleculer(dir)), await startProxy(dir, text, scene.readPath)];
    for (const one of all) {
        await until(one.name, async () => JSON.stringify((await call(one, 'GET', scene.readPath, asked)).body) === text);
        one.rates = [];
        one.medians = [];
    }
    for (const one of all.slice(0, 3)) {
        const { status } = await call(one, 'GET', scene.readPath, { token: `${token.slice(0, -8)}AAAAAAAA` });
        if (status !== 401) throw new Error(`${one.name}: ${status} for a false token`);
    }
    for (let round = 0; round < ROUNDS; round++)
        for (const one of all) {
            const run = await get(one.url + scene.readPath, token, { seconds: SECONDS });
            one.rates.push(run.rate);
            one.medians.push(run.p50_us);
        }
    console.log(`GET of one event (${Buffer.byteLength(text)} bytes), 64 connections, median of ${ROUNDS} interleaved rounds`);
    table(all.map((one) => [one.name, perSecond(median(one.rates)), ms(median(one.medians)),
        `Conse is ${(median(all[0].rates) / median(one.rates)).toFixed(2)} times as fast`]));
}

const system = await startBenchSystem();
try {
    await compare(system);
} finally {
    await stop();
    await system.stop();
}
