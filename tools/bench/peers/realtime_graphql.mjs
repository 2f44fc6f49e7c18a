// A stream by npm graphql-ws on ws: a subscription per socket, published to by POST /publish. argv: its port.
import http from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
    type Entry { cursor: Int! text: String! }
    type Query { nothing: Int }
    type Subscription { event(id: ID!): Entry! }`);
const followers = new Set();

// What comes for one subscriber, in order. The first says that it follows.
function follow() {
    const waiting = [{ event: { cursor: 0, text: 'ready' } }];
    let wake;
    const follower = (entry) => (waiting.push(entry), wake?.());
    followers.add(follower);
    return {
        [Symbol.asyncIterator]() { return this; },
        async next() {
            while (!waiting.length) await new Promise((resolve) => { wake = resolve; });
            return { value: waiting.shift(), done: false };
        },
        async return() {
            followers.delete(follower);
            return { value: undefined, done: true };
        },
    };
}

let published = 0;
const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const entry = { event: { cursor: ++published, ...JSON.parse(text) } };
    for (const follower of followers) follower(entry);
    response.writeHead(204).end();
});
server.keepAliveTimeout = 600e3;
useServer({ schema, roots: { subscription: { event: follow } } }, new WebSocketServer({ server, path: '/graphql' }));
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
process.on('SIGTERM', () => process.exit(0));
