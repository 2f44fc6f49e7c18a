// The console's files as the gateway serves them: found by their paths alone, packed, kept by browsers, under a strict policy.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { after, before, test } from 'node:test';
import { assertProblem, call } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { Wire } from './parts/wire.mjs';

const PAGE = `<!doctype html><title>Conse</title>${'<p>table</p>'.repeat(100)}`;
const DOCS = '<!doctype html><title>Conse API</title>';
const SCRIPT = `export const roles = ${JSON.stringify('doctor '.repeat(400))};`;
let system, bare, folder;

function makeConsole() {
    const put = (name, text) => {
        fs.writeFileSync(path.join(folder, name), text);
        fs.writeFileSync(path.join(folder, `${name}.gz`), zlib.gzipSync(text));
        fs.writeFileSync(path.join(folder, `${name}.br`), zlib.brotliCompressSync(text));
    };
    put('index.html', PAGE);
    put('docs.html', DOCS);
    put('app-1.js', SCRIPT);
    fs.writeFileSync(path.join(folder, 'font.woff2'), Buffer.from([0, 1, 2, 255]));
    fs.writeFileSync(path.join(folder, 'site.json'), JSON.stringify({
        '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
        '/docs': { file: 'docs.html', type: 'text/html; charset=utf-8' },
        '/assets/app-1.js': { file: 'app-1.js', type: 'text/javascript; charset=utf-8', immutable: true },
        '/assets/font.woff2': { file: 'font.woff2', type: 'font/woff2', immutable: true },
    }));
}

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-console-'));
    makeConsole();
    system = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_CONSOLE: folder } });
    bare = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_CONSOLE: '' } });
});

after(async () => {
    await system?.stop();
    await bare?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
});

const get = (target, headers = {}, method = 'GET') => call(system, method, target, { headers });
const raw = async (line, ...headers) => {
    const wire = new Wire(system.port);
    if (line.startsWith('HEAD')) wire.head = true;
    const reply = await wire.send(`${line} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`).reply();
    wire.close();
    return reply;
};

test('the page is at all paths of the console, and at no other', async () => {
    for (const target of ['/', '/?event=x', '/c/door', '/c/event/0198', '/c/lead/0198/night', '/c/%D8%AE']) {
        const { status, body, headers } = await get(target);
        assert.equal(status, 200, target);
        assert.equal(body, PAGE);
        assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    }
    assert.equal((await get('/docs')).body, DOCS);
    for (const target of ['/c', '/c/', '/c/a/b/c/d', '/cc/door', '/index.html', '/assets']) assertProblem(await get(target), 404, 'NO_ROUTE');
});

test('scripts come from here alone, none is in the page, and nobody frames it', async () => {
    for (const target of ['/c/door', '/docs']) {
        const { headers } = await get(target);
        const policy = headers.get('content-security-policy');
        for (const rule of ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) assert.ok(policy.includes(rule), rule);
        assert.doesNotMatch(policy, /unsafe|\*|data:|http/);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.equal(headers.get('referrer-policy'), 'no-referrer');
        assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    }
});

test('files come in the best form that the client takes, each with its own tag and length', async () => {
    const forms = [['br', 'gzip, deflate, br', 'br', zlib.brotliDecompressSync], ['gzip', 'gzip;q=1, br;q=0.2', 'gzip', zlib.gunzipSync], ['plain', 'identity', undefined, (bytes) => bytes]];
    const tags = new Set();
    for (const [name, accepted, coding, unpack] of forms) {
        const { status, headers, body } = await raw('GET /assets/app-1.js', `Accept-Encoding: ${accepted}`);
        assert.equal(status, 200, name);
        assert.equal(headers['content-encoding'], coding, name);
        assert.equal(unpack(body).toString(), SCRIPT, name);
        assert.equal(Number(headers['content-length']), body.length, name);
        assert.match(headers.vary, /Accept-Encoding/);
        tags.add(headers.etag);
    }
    assert.equal(tags.size, 3);
    const font = await raw('GET /assets/font.woff2', 'Accept-Encoding: gzip, br');
    assert.equal(font.headers['content-encoding'], undefined);
    assert.deepEqual([...font.body], [0, 1, 2, 255]);
});

test('what has a hash in its name is kept for good, the page is asked for again', async () => {
    const file = await get('/assets/app-1.js');
    assert.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const page = await get('/');
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    for (const [target, reply] of [['/assets/app-1.js', file], ['/', page]]) {
        const again = await get(target, { 'If-None-Match': reply.headers.get('etag') });
        assert.equal(again.status, 304, target);
        assert.equal(again.body, '');
        assert.equal(again.headers.get('cache-control'), reply.headers.get('cache-control'), target);
        assert.equal(again.headers.get('etag'), reply.headers.get('etag'));
        assert.equal((await get(target, { 'If-None-Match': '"another"' })).status, 200);
        assertProblem(await get(target, { 'If-Match': '"another"' }), 412, 'PRECONDITION_FAILED');
    }
});

test('HEAD has the length and no body; a part of a file is not given, but all of it', async () => {
    const head = await raw('HEAD /assets/app-1.js');
    assert.equal(head.status, 200);
    assert.equal(Number(head.headers['content-length']), SCRIPT.length);
    assert.equal(head.body.length, 0);
    for (const range of ['bytes=0-3', 'bytes=-1', 'bytes=5-2', 'lines=1-2']) {
        const { status, body, headers } = await raw('GET /assets/app-1.js', `Range: ${range}`);
        assert.equal(status, 200, range);
        assert.equal(body.toString(), SCRIPT, range);
        assert.equal(headers['content-range'], undefined);
    }
});

test('no request names a file', async () => {
    const targets = ['/assets/../site.json', '/assets/..%2fsite.json', '/assets/%2e%2e/site.json', '/assets/%2e%2e%2fsite.json', '/assets/..%5csite.json', '/assets/site.json',
        '/site.json', '/assets/app-1.js.br', '/assets/app-1.js/', '/assets//app-1.js', '/assets/./app-1.js', '/assets/%61pp-1.js', '/assets/APP-1.JS', '/assets/app-1.js;x',
        '/assets//etc/passwd', '/assets/%2fetc%2fpasswd', '/../../etc/passwd', '/c/../assets/../../../etc/passwd', '//etc/passwd', '/assets/'];
    for (const target of targets) {
        const { status, body } = await raw(`GET ${target}`);
        assert.equal(status, 404, target);
        assert.equal(JSON.parse(body).code, 'NO_ROUTE', target);
    }
    assert.equal((await raw('GET /assets/app-1.js%00')).status, 400);
    assert.equal((await raw('GET /assets/app-1.js?v=2')).status, 200); // a query names nothing
});

test('files are only read', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        for (const target of ['/assets/app-1.js', '/c/door', '/']) {
            const reply = await get(target, {}, method);
            assertProblem(reply, 405, 'METHOD_NOT_ALLOWED');
            assert.equal(reply.headers.get('allow'), 'GET, HEAD, OPTIONS');
        }
});

test('without a console / and /docs lead to the description of the API, and nothing else is there', async () => {
    for (const target of ['/', '/docs']) {
        const { status, headers } = await fetch(bare.url + target, { redirect: 'manual' });
        assert.equal(status, 302, target);
        assert.equal(headers.get('location'), '/openapi.json');
        assert.equal((await call(bare, 'GET', target)).body.openapi, '3.1.0');
    }
    for (const target of ['/c/door', '/assets/app-1.js', '/sw.js']) assertProblem(await call(bare, 'GET', target), 404, 'NO_ROUTE');
});

test('a folder that is no console is told at the start', async () => {
    const faulty = path.join(folder, 'faulty');
    fs.mkdirSync(faulty);
    fs.writeFileSync(path.join(faulty, 'site.json'), '{"/": {"file": "../../secret", "type": "text/html"}}');
    for (const where of [faulty, '/nowhere'])
        await assert.rejects(startSystem({ services: ['gateway'], env: { CONSE_CONSOLE: where }, replicas: 0 }), /CONSE_CONSOLE/);
});
