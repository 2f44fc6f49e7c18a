// HTTPS with a certificate of one's own, replaced while the gateway serves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startSystem, throughOne } from './parts/system.mjs';
import { eventually } from './parts/people.mjs';
import { Wire } from './parts/wire.mjs';

let system;
let folder;
const get = 'GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n';

function makeCertificate(name) {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')], { stdio: 'ignore' });
    return fs.readFileSync(path.join(folder, 'cert.pem'));
}

async function connect(options = {}) {
    const wire = new Wire(system.port, { rejectUnauthorized: false, servername: 'localhost', ...options });
    await wire.opened;
    return wire;
}

const nameOf = (wire) => wire.socket.getPeerCertificate().subject.CN;

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-tls-'));
    makeCertificate('first');
    system = throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: { CONSE_TLS_CERT: path.join(folder, 'cert.pem'), CONSE_TLS_KEY: path.join(folder, 'key.pem'), CONSE_HEADER_TIMEOUT: '2s' },
    }));
});

after(async () => {
    await system?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
});

test('a client that trusts the certificate is served, by TLS 1.2 and 1.3 only', async () => {
    const ca = fs.readFileSync(path.join(folder, 'cert.pem'));
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const wire = await connect({ ca, rejectUnauthorized: true, minVersion: version, maxVersion: version });
        assert.equal(wire.socket.getProtocol(), version);
        assert.equal((await wire.send(get).reply()).status, 200);
        wire.close();
    }
    await assert.rejects(connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
});

test('operators see when the certificate ends, and how old what is known of revocations is', async () => {
    const text = await fetch(`http://127.0.0.1:${system.admin[system.replicasOf('gateway')[0]]}/metrics`).then((reply) => reply.text());
    const valueOf = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    const days = (valueOf('conse_tls_certificate_end_timestamp_seconds') * 1000 - Date.now()) / 864e5;
    assert.ok(days > 1.9 && days < 2.1, `${days} days`);
    assert.ok(valueOf('conse_revocations_age_seconds') < 2);
});

test('pipelined requests over TLS are all answered', async () => {
    const wire = await connect();
    wire.send(get.repeat(200));
    for (let i = 0; i < 200; i++) assert.equal((await wire.reply()).status, 200);
    wire.close();
});

test('what cannot be read is refused over TLS as it is without', async () => {
    for (const [bytes, status] of [['GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n', 400], [`GET / HTTP/1.1\r\nX: ${'a'.repeat(100000)}\r\n\r\n`, 431]]) {
        const wire = await connect();
        const reply = await wire.send(bytes).reply();
        assert.equal(reply.status, status);
        assert.equal(reply.headers['content-type'], 'application/problem+json');
        await wire.ended;
        assert.equal(wire.replies.length, 0);
        assert.equal(wire.received.length, 0);
    }
});

test('SIGHUP takes the new certificate and keeps the connections', async () => {
    const old = await connect();
    assert.equal(nameOf(old), 'first');
    assert.equal((await old.send(get).reply()).status, 200);
    makeCertificate('second');
    system.children.gateway.kill('SIGHUP');
    await eventually(async () => {
        const fresh = await connect();
        const name = nameOf(fresh);
        fresh.close();
        return name === 'second';
    }, 3000);
    assert.equal((await old.send(get).reply()).status, 200);
    old.close();
});

test('a broken certificate is not taken', async () => {
    fs.writeFileSync(path.join(folder, 'cert.pem'), 'nothing');
    system.children.gateway.kill('SIGHUP');
    await eventually(() => system.log('gateway').includes('the certificate stays as it was'), 3000);
    const wire = await connect();
    assert.equal(nameOf(wire), 'second');
    assert.equal((await wire.send(get).reply()).status, 200);
    wire.close();
    makeCertificate('third');
});

test('clients that do not speak TLS, or stop in the handshake, are ended', async () => {
    const plain = new Wire(system.port).send(get);
    const silent = new Wire(system.port);
    await Promise.all([plain.ended, silent.ended]);
    const wire = await connect();
    assert.equal((await wire.send(get).reply()).status, 200);
    wire.close();
});
