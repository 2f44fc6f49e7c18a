// A relay before a port of this machine whose connections break when the test says so.
import net from 'node:net';
import { once } from 'node:events';

// {port, cut(), stop()}: cut resets every connection that is there.
export async function startCutter(to) {
    const sockets = new Set();
    const server = net.createServer((client) => {
        const upstream = net.connect(to, '127.0.0.1');
        for (const [one, other] of [[client, upstream], [upstream, client]]) {
            sockets.add(one);
            one.on('error', () => {});
            one.on('close', () => { sockets.delete(one); other.destroy(); });
            one.pipe(other);
        }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cut = () => sockets.forEach((socket) => socket.destroy());
    return {
        port: server.address().port,
        cut,
        stop: async () => {
            cut();
            server.close();
            await once(server, 'close');
        },
    };
}
