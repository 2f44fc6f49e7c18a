// A backup of an installation that was played on is restored and looked at; one that is damaged, even with a manifest that fits, is found.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { damage, DAMAGES, rewriteManifest } from './parts/backups.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, signUpAs } from './parts/people.mjs';
import { BIN, EVERY_SERVICE, startSystem } from './parts/system.mjs';

let dir, system, folder, temporary, place, folders = 0;
const fresh = (name) => path.join(dir, `${name}-${folders++}`);

// make test-drill, nightly too, has many.
const EVENINGS = Number(process.env.CONSE_DRILL_EVENINGS ?? 1);

// Evenings to their end, one that is dealt, and one that waits.
async function playSome() {
    const dev = await signUpAs(system, 'dora', 'dev');
    const god = await makeGod(system, 'hera');
    const players = await signUpMany(system, 'player', 4);
    const deck = await makeDeck(system, god, { roles: 4 });
    for (const stage of [...Array(EVENINGS).fill('DONE'), 'DEALT', 'OPEN']) {
        const event = await openEvent(system, god, deck, { max_players: 4 });
        await seatAll(system, event, players);
        if (stage === 'OPEN') continue;
        const g = as(system, god, event);
        await g('POST', '/lock');
        await g('POST', '/reveal', {});
        if (stage !== 'DONE') continue;
        await g('POST', '/phases', { kind: 'DAY' });
        await g('POST', '/finish', { winning_side_ids: [(await g('GET', '')).event.players[0].side_id] });
    }
    await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: players[0].id, amount: 5, memo: 'tea' } })).status === 201, 10000);
}

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-drill-'));
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS, replicas: 0 });
    await playSome();
    folder = fresh('backup');
    const { code, stderr } = await consectl(system, 'backup', 'all', folder);
    assert.equal(code, 0, stderr);
    temporary = fresh('t');
    fs.mkdirSync(temporary);
    place = { ...system, env: { ...system.env, TMPDIR: temporary } };
});
after(async () => {
    await system?.stop();
    fs.rmSync(dir, { recursive: true, force: true });
});

// Nothing of a drill is left: no folder, and no process that runs in it.
function assertCleared() {
    assert.deepEqual(fs.readdirSync(temporary), []);
    const running = fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
        try {
            return fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(temporary);
        } catch {
            return false; // it has ended, or is another's
        }
    });
    assert.deepEqual(running, []);
}

async function found(copy, why, of = place) {
    const metrics = fresh('metrics');
    const { code, stdout, stderr } = await consectl(of, 'drill', copy, metrics);
    assert.notEqual(code, 0, stdout);
    assert.match(stderr, why);
    assert.ok(!fs.existsSync(metrics), 'what is not good is not told as verified');
    assertCleared();
}

function copyOf() {
    const copy = fresh('copy');
    fs.cpSync(folder, copy, { recursive: true });
    return copy;
}

test('a good backup is restored, and what was played and moved holds', async () => {
    const metrics = fresh('metrics');
    fs.writeFileSync(metrics, 'older');
    const { code, stdout, stderr } = await consectl(place, 'drill', folder, metrics);
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0], /^files +4, as the manifest has them$/);
    for (const service of ['auth', 'events', 'chain', 'ai']) assert.match(stdout, new RegExp(`^restored +${service}: \\d+ entries of \\d+ streams, as`, 'm'));
    assert.match(stdout, new RegExp(`^events +${EVENINGS + 2}, \\d+ entries: the hash chains hold$`, 'm'));
    assert.match(stdout, new RegExp(`^deals +${EVENINGS} are open: all as promised$`, 'm'));
    assert.match(stdout, /^ledger +\d+ blocks: it is right$/m);
    assert.match(lines.at(-1), /^good +the backup of \d{4}-\S+ was restored in [\d.]+ s and verified in [\d.]+ s$/);
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json')));
    const told = Object.fromEntries(fs.readFileSync(metrics, 'utf8').trim().split('\n').filter((line) => !line.startsWith('#')).map((line) => line.split(' ')));
    assert.deepEqual(Object.keys(told), ['conse_backup_last_verified_seconds', 'conse_backup_restore_seconds']);
    assert.equal(Number(told.conse_backup_last_verified_seconds), manifest.moment_ms / 1000);
    assert.ok(Number(told.conse_backup_restore_seconds) > 0);
    assert.equal(fs.statSync(metrics).mode & 0o777, 0o644);
    assertCleared();
    const json = JSON.parse((await consectl(place, '--json', 'drill', folder)).stdout);
    assert.deepEqual([json.events, json.deals], [EVENINGS + 2, EVENINGS]);
});

test('the installation goes on as it was', async () => {
    assert.equal((await call(system, 'GET', '/events')).status, 200);
    assert.equal((await consectl(system, 'ledger', 'verify')).code, 0);
});

test('each file that is damaged in any way is found', async () => {
    for (const file of fs.readdirSync(folder))
        for (const how of DAMAGES) {
            const copy = copyOf();
            damage(path.join(copy, file), how);
            await found(copy, new RegExp(file.replace('.', '\\.')));
        }
});

// As if it had been damaged before the manifest was made.
test('damage that the manifest has is found by what is in the stores', async () => {
    for (const service of ['auth', 'events', 'chain', 'ai']) {
        const copy = copyOf(), file = path.join(copy, `${service}.db`), bytes = fs.readFileSync(file);
        bytes.fill(0x5a, bytes.length >> 2, bytes.length - (bytes.length >> 2));
        fs.writeFileSync(file, bytes);
        await found(rewriteManifest(copy), /./);
    }
    await found(rewriteManifest(copyOf(), (m) => (m.parts.find(({ service }) => service === 'auth').counts.rows.accounts += 1)), /auth has \d+ rows of accounts, the manifest says \d+/);
    await found(rewriteManifest(copyOf(), (m) => (m.parts.find(({ service }) => service === 'chain').counts.entries -= 1)), /chain has \d+ entries, the manifest says \d+/);
    await found(rewriteManifest(copyOf(), (m) => (m.parts.find(({ service }) => service === 'ai').counts.rows.ghosts = 3)), /ai has 0 rows of ghosts, the manifest says 3/);
});

test('without the keys it is found, too', async () => {
    const data = fresh('data');
    fs.mkdirSync(data);
    await found(folder, /deal|key|conse-/, { ...place, env: { ...place.env, CONSE_DATA: data } });
});

test('without the programs, or a backup, it says so', async () => {
    const bin = fresh('bin');
    fs.mkdirSync(bin);
    fs.copyFileSync(path.join(BIN, 'consectl'), path.join(bin, 'consectl'));
    fs.chmodSync(path.join(bin, 'consectl'), 0o755);
    await found(folder, /conse-auth does not start .*No such file/, { ...place, bin });
    await found(fresh('nothing'), /has no manifest/);
    const { code, stderr } = await consectl(place, 'drill', folder, path.join(dir, 'nowhere', 'metrics'));
    assert.equal(code, 1);
    assert.match(stderr, /nowhere/);
    assertCleared();
});
