// Seats that cost LAMPORTS, paid by the wallets that people have: what the service composes, stock clients sign, check and send.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { findReference } from '@solana/pay';
import { PublicKey } from '@solana/web3.js';
import { as, readEvent } from './parts/games.mjs';
import {
    ask, createEvent, FEE, fundWallet, give, hold, openPayable, PATIENCE_MS, payment, permit, PRICE, priceOf, reservationOf, seatPaid, startLamports, untilPayable, untilPayment,
} from './parts/lamports.mjs';
import { assertProblem, call, eventually, signUp } from './parts/people.mjs';
import { readQr } from './parts/qr.mjs';
import { connect, linkOf, payByUrl, readPermit, sendDust, signByKit, signByWeb3 } from './parts/wallets.mjs';

let place, cluster, system, god, event;
before(async () => {
    place = await startLamports();
    ({ cluster, system, god } = place);
});
after(() => place?.stop());

const GUIDE = path.resolve(import.meta.dirname, '../../docs/payments.md');
// The guide's program in a folder, where it finds the packages that it says it needs.
function guideIn(dir) {
    const program = path.join(dir, 'pay.mjs');
    fs.writeFileSync(program, /```js\n([\s\S]*?)```/.exec(fs.readFileSync(GUIDE, 'utf8'))[1]);
    fs.symlinkSync(path.join(import.meta.dirname, 'node_modules'), path.join(dir, 'node_modules'));
    return { program, run: promisify(execFile) };
}
const account = (address, commitment = 'finalized') => cluster.call('getAccountInfo', address, { encoding: 'base64', commitment });

test('an event is on the cluster before anybody reserves, and its price stays', async () => {
    const reader = await signUp(system, 'lamports_early');
    const reserve = () => call(system, 'POST', `/events/${event.id}/reservations`, { token: reader.token, body: {} });
    await cluster.fault('sendTransaction', { times: 100_000, code: -32005, message: 'Node is behind' });
    event = await createEvent(place);
    assert.deepEqual([event.payable, event.cluster_address], [false, '']);
    assertProblem(await reserve(), 409, 'EVENT_NOT_PAYABLE');
    await cluster.fault('sendTransaction', null);
    event = await untilPayable(place, event);
    assert.equal((await account(event.cluster_address)).value.owner, cluster.programs.ticket);
    assertProblem(await call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: priceOf(2 * PRICE) }), 409, 'PRICE_FIXED');
    const at = (days) => ({ starts_at: { local: new Date(Date.parse(event.starts_at.utc) + days * 24 * 3600_000).toISOString().slice(0, 19), zone: 'UTC' } });
    const late = await call(system, 'PATCH', `/events/${event.id}`, { token: god.token, body: at(40) }); // tickets can be taken back by then
    assertProblem(late, 422, 'TIME_INVALID');
    assert.deepEqual(late.body.errors.map(({ field }) => field), ['starts_at']);
    assert.equal((await reserve()).status, 201);
});

test('web3.js signs what was composed; who pays is the wallet alone', async () => {
    const { person, reservation } = await hold(place, 'lamports_web3', event);
    assert.deepEqual([reservation.state, (await payment(place, person, reservation)).state], ['PENDING', 'HELD']);
    const wallet = await fundWallet(place);
    const reply = await permit(place, person, event, wallet);
    const composed = readPermit(reply);
    assert.equal(composed.feePayer.toBase58(), wallet.address);
    assert.deepEqual(composed.signatures.map(({ publicKey, signature }) => [publicKey.toBase58(), Boolean(signature)]), [[wallet.address, false], [cluster.authority.address, true]]);
    const uses = composed.instructions.flatMap(({ programId, keys }) => keys.filter(({ pubkey }) => pubkey.toBase58() === cluster.authority.address).map((key) => [programId.toBase58(), key.isSigner, key.isWritable]));
    assert.deepEqual(uses, [[cluster.programs.ticket, true, false]]);
    const { value } = await cluster.call('simulateTransaction', reply.transaction, { encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true });
    assert.equal(value.err, null, JSON.stringify(value));
    assert.ok(value.unitsConsumed * 1.2 < 50_000, `${value.unitsConsumed} units`);

    const had = await cluster.balance(wallet.address), authorityHad = await cluster.balance(cluster.authority.address);
    const given = await give(place, person, reservation, signByWeb3(wallet, reply));
    assert.deepEqual([given.status, given.body.payment.state], [200, 'IN_FLIGHT']);
    const settling = await untilPayment(place, person, reservation, 'SETTLING', 'SEATED');
    assert.equal(settling.received, String(PRICE));
    await eventually(async () => (await reservationOf(place, person, event)).state === 'CONFIRMED', PATIENCE_MS);
    const { receipts: [receipt] } = await untilPayment(place, person, reservation, 'SEATED');
    assert.equal(receipt.settled, true);
    const rents = 2 * await cluster.call('getMinimumBalanceForRentExemption', 120); // of the ticket, and of the place in the list
    assert.equal(had - await cluster.balance(wallet.address, 'finalized'), PRICE + FEE + rents);
    assert.equal(await cluster.balance(cluster.authority.address), authorityHad);
    const found = await findReference(connect(cluster), new PublicKey(reply.reference), { finality: 'finalized' });
    assert.equal(found.memo, `[${reservation.payment_id.length}] ${reservation.payment_id}`);
    assertProblem(await ask(place, person, event, wallet.address), 409, 'ALREADY_PAID');
});

test('kit signs it, and the same bytes given again pay once', async () => {
    const { person, reservation } = await hold(place, 'lamports_kit', event);
    const wallet = await fundWallet(place);
    const reply = await permit(place, person, event, wallet);
    const signed = await signByKit(wallet, reply);
    assert.equal(signed, signByWeb3(wallet, reply));
    const had = await cluster.balance(wallet.address);
    for (let i = 0; i < 3; i++) assert.equal((await give(place, person, reservation, signed)).status, 200);
    await untilPayment(place, person, reservation, 'SEATED');
    assertProblem(await give(place, person, reservation, signed), 409, 'ALREADY_PAID');
    const { receipts, received } = await payment(place, person, reservation);
    assert.deepEqual([receipts.length, received], [1, String(PRICE)]);
    assert.ok(had - await cluster.balance(wallet.address) < 2 * PRICE);
});

test('a wallet that was shown the code asks, checks, and pays by itself; dust before it hinders nothing', async () => {
    const { person, reservation } = await hold(place, 'lamports_pay', event);
    const [wallet, stranger] = [await fundWallet(place), await fundWallet(place, 5)];
    const { body: shown } = await ask(place, person, event);
    assert.equal(shown.transaction, '');
    const code = await fetch(`${system.url}/payments/${reservation.payment_id}/qr.svg`, { headers: { Authorization: `Bearer ${person.token}` } });
    assert.deepEqual([code.status, code.headers.get('content-type')], [200, 'image/svg+xml']);
    assert.equal(readQr(await code.text()), shown.url);
    const label = await (await fetch(linkOf(system, shown.url))).json();
    assert.deepEqual([label.label, label.icon], ['Conse', `https://play.example/events/${event.id}/qr.svg`]);

    await sendDust(cluster, stranger, shown.reference, 1_000_000);
    await sendDust(cluster, stranger, event.cluster_address, 1_000_000, shown.reference);
    await payByUrl(system, cluster, wallet, shown.url);
    await untilPayment(place, person, reservation, 'SEATED');
    const { received, short, over, duplicate } = await payment(place, person, reservation);
    assert.deepEqual([received, short, over, duplicate], [String(PRICE), false, false, false]);
});

test('the program of the guide pays for a seat', async () => {
    const { person, reservation } = await hold(place, 'lamports_guide', event);
    const wallet = await fundWallet(place), { program, run } = guideIn(system.dir);
    fs.writeFileSync(path.join(system.dir, 'wallet.json'), JSON.stringify([...wallet.keypair.secretKey]));
    const { stdout } = await run(process.execPath, [program, system.url, person.token, event.id, 'wallet.json'], { cwd: system.dir });
    assert.equal(stdout, 'SEATED\n');
    assert.equal((await payment(place, person, reservation)).received, String(PRICE));
});

test('another wallet waits until the first transaction is dead, and its bytes are refused then', async () => {
    const { person, reservation } = await hold(place, 'lamports_two', event);
    const [first, second] = [await fundWallet(place), await fundWallet(place)];
    const had = await cluster.balance(first.address);
    const one = await permit(place, person, event, first);
    const refused = await ask(place, person, event, second.address);
    assertProblem(refused, 409, 'PAYMENT_IN_FLIGHT');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await payment(place, person, reservation)).state, 'IN_FLIGHT');
    await cluster.advance(160);
    let other;
    await eventually(async () => (other = await ask(place, person, event, second.address)).status === 200, PATIENCE_MS);
    assertProblem(await give(place, person, reservation, signByWeb3(first, one)), 422, 'PERMIT_MISMATCH');
    await assert.rejects(connect(cluster).sendRawTransaction(Buffer.from(signByWeb3(first, one), 'base64')), /[Bb]lockhash/);
    assert.equal((await give(place, person, reservation, signByWeb3(second, other.body))).status, 200);
    await untilPayment(place, person, reservation, 'SEATED');
    assert.equal(await cluster.balance(first.address), had);
});

test('whoever gave the hold up while a transaction was on its way gets it back', async () => {
    const { person, reservation } = await hold(place, 'lamports_late', event);
    const wallet = await fundWallet(place);
    const had = await cluster.balance(wallet.address);
    const signed = signByWeb3(wallet, await permit(place, person, event, wallet));
    assert.equal((await call(system, 'DELETE', `/payments/${reservation.payment_id}`, { token: person.token })).body.payment.state, 'ENDING');
    assertProblem(await give(place, person, reservation, signed), 409, 'HOLD_OVER');
    await connect(cluster).sendRawTransaction(Buffer.from(signed, 'base64')); // past the service
    await untilPayment(place, person, reservation, 'REFUNDED');
    assert.equal(had - await cluster.balance(wallet.address), FEE);
    await eventually(async () => !(await reservationOf(place, person, event)), PATIENCE_MS);
});

test('a place is given on only when no transaction can arrive for it any more', async () => {
    const small = await openPayable(place, { max_players: 1, waitlist: true });
    const first = await hold(place, 'lamports_first', small), waiting = await signUp(system, 'lamports_waits');
    const { reservation: waits } = await as(system, waiting, small)('POST', '/reservations', {});
    assert.equal(waits.state, 'WAITLISTED');
    const [left, paid] = [await fundWallet(place), await fundWallet(place)];
    const had = await cluster.balance(left.address);
    const signed = signByWeb3(left, await permit(place, first.person, small, left));
    await call(system, 'DELETE', `/payments/${first.reservation.payment_id}`, { token: first.person.token });
    await cluster.advance(100);
    assert.equal((await reservationOf(place, waiting, small)).state, 'WAITLISTED');
    await cluster.advance(60);
    await eventually(async () => (await reservationOf(place, waiting, small)).hold_expires_at, PATIENCE_MS);
    await assert.rejects(connect(cluster).sendRawTransaction(Buffer.from(signed, 'base64')), /[Bb]lockhash/);
    const promoted = await reservationOf(place, waiting, small);
    assert.equal((await give(place, waiting, promoted, signByWeb3(paid, await permit(place, waiting, small, paid)))).status, 200);
    await untilPayment(place, waiting, promoted, 'SEATED');
    assert.deepEqual([(await payment(place, first.person, first.reservation)).state, await cluster.balance(left.address)], ['LEFT', had]);
    assert.equal((await readEvent(system, god, small)).seats_taken, 1);
});

test('an event that is cancelled gives everything back, and nothing of it is left on the cluster', async () => {
    const other = await openPayable(place);
    const players = [await seatPaid(place, 'lamports_one', other, signByWeb3), await seatPaid(place, 'lamports_other', other, signByKit)];
    const unpaid = await hold(place, 'lamports_unpaid', other);
    await as(system, god, other)('POST', '/cancel', {});
    for (const { person, reservation, wallet, had } of players) {
        const { refunds: [refund], received } = await untilPayment(place, person, reservation, 'REFUNDED');
        assert.deepEqual([refund.amount, refund.state, received], [String(PRICE), 'DONE', String(PRICE)]);
        assert.equal(had - await cluster.balance(wallet.address, 'finalized'), FEE);
    }
    await untilPayment(place, unpaid.person, unpaid.reservation, 'CALLED_OFF');
    await eventually(async () => !(await account(other.cluster_address)).value, PATIENCE_MS);
    assert.equal((await readEvent(system, god, other)).state, 'CANCELLED');
});

test('bytes that come after their end are refused by the program too', async () => {
    const { person, reservation } = await hold(place, 'lamports_expired', event);
    const wallet = await fundWallet(place);
    const had = await cluster.balance(wallet.address);
    const signed = signByWeb3(wallet, await permit(place, person, event, wallet));
    await cluster.advanceTime(24 * 3600);
    await assert.rejects(connect(cluster).sendRawTransaction(Buffer.from(signed, 'base64')), /custom program error/);
    assert.equal((await payment(place, person, reservation)).state, 'IN_FLIGHT');
    assert.equal(await cluster.balance(wallet.address), had);
});
