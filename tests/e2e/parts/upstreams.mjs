// Servers behind the gateway's proxy: one that speaks HTTP as Node does, and one that says any bytes.
import crypto from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

// A body of so many bytes, the same each time, in pieces of 64 KiB.
export function* bodyOf(bytes) {
    for (let left = bytes, i = 0; left > 0; i++) {
        const piece = Buffer.alloc(Math.min(left, 65536), `${i} of the body; `);
        left -= piece.length;
        yield piece;
    }
}

export function hashOf(pieces) {
    const hash = crypto.createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    return hash.digest('hex');
}

// {port, server, close()}; handle(request, response) as in Node.
export async function startHttp(handle) {
    const server = http.createServer(handle);
    const port = await listening(server);
    return { port, server, close: () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))) };
}

// {port, seen, answer, close()}: each connection's bytes are collected in seen; answer(socket, text) is called at the end of its first head.
export async function startRaw(answer) {
    const sockets = new Set();
    const raw = { seen: [], answer };
    const server = net.createServer((socket) => {
        const one = { text: '', closed: false };
        raw.seen.push(one);
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => (sockets.delete(socket), (one.closed = true)));
        socket.on('data', (chunk) => {
            const whole = one.text.includes('\r\n\r\n');
            one.text += chunk.toString('latin1');
            if (!whole && one.text.includes('\r\n\r\n')) raw.answer(socket, one.text);
        });
    });
    raw.port = await listening(server);
    raw.close = () => {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => server.close(resolve));
    };
    return raw;
}

// All that a server at the port says to the pieces, until it closes: {text, reset}.
export function converse(port, pieces) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1');
        const chunks = [];
        let reset = false;
        socket.setTimeout(30000, () => socket.destroy(new Error(`the connection stays open: ${Buffer.concat(chunks).subarray(0, 300).toString('latin1')}`)));
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? (reset = true) : reject(error)));
        socket.on('close', () => resolve({ text: Buffer.concat(chunks).toString('latin1'), reset }));
        for (const piece of pieces) socket.write(piece, 'latin1');
    });
}
