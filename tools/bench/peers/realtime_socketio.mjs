// A stream by npm socket.io: every socket is in one room, published to by POST /publish. argv: its port.
import http from 'node:http';
import { Server } from 'socket.io';

const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    io.to('event').emit('entry', JSON.parse(text));
    response.writeHead(204).end();
});
server.keepAliveTimeout = 600e3;
const io = new Server(server, { transports: ['websocket'] });
io.on('connection', (socket) => {
    socket.join('event');
    socket.emit('ready');
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
process.on('SIGTERM', () => process.exit(0));
