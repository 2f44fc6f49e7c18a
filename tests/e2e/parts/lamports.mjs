// Services with a cluster on which seats are paid for, and what people do there.
import assert from 'node:assert/strict';
import { startBetween } from './between.mjs';
import { startCluster } from './cluster.mjs';
import { as, LIMITS, makeDeck, makeGod, openBody, readEvent } from './games.mjs';
import { call, eventually, ok, signUp } from './people.mjs';
import { metricOf, startSystem } from './system.mjs';
import { makeWallet } from './wallets.mjs';

export const PATIENCE_MS = 40000;
export const PRICE = 1_000_000_000 / 4;
export const FEE = 10_000 + 500; // two signatures, and the priority of 50 000 units at 10 000 millionths
const SLOT_MS = 60;

// {cluster, between, system, god, deck, stop()}. Slots end by themselves, unless slotMs is 0; what chain asks of the node goes through `between`.
export async function startLamports({ slotMs = SLOT_MS, env = {} } = {}) {
    const started = [];
    const stop = async () => {
        for (const each of started.reverse()) await each.stop();
    };
    const begin = async (starting) => {
        const each = await starting;
        started.push(each);
        return each;
    };
    try {
        const cluster = await begin(startCluster({ slotMs }));
        const between = await begin(startBetween(cluster.url));
        const system = await begin(startSystem({ env: { ...LIMITS, ...cluster.env, CONSE_SOLANA_RPC: between.url, CONSE_PUBLIC_URL: 'https://play.example', ...env } }));
        const god = await makeGod(system, 'lamports_god');
        const deck = await makeDeck(system, god);
        const takers = () => metricOf(system, 'chain', 'conse_chain_cluster_takes_money');
        await eventually(async () => (await takers()) === system.replicasOf('chain').length, PATIENCE_MS);
        return { cluster, between, system, god, deck, stop };
    } catch (error) {
        await stop(); // or what runs keeps the test's process
        throw error;
    }
}

export const priceOf = (amount) => ({ price: { amount: String(amount), currency: 'LAMPORTS' } });

// A new event, once events has heard that there is a cluster.
export async function createEvent({ system, god, deck }, more = {}) {
    let reply;
    const body = openBody(god, deck, { ...priceOf(PRICE), ...more });
    await eventually(async () => (reply = await call(system, 'POST', '/events', { token: god.token, body })).status === 201, PATIENCE_MS);
    return reply.body.event;
}

// The event, when chain has put it on the cluster.
export async function untilPayable({ system, god }, event) {
    let read;
    await eventually(async () => (read = await readEvent(system, god, event)).payable, PATIENCE_MS);
    return read;
}
export const openPayable = async (place, more) => untilPayable(place, await createEvent(place, more));

export const ask = ({ system }, { token }, event, account) => call(system, 'POST', `/events/${event.id}/payment`, { token, body: account ? { account } : {} });
export const give = ({ system }, { token }, { payment_id: id }, transaction) => call(system, 'POST', `/payments/${id}/transaction`, { token, body: { transaction } });
export const payment = async ({ system }, { token }, { payment_id: id }) => (await ok(system, 'GET', `/payments/${id}`, { token })).payment;
export const reservationOf = async ({ system }, person, event) => (await readEvent(system, person, event)).my_reservation;

// The payment, when its state is one of these; while chain starts again there is no answer.
export async function untilPayment({ system }, { token }, { payment_id: id }, ...states) {
    let read;
    await eventually(async () => {
        read = (await call(system, 'GET', `/payments/${id}`, { token })).body.payment;
        return states.includes(read?.state);
    }, PATIENCE_MS);
    return read;
}

// Somebody new with a hold whose payment is open: {person, reservation}.
export async function hold(place, name, event) {
    const person = await signUp(place.system, name);
    const { reservation } = await as(place.system, person, event)('POST', '/reservations', {});
    await eventually(async () => (await reservationOf(place, person, event)).hold_expires_at, PATIENCE_MS);
    return { person, reservation };
}

// The transaction for the wallet.
export async function permit(place, person, event, { address }) {
    const reply = await ask(place, person, event, address);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return reply.body;
}

// A wallet whose lamports are there.
export async function fundWallet({ cluster }, sol = 1) {
    const wallet = await makeWallet(cluster, sol);
    await eventually(async () => await cluster.balance(wallet.address) > 0, PATIENCE_MS);
    return wallet;
}

// Somebody new who has paid for a seat: {person, reservation, wallet, had}, with what the wallet had before.
export async function seatPaid(place, name, event, sign) {
    const { person, reservation } = await hold(place, name, event);
    const wallet = await fundWallet(place);
    const had = await place.cluster.balance(wallet.address);
    const given = await give(place, person, reservation, await sign(wallet, await permit(place, person, event, wallet)));
    assert.equal(given.status, 200, JSON.stringify(given.body));
    await untilPayment(place, person, reservation, 'SEATED');
    return { person, reservation, wallet, had };
}
