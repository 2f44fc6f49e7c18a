// Role cards go to the cluster and come home: the linked wallet signs and sends what was composed for it, and has a token of a mint that nobody can make again.
// The card is with its user, or there, never both, whatever is late, forked, killed or restored.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { PublicKey } from '@solana/web3.js';
import { makeHolder } from './parts/holder.mjs';
import { PATIENCE_MS, startLamports } from './parts/lamports.mjs';
import { supplyOf, TOKEN_2022, tokenAccountOf } from './parts/nfts.mjs';
import { assertProblem, call, consectl, eventually, ok, PASSWORD, signUp } from './parts/people.mjs';
import { REPLICAS } from './parts/system.mjs';
import { connect, holderOf, linkWallet, makeWallet, readPermit, sendDust, signatureOf, signByKit, signByWeb3 } from './parts/wallets.mjs';

const SLOT_MS = 100, ROLE = '01890000-0000-7000-8000-0000000000aa', EVENT = '01890000-0000-7000-8000-0000000000bb';
const METADATA_POINTER = 18, METADATA = 19, EXTENSIONS_AT = 166, VALID_BLOCKS = 150;

let place, cluster, between, system;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, between, system } = place);
});
afterEach(() => {
    between.passes = () => true;
    between.speak();
});
after(() => place?.stop());

const burn = ({ token }, mints, account) => call(system, 'POST', '/market/cards/burns', { token, body: { mints, ...(account && { account }) } });
const cards = async ({ token }) => (await ok(system, 'GET', `/market/cards?role_id=${ROLE}`, { token })).cards ?? [];
const mint = ({ token }, card, body = {}) => call(system, 'POST', `/market/cards/${card.transaction_id}/mint`, { token, body });
const read = ({ token }, card) => call(system, 'GET', `/market/cards/${card.transaction_id}/mint`, { token });
const until = (person, card, state) => eventually(async () => (await read(person, card)).body.state === state, PATIENCE_MS);
const send = (signed) => connect(cluster).sendRawTransaction(Buffer.from(signed, 'base64'), { skipPreflight: true });
const slot = () => cluster.call('getSlot', { commitment: 'processed' });
const landedAt = async (signed) => (await cluster.call('getSignatureStatuses', [signatureOf(signed)])).value[0]?.slot;
const accountOf = async (address) => (await cluster.call('getAccountInfo', address, { encoding: 'base64', commitment: 'finalized' })).value;

const link = (person, wallet) => linkWallet(system, person, holderOf(wallet));

// Somebody with a card and a linked wallet.
async function join(name, sol = 1) {
    const person = await signUp(system, name), wallet = await makeWallet(cluster, sol);
    await eventually(async () => (await consectl(system, 'card', 'make', person.id, ROLE, EVENT)).code === 0, PATIENCE_MS);
    await link(person, wallet);
    const [card] = await cards(person);
    return Object.assign(person, { wallet, card });
}

async function begin(person) {
    let reply;
    await eventually(async () => (reply = await mint(person, person.card)).status !== 503, PATIENCE_MS);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
    return reply.body;
}

// Extensions of a mint, by their number.
function extensionsOf(data) {
    const found = new Map();
    for (let at = EXTENSIONS_AT; at + 4 <= data.length && data.readUInt16LE(at); at += 4 + data.readUInt16LE(at + 2))
        found.set(data.readUInt16LE(at), data.subarray(at + 4, at + 4 + data.readUInt16LE(at + 2)));
    return found;
}

test('the wallet gets the one token of a mint that says what it is, and nobody makes another', async () => {
    const person = await join('mint_ann');
    const { mint: made, transaction, wallet, last_valid_height: last } = await begin(person);
    assert.deepEqual([made.state, made.role_id, made.number, made.mints, wallet], ['SENT', ROLE, person.card.number, 1, person.wallet.address]);
    assert.ok(Number(last) > 0);
    const { feePayer, signatures, instructions } = readPermit({ transaction });
    assert.deepEqual([feePayer.toBase58(), signatures.length], [person.wallet.address, 2]);
    const authority = instructions.flatMap(({ keys }) => keys).filter(({ pubkey }) => pubkey.toBase58() === cluster.authority.address);
    assert.ok(authority.length === 2 && authority.every(({ isSigner, isWritable }) => isSigner && !isWritable));
    assert.deepEqual(await cards(person), []);
    await send(signByWeb3(person.wallet, { transaction }));
    await until(person, person.card, 'THERE');
    const account = await accountOf(made.address), data = Buffer.from(account.data[0], 'base64'), extensions = extensionsOf(data);
    assert.deepEqual([account.owner, data.readUInt32LE(0), data.readUInt32LE(46)], [TOKEN_2022.toBase58(), 0, 0]); // nobody mints or freezes
    assert.equal(await supplyOf(cluster, made.address), '1');
    assert.deepEqual([...extensions.keys()].sort(), [METADATA_POINTER, METADATA]);
    const text = extensions.get(METADATA);
    assert.ok(text.subarray(0, 32).equals(Buffer.alloc(32)) && text.includes(`conse:card:${ROLE}:${person.card.number}`)); // nobody changes it
    const token = Buffer.from((await accountOf(tokenAccountOf(person.wallet.publicKey, new PublicKey(made.address), TOKEN_2022).toBase58())).data[0], 'base64');
    assert.equal(token.readBigUInt64LE(64), 1n);
    assertProblem(await mint(person, person.card), 409, 'CARD_AWAY');
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await read(person, person.card)).status === 200, PATIENCE_MS);
    assert.equal((await read(person, person.card)).body.state, 'THERE');
});

test('what is not sent comes home when it can land no more, and goes to the same address then', async () => {
    const person = await join('mint_bob'), first = await begin(person);
    assertProblem(await mint(person, person.card), 409, 'MINT_IN_FLIGHT');
    await sendDust(cluster, await makeWallet(cluster), first.mint.address, 5_000_000); // a stranger's
    await cluster.advance(VALID_BLOCKS + 40);
    await until(person, person.card, 'DEAD');
    assert.equal((await cards(person)).length, 1);
    await assert.rejects(connect(cluster).sendRawTransaction(Buffer.from(signByWeb3(person.wallet, first), 'base64')));
    const second = await begin(person);
    assert.equal(second.mint.address, first.mint.address);
    await send(await signByKit(person.wallet, second));
    await until(person, person.card, 'THERE');
    assert.equal(await supplyOf(cluster, second.mint.address), '1');
});

test('a card that its user sold, or that another has, does not go', async () => {
    const person = await join('mint_eve'), other = await join('mint_dan');
    assertProblem(await mint(person, other.card), 404, 'NOT_FOUND');
    await ok(system, 'POST', '/market/orders', { token: person.token, body: { role_id: ROLE, side: 'SELL', price: '500', quantity: 1 } });
    assertProblem(await mint(person, person.card), 409, 'CARD_AWAY');
    const [poor, away] = [await signUp(system, 'mint_poor'), { transaction_id: '99999999' }];
    await eventually(async () => (await mint(poor, other.card)).status === 409, PATIENCE_MS);
    assertProblem(await mint(poor, other.card), 409, 'WALLET_UNLINKED');
    assertProblem(await read(other, away), 404, 'NOT_FOUND');
});

test('a fork takes it away, and the same bytes bring it again; nothing is said of it before it is final', async () => {
    const person = await join('mint_fay'), from = await slot();
    const { mint: made, transaction } = await begin(person);
    await eventually(async () => await slot() > from + 10, PATIENCE_MS); // so that a fork leaves the block that it was made for
    const signed = signByWeb3(person.wallet, { transaction });
    between.passes = () => false;
    await send(signed);
    await eventually(async () => await landedAt(signed), PATIENCE_MS);
    await cluster.fork(await slot() - await landedAt(signed) + 2);
    between.passes = () => true;
    await eventually(async () => (await landedAt(signed)) || (await send(signed).catch(() => null), false), PATIENCE_MS);
    await until(person, person.card, 'THERE');
    assert.equal(await supplyOf(cluster, made.address), '1');
});

// The card is there.
async function bring(person) {
    const reply = await begin(person);
    await send(signByWeb3(person.wallet, reply));
    await until(person, person.card, 'THERE');
    return reply.mint;
}
async function askBurn(person, mints, account) {
    let reply;
    await eventually(async () => (reply = await burn(person, mints, account)).body.code !== 'WHITELIST_NOT_OPEN', PATIENCE_MS);
    return reply;
}

test('who burns the token gets the card, and may send it again, to another address', async () => {
    const person = await join('mint_gus'), first = await bring(person);
    assertProblem(await burn(person, [makeHolder().address]), 422, 'MINT_UNWANTED');
    const { status, body } = await askBurn(person, [first.address]);
    assert.equal(status, 200, JSON.stringify(body));
    const { feePayer, signatures } = readPermit(body);
    assert.deepEqual([feePayer.toBase58(), signatures.length], [person.wallet.address, 1]);
    await send(signByWeb3(person.wallet, body));
    await until(person, person.card, 'BACK');
    assert.deepEqual((await cards(person)).map(({ number, event_id: event }) => [number, event]), [[person.card.number, EVENT]]);
    assert.equal(await supplyOf(cluster, first.address), '0');
    assertProblem(await burn(person, [first.address]), 422, 'MINT_UNWANTED');
    const second = await bring(person);
    assert.equal(second.mints, 2);
    assert.notEqual(second.address, first.address);
    assert.equal(await supplyOf(cluster, second.address), '1');
});

test('a card whose token a wallet of nobody burned waits for who links it, also over a kill', async () => {
    const person = await join('mint_hal'), made = await bring(person);
    await ok(system, 'POST', '/auth/proof', { token: person.token, body: { password: PASSWORD } });
    assert.equal((await call(system, 'DELETE', '/auth/wallet', { token: person.token })).status, 204);
    await eventually(async () => (await ok(system, 'GET', '/wallet', { token: person.token })).wallet_address === '', PATIENCE_MS);
    assertProblem(await burn(person, [made.address]), 409, 'WALLET_UNLINKED');
    const { body } = await askBurn(person, [made.address], person.wallet.address);
    await send(signByWeb3(person.wallet, body));
    await until(person, person.card, 'BURNED');
    assert.deepEqual(await cards(person), []);
    await system.killAll('chain');
    await system.startAll('chain');
    const finder = await signUp(system, 'mint_ida');
    await eventually(async () => (await read(finder, person.card)).status === 200, PATIENCE_MS);
    await link(finder, person.wallet);
    await until(finder, person.card, 'BACK');
    assert.deepEqual((await cards(finder)).map(({ number }) => number), [person.card.number]);
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    const counted = JSON.parse(verified.stdout).cards;
    assert.ok(counted.made === counted.accounts + counted.orders + counted.cluster, verified.stdout);
    await system.startAll('chain');
});

if (!REPLICAS) test('a ledger of before knows from the cluster which card went there', async () => {
    const person = await join('mint_joe'), data = system.env.CONSE_DATA, kept = path.join(system.dir, 'kept');
    const files = () => fs.readdirSync(data).filter((name) => name.startsWith('chain.db'));
    await system.term('chain');
    fs.mkdirSync(kept);
    for (const name of files()) fs.copyFileSync(path.join(data, name), path.join(kept, name));
    await system.start('chain');
    const made = await bring(person);
    await system.term('chain');
    for (const name of files()) fs.rmSync(path.join(data, name));
    for (const name of fs.readdirSync(kept)) fs.copyFileSync(path.join(kept, name), path.join(data, name));
    await system.start('chain');
    await eventually(async () => (await read(person, person.card)).body.state === 'THERE', PATIENCE_MS);
    assert.equal((await read(person, person.card)).body.address, made.address);
    assert.deepEqual(await cards(person), []);
    let reply;
    await eventually(async () => (reply = await mint(person, person.card)).status !== 503, PATIENCE_MS);
    assertProblem(reply, 409, 'CARD_AWAY');
});
