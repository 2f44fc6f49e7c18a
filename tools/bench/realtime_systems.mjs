// The systems whose streams are compared, each with one stream to follow and a way to publish to it. A system is {name, pid, follow,
// publish, stop()}: arguments of the client to follow (by events: followEvents) and to publish. CONSE_CENTRIFUGO: the built program.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDeck, makeGod, openEvent, signUpMany } from '../../tests/e2e/parts/games.mjs';
import { eventually } from '../../tests/e2e/parts/people.mjs';
import { startSystem } from '../../tests/e2e/parts/system.mjs';
import { endWithUs, freePort } from './gateways.mjs';

const MANY = '1000000';
const SETTINGS = {
    CONSE_LIMIT_AUTH: `${MANY}/${MANY}`, CONSE_LIMIT_DEFAULT: `${MANY}/${MANY}`, CONSE_ACCESS_TTL: '1h', CONSE_IDLE_TIMEOUT: '10m',
    CONSE_MAX_CONNECTIONS: MANY, CONSE_MAX_CONNECTIONS_PER_ADDRESS: MANY, CONSE_MAX_STREAMS: MANY, CONSE_STREAMS_PER_USER: MANY,
    CONSE_STREAMS_PER_ADDRESS: MANY,
};
const ENTRY = 200; // bytes of a message as a socket carries it

// ---- Conse: people with tokens follow an event whose title its god changes

const DOCUMENT = 'subscription($id:ID!,$after:String){event(id:$id,after:$after){__typename ...on EventSnapshot{cursor} ...on StreamLive{cursor}'
    + ' ...on StreamReset{reason} ...on LogEntry{cursor fields{...on EntryEdited{terms{title}}}}}}';
const AROUND = Buffer.byteLength('{"id":"1","type":"next","payload":{"data":{"event":{"__typename":"LogEntry","cursor":"abcdefgh.1000","fields":{"terms":{"title":""}}}}}}');

function makeCertificate(dir) {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(dir, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key };
}

// With `tls` the gateway speaks HTTPS once all is prepared.
export async function startConse({ users = 100, tls = false } = {}) {
    const system = await startSystem({ env: SETTINGS, replicas: 0 });
    process.on('exit', () => Object.values(system.children).forEach((child) => child.kill('SIGKILL')));
    const god = await makeGod(system, 'thegod');
    const event = await openEvent(system, god, await makeDeck(system, god));
    const people = await signUpMany(system, 'viewer', users);
    const tokens = path.join(system.dir, 'tokens');
    fs.writeFileSync(tokens, people.map(({ token }) => `${token}\n`).join(''));
    if (tls) {
        Object.assign(system.env, makeCertificate(system.dir));
        await system.term('gateway');
        await system.start('gateway');
    }
    const at = { port: system.port, topic: event.id, tokens, ...(tls ? { tls: 1 } : {}) };
    return {
        name: 'Conse', system, event,
        get pid() { return system.children.gateway.pid; },
        get servicePid() { return system.children.events.pid; },
        follow: { speech: 'conse', document: DOCUMENT, ...at },
        followEvents: { speech: 'conse-events', ...at },
        publish: {
            method: 'PATCH', path: `/events/${event.id}`, headers: `Authorization: Bearer ${god.token}\r\n`, body: '{"title":"%s"}', size: ENTRY - AROUND,
        },
        read: { method: 'GET', path: `/events/${event.id}`, headers: `Authorization: Bearer ${people[0].token}\r\n` },
        // The gateway anew, as after a start.
        async refresh() {
            await system.term('gateway');
            await system.start('gateway');
        },
        stop: () => system.stop(),
    };
}

// ---- Peers

const accepts = (port) =>
    new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => (socket.end(), resolve(true))).on('error', () => resolve(false));
    });

async function startPeer(name, program, args, port, rest) {
    let child;
    const start = async () => {
        child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
        endWithUs(child);
        child.ended = new Promise((resolve) => child.once('close', resolve));
        await eventually(() => accepts(port), 15000);
    };
    const stop = () => (child.kill('SIGTERM'), child.ended);
    await start();
    return { name, ...rest, get pid() { return child.pid; }, refresh: async () => (await stop(), await start()), stop };
}

const script = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

export async function startGraphqlWs() {
    const port = await freePort();
    return startPeer('graphql-ws', process.execPath, [script('realtime_graphql.mjs'), port], port, {
        follow: { speech: 'graphql-ws', port, topic: 'event', document: 'subscription($id:ID!){event(id:$id){cursor text}}' },
        publish: { path: '/publish', body: '{"text":"%s"}', size: ENTRY - Buffer.byteLength('{"id":"1","type":"next","payload":{"data":{"event":{"cursor":1000,"text":""}}}}') },
    });
}

export async function startSocketIo() {
    const port = await freePort();
    return startPeer('socket.io', process.execPath, [script('realtime_socketio.mjs'), port], port, {
        follow: { speech: 'socket.io', port, topic: 'event' },
        publish: { path: '/publish', body: '{"text":"%s"}', size: ENTRY - Buffer.byteLength('42["entry",{"text":""}]') },
    });
}

// Anonymous clients. What is in "kept:" has a history, from which who comes back goes on.
export async function startCentrifugo() {
    const port = await freePort(), dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-centrifugo-'));
    const anybody = { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true };
    fs.writeFileSync(path.join(dir, 'config.json'), JSON.stringify({
        http_server: { address: '127.0.0.1', port },
        log: { level: 'error' },
        usage_stats: { disabled: true },
        client: { allow_anonymous_connect_without_token: true },
        channel: { without_namespace: anybody, namespaces: [{ name: 'kept', history_size: 10000, history_ttl: '1h', force_recovery: true, ...anybody }] },
        http_api: { key: 'bench' },
        uni_sse: { enabled: true },
    }));
    const publish = (channel) => ({ path: '/api/publish', headers: 'X-API-Key: bench\r\n', body: `{"channel":"${channel}","data":{"text":"%s"}}` });
    const follow = (channel) => ({ speech: 'centrifugo', port, topic: channel });
    const size = ENTRY - Buffer.byteLength('{"push":{"channel":"event","pub":{"data":{"text":""}}}}');
    const peer = await startPeer('Centrifugo', process.env.CONSE_CENTRIFUGO, ['-c', path.join(dir, 'config.json')], port, {
        follow: follow('event'), followEvents: { ...follow('event'), speech: 'centrifugo-events' }, followKept: follow('kept:event'),
        publish: { ...publish('event'), size }, publishKept: { ...publish('kept:event'), size },
    });
    return { ...peer, get pid() { return peer.pid; }, stop: () => peer.stop().then(() => fs.rmSync(dir, { recursive: true })) };
}
