// A release is what was built and signed, and nothing else passes for one.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSystem } from '../e2e/parts/system.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'), BIN = process.env.CONSE_BIN;
const PROGRAMS = ['conse-gateway', 'conse-auth', 'consectl'];
const run = (command, ...words) => execFileSync(command, words, { encoding: 'utf8', cwd: ROOT });
let folder, release, keys, commit, version;

function makeKeys(name) {
    const secret = path.join(folder, `${name}.pem`), known = path.join(folder, `${name}.pub`);
    run('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', secret);
    run('openssl', 'pkey', '-in', secret, '-pubout', '-out', known);
    return { secret, known };
}
const pack = (place, key) => execFileSync(path.join(ROOT, 'tools/release/pack.sh'), [place, commit, version], { env: { ...process.env, KEY: key }, encoding: 'utf8' });

before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-release-'));
    keys = makeKeys('ours');
    release = path.join(folder, 'release');
    fs.mkdirSync(release);
    for (const name of PROGRAMS) fs.copyFileSync(path.join(BIN, name), path.join(release, name));
    [, version, commit] = /^consectl (\S+) \((\w+)\)/.exec(run(path.join(BIN, 'consectl'), '--version'));
    pack(release, keys.secret);
});
after(() => fs.rmSync(folder, { recursive: true }));

const verify = (...words) => spawnSync(path.join(BIN, 'consectl'), ['verify-release', ...words], { encoding: 'utf8', cwd: folder });
function refused(why, ...words) {
    const { status, stderr } = verify(...words);
    assert.notEqual(status, 0, String(why));
    assert.match(stderr, why);
}
// A copy of the release to spoil.
function copy(spoil) {
    const place = fs.mkdtempSync(path.join(folder, 'copy-'));
    fs.cpSync(release, place, { recursive: true });
    spoil(place);
    return place;
}
const change = (name, from, to) => (place) => {
    const file = path.join(place, name), text = fs.readFileSync(file, 'latin1');
    assert.ok(text.includes(from));
    fs.writeFileSync(file, text.replace(from, to), 'latin1');
};
function flip(place, name, at) {
    const file = path.join(place, name), bytes = fs.readFileSync(file);
    bytes[Math.floor(at * (bytes.length - 1))] ^= 1;
    fs.writeFileSync(file, bytes);
}

test('a signed release is good', () => {
    const { status, stdout, stderr } = verify(release, keys.known);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`^signature good\ncommit   ${commit}\nfiles    4, as they were signed\n$`));
});

test('a changed, missing or added file, another signature and another key are found', () => {
    for (const name of [...PROGRAMS, 'sbom.json'])
        for (const at of [0, 0.5, 1]) refused(new RegExp(`${name}: is not the file that was signed`), copy((place) => flip(place, name, at)), keys.known);
    for (const name of ['SHA256SUMS', 'SHA256SUMS.sig'])
        for (const at of [0, 0.5, 1]) refused(/the signature is wrong/, copy((place) => flip(place, name, at)), keys.known);
    for (const name of [...PROGRAMS, 'sbom.json', 'SHA256SUMS', 'SHA256SUMS.sig']) refused(new RegExp(name), copy((place) => fs.rmSync(path.join(place, name))), keys.known);
    refused(/conse-evil: is in no line of SHA256SUMS/, copy((place) => fs.writeFileSync(path.join(place, 'conse-evil'), '')), keys.known);
    refused(/the signature is wrong/, release, makeKeys('others').known);
    refused(/is not a public key of Ed25519/, release, keys.secret);
    refused(/cannot be opened/, release, path.join(folder, 'none'));
});

test('what is signed has to be a release: one whose parts fit each other', () => {
    const signedAgain = (spoil) => copy((place) => {
        spoil(place);
        const sums = run('bash', '-c', `cd ${place} && rm SHA256SUMS* && sha256sum -- *`);
        fs.writeFileSync(path.join(place, 'SHA256SUMS'), sums);
        run('openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', keys.secret, '-in', path.join(place, 'SHA256SUMS'), '-out', path.join(place, 'SHA256SUMS.sig'));
    });
    refused(/sbom.json: has another conse-auth than the one here/, signedAgain((place) => flip(place, 'conse-auth', 0.5)), keys.known);
    refused(/sbom.json: does not have conse-more/, signedAgain((place) => fs.writeFileSync(path.join(place, 'conse-more'), '')), keys.known);
    refused(/sbom.json: is not one of a release/, signedAgain(change('sbom.json', 'conse:commit', 'conse:commot')), keys.known);
});

test('the list of parts has exactly what ldd and dpkg say', () => {
    const sbom = JSON.parse(fs.readFileSync(path.join(release, 'sbom.json')));
    assert.deepEqual([sbom.bomFormat, sbom.specVersion, sbom.metadata.component.version], ['CycloneDX', '1.5', version]);
    const names = (type) => sbom.components.filter((each) => each.type === type).map((each) => each.name).sort();
    assert.deepEqual(names('application'), [...PROGRAMS].sort());
    const loaded = PROGRAMS.flatMap((name) => [...run('ldd', path.join(release, name)).matchAll(/(?:=> )?(\/\S+) \(/g)].map(([, file]) => fs.realpathSync(file)));
    const dlopened = fs.realpathSync(run('bash', '-c', 'echo /usr/lib/*/libmongoc-1.0.so.0').trim());
    const owner = (file) => [file, file.replace(/^\/usr/, '')].map((each) => spawnSync('dpkg', ['-S', each], { encoding: 'utf8' }).stdout).find(Boolean).split(':')[0];
    const wanted = new Set([...[...new Set([...loaded, dlopened])].map(owner), 'ca-certificates', 'tzdata']);
    assert.deepEqual(names('library'), [...wanted].sort());
    for (const { name, version: has, purl } of sbom.components.filter((each) => each.type === 'library')) {
        assert.equal(has, /^Version: (.*)$/m.exec(run('dpkg', '-s', name))[1], name);
        assert.ok(purl.startsWith(`pkg:deb/debian/${name}@${encodeURIComponent(has)}`), purl);
    }
});

test('a server is asked whether it runs the release', async (t) => {
    const system = await startSystem({ services: ['auth', 'gateway'], replicas: 0, programs: { auth: release, gateway: release } });
    t.after(() => system.stop());
    const { status, stdout, stderr } = verify(release, keys.known, system.url);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /the server runs it\n$/);
    const other = copy((place) => fs.rmSync(path.join(place, 'SHA256SUMS')));
    flip(other, 'conse-auth', 0.99);
    for (const name of ['sbom.json', 'SHA256SUMS.sig']) fs.rmSync(path.join(other, name));
    pack(other, keys.secret);
    assert.equal(verify(other, keys.known).status, 0);
    refused(/the server's conse-auth is not the one of the release/, other, keys.known, system.url);
    refused(/the server runs commit/, copy((place) => {
        for (const name of ['sbom.json', 'SHA256SUMS', 'SHA256SUMS.sig']) fs.rmSync(path.join(place, name));
        execFileSync(path.join(ROOT, 'tools/release/pack.sh'), [place, '0'.repeat(40), version], { env: { ...process.env, KEY: keys.secret } });
    }), keys.known, system.url);
});

test('the same sources give the same bytes in another folder', () => {
    const goals = ['build/obj/lib/base/log.o', 'build/obj/lib/base/arena.o', 'build/gen/commit.o'];
    const { status, stderr } = spawnSync(path.join(ROOT, 'tools/release/build.sh'), ['HEAD', path.join(folder, 'none'), ...goals], { encoding: 'utf8', cwd: ROOT });
    assert.equal(status, 0, stderr);
});
