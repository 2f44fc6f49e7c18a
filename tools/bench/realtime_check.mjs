// Whether the client counts right: a peer that leaves a message out, tells one twice, or cuts a connection must not go unnoticed. The
// peer speaks as socket.io does, on sockets of its own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { startClient } from './realtime_load.mjs';

const LINES = 20, MESSAGES = 50;

const frame = (text) => {
    const head = Buffer.alloc(text.length < 126 ? 2 : 4);
    head[0] = 0x81;
    if (text.length < 126) head[1] = text.length;
    else head.writeUInt16BE(text.length, (head[1] = 126, 2));
    return Buffer.concat([head, Buffer.from(text)]);
};

// wrong(socket, its place, the message's, send): what is done in place of sending.
async function startPeer(wrong) {
    const sockets = [];
    let published = 0;
    const server = http.createServer(async (request, response) => {
        let text = '';
        for await (const part of request) text += part;
        const bytes = frame(`42["entry",${text}]`), message = published++;
        sockets.forEach((socket, place) => wrong({ socket, place, message, send: () => socket.write(bytes) }));
        response.writeHead(204).end();
    });
    server.on('upgrade', (request, socket) => {
        const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        socket.write(frame('42["ready"]'));
        socket.on('error', () => {});
        sockets.push(socket);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port, stop: () => (server.closeAllConnections(), sockets.forEach((socket) => socket.destroy()), server.close()) };
}

async function runBeside(wrong) {
    const { port, stop } = await startPeer(wrong);
    const client = startClient({ speech: 'socket.io', port, path: '/publish', body: '{"text":"%s"}', size: 100 });
    const { ready } = await client.ask(`open ${LINES} 0`);
    assert.equal(ready, LINES);
    const run = await client.ask(`publish ${MESSAGES} 500 300`);
    await client.end();
    stop();
    const { expected, got, twice, strange, broken } = run;
    return { missing: expected - got, twice, strange, broken, bytes: run.bytes };
}

const right = { missing: 0, twice: 0, strange: 0, broken: 0, bytes: 123 };
const at = (place, message, instead) => (one) => (one.place === place && one.message === message ? instead(one) : one.send());

assert.deepEqual(await runBeside(({ send }) => send()), right);
assert.deepEqual(await runBeside(at(3, 7, () => {})), { ...right, missing: 1 });
assert.deepEqual(await runBeside(at(3, MESSAGES - 1, () => {})), { ...right, missing: 1 });
assert.deepEqual(await runBeside(at(0, 0, ({ send }) => (send(), send()))), { ...right, twice: 1 });
assert.deepEqual(await runBeside(at(5, 40, ({ socket, send }) => (send(), socket.write(frame('42["entry",{"text":"@99999999:1@"}]'))))).then((run) => run.strange), 1);
assert.deepEqual(await runBeside(at(19, 20, ({ socket }) => socket.destroy())).then(({ broken, missing }) => [broken, missing]), [1, MESSAGES - 20]);
console.log('the client counts what is left out, told twice, and cut');
