// Keys that money hangs on: their files are their owner's alone, nothing else has them, and who took a store without them pays nobody with it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { base58 } from './parts/auth_people.mjs';
import { startBetween } from './parts/between.mjs';
import { as, LIMITS } from './parts/games.mjs';
import { FEE, openPayable, PATIENCE_MS, payment, seatPaid, startLamports, untilPayment } from './parts/lamports.mjs';
import { consectl, eventually } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { authorityOf, makeWallet, signByWeb3 } from './parts/wallets.mjs';

const SLOT_MS = 100, MASK = 0o077, ALIVE = 160;

let place, cluster, between, system;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, between, system } = place);
});
after(() => place?.stop());

const data = () => system.env.CONSE_DATA;
const allFiles = (folder) => fs.readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
const isKey = (file) => /keys\//.test(path.relative(data(), file));

// Each secret in each form that somebody might write it in.
function secretsOf() {
    const files = allFiles(path.join(data(), 'keys')), own = files.map((file) => [path.basename(file), fs.readFileSync(file)]);
    const authority = Buffer.from(authorityOf(cluster).secretKey), all = [...own, ['authority', authority.subarray(0, 32)], ['authority, whole', authority]];
    const forms = (secret) => [secret, ...['hex', 'base64', 'base64url'].map((form) => Buffer.from(secret.toString(form).replace(/=+$/, ''))), Buffer.from(base58(secret)), Buffer.from([...secret].join(','))];
    return all.filter(([, secret]) => secret.length >= 16 && secret.length <= 64).map(([name, secret]) => ({ name, forms: forms(secret) }));
}

test('files of keys are their owner\'s alone, and no store, log, dump or metric has what is in them', async () => {
    const event = await openPayable(place);
    await seatPaid(place, 'secrets_payer', event, signByWeb3);
    const secrets = secretsOf(), texts = new Map();
    assert.ok(secrets.length >= 4, `${secrets.map(({ name }) => name)}`);
    for (const file of [...allFiles(path.join(data(), 'keys')), cluster.authority.keyFile]) assert.equal(fs.statSync(file).mode & MASK, 0, file);
    for (const name of system.services) {
        texts.set(`log of ${name}`, Buffer.from(system.log(name)));
        texts.set(`metrics of ${name}`, Buffer.from(await (await fetch(`http://127.0.0.1:${system.admin[name]}/metrics`)).text()));
    }
    await system.term('chain');
    const dump = await consectl(system, 'dump', 'chain');
    await system.start('chain');
    texts.set('dump of chain', Buffer.from(dump.stdout));
    for (const file of allFiles(data())) if (!isKey(file)) texts.set(file, fs.readFileSync(file));
    for (const [where, text] of texts)
        for (const { name, forms } of secrets) assert.ok(!forms.some((form) => text.includes(form)), `${name} is in ${where}`);
});

test('who took the stores, and has other keys, pays nobody', async () => {
    const event = await openPayable(place), payer = await seatPaid(place, 'secrets_leaver', event, signByWeb3);
    const had = () => cluster.balance(payer.wallet.address, 'finalized'), before = await had(), known = between.sent.length;
    between.passes = () => false;
    await as(system, payer.person, event)('DELETE', `/reservations/${payer.person.id}`);
    await eventually(() => between.sent.length > known, PATIENCE_MS); // a refund that is stored, and has not landed
    const stolen = path.join(system.dir, 'stolen');
    for (const name of [...system.services].reverse()) await system.term(name);
    fs.mkdirSync(stolen);
    for (const file of fs.readdirSync(data()).filter((name) => /\.db/.test(name))) fs.copyFileSync(path.join(data(), file), path.join(stolen, file));
    await cluster.advance(ALIVE); // what was signed is dead

    const thief = await makeWallet(cluster, 50), keyFile = path.join(stolen, 'thief.json'), spies = await startBetween(cluster.url);
    fs.writeFileSync(keyFile, JSON.stringify([...thief.keypair.secretKey]), { mode: 0o600 });
    const env = { ...LIMITS, ...cluster.env, CONSE_SOLANA_RPC: spies.url, CONSE_SOLANA_KEY_FILE: keyFile, CONSE_DATA: stolen };
    try {
        await assert.rejects(startSystem({ services: ['chain'], env }), /ledger\.key is lost/); // which is not in a store
        for (let i = 0; i < 4; i++) await cluster.advance(ALIVE);
        assert.equal(await had(), before);
        assert.deepEqual(spies.sent, []);
    } finally {
        await spies.stop();
    }
    between.passes = () => true;
    for (const name of system.services) await system.start(name);
    await untilPayment(place, payer.person, payer.reservation, 'REFUNDED');
    assert.equal(payer.had - await had(), FEE);
    assert.equal((await payment(place, payer.person, payer.reservation)).refunds.length, 1);
});
