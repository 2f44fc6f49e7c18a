// Tunnels through the gateway by CONNECT: for operators alone, to the targets that are set and no other.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { assertProblem, eventually, ok, prove, signUp, signUpAs } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { startSystem, throughOne } from './parts/system.mjs';
import { bodyOf, converse, hashOf, startHttp } from './parts/upstreams.mjs';

const LARGE = 8 * 1024 * 1024;

let system, server, target, web, dead, ada, ben;

// Sends back what comes, and ends when the other side does.
before(async () => {
    server = net.createServer({ allowHalfOpen: true }, (socket) => (socket.on('error', () => {}), socket.pipe(socket)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = `127.0.0.1:${server.address().port}`;
    web = await startHttp((request, response) => response.end(`${request.method} ${request.url} of ${request.headers.host}`));
    dead = `127.0.0.1:${await freePort()}`;
    system = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_PROXY_CONNECT: `${target},${dead}, localhost:${web.port}`, CONSE_PROXY_IDLE: '2s' } }));
    ada = await signUpAs(system, 'ada', 'dev');
    ben = await signUp(system, 'ben');
});

after(async () => {
    await system?.stop();
    await web.close();
    await new Promise((resolve) => server.close(resolve));
});

// {status, socket, body}
function connect(where, token, headers = token ? { 'Proxy-Authorization': `Bearer ${token}` } : {}) {
    return new Promise((resolve, reject) => {
        const request = http.request({ port: system.port, host: '127.0.0.1', method: 'CONNECT', path: where, headers, agent: false });
        request.on('connect', (response, socket, head) => {
            socket.on('error', () => {});
            if (response.statusCode === 200) return resolve({ status: 200, socket, body: head });
            const chunks = [head];
            socket.on('data', (chunk) => chunks.push(chunk));
            socket.on('close', () => resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(Buffer.concat(chunks)) }));
            socket.end();
        });
        request.on('error', reject);
        request.end();
    });
}

test('an operator has a tunnel: bytes go both ways, and so do ends', async () => {
    const { status, socket } = await connect(target, ada.token);
    assert.equal(status, 200);
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const ended = new Promise((resolve) => socket.on('end', resolve));
    for (const piece of bodyOf(LARGE)) if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
    socket.end();
    await ended;
    assert.equal(hashOf(chunks), hashOf(bodyOf(LARGE)));
    await eventually(() => new RegExp(`method=CONNECT path=${target} status=200 .*user=[0-9a-f-]{36}`).test(system.log('gateway')), 5000);
});

test('curl goes through it', async () => {
    const url = `http://localhost:${web.port}/a?b`;
    const { stdout } = await promisify(execFile)('curl', ['-sS', '--max-time', '20', '--proxytunnel', '--proxy', system.url, '--proxy-header', `Proxy-Authorization: Bearer ${ada.token}`, '--noproxy', '', url]);
    assert.equal(stdout, `GET /a?b of localhost:${web.port}`);
});

test('nobody else has one, and nobody learns to what there is one', async () => {
    await prove(system, ada.token);
    const { key } = await ok(system, 'POST', '/auth/api-keys', { token: ada.token, body: { name: 'bot' } });
    const { access_token: ofKey } = await ok(system, 'POST', '/auth/api-keys/token', { body: { key } });
    for (const where of [target, 'example.com:443']) {
        assertProblem(await connect(where), 401, 'TOKEN_INVALID');
        assertProblem(await connect(where, 'nonsense'), 401, 'TOKEN_INVALID');
        assertProblem(await connect(where, undefined, { Authorization: `Bearer ${ada.token}` }), 401, 'TOKEN_INVALID');
        assertProblem(await connect(where, ben.token), 403, 'LEVEL_TOO_LOW');
        assertProblem(await connect(where, ofKey), 403, 'KEY_REFUSED');
    }
});

test('no other target is reached', async () => {
    for (const where of ['example.com:443', '127.0.0.1:1', target.replace('127.0.0.1', 'localhost'), `${target}0`, `${system.port}`, '/media/', `http://${target}/`])
        assertProblem(await connect(where, ada.token), 403, 'TARGET_REFUSED');
    assertProblem(await connect(dead, ada.token), 503, 'UPSTREAM_AWAY');
});

test('a request for a tunnel has no body', async () => {
    const { text } = await converse(system.port, [`CONNECT ${target} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer ${ada.token}\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc`]);
    assert.match(text, /^HTTP\/1\.1 400 [^]*"code":"MALFORMED"/);
});

test('a tunnel in which nothing moves is ended', async () => {
    const { socket } = await connect(target, ada.token);
    await new Promise((resolve) => socket.on('close', resolve).resume());
});
