// Whitelists: who fills them, who reads them, and that a second implementation of docs/whitelists.md believes what is proven.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS, makeGod } from './parts/games.mjs';
import { makeHolder } from './parts/holder.mjs';
import { bytes } from './parts/ledger.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { isOn, isSigned, rootOfOwners } from './parts/whitelists.mjs';

const PATIENCE_MS = 10000;
const key = () => makeHolder().address;

let system, god, other, ann, identity;
before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'list_god');
    other = await makeGod(system, 'other_god');
    ann = await signUp(system, 'list_ann');
    identity = bytes((await ok(system, 'GET', '/.well-known/conse')).public_key);
});
after(() => system?.stop());

const by = (person) => (method, route, body) => call(system, method, route, { token: person.token, body });
const make = async (name, person = god) => assert.equal((await by(person)('POST', '/whitelists', { name })).status, 201);
const approve = (name, entries, person = god) => by(person)('POST', `/whitelists/${name}/entries`, { entries });
const listOf = (name) => ok(system, 'GET', `/whitelists/${name}`);
const ownerOf = (name, wallet) => ok(system, 'GET', `/whitelists/${name}/owners/${wallet}`);
const allOwners = async (name) => {
    const owners = [];
    for (let token = ''; ; ) {
        const page = await ok(system, 'GET', `/whitelists/${name}/owners?page_size=3${token && `&page_token=${token}`}`);
        owners.push(...page.owners);
        token = page.next_page_token;
        if (!token) return owners;
    }
};
const untilCertified = (name) => eventually(async () => (await listOf(name)).root.certificate !== '', PATIENCE_MS);

test('gods make lists and fill their own', async () => {
    const [wallet, mint] = [key(), key()];
    await make('spring');
    assertProblem(await by(god)('POST', '/whitelists', { name: 'spring' }), 409, 'WHITELIST_TAKEN');
    assertProblem(await by(ann)('POST', '/whitelists', { name: 'mine' }), 403, 'LEVEL_TOO_LOW');
    assertProblem(await by(god)('POST', '/whitelists', { name: 'Spring!' }), 400, 'INVALID_FIELD');
    assertProblem(await approve('spring', [{ wallet, mints: [mint] }], other), 403, 'NOT_OWNER');
    assertProblem(await approve('none', [{ wallet, mints: [mint] }]), 404, 'NOT_FOUND');
    const { status, body } = await approve('spring', [{ wallet, mints: [mint] }]);
    assert.equal(status, 200);
    assert.equal(body.added, 1);
    assertProblem(await approve('spring', [{ wallet: key(), mints: [mint] }]), 409, 'MINT_TAKEN');
    const { whitelists } = await ok(system, 'GET', '/whitelists');
    assert.ok(whitelists.some(({ name, god_id }) => name === 'spring' && god_id === god.id));
});

test('a list takes the mints that it names, for their points', async () => {
    const [wallet, dear, cheap] = [key(), key(), key()];
    await make('named');
    assert.equal((await by(god)('POST', '/whitelists/named/mints', { mints: [{ mint: dear, points: 5 }, { mint: cheap }] })).status, 200);
    assertProblem(await approve('named', [{ wallet, mints: [key()] }]), 422, 'MINT_UNWANTED');
    assert.equal((await approve('named', [{ wallet, mints: [dear, cheap] }])).status, 200);
    assert.equal((await ownerOf('named', wallet)).owner.score, '6');
    assert.deepEqual(new Set((await ok(system, 'GET', '/whitelists/named/mints')).mints.map(({ mint }) => mint)), new Set([dear, cheap]));
});

test('every wallet is proven under a signed root, and the root has nothing else', async () => {
    const people = Array.from({ length: 7 }, () => ({ wallet: key(), mints: [key(), key()] }));
    await make('proven');
    await untilCertified('proven');
    for (let count = 0; count <= people.length; count++) {
        if (count) assert.equal((await approve('proven', [people[count - 1]])).status, 200);
        const { root } = await listOf('proven');
        assert.ok(isSigned('proven', root, identity));
        assert.equal(root.owners, count);
        const owners = await allOwners('proven');
        assert.ok(rootOfOwners(owners).equals(bytes(root.root)));
        for (const { wallet } of owners) assert.ok(isOn(await ownerOf('proven', wallet)));
    }
    const { root } = await listOf('proven'), proof = await ownerOf('proven', people[0].wallet);
    assert.ok(!isSigned('spring', root, identity));
    assert.ok(!isSigned('proven', { ...root, owners: 8 }, identity));
    assert.ok(!isSigned('proven', root, randomBytes(32)));
    const lies = [
        (told) => { told.owner.entries.pop(); },
        (told) => { told.owner.entries[0].mint = key(); },
        (told) => { told.owner.entries[0].points = 2; },
        (told) => { told.owner.wallet = key(); },
        (told) => { told.place = (told.place + 1) % 7; },
        (told) => { told.siblings.pop(); },
    ];
    for (const lie of lies) {
        const told = structuredClone(proof);
        lie(told);
        assert.ok(!isOn(told), String(lie));
    }
    assertProblem(await call(system, 'GET', `/whitelists/proven/owners/${key()}`), 404, 'NOT_FOUND');
});

test('an operator fills a list from a file, as often as they like', async () => {
    const file = path.join(system.dir, 'list.txt'), wallets = Array.from({ length: 130 }, key), mints = Array.from({ length: 260 }, key);
    const entries = wallets.map((wallet, i) => `entry ${wallet} ${mints[2 * i]} ${mints[2 * i + 1]}`);
    fs.writeFileSync(file, ['# the roles of winter', ...mints.map((mint) => `mint ${mint} 3`), '', ...entries].join('\n'));
    assert.equal((await consectl(system, 'whitelist', 'make', 'winter')).code, 0);
    const seed = async () => JSON.parse((await consectl(system, '--json', 'whitelist', 'seed', 'winter', file)).stdout);
    assert.deepEqual(await seed(), { mints: 260, added: 260 });
    assert.deepEqual(await seed(), { mints: 260, added: 0 });
    await untilCertified('winter');
    assert.ok(isSigned('winter', (await listOf('winter')).root, identity));
    assert.equal((await ownerOf('winter', wallets[129])).owner.score, '6');
    assertProblem(await approve('winter', [{ wallet: wallets[0], mints: [mints[2]] }]), 403, 'NOT_OWNER');
});

test('a file that cannot be done is not done at all', async () => {
    const file = path.join(system.dir, 'wrong.txt'), good = Array.from({ length: 250 }, () => `entry ${key()} ${key()}`);
    const [mint, wallet] = [key(), key()];
    const wrong = [
        ['mint none', /line 251 /],
        [`entry ${wallet}`, /line 251 /],
        [`entry ${wallet} ${good[7].split(' ')[2]}`, /line 251 has a mint of line 8, for another wallet/],
        [`mint ${mint}\nmint ${mint} 2`, /line 252 has a mint of line 251/],
        [`mint ${mint}\0 2`, /line 251 /],
        [Buffer.concat([Buffer.from('entry '), randomBytes(1000)]), /line 251 /],
    ];
    assert.equal((await consectl(system, 'whitelist', 'make', 'wrong')).code, 0);
    for (const [line, says] of wrong) {
        fs.writeFileSync(file, Buffer.concat([Buffer.from(`${good.join('\n')}\n`), Buffer.from(line)]));
        const { code, stderr } = await consectl(system, 'whitelist', 'seed', 'wrong', file);
        assert.equal(code, 1);
        assert.match(stderr, says);
    }
    for (const none of ['/dev/zero', system.dir, path.join(system.dir, 'none.txt')])
        assert.notEqual((await consectl(system, 'whitelist', 'seed', 'wrong', none)).code, 0);
    assert.equal((await listOf('wrong')).root.entries, 0);
});

test('a proof of before, or of a list with another name, proves nothing now', async () => {
    const people = Array.from({ length: 6 }, () => ({ wallet: key(), mints: [key()] }));
    await make('aged');
    await make('twin');
    await untilCertified('aged');
    for (const name of ['aged', 'twin']) assert.equal((await approve(name, people.slice(0, 5))).status, 200);
    const before = await ownerOf('aged', people[0].wallet), twin = await ownerOf('twin', people[0].wallet);
    assert.equal((await approve('aged', people.slice(5))).status, 200);
    const now = await ownerOf('aged', people[0].wallet);
    assert.ok([before, now].every((told) => isOn(told) && isSigned('aged', told.root, identity)));
    assert.ok(BigInt(before.root.version) < BigInt(now.root.version));
    assert.ok(!isOn({ ...before, root: now.root }));
    assert.ok(!isOn({ ...now, root: before.root }));
    assert.ok(!isSigned('aged', twin.root, identity));
    assert.ok(!isSigned('aged', { ...now.root, version: before.root.version }, identity));
    assert.ok(!isSigned('aged', { ...now.root, root: before.root.root }, identity));
    for (const { wallet } of people.slice(1)) assert.ok(!isOn({ ...now, owner: { ...now.owner, wallet } }));
});

test('two who give one mint to two wallets are told so, and a kill loses nothing', async () => {
    const mint = key(), wallets = Array.from({ length: 6 }, key);
    await make('raced');
    const answers = await Promise.all(wallets.map((wallet) => approve('raced', [{ wallet, mints: [mint] }])));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409, 409, 409, 409, 409]);
    const before = await listOf('raced');
    assert.equal(before.root.entries, 1);
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/whitelists/raced')).status === 200, PATIENCE_MS);
    await untilCertified('raced');
    assert.deepEqual(await listOf('raced'), before);
});
