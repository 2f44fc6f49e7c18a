// The gateway's edge: what is malformed, who is let in, and how replies are given.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { after, before, test } from 'node:test';
import { startEdge } from './parts/edge.mjs';
import { assertProblem, call, eventually, logIn, ok, signUp } from './parts/people.mjs';
import { Wire, exchange, request } from './parts/wire.mjs';

let system;
let zoe;

before(async () => {
    system = await startEdge();
    zoe = await signUp(system, 'zoe');
});

after(() => system?.stop());

test('framing that servers could read differently is refused', async () => {
    const cases = [
        [request('GET /docs', []), 400],
        [request('POST /auth/login', ['Host: x', 'Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), 400],
        [request('POST /auth/login', ['Host: x', 'Content-Length: 2', 'Content-Length: 3'], '{}}'), 400],
        [request('GET /docs', ['Host: x', 'Host: y']), 400],
        [request('GET /a b'), 400],
        [request('GET /%'), 400],
        [request('GET /%zz'), 400],
        [request('GET /%00'), 400],
        [request('GET /%ff'), 400],
        [request('GET /docs#x'), 400],
        [request('GET docs'), 400],
        [request('GET /docs?x=%00'), 400],
        [request('POST /auth/login', ['Host: x', 'Content-Type: application/json', 'Content-Length : 2'], '{}'), 400],
        [request('GET /docs', ['Host: x', ': y']), 400],
        [request('GET /docs', ['Host: x', 'X(: y']), 400],
        [request('GET /docs', ['Host: x', 'A: b\r\n c']), 400],
        [request('GET /docs', [' A: b', 'Host: x']), 400],
        [request('GET /docs', ['A:\r\n b', 'Host: x']), 400],
        [request('POST /auth/login', ['Host: x', 'Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'), 400],
        [request('GET /docs', ['Host: x\0y', 'A: b']), 400],
        [request('GET /docs', ['A: b', 'Host: x\0']), 400],
        [request('GET /docs', ['Host: x', 'A: \0b']), 400],
        [request('GET /docs', ['Host: a b']), 400],
        [request('GET /docs', ['Host: user@x']), 400],
    ];
    for (const [bytes, status] of cases) {
        const reply = await exchange(system.port, bytes);
        assertProblem(reply, status, 'MALFORMED');
    }
});

test('a request in pieces, with all the headers there may be, is the same request', async () => {
    const wire = new Wire(system.port);
    await wire.opened;
    wire.socket.setNoDelay(true);
    const headers = ['Host: x', `Authorization: Bearer ${zoe.token} \t `, ...Array.from({ length: 40 }, (_, i) => `X-${i}:${' '.repeat(i % 3)}${'y'.repeat(i * 5)}`), 'Empty:'];
    const bytes = request('GET /auth/me', headers);
    for (const size of [7, 61, 997, bytes.length]) {
        for (let at = 0; at < bytes.length; at += size) {
            wire.send(bytes.slice(at, at + size));
            await new Promise(setImmediate);
        }
        assert.equal((await wire.reply()).status, 200, String(size));
    }
    wire.close();
});

test('a header that is a list may come in several lines', async () => {
    const ask = (...lines) => exchange(system.port, request('GET /.well-known/jwks.json', ['Host: x', ...lines]));
    assert.equal((await ask('Accept: text/html', 'Accept: */*')).status, 200);
    assert.equal((await ask('Accept: application/json;q=0.5', 'Accept: application/x-protobuf')).headers['content-type'], 'application/x-protobuf');
    assert.equal((await ask('Accept: text/html', 'Accept: text/plain')).status, 406);
    const page = (...lines) => exchange(system.port, request('GET /openapi.json', ['Host: x', ...lines]));
    assert.equal((await page('Accept-Encoding: br', 'Accept-Encoding: gzip')).headers['content-encoding'], 'gzip');
    assert.equal((await page('Accept-Encoding: gzip;q=0.5', 'Accept-Encoding: identity;q=0.9')).headers['content-encoding'], undefined);
    const { headers } = await page();
    assert.equal((await exchange(system.port, request('GET /openapi.json', ['Host: x', 'If-None-Match: "a"', `If-None-Match: ${headers.etag}`]), { head: true })).status, 304);
});

test('headers that are too large are refused, and those that are not get their reply', async () => {
    // Each header and cookie counts 64 bytes more than it has, cookies count twice.
    const fits = (bytes, headers, cookies) => {
        const notes = 64 * (headers.length + 1 + cookies) + (cookies ? headers[0].length : 0);
        return bytes.length <= 8192 && bytes.length + notes <= 8192 + 4096;
    };
    const seen = { true: 0, false: 0 };
    const look = async (headers, cookies = 0) => {
        const bytes = request('GET /openapi.json', ['Host: x', ...headers]);
        const reply = await exchange(system.port, bytes);
        const expected = fits(bytes, headers, cookies);
        seen[expected]++;
        if (expected) assert.equal(reply.status, 200, `${bytes.length} bytes, ${headers.length} headers, ${cookies} cookies`);
        else assertProblem(reply, 431, 'HEADERS_TOO_LARGE');
    };
    const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
    for (let n = 6000; n < 13000; n += 100) await look([`X: ${'y'.repeat(n)}`]);
    for (let n = 30; n < 210; n++) await look(times(n, (i) => `X${i}: y`));
    for (let n = 60; n < 130; n++) await look(times(n, (i) => `X${i}: ${'y'.repeat(60)}`));
    for (let n = 1; n < 120; n += 3) await look([`Cookie: ${times(n, (i) => `a${i}=${'b'.repeat(50)}`).join('; ')}`], n);
    assert.ok(seen.true > 50 && seen.false > 50, JSON.stringify(seen));
    assertProblem(await exchange(system.port, request('GET /docs', ['Host: x', `X: ${'y'.repeat(8200)}`])), 431, 'HEADERS_TOO_LARGE');
    assertProblem(await exchange(system.port, request(`GET /docs?${'y'.repeat(8500)}`)), 414, 'TARGET_TOO_LONG');
    for (let n = 1; n < 200; n += 9) assert.equal((await exchange(system.port, request(`GET /openapi.json?${'&'.repeat(n)}`))).status, 200, String(n));
});

test('bodies: 411, 413, 415 and the rest', async () => {
    assertProblem(await exchange(system.port, request('POST /auth/login', ['Host: x', 'Transfer-Encoding: chunked', 'Content-Type: application/json'], '2\r\n{}\r\n0\r\n\r\n')), 411, 'LENGTH_REQUIRED');
    assertProblem(await call(system, 'POST', '/auth/login', { headers: { 'Content-Type': 'application/json' }, body: 'x'.repeat(1 << 20) }), 413, 'BODY_TOO_LARGE');
    const form = await fetch(`${system.url}/auth/login`, { method: 'POST', body: new URLSearchParams({ username: 'zoe' }) });
    assertProblem({ status: form.status, headers: form.headers, body: await form.json() }, 415, 'MEDIA_TYPE_UNSUPPORTED');
    const latin = await fetch(`${system.url}/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json; charset=latin1' }, body: '{}' });
    assert.equal(latin.status, 415);
    assertProblem(await call(system, 'POST', '/auth/login', { headers: { 'Content-Encoding': 'gzip' }, body: {} }), 415, 'MEDIA_TYPE_UNSUPPORTED');
    assert.equal((await call(system, 'POST', '/auth/login', { headers: { 'Content-Encoding': 'identity' }, body: {} })).status, 400);
    assertProblem(await exchange(system.port, request('GET /auth/me', ['Host: x', `Authorization: Bearer ${zoe.token}`, 'Content-Length: 2'], '{}')), 400, 'MALFORMED');
});

test('an answer to an unwanted body reaches the client that is still sending it', async () => {
    const wire = new Wire(system.port);
    await wire.opened;
    const size = 3 << 20;
    wire.send(request('POST /auth/login', ['Host: x', 'Content-Type: application/json', `Content-Length: ${size}`]));
    const block = Buffer.alloc(64 * 1024, 0x20);
    for (let sent = 0; sent < size; sent += block.length) if (!wire.socket.write(block)) await new Promise((resolve) => wire.socket.once('drain', resolve));
    const reply = await wire.reply();
    assert.equal(reply.status, 413);
    assert.equal(reply.headers.connection, 'close');
    wire.close();
});

test('a body that the headers refuse is not invited', async () => {
    const ask = (line, ...headers) => exchange(system.port, request(line, ['Host: x', 'Expect: 100-continue', ...headers]));
    const json = 'Content-Type: application/json';
    const cases = [
        [await ask('POST /auth/login', 'Content-Type: text/plain', 'Content-Length: 500000'), 415],
        [await ask('POST /auth/login', 'Content-Type: text/plain', 'Content-Length: 5'), 415],
        [await ask('POST /auth/login', json, 'Content-Length: 5', 'Accept: text/html'), 406],
        [await ask('POST /auth/login', json, 'Content-Length: 2000000'), 413],
        [await ask('POST /auth/login', json, 'Transfer-Encoding: chunked'), 411],
        [await ask('POST /nowhere', json, 'Content-Length: 5'), 404],
        [await ask('DELETE /auth/login', json, 'Content-Length: 5'), 405],
        [await ask('FOO /auth/login', json, 'Content-Length: 5'), 501],
        [await ask('PATCH /auth/me', json, 'Content-Length: 5'), 401],
        [await ask('POST /groups', json, 'Content-Length: 5', `Authorization: Bearer ${zoe.token}`), 403],
        [await ask('PATCH /auth/me', json, 'Content-Length: 5', 'Authorization: Bearer x'), 401],
        [await ask('POST /auth/login', json, 'Content-Length: x'), 400],
    ];
    for (const [reply, status] of cases) {
        assert.equal(reply.status, status, reply.text);
        assert.equal(reply.headers.connection?.toLowerCase(), 'close');
    }
    const wire = new Wire(system.port);
    await wire.opened;
    assert.equal((await wire.send(request('POST /auth/login', ['Host: x', json, 'Content-Length: 2', 'Expect: 100-continue'])).reply()).status, 100);
    assert.equal((await wire.send('{}').reply()).status, 400);
    wire.close();
});

test('a refused small body leaves the connection in use', async () => {
    const wire = new Wire(system.port);
    await wire.opened;
    for (let i = 0; i < 3; i++) {
        wire.send(request('POST /nowhere', ['Host: x', 'Content-Length: 5'], 'hello'));
        assert.equal((await wire.reply()).status, 404);
    }
    wire.send(request('GET /openapi.json'));
    assert.equal((await wire.reply()).status, 200);
    wire.close();
});

test('malformed JSON of every kind is 400 with a code', async () => {
    const send = async (body) => {
        const reply = await fetch(`${system.url}/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
        return { status: reply.status, headers: reply.headers, body: await reply.json() };
    };
    const whole = [
        '{', '{"username":"a"', '[]', 'null', '"x"', '7', '{}{}', '{"username":"a",}', "{'username':'a'}",
        '{"username":"a","username":"b"}', '{"username":"\\u0000"}', '{"username":"\\ud800"}', '{"username":"\u0001"}',
        Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from('{"username":"a\0b"}'),
        '['.repeat(100000), '{"a":'.repeat(50000), `{"username":[${'{},'.repeat(30000)}{}]}`, '{"username":1e999}',
    ];
    for (const body of whole) assertProblem(await send(body), 400, 'MALFORMED');
    const fields = [
        ['{"user":"a"}', 'user'], ['{"username":7,"password":"x"}', 'username'], ['{"username":["a"]}', 'username'],
        ['{"username":{"a":1}}', 'username'], ['{"password":true}', 'password'], ['{"userName":"a"}', 'userName'],
    ];
    for (const [body, field] of fields) {
        const reply = await send(body);
        assertProblem(reply, 400, 'MALFORMED');
        assert.equal(reply.body.errors[0].field, field);
    }
    const missing = await send('{"username":"zoe"}');
    assertProblem(missing, 400, 'INVALID_FIELD');
    assert.equal(missing.body.errors[0].field, 'password');
});

test('protobuf goes in and out, and is looked at as closely', async () => {
    const string = (tag, text) => Buffer.concat([Buffer.from([tag, Buffer.byteLength(text)]), Buffer.from(text)]);
    const send = (body, headers = {}) => fetch(`${system.url}/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/x-protobuf', ...headers }, body });
    const good = Buffer.concat([string(0x0a, 'zoe'), string(0x12, 'correct horse')]);
    const reply = await send(good, { Accept: 'application/x-protobuf' });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'application/x-protobuf');
    const bytes = Buffer.from(await reply.arrayBuffer());
    assert.equal(bytes[0], 0x0a);
    assert.equal(bytes.subarray(3, 3 + 6).toString().slice(0, 2), 'ey');
    for (const bad of [Buffer.from([0xff, 0xff]), string(0x0a, 'a\0b'), Buffer.from([0x0a, 1, 0xff]), string(0x7a, 'x'), good.subarray(0, 4)]) {
        const refused = await send(bad);
        assert.equal(refused.status, 400);
        assert.equal((await refused.json()).code, 'MALFORMED');
    }
});

test('a query is typed by the request', async () => {
    const bad = await call(system, 'GET', '/auth/users?page_size=many', { token: zoe.token });
    assertProblem(bad, 403, 'LEVEL_TOO_LOW'); // permission comes first
    for (const query of ['x=1', 'page_size=1&page_size=2', 'page_size=']) assertProblem(await call(system, 'GET', `/.well-known/jwks.json?${query}`), 400, 'MALFORMED');
});

test('methods and paths: 404, 405 with Allow, OPTIONS, HEAD', async () => {
    assertProblem(await call(system, 'GET', '/nowhere'), 404, 'NO_ROUTE');
    const wrong = await call(system, 'PUT', '/auth/me');
    assertProblem(wrong, 405, 'METHOD_NOT_ALLOWED');
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD, PATCH, DELETE, OPTIONS');
    const options = await call(system, 'OPTIONS', '/auth/me');
    assert.equal(options.status, 204);
    assert.equal(options.headers.get('allow'), 'GET, HEAD, PATCH, DELETE, OPTIONS');
    const all = await exchange(system.port, request('OPTIONS *'), { head: true });
    assert.equal(all.status, 204);
    assert.equal(all.headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
    const root = await exchange(system.port, request('GET /'));
    assert.equal(root.status, 302);
    assert.ok(root.headers.traceparent);
    const get = await call(system, 'GET', '/.well-known/jwks.json');
    const head = await exchange(system.port, request('HEAD /.well-known/jwks.json'), { head: true });
    assert.equal(head.status, 200);
    assert.equal(head.headers.etag, get.headers.get('etag'));
    assert.equal(head.headers['content-length'], get.headers.get('content-length'));
});

test('a method that nobody knows is 501, whatever the path', async () => {
    for (const line of ['FOO /auth/me', 'FOO /nowhere', 'get /docs', 'TRACE /docs', 'CONNECT /docs', 'PROPFIND /'])
        assertProblem(await exchange(system.port, request(line, ['Host: x'])), 501, 'METHOD_UNKNOWN');
});

test('406 when nothing acceptable can be given', async () => {
    assertProblem(await call(system, 'GET', '/.well-known/jwks.json', { headers: { Accept: 'text/html' } }), 406, 'NOT_ACCEPTABLE');
    assert.equal((await call(system, 'GET', '/.well-known/jwks.json', { headers: { Accept: 'text/html, */*;q=0.1' } })).status, 200);
});

test('ETag: the same bytes have the same tag; 304 has no body; gzip has a tag of its own', async () => {
    const plain = await fetch(`${system.url}/auth/me`, { headers: { Authorization: `Bearer ${zoe.token}`, 'Accept-Encoding': 'identity' } });
    const tag = plain.headers.get('etag');
    assert.match(tag, /^"[A-Za-z0-9_-]+"$/);
    assert.match(plain.headers.get('vary'), /Authorization/);
    assert.equal(plain.headers.get('cache-control'), 'private, no-cache');
    const same = await exchange(system.port, request('GET /auth/me', ['Host: x', `Authorization: Bearer ${zoe.token}`, `If-None-Match: "zzz", ${tag}`]), { head: true });
    assert.equal(same.status, 304);
    assert.equal(same.headers.etag, tag);
    const other = await signUp(system, 'other');
    const theirs = await fetch(`${system.url}/auth/me`, { headers: { Authorization: `Bearer ${other.token}`, 'If-None-Match': tag } });
    assert.equal(theirs.status, 200);
    const packed = await exchange(system.port, request('GET /openapi.json', ['Host: x', 'Accept-Encoding: gzip']));
    assert.equal(packed.headers['content-encoding'], 'gzip');
    const whole = await exchange(system.port, request('GET /openapi.json'));
    assert.notEqual(packed.headers.etag, whole.headers.etag);
    for (const page of [packed, whole]) {
        const known = await exchange(system.port, request('GET /openapi.json', ['Host: x', `If-None-Match: ${page.headers.etag}`]), { head: true });
        assert.equal(known.status, 304);
        assert.equal(known.headers.etag, page.headers.etag);
    }
});

test('gzip from 1 KiB on', async () => {
    const dev = await signUp(system, 'devil');
    const { consectl } = await import('./parts/people.mjs');
    assert.equal((await consectl(system, 'user', 'level', 'devil', 'dev')).code, 0);
    const { token } = await logIn(system, 'devil');
    for (let i = 0; i < 12; i++) await ok(system, 'POST', '/auth/signup', { body: { username: `filler${i}`, password: 'correct horse' } });
    const headers = (encoding) => ['Host: x', `Authorization: Bearer ${token}`, `Accept-Encoding: ${encoding}`];
    await eventually(async () => (await exchange(system.port, request('GET /auth/users', headers('identity')))).status === 200, 3000);
    const plain = await exchange(system.port, request('GET /auth/users', headers('identity')));
    assert.ok(plain.text.length > 1024);
    const wire = new Wire(system.port);
    await wire.opened;
    const packed = await wire.send(request('GET /auth/users', headers('gzip'))).reply();
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.equal(zlib.gunzipSync(packed.body).toString(), plain.text);
    assert.notEqual(packed.headers.etag, plain.headers.etag);
    const again = wire.send(request('GET /auth/users', [...headers('gzip'), `If-None-Match: ${packed.headers.etag}`])).reply();
    wire.head = true;
    assert.equal((await again).status, 304);
    wire.close();
    assert.equal((await exchange(system.port, request('GET /auth/me', headers('gzip')))).headers['content-encoding'], undefined);
});

test('every answer says what time it is here, also one that is used again', async () => {
    const { headers } = await call(system, 'GET', '/openapi.json');
    const auth = { token: zoe.token };
    const kinds = [
        ['GET', '/docs', {}, 200], ['GET', '/', { redirect: 'manual' }, 200], ['GET', '/openapi.json', { headers: { 'If-None-Match': headers.get('etag') } }, 304],
        ['GET', '/auth/me', auth, 200], ['GET', '/auth/me', { ...auth, headers: { Accept: 'application/x-protobuf' } }, 200], ['GET', '/auth/me', {}, 401],
        ['OPTIONS', '/auth/me', {}, 204], ['GET', '/nowhere', {}, 404], ['PUT', '/auth/me', {}, 405], ['POST', '/auth/login', { body: { username: 7 } }, 400],
        ['GET', '/auth/me', { token: 'no.such.token' }, 401], ['GET', '/auth/users/x', auth, 403],
    ];
    for (let round = 0; round < 10; round++)
        for (const [method, path, options, status] of kinds) {
            const before = Date.now();
            const reply = await call(system, method, path, options);
            assert.equal(reply.status, status, `${method} ${path}`);
            const time = reply.headers.get('conse-time');
            assert.match(time, /^\d{13}$/);
            assert.ok(before <= Number(time) && Number(time) <= Date.now(), `${method} ${path}: ${before} <= ${time}`);
        }
});

test('CORS: only the configured origin', async () => {
    const preflight = (origin) => call(system, 'OPTIONS', '/auth/me', { headers: { Origin: origin, 'Access-Control-Request-Method': 'PATCH' } });
    const good = await preflight('https://game.example');
    assert.equal(good.headers.get('access-control-allow-origin'), 'https://game.example');
    assert.match(good.headers.get('access-control-allow-methods'), /PATCH/);
    assert.match(good.headers.get('access-control-allow-headers'), /authorization/);
    assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
    const plain = await call(system, 'GET', '/docs', { headers: { Origin: 'https://game.example' } });
    assert.match(plain.headers.get('access-control-expose-headers'), /ETag/);
    assert.match(plain.headers.get('access-control-expose-headers'), /Conse-Time/);
});

test('traces go on, requests are counted', async () => {
    const trace = crypto.randomBytes(16).toString('hex');
    const reply = await call(system, 'GET', '/auth/me', { token: zoe.token, headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    assert.match(reply.headers.get('traceparent'), new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    assert.doesNotMatch(reply.headers.get('traceparent'), /00f067aa0ba902b7/);
    await eventually(() => system.log('gateway').includes(`trace=${trace}`), 2000);
    const metrics = await fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
    assert.match(metrics, /conse_http_requests_total\{status="2xx"\} [1-9]/);
    assert.match(metrics, /conse_http_connections\{loop="0"\} /);
});

test('nothing secret is logged', () => {
    const log = system.log('gateway');
    assert.doesNotMatch(log, /correct horse/);
    assert.ok(!log.includes(zoe.token));
});

test('an Idempotency-Key must be 1 to 64 visible characters', async () => {
    for (const key of ['x'.repeat(65), 'a b'])
        assert.equal((await call(system, 'POST', '/groups', { token: zoe.token, body: { name: 'x' }, headers: { 'Idempotency-Key': key } })).status, 403);
});

// ---- Tokens

test('logging out ends the token within a second', async () => {
    const short = await signUp(system, 'shortlived');
    assert.equal((await call(system, 'GET', '/auth/me', { token: short.token })).status, 200);
    assert.equal((await call(system, 'POST', '/auth/logout', { token: short.token })).status, 204);
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: short.token })).status === 401, 1000);
});
