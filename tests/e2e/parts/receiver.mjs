// Receivers of webhooks: one that keeps what it took, and one that takes what docs/webhooks.md says is genuine.
import crypto from 'node:crypto';
import http from 'node:http';
import { ok } from './people.mjs';

export const NONE = 0;

// {url, got, requests, indexes(), fresh(), close()}. answer(n, body, request, bytes) gives the status of the n-th answer, or NONE for none,
// or a promise of it; 307 leads to `elsewhere`. got has what was taken, fresh the indexes in the order in which each came first.
export async function receive(answer = () => 204, { elsewhere } = {}) {
    const receiver = { got: [], requests: 0 };
    receiver.server = http.createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()), message = JSON.parse(body);
        const status = await answer(++receiver.requests, message, request, body);
        if (status === NONE) return request.socket.destroy();
        if (status < 300) receiver.got.push({ headers: request.headers, body, ...message });
        response.writeHead(status, status === 307 ? { Location: elsewhere } : {}).end();
    });
    receiver.server.on('connection', (socket) => socket.unref()).unref(); // a test that fails closes none
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`;
    receiver.indexes = () => receiver.got.map(({ index }) => Number(index));
    receiver.fresh = () => receiver.indexes().filter((index, i, all) => all.indexOf(index) === i);
    receiver.close = () => { receiver.server.closeAllConnections(); receiver.server.close(); };
    return receiver;
}

export const keysOf = async (system) => (await ok(system, 'GET', '/.well-known/conse-webhooks')).keys;
export const kidOf = ({ headers }) => headers['webhook-key-id'];

// Whether one of the keys made the signature.
export function isSignedBy(keys, { headers, body }) {
    const jwk = keys.find((key) => key.kid === headers['webhook-key-id']);
    const signed = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), body]);
    const signature = Buffer.from(headers['webhook-signature'].slice('v1a,'.length), 'base64');
    return Boolean(jwk) && crypto.verify(null, signed, crypto.createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

// As receive, but what is not genuine is refused by 401 and counted. Keys are fetched once, and again when there is one that is not known;
// with `forgetful`, each time.
export async function receiveGenuine(system, { forgetful = false } = {}) {
    let keys = [];
    const receiver = await receive(async (n, message, { headers }, body) => {
        if (forgetful || !keys.some((key) => key.kid === headers['webhook-key-id'])) keys = await keysOf(system);
        const genuine = isSignedBy(keys, { headers, body });
        if (!genuine) receiver.refused++;
        return genuine ? 204 : 401;
    });
    receiver.refused = 0;
    receiver.kids = () => [...new Set(receiver.got.map(kidOf))];
    return receiver;
}
