// One client's connection through the proxy, and the proxy's own to the server for it.
import net from 'node:net';
import { pause } from '../../e2e/parts/processes.mjs';
import { disguise } from './disguise.mjs';
import { answersOf, documentOf, flagsOf, idOf, messageCutter, MORE_TO_COME, withAnswers, withId } from './frames.mjs';
import { idsOf, SPOILINGS } from './spoilings.mjs';

const FIRST_OWN_ID = 0x70000000; // far from what clients count

class ConnectionEnded extends Error {}

// {command, collection, database, document, ids} of a message, or undefined: it is no command that awaits an answer.
function requestOf(bytes) {
    const document = flagsOf(bytes) & MORE_TO_COME ? undefined : documentOf(bytes);
    if (document === undefined) return undefined;
    const command = Object.keys(document)[0];
    const collection = command === 'getMore' ? document.collection : document[command];
    const request = { command, collection, database: document.$db, document };
    return { ...request, ids: idsOf(request) };
}

// Messages to the server that the proxy sends of its own: their answers come back here, not to the client.
function ownMessages(server) {
    const waiting = new Map();
    let last_id = FIRST_OWN_ID;
    let ended = false;
    const over = () => new ConnectionEnded('the connection ended');
    const send = (bytes) =>
        new Promise((resolve, reject) => {
            if (ended) return reject(over()); // its turn came after that: nobody would answer it
            waiting.set(++last_id, { resolve, reject });
            return server.write(withId(bytes, last_id));
        });
    const take = (message) => {
        const own = waiting.get(answersOf(message));
        waiting.delete(answersOf(message));
        own?.resolve(message);
        return own !== undefined;
    };
    const end = () => {
        ended = true;
        waiting.forEach(({ reject }) => reject(over()));
        waiting.clear();
    };
    return { send, take, end };
}

// Serves a client until one of both ends closes. `proxy` has the rules, and is told of requests and faults.
export function serveClient(proxy, client) {
    const server = net.connect(proxy.server_port, '127.0.0.1');
    const own = ownMessages(server);
    const greeting = disguise(`${proxy.host}:${proxy.port}`);
    const session = { client, server };

    session.end = () => {
        client.destroy();
        server.destroy();
        own.end();
        proxy.sessions.delete(session);
    };
    const fail = (error) => {
        if (!(error instanceof ConnectionEnded)) proxy.faults.push(error);
        session.end();
    };
    async function spoil(rule, request, bytes) {
        const forward = async () => withAnswers(await own.send(bytes), idOf(bytes));
        if (rule.delay_ms) await pause(rule.delay_ms);
        const reply = await SPOILINGS[rule.do]({ request, bytes, forward, alone: proxy.alone, lag: proxy.lag }, rule);
        rule.note();
        await rule.released;
        if (reply === undefined) session.end();
        else client.write(reply);
    }
    async function pass(bytes) {
        const request = requestOf(bytes);
        if (request) proxy.keep(request);
        const rule = request && (proxy.rules.take(request) ?? proxy.lag.ruleFor(request));
        if (!['roll_back', 'lag'].includes(rule?.do)) await proxy.quiet;
        if (rule) return spoil(rule, request, bytes);
        greeting.asked(bytes);
        server.write(bytes);
    }

    let order = Promise.resolve(); // requests go on in the order in which they came
    const fromClient = (message) => (order = order.then(() => pass(message)).catch(fail));
    const fromServer = (message) => own.take(message) || client.write(greeting.told(message));
    for (const [socket, take] of [[client, fromClient], [server, fromServer]]) {
        const cut = messageCutter();
        socket.on('data', (bytes) => {
            try {
                cut(bytes).forEach(take);
            } catch (error) {
                fail(error);
            }
        });
        socket.on('error', session.end);
        socket.on('close', session.end);
        if (proxy.muted) socket.pause();
    }
    proxy.sessions.add(session);
}
