// Auth's files, so with the embedded store in every mode: keys in a folder, a store that consectl opens, a backup of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify, decodeProtectedHeader } from 'jose';
import { LIMITS, makeDeck, makeGod, openEvent, seatAll } from './parts/games.mjs';
import { call, changeMe, consectl, eventually, logIn, ok, PASSWORD, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system;
before(async () => {
    system = await startSystem({ env: LIMITS, replicas: 0 });
    await signUp(system, 'mira');
});
after(() => system?.stop());

test('an operator changes the signing key: tokens go on, and with a stolen key they end', async () => {
    const user = await signUp(system, 'rotated');
    const remembered = createRemoteJWKSet(new URL(`${system.url}/.well-known/jwks.json`), { cooldownDuration: 3600000 });
    const verify = (token) => jwtVerify(token, remembered, { issuer: 'conse' });
    const kid = (token) => decodeProtectedHeader(token).kid;
    await verify(user.token);

    // As services/auth/README.md says. A verifier that remembers the published keys need not ask for them again.
    const folder = path.join(system.env.CONSE_DATA, 'keys');
    const span = Math.floor(Date.now() / (30 * 86400000));
    const file = (n) => path.join(folder, `token-${n}.key`);
    fs.renameSync(file(span), file(span - 1));
    fs.renameSync(file(span + 1), file(span));
    system.children.auth.kill('SIGHUP');
    let next;
    await eventually(async () => kid((next = await logIn(system, 'rotated')).token) !== kid(user.token), 2000);
    for (const token of [user.token, next.token]) {
        await verify(token);
        assert.equal((await call(system, 'GET', '/auth/me', { token })).status, 200);
    }

    for (const name of fs.readdirSync(folder).filter((n) => n.startsWith('token-'))) fs.unlinkSync(path.join(folder, name));
    system.children.auth.kill('SIGHUP');
    let fresh;
    await eventually(async () => kid((fresh = await logIn(system, 'rotated')).token) !== kid(next.token), 2000);
    await eventually(async () => (await call(system, 'GET', '/auth/me', { token: fresh.token })).status === 200, 2000);
    for (const token of [user.token, next.token]) assert.equal((await call(system, 'GET', '/auth/me', { token })).status, 401);
    assert.equal((await call(system, 'POST', '/auth/refresh', { body: { refresh_token: user.refresh } })).status, 200);
});

test('consectl works on the files when the service is down, and says when they are held', async () => {
    assert.equal((await consectl(system, 'dump', 'auth')).code, 4);
    await system.kill('auth');
    assert.equal((await consectl(system, 'user', 'level', 'mira', 'god')).code, 0);
    assert.equal((await consectl(system, 'user', 'level', 'nobody', 'god')).code, 3);
    assert.equal((await consectl(system, 'user', 'level', 'mira', 'king')).code, 2);
    const dump = await consectl(system, 'dump', 'auth');
    const rows = dump.stdout.trim().split('\n').slice(1, -1).map((line) => JSON.parse(line)); // between its header and its sum
    assert.ok(rows.length > 0 && rows.every((row) => row.bytes));
    await system.restart('auth');
    await eventually(async () => (await call(system, 'GET', '/.well-known/jwks.json')).status === 200, 2000);
    assert.equal((await logIn(system, 'mira')).user.level, 'GOD'); // 503 until the gateway has found it again
});

test('a backup made while people sign up opens as a store of its own, with the keys', async () => {
    const signups = Promise.all(Array.from({ length: 10 }, (_, i) => signUp(system, `backup-${i}`)));
    const file = `${system.dir}/backup/auth.db`;
    fs.mkdirSync(`${system.dir}/backup`);
    assert.equal((await consectl(system, 'backup', 'auth', file)).code, 0);
    await signups;
    const without = await consectl(system, '--data', `${system.dir}/backup`, 'user', 'list', 'mira');
    assert.match(without.stderr, /backup\/keys\/(identity|refresh)\.key is lost/);
    fs.cpSync(path.join(system.env.CONSE_DATA, 'keys'), `${system.dir}/backup/keys`, { recursive: true });
    const list = await consectl(system, '--data', `${system.dir}/backup`, 'user', 'list', 'mira');
    assert.match(list.stdout, /god +mira/);
});

test('a key that others may read, or that is cut, stops the start and is named', async () => {
    for (const [name, spoil] of [['refresh.key', (file) => fs.chmodSync(file, 0o644)], [/^token-.*key$/, (file) => fs.truncateSync(file, 16)]]) {
        await system.kill('auth');
        const file = path.join(system.env.CONSE_DATA, 'keys', fs.readdirSync(path.join(system.env.CONSE_DATA, 'keys')).find((n) => n.match(name)));
        const before = { mode: fs.statSync(file).mode & 0o777, bytes: fs.readFileSync(file) };
        spoil(file);
        await assert.rejects(system.start('auth'), (error) => error.message.includes(file));
        fs.writeFileSync(file, before.bytes);
        fs.chmodSync(file, before.mode);
        await system.start('auth');
    }
    await logIn(system, 'mira');
});

// A folder and all that is in it; the recursive readdir of older node takes sockets for folders.
function allFiles(file) {
    if (!fs.lstatSync(file).isDirectory()) return [file];
    return [file, ...fs.readdirSync(file).flatMap((name) => allFiles(path.join(file, name)))];
}

test('what is stored is the owner\'s alone, and has no secret in clear', async () => {
    const lena = await signUp(system, 'lena');
    fs.mkdirSync(path.join(system.dir, 'copy'), { mode: 0o700 });
    assert.equal((await consectl(system, 'backup', 'auth', path.join(system.dir, 'copy/auth.db'))).code, 0);
    const loose = [];
    for (const root of [system.env.CONSE_DATA, path.join(system.dir, 'copy')]) {
        loose.push(...allFiles(root).filter((file) => fs.lstatSync(file).mode & 0o077));
    }
    assert.deepEqual(loose, []);
    const database = ['auth.db', 'auth.db-wal'].map((name) => fs.readFileSync(path.join(system.env.CONSE_DATA, name)).toString('latin1')).join('');
    assert.ok(database.includes('lena'));
    for (const secret of [PASSWORD, lena.refresh, lena.refresh.split('.')[2], lena.token]) assert.ok(!database.includes(secret));
});

test('auth restored from a backup tells its names anew', async () => {
    const god = await makeGod(system, 'names_god'), h = await signUp(system, 'hanna');
    const event = await openEvent(system, god, await makeDeck(system, god));
    await seatAll(system, event, [h]);
    const untilShown = (name) => eventually(async () => (await ok(system, 'GET', `/events/${event.id}`)).event.players[0].username === name, 5000);
    await untilShown('hanna');
    const file = `${system.dir}/auth-backup.db`;
    assert.equal((await consectl(system, 'backup', 'auth', file)).code, 0);
    assert.equal((await changeMe(system, h.token, { username: 'johanna' })).status, 200);
    await untilShown('johanna');
    await system.kill('auth');
    for (const end of ['', '-wal', '-shm']) fs.rmSync(`${system.env.CONSE_DATA}/auth.db${end}`, { force: true });
    fs.copyFileSync(file, `${system.env.CONSE_DATA}/auth.db`);
    await system.start('auth');
    await untilShown('hanna');
});
