// What every kind of store promises (the tests of lib/store that run on CONSE_TEST_STORES), on real servers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from './parts/servers.mjs';

const PROGRAMS = process.env.CONSE_CONTRACT_TESTS.split(' ');
const PATIENCE_MS = 300000;
const run = promisify(execFile);
const servers = {};
const urlAt = async (kind) => `${(await (servers[kind] ??= startServer(kind))).url}/`; // started by its first test
const kinds = { sqlite: () => 'sqlite:', 'mongo-java': () => urlAt('mongo-java'), ferretdb: () => urlAt('ferretdb') };
const theirs = process.env.CONSE_TEST_MONGODB;
if (theirs) kinds['the MongoDB of CONSE_TEST_MONGODB'] = () => theirs;

after(() => Promise.all(Object.values(servers).map(async (server) => (await server).stop())));

for (const [kind, urlOf] of Object.entries(kinds)) {
    for (const program of PROGRAMS) {
        test(`${path.basename(program)} on ${kind}`, async () => {
            const env = { ...process.env, CONSE_TEST_STORES: await urlOf() };
            const story = await run(program, [], { env, timeout: PATIENCE_MS, maxBuffer: 64 << 20 }).then(
                () => '',
                ({ code, signal, stdout, stderr }) => `${code ?? signal}\n${`${stdout}${stderr}`.slice(-8000)}`,
            );
            assert.equal(story, '', story);
        });
    }
}
