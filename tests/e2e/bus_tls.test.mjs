// Services that speak TLS to each other: who has no certificate of theirs, or another program's, is refused by both sides.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { makeCertificates, pairOf, portOf, secureAddresses } from './parts/certificates.mjs';
import { startCluster } from './parts/cluster.mjs';
import { outside } from './parts/environment.mjs';
import { LIMITS } from './parts/games.mjs';
import { eventually, PASSWORD } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { BIN, EVERY_SERVICE, startSystem } from './parts/system.mjs';

const KEY = crypto.randomBytes(32).toString('hex');
const GREETING = Buffer.from([0, 0x53, 0x50, 0, 0, 0x30, 0, 0]); // of a REQ socket
const DEMO = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../tools/demo/evening.mjs');
const SECURE = ['auth', 'events', 'chain', 'ai'];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-bus-tls-'));
let ours, others, ended, system, relay, fake;

// Before auth's port; keeps the bytes of each connection's both directions.
async function startRelay(to) {
    const spoken = [];
    const server = net.createServer((client) => {
        const upstream = net.connect(to, '127.0.0.1');
        for (const [from, into] of [[client, upstream], [upstream, client]]) {
            const bytes = [];
            spoken.push(bytes);
            from.on('data', (part) => bytes.push(part)).on('error', () => {}).on('close', () => into.destroy());
            from.pipe(into);
        }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: server.address().port, spoken, stop: () => server.close() };
}

// Stands where gateways look for events, as whoever `be` says: {port, be(listener), stop()}; heard: what they said after a handshake.
async function startFake() {
    const sockets = new Set();
    const server = net.createServer((socket) => {
        sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
        fake.answer(socket);
    });
    server.listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    const stop = () => { server.close(); sockets.forEach((socket) => socket.destroy()); };
    return { port: server.address().port, heard: [], answer: (socket) => socket.destroy(), stop };
}

const speaksTls = (pair) => (socket) => {
    const secure = new tls.TLSSocket(socket, { isServer: true, requestCert: true, rejectUnauthorized: true, ...pair });
    secure.on('error', () => {}).on('data', (part) => fake.heard.push(part));
};

const hasEnded = () => fs.readdirSync(ended.folder).filter((name) => name.startsWith('conse-') && name.endsWith('.crt'))
    .every((name) => Date.now() >= Date.parse(new crypto.X509Certificate(fs.readFileSync(path.join(ended.folder, name))).validTo) + 1000);

before(async () => {
    ours = makeCertificates(folder, 'ours');
    makeCertificates(folder, 'ours', { authority: ours.authority, programs: ['conse-stranger'] });
    others = makeCertificates(folder, 'others');
    ended = makeCertificates(folder, 'ended', { authority: ours.authority, days: 0 });
    const env = { CONSE_BUS_KEY: KEY, CONSE_BUS_CERTIFICATES: ours.folder, ...(await secureAddresses(['auth', 'events'])) };
    relay = await startRelay(portOf(env.CONSE_AUTH_LISTEN));
    fake = await startFake();
    env.CONSE_AUTH_PEERS = `tls+tcp://127.0.0.1:${relay.port}`;
    env.CONSE_AUTH_SLOW_PEERS = env.CONSE_AUTH_SLOW_LISTEN;
    env.CONSE_EVENTS_PEERS = `tls+tcp://127.0.0.1:${fake.port}`;
    env.CONSE_EVENTS_SLOW_PEERS = `tls+tcp://127.0.0.1:${fake.port}`;
    system = await startSystem({ services: ['auth', 'gateway'], env, replicas: 0 });
    await eventually(hasEnded); // a certificate holds to the end of its last second
});

after(async () => {
    fake?.stop();
    await system?.stop();
    relay?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
});

let people = 0;
const signup = () => fetch(`${system.url}/auth/signup`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: `mira${people++}`, password: PASSWORD }),
});
const answers = () => eventually(async () => (await signup()).status === 201, 20000);
const consectl = (env = {}) => new Promise((resolve) =>
    execFile(path.join(BIN, 'consectl'), ['user', 'level', 'mira0', 'dev'], { env: { ...outside, ...system.env, ...env }, timeout: 60000 },
        (error, stdout, stderr) => resolve({ status: error ? error.code ?? -1 : 0, stderr })));
async function says(name, since, what) {
    const said = () => system.log(name).slice(since);
    await eventually(() => what.test(said()), 20000).catch(() => assert.match(said(), what));
}

test('calls and topics go over TLS, and nothing on the line is anything else', async () => {
    await answers();
    const { status, stderr } = await consectl();
    assert.equal(status, 0, stderr);
    const lines = relay.spoken.map((parts) => Buffer.concat(parts)).filter((bytes) => bytes.length);
    assert.ok(lines.length >= 4, `${lines.length} directions were used`);
    for (const bytes of lines) {
        assert.equal(bytes[0], 22, 'a handshake comes first');
        for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
            assert.ok([20, 21, 22, 23].includes(bytes[at]), `a record of type ${bytes[at]}`);
            assert.equal(bytes[at + 1], 3);
        }
        assert.ok(!bytes.includes('auth.'), 'no method is to be read');
    }
});

// What a listener says to whoever comes: its greeting, or nothing when it refuses.
function tryToCall(connect) {
    return new Promise((resolve) => {
        const socket = connect();
        const heard = [];
        socket.on('data', (part) => {
            heard.push(part);
            if (Buffer.concat(heard).length >= GREETING.length) socket.destroy();
        });
        socket.on('error', () => {}).on('close', () => resolve(Buffer.concat(heard)));
        socket.on(socket.encrypted ? 'secureConnect' : 'connect', () => socket.write(GREETING));
    });
}

const byTls = (pair, options = {}) => () =>
    tls.connect({ host: '127.0.0.1', port: portOf(system.env.CONSE_AUTH_LISTEN), ...pair, checkServerIdentity: () => undefined, ...options });

test('who listens takes a program of ours, and nobody else', async () => {
    const greeted = await tryToCall(byTls(pairOf(ours, 'conse-events')));
    assert.deepEqual([...greeted.subarray(0, 4)], [0, 0x53, 0x50, 0]);
    const { ca } = pairOf(ours, 'conse-events');
    const strangers = [
        [byTls({ ...pairOf(others, 'conse-events'), ca }), /issuer is unknown/],
        [byTls(pairOf(ours, 'conse-stranger')), /its certificate is of conse-stranger, not of a program of ours/],
        [byTls(pairOf(ended, 'conse-events')), /expired certificate/],
        [byTls({ ca }), /it has no certificate/],
        [byTls(pairOf(ours, 'conse-events'), { maxVersion: 'TLSv1.2' }), /cipher suites|version/],
        [() => net.connect(portOf(system.env.CONSE_AUTH_LISTEN), '127.0.0.1'), /it speaks tcp:\/\/ without TLS/],
    ];
    for (const [connect, why] of strangers) {
        const since = system.log('auth').length;
        const heard = await tryToCall(connect);
        assert.ok(!heard.includes('SP'), `${why}: ${heard.toString('hex')}`);
        await says('auth', since, new RegExp(`a caller's TLS fails.*(?:${why.source})`));
    }
    const plain = (what) => system.env[`CONSE_AUTH_${what}`].replace('tls+', '');
    assert.notEqual((await consectl({ CONSE_AUTH_PEERS: plain('LISTEN'), CONSE_AUTH_SLOW_PEERS: plain('SLOW_LISTEN') })).status, 0);
    await answers();
});

test('who dials takes the program that it looks for, and tells nobody else anything', async () => {
    const { ca } = pairOf(ours, 'conse-events');
    const liars = [
        [speaksTls(pairOf(ours, 'conse-auth')), /its certificate is of conse-auth, not of conse-events/],
        [speaksTls({ ...pairOf(others, 'conse-events'), ca }), /issuer is unknown/],
        [speaksTls(pairOf(ended, 'conse-events')), /expired certificate/],
        [(socket) => socket.write(GREETING), /it speaks tcp:\/\/ without TLS/],
    ];
    for (const [answer, why] of liars) {
        const since = system.log('gateway').length;
        fake.heard.length = 0;
        fake.answer = answer;
        await says('gateway', since, new RegExp(`TLS with a service fails.*service=conse-events.*${why.source}`));
        assert.equal(Buffer.concat(fake.heard).length, 0);
    }
    fake.heard.length = 0;
    fake.answer = speaksTls(pairOf(ours, 'conse-events'));
    await eventually(() => Buffer.concat(fake.heard).includes('SP'), 20000);
    fake.answer = (socket) => socket.destroy();
});

test('a service that is killed is reached again', async () => {
    for (let i = 0; i < 3; i++) {
        await system.restart('auth');
        await answers();
    }
});

test('certificates are renewed without a stop, and what is wrong is not taken', async () => {
    const endOf = async (name) => {
        const text = await fetch(`http://127.0.0.1:${system.admin[name]}/metrics`).then((reply) => reply.text());
        return Number(/^conse_bus_certificate_end_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
    };
    const daysLeft = async (name) => (((await endOf(name)) * 1000 - Date.now()) / 864e5);
    for (const name of ['auth', 'gateway']) assert.ok(Math.abs((await daysLeft(name)) - 2) < 0.1);
    makeCertificates(folder, 'ours', { authority: ours.authority, days: 40 });
    for (const name of ['auth', 'gateway']) {
        system.children[name].kill('SIGHUP');
        await eventually(async () => Math.abs((await daysLeft(name)) - 40) < 0.1, 10000);
    }
    const presented = await new Promise((resolve, reject) => {
        const socket = byTls(pairOf(ours, 'conse-events'))();
        socket.on('secureConnect', () => { resolve(socket.getPeerX509Certificate()); socket.destroy(); }).on('error', reject);
    });
    assert.equal(presented.subjectAltName, 'DNS:conse-auth');
    assert.ok(Math.abs((new Date(presented.validTo) - Date.now()) / 864e5 - 40) < 0.1, presented.validTo);
    await answers();
    const key = path.join(ours.folder, 'conse-auth.key'), kept = fs.readFileSync(key);
    fs.copyFileSync(path.join(ours.folder, 'conse-events.key'), key);
    const since = system.log('auth').length;
    system.children.auth.kill('SIGHUP');
    await says('auth', since, /the certificate of the bus stays as it was.*CONSE_BUS_CERTIFICATES: .*conse-auth\.key does not belong to .*conse-auth\.crt/);
    fs.writeFileSync(key, kept);
    await answers();
});

test('a start says which file is wrong', () => {
    const refusal = (change, settings = {}) => {
        const copy = path.join(folder, 'copy');
        fs.rmSync(copy, { recursive: true, force: true });
        fs.cpSync(ours.folder, copy, { recursive: true });
        change(copy);
        const env = { ...outside, CONSE_DATA: path.join(folder, 'data'), CONSE_BUS_KEY: KEY, CONSE_AUTH_ADMIN: '127.0.0.1:0', CONSE_AUTH_LISTEN: 'tls+tcp://127.0.0.1:0', CONSE_BUS_CERTIFICATES: copy, ...settings };
        const { status, stderr } = spawnSync(path.join(BIN, 'conse-auth'), { env, encoding: 'utf8', timeout: 20000 });
        assert.equal(status, 1, stderr);
        return stderr;
    };
    const file = (name) => (copy) => path.join(copy, name);
    const [certificate, key, authority] = ['conse-auth.crt', 'conse-auth.key', 'ca.crt'].map(file);
    for (const at of [certificate, key, authority]) {
        assert.match(refusal((copy) => fs.rmSync(at(copy))), new RegExp(`CONSE_BUS_CERTIFICATES: ${at('.*')}.*No such file`));
        assert.match(refusal((copy) => fs.writeFileSync(at(copy), 'nothing', { mode: 0o600 })), new RegExp(`CONSE_BUS_CERTIFICATES: ${at('.*')}`));
    }
    assert.match(refusal((copy) => fs.chmodSync(key(copy), 0o644)), /CONSE_BUS_CERTIFICATES: .*conse-auth\.key: others may read or write it; chmod 600/);
    assert.match(refusal((copy) => fs.copyFileSync(path.join(copy, 'conse-ai.key'), key(copy))), /conse-auth\.key does not belong to .*conse-auth\.crt/);
    assert.match(refusal((copy) => fs.copyFileSync(path.join(copy, 'conse-ai.crt'), certificate(copy))), /conse-auth\.crt is of conse-ai, not of conse-auth/);
    assert.match(refusal((copy) => fs.copyFileSync(path.join(ended.folder, 'conse-auth.crt'), certificate(copy))), /conse-auth\.crt has ended/);
    assert.match(refusal(() => {}, { CONSE_BUS_CERTIFICATES: '' }), /CONSE_AUTH_LISTEN: tls\+tcp:\/\/ needs CONSE_BUS_CERTIFICATES: tls\+tcp:\/\/127\.0\.0\.1:0/);
    assert.match(refusal(() => {}, { CONSE_BUS_KEY: '' }), /CONSE_AUTH_LISTEN: .* needs CONSE_BUS_KEY/);
});

test('a whole evening is played over TLS', async () => {
    const cluster = await startCluster({ slotMs: 50 });
    const env = { ...LIMITS, ...cluster.env, CONSE_REWARD_MINUTES: '0', CONSE_BUS_KEY: KEY, CONSE_BUS_CERTIFICATES: ours.folder, ...(await secureAddresses(SECURE)) };
    const evening = await startSystem({ services: EVERY_SERVICE, env, replicas: 0 }).catch(async (error) => {
        await cluster.stop();
        throw error;
    });
    try {
        const own = { ...process.env, ...evening.env, CONSE_URL: evening.url, CONSECTL: path.join(evening.bin, 'consectl') };
        const { code, stdout, stderr } = await new Promise((resolve) =>
            execFile('node', [DEMO], { env: own, cwd: evening.dir, timeout: 300000 }, (error, out, said) => resolve({ code: error ? error.code ?? -1 : 0, stdout: out, stderr: said })));
        assert.equal(code, 0, `${stderr}\n${stdout.slice(-2000)}`);
        for (const chapter of ['The guests', 'Night 1', 'The end', 'What stays']) assert.match(stdout, new RegExp(`^${chapter}$`, 'm'));
        for (const name of EVERY_SERVICE) assert.doesNotMatch(evening.log(name), /TLS fails|TLS with a service fails/);
    } finally {
        await evening.stop();
        await cluster.stop();
    }
});
