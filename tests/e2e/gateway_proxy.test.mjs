// The gateway as a reverse proxy: what goes on to the servers behind it and what does not, in both directions, and what is told when they
// are slow, dead, or say what could be read in two ways.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { assertProblem, eventually } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { BIN, startSystem, throughOne } from './parts/system.mjs';
import { bodyOf, converse, hashOf, startHttp, startRaw } from './parts/upstreams.mjs';

const BIG = 64 * 1024 * 1024;
// A sanitizer keeps what was freed.
const TOLERANCE_KB = (/\/(address|thread|undefined)\/bin$/.test(BIN) ? 320 : 16) * 1024;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let system, media, raw, dead;

// What it was asked, or what the path says.
function handleMedia(request, response) {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname.endsWith('/big')) {
        response.writeHead(200, { 'Content-Length': BIG });
        return send(response, bodyOf(BIG));
    }
    if (pathname.endsWith('/chunked')) {
        response.writeHead(200, { 'Content-Type': 'text/plain', Trailer: 'X-Sum' });
        for (const part of ['one ', 'two ', 'three']) response.write(part);
        response.addTrailers({ 'X-Sum': '1' });
        return response.end();
    }
    if (pathname.endsWith('/status')) return response.writeHead(Number(request.headers['x-status']), { ETag: '"v"' }).end();
    const pieces = [];
    let bytes = 0;
    request.on('data', (chunk) => (bytes += chunk.length, pieces.push(chunk)));
    request.on('end', () => {
        const { method, url, rawHeaders } = request;
        response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': ['own=1', '__Secure-conse-refresh_token=stolen; Path=/'], 'Keep-Alive': 'timeout=9', Connection: 'keep-alive, X-Hop', 'X-Hop': '1' });
        response.end(JSON.stringify({ method, url, rawHeaders, bytes, hash: hashOf(pieces) }));
    });
}

// Or closed.
const drained = (stream) => new Promise((resolve) => {
    const done = () => (stream.off('drain', done), stream.off('close', done), resolve());
    stream.on('drain', done).on('close', done);
});

async function send(response, pieces) {
    for (const piece of pieces) {
        if (response.destroyed) return;
        if (!response.write(piece)) await drained(response);
    }
    response.end();
}

before(async () => {
    media = await startHttp(handleMedia);
    raw = await startRaw();
    dead = await freePort();
    system = throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_LIMIT_DEFAULT: '1000000/1000000',
            CONSE_PROXY: `/media/=http://127.0.0.1:${media.port} /moved/=http://127.0.0.1:${media.port}/v1/,authorization /raw/=http://localhost:${raw.port} /dead/=http://127.0.0.1:${dead}`,
            CONSE_PROXY_TIMEOUT: '1s',
            CONSE_PROXY_IDLE: '2s',
        },
    }));
});

after(async () => {
    await system?.stop();
    await media?.close();
    await raw?.close();
});

// {status, headers, rawHeaders, body}; body pieces may be given one after the other.
function ask(method, target, { headers = {}, pieces = [] } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request({ port: system.port, host: '127.0.0.1', method, path: target, headers, agent: false }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders, body: Buffer.concat(chunks), trailers: response.trailers }));
        });
        request.on('error', reject);
        send(request, pieces);
    });
}

const problemOf = (reply) => ({ ...reply, body: JSON.parse(reply.body) });
const pairsOf = (list) => Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i].toLowerCase(), list[2 * i + 1]]);
const metrics = () => fetch(`http://127.0.0.1:${system.admin.gateway}/metrics`).then((r) => r.text());
const valueOf = async (series) => Number((await metrics()).split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1] ?? NaN);
const memory_kb = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${system.children.gateway.pid}/status`, 'utf8'))[1]);

test('a request goes on as it came, without what is only between the client and us', async () => {
    const { status, headers, rawHeaders, body } = await ask('POST', '/media/a%20b?c=d&e', {
        headers: {
            Host: 'play.example', 'Content-Length': 5, Authorization: 'Bearer secret', Cookie: 'a=1; __Secure-conse-refresh_token=secret; b=2', 'X-Own': 'x', 'X-Hop': 'x',
            Connection: 'close, X-Hop', TE: 'trailers', 'Proxy-Authorization': 'Basic secret', 'X-Forwarded-For': '9.9.9.9', Forwarded: 'for=9.9.9.9', 'X_Forwarded_For': '9.9.9.9', 'Conse-Session': 'cookie',
        },
        pieces: ['hello'],
    });
    assert.equal(status, 200);
    const seen = JSON.parse(body);
    const got = pairsOf(seen.rawHeaders);
    assert.deepEqual([seen.method, seen.url, seen.bytes], ['POST', '/media/a%20b?c=d&e', 5]);
    const traceparent = got.find(([name]) => name === 'traceparent')[1];
    assert.deepEqual(got.sort(), [
        ['connection', 'close'], ['content-length', '5'], ['cookie', 'a=1; b=2'], ['forwarded', 'for=127.0.0.1;proto=http;host="play.example"'], ['host', `127.0.0.1:${media.port}`],
        ['traceparent', traceparent], ['via', '1.1 conse'], ['x-forwarded-for', '127.0.0.1'], ['x-forwarded-host', 'play.example'], ['x-forwarded-proto', 'http'], ['x-own', 'x'],
    ]);
    assert.deepEqual([headers['set-cookie'], headers['x-hop'], headers['keep-alive'], headers.connection, headers.via], [['own=1'], undefined, undefined, 'close', '1.1 conse']);
    assert.equal(pairsOf(rawHeaders).filter(([name]) => name === 'connection').length, 1);
    const line = new RegExp(`${traceparent.split('-')[1]}.* path=/media/a%20b status=200 .*upstream=127\\.0\\.0\\.1:${media.port}`);
    await eventually(() => line.test(system.log('gateway')), 5000);
    assert.ok(!system.log('gateway').includes('secret'));
});

test('a trace goes on', async () => {
    const { body } = await ask('GET', '/media/x', { headers: { traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`, tracestate: 'a=b' } });
    const got = new Map(pairsOf(JSON.parse(body).rawHeaders));
    assert.match(got.get('traceparent'), new RegExp(`^00-${'ab'.repeat(16)}-[0-9a-f]{16}-01$`));
    assert.equal(got.get('tracestate'), 'a=b');
});

test('a prefix with a path at the server is replaced by it, and passes on what it was told to', async () => {
    const { body } = await ask('GET', '/moved/x/y?z', { headers: { Authorization: 'Basic own' } });
    const seen = JSON.parse(body);
    assert.equal(seen.url, '/v1/x/y?z');
    assert.equal(new Map(pairsOf(seen.rawHeaders)).get('authorization'), 'Basic own');
});

test('every method goes on, and statuses come back as they are', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) assert.equal(JSON.parse((await ask(method, '/media/m')).body).method, method);
    for (const status of [200, 204, 205, 301, 304, 404, 418, 500, 503]) {
        const reply = await ask('GET', '/media/status', { headers: { 'X-Status': status } });
        assert.deepEqual([reply.status, reply.headers.etag, reply.body.length], [status, '"v"', 0]);
    }
    const head = await ask('HEAD', '/media/big');
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, String(BIG), 0]);
    for (const method of ['TRACE', 'PROPFIND', 'CONNECT']) assert.match((await converse(system.port, [`${method} /media/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`])).text, /^HTTP\/1\.1 501 /);
});

test('what has no length comes in chunks, and to HTTP/1.0 until the end', async () => {
    const chunked = await ask('GET', '/media/chunked');
    assert.deepEqual([chunked.headers['transfer-encoding'], chunked.headers['content-length'], chunked.body.toString()], ['chunked', undefined, 'one two three']);
    const { text, reset } = await converse(system.port, ['GET /media/chunked HTTP/1.0\r\nHost: x\r\n\r\n']);
    assert.ok(!reset && text.endsWith('\r\n\r\none two three') && !/transfer-encoding/i.test(text), text);
});

test('paths that could lead elsewhere stay here', async () => {
    const before = raw.seen.length;
    for (const target of ['/raw/../auth/me', '/raw/%2e%2e/x', '/raw/.%2E', '/raw/x/..', '/raw/%2fx', '/raw/a%5cb', '/raw/a\\b', '/raw/%00', '/raw/%', '/raw/..;/x', '/raw/\xff'])
        assert.match((await converse(system.port, [`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`])).text, /^HTTP\/1\.1 400 [^]*"code":"MALFORMED"/, target);
    for (const target of ['/raw', '/Raw/x', '/%72aw/x', '//raw/x', '/rawx/']) assert.equal((await ask('GET', target)).status, 404, target);
    assert.equal(raw.seen.length, before);
    assert.equal((await ask('GET', '/openapi.json')).status, 200);
});

// ---- Bytes

test('large bodies go both ways, whole, in bounded memory', async () => {
    const expected = hashOf(bodyOf(BIG));
    await ask('POST', '/media/warm', { headers: { 'Content-Length': 1 << 20 }, pieces: bodyOf(1 << 20) });
    const before_kb = memory_kb();
    const up = await ask('PUT', '/media/up', { headers: { 'Content-Length': BIG }, pieces: bodyOf(BIG) });
    const { bytes, hash } = JSON.parse(up.body);
    assert.deepEqual([bytes, hash], [BIG, expected]);
    const down = await ask('GET', '/media/big');
    assert.equal(hashOf([down.body]), expected);
    assert.ok(memory_kb() - before_kb < TOLERANCE_KB, `${memory_kb() - before_kb} KiB more`);
});

test('who sends faster than the other side takes has to wait', async () => {
    const before_kb = memory_kb();
    let reading;
    raw.answer = (socket) => (socket.pause(), (reading = socket));
    const client = net.connect(system.port, '127.0.0.1');
    client.on('error', () => {});
    client.write(`POST /raw/slow HTTP/1.1\r\nHost: x\r\nContent-Length: ${BIG}\r\n\r\n`);
    let sent = 0, blocked = false;
    for (const piece of bodyOf(BIG)) {
        sent += piece.length;
        if (!client.write(piece)) {
            blocked = await Promise.race([new Promise((resolve) => client.once('drain', () => resolve(false))), eventually(() => reading && client.writableLength > 0, 5000).then(() => new Promise((resolve) => setTimeout(resolve, 400, true)))]);
            if (blocked) break;
        }
    }
    assert.ok(blocked && sent < BIG, `${sent} bytes were taken`);
    assert.ok(memory_kb() - before_kb < TOLERANCE_KB);
    client.destroy();
    await eventually(() => raw.seen.at(-1).closed || (reading.resume(), false), 10000);

    const waiting = net.connect(system.port, '127.0.0.1');
    waiting.pause();
    let given = 0;
    raw.answer = (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n`);
        const more = () => {
            while (given < BIG && socket.writable) {
                given += 65536;
                if (!socket.write(Buffer.alloc(65536))) return socket.once('drain', more);
            }
        };
        more();
    };
    waiting.write('GET /raw/fast HTTP/1.1\r\nHost: x\r\n\r\n');
    let last = -1;
    await eventually(() => given > 0 && given === last || ((last = given), false), 10000);
    assert.ok(given < BIG / 2 && memory_kb() - before_kb < TOLERANCE_KB, `${given} bytes were taken`);
    waiting.on('error', () => {});
    await eventually(() => raw.seen.at(-1).closed, 10000); // and who takes nothing at all is cut off
    waiting.destroy();
});

test('a body that is too large, or of no length, is refused before it is asked for', async () => {
    const before = raw.seen.length;
    const large = await converse(system.port, ['POST /raw/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 67108865\r\n\r\n']);
    assert.match(large.text, /^HTTP\/1\.1 413 [^]*"code":"BODY_TOO_LARGE"/);
    const chunked = await converse(system.port, ['POST /raw/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n']);
    assert.match(chunked.text, /^HTTP\/1\.1 411 [^]*"code":"LENGTH_REQUIRED"/);
    assert.equal(raw.seen.length, before);
});

test('an answer may come before the body is over', async () => {
    raw.answer = (socket) => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch');
    const { text } = await converse(system.port, [`POST /raw/early HTTP/1.1\r\nHost: x\r\nContent-Length: ${BIG}\r\n\r\n`, 'x'.repeat(300000)]);
    assert.match(text, /^HTTP\/1\.1 413 Too Large\r\n[^]*\r\n\r\nmuch$/);
});

// ---- Requests that could be two

test('nothing that could be read in two ways goes on', async () => {
    raw.answer = (socket) => socket.end(OK);
    const before = raw.seen.length;
    const times = (n, make) => Array.from({ length: n }, (_, i) => make(i)).join('');
    const refused = {
        'both lengths': [400, 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG'],
        'both lengths, the other way': [400, 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n'],
        'two lengths': [400, 'Content-Length: 0\r\nContent-Length: 44\r\n\r\nGET /raw/second HTTP/1.1\r\nHost: x\r\n\r\n'],
        'a list of lengths': [400, 'Content-Length: 5, 5\r\n\r\nhello'],
        'no number': [400, 'Content-Length: abc\r\n\r\n'],
        'a signed number': [400, 'Content-Length: +5\r\n\r\nhello'],
        'a bare CR in a value': [400, 'X-A: b\rContent-Length: 30\r\n\r\n'],
        'a bare LF': [400, 'X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
        'a line that goes on': [400, 'X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n'],
        'a blank before the colon': [400, 'Content-Length : 5\r\n\r\nhello'],
        'a NUL': [400, 'X-A: b\0c\r\n\r\n'],
        'another coding': [411, 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
        'two codings': [400, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n'],
        'a coding behind a tab': [411, 'Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n'],
        'two hosts': [400, 'Host: y\r\n\r\n'],
        'two hundred headers': [431, `${times(200, (i) => `X-${i}: ${i}\r\n`)}\r\n`],
    };
    for (const [name, [status, rest]] of Object.entries(refused)) {
        const { text } = await converse(system.port, [`POST /raw/x HTTP/1.1\r\nHost: x\r\n${rest}`]);
        assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), `${name}: ${text.slice(0, 200)}`);
        assert.equal(text.match(/HTTP\/1\.1 /g).length, 1, name);
    }
    assert.equal(raw.seen.length, before);
    const many = await converse(system.port, [`GET /raw/x?${times(213, (i) => `a${i}=${i}&`)} HTTP/1.1\r\nHost: x\r\n\r\n`]);
    assert.match(many.text, /^HTTP\/1\.1 200 /);
});

test('what comes behind a request goes nowhere', async () => {
    raw.answer = (socket) => setTimeout(() => socket.end(OK), 50);
    for (const [first, body] of [['GET /raw/first HTTP/1.1\r\nHost: x\r\n\r\n', ''], ['POST /raw/first HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello', 'hello']]) {
        const before = raw.seen.length;
        const second = 'GET /raw/second HTTP/1.1\r\nHost: x\r\n\r\n';
        for (const pieces of [[first + second], [first, second]]) {
            const { text } = await converse(system.port, pieces);
            assert.equal(text.match(/HTTP\/1\.1 /g).length, 1, text);
            assert.ok(text.endsWith('\r\n\r\nok'));
        }
        assert.equal(raw.seen.length, before + 2);
        for (const { text } of raw.seen.slice(before)) assert.ok(!text.includes('second') && text.endsWith(`\r\n\r\n${body}`), text);
    }
});

// ---- Servers that fail

// Answers well once, so that the server is asked again however often it failed before.
async function heal() {
    raw.answer = (socket) => socket.end(OK);
    await eventually(async () => (await ask('GET', '/raw/well')).status === 200, 10000);
}

test('an answer that could be read in two ways is not passed on', async () => {
    const heads = [
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
        'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: a\n\r\n\r\n',
        'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n', 'HTTP/1.1 200 OK\r\nX : a\r\n\r\n', 'HTTP/1.1 999999 OK\r\n\r\n', 'hello\r\n\r\n', 'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
        `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40000)}\r\n\r\n`, '', 'HTTP/1.1 200 OK\r\nX: a',
    ];
    for (const head of heads) {
        raw.answer = (socket) => socket.end(head, 'latin1');
        assertProblem(problemOf(await ask('GET', '/raw/fault')), 502, 'UPSTREAM_BROKEN');
        await heal();
    }
});

test('interim answers are for us', async () => {
    raw.answer = (socket) => socket.end(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}`);
    const { text } = await converse(system.port, ['GET /raw/x HTTP/1.1\r\nHost: x\r\n\r\n']);
    assert.equal(text.match(/HTTP\/1\.1 /g).length, 1);
    assert.ok(text.endsWith('\r\n\r\nok'));
});

test('bytes behind an answer are nobody\'s', async () => {
    raw.answer = (socket) => socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    const { text } = await converse(system.port, ['GET /raw/x HTTP/1.1\r\nHost: x\r\n\r\nGET /raw/y HTTP/1.1\r\nHost: x\r\n\r\n']);
    assert.ok(text.endsWith('\r\n\r\nok') && !text.includes('evil'), text);
});

test('a server that dies amid its answer ends the client\'s, which is not whole', async () => {
    const cut = ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\nx'];
    for (const head of cut) {
        raw.answer = (socket) => socket.end(head);
        await assert.rejects(ask('GET', '/raw/cut'), /aborted|socket hang up|ECONNRESET/);
    }
    raw.answer = (socket) => (socket.write('HTTP/1.1 200 OK\r\n\r\nhalf'), setTimeout(() => socket.resetAndDestroy(), 100));
    assert.equal((await converse(system.port, ['GET /raw/cut HTTP/1.0\r\nHost: x\r\n\r\n'])).reset, true);
});

test('a server that is slow: 504 before its answer, the end amid it, and nothing while it goes on', async () => {
    raw.answer = () => {};
    const slow = await ask('GET', '/raw/slow');
    assertProblem(problemOf(slow), 504, 'UPSTREAM_SLOW');
    await eventually(() => raw.seen.at(-1).closed, 5000);
    raw.answer = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    await assert.rejects(ask('GET', '/raw/slow'), /aborted|socket hang up|ECONNRESET/);
    raw.answer = (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        let left = 6;
        const timer = setInterval(() => (left-- ? socket.write('drop ') : (clearInterval(timer), socket.end())), 500);
    };
    assert.equal((await ask('GET', '/raw/drops')).body.toString(), 'drop '.repeat(6));
});

test('a client that goes away takes its request along', async () => {
    raw.answer = () => {};
    const before = raw.seen.length;
    const client = net.connect(system.port, '127.0.0.1', () => client.write('GET /raw/gone HTTP/1.1\r\nHost: x\r\n\r\n'));
    await eventually(() => raw.seen.length > before, 5000);
    client.resetAndDestroy();
    await eventually(() => raw.seen.at(-1).closed, 5000);
    await eventually(() => /path=\/raw\/gone status=499/.test(system.log('gateway')), 5000);
    raw.answer = (socket) => socket.end(OK);
    assert.equal((await ask('GET', '/raw/x')).status, 200);
});

test('a dead server is told of at once, left alone, tried, and used again', async () => {
    const series = `conse_proxy_upstream_state{upstream="127.0.0.1:${dead}"}`;
    for (let i = 0; i < 5; i++) {
        const reply = await ask('GET', '/dead/x');
        assertProblem(problemOf(reply), 503, 'UPSTREAM_AWAY');
        assert.match(reply.headers['retry-after'], /^[1-9]\d*$/);
    }
    assert.equal(await valueOf(series), 2);
    assert.match((await ask('GET', '/dead/x')).body.toString(), /left alone/);
    const risen = http.createServer((request, response) => response.end('risen'));
    await new Promise((resolve) => risen.listen(dead, '127.0.0.1', resolve));
    await eventually(async () => (await ask('GET', '/dead/x')).status === 200, 10000);
    assert.equal(await valueOf(series), 0);
    await new Promise((resolve) => risen.close(resolve));
    const text = await metrics();
    assert.match(text, new RegExp(`^conse_proxy_requests_total\\{upstream="127\\.0\\.0\\.1:${dead}",status="5xx"\\} ([6-9]|\\d\\d+)$`, 'm'));
    assert.match(text, /^# HELP conse_proxy_requests_total Requests/m);
});

// ---- Settings

test('a setting that leads nowhere is refused, by its name', () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-proxy-'));
    const refused = {
        '/media=http://x': 'prefix like', '/=http://x': 'prefix like', '/a/=https://x': 'server like', '/a/=http://x:0': 'server like', '/a/=http://x /a/=http://y': 'twice',
        '/events/=http://x': 'Conse\'s', '/c/x/=http://x': 'Conse\'s', '/.well-known/=http://x': 'Conse\'s',
    };
    for (const [value, part] of Object.entries(refused)) {
        const { status, stderr } = spawnSync(path.join(BIN, 'conse-gateway'), [], { env: { ...outside, CONSE_DATA: dir, CONSE_PROXY: value }, encoding: 'utf8', timeout: 20000 });
        assert.ok(status > 0 && stderr.includes('CONSE_PROXY') && stderr.includes(part), `${value}: ${status} ${stderr}`);
    }
    fs.rmSync(dir, { recursive: true, force: true });
});
