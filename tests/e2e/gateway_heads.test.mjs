// Hostile request heads, byte by byte: each gets exactly one reply, a problem document, and the connection ends; or it is served.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { startSystem, throughOne } from './parts/system.mjs';
import { eventually } from './parts/people.mjs';

let system;

before(async () => {
    system = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_HEADER_TIMEOUT: '5s' } }));
});
after(() => system?.stop());

// All that the server says until it closes.
function converse(port, pieces) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1');
        const chunks = [];
        socket.setNoDelay(true);
        socket.setTimeout(3000, () => socket.destroy(new Error(`the connection stays open: ${Buffer.concat(chunks).subarray(0, 300).toString('latin1')}`)));
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error)));
        socket.on('close', () => resolve(Buffer.concat(chunks)));
        socket.on('connect', () => {
            const rest = [...pieces];
            const next = () => {
                if (socket.destroyed || !socket.writable || rest.length === 0) return;
                socket.write(rest.shift(), 'latin1', () => setImmediate(next));
            };
            next();
        });
    });
}

// Bytes as replies, one after the other; anything that is no reply throws.
function repliesOf(bytes) {
    const replies = [];
    while (bytes.length) {
        const end = bytes.indexOf('\r\n\r\n');
        assert.ok(end > 0, `no reply: ${bytes.subarray(0, 200).toString('latin1')}`);
        const [line, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
        assert.match(line, /^HTTP\/1\.1 [1-5][0-9]{2} /);
        const headers = new Map(lines.map((text) => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim()]));
        assert.equal(headers.size, lines.length, `a header comes twice: ${lines.join(' | ')}`);
        const status = Number(line.split(' ')[1]);
        const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers.get('content-length'));
        assert.ok(Number.isInteger(length), line);
        const body = bytes.subarray(end + 4, end + 4 + length);
        assert.equal(body.length, length, `${line}: the body is cut`);
        replies.push({ status, headers, body: body.toString() });
        bytes = bytes.subarray(end + 4 + length);
    }
    return replies;
}

async function isRefused(name, bytes, status, code) {
    const whole = Buffer.from(bytes, 'latin1');
    const middle = Math.floor(whole.length / 2);
    for (const pieces of [[whole], [whole.subarray(0, middle), whole.subarray(middle)]]) {
        const replies = repliesOf(await converse(system.port, pieces));
        assert.equal(replies.length, 1, `${name}: ${JSON.stringify(replies.map((reply) => [reply.status, reply.body.slice(0, 80)]))}`);
        const [reply] = replies;
        assert.equal(reply.status, status, `${name}: ${reply.body}`);
        assert.equal(reply.headers.get('content-type'), 'application/problem+json', name);
        assert.equal(reply.headers.get('connection')?.toLowerCase(), 'close', name);
        assert.match(reply.headers.get('traceparent') ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/, name);
        assert.ok(reply.headers.get('date'), name);
        assert.ok(Math.abs(Number(reply.headers.get('conse-time')) - Date.now()) < 10000, name);
        const problem = JSON.parse(reply.body);
        assert.equal(problem.code, code, name);
        assert.equal(problem.status, status, name);
        assert.equal(problem.trace_id, reply.headers.get('traceparent').split('-')[1], name);
    }
}

const get = (headers, target = '/openapi.json') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
const post = (headers, body = '') => `POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n${body}`;
const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));

const heads = {
    'Content-Length abc': [post(['Content-Length: abc'], '{}'), 400, 'MALFORMED'],
    'Content-Length empty': [post(['Content-Length:'], '{}'), 400, 'MALFORMED'],
    'Content-Length with a sign': [post(['Content-Length: +2'], '{}'), 400, 'MALFORMED'],
    'Content-Length below 0': [post(['Content-Length: -1'], '{}'), 400, 'MALFORMED'],
    'Content-Length in hexadecimal': [post(['Content-Length: 0x2'], '{}'), 400, 'MALFORMED'],
    'Content-Length with a letter behind': [post(['Content-Length: 2x'], '{}'), 400, 'MALFORMED'],
    'Content-Length as a list': [post(['Content-Length: 2, 2'], '{}'), 400, 'MALFORMED'],
    'Content-Length in two parts': [post(['Content-Length: 2 2'], '{}'), 400, 'MALFORMED'],
    'Content-Length twice': [post(['Content-Length: 2', 'Content-Length: 2'], '{}'), 400, 'MALFORMED'],
    'Content-Length twice, first one bad': [post(['Content-Length: x', 'Content-Length: 2'], '{}'), 400, 'MALFORMED'],
    'Content-Length of 2^64': [post(['Content-Length: 18446744073709551616'], '{}'), 413, 'BODY_TOO_LARGE'],
    'Content-Length of 2^63': [post(['Content-Length: 9223372036854775808'], '{}'), 413, 'BODY_TOO_LARGE'],
    'Content-Length of 2^64 - 1': [post(['Content-Length: 18446744073709551615'], '{}'), 413, 'BODY_TOO_LARGE'],
    'Content-Length of thirty digits': [post([`Content-Length: ${'9'.repeat(30)}`], '{}'), 413, 'BODY_TOO_LARGE'],
    'Content-Length bad where no body is taken': [get(['Content-Length: abc']), 400, 'MALFORMED'],
    'Transfer-Encoding and Content-Length': [post(['Transfer-Encoding: chunked', 'Content-Length: 2'], '0\r\n\r\n'), 400, 'MALFORMED'],
    'Transfer-Encoding and a bad Content-Length': [post(['Transfer-Encoding: chunked', 'Content-Length: x'], '0\r\n\r\n'), 400, 'MALFORMED'],
    'Transfer-Encoding chunked': [post(['Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'), 411, 'LENGTH_REQUIRED'],
    'Transfer-Encoding with broken chunks': [post(['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'), 411, 'LENGTH_REQUIRED'],
    'Transfer-Encoding on a GET': [get(['Transfer-Encoding: chunked']), 411, 'LENGTH_REQUIRED'],
    'a bare CR in a value': [get(['X: a\rb']), 400, 'MALFORMED'],
    'a bare CR before the end of a value': [get(['X: a\r']), 400, 'MALFORMED'],
    'a bare CR that hides a header': [get(['X: a\rContent-Length: 5']), 400, 'MALFORMED'],
    'a bare CR in a name': [get(['X\r: a']), 400, 'MALFORMED'],
    'a bare CR in the target': [`GET /docs?\ra HTTP/1.1\r\nHost: x\r\n\r\n`, 400, 'MALFORMED'],
    'a bare CR instead of line ends': ['GET /docs HTTP/1.1\rHost: x\r\r\n\r\n', 400, 'MALFORMED'],
    'a control character in a value': [get(['X: a\x01b']), 400, 'MALFORMED'],
    'a delete character in a value': [get(['X: a\x7fb']), 400, 'MALFORMED'],
    'a NUL in a value': [get(['X: a\0b']), 400, 'MALFORMED'],
    'a NUL in a name': [get(['X\0: b']), 400, 'MALFORMED'],
    'a line without a colon': [get(['X']), 400, 'MALFORMED'],
    'a line without a colon first': ['GET /docs HTTP/1.1\r\nHost\r\n\r\n', 400, 'MALFORMED'],
    'a line without a colon after the body was announced': [post(['Content-Length: 2', 'nonsense'], '{}'), 400, 'MALFORMED'],
    'a blank before the colon': [get(['X : a']), 400, 'MALFORMED'],
    'a header without a name': [get([': a']), 400, 'MALFORMED'],
    'a folded header': [get(['X: a\r\n b']), 400, 'MALFORMED'],
    'a folded first header': ['GET /docs HTTP/1.1\r\n Host: x\r\n\r\n', 400, 'MALFORMED'],
    'line ends of LF alone': ['GET /docs HTTP/1.1\nHost: x\n\n', 400, 'MALFORMED'],
    'one line end of LF alone': [get(['X: a\nY: b']), 400, 'MALFORMED'],
    'no version': ['GET /docs\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'no target': ['GET HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'HTTP/2.0': ['GET /docs HTTP/2.0\r\nHost: x\r\n\r\n', 505, 'VERSION_UNSUPPORTED'],
    'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'VERSION_UNSUPPORTED'],
    'HTTP/0.9': ['GET /docs HTTP/0.9\r\nHost: x\r\n\r\n', 505, 'VERSION_UNSUPPORTED'],
    'http/1.1': ['GET /docs http/1.1\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'HTTP/1.10': ['GET /docs HTTP/1.10\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'two blanks': ['GET  /docs HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'blanks at the end of the line': ['GET /docs HTTP/1.1 \r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'a method that is no word': ['G(T /docs HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'MALFORMED'],
    'no Host': ['GET /docs HTTP/1.1\r\n\r\n', 400, 'MALFORMED'],
    'a target of 9 000 letters': [get([], `/${'a'.repeat(9000)}`), 414, 'TARGET_TOO_LONG'],
    'a target of 100 000 letters': [get([], `/${'a'.repeat(100000)}`), 414, 'TARGET_TOO_LONG'],
    'a query of 100 000 letters': [get([], `/docs?${'a'.repeat(100000)}`), 414, 'TARGET_TOO_LONG'],
    'a header of 9 000 letters': [get([`X: ${'a'.repeat(9000)}`]), 431, 'HEADERS_TOO_LARGE'],
    'a header of 100 000 letters': [get([`X: ${'a'.repeat(100000)}`]), 431, 'HEADERS_TOO_LARGE'],
    'a name of 100 000 letters': [get([`${'a'.repeat(100000)}: x`]), 431, 'HEADERS_TOO_LARGE'],
    '200 headers': [get(times(200, (i) => `X${i}: y`)), 431, 'HEADERS_TOO_LARGE'],
    '300 headers': [get(times(300, (i) => `X${i}: y`)), 431, 'HEADERS_TOO_LARGE'],
    '3 000 headers': [get(times(3000, (i) => `X${i}: y`)), 431, 'HEADERS_TOO_LARGE'],
    '300 cookies': [get([`Cookie: ${times(300, (i) => `a${i}=b`).join('; ')}`]), 431, 'HEADERS_TOO_LARGE'],
    '900 cookies': [get([`Cookie: ${times(900, () => 'a=b').join('; ')}`]), 431, 'HEADERS_TOO_LARGE'],
};

for (const [name, [bytes, status, code]] of Object.entries(heads)) test(`${name}: ${status} ${code}`, () => isRefused(name, bytes, status, code));

const served = {
    'an empty line before the request': '\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'bytes beyond ASCII in a value': get(['X: \xe9\xff', 'Connection: close'], '/livez'),
    'a tab in a value': get(['X: a\tb', 'Connection: close'], '/livez'),
    'HTTP/1.0 without Host': 'GET /livez HTTP/1.0\r\n\r\n',
    '30 query parameters': get(['Connection: close'], `/livez?${times(30, (i) => `a${i}=b`).join('&')}`),
};
for (const [name, bytes] of Object.entries(served))
    test(`${name}: is a request like others`, async () => {
        const replies = repliesOf(await converse(system.port, [Buffer.from(bytes, 'latin1')]));
        assert.deepEqual(replies.map((reply) => [reply.status, JSON.parse(reply.body).code]), [[404, 'NO_ROUTE']]);
    });

test('too many query parameters are refused, and the connection stays', async () => {
    for (const query of [times(213, (i) => `a${i}=b`), times(2500, () => 'a')]) {
        const bytes = `GET /docs?${query.join('&')} HTTP/1.1\r\nHost: x\r\n\r\n${get(['Connection: close'], '/livez')}`;
        const replies = repliesOf(await converse(system.port, [Buffer.from(bytes)]));
        assert.deepEqual(replies.map((reply) => [reply.status, JSON.parse(reply.body).code]), [[400, 'MALFORMED'], [404, 'NO_ROUTE']]);
    }
});

test('what is no request at all ends the connection, refused or without a word', async () => {
    for (const bytes of [`${'A'.repeat(100000)} / HTTP/1.1\r\nHost: x\r\n\r\n`, 'hello\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', ' /docs HTTP/1.1\r\nHost: x\r\n\r\n', '\r\n\r\nGET\r\n\r\n', 'GET\t/docs HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /docs\0x HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /do\0?a=b HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /docs?a=\0b HTTP/1.1\r\nHost: x\r\n\r\n']) {
        const replies = repliesOf(await converse(system.port, [Buffer.from(bytes, 'latin1')]));
        assert.ok(replies.length === 0 || (replies.length === 1 && [400, 414].includes(replies[0].status)), JSON.stringify(bytes));
    }
});

test('a HEAD that is refused by its headers has no body', async () => {
    const bytes = (await converse(system.port, [Buffer.from('HEAD /docs HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 'latin1')])).toString('latin1');
    assert.match(bytes, /^HTTP\/1\.1 400 [^]*\r\n\r\n$/);
});

test('refused heads are logged as requests', async () => {
    await converse(system.port, [Buffer.from(post(['Content-Length: abc']).replace('/auth/login', '/refused-once'), 'latin1')]);
    await eventually(() => system.log('gateway').split(' path=/refused-once status=400 ').length === 2, 10000);
});

test('any number of headers, parameters and cookies gets a reply', async () => {
    for (let n = 0; n < 260; n += 5)
        for (const bytes of [get([...times(n, (i) => `X${i}: y`), 'Connection: close']), get(['Connection: close'], `/openapi.json?${times(n, (i) => `a${i}`).join('&')}`), get([`Cookie: ${times(n, (i) => `a${i}=b`).join(';')}`, 'Connection: close'])]) {
            const replies = repliesOf(await converse(system.port, [Buffer.from(bytes, 'latin1')]));
            assert.equal(replies.length, 1, `${n}: ${bytes.slice(0, 60)}`);
            assert.ok([200, 400, 431].includes(replies[0].status), `${n}: ${replies[0].status}`);
        }
});

test('what comes behind a refused head is not answered', async () => {
    for (const bad of [post(['Content-Length: abc']), get(['X: a\rb']), 'GET /docs\r\n\r\n', get([`X: ${'a'.repeat(100000)}`])]) {
        const replies = repliesOf(await converse(system.port, [Buffer.from(bad + get([]), 'latin1')]));
        assert.equal(replies.length, 1, bad.slice(0, 80));
    }
});

test('a refused head after good requests is refused alike', async () => {
    const good = 'HEAD /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const [bad, status] of [[post(['Content-Length: abc']), 400], [get([`X: ${'a'.repeat(100000)}`]), 431], ['GET /docs HTTP/3.0\r\n\r\n', 505]]) {
        const bytes = (await converse(system.port, [Buffer.from(good + good + bad, 'latin1')])).toString('latin1');
        assert.equal(bytes.split('HTTP/1.1 200 ').length, 3);
        assert.equal(bytes.split(`HTTP/1.1 ${status} `).length, 2, bytes.slice(-400));
        assert.equal(bytes.split('HTTP/1.1 ').length, 4);
    }
});
