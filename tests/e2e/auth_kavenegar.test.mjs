// One-time codes by Kavenegar, against a server that answers as it does.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sendCode, useCode } from './parts/auth_people.mjs';
import { startSystem } from './parts/system.mjs';

const KEY = '7365637265744b6176656e656761724b6579', TEMPLATE = 'conse-login';
let system, server, folder;
const requests = []; // {method, path, type, receptor, token, template}
let answers = []; // functions of the response; the last one stays

const say = (status, http = 200) => (response) =>
    response.writeHead(http, { 'Content-Type': 'application/json' }).end(JSON.stringify({ return: { status, message: 'as told' }, entries: status === 200 ? [{ messageid: 1, status: 5 }] : null }));
const hangUp = (response) => response.socket.destroy();
const keepSilent = () => {};

function serve(request, response) {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
        requests.push({ method: request.method, path: request.url, type: request.headers['content-type'], ...Object.fromEntries(new URLSearchParams(body)) });
        (answers.length > 1 ? answers.shift() : answers[0])(response);
    });
}

const sentTo = (receptor) => requests.filter((request) => request.receptor === receptor);

before(async () => {
    server = http.createServer(serve);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-kavenegar-'));
    fs.writeFileSync(path.join(folder, 'key'), `${KEY}\n`, { mode: 0o600 });
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_OTP_DRIVER: 'kavenegar',
            CONSE_OTP_KAVENEGAR_URL: `http://127.0.0.1:${server.address().port}/`,
            CONSE_OTP_KAVENEGAR_KEY_FILE: path.join(folder, 'key'),
            CONSE_OTP_KAVENEGAR_TEMPLATE: TEMPLATE,
            CONSE_OTP_WEBHOOK_TIMEOUT: '3s',
            CONSE_LIMIT_AUTH: '100000/100000',
            CONSE_LOG_LEVEL: 'debug',
        },
    });
});

after(async () => {
    await system?.stop();
    server?.closeAllConnections();
    server?.close();
    fs.rmSync(folder, { recursive: true, force: true });
});

test('a code arrives and logs in', async () => {
    answers = [say(200)];
    assert.equal((await sendCode(system, '+989120000201')).status, 202);
    const [sent, ...more] = sentTo('09120000201');
    assert.deepEqual(more, []);
    assert.deepEqual({ ...sent, token: '' }, {
        method: 'POST', path: `/v1/${KEY}/verify/lookup.json`, type: 'application/x-www-form-urlencoded',
        receptor: '09120000201', token: '', template: TEMPLATE,
    });
    assert.match(sent.token, /^\d{6}$/);
    assert.equal((await useCode(system, '+989120000201', sent.token)).status, 200);
});

test('a number abroad is dialled from there', async () => {
    answers = [say(200)];
    assert.equal((await sendCode(system, '+4915112345678')).status, 202);
    assert.equal(sentTo('004915112345678').length, 1);
});

test('what may pass is tried again with the same code', async () => {
    answers = [say(409), say(500, 500), hangUp, say(200)];
    assert.equal((await sendCode(system, '+989120000202')).status, 202);
    const sent = sentTo('09120000202');
    assert.equal(sent.length, 4);
    assert.equal(new Set(sent.map((request) => request.token)).size, 1);
});

test('a refusal is final, also under HTTP 200, and costs no wait', async () => {
    for (const [i, answer] of [say(418, 418), say(418, 200), say(424, 424), say(403, 403)].entries()) {
        answers = [answer];
        const phone = `+98912000021${i}`;
        const reply = await sendCode(system, phone);
        assert.equal(reply.status, 503);
        assert.equal(reply.body.code, 'DELIVERY_FAILED');
        assert.equal(sentTo(phone.replace('+98', '0')).length, 1);
        answers = [say(200)];
        assert.equal((await sendCode(system, phone)).status, 202);
    }
});

test('silence ends at the deadline', async () => {
    answers = [keepSilent];
    const began = performance.now();
    const reply = await sendCode(system, '+989120000203');
    assert.equal(reply.body.code, 'DELIVERY_FAILED');
    assert.ok(performance.now() - began >= 2900);
});

test('neither the key nor a code is in a log or a reply', async () => {
    for (const name of ['auth', 'gateway']) {
        const metrics = await fetch(`http://127.0.0.1:${system.admin[name]}/metrics`).then((r) => r.text());
        for (const secret of [KEY, ...requests.map((request) => request.token)]) assert.ok(!system.log(name).includes(secret) && !metrics.includes(secret), name);
    }
});

test('a setting that is missing stops the start and is named', async () => {
    for (const [name, value] of [['CONSE_OTP_KAVENEGAR_TEMPLATE', ''], ['CONSE_OTP_KAVENEGAR_URL', 'api.kavenegar.com'], ['CONSE_OTP_KAVENEGAR_KEY_FILE', '']]) {
        await system.kill('auth');
        const before = system.env[name];
        system.env[name] = value;
        await assert.rejects(system.start('auth'), (error) => error.message.includes(name.replace('_FILE', '')) && !error.message.includes(KEY));
        system.env[name] = before;
        await system.start('auth');
    }
});
