// CONSE_GRAPHQL=trusted: only documents of the manifest run, by their id or their text.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { getIntrospectionQuery } from 'graphql';
import { ask } from './parts/graphql.mjs';
import { call } from './parts/people.mjs';
import { startSystem, throughOne } from './parts/system.mjs';

const KEYS = 'query Keys { jwks { keys { kty } } }';
const LONG = `{ __typename ${'# a long comment\n'.repeat(2000)} }`; // 34 KB
const THREE = '{ jwks { keys { kty } } identity { signature } me { id } }';
const WRITES = 'mutation Out { logout(input: {}) { done } }';
const id = (text) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-e2e-'));
const manifest = path.join(folder, 'documents.json');
let system;

before(async () => {
    fs.writeFileSync(manifest, JSON.stringify(Object.fromEntries([KEYS, LONG, THREE, WRITES].map((text) => [id(text), text]))));
    // What others let pass counts here a moment later.
    system = throughOne(await startSystem({ services: ['auth', 'gateway'], env: { CONSE_GRAPHQL: 'trusted', CONSE_GRAPHQL_DOCUMENTS: manifest, CONSE_LIMIT_DEFAULT: '1000/0.001' } }));
});

after(async () => {
    await system?.stop();
    fs.rmSync(folder, { recursive: true });
});

test('a document runs by its id, by GET and by POST', async () => {
    const reply = await call(system, 'POST', '/graphql', { body: { documentId: id(KEYS) } });
    assert.equal(reply.body.data.jwks.keys[0].kty, 'OKP');
    const got = await call(system, 'GET', `/graphql?documentId=${id(KEYS)}`);
    assert.deepEqual(got.body, reply.body);
});

test('its text is as good, and may be long', async () => {
    assert.equal((await ask(system, KEYS)).status, 200);
    assert.equal((await ask(system, LONG)).body.data.__typename, 'Query');
    assert.equal((await call(system, 'POST', '/graphql', { body: { documentId: id(LONG) } })).body.data.__typename, 'Query');
});

test('nothing else runs', async () => {
    for (const query of [`${KEYS} `, '{ __typename }', getIntrospectionQuery()]) {
        const { status, body } = await ask(system, query);
        assert.deepEqual([status, body.errors[0].extensions.code], [403, 'GRAPHQL_UNTRUSTED']);
    }
    for (const documentId of [id('{ __typename }'), 'sha256:', 'x', ''])
        assert.equal((await call(system, 'POST', '/graphql', { body: { documentId } })).status, 403, documentId);
    assert.equal((await call(system, 'POST', '/graphql', { body: { documentId: id(KEYS), query: KEYS } })).status, 400);
    assert.equal((await call(system, 'GET', `/graphql?documentId=${id(WRITES)}`)).status, 405);
});

test('each question counts as a request', async () => {
    const left = async (query) => Number((await ask(system, query)).headers.get('ratelimit-remaining'));
    const begin = await left(KEYS);
    assert.equal(await left(KEYS), begin - 1);
    assert.equal(await left(THREE), begin - 3); // nobody asks who they are: two questions went out
    assert.equal(await left(KEYS), begin - 4);
});
