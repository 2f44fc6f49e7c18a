// Seats that cost LAMPORTS while chain dies, the node is silent, or the cluster forks: each transaction lands once, and nobody's lamports are lost.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Keypair, PublicKey } from '@solana/web3.js';
import { as, readEvent } from './parts/games.mjs';
import {
    ask, FEE, fundWallet, give, hold, openPayable, PATIENCE_MS, payment, permit, PRICE, reservationOf, seatPaid, startLamports, untilPayment,
} from './parts/lamports.mjs';
import { assertProblem, call, eventually, ok } from './parts/people.mjs';
import { metricOf } from './parts/system.mjs';
import { authorityOf, giveTicketBack, signatureOf, signByWeb3, takeTicket } from './parts/wallets.mjs';

const SLOT_MS = 200; // a blockhash lives for half a minute, in which chain starts again

let place, cluster, between, system, god, event;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, between, system, god } = place);
    event = await openPayable(place);
});
afterEach(() => between.speak());
after(() => place?.stop());

const passAll = () => true, passNothing = () => false;
const restart = async () => {
    await system.killAll('chain');
    await system.startAll('chain');
};
const account = async (address) => (await cluster.call('getAccountInfo', address, { encoding: 'base64', commitment: 'finalized' })).value;
const slot = () => cluster.call('getSlot', { commitment: 'processed' });
const landed = async (address) => (await cluster.call('getSignaturesForAddress', address, { commitment: 'finalized' })).map(({ signature }) => signature);
const finalBalance = ({ address }) => cluster.balance(address, 'finalized');

// Somebody with a hold, the transaction for their wallet, and its signed bytes.
async function holdAndSign(name, of = event) {
    const { person, reservation } = await hold(place, name, of);
    const wallet = await fundWallet(place);
    const had = await cluster.balance(wallet.address);
    const composed = await permit(place, person, of, wallet);
    return { person, reservation, wallet, had, composed, signed: signByWeb3(wallet, composed) };
}
const untilState = ({ person, reservation }, ...states) => untilPayment(place, person, reservation, ...states);
const giveBytes = async ({ person, reservation, signed }) => assert.equal((await give(place, person, reservation, signed)).status, 200);
// From when nothing of chain's reaches the node: when it has sent something new.
async function untilSent(act) {
    const before = between.sent.length;
    between.passes = passNothing;
    await act();
    await eventually(() => between.sent.length > before, PATIENCE_MS);
    return between.sent.slice(before);
}
const leave = ({ person }) => as(system, person, event)('DELETE', `/reservations/${person.id}`);

test('chain dies with signed bytes that have not landed: they land afterwards, once', async () => {
    const payer = await holdAndSign('faults_bytes');
    assert.deepEqual(await untilSent(() => giveBytes(payer)), [payer.signed]);
    await system.killAll('chain');
    between.passes = passAll;
    assert.deepEqual(await landed(payer.composed.reference), []);
    await system.startAll('chain');
    await untilState(payer, 'SEATED');
    assert.deepEqual(await landed(payer.composed.reference), [signatureOf(payer.signed)]);
    const rents = 2 * await cluster.call('getMinimumBalanceForRentExemption', 120);
    assert.equal(payer.had - await finalBalance(payer.wallet), PRICE + FEE + rents);
});

test('chain dies with a refund that has not landed: the same bytes land afterwards', async () => {
    const seated = await seatPaid(place, 'faults_refund', event, signByWeb3);
    const sent = await untilSent(() => leave(seated));
    assert.equal((await payment(place, seated.person, seated.reservation)).refunds[0].state, 'SENT');
    await system.killAll('chain');
    between.passes = passAll;
    await system.startAll('chain');
    await untilState(seated, 'REFUNDED');
    assert.equal(between.sent.at(-1), sent[0]);
    assert.equal(seated.had - await finalBalance(seated.wallet), FEE);
});

test('a refund whose bytes died while chain was away is made anew, and given once', async () => {
    const seated = await seatPaid(place, 'faults_dead', event, signByWeb3);
    const [first] = await untilSent(() => leave(seated));
    await system.killAll('chain');
    await cluster.advance(160);
    between.passes = passAll;
    await system.startAll('chain');
    await untilState(seated, 'REFUNDED');
    assert.notEqual(between.sent.at(-1), first);
    assert.equal(seated.had - await finalBalance(seated.wallet), FEE);
});

test('a refund that landed while chain was dead is known when it starts', async () => {
    const seated = await seatPaid(place, 'faults_landed', event, signByWeb3);
    const [bytes] = await untilSent(() => leave(seated));
    await system.killAll('chain');
    between.passes = passAll;
    await cluster.call('sendTransaction', bytes, { encoding: 'base64' });
    await eventually(async () => seated.had - await finalBalance(seated.wallet) === FEE, PATIENCE_MS);
    await system.startAll('chain');
    await untilState(seated, 'REFUNDED');
    assert.equal(between.sent.at(-1), bytes);
    assert.equal(seated.had - await finalBalance(seated.wallet), FEE);
});

test('what chain did not know is read back at its start: whose hold exists is seated, a stranger gets it back', async () => {
    const template = await holdAndSign('faults_template');
    const held = await hold(place, 'faults_forgotten', event);
    const { body: shown } = await ask(place, held.person, event);
    const [known, unknown] = [await fundWallet(place), await fundWallet(place)];
    const had = await cluster.balance(unknown.address);
    await takeTicket(cluster, template.composed, known, new PublicKey(shown.reference));
    const signature = await takeTicket(cluster, template.composed, unknown, Keypair.generate().publicKey);
    await eventually(async () => (await cluster.call('getSignatureStatuses', [signature])).value[0]?.confirmationStatus === 'finalized', PATIENCE_MS);
    assert.equal((await payment(place, held.person, held.reservation)).state, 'HELD');
    await restart();
    const { received, receipts } = await untilState(held, 'SEATED');
    assert.deepEqual([received, receipts.length], [String(PRICE), 1]);
    await eventually(async () => had - await finalBalance(unknown) === 10_000, PATIENCE_MS); // two signatures
});

test('a refund that the ledger has forgotten is known when it starts, and the seat is free', async () => {
    const payer = await holdAndSign('faults_paid_back');
    await giveBytes(payer);
    await untilState(payer, 'SEATED');
    await giveTicketBack(cluster, payer.composed, payer.wallet, authorityOf(cluster));
    await eventually(async () => payer.had - await finalBalance(payer.wallet) === FEE, PATIENCE_MS);
    assert.equal((await payment(place, payer.person, payer.reservation)).state, 'SEATED');
    await restart();
    const { refunds: [refund] } = await untilState(payer, 'REFUNDED');
    assert.deepEqual([refund.amount, refund.state], [String(PRICE), 'DONE']);
    await eventually(async () => !await reservationOf(place, payer.person, event), PATIENCE_MS);
    assert.equal(payer.had - await finalBalance(payer.wallet), FEE);
});

test('the node is silent for a while: payments wait, and nothing is lost', async () => {
    const payer = await holdAndSign('faults_silent');
    const other = await hold(place, 'faults_waits', event);
    const wallet = await fundWallet(place);
    const timesAway = (name) => system.log(name).match(/event=chain\.cluster \S+ away=/g)?.length ?? 0;
    const processes = system.replicasOf('chain'), before = processes.map(timesAway);
    between.silent = true;
    await giveBytes(payer);
    await eventually(() => processes.every((name, i) => timesAway(name) > before[i]), PATIENCE_MS);
    assertProblem(await ask(place, other.person, event, wallet.address), 503, 'CLUSTER_AWAY');
    assert.equal((await payment(place, payer.person, payer.reservation)).state, 'IN_FLIGHT');
    between.speak();
    await untilState(payer, 'SEATED');
    assert.deepEqual(await landed(payer.composed.reference), [signatureOf(payer.signed)]);
    assert.ok((await reservationOf(place, other.person, event)).hold_expires_at);
});

test('chain starts while the node is away: what costs CONSE goes on, and what costs LAMPORTS waits', async () => {
    const { person } = await hold(place, 'faults_start', event), wallet = await fundWallet(place);
    const taking = () => metricOf(system, 'chain', 'conse_chain_cluster_takes_money');
    const untilTaking = () => eventually(async () => await taking() === system.replicasOf('chain').length, PATIENCE_MS);
    await untilTaking();
    between.silent = true;
    await restart();
    await ok(system, 'GET', '/wallet', { token: person.token });
    assertProblem(await ask(place, person, event, wallet.address), 503, 'CLUSTER_AWAY');
    assert.equal(await taking(), 0);
    between.speak();
    await eventually(async () => (await ask(place, person, event, wallet.address)).status === 200, PATIENCE_MS);
    await untilTaking();
});

test('a fork takes the confirmed seat back, and the same bytes give it again', async () => {
    const own = await openPayable(place);
    const payer = await holdAndSign('faults_fork', own), composedAt = await slot();
    await eventually(async () => await slot() > composedAt + 10, PATIENCE_MS); // so that a fork leaves the block that it was made for
    await giveBytes(payer);
    await untilState(payer, 'SETTLING');
    await eventually(async () => (await reservationOf(place, payer.person, own)).state === 'CONFIRMED', PATIENCE_MS);
    assertProblem(await call(system, 'POST', `/events/${own.id}/lock`, { token: god.token, body: {} }), 409, 'PAYMENTS_SETTLING');
    between.passes = passNothing;
    const { value: [status] } = await cluster.call('getSignatureStatuses', [signatureOf(payer.signed)]);
    await cluster.fork(await slot() - status.slot + 2);
    await untilState(payer, 'IN_FLIGHT');
    await eventually(async () => (await reservationOf(place, payer.person, own)).state === 'PENDING', PATIENCE_MS);
    between.passes = passAll;
    await untilState(payer, 'SEATED');
    assert.deepEqual(await landed(payer.composed.reference), [signatureOf(payer.signed)]);
    const { received, receipts } = await payment(place, payer.person, payer.reservation);
    assert.equal(received, String(PRICE));
    assert.equal(receipts.filter(({ settled }) => settled).length, 1);
});

test('an evening is paid out and closed, though chain dies behind each transaction that it makes', async () => {
    const own = await openPayable(place, { payment_terms: { payout_after: '0s', tax_bp: 1000, god_bp: 1000 } });
    const act = as(system, god, own);
    const players = [await seatPaid(place, 'faults_ann', own, signByWeb3), await seatPaid(place, 'faults_bob', own, signByWeb3)];
    const [pool, revenue] = [await finalBalance(cluster.pool), await finalBalance(cluster.revenue)];
    await eventually(async () => (await call(system, 'POST', `/events/${own.id}/lock`, { token: god.token, body: {} })).status === 200, PATIENCE_MS);
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const shown = (await readEvent(system, god, own)).players;
    const sideOf = ({ person }) => shown.find(({ user_id: id }) => id === person.id).side_id;
    const side = sideOf(players[0]), winners = players.filter((player) => sideOf(player) === side);

    let known = between.sent.length, deaths = 0;
    between.passes = (_, before) => before > 0; // what is sent for the first time is lost
    await act('POST', '/finish', { winning_side_ids: [side] });
    for (;;) {
        await eventually(async () => between.sent.length > known || !await account(own.cluster_address), PATIENCE_MS);
        if (between.sent.length === known) break;
        known = between.sent.length;
        deaths++;
        await restart();
    }
    between.passes = passAll;
    assert.ok(deaths >= 3, `${deaths} transactions`); // the settlement, tickets, the end
    for (const player of players) {
        await untilState(player, 'PAID_OUT');
        const won = winners.includes(player) ? 0.81 * 2 * PRICE / winners.length : 0;
        assert.equal(await finalBalance(player.wallet) - player.had, won - PRICE - FEE);
    }
    assert.equal(await finalBalance(cluster.revenue) - revenue, 0.1 * 2 * PRICE);
    assert.equal(await finalBalance(cluster.pool) - pool, 0.09 * 2 * PRICE);
    const preview = () => call(system, 'GET', `/events/${own.id}/payout-preview`, { token: god.token });
    await eventually(async () => (await preview()).status === 409, PATIENCE_MS); // chain has nothing of it open any more
    assertProblem(await preview(), 409, 'POT_DIVIDED');
    assertProblem(await call(system, 'DELETE', `/events/${own.id}`, { token: god.token }), 409, 'EVENT_HAS_SEATS'); // and events knows that all is final
});

test('a refund that does not land is set apart: the pot is divided without it, and it is paid when it lands', async () => {
    const own = await openPayable(place, { payment_terms: { payout_after: '0s', tax_bp: 1000, god_bp: 1000 } });
    const act = as(system, god, own);
    const players = [await seatPaid(place, 'faults_stays', own, signByWeb3), await seatPaid(place, 'faults_plays', own, signByWeb3)];
    const gone = await seatPaid(place, 'faults_goes', own, signByWeb3), address = new PublicKey(gone.wallet.address).toBuffer();
    between.passes = (bytes) => !Buffer.from(bytes, 'base64').includes(address);
    await as(system, gone.person, own)('DELETE', `/reservations/${gone.person.id}`);
    await eventually(async () => (await call(system, 'POST', `/events/${own.id}/lock`, { token: god.token, body: {} })).status === 200, PATIENCE_MS);
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const shown = (await readEvent(system, god, own)).players;
    const sides = players.map(({ person }) => shown.find(({ user_id: id }) => id === person.id).side_id);
    await act('POST', '/finish', { winning_side_ids: [sides[0]] });
    const setApart = () => metricOf(system, 'chain', 'conse_chain_cluster_set_apart');
    await eventually(async () => {
        await cluster.advance(160);
        return await setApart() === 1;
    }, 4 * PATIENCE_MS);
    const winners = sides.filter((side) => side === sides[0]).length;
    for (const [i, player] of players.entries()) {
        await untilState(player, 'PAID_OUT');
        const won = sides[i] === sides[0] ? 0.81 * 2 * PRICE / winners : 0;
        await eventually(async () => await finalBalance(player.wallet) - player.had === won - PRICE - FEE, PATIENCE_MS); // the rents too
    }
    assert.equal((await payment(place, gone.person, gone.reservation)).state, 'REFUNDING');
    assert.ok(system.replicasOf('chain').some((name) => /level=error .* is set apart=/.test(system.log(name))));
    between.passes = passAll;
    await cluster.advance(800); // until it is tried again
    await eventually(async () => (await payment(place, gone.person, gone.reservation)).state === 'REFUNDED', 5 * PATIENCE_MS);
    assert.equal(gone.had - await finalBalance(gone.wallet), FEE);
    await eventually(async () => !await account(own.cluster_address), PATIENCE_MS);
    assert.equal(await setApart(), 0);
});

test('what the authority has is a number for the operator, and an error of the log when it is too little', async () => {
    const { address } = cluster.authority, had = await cluster.balance(address);
    const told = () => system.replicasOf('chain').some((name) => /level=error .*low="the authority can't pay for events" lamports=1000000/.test(system.log(name)));
    const set = (lamports) => cluster.setAccount(address, { lamports, data: '', owner: '11111111111111111111111111111111', executable: false });
    const known = async () => await metricOf(system, 'chain', 'conse_chain_authority_lamports') / system.replicasOf('chain').length;
    await eventually(async () => await known() === had, PATIENCE_MS);
    await set(1_000_000);
    await eventually(told, PATIENCE_MS);
    await set(had);
    await eventually(async () => await known() === had, PATIENCE_MS);
});

test('when the service is gone for long, who holds a ticket takes the money out, and the ledger knows it', async () => {
    const payer = await holdAndSign('faults_escapes');
    await giveBytes(payer);
    await untilState(payer, 'SEATED');
    await assert.rejects(giveTicketBack(cluster, payer.composed, payer.wallet), /custom program error/); // only the authority may, so early
    await cluster.advanceTime(40 * 24 * 3600);
    await giveTicketBack(cluster, payer.composed, payer.wallet);
    const { refunds: [refund] } = await untilState(payer, 'REFUNDED');
    assert.deepEqual([refund.amount, refund.state], [String(PRICE), 'DONE']);
    assert.equal(payer.had - await finalBalance(payer.wallet), FEE + 5000); // its own signature
    await eventually(async () => !await reservationOf(place, payer.person, event), PATIENCE_MS);
});
