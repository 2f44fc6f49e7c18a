// Seats that cost LAMPORTS, paid with credit: the authority's wallet pays for a ticket of its own, once, and what comes back to it becomes credit
// of the account again, whatever dies on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Transaction } from '@solana/web3.js';
import { as, readEvent } from './parts/games.mjs';
import { ask, fundWallet, give, hold, openPayable, PATIENCE_MS, payment, PRICE, reservationOf, seatPaid, startLamports, untilPayment } from './parts/lamports.mjs';
import { assertProblem, call, eventually, ok, signUpAs } from './parts/people.mjs';
import { metricOf, REPLICAS } from './parts/system.mjs';
import { signatureOf, signByWeb3 } from './parts/wallets.mjs';

const SLOT_MS = 200; // a blockhash lives for half a minute, in which chain starts again
const OWN_FEE = 5_000 + 500; // one signature, and the priority
const FEE = 11_000, COST = PRICE + FEE; // of credit

let place, cluster, between, system, god, dev, event;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, between, system, god } = place);
    dev = await signUpAs(system, 'credit_dev', 'dev');
    event = await openPayable(place);
});
afterEach(() => {
    between.passes = passAll;
    between.speak();
});
after(() => place?.stop());

const passAll = () => true, passNothing = () => false;
const credit = async ({ token }) => Number((await ok(system, 'GET', '/wallet', { token })).balances.find(({ kind }) => kind === 'LAMPORTS')?.amount ?? 0);
const grant = ({ id }, amount) => eventually(async () => (await call(system, 'POST', '/ledger/grants',
    { token: dev.token, body: { to_user_id: id, amount: String(amount), currency: 'LAMPORTS', memo: 'for a ticket' } })).status === 201, PATIENCE_MS);
const pay = ({ person, reservation }, key) => call(system, 'POST', `/payments/${reservation.payment_id}/pay`, { token: person.token, headers: key ? { 'Idempotency-Key': key } : {} });
const untilState = ({ person, reservation }, ...states) => untilPayment(place, person, reservation, ...states);
const leave = ({ person }, of = event) => as(system, person, of)('DELETE', `/reservations/${person.id}`);
const had = () => cluster.balance(cluster.authority.address, 'finalized');
const account = async (address) => (await cluster.call('getAccountInfo', address, { encoding: 'base64', commitment: 'finalized' })).value;
const slot = () => cluster.call('getSlot', { commitment: 'processed' });
const landed = async (signature) => {
    const { value: [status] } = await cluster.call('getSignatureStatuses', [signature], { searchTransactionHistory: true });
    return status?.confirmationStatus === 'finalized' && status.err === null;
};
const existing = async () => (await metricOf(system, 'chain', 'conse_chain_credit_lamports')) / system.replicasOf('chain').length;

const everybody = [];

// Somebody with a hold and so much credit.
async function own(name, amount = PRICE + COST, of = event) {
    const held = await hold(place, name, of);
    everybody.push(held.person);
    if (amount) await grant(held.person, amount);
    return held;
}
async function payOk(payer, key) {
    let reply;
    await eventually(async () => (reply = await pay(payer, key)).status !== 503, PATIENCE_MS); // chain has just started, or its node is slow
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    assert.equal(reply.body.payment.state, 'IN_FLIGHT');
    return reply.body.payment;
}
async function seat(name, of = event) {
    const payer = await own(name, COST, of);
    await payOk(payer);
    await untilState(payer, 'SEATED');
    return payer;
}
// From when nothing of chain's reaches the node: what it has sent that is new.
async function untilSent(act) {
    const known = between.sent.length;
    between.passes = passNothing;
    await act();
    await eventually(() => between.sent.length > known, PATIENCE_MS);
    return between.sent.at(-1);
}

test('credit pays for a seat, by a ticket of the authority; leaving gives it back', async () => {
    const ann = await own('credit_ann');
    const before = await had(), rents = 2 * await cluster.call('getMinimumBalanceForRentExemption', 120);
    const bytes = await untilSent(() => payOk(ann));
    assert.deepEqual(Transaction.from(Buffer.from(bytes, 'base64')).signatures.map(({ publicKey }) => publicKey.toBase58()), [cluster.authority.address]);
    assert.equal(await credit(ann.person), PRICE);
    assert.equal((await pay(ann)).body.payment.state, 'IN_FLIGHT'); // once, however often
    assert.equal(await credit(ann.person), PRICE);
    assertProblem(await give(place, ann.person, ann.reservation, bytes), 422, 'PERMIT_MISMATCH');
    const wallet = await fundWallet(place);
    assertProblem(await ask(place, ann.person, event, wallet.address), 409, 'PAYMENT_IN_FLIGHT');
    assertProblem(await ask(place, ann.person, event, cluster.authority.address), 422, 'ACCOUNT_FORBIDDEN');
    between.passes = passAll;
    const { receipts: [receipt] } = await untilState(ann, 'SEATED');
    assert.deepEqual([receipt.credit, receipt.payer, receipt.settled, receipt.amount], [true, '', true, String(PRICE)]);
    await eventually(async () => (await reservationOf(place, ann.person, event)).state === 'CONFIRMED', PATIENCE_MS);
    await eventually(async () => before - await had() === PRICE + OWN_FEE + rents, PATIENCE_MS);
    assertProblem(await pay(ann), 409, 'ALREADY_PAID');
    await eventually(async () => (await payment(place, ann.person, ann.reservation)).receipts[0].signature === signatureOf(bytes), PATIENCE_MS);

    await leave(ann);
    const { refunds: [refund], refunded } = await untilState(ann, 'REFUNDED');
    assert.deepEqual([refund.credit, refund.state, refunded], [true, 'DONE', String(PRICE)]);
    assert.equal(await credit(ann.person), 2 * PRICE);
    assert.ok(before - await had() < 20_000); // the fees of both
});

test('with too little it is short, and without any a wallet pays', async () => {
    const bob = await own('credit_bob', 0);
    assertProblem(await pay(bob), 409, 'PERMIT_NEEDED');
    await grant(bob.person, COST - 1);
    assertProblem(await pay(bob), 422, 'FUNDS_SHORT');
    await grant(bob.person, 1);
    const first = await payOk(bob, 'credit-of-bob');
    assert.deepEqual((await payOk(bob, 'credit-of-bob')).id, first.id);
    await untilState(bob, 'SEATED');
    assert.equal(await credit(bob.person), 0);
});

test('two seats of one event, of two people: when it is called off both have their credit again', async () => {
    const other = await openPayable(place);
    const players = [await seat('credit_cat', other), await seat('credit_dan', other)];
    for (const { person } of players) assert.equal(await credit(person), 0);
    await as(system, god, other)('POST', '/cancel', {});
    for (const player of players) {
        await untilState(player, 'REFUNDED');
        assert.equal(await credit(player.person), PRICE);
    }
    await eventually(async () => !await account(other.cluster_address), PATIENCE_MS);
});

test('who wins has their part as credit, beside one whose wallet paid, and who loses has none', async () => {
    const game = await openPayable(place, { payment_terms: { payout_after: '0s', tax_bp: 1000, god_bp: 1000 } });
    const act = as(system, god, game);
    const players = [await seat('credit_eve', game), await seat('credit_fay', game)];
    const paid = await seatPaid(place, 'credit_wallet', game, signByWeb3), rest = await cluster.balance(paid.wallet.address);
    await eventually(async () => (await call(system, 'POST', `/events/${game.id}/lock`, { token: god.token, body: {} })).status === 200, PATIENCE_MS);
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const shown = (await readEvent(system, god, game)).players;
    const sideOf = ({ person }) => shown.find(({ user_id: id }) => id === person.id).side_id;
    const side = sideOf(players[0]), winners = [...players, paid].filter((player) => sideOf(player) === side);
    await act('POST', '/finish', { winning_side_ids: [side] });
    for (const player of [...players, paid]) await untilState(player, 'PAID_OUT');
    const part = Math.floor(0.81 * 3 * PRICE / winners.length);
    for (const player of players) {
        const won = await credit(player.person);
        assert.ok(winners.includes(player) ? won === part || won === part + 1 : won === 0, `${won} of ${part}`);
    }
    assert.equal(await credit(paid.person), 0);
    await eventually(async () => await cluster.balance(paid.wallet.address) > rest, PATIENCE_MS); // the rents at least
    await eventually(async () => !await account(game.cluster_address), PATIENCE_MS);
});

test('chain dies with a seat on its way: the same bytes seat, once', async () => {
    const gus = await own('credit_gus', COST);
    const bytes = await untilSent(() => payOk(gus));
    await system.killAll('chain');
    between.passes = passAll;
    await system.startAll('chain');
    await untilState(gus, 'SEATED');
    assert.equal(await landed(signatureOf(bytes)), true);
    assert.equal(await credit(gus.person), 0);
});

test('what landed while chain was dead seats when it starts', async () => {
    const hal = await own('credit_hal', COST);
    const bytes = await untilSent(() => payOk(hal));
    await system.killAll('chain');
    await cluster.call('sendTransaction', bytes, { encoding: 'base64' });
    await eventually(() => landed(signatureOf(bytes)), PATIENCE_MS);
    between.passes = passAll;
    await system.startAll('chain');
    await untilState(hal, 'SEATED');
    assert.equal(await credit(hal.person), 0);
});

test('what can not land any more is credit again, and pays anew', async () => {
    const ida = await own('credit_ida', COST);
    const bytes = await untilSent(() => payOk(ida));
    await cluster.advance(160);
    await untilState(ida, 'HELD');
    assert.equal(await credit(ida.person), COST);
    between.passes = passAll;
    await assert.rejects(cluster.call('sendTransaction', bytes, { encoding: 'base64' }));
    await payOk(ida);
    await untilState(ida, 'SEATED');
    assert.equal(await credit(ida.person), 0);
});

test('who gives the hold up meanwhile has it again when nothing can land, and when it lands', async () => {
    const [jon, kim] = [await own('credit_jon', COST), await own('credit_kim', COST)];
    const drop = async ({ person, reservation }) => assert.equal((await call(system, 'DELETE', `/payments/${reservation.payment_id}`, { token: person.token })).body.payment.state, 'ENDING');
    await untilSent(() => payOk(jon));
    await drop(jon);
    await cluster.advance(160);
    await untilState(jon, 'LEFT');
    assert.equal(await credit(jon.person), COST);
    const bytes = await untilSent(() => payOk(kim));
    await drop(kim);
    await cluster.call('sendTransaction', bytes, { encoding: 'base64' });
    between.passes = passAll;
    await untilState(kim, 'REFUNDED');
    assert.equal(await credit(kim.person), PRICE);
});

test('a fork takes the confirmed seat back: its credit lies aside until the same bytes seat again', async () => {
    const lee = await own('credit_lee', COST), composedAt = await slot();
    await eventually(async () => await slot() > composedAt + 10, PATIENCE_MS);
    const known = between.sent.length;
    await payOk(lee);
    await untilState(lee, 'SETTLING');
    const bytes = between.sent.slice(known).at(-1);
    between.passes = passNothing;
    const { value: [status] } = await cluster.call('getSignatureStatuses', [signatureOf(bytes)]);
    await cluster.fork(await slot() - status.slot + 1);
    await untilState(lee, 'IN_FLIGHT');
    assert.equal(await credit(lee.person), 0);
    between.passes = passAll;
    await untilState(lee, 'SEATED', 'HELD'); // or its blockhash went with the fork
    const { state } = await payment(place, lee.person, lee.reservation);
    assert.equal(await credit(lee.person), state === 'SEATED' ? 0 : COST);
});

if (!REPLICAS) test('a ledger of before finds the ticket, and takes its price of the credit that it has', async () => {
    const [mia, noa] = [await own('credit_mia'), await own('credit_noa', 0)];
    const data = system.env.CONSE_DATA, kept = path.join(system.dir, 'kept');
    const files = () => fs.readdirSync(data).filter((name) => name.startsWith('chain.db'));
    await system.term('chain');
    fs.mkdirSync(kept);
    for (const name of files()) fs.copyFileSync(path.join(data, name), path.join(kept, name));
    await system.start('chain');
    await grant(noa.person, COST); // which it forgets
    for (const payer of [mia, noa]) {
        await payOk(payer);
        await untilState(payer, 'SEATED');
    }
    const before = await had();
    await system.term('chain');
    for (const name of files()) fs.rmSync(path.join(data, name));
    for (const name of fs.readdirSync(kept)) fs.copyFileSync(path.join(kept, name), path.join(data, name));
    await system.start('chain');
    await untilState(mia, 'SEATED');
    assert.equal(await credit(mia.person), COST); // its fee is forgotten
    await eventually(async () => await had() > before, PATIENCE_MS); // of who has none, it goes back to the wallet
    assert.equal((await payment(place, noa.person, noa.reservation)).state, 'HELD');
    assert.equal(await credit(noa.person), 0);
    await leave(mia);
    await untilState(mia, 'REFUNDED');
    assert.equal(await credit(mia.person), PRICE + COST);
});

test('what exists as credit is what accounts have, and the wallet has it', async () => {
    const sum = (await Promise.all(everybody.map(credit))).reduce((one, other) => one + other, 0);
    await eventually(async () => await existing() === sum, PATIENCE_MS);
    assert.ok(await cluster.balance(cluster.authority.address) >= sum);
    assert.ok(!system.replicasOf('chain').some((name) => /can't pay all credit out/.test(system.log(name))));
});
