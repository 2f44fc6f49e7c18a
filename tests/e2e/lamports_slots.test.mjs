// Seats that cost LAMPORTS, slot by slot: what each commitment means for a seat, and the last block for its transaction.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SOL } from './parts/cluster.mjs';
import { readEvent } from './parts/games.mjs';
import { ask, createEvent, give, hold, PATIENCE_MS, payment, permit, PRICE, reservationOf, startLamports, untilPayment } from './parts/lamports.mjs';
import { assertProblem, call, eventually } from './parts/people.mjs';
import { connect, makeWallet, signByWeb3 } from './parts/wallets.mjs';

const FINAL = 33;

let place, cluster, system, god;
before(async () => {
    place = await startLamports({ slotMs: 0 });
    ({ cluster, system, god } = place);
});
after(() => place?.stop());

// Slots end only where a test says so: until something is so, one by one.
const advanceUntil = (check) =>
    eventually(async () => {
        if (await check()) return true;
        await cluster.advance();
        return false;
    }, PATIENCE_MS);

async function openEvent() {
    const event = await createEvent(place);
    await advanceUntil(async () => (await readEvent(system, god, event)).payable);
    return event;
}

// A wallet with lamports that are finalized.
async function fund() {
    const wallet = await makeWallet(cluster);
    await cluster.advance(FINAL);
    return wallet;
}

const lock = (event) => call(system, 'POST', `/events/${event.id}/lock`, { token: god.token, body: {} });

test('what is processed is nothing yet, what is confirmed is a seat, and what is finalized stays', async () => {
    const event = await openEvent(), wallet = await fund();
    const { person, reservation } = await hold(place, 'slots_one', event);
    const reply = await permit(place, person, event, wallet);
    assert.equal((await give(place, person, reservation, signByWeb3(wallet, reply))).status, 200);
    await eventually(async () => await cluster.balance(wallet.address, 'processed') < SOL - PRICE, PATIENCE_MS);
    assert.deepEqual([(await payment(place, person, reservation)).state, (await reservationOf(place, person, event)).state], ['IN_FLIGHT', 'PENDING']);
    await cluster.advance();
    const { receipts: [receipt] } = await untilPayment(place, person, reservation, 'SETTLING');
    assert.equal(receipt.settled, false);
    await eventually(async () => (await reservationOf(place, person, event)).state === 'CONFIRMED', PATIENCE_MS);
    assertProblem(await lock(event), 409, 'PAYMENTS_SETTLING');
    assertProblem(await ask(place, person, event, wallet.address), 409, 'ALREADY_PAID');
    await cluster.advance(FINAL);
    const { received, kept } = await untilPayment(place, person, reservation, 'SEATED');
    assert.deepEqual([received, kept], [String(PRICE), String(PRICE)]);
    await eventually(async () => (await lock(event)).status === 200, PATIENCE_MS);
});

test('a transaction that lands in its last block seats, one that does not frees the hold', async () => {
    const event = await openEvent(), [late, never] = [await fund(), await fund()];
    const [one, other] = [await hold(place, 'at_last', event), await hold(place, 'too_late', event)];
    const [first, second] = [await permit(place, one.person, event, late), await permit(place, other.person, event, never)];
    const height = async (commitment) => Number(await cluster.call('getBlockHeight', { commitment }));
    await cluster.advance(Number(first.last_valid_height) - await height('processed') - 1);
    await connect(cluster).sendRawTransaction(Buffer.from(signByWeb3(late, first), 'base64'), { preflightCommitment: 'processed' });
    await cluster.advance(2);
    await assert.rejects(connect(cluster).sendRawTransaction(Buffer.from(signByWeb3(never, second), 'base64'), { preflightCommitment: 'processed' }), /[Bb]lockhash/);
    assert.equal((await payment(place, other.person, other.reservation)).state, 'IN_FLIGHT'); // nothing above its end is finalized
    assertProblem(await ask(place, other.person, event, late.address), 409, 'PAYMENT_IN_FLIGHT');
    await cluster.advance(FINAL);
    await untilPayment(place, one.person, one.reservation, 'SEATED');
    await untilPayment(place, other.person, other.reservation, 'HELD');
    assert.equal(await cluster.balance(never.address), SOL);
});
