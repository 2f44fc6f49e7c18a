// Between chain and the node of its cluster: knows what is sent, keeps it back, and falls silent.
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const refusal = (id) => JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32005, message: 'Node is behind' } });

// {url, sent, passes(transaction, times), silent, speak(), stop()}. sent: the base64 of each transaction that was sent, once; `passes` says
// whether one goes on to the node, and is told how often it was sent before; while `silent`, nothing is answered, until it is to speak again.
export async function startBetween(upstream) {
    const between = { sent: [], silent: false, passes: () => true };
    const times = new Map(), waiting = new Set();
    const forward = async (body) => (await fetch(upstream, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).text();
    const keepsBack = ({ method, params }) => {
        if (method !== 'sendTransaction') return false;
        const before = times.get(params[0]) ?? 0;
        times.set(params[0], before + 1);
        if (!before) between.sent.push(params[0]);
        return !between.passes(params[0], before);
    };
    const server = http.createServer(async (request, response) => {
        const body = await text(request);
        if (between.silent) return waiting.add(response);
        const call = JSON.parse(body);
        const answer = keepsBack(call) ? refusal(call.id) : await forward(body).catch(() => null);
        if (answer === null) return response.destroy();
        return response.setHeader('Content-Type', 'application/json').end(answer);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    between.url = `http://127.0.0.1:${server.address().port}`;
    between.speak = () => {
        between.silent = false;
        for (const response of waiting) response.destroy();
        waiting.clear();
    };
    between.stop = async () => {
        between.speak();
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
    };
    return between;
}
