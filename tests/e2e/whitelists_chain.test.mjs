// Whitelists on the cluster: a list that names mints is made there, wallets burn for it by what the service composes, and what they burned
// is read back, with its proof.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PublicKey } from '@solana/web3.js';
import { base58 } from './parts/auth_people.mjs';
import { startCluster } from './parts/cluster.mjs';
import { LIMITS, makeGod } from './parts/games.mjs';
import { makeHolder } from './parts/holder.mjs';
import { bytes } from './parts/ledger.mjs';
import { makeNft, supplyOf, TOKEN_2022 } from './parts/nfts.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';
import { connect, makeWallet, readPermit, sendDust, signatureOf, signByKit, signByWeb3 } from './parts/wallets.mjs';
import { isOn, isSigned, rootOfOwners } from './parts/whitelists.mjs';

const PATIENCE_MS = 40000, SLOT_MS = 60;

let cluster, system, god, ann, identity;
before(async () => {
    cluster = await startCluster({ slotMs: SLOT_MS });
    system = await startSystem({ env: { ...LIMITS, ...cluster.env } });
    god = await makeGod(system, 'burn_god');
    ann = await signUp(system, 'burn_ann');
    identity = bytes((await ok(system, 'GET', '/.well-known/conse')).public_key);
});
after(async () => {
    await system?.stop();
    await cluster?.stop();
});

const by = (person) => (method, route, body) => call(system, method, route, { token: person.token, body });
const shown = async (name) => (await ok(system, 'GET', `/whitelists/${name}`)).whitelist;
const ask = (name, mints, account) => by(ann)('POST', `/whitelists/${name}/burns`, { mints, ...(account && { account }) });
const take = async (name, mints) =>
    assert.equal((await by(god)('POST', `/whitelists/${name}/mints`, { mints: mints.map((mint) => ({ mint, points: 3 })) })).status, 200);
const make = async (name) => assert.equal((await by(god)('POST', '/whitelists', { name })).status, 201);
const untilOpen = (name) => eventually(async () => (await shown(name)).address !== '', PATIENCE_MS);
const ownerOf = (name, { address }) => call(system, 'GET', `/whitelists/${name}/owners/${address}`);
const untilEntries = (name, wallet, count) => eventually(async () => (await ownerOf(name, wallet)).body.owner?.entries.length === count, PATIENCE_MS);
const composed = async (name, mints, { address }) => {
    const { status, body } = await ask(name, mints, address);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
};
const send = (signed) => connect(cluster).sendRawTransaction(Buffer.from(signed, 'base64'));
const addressOf = (...seeds) => PublicKey.findProgramAddressSync(seeds, new PublicKey(cluster.programs.whitelist))[0];

test('a list that names mints is made on the cluster, under its name and for the authority', async () => {
    const mint = makeHolder().address;
    await make('spring');
    assert.equal((await shown('spring')).address, '');
    assertProblem(await ask('spring', [mint], makeHolder().address), 422, 'MINT_UNWANTED');
    await take('spring', [mint]);
    await untilOpen('spring');
    const { address } = await shown('spring');
    assert.equal(address, addressOf(Buffer.from('list'), new PublicKey(cluster.authority.address).toBuffer(), Buffer.from('spring')).toBase58());
    const { value } = await cluster.call('getAccountInfo', address, { encoding: 'base64', commitment: 'finalized' });
    assert.equal(value.owner, cluster.programs.whitelist);
    assert.equal(JSON.parse((await consectl(system, '--json', 'whitelist', 'show', 'spring')).stdout).whitelist.address, address);
});

test('a wallet burns, and is on the list for it, with a proof that a second implementation believes', async () => {
    const wallet = await makeWallet(cluster, 1);
    const mints = [await makeNft(cluster, wallet), await makeNft(cluster, wallet, { by: TOKEN_2022 })];
    await make('proven');
    await take('proven', [...mints, makeHolder().address]);
    await untilOpen('proven');
    await eventually(async () => (await ok(system, 'GET', '/whitelists/proven')).root.certificate !== '', PATIENCE_MS);
    const before = (await ok(system, 'GET', '/whitelists/proven')).root;
    const burn = await composed('proven', mints, wallet);
    assert.equal(burn.address, (await shown('proven')).address);
    const { feePayer, instructions, signatures } = readPermit(burn);
    assert.deepEqual([feePayer.toBase58(), signatures.length, instructions.length], [wallet.address, 1, 4]);
    const signed = signByWeb3(wallet, burn);
    await send(signed);
    await untilEntries('proven', wallet, 2);
    const { body: told } = await ownerOf('proven', wallet);
    assert.deepEqual(told.owner.entries.map(({ way, points, signature }) => [way, points, signature]), Array(2).fill(['BURNED', 3, signatureOf(signed)]));
    assert.deepEqual(new Set(told.owner.entries.map(({ mint }) => mint)), new Set(mints));
    assert.equal(told.owner.score, '6');
    assert.ok(isOn(told) && isSigned('proven', told.root, identity));
    assert.ok(BigInt(told.root.version) > BigInt(before.version));
    assert.ok(rootOfOwners([told.owner]).equals(bytes(told.root.root)));
    for (const mint of mints) assert.equal(await supplyOf(cluster, mint), '0');
    assert.equal((await shown('proven')).burned, 2);
    assertProblem(await ask('proven', mints.slice(0, 1), wallet.address), 409, 'MINT_TAKEN');
    const taken = await by(god)('POST', '/whitelists/proven/entries', { entries: [{ wallet: makeHolder().address, mints: mints.slice(0, 1) }] });
    assertProblem(taken, 409, 'MINT_TAKEN');
});

test('what cannot be burned is not composed', async () => {
    const [wallet, other, poor] = [await makeWallet(cluster, 1), await makeWallet(cluster, 1), await makeWallet(cluster, 0)];
    const [held, frozen, poors] = [await makeNft(cluster, wallet), await makeNft(cluster, wallet, { frozen: true }), await makeNft(cluster, poor)];
    const nowhere = makeHolder().address;
    await make('refusing');
    await take('refusing', [held, frozen, poors, nowhere]);
    await untilOpen('refusing');
    const refused = async (mints, account, status, code) => assertProblem(await ask('refusing', mints, account), status, code);
    await refused([held], other.address, 422, 'MINT_NOT_HELD');
    await refused([frozen], wallet.address, 422, 'MINT_NOT_HELD');
    await refused([nowhere], wallet.address, 400, 'INVALID_FIELD');
    await refused([poors], poor.address, 422, 'BURN_REFUSED');
    await refused([held], cluster.authority.address, 422, 'ACCOUNT_FORBIDDEN');
    await refused([held], (await shown('refusing')).address, 422, 'ACCOUNT_FORBIDDEN');
    await refused([held], undefined, 409, 'WALLET_UNLINKED');
    await refused([held, held], wallet.address, 400, 'INVALID_FIELD');
    await refused([], wallet.address, 400, 'INVALID_FIELD');
    await refused(Array.from({ length: 6 }, () => makeHolder().address), wallet.address, 400, 'INVALID_FIELD');
    assertProblem(await ask('none', [held], wallet.address), 404, 'NOT_FOUND');
    assertProblem(await call(system, 'POST', '/whitelists/refusing/burns', { body: { mints: [held] } }), 401, 'TOKEN_INVALID');
    assert.equal((await composed('refusing', [held], wallet)).account, wallet.address);
});

test('what was burned while the service was away counts; who only named the record has no part in it', async () => {
    const [wallet, stranger] = [await makeWallet(cluster, 1), await makeWallet(cluster, 1)];
    const mint = await makeNft(cluster, wallet);
    await make('away');
    await take('away', [mint]);
    await untilOpen('away');
    const list = new PublicKey((await shown('away')).address);
    const record = addressOf(Buffer.from('burned'), list.toBuffer(), new PublicKey(mint).toBuffer()).toBase58();
    const burn = await composed('away', [mint], wallet), signed = await signByKit(wallet, burn);
    await system.killAll('chain');
    await sendDust(cluster, stranger, stranger.address, 1000, record);
    assert.equal(base58(Buffer.from(signed, 'base64').subarray(1, 65)), await send(signed));
    await eventually(async () => await supplyOf(cluster, mint) === '0', PATIENCE_MS);
    await sendDust(cluster, stranger, stranger.address, 1001, record);
    await system.startAll('chain');
    await untilEntries('away', wallet, 1);
    assert.equal((await ownerOf('away', wallet)).body.owner.entries[0].signature, signatureOf(signed));
});

test('a node that does not answer is said so, and nothing is lost by it', async () => {
    const wallet = await makeWallet(cluster, 1), mint = await makeNft(cluster, wallet);
    await make('silent');
    await take('silent', [mint]);
    await untilOpen('silent');
    const burn = await composed('silent', [mint], wallet);
    await cluster.fault('getMultipleAccounts', { times: 100_000, code: -32005, message: 'Node is behind' });
    const reply = await ask('silent', [mint], wallet.address);
    assertProblem(reply, 503, 'CLUSTER_AWAY');
    await send(signByWeb3(wallet, burn));
    await eventually(async () => await supplyOf(cluster, mint) === '0', PATIENCE_MS);
    assert.equal((await shown('silent')).burned, 0);
    await cluster.fault('getMultipleAccounts', null);
    await untilEntries('silent', wallet, 1);
});
