// Seats that cost LAMPORTS, asked for by clients and wallets that mean harm: each refusal says why, and none costs or keeps another's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ComputeBudgetProgram, Keypair, PublicKey, SystemProgram } from '@solana/web3.js';
import { openBody } from './parts/games.mjs';
import {
    ask, createEvent, FEE, fundWallet, give, hold, openPayable, PATIENCE_MS, payment, permit, PRICE, startLamports, untilPayable, untilPayment,
} from './parts/lamports.mjs';
import { assertAllRefused, assertProblem, assertRefused, call, eventually, ok, signUp } from './parts/people.mjs';
import { connect, linkOf, makeWallet, placesOf, placesOfEvent, readPermit, sendDust, signAs, signByWeb3 } from './parts/wallets.mjs';

const NO_WALLET = '11111111111111111111111111111111';
const HUGE = 2 << 20;

let place, cluster, system, god, event, ann;
before(async () => {
    place = await startLamports();
    ({ cluster, system, god } = place);
    event = await openPayable(place);
    ann = await hold(place, 'ann', event);
    ann.wallet = await fundWallet(place);
    ann.paths = { ask: `/events/${event.id}/payment`, give: `/payments/${ann.reservation.payment_id}/transaction` };
});
after(() => place?.stop());

const solanaPay = (id, body) => call(system, body ? 'POST' : 'GET', `/payments/${id}/solana-pay`, { body });
const many = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));

test('accounts that are none, that no wallet has, or that are the house\'s', async () => {
    const { person, paths } = ann;
    const off = PublicKey.findProgramAddressSync([Buffer.from('ticket')], new PublicKey(cluster.programs.ticket))[0].toBase58();
    const forbidden = [cluster.authority, cluster.pool, cluster.revenue].map(({ address }) => address);
    const others = [event.cluster_address, off, NO_WALLET, cluster.programs.ticket, cluster.programs.whitelist];
    const broken = ['0', 'I'.repeat(32), '2'.repeat(31), 'z'.repeat(44), `0x${'a'.repeat(40)}`, 'مرا', ' ', '../..'];
    await assertAllRefused(system, [...forbidden, ...others].map((account) => [person, 'POST', paths.ask, { account }, 422, 'ACCOUNT_FORBIDDEN', 'account']));
    await assertAllRefused(system, broken.map((account) => [person, 'POST', paths.ask, { account }, 400, 'INVALID_FIELD', 'account']));
    await assertAllRefused(system, [
        [person, 'POST', paths.ask, { account: 7 }, 400, 'MALFORMED', 'account'],
        [person, 'POST', paths.ask, { account: 'x'.repeat(45) }, 400, 'INVALID_FIELD', 'account'],
        [person, 'POST', paths.ask, { accounts: ann.wallet.address }, 400, 'MALFORMED', 'accounts'],
        [person, 'POST', paths.ask, { account: 'x'.repeat(HUGE) }, 413, 'BODY_TOO_LARGE'],
    ]);
    assert.equal((await payment(place, person, ann.reservation)).state, 'HELD');
});

test('who is not its owner learns and keeps nothing of a hold', async () => {
    const eve = await signUp(system, 'eve');
    const { payment_id: id } = ann.reservation;
    const { body: { reference } } = await ask(place, ann.person, event);
    const { address } = ann.wallet, body = { account: address }, transaction = Buffer.alloc(200, 1).toString('base64');
    for (const stranger of [eve, god])
        await assertAllRefused(system, [
            [stranger, 'POST', ann.paths.ask, body, 404, 'NOT_FOUND'],
            [stranger, 'POST', ann.paths.give, { transaction }, 404, 'NOT_FOUND'],
            [stranger, 'GET', `/payments/${id}/qr.svg`, undefined, 404, 'NOT_FOUND'],
        ]);
    await assertRefused(system, undefined, 'POST', ann.paths.ask, body, 401, 'TOKEN_INVALID');
    await assertRefused(system, undefined, 'POST', ann.paths.give, { transaction }, 401, 'TOKEN_INVALID');
    const texts = [address, `.${reference}`, `${id}`, `${id}.`, `${id}.${address}`, `${id}.${reference.slice(1)}`, `${id}..${reference}`, `${id}.${reference}`.toUpperCase(),
        `${id}.${reference}%00`, `${id}.%3Cscript%3E`, `${id}.%27%20OR%201=1`, `${id.replace(/^./, 'z')}.${reference}`, `${id}.${NO_WALLET}`];
    for (const text of texts)
        for (const request of [undefined, body]) {
            const reply = await solanaPay(text, request);
            assert.ok([400, 404].includes(reply.status), `${text}: ${reply.status} ${JSON.stringify(reply.body)}`);
            assert.ok(!JSON.stringify(reply.body).includes('solana:'), text);
        }
    assertProblem(await solanaPay(`${id}.${'1'.repeat(90)}`, body), 400, 'INVALID_FIELD');
    assert.equal((await payment(place, ann.person, ann.reservation)).state, 'HELD');
});

test('a permit that is asked for twenty times at once is one', async () => {
    const { person, wallet, reservation } = ann;
    const { body: { url } } = await ask(place, person, event);
    const askByUrl = () => call({ url: '' }, 'POST', linkOf(system, url).href, { body: { account: wallet.address } });
    const replies = await many(20, (i) => (i % 2 ? ask(place, person, event, wallet.address) : askByUrl()));
    assert.deepEqual(replies.map(({ status }) => status), Array(20).fill(200));
    assert.equal(new Set(replies.map(({ body }) => body.transaction)).size, 1);
    assert.equal((await payment(place, person, reservation)).state, 'IN_FLIGHT');
});

test('of two wallets that ask at once, one may pay', async () => {
    const { person, reservation } = await hold(place, 'twice', event);
    const wallets = [await makeWallet(cluster, 0), await makeWallet(cluster, 0)];
    const replies = await many(20, (i) => ask(place, person, event, wallets[i % 2].address));
    const taken = replies.filter(({ status }) => status === 200), refused = replies.filter(({ status }) => status !== 200);
    assert.deepEqual([taken.length, refused.length], [10, 10]);
    assert.equal(new Set(taken.map(({ body }) => body.transaction)).size, 1);
    for (const reply of refused) {
        assertProblem(reply, 409, 'PAYMENT_IN_FLIGHT');
        assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    }
    assert.equal((await payment(place, person, reservation)).state, 'IN_FLIGHT');
});

test('bytes that are not the permitted ones', async () => {
    const { person, wallet, paths } = ann;
    const reply = await permit(place, person, event, wallet);
    const good = Buffer.from(signByWeb3(wallet, reply), 'base64');
    const mismatch = (transaction) => assertRefused(system, person, 'POST', paths.give, { transaction }, 422, 'PERMIT_MISMATCH', 'transaction');
    const malformed = (transaction, code = 'MALFORMED') => assertRefused(system, person, 'POST', paths.give, { transaction }, 400, code, 'transaction');
    await mismatch(reply.transaction); // nobody has signed it
    for (let at = 0; at < good.length; at += 7) { // signatures, keys, blockhash, amounts, memo
        const changed = Buffer.from(good);
        changed[at] ^= 1;
        const refused = await give(place, person, ann.reservation, changed.toString('base64'));
        assert.ok(['MALFORMED', 'PERMIT_MISMATCH'].includes(refused.body.code), `byte ${at}: ${JSON.stringify(refused.body)}`);
        assert.deepEqual(refused.body.errors.map(({ field }) => field), ['transaction']);
    }
    for (const bytes of [good.subarray(1), good.subarray(0, -1), Buffer.concat([good, Buffer.alloc(1)]), Buffer.alloc(200), Buffer.alloc(1232, 255)]) await malformed(bytes.toString('base64'));
    await malformed(Buffer.alloc(1233).toString('base64'), 'INVALID_FIELD');
    await malformed('no base64 at all!');
    await malformed(7);
    await malformed(undefined, 'INVALID_FIELD');
    await assertRefused(system, person, 'POST', paths.give, { transaction: 'A'.repeat(HUGE) }, 413, 'BODY_TOO_LARGE');
    assert.equal((await payment(place, person, ann.reservation)).state, 'IN_FLIGHT');
});

// What a wallet may make of it before it signs, and what it would gain.
const CHANGES = {
    'another pays the fee': (transaction, { payer }) => (transaction.feePayer = payer.publicKey),
    'the fee is raised': (transaction) => (transaction.instructions[1] = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 })),
    'a nonce keeps it alive': (transaction, { nonce, wallet }) => {
        transaction.recentBlockhash = nonce.publicKey.toBase58();
        transaction.instructions.unshift(SystemProgram.nonceAdvance({ noncePubkey: nonce.publicKey, authorizedPubkey: wallet.publicKey }));
    },
    'the authority\'s money goes along': (transaction, { wallet }) =>
        transaction.add(SystemProgram.transfer({ fromPubkey: new PublicKey(cluster.authority.address), toPubkey: wallet.publicKey, lamports: 1 })),
    'the price is left out': (transaction) => transaction.instructions.splice(2, 1),
    'the memo is another': (transaction) => (transaction.instructions[3].data = Buffer.from('01890000-0000-7000-8000-00000000abcd')),
    'it pays for another seat': (transaction) => (transaction.instructions[2].keys[0].pubkey = Keypair.generate().publicKey),
    'it ends later': (transaction) => transaction.instructions[2].data.fill(127, transaction.instructions[2].data.length - 8),
};

test('whatever a wallet makes of the transaction, neither the service nor the cluster takes it', async () => {
    const { person, wallet, paths } = ann;
    const reply = await permit(place, person, event, wallet);
    const [payer, nonce] = [Keypair.generate(), Keypair.generate()];
    for (const [what, change] of Object.entries(CHANGES)) {
        const transaction = readPermit(reply), { signature } = transaction.signatures.find(({ publicKey }) => publicKey.toBase58() === cluster.authority.address);
        change(transaction, { wallet, payer, nonce });
        const bytes = signAs(transaction, [wallet.keypair, payer], { [cluster.authority.address]: signature });
        const refused = await call(system, 'POST', paths.give, { token: person.token, body: { transaction: bytes.toString('base64') } });
        assert.deepEqual([refused.status, refused.body.code], [422, 'PERMIT_MISMATCH'], `${what}: ${JSON.stringify(refused.body)}`);
        const asksAuthority = bytes.includes(new PublicKey(cluster.authority.address).toBuffer()); // else it is the wallet's own business
        if (asksAuthority) await assert.rejects(connect(cluster).sendRawTransaction(bytes), /signature/i, what);
    }
});

test('one\'s own bytes pay for nobody else, and one wallet may pay for two', async () => {
    const { person, wallet, reservation } = ann;
    const signed = signByWeb3(wallet, await permit(place, person, event, wallet));
    const bob = await hold(place, 'bob', event);
    await assertRefused(system, bob.person, 'POST', `/payments/${bob.reservation.payment_id}/transaction`, { transaction: signed }, 409, 'PERMIT_DEAD');
    const his = signByWeb3(wallet, await permit(place, bob.person, event, wallet));
    await assertRefused(system, bob.person, 'POST', `/payments/${bob.reservation.payment_id}/transaction`, { transaction: signed }, 422, 'PERMIT_MISMATCH', 'transaction');
    await assertRefused(system, bob.person, 'POST', ann.paths.give, { transaction: signed }, 404, 'NOT_FOUND');
    const had = await cluster.balance(wallet.address);
    const given = await many(20, (i) => (i % 2 ? give(place, person, reservation, signed) : give(place, bob.person, bob.reservation, his)));
    assert.deepEqual(given.map(({ status, body }) => status === 200 || body.code === 'ALREADY_PAID'), Array(20).fill(true));
    for (const one of [ann, bob]) assert.equal((await untilPayment(place, one.person, one.reservation, 'SEATED')).receipts.length, 1);
    const left = had - await cluster.balance(wallet.address);
    assert.ok(left >= 2 * PRICE && left < 3 * PRICE, `${left}`);
    await assertRefused(system, person, 'POST', ann.paths.give, { transaction: signed }, 409, 'ALREADY_PAID');
});

test('a wallet without money keeps the seat no longer than its transaction lives', async () => {
    const { person, reservation } = await hold(place, 'poor', event);
    const [poor, rich] = [await makeWallet(cluster, 0), await fundWallet(place)];
    assert.equal((await give(place, person, reservation, signByWeb3(poor, await permit(place, person, event, poor)))).status, 200);
    assertProblem(await ask(place, person, event, rich.address), 409, 'PAYMENT_IN_FLIGHT');
    await cluster.advance(160);
    let reply;
    await eventually(async () => (reply = await ask(place, person, event, rich.address)).status === 200, PATIENCE_MS);
    assert.equal((await give(place, person, reservation, signByWeb3(rich, reply.body))).status, 200);
    await untilPayment(place, person, reservation, 'SEATED');
});

test('lamports at an address where nothing is yet hinder nothing, and whose it becomes has them', async () => {
    const stranger = await fundWallet(place, 5), dust = { event: 2_000_000, vault: 3_000_000, ticket: 1_000_000, entry: 1_500_000 };
    const strew = async (address, lamports) => {
        await sendDust(cluster, stranger, address, lamports);
        await eventually(async () => await cluster.balance(address) >= lamports, PATIENCE_MS);
    };
    place.between.passes = () => false; // the event is on its way
    const made = await createEvent(place), addresses = placesOfEvent(cluster, made);
    await strew(addresses.event, dust.event);
    place.between.passes = () => true;
    const own = await untilPayable(place, made);
    assert.equal(own.cluster_address, addresses.event);
    await strew(addresses.vault, dust.vault);

    const { person, reservation } = await hold(place, 'strewn', own), wallet = await fundWallet(place);
    const [had, poolHad] = [await cluster.balance(wallet.address), await cluster.balance(cluster.pool.address)];
    const reply = await permit(place, person, own, wallet), { ticket, entry } = placesOf(cluster, reply);
    await strew(ticket, dust.ticket);
    await strew(entry, dust.entry);
    assert.equal((await give(place, person, reservation, signByWeb3(wallet, reply))).status, 200);
    const { received, over } = await untilPayment(place, person, reservation, 'SEATED');
    assert.deepEqual([received, over], [String(PRICE), false]);
    await ok(system, 'POST', `/events/${own.id}/cancel`, { token: god.token, body: {} });
    await untilPayment(place, person, reservation, 'REFUNDED');
    assert.equal(await cluster.balance(wallet.address, 'finalized'), had - FEE + dust.ticket + dust.entry);
    await eventually(async () => await cluster.balance(addresses.event, 'finalized') === 0, PATIENCE_MS);
    assert.equal(await cluster.balance(cluster.pool.address, 'finalized'), poolHad + dust.vault);
});

test('what is paid in another way is not paid in this one', async () => {
    const { person, reservation } = await hold(place, 'other_way', event);
    const wallet = await makeWallet(cluster, 0), signed = signByWeb3(wallet, await permit(place, person, event, wallet));
    assertProblem(await call(system, 'POST', `/payments/${reservation.payment_id}/pay`, { token: person.token }), 409, 'PERMIT_NEEDED');
    const body = openBody(god, place.deck, { price: { amount: '500', currency: 'CONSE' } });
    const coins = (await ok(system, 'POST', '/events', { token: god.token, body })).event;
    const held = await hold(place, 'coins', coins), { payment_id: id } = held.reservation;
    await assertAllRefused(system, [
        [held.person, 'POST', `/events/${coins.id}/payment`, { account: ann.wallet.address }, 409, 'PERMIT_NOT_NEEDED'],
        [held.person, 'POST', `/payments/${id}/transaction`, { transaction: signed }, 409, 'PERMIT_NOT_NEEDED'],
        [held.person, 'GET', `/payments/${id}/qr.svg`, undefined, 409, 'PERMIT_NOT_NEEDED'],
    ]);
    assertProblem(await solanaPay(`${id}.${NO_WALLET}`), 404, 'NOT_FOUND');
});
