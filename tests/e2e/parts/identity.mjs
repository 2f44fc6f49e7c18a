// What /.well-known/conse says of the processes that live, checked with a stock library.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { consectl, eventually, ok } from './people.mjs';

const PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // an Ed25519 key in DER
const bytes = (text) => Buffer.from(text, 'base64');
const sha256 = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

export const identityOf = (system) => ok(system, 'GET', '/.well-known/conse');
export const servicesIn = ({ replicas }) => replicas.map(({ statement }) => statement.service);

// Every process of the system is listed, once, and says what it runs.
export async function assertProcesses(system, url = system.url) {
    const expected = system.services.map((name) => name.replace(/-\d+$/, '')).sort();
    let identity;
    await eventually(async () => {
        identity = await identityOf({ url });
        return isDeepStrictEqual(servicesIn(identity), expected); // those of before are listed for a while
    }, 15000);
    assert.deepEqual(servicesIn(identity), expected);
    const key = crypto.createPublicKey({ key: Buffer.concat([PREFIX, bytes(identity.public_key)]), format: 'der', type: 'spki' });
    for (const { statement, statement_bytes: packed, signature } of identity.replicas) {
        const message = Buffer.concat([Buffer.from('conse/process/1'), bytes(packed)]);
        assert.ok(crypto.verify(null, message, key, bytes(signature)));
        assert.equal(crypto.verify(null, bytes(packed), key, bytes(signature)), false, 'a process is no installation');
        for (const part of [statement.id, statement.sha256, statement.commit]) assert.ok(bytes(packed).includes(part));
        assert.equal(statement.sha256, sha256(path.join(system.bin, `conse-${statement.service}`)));
        assert.ok(Date.parse(statement.started_at) <= Date.parse(statement.signed_at));
    }
    assert.equal(new Set(identity.replicas.map(({ statement }) => statement.id)).size, expected.length);
    const { code, stdout } = await consectl(system, 'verify', url);
    assert.equal(code, 0);
    assert.equal(stdout.match(/^process /gm).length, expected.length);
    return identity;
}
