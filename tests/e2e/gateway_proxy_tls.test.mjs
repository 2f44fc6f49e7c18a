// The proxy for clients that come by TLS: bodies both ways, whatever of them the first records had, and WebSockets.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { startSystem, throughOne } from './parts/system.mjs';
import { bodyOf, hashOf, startHttp } from './parts/upstreams.mjs';

const LARGE = 16 * 1024 * 1024;

let system, folder, upstream;

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-proxy-tls-'));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')], { stdio: 'ignore' });
    upstream = await startHttp((request, response) => {
        response.setHeader('X-Proto', request.headers['x-forwarded-proto']);
        request.pipe(response); // what comes goes back
    });
    const sockets = new WebSocketServer({ server: upstream.server });
    sockets.on('connection', (peer) => peer.on('message', (bytes, binary) => peer.send(bytes, { binary })));
    system = throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: { CONSE_TLS_CERT: path.join(folder, 'cert.pem'), CONSE_TLS_KEY: path.join(folder, 'key.pem'), CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_PROXY: `/echo/=http://127.0.0.1:${upstream.port}` },
    }));
});

after(async () => {
    await system?.stop();
    await upstream?.close();
    fs.rmSync(folder, { recursive: true, force: true });
});

function post(bytes) {
    return new Promise((resolve, reject) => {
        const request = https.request({ port: system.port, host: '127.0.0.1', method: 'POST', path: '/echo/x', rejectUnauthorized: false, agent: false, headers: { 'Content-Length': bytes } }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
        });
        request.on('error', reject);
        for (const piece of bodyOf(bytes)) request.write(piece);
        request.end();
    });
}

test('bodies of all sizes come whole, both ways', async () => {
    for (const bytes of [0, 1, 1000, 16383, 16384, 16385, 40000, LARGE]) {
        const { status, headers, body } = await post(bytes);
        assert.deepEqual([status, headers['x-proto'], body.length, hashOf([body])], [200, 'https', bytes, hashOf(bodyOf(bytes))]);
    }
});

// Head and body in one record, and in one write with what follows.
test('a body that came with its head in one record is whole', async () => {
    for (const bytes of [1, 100, 8000, 15000]) {
        const body = 'x'.repeat(bytes);
        const text = await new Promise((resolve, reject) => {
            const socket = tls.connect({ port: system.port, host: '127.0.0.1', rejectUnauthorized: false });
            const chunks = [];
            socket.on('data', (chunk) => chunks.push(chunk));
            socket.on('error', reject);
            socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
            socket.write(`POST /echo/x HTTP/1.0\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${body}`);
        });
        assert.ok(text.startsWith('HTTP/1.1 200 ') && text.endsWith(`\r\n\r\n${body}`), `${bytes}: ${text.slice(0, 300)}`);
    }
});

test('WebSockets go through', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${system.port}/echo/ws`, { rejectUnauthorized: false });
    await new Promise((resolve, reject) => (socket.once('open', resolve), socket.once('error', reject)));
    for (const bytes of [1, 16384, 1 << 20]) {
        const message = Buffer.alloc(bytes, 'message ');
        const answered = new Promise((resolve) => socket.once('message', resolve));
        socket.send(message);
        assert.ok((await answered).equals(message));
    }
    socket.close();
    await new Promise((resolve) => socket.once('close', resolve));
});
