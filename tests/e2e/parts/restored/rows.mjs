// What people do with money between a backup and the restore from it: what was so at the backup, what happened since, and what has to be so
// behind the restore of chain, of events, or of both. Nothing that was paid is lost, and nothing is paid twice.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { as, openBody, readEvent } from '../games.mjs';
import { ask, FEE, fundWallet, give, hold, openPayable, PATIENCE_MS, payment, PRICE, reservationOf, untilPayment } from '../lamports.mjs';
import { supplyOf } from '../nfts.mjs';
import { call, consectl, eventually, ok, signUp } from '../people.mjs';
import { holderOf, linkWallet, signByWeb3 } from '../wallets.mjs';

const COINS = 2000, COIN_PRICE = 500, CREDIT = 2 * PRICE, CREDIT_FEE = 11_000, WITHDRAWN = 10_000_000, WITHDRAWAL_FEE = 1_000_000;

const finalBalance = ({ cluster }, { address }) => cluster.balance(address, 'finalized');
const spent = async (at, { wallet, had }) => had - await finalBalance(at, wallet);
const rents = async ({ cluster }) => 2 * await cluster.call('getMinimumBalanceForRentExemption', 120);
const balanceOf = async ({ system }, { token }, of) => Number((await ok(system, 'GET', '/wallet', { token })).balances.find(({ kind }) => kind === of)?.amount ?? 0);
const grant = ({ system, dev }, { id }, amount, currency) => eventually(async () => (await call(system, 'POST', '/ledger/grants',
    { token: dev.token, body: { to_user_id: id, amount: String(amount), currency, memo: 'start' } })).status === 201, PATIENCE_MS);

// What a service says when it has just started is no answer.
async function untilAnswered(ask) {
    let reply;
    await eventually(async () => ![500, 502, 503, 504].includes((reply = await ask().catch(() => ({ status: 503 }))).status), PATIENCE_MS);
    return reply;
}
const must = async (ask, status = 200) => {
    const reply = await untilAnswered(ask);
    assert.equal(reply.status, status, JSON.stringify(reply.body));
    return reply.body;
};
const until = (check) => eventually(() => check().catch(() => false), PATIENCE_MS);

// ---- Steps

async function begin(at, name, event = at.event) {
    const held = await hold(at, `${at.round}_${name}`, event), wallet = await fundWallet(at);
    return { ...held, event, wallet, had: await at.cluster.balance(wallet.address) };
}
async function pay(at, payer) {
    const { person, reservation, wallet, event } = payer;
    const signed = signByWeb3(wallet, await must(() => ask(at, person, event, wallet.address)));
    await must(() => give(at, person, reservation, signed));
    await untilPayment(at, person, reservation, 'SEATED');
    return payer;
}
async function beginCredit(at, name) {
    const held = await hold(at, `${at.round}_${name}`, at.event);
    await grant(at, held.person, CREDIT, 'LAMPORTS');
    return { ...held, event: at.event };
}
async function payCredit(at, payer) {
    await must(() => call(at.system, 'POST', `/payments/${payer.reservation.payment_id}/pay`, { token: payer.person.token }));
    await untilPayment(at, payer.person, payer.reservation, 'SEATED');
    return payer;
}
async function leave(at, { person, reservation, event }) {
    await as(at.system, person, event)('DELETE', `/reservations/${person.id}`);
    await untilPayment(at, person, reservation, 'REFUNDED');
}
const isSeated = async (at, { person, event }) => (await reservationOf(at, person, event))?.state === 'CONFIRMED';
const hasNoSeat = async (at, { person, event }) => !await reservationOf(at, person, event);

async function seatedOnce(at, payer) {
    const { received, receipts } = await untilPayment(at, payer.person, payer.reservation, 'SEATED');
    assert.deepEqual([received, receipts.filter(({ counts }) => counts).length], [String(PRICE), 1]);
    await until(() => isSeated(at, payer));
}
async function staysPaid(at, payer) {
    await seatedOnce(at, payer);
    await until(async () => await spent(at, payer) === PRICE + FEE + await rents(at));
}
async function allBack(at, payer) {
    await until(async () => await spent(at, payer) === FEE);
}

// ---- An evening that is played

async function beginGame(at) {
    const event = await openPayable(at, { payment_terms: { payout_after: '0s', tax_bp: 1000, god_bp: 1000 } });
    const players = [await pay(at, await begin(at, 'wins', event)), await pay(at, await begin(at, 'loses', event))], act = as(at.system, at.god, event);
    await until(async () => (await call(at.system, 'POST', `/events/${event.id}/lock`, { token: at.god.token, body: {} })).status === 200);
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const shown = (await readEvent(at.system, at.god, event)).players;
    return { event, players, sides: players.map(({ person }) => shown.find(({ user_id: id }) => id === person.id).side_id) };
}
const finish = (at, { event }, side) => call(at.system, 'POST', `/events/${event.id}/finish`, { token: at.god.token, body: { winning_side_ids: [side] } });
const isClosed = async ({ cluster }, { event }) => !(await cluster.call('getAccountInfo', event.cluster_address, { encoding: 'base64', commitment: 'finalized' })).value;

// ---- Cards

const ROLE = randomUUID();
const cards = async ({ system }, { token }) => (await ok(system, 'GET', `/market/cards?role_id=${ROLE}`, { token })).cards ?? [];
const mintOf = async ({ system }, { person, card }) => (await call(system, 'GET', `/market/cards/${card.transaction_id}/mint`, { token: person.token })).body;
const land = ({ cluster }, signed) => cluster.call('sendTransaction', signed, { encoding: 'base64', skipPreflight: true });

async function beginCard(at, name) {
    const person = await signUp(at.system, `${at.round}_${name}`), wallet = await fundWallet(at);
    await until(async () => (await consectl(at.system, 'card', 'make', person.id, ROLE, randomUUID())).code === 0);
    await linkWallet(at.system, person, holderOf(wallet));
    const [card] = await cards(at, person);
    return { person, wallet, card };
}
async function mint(at, owner) {
    const { person, card, wallet } = owner;
    const made = await must(() => call(at.system, 'POST', `/market/cards/${card.transaction_id}/mint`, { token: person.token, body: {} }), 201);
    await land(at, signByWeb3(wallet, made));
    await until(async () => (await mintOf(at, owner)).state === 'THERE');
    return { ...owner, address: made.mint.address };
}
async function burn(at, owner) {
    const { person, wallet, address } = owner;
    let made;
    await until(async () => (made = await call(at.system, 'POST', '/market/cards/burns', { token: person.token, body: { mints: [address] } })).status === 200);
    await land(at, signByWeb3(wallet, made.body));
    await until(async () => (await mintOf(at, owner)).state === 'BACK');
    return owner;
}
// From the first answer on.
async function isNotSold(at, { person }) {
    const order = () => call(at.system, 'POST', '/market/orders', { token: person.token, body: { role_id: ROLE, side: 'SELL', price: '500', quantity: 1 } });
    let reply;
    await until(async () => {
        reply = await order();
        assert.notEqual(reply.status, 201, 'a card that is on the cluster is sold');
        return reply.status < 500;
    });
    assert.equal(reply.body.code, 'CARDS_SHORT');
}

// ---- The rows

const openCoins = async ({ system, god, deck }) =>
    (await ok(system, 'POST', '/events', { token: god.token, body: openBody(god, deck, { price: { amount: String(COIN_PRICE), currency: 'CONSE' } }) })).event;
async function beginCoins(at, name, held) {
    const event = await openCoins(at);
    if (held) {
        const payer = await hold(at, `${at.round}_${name}`, event);
        await grant(at, payer.person, COINS, 'CONSE');
        return { ...payer, event };
    }
    const person = await signUp(at.system, `${at.round}_${name}`);
    await grant(at, person, COINS, 'CONSE');
    return { person, event };
}
async function payCoins({ system }, payer) {
    await ok(system, 'POST', `/payments/${payer.reservation.payment_id}/pay`, { token: payer.person.token });
    return payer;
}
async function reserveCoins(at, { person, event }) {
    const { reservation } = await as(at.system, person, event)('POST', '/reservations', {});
    await until(async () => (await reservationOf(at, person, event)).hold_expires_at);
    return { person, event, reservation };
}

// before: what is so at the backup; since: what happens then, and is forgotten; after: with the names of the services that were restored.
export const ROWS = {
    'a reservation is paid': {
        before: (at) => begin(at, 'pays'),
        since: pay,
        after: staysPaid,
    },
    'a seat is reserved and paid': {
        before: () => undefined,
        since: async (at) => pay(at, await begin(at, 'later')),
        after: async (at, payer, restored) => {
            if (!restored.includes('events')) return staysPaid(at, payer); // which tells of the hold again
            await allBack(at, payer);
            await until(() => hasNoSeat(at, payer));
        },
    },
    'an event is opened, and a seat of it paid': {
        before: () => undefined,
        since: async (at) => pay(at, await begin(at, 'opened', await openPayable(at))),
        after: async (at, payer, restored) => {
            if (!restored.includes('events')) return staysPaid(at, payer);
            await allBack(at, payer);
            await until(() => isClosed(at, payer));
        },
    },
    'a seat is given back': {
        before: async (at) => pay(at, await begin(at, 'leaves')),
        since: async (at, payer) => (await leave(at, payer), payer),
        after: async (at, payer) => {
            const { refunds } = await untilPayment(at, payer.person, payer.reservation, 'REFUNDED');
            assert.deepEqual(refunds.map(({ amount, state }) => [amount, state]), [[String(PRICE), 'DONE']]);
            await allBack(at, payer);
            await until(() => hasNoSeat(at, payer));
        },
    },
    'a pot is divided': {
        before: beginGame,
        since: async (at, game) => {
            await must(() => finish(at, game, game.sides[0]));
            for (const { person, reservation } of game.players) await untilPayment(at, person, reservation, 'PAID_OUT');
            await until(() => isClosed(at, game));
            return { ...game, got: await Promise.all(game.players.map(({ wallet }) => finalBalance(at, wallet))) };
        },
        after: async (at, game, restored) => {
            const side = restored.includes('chain') ? 0 : 1; // which knows who has won, whatever the god says now
            if (restored.includes('events')) await must(() => finish(at, game, game.sides[side]));
            for (const { person, reservation } of game.players) await untilPayment(at, person, reservation, 'PAID_OUT');
            assert.deepEqual(await Promise.all(game.players.map(({ wallet }) => finalBalance(at, wallet))), game.got);
        },
    },
    'an event is called off': {
        before: async (at) => pay(at, await begin(at, 'called', await openPayable(at))),
        since: async (at, payer) => {
            await as(at.system, at.god, payer.event)('POST', '/cancel', {});
            await untilPayment(at, payer.person, payer.reservation, 'REFUNDED');
            await until(() => isClosed(at, payer));
            return payer;
        },
        after: async (at, payer, restored) => {
            if (restored.includes('events')) await must(() => call(at.system, 'POST', `/events/${payer.event.id}/cancel`, { token: at.god.token, body: {} }));
            await untilPayment(at, payer.person, payer.reservation, 'REFUNDED');
            await allBack(at, payer);
        },
    },
    'credit pays for a seat': {
        before: (at) => beginCredit(at, 'credit'),
        since: payCredit,
        after: async (at, payer, restored) => {
            const fee = restored.includes('chain') ? 0 : CREDIT_FEE; // which has forgotten what lay aside
            await seatedOnce(at, payer);
            assert.equal(await balanceOf(at, payer.person, 'LAMPORTS'), CREDIT - PRICE - fee);
        },
    },
    'a seat that credit paid for is given back': {
        before: async (at) => payCredit(at, await beginCredit(at, 'returns')),
        since: async (at, payer) => (await leave(at, payer), payer),
        after: async (at, payer) => {
            await untilPayment(at, payer.person, payer.reservation, 'REFUNDED');
            assert.equal(await balanceOf(at, payer.person, 'LAMPORTS'), CREDIT - CREDIT_FEE);
            await until(() => hasNoSeat(at, payer));
        },
    },
    'credit goes to a wallet': {
        before: async (at) => {
            const person = await signUp(at.system, `${at.round}_withdraws`), wallet = await fundWallet(at);
            await grant(at, person, WITHDRAWN, 'LAMPORTS');
            await linkWallet(at.system, person, holderOf(wallet));
            return { person, wallet, had: await at.cluster.balance(wallet.address) };
        },
        since: async (at, owner) => {
            await must(() => call(at.system, 'POST', '/wallet/withdrawals', { token: owner.person.token, body: { amount: String(WITHDRAWN) } }), 201);
            await until(async () => await spent(at, owner) === WITHDRAWAL_FEE - WITHDRAWN);
            return owner;
        },
        after: async (at, owner) => {
            const again = () => call(at.system, 'POST', '/wallet/withdrawals', { token: owner.person.token, body: { amount: String(WITHDRAWN) } });
            const reply = await untilAnswered(again);
            assert.ok(['FUNDS_SHORT', 'WITHDRAWAL_OPEN'].includes(reply.body.code), JSON.stringify(reply.body));
            await until(async () => (await ok(at.system, 'GET', '/wallet/withdrawals', { token: owner.person.token })).withdrawals?.[0]?.state === 'DONE');
            assert.equal(await balanceOf(at, owner.person, 'LAMPORTS'), 0);
            assert.equal(await spent(at, owner), WITHDRAWAL_FEE - WITHDRAWN);
        },
    },
    'a card goes to the cluster': {
        before: (at) => beginCard(at, 'mints'),
        since: mint,
        after: async (at, owner) => {
            await isNotSold(at, owner);
            await until(async () => (await mintOf(at, owner)).state === 'THERE');
            assert.deepEqual([await cards(at, owner.person), await supplyOf(at.cluster, owner.address)], [[], '1']);
        },
    },
    'a card comes back': {
        before: async (at) => mint(at, await beginCard(at, 'burns')),
        since: burn,
        after: async (at, owner) => {
            await until(async () => (await mintOf(at, owner)).state === 'BACK');
            assert.equal((await cards(at, owner.person)).length, 1);
            assert.equal(await supplyOf(at.cluster, owner.address), '0');
        },
    },
    'a seat is paid in CONSE': {
        before: (at) => beginCoins(at, 'coins', true),
        since: payCoins,
        after: async (at, payer, restored) => {
            const { kept } = await payment(at, payer.person, payer.reservation);
            assert.equal(Number(kept ?? 0) + await balanceOf(at, payer.person, 'CONSE'), COINS);
            if (!restored.includes('chain')) await until(() => isSeated(at, payer));
        },
    },
    'a seat is reserved, and paid in CONSE': {
        before: (at) => beginCoins(at, 'more_coins', false),
        since: async (at, guest) => payCoins(at, await reserveCoins(at, guest)),
        after: async (at, payer, restored) => {
            await until(async () => await balanceOf(at, payer.person, 'CONSE') === COINS);
            if (restored.includes('events')) await until(() => hasNoSeat(at, payer));
        },
    },
};
