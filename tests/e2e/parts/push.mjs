// A push service of browsers, for Web Push.
import crypto from 'node:crypto';
import http from 'node:http';
import ece from 'http_ece';

// A browser with keys of its own: {endpoint, subscription, got, requests, read(push)}; answer(n) gives the status of its n-th answer, or
// {status, headers}.
function makeBrowser(service, answer) {
    const key = crypto.createECDH('prime256v1'), auth = crypto.randomBytes(16), route = `/${crypto.randomUUID()}`;
    key.generateKeys();
    const browser = { got: [], requests: 0, endpoint: service.origin + route, answer: (n) => { const a = answer(n); return typeof a === 'number' ? { status: a, headers: {} } : a; } };
    browser.subscription = { endpoint: browser.endpoint, keys: { p256dh: key.getPublicKey('base64url'), auth: auth.toString('base64url') } };
    browser.read = ({ body }) => ece.decrypt(body, { version: 'aes128gcm', privateKey: key, authSecret: auth.toString('base64url') }).toString();
    service.browsers.set(route, browser);
    return browser;
}

// {origin, newBrowser(answer), close()}
export async function openPushService() {
    const service = { browsers: new Map() };
    const server = http.createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()), browser = service.browsers.get(request.url);
        const { status, headers } = browser.answer(++browser.requests);
        if (status === 201) browser.got.push({ headers: request.headers, body });
        response.writeHead(status, headers).end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    service.origin = `http://127.0.0.1:${server.address().port}`;
    service.newBrowser = (answer = () => 201) => makeBrowser(service, answer);
    service.close = () => { server.closeAllConnections(); server.close(); };
    return service;
}
