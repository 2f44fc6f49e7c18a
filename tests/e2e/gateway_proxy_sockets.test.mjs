// WebSockets through the gateway's proxy: npm's ws on both sides, and what becomes of them at the ends.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { eventually } from './parts/people.mjs';
import { startSystem, throughOne } from './parts/system.mjs';
import { converse, startRaw } from './parts/upstreams.mjs';

const LARGE = 4 * 1024 * 1024;

let system, server, sockets, asked, raw;

before(async () => {
    server = http.createServer((request, response) => response.writeHead(426).end());
    sockets = new WebSocketServer({ noServer: true, handleProtocols: (protocols) => (protocols.has('chat') ? 'chat' : false), perMessageDeflate: true });
    server.on('upgrade', (request, socket, head) => {
        asked = request;
        if (request.url.endsWith('/forbidden')) return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
        sockets.handleUpgrade(request, socket, head, (peer) => {
            peer.on('message', (bytes, binary) => peer.send(bytes, { binary }));
            peer.on('error', () => {});
            if (request.url.endsWith('/bye')) peer.close(4001, 'bye');
            if (request.url.endsWith('/cut')) socket.destroy();
        });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    raw = await startRaw();
    system = throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: { CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_PROXY_MOST: '16', CONSE_PROXY_IDLE: '2s', CONSE_PROXY: `/ws/=http://127.0.0.1:${server.address().port} /raw/=http://127.0.0.1:${raw.port}` },
    }));
});

after(async () => {
    await system?.stop();
    for (const peer of sockets.clients) peer.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await raw.close();
});

const open = (where, protocols, options) => new WebSocket(`ws://127.0.0.1:${system.port}${where}`, protocols, options);
const once = (socket, name) => new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(name, (...all) => (socket.off('error', reject), resolve(all)));
});
const ends = (socket) => new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, reason.toString()])));

async function echo(socket, message) {
    const answered = once(socket, 'message');
    socket.send(message);
    return (await answered)[0];
}

test('messages go both ways, large ones too, and pings', async () => {
    const socket = open('/ws/echo?x=y', ['chat', 'other'], { headers: { Authorization: 'Bearer secret', Cookie: '__Secure-conse-refresh_token=secret; a=1' } });
    await once(socket, 'open');
    assert.equal(socket.protocol, 'chat');
    assert.deepEqual([asked.url, asked.headers.authorization, asked.headers.cookie, asked.headers['x-forwarded-for']], ['/ws/echo?x=y', undefined, 'a=1', '127.0.0.1']);
    assert.equal((await echo(socket, 'hello')).toString(), 'hello');
    const large = Buffer.alloc(LARGE, 'a large message ');
    assert.ok((await echo(socket, large)).equals(large));
    const ponged = once(socket, 'pong');
    socket.ping('now');
    assert.equal((await ponged)[0].toString(), 'now');
    const ended = ends(socket);
    socket.close(4002, 'enough');
    assert.deepEqual(await ended, [4002, 'enough']);
    await eventually(() => /path=\/ws\/echo status=101/.test(system.log('gateway')), 5000);
});

test('many at once, each its own', async () => {
    const all = await Promise.all([1, 2, 3].map(async (i) => {
        const socket = open('/ws/echo');
        await once(socket, 'open');
        for (let n = 0; n < 50; n++) assert.equal((await echo(socket, `${i}:${n}`)).toString(), `${i}:${n}`);
        return socket;
    }));
    for (const socket of all) socket.close();
    await Promise.all(all.map(ends));
});

test('the server ends it, or is cut off', async () => {
    assert.deepEqual(await ends(open('/ws/bye')), [4001, 'bye']);
    const cut = open('/ws/cut');
    cut.on('error', () => {});
    assert.equal((await ends(cut))[0], 1006);
});

test('a client that vanishes takes the server\'s socket along', async () => {
    const socket = open('/ws/echo');
    await once(socket, 'open');
    assert.equal(sockets.clients.size, 1);
    socket.terminate();
    await eventually(() => sockets.clients.size === 0, 5000);
});

test('what is refused is told as the server told it', async () => {
    const socket = open('/ws/forbidden');
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 403);
    response.resume();
});

test('a socket on which nothing moves is ended', async () => {
    const socket = open('/ws/echo');
    await once(socket, 'open');
    assert.equal((await ends(socket))[0], 1006);
    await eventually(() => sockets.clients.size === 0, 5000);
});

// The server would speak of sockets from here on, and we of requests.
test('only who asks for a WebSocket gets one, and nothing else is switched to', async () => {
    raw.answer = (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nGET /raw/smuggled HTTP/1.1\r\n\r\n');
    for (const asks of ['', 'Upgrade: websocket\r\n', 'Connection: Upgrade\r\n', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx']) {
        const { text } = await converse(system.port, [`GET /raw/x HTTP/1.1\r\nHost: x\r\n${asks}\r\n`]);
        assert.match(text, /^HTTP\/1\.1 502 [^]*"code":"UPSTREAM_BROKEN"/, asks);
        const { text: seen } = raw.seen.at(-1);
        assert.ok(!/upgrade/i.test(seen), seen);
        await untilWell();
    }
    raw.answer = (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n');
    const { text } = await converse(system.port, ['GET /raw/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n']);
    assert.match(text, /^HTTP\/1\.1 502 /);
});

async function untilWell() {
    const { answer } = raw;
    raw.answer = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    assert.match((await converse(system.port, ['GET /raw/x HTTP/1.1\r\nHost: x\r\n\r\n'])).text, /^HTTP\/1\.1 200 /);
    raw.answer = answer;
}

const onTheirWay = () => fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then(async (r) => Number(/^conse_proxy_requests (\d+)/m.exec(await r.text())[1]));

test('nobody takes all the places', async () => {
    await eventually(async () => (await onTheirWay()) === 0, 10000);
    const held = await Promise.all(Array.from({ length: 5 }, async () => {
        const socket = open('/ws/echo');
        await once(socket, 'open');
        return socket;
    }));
    const { text } = await converse(system.port, ['GET /ws/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']);
    assert.match(text, /^HTTP\/1\.1 503 [^]*"code":"SERVICE_BUSY"/);
    for (const socket of held) socket.terminate();
    await eventually(async () => /^HTTP\/1\.1 426 /.test((await converse(system.port, ['GET /ws/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'])).text), 5000);
});

test('a gateway that ends ends its sockets, and lets requests come to their end', async () => {
    const socket = open('/ws/echo');
    await once(socket, 'open');
    let answer;
    raw.answer = (upstream) => (answer = () => upstream.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    const request = converse(system.port, ['GET /raw/late HTTP/1.1\r\nHost: x\r\n\r\n']);
    await eventually(() => answer, 5000);
    const ended = ends(socket), term = system.term('gateway');
    assert.equal((await ended)[0], 1006);
    answer();
    assert.match((await request).text, /\r\n\r\nok$/);
    assert.equal((await term).code, 0);
    await system.start('gateway');
});
