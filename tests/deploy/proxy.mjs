// node proxy.mjs SOCKET: an HTTP proxy at a socket of the file system, which leads out of a network namespace.
import http from 'node:http';
import net from 'node:net';
import process from 'node:process';

const server = http.createServer((request, reply) => {
    const onwards = http.request(request.url, { method: request.method, headers: request.headers }, (answer) => {
        reply.writeHead(answer.statusCode, answer.headers);
        answer.pipe(reply);
    });
    onwards.on('error', (error) => reply.writeHead(502).end(error.message));
    request.pipe(onwards);
});
server.on('connect', ({ url }, client) => {
    const [host, port] = url.split(':');
    const onwards = net.connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(onwards).pipe(client);
    });
    for (const each of [client, onwards]) each.on('error', () => [client, onwards].forEach((end) => end.destroy()));
});
server.listen(process.argv[2]);
