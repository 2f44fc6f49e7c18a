// Clients from many addresses of this machine, some of whom read nothing.
import http from 'node:http';
import net from 'node:net';

// One request from an address of this machine, on a connection of its own.
export function from(system, localAddress, method, path, { token, body, headers } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request({ host: '127.0.0.1', port: system.port, localAddress, method, path, agent: false, headers: {
            ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers,
        } }, (reply) => {
            const chunks = [];
            reply.on('data', (chunk) => chunks.push(chunk));
            reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks) }));
        });
        request.on('error', reject);
        request.end(body && JSON.stringify(body));
    });
}

// A connection that asks and reads no more than the status of the reply.
export function stalled(system, localAddress, path, headers = []) {
    const socket = net.connect({ host: '127.0.0.1', port: system.port, localAddress });
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);
    const status = new Promise((resolve) => {
        socket.once('readable', () => resolve(Number(socket.read(12)?.toString().slice(9))));
        socket.once('close', () => resolve(0));
    });
    return { socket, status };
}
