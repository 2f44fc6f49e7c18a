// How often commands of events wait for their store: what each sends to MongoDB (trips/main.c), as docs/mongodb.md has it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from './parts/servers.mjs';

const PROGRAM = process.env.CONSE_STORE_TRIPS ?? path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../build/tests/stores/trips');
const PATIENCE_MS = 120000;
const counted = {};
let server;

before(async () => {
    server = await startServer('mongo-java');
    const { stdout } = await promisify(execFile)(PROGRAM, [`${server.url}/trips`], { timeout: PATIENCE_MS });
    for (const line of stdout.trim().split('\n')) {
        const { of, ...trips } = JSON.parse(line);
        counted[of] = trips;
    }
});
after(() => server?.stop());

for (const what of ['a ballot', 'a ballot with a key', '16 ballots together', '16 ballots of two events together'])
    test(`${what}: one write, waited for once, and no read`, () => assert.deepEqual(counted[what], { writes: 1, reads: 0, waves: 1 }));

test('a seat: the entry, then the seat, then the row of the event, and no read', () => {
    assert.deepEqual(counted['a seat'], { writes: 3, reads: 0, waves: 3 });
});

// The group, the deck, the join code, and how many events the god has; with a key the command too.
for (const [what, reads] of Object.entries({ 'an event': 4, 'an event with a key': 5 }))
    test(`${what}: its entry with the secrets of its deal, then its row`, () => {
        assert.deepEqual(counted[what], { writes: 2, reads, waves: 2 });
    });

test('a refusal asks whether its copy is the newest', () => assert.deepEqual(counted['a refusal'], { writes: 0, reads: 2, waves: 0 }));

test('a read asks whether its copy is the newest, and not again within 250 ms', () => {
    assert.deepEqual(counted['a read that confirms'], { writes: 0, reads: 2, waves: 0 });
    assert.deepEqual(counted['a read soon after'], { writes: 0, reads: 0, waves: 0 });
});
