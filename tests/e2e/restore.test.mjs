// Restoring a dump: all of it or a failure, also when a stream's oldest entries are no longer kept.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { consectl } from './people.mjs';

let dir;
before(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-restore-'))));
after(() => fs.rmSync(dir, { recursive: true }));

const bytes = Buffer.from('\n\x01u').toString('base64');
const entry = (stream, seq) => ({ stream, seq, bytes });

// Runs consectl on files of its own.
async function restore(name, service, lines) {
    const data = path.join(dir, name);
    const file = path.join(dir, `${name}.jsonl`);
    fs.mkdirSync(data);
    fs.writeFileSync(file, lines.map((line) => JSON.stringify(line) + '\n').join(''));
    const place = { bin: process.env.CONSE_BIN, env: { CONSE_DATA: data, CONSE_RUN: data } };
    const { code } = await consectl(place, 'restore', service, file);
    return { code, dump: (await consectl(place, 'dump', service)).stdout, text: fs.readFileSync(file, 'utf8') };
}

test('a stream that was trimmed is restored from its oldest entry on', async () => {
    const made = await restore('trimmed', 'auth', [7, 8, 9].map((seq) => entry('auth.revocations', seq)));
    assert.equal(made.code, 0);
    assert.equal(made.dump, made.text);
});

test('a stream that is kept whole is refused without its beginning', async () => {
    assert.equal((await restore('headless', 'events', [entry('users.1', 2), entry('users.2', 1)])).code, 1);
});

test('a line that cannot be restored fails the whole, wherever it stands', async () => {
    const lines = [entry('users.1', 1), entry('users.1', 1), entry('users.2', 1), entry('users.3', 1)];
    assert.equal((await restore('twice', 'events', lines)).code, 1);
});
