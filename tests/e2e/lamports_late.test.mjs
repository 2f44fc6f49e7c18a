// A ticket that chain finds when its hold is over, as behind a restore: it seats where a place is free, waits as the first where none is, and
// goes back where nobody can wait.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PublicKey } from '@solana/web3.js';
import { as, readEvent } from './parts/games.mjs';
import { ask, fundWallet, hold, openPayable, PATIENCE_MS, permit, PRICE, reservationOf, seatPaid, startLamports, untilPayment } from './parts/lamports.mjs';
import { eventually } from './parts/people.mjs';
import { signByWeb3, takeTicket } from './parts/wallets.mjs';

const SLOT_MS = 200;

let place, cluster, system, god;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    ({ cluster, system, god } = place);
});
after(() => place?.stop());

const finalBalance = ({ address }) => cluster.balance(address, 'finalized');

async function holdAndAsk(name, event) {
    const late = await hold(place, name, event);
    const { body: { reference } } = await ask(place, late.person, event);
    const wallet = await fundWallet(place), had = await cluster.balance(wallet.address);
    return { late, reference, wallet, had };
}

// Two who have paid, so that the event can be locked; others, whose holds the god ends, and whose tickets land then: one, or with a rival.
async function payLate(name, more, { rival } = {}) {
    const event = await openPayable(place, more);
    const act = as(system, god, event);
    const seated = [await seatPaid(place, `${name}_one`, event, signByWeb3), await seatPaid(place, `${name}_two`, event, signByWeb3)];
    const all = [await holdAndAsk(`${name}_late`, event), ...(rival ? [await holdAndAsk(`${name}_rival`, event)] : [])];
    const template = await hold(place, `${name}_template`, event);
    const composed = await permit(place, template.person, event, await fundWallet(place));
    await act('POST', '/lock', { end_holds: true });
    for (const { late } of all) await untilPayment(place, late.person, late.reservation, 'EXPIRED');
    await cluster.advance(200); // once: the template's permit dies, and chain sees it before others are made
    await eventually(async () => (await readEvent(system, god, event)).state === 'LOCKED', PATIENCE_MS);
    await act('POST', '/unlock', {});
    return { event, act, seated, ...all[0], all, land: () => land(composed, all) };
}

async function land(composed, all) {
    const signatures = [];
    for (const { wallet, reference } of all) signatures.push(await takeTicket(cluster, composed, wallet, new PublicKey(reference)));
    await eventually(async () => (await cluster.call('getSignatureStatuses', signatures)).value.every((status) => status?.confirmationStatus === 'finalized'), PATIENCE_MS);
    await system.killAll('chain');
    await system.startAll('chain');
    return signatures[0];
}

test('a place that is free is theirs, and the receipt names the transaction', async () => {
    const { event, late, wallet, land: pay } = await payLate('late_free');
    const signature = await pay();
    const { received, kept } = await untilPayment(place, late.person, late.reservation, 'SEATED');
    assert.deepEqual([received, kept], [String(PRICE), String(PRICE)]);
    await eventually(async () => (await reservationOf(place, late.person, event))?.state === 'CONFIRMED', PATIENCE_MS);
    let receipt;
    await eventually(async () => {
        ({ receipts: [receipt] } = await untilPayment(place, late.person, late.reservation, 'SEATED'));
        return receipt.signature;
    }, PATIENCE_MS);
    assert.deepEqual([receipt.signature, receipt.payer, receipt.settled], [signature, wallet.address, true]);
    assert.ok(Number(receipt.slot) > 0);
});

test('without one they are the first to wait, and need not pay again', async () => {
    const { event, act, seated, late, land: pay } = await payLate('late_waits', { max_players: 4, waitlist: true });
    for (const name of ['late_third', 'late_fourth']) await seatPaid(place, name, event, signByWeb3);
    await pay();
    await untilPayment(place, late.person, late.reservation, 'WAITING_PAID');
    await eventually(async () => (await readEvent(system, god, event)).waitlisted === 1, PATIENCE_MS);
    const [leaver] = seated;
    await as(system, leaver.person, event)('DELETE', `/reservations/${leaver.person.id}`);
    await untilPayment(place, late.person, late.reservation, 'SEATED');
    await eventually(async () => (await reservationOf(place, late.person, event))?.state === 'CONFIRMED', PATIENCE_MS);
    await untilPayment(place, leaver.person, leaver.reservation, 'REFUNDED');
    await act('POST', '/lock', {});
});

test('where nobody can wait it goes back', async () => {
    const { event, late, wallet, had, land: pay } = await payLate('late_back', { max_players: 4, waitlist: false });
    for (const name of ['late_fifth', 'late_sixth']) await seatPaid(place, name, event, signByWeb3);
    await pay();
    await untilPayment(place, late.person, late.reservation, 'REFUNDED');
    assert.equal(had - await finalBalance(wallet), 10_000); // two signatures
    assert.ok(!await reservationOf(place, late.person, event));
});

test('of two who paid late for the last place one has it, and the other gets all back', async () => {
    const { event, all, land: pay } = await payLate('late_race', { max_players: 5, waitlist: false }, { rival: true });
    for (const name of ['late_seventh', 'late_eighth']) await seatPaid(place, name, event, signByWeb3);
    await pay();
    const paid = await Promise.all(all.map(({ late }) => untilPayment(place, late.person, late.reservation, 'SEATED', 'REFUNDED')));
    assert.deepEqual(paid.map(({ state }) => state).sort(), ['REFUNDED', 'SEATED']);
    const [winner, loser] = ['SEATED', 'REFUNDED'].map((state) => all[paid.findIndex((payment) => payment.state === state)]);
    await eventually(async () => (await reservationOf(place, winner.late.person, event))?.state === 'CONFIRMED', PATIENCE_MS);
    assert.equal(loser.had - await finalBalance(loser.wallet), 10_000); // two signatures
    assert.ok(!await reservationOf(place, loser.late.person, event));
    assert.equal((await readEvent(system, god, event)).players.length, 5);
});
