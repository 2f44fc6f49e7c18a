// Dumps: whole or none, unreadable to others, and restored whole or not at all.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { consectl } from './parts/people.mjs';

let dir;
before(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-restore-'))));
after(() => fs.rmSync(dir, { recursive: true }));

const bytes = Buffer.from('\n\x01u').toString('base64');
const entry = (stream, seq) => ({ stream, seq, bytes });
// Array.prototype.with is not in Node.js 18.
const withLine = (lines, at, line) => lines.map((old, i) => (i === at ? line : old));
const asText = (lines) => lines.map((line) => JSON.stringify(line) + '\n').join('');

// A place with a data folder of its own.
function place(name) {
    const data = path.join(dir, name);
    fs.mkdirSync(data);
    return { bin: process.env.CONSE_BIN, data, env: { CONSE_DATA: data, CONSE_RUN: data } };
}

let files = 0;
function write(text) {
    const file = path.join(dir, `dump-${files++}.jsonl`);
    fs.writeFileSync(file, text);
    return file;
}

// What is left in the folder but for the lock.
const left = (at) => fs.readdirSync(at.data).filter((name) => !name.endsWith('.lock'));
const filesBeside = (file) => fs.readdirSync(path.dirname(file)).filter((name) => name.startsWith(path.basename(file)));

async function refused(text, why, ...options) {
    const at = place(`refused-${files}`);
    const { code, stderr } = await consectl(at, 'restore', 'events', write(text), ...options);
    assert.equal(code, 1, `${why}: ${stderr}`);
    assert.match(stderr, why);
    assert.deepEqual(left(at), []);
}

const HEADLESS = [entry('users.1', 1), entry('users.1', 2), entry('users.2', 1)];

// A dump as consectl makes it, by way of a store.
async function dumpOf(lines, service = 'events') {
    const at = place(`made-${files}`);
    const made = await consectl(at, 'restore', service, '--headerless', write(asText(lines)));
    assert.equal(made.code, 0, made.stderr);
    return (await consectl(at, 'dump', service)).stdout;
}

const linesOf = (dump) => dump.split('\n').filter(Boolean).map((line) => JSON.parse(line));
// The last line as it has to be for the others.
function finish(lines) {
    const sum = lines[lines.length - 1];
    const text = asText(lines.slice(0, -1));
    return text + JSON.stringify({ ...sum, sha256: crypto.createHash('sha256').update(text).digest('hex') }) + '\n';
}

test('a dump says what it is, what is in it and how much, and is the same each time', async () => {
    const dump = await dumpOf(HEADLESS);
    const lines = linesOf(dump);
    const [header, sum] = [lines[0], lines[lines.length - 1]];
    assert.equal(header.conse, 'dump');
    assert.equal(header.format, 1);
    assert.equal(header.service, 'events');
    assert.match(header.version, /^\d+\.\d+\.\d+$/);
    assert.ok(header.tables.events >= 1 && header.tables.seats >= 1);
    assert.deepEqual([sum.end, sum.streams, sum.entries], [true, 2, 3]);
    assert.equal(finish(lines), dump);
    const at = place('same');
    assert.equal((await consectl(at, 'restore', 'events', write(dump))).code, 0);
    assert.equal((await consectl(at, 'dump', 'events')).stdout, dump);
    assert.equal((await consectl(at, 'restore', 'events', write(dump))).code, 1); // it is not empty any more
    assert.equal((await consectl(at, 'dump', 'events')).stdout, dump);
});

test('of a deleted stream a dump says that it ended, and where', async () => {
    const ended = { stream: 'users.0', seq: 7, ended: true };
    const lines = linesOf(await dumpOf([ended, ...HEADLESS]));
    assert.deepEqual(lines[1], ended);
    assert.deepEqual([lines.at(-1).streams, lines.at(-1).entries], [2, 3]);
    await refused(asText([ended, entry('users.0', 1)]), /.*/, '--headerless'); // its name is used up
    await refused(asText([entry('users.0', 1), ended]), /.*/, '--headerless');
    await refused(asText([{ ...ended, bytes }]), /line 1 is not an item/, '--headerless');
    await refused(asText([{ stream: 'users.0', seq: 7 }]), /line 1 is not an item/, '--headerless');
});

test('a dump that is empty, cut, changed, joined or of another service is refused and leaves nothing', async () => {
    const dump = await dumpOf(HEADLESS);
    const lines = linesOf(dump);
    await refused('', /empty/);
    for (const at of [1, 20, dump.indexOf('\n') + 1, dump.length - 1, dump.trimEnd().lastIndexOf('\n') + 1])
        await refused(dump.slice(0, at), /cut off/);
    await refused(dump.replace('"seq":2', '"seq":3'), /line 3|last line/);
    await refused(asText(withLine(lines, 1, { ...lines[1], bytes: Buffer.from('\n\x01v').toString('base64') })), /last line/);
    await refused(asText([...lines.slice(0, 2), ...lines.slice(3)]), /last line/);
    await refused(dump + dump, /after its last line/);
    await refused(dump + '\n', /after its last line/);
    await refused(finish(withLine(lines, 0, { ...lines[0], service: 'auth' })), /of auth/);
    await refused(finish(withLine(lines, 0, { ...lines[0], format: 2 })), /format 2/);
    await refused(finish(withLine(lines, 0, { ...lines[0], tables: { ...lines[0].tables, events: 99 } })), /events.*99/);
    await refused(finish(withLine(lines, 0, { ...lines[0], tables: { ...lines[0].tables, chats: 1 } })), /chats/);
    await refused(finish(withLine(lines, lines.length - 1, { ...lines.at(-1), entries: 4 })), /last line/);
});

test('a line that cannot be restored fails the whole, wherever it stands', async () => {
    const wrong = [
        { stream: 'users.1', seq: 0, bytes }, { stream: 'users.1', seq: -1, bytes }, { stream: 'users.1', seq: 1.5, bytes },
        { stream: 'users.1', seq: 2 ** 40, bytes }, { stream: '', seq: 1, bytes }, { stream: 'users.1', seq: 1, bytes: '!' },
        { stream: 'users.1', bytes }, { table: 'events', id: 'x', bytes }, { table: 'events', id: '', bytes: '' },
        { table: 'nothing', id: 'x', bytes }, { table: 'events', stream: 'users.1', id: 'u', seq: 1, bytes }, { seq: 1, bytes }, {}, 7, null,
        entry('x'.repeat(5000), 1),
    ];
    for (const line of wrong) {
        await refused(asText([line]), /line 1/, '--headerless');
        await refused(asText([...HEADLESS, line]), /line 4/, '--headerless');
    }
    await refused(asText([entry('users.1', 1), entry('users.1', 1), entry('users.2', 1)]), /other entries|could not be stored/, '--headerless');
    await refused(asText([entry('users.1', 2), entry('users.2', 1)]), /other entries|could not be stored/, '--headerless');
    await refused(`{"stream":"users.1","seq":1,"bytes":"${'A'.repeat(9 << 20)}"}\n`, /line 1.*long/, '--headerless');
});

test('a dump without a header is restored when that is asked for, and told from others', async () => {
    await refused(asText(HEADLESS), /--headerless/);
    await refused(await dumpOf(HEADLESS), /without --headerless/, '--headerless');
    await refused('', /empty/, '--headerless');
    await refused(asText(HEADLESS).trimEnd(), /cut off/, '--headerless');
});

test('a stream that was trimmed is restored from its oldest entry on', async () => {
    const dump = await dumpOf([7, 8, 9].map((seq) => entry('auth.revocations', seq)), 'auth');
    assert.equal(linesOf(dump)[1].seq, 7);
    assert.equal((await consectl(place('trimmed'), 'restore', 'auth', write(dump))).code, 0);
});

test('a dump says what entries were made from', async () => {
    const source = `"source":"revoked","source_seq":${2n ** 63n - 1n}`;
    const lines = [`${source},"source_print":"fedcba9876543210"`, source].map(
        (source, i) => `{"stream":"auth.revocations","seq":${i + 7},"bytes":"${bytes}",${source}}`,
    );
    const at = place('sources');
    const made = await consectl(at, 'restore', 'auth', '--headerless', write(lines.join('\n') + '\n'));
    assert.equal(made.code, 0, made.stderr);
    const { stdout } = await consectl(at, 'dump', 'auth');
    assert.deepEqual(stdout.split('\n').slice(1, 3), lines);
    assert.equal((await consectl(place('sources-again'), 'restore', 'auth', write(stdout))).code, 0);
    for (const wrong of [{ source_print: 'x' }, { source_print: 'FEDCBA9876543210' }, { source_seq: -1 }, { source: undefined }]) {
        const line = { ...entry('users.1', 1), source: 'events.1', source_seq: 1, source_print: 'fedcba9876543210', ...wrong };
        await refused(asText([line]), /line 1 is not an item/, '--headerless');
    }
});

test('a dump says what entries carry beside them', async () => {
    const lines = [1, 2, 3].map((seq) => ({ ...entry('users.1', seq), ...(seq === 2 ? {} : { attached: Buffer.from(`to ${seq}`).toString('base64') }) }));
    const dump = await dumpOf(lines);
    assert.deepEqual(linesOf(dump).slice(1, 4).map((line) => line.attached), lines.map((line) => line.attached));
    const again = place('attached-again');
    assert.equal((await consectl(again, 'restore', 'events', write(dump))).code, 0);
    assert.equal((await consectl(again, 'dump', 'events')).stdout, dump);
    const most = Buffer.alloc(4096).toString('base64'), more = Buffer.alloc(4097).toString('base64');
    await dumpOf([{ ...entry('users.1', 1), attached: most }]);
    await refused(asText([{ ...entry('users.1', 1), attached: more }]), /line 1 carries too much/, '--headerless');
    await refused(asText([{ ...entry('users.1', 1), attached: '!' }]), /line 1 .*base64/, '--headerless');
    await refused(asText([{ stream: 'users.1', seq: 1, ended: true, attached: most }]), /line 1 is not an item/, '--headerless');
    await refused(asText([{ table: 'groups', id: 'g', bytes: 'CgFn', attached: most }]), /line 1 is not an item/, '--headerless');
});

test('a dump is for its owner alone, replaces nothing, and a refused one leaves nothing', async () => {
    const at = place('owner');
    await consectl(at, 'restore', 'events', '--headerless', write(asText(HEADLESS)));
    const file = path.join(dir, 'owner.jsonl');
    assert.equal((await consectl(at, 'dump', 'events', file)).code, 0);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const before = fs.readFileSync(file, 'utf8');
    const again = await consectl(at, 'dump', 'events', file);
    assert.equal(again.code, 1, again.stderr);
    assert.match(again.stderr, /exists/);
    assert.equal(fs.readFileSync(file, 'utf8'), before);
    assert.deepEqual(filesBeside(file), ['owner.jsonl']);
    const none = path.join(dir, 'none.jsonl');
    assert.equal((await consectl(place('nothing'), 'dump', 'events', none)).code, 3);
    fs.writeFileSync(path.join(place('broken').data, 'events.db'), 'no database at all, but long enough to be read as one'.repeat(99));
    assert.equal((await consectl({ ...at, env: { CONSE_DATA: path.join(dir, 'broken') } }, 'dump', 'events', none)).code, 1);
    assert.deepEqual(filesBeside(none), []);
});

test('a store that has something stays as it is', async () => {
    const at = place('full');
    await consectl(at, 'restore', 'events', '--headerless', write(asText(HEADLESS)));
    const dump = (await consectl(at, 'dump', 'events')).stdout;
    const other = await dumpOf([entry('users.9', 1)]);
    const { code, stderr } = await consectl(at, 'restore', 'events', write(other));
    assert.equal(code, 1);
    assert.match(stderr, /not empty/);
    assert.equal((await consectl(at, 'dump', 'events')).stdout, dump);
});

// A place with a pair of keys, and a dump that was sealed there.
async function sealed(name) {
    const at = place(name);
    const key = path.join(at.data, 'backup.key');
    const made = await consectl(at, 'backup-key', key);
    assert.equal(made.code, 0, made.stderr);
    const to = made.stdout.match(/^CONSE_BACKUP_TO=([0-9a-f]{64})\n$/)[1];
    assert.equal(fs.statSync(key).mode & 0o777, 0o600);
    assert.equal((await consectl(at, 'backup-key', key)).code, 1); // never over another
    const many = Array.from({ length: 3000 }, (_, i) => entry('users.1', i + 1));
    assert.equal((await consectl(at, 'restore', '--headerless', 'events', write(asText(many)))).code, 0);
    const plain = (await consectl(at, 'dump', 'events')).stdout;
    const file = path.join(at.data, 'sealed');
    const written = await consectl({ ...at, env: { ...at.env, CONSE_BACKUP_TO: to } }, 'dump', 'events', file);
    assert.equal(written.code, 0, written.stderr);
    return { plain, bytes: fs.readFileSync(file), key };
}

async function openedAs(name, bytes, env) {
    const at = place(name);
    const file = path.join(dir, `${name}.bin`);
    fs.writeFileSync(file, bytes);
    const end = await consectl({ ...at, env: { ...at.env, ...env } }, 'restore', 'events', file);
    return { ...end, at };
}

test('a sealed dump is opened by its key alone, and whole', async () => {
    const { plain, bytes, key } = await sealed('sealed');
    assert.ok(!bytes.includes('"stream"') && bytes.length > plain.length);
    const opened = await openedAs('opened', bytes, { CONSE_BACKUP_KEY_FILE: key });
    assert.equal(opened.code, 0, opened.stderr);
    assert.equal((await consectl(opened.at, 'dump', 'events')).stdout, plain);
    const without = await openedAs('unopened', bytes, {});
    assert.match(without.stderr, /CONSE_BACKUP_KEY_FILE/);
    const foreign = path.join(dir, 'foreign.key');
    assert.equal((await consectl(place('foreign'), 'backup-key', foreign)).code, 0);
    assert.match((await openedAs('other-key', bytes, { CONSE_BACKUP_KEY_FILE: foreign })).stderr, /another key/);
    fs.chmodSync(foreign, 0o644);
    assert.match((await openedAs('open-key', bytes, { CONSE_BACKUP_KEY_FILE: foreign })).stderr, /others may read/);
});

test('a sealed dump that was cut, changed or lengthened is refused and leaves nothing', async () => {
    const { bytes, key } = await sealed('sealed-too');
    const changed = (at) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    const spoiled = [0, 14, 15, 60, 100, 125, 200, 70000, bytes.length - 1].map(changed);
    for (const at of [1, 20, 120, 200, 65600, bytes.length - 30, bytes.length - 1]) spoiled.push(bytes.subarray(0, at));
    spoiled.push(Buffer.concat([bytes, Buffer.from('x')]), Buffer.concat([bytes, bytes]));
    for (const [i, some] of spoiled.entries()) {
        const { code, at } = await openedAs(`spoiled-${i}`, some, { CONSE_BACKUP_KEY_FILE: key });
        assert.equal(code, 1, `${i}`);
        assert.deepEqual(left(at), []);
    }
});

test('what cannot be a key seals nothing', async () => {
    const at = place('no-key');
    assert.equal((await consectl(at, 'restore', '--headerless', 'events', write(asText(HEADLESS)))).code, 0);
    const end = await consectl({ ...at, env: { ...at.env, CONSE_BACKUP_TO: 'short' } }, 'dump', 'events', path.join(at.data, 'dump'));
    assert.equal(end.code, 1);
    assert.match(end.stderr, /CONSE_BACKUP_TO/);
    assert.deepEqual(filesBeside(path.join(at.data, 'dump')), []);
});
