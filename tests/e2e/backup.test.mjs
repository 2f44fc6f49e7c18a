// All services' stores as of one moment: in one folder that is there whole or not at all, and put back elsewhere.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { damage, DAMAGES } from './parts/backups.mjs';
import { LIMITS } from './parts/games.mjs';
import { call, consectl, logIn, ok, signUp } from './parts/people.mjs';
import { BIN, EVERY_SERVICE, startSystem } from './parts/system.mjs';

const STORED = ['auth', 'events', 'chain', 'ai'];
let dir, system, ada;

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-backup-'));
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS, replicas: 0 });
    ada = await signUp(system, 'ada');
});
after(async () => {
    await system?.stop();
    fs.rmSync(dir, { recursive: true, force: true });
});

let folders = 0;
const fresh = (name = 'backup') => path.join(dir, `${name}-${folders++}`);
const readManifest = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
// A place with a data folder of its own.
function makePlace(env = {}) {
    const data = fresh('data');
    fs.mkdirSync(data);
    return { bin: BIN, data, env: { CONSE_DATA: data, CONSE_RUN: data, ...env } };
}

async function backUp(of = system) {
    const folder = fresh();
    const { code, stdout, stderr } = await consectl(of, 'backup', 'all', folder);
    assert.equal(code, 0, stderr);
    return { folder, stdout };
}

async function refused(of, why, ...words) {
    const { code, stderr } = await consectl(of, ...words);
    assert.notEqual(code, 0, `${words.join(' ')} is refused`);
    assert.match(stderr, why);
    return code;
}

test('a backup of all is one folder with a file of each and what they are, while all run', async () => {
    let going = true;
    const busy = (async () => {
        for (let i = 0; going; i++) await signUp(system, `busy${i}`);
    })();
    const { folder, stdout } = await backUp();
    going = false;
    await busy;
    assert.match(stdout, /all backed up to .*, as of \d{4}-/);
    assert.deepEqual(fs.readdirSync(folder).sort(), [...STORED.map((name) => `${name}.db`), 'manifest.json'].sort());
    assert.equal(fs.statSync(folder).mode & 0o77, 0);
    const manifest = readManifest(folder);
    assert.equal(manifest.together, true);
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.ok(manifest.moment_ms <= manifest.made_ms && manifest.made_ms <= Date.now() && manifest.moment_ms > Date.now() - 600000);
    for (const { file, bytes, sha256 } of manifest.parts) {
        const content = fs.readFileSync(path.join(folder, file));
        assert.equal(fs.statSync(path.join(folder, file)).mode & 0o77, 0, file);
        assert.deepEqual([content.length, crypto.createHash('sha256').update(content).digest('hex')], [bytes, sha256], file);
    }
    const auth = manifest.parts.find(({ service }) => service === 'auth');
    assert.ok(auth.counts.rows.accounts >= 1);
    assert.equal(auth.counts.rows.sessions, 0, 'sessions do not come back');
    const { code, stdout: told } = await consectl(system, 'restore', '--verify', folder);
    assert.equal(code, 0);
    assert.match(told, /the backup is whole: 4 services as of/);
    assert.deepEqual(fs.readdirSync(dir).filter((name) => name.startsWith('backup-') && !/^backup-\d+$/.test(name)), [], 'nothing is left beside it');
});

test('a file that is damaged in any way is found, and named', async () => {
    const { folder } = await backUp();
    for (const file of fs.readdirSync(folder))
        for (const how of DAMAGES) {
            const copy = fresh('damaged');
            fs.cpSync(folder, copy, { recursive: true });
            damage(path.join(copy, file), how);
            await refused(system, new RegExp(file.replace('.', '\\.')), 'restore', '--verify', copy);
            const place = makePlace();
            await refused(place, new RegExp(file.replace('.', '\\.')), 'restore', 'all', copy);
            assert.deepEqual(fs.readdirSync(place.data), [], 'nothing was restored');
        }
});

test('what cannot be backed up is told, and leaves nothing', async () => {
    const { folder } = await backUp();
    await refused(system, /exists/, 'backup', 'all', folder);
    await refused(system, /nowhere/, 'backup', 'all', path.join(dir, 'nowhere', 'backup'));
    await refused(system, /it takes DIR/, 'backup', 'all');
    const place = makePlace(), target = fresh();
    assert.equal(await refused(place, /auth has stored nothing here/, 'backup', 'all', target), 3);
    fs.copyFileSync(path.join(folder, 'auth.db'), path.join(place.data, 'auth.db'));
    await refused(place, /events has stored nothing here/, 'backup', 'all', target);
    for (const service of STORED) fs.writeFileSync(path.join(place.data, `${service}.db`), 'no store');
    await refused(place, /not a (database|store)/, 'backup', 'all', target);
    assert.deepEqual(fs.readdirSync(dir).filter((name) => name.startsWith(path.basename(target))), []);
});

test('what is no backup is not restored', async () => {
    await refused(system, /has no manifest/, 'restore', '--verify', dir);
    await refused(system, /has no manifest/, 'restore', 'all', fresh());
    await refused(system, /it takes DIR/, 'restore', '--verify');
    const { folder } = await backUp();
    const rewrite = (change) => {
        const copy = fresh('other'), manifest = readManifest(folder);
        fs.cpSync(folder, copy, { recursive: true });
        delete manifest.sha256;
        change(manifest);
        const text = JSON.stringify(manifest).slice(0, -1);
        fs.writeFileSync(path.join(copy, 'manifest.json'), `${text},"sha256":"${crypto.createHash('sha256').update(text).digest('hex')}"}\n`);
        return copy;
    };
    assert.equal((await consectl(system, 'restore', '--verify', rewrite(() => {}))).code, 0);
    const rows = [
        [(m) => (m.format = 2), /format 2/], [(m) => (m.conse = 'dump'), /is not a backup's/], [(m) => m.parts.pop(), /four services/],
        [(m) => (m.parts[1] = m.parts[0]), /twice/], [(m) => (m.parts[0].service = 'mail'), /does not know/], [(m) => delete m.moment_ms, /lacks a field/],
        [(m) => (m.parts[0].file = '../auth.db'), /does not know/], [(m) => delete m.parts[2].sha256, /part that is none/], [(m) => (m.parts[0].bytes += 1), /auth\.db has \d+ bytes/],
    ];
    for (const [change, why] of rows) await refused(system, why, 'restore', '--verify', rewrite(change));
});

test('restored elsewhere, it is what it was, and never over what is there', async () => {
    const { folder } = await backUp();
    const place = makePlace();
    const { code, stderr } = await consectl(place, 'restore', 'all', folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(fs.readdirSync(place.data).sort(), STORED.map((name) => `${name}.db`).sort());
    await refused(place, /there is a store already/, 'restore', 'all', folder);
    fs.cpSync(path.join(system.env.CONSE_DATA, 'keys'), path.join(place.data, 'keys'), { recursive: true });
    const other = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_DATA: place.data }, replicas: 0 });
    try {
        assert.equal((await call(other, 'POST', '/auth/refresh', { body: { refresh_token: ada.refresh } })).status, 401, 'her session is gone');
        const { token } = await logIn(other, 'ada');
        assert.equal((await ok(other, 'GET', '/auth/me', { token })).user.id, ada.id);
    } finally {
        await other.stop();
    }
});

test('sealed to a key, only its holder restores it', async () => {
    const secret = fresh('secret');
    const { stdout } = await consectl(system, 'backup-key', secret);
    const sealing = { ...system, env: { ...system.env, CONSE_BACKUP_TO: /=(\w+)/.exec(stdout)[1] } };
    const { folder } = await backUp(sealing);
    for (const service of STORED) assert.equal(fs.readFileSync(path.join(folder, `${service}.db`)).indexOf('SQLite format'), -1);
    assert.equal((await consectl(system, 'restore', '--verify', folder)).code, 0);
    const place = makePlace();
    await refused(place, /CONSE_BACKUP_KEY_FILE/, 'restore', 'all', folder);
    assert.deepEqual(fs.readdirSync(place.data), []);
    const holder = { ...place, env: { ...place.env, CONSE_BACKUP_KEY_FILE: secret } };
    const { code, stderr } = await consectl(holder, 'restore', 'all', folder);
    assert.equal(code, 0, stderr);
    assert.match((await consectl(place, 'dump', 'auth')).stdout, /"accounts"/);
});

test('stores that are shared are dumped, and restored into embedded ones', async () => {
    const shared = await startSystem({ services: EVERY_SERVICE, env: LIMITS, replicas: 1 });
    try {
        const eve = await signUp(shared, 'eve');
        const { folder, stdout } = await backUp(shared);
        assert.match(stdout, /each behind/);
        assert.deepEqual(fs.readdirSync(folder).sort(), [...STORED.map((name) => `${name}.dump`), 'manifest.json'].sort());
        const manifest = readManifest(folder);
        assert.equal(manifest.together, false);
        const place = makePlace();
        const { code, stderr } = await consectl(place, 'restore', 'all', folder);
        assert.equal(code, 0, stderr);
        assert.ok((await consectl(place, 'dump', 'auth')).stdout.includes(eve.id));
    } finally {
        await shared.stop();
    }
});
