// Credit in LAMPORTS goes to the wallet that its owner has proved to have: each withdrawal lands once or its credit comes back, whatever dies
// on the way, and a ledger that was restored knows what it had forgotten.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { PATIENCE_MS, startLamports } from './parts/lamports.mjs';
import { makeHolder } from './parts/holder.mjs';
import { assertProblem, call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { REPLICAS } from './parts/system.mjs';
import { linkWallet, signatureOf } from './parts/wallets.mjs';

const SLOT_MS = 100, CREDIT = 10_000_000, AMOUNT = 4_000_000, FEE = 1_000_000;

let place, cluster, between, system, dev;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, between, system } = place);
    dev = await signUpAs(system, 'withdrawals_dev', 'dev');
});
afterEach(() => {
    between.passes = passAll;
    between.speak();
});
after(() => place?.stop());

const passAll = () => true, passNothing = () => false;
const ask = ({ token }, amount = AMOUNT, { key, address } = {}) =>
    call(system, 'POST', '/wallet/withdrawals', { token, body: { amount: String(amount), address }, headers: key ? { 'Idempotency-Key': key } : {} });
const list = async ({ token }) => (await ok(system, 'GET', '/wallet/withdrawals', { token })).withdrawals ?? [];
const credit = async ({ token }) => Number((await ok(system, 'GET', '/wallet', { token })).balances.find(({ kind }) => kind === 'LAMPORTS')?.amount ?? 0);
const had = ({ holder }) => cluster.balance(holder.address, 'finalized');
const slot = () => cluster.call('getSlot', { commitment: 'processed' });

// Somebody with credit and a linked wallet that has nothing.
async function own(name) {
    const person = await signUp(system, name);
    await eventually(async () => (await call(system, 'POST', '/ledger/grants',
        { token: dev.token, body: { to_user_id: person.id, amount: String(CREDIT), currency: 'LAMPORTS', memo: 'for a ticket' } })).status === 201, PATIENCE_MS);
    return person;
}
async function link(person, holder = makeHolder()) {
    await linkWallet(system, person, holder);
    return Object.assign(person, { holder });
}
const join = async (name) => link(await own(name));

// A chain that has just started has not heard yet who has which wallet, nor read what it paid.
async function askStarted(person, amount) {
    let reply;
    await eventually(async () => (reply = await ask(person, amount)).status !== 503, PATIENCE_MS);
    return reply;
}
async function begin(person, amount) {
    const reply = await askStarted(person, amount);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
    return reply.body.withdrawal;
}
async function until(person, { id }, ...states) {
    let found;
    await eventually(async () => {
        const { body, status } = await call(system, 'GET', '/wallet/withdrawals', { token: person.token });
        found = status === 200 && body.withdrawals?.find((each) => each.id === id);
        return found && states.includes(found.state);
    }, PATIENCE_MS);
    return found;
}
// From when nothing of chain's reaches the node: what it has sent that is new.
async function untilSent(act) {
    const known = between.sent.length;
    between.passes = passNothing;
    const result = await act();
    await eventually(() => between.sent.length > known, PATIENCE_MS);
    return [result, between.sent.at(-1)];
}
const paid = (amount) => amount - FEE;

test('credit goes to the linked wallet, less the fee, and the same key asks once', async () => {
    const ann = await join('withdrawals_ann');
    const first = await ask(ann, AMOUNT, { key: 'withdrawal-of-ann' });
    assert.equal(first.status, 201, JSON.stringify(first.body));
    const { withdrawal, balance } = first.body;
    assert.deepEqual([withdrawal.address, withdrawal.amount, withdrawal.fee, balance], [ann.holder.address, String(AMOUNT), String(FEE), String(CREDIT - AMOUNT)]);
    assert.deepEqual((await ask(ann, AMOUNT, { key: 'withdrawal-of-ann' })).body.withdrawal.id, withdrawal.id);
    const done = await until(ann, withdrawal, 'DONE');
    assert.equal(await had(ann), paid(AMOUNT));
    assert.equal(await credit(ann), CREDIT - AMOUNT);
    const { value: [status] } = await cluster.call('getSignatureStatuses', [done.signature], { searchTransactionHistory: true });
    assert.deepEqual([status.confirmationStatus, status.err], ['finalized', null]);
    await ask(ann, AMOUNT, { key: 'withdrawal-of-ann' });
    assert.equal((await list(ann)).length, 1);
    assert.equal(await had(ann), paid(AMOUNT));
});

test('one at a time, of what is there, to a wallet that is linked', async () => {
    const bob = await own('withdrawals_bob');
    assertProblem(await ask(bob, AMOUNT, { address: makeHolder().address }), 409, 'WALLET_UNLINKED');
    await link(bob);
    assertProblem(await ask(bob, AMOUNT, { address: makeHolder().address }), 409, 'WALLET_UNLINKED');
    assertProblem(await ask(bob, CREDIT + 1), 422, 'FUNDS_SHORT');
    assertProblem(await ask(bob, 1_999_999), 400, 'INVALID_FIELD');
    const together = await Promise.all([1, 2, 3, 4].map(() => ask(bob, AMOUNT, { address: bob.holder.address })));
    const [taken] = together.filter(({ status }) => status === 201);
    const others = together.filter((reply) => reply !== taken);
    for (const other of others) assertProblem(other, 409, 'WITHDRAWAL_OPEN');
    await until(bob, taken.body.withdrawal, 'DONE');
    assert.equal(await had(bob), paid(AMOUNT));
    assert.equal(await credit(bob), CREDIT - AMOUNT);
});

test('chain dies with bytes that have not landed: they land afterwards, once', async () => {
    const eve = await join('withdrawals_eve');
    const [asked, bytes] = await untilSent(() => begin(eve));
    await until(eve, asked, 'SENT');
    await system.killAll('chain');
    between.passes = passAll;
    await system.startAll('chain');
    assert.equal((await until(eve, asked, 'DONE')).signature, signatureOf(bytes));
    assert.equal(await had(eve), paid(AMOUNT));
    assert.equal(await credit(eve), CREDIT - AMOUNT);
});

test('what landed while chain was dead is known when it starts', async () => {
    const dan = await join('withdrawals_dan');
    const [asked, bytes] = await untilSent(() => begin(dan));
    await system.killAll('chain');
    await cluster.call('sendTransaction', bytes, { encoding: 'base64' });
    await eventually(async () => await had(dan) === paid(AMOUNT), PATIENCE_MS);
    const known = between.sent.length;
    between.passes = passAll;
    await system.startAll('chain');
    await until(dan, asked, 'DONE');
    assert.deepEqual(between.sent.slice(known), []);
    assert.equal(await had(dan), paid(AMOUNT));
});

test('a fork takes it back before it is final, and the same bytes land again', async () => {
    const fay = await join('withdrawals_fay');
    const composedAt = await slot();
    await eventually(async () => await slot() > composedAt + 10, PATIENCE_MS);
    const known = between.sent.length;
    const asked = await begin(fay);
    await eventually(async () => between.sent.length > known && await cluster.balance(fay.holder.address) === paid(AMOUNT), PATIENCE_MS);
    const bytes = between.sent.at(-1);
    const { value: [status] } = await cluster.call('getSignatureStatuses', [signatureOf(bytes)]);
    await cluster.fork(await slot() - status.slot + 1);
    await until(fay, asked, 'DONE');
    assert.equal(await had(fay), paid(AMOUNT));
    assert.equal(await credit(fay), CREDIT - AMOUNT);
});

test('what does not land is made anew, and comes back when that is in vain', async () => {
    const gus = await join('withdrawals_gus');
    let [asked, bytes] = await untilSent(() => begin(gus));
    const made = [bytes];
    for (let tries = 1; tries < 3; tries++) {
        [, bytes] = await untilSent(() => cluster.advance(160));
        made.push(bytes);
    }
    assert.equal(new Set(made).size, 3);
    await cluster.advance(160);
    await until(gus, asked, 'FAILED');
    assert.equal(await credit(gus), CREDIT);
    between.passes = passAll;
    for (const dead of made) await assert.rejects(cluster.call('sendTransaction', dead, { encoding: 'base64' }));
    asked = await begin(gus);
    await until(gus, asked, 'DONE');
    assert.equal(await had(gus), paid(AMOUNT));
    assert.equal((await list(gus)).map(({ state }) => state).join(), 'DONE,FAILED');
});

if (!REPLICAS) test('a ledger of before knows from the cluster what it had paid', async () => {
    const hal = await join('withdrawals_hal');
    const data = system.env.CONSE_DATA, kept = path.join(system.dir, 'kept');
    const files = () => fs.readdirSync(data).filter((name) => name.startsWith('chain.db'));
    await system.term('chain');
    fs.mkdirSync(kept);
    for (const name of files()) fs.copyFileSync(path.join(data, name), path.join(kept, name));
    await system.start('chain');
    await until(hal, await begin(hal, CREDIT), 'DONE');
    await system.term('chain');
    for (const name of files()) fs.rmSync(path.join(data, name));
    for (const name of fs.readdirSync(kept)) fs.copyFileSync(path.join(kept, name), path.join(data, name));
    await system.start('chain');
    assertProblem(await askStarted(hal, CREDIT), 422, 'FUNDS_SHORT');
    assert.equal(await credit(hal), 0);
    assert.equal(await had(hal), paid(CREDIT));
    await eventually(async () => (await list(hal))[0]?.state === 'DONE', PATIENCE_MS);
    await system.restart('chain');
    assert.equal((await list(hal)).length, 1);
});
