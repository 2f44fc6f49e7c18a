// What holds after everything that happened to seats in LAMPORTS: what the services say, what the ledger has and what is on the cluster are
// one and the same, once, and nobody has waited in vain.
import assert from 'node:assert/strict';
import { eventually } from '../people.mjs';
import { placesOfEvent } from '../wallets.mjs';
import { metricOf } from '../system.mjs';
import { checkEvent, divide, limboOf, readEvent, sum } from './checks.mjs';
import { CREDIT, CREDIT_FEE, PRICE, START_SOL } from './lamports_stage.mjs';
import { PATIENCE_MS, PLACES } from './stage.mjs';
import { Fees, readEntries, readTickets } from './truth.mjs';

const WITHDRAWAL_FEE = 1_000_000, LAMPORTS = 1e9, VALID_AND_FINAL = 160 + 40;
const IMPATIENT_MS = 2000; // then no block is waited for, which comes at once
const LIMBO_MS = Number(process.env.CONSE_MONEY_LIMBO_MS ?? 30000); // in which all ends once its permit is dead
const UNFINISHED = new Set(['ENDING', 'SETTLING', 'REFUNDING', 'PAYING_OUT']);

// ---- What is read

async function readPerson(stage, person) {
    const [credit, seats, withdrawals] = await Promise.all([
        stage.credit(person),
        Promise.all(stage.events.map(async ({ id }) => (await stage.read(person, `/events/${id}`)).event.my_reservation)),
        person.linked ? stage.read(person, '/wallet/withdrawals') : {},
    ]);
    return { credit, seats, withdrawals: withdrawals.withdrawals ?? [] };
}

async function readOneEvent(stage, event) {
    const [seen, waiting] = await Promise.all([readEvent(stage, event), stage.ask(stage.god, 'GET', `/events/${event.id}/waitlist`)]);
    return { ...seen, waiting: (waiting.body.waitlist ?? []).map(({ user_id: id, since }) => ({ id, since })) };
}

async function readAll(stage) {
    const [people, events] = await Promise.all([
        Promise.all(stage.people.map((person) => readPerson(stage, person))),
        Promise.all(stage.events.map((event) => readOneEvent(stage, event))),
    ]);
    return { people, events };
}

// ---- What is on its way

const byCredit = ({ receipts }) => (receipts ?? []).some(({ credit, counts }) => credit && counts);

// A transaction that a wallet keeps to itself is no reason to wait.
const isFlying = (stage, { state, id }) => state === 'IN_FLIGHT' && stage.sent.has(id);
const waitsForDeath = (stage, seen) => seen.events.some(({ payments }) => payments.some((payment) => payment.state === 'ENDING' || isFlying(stage, payment)));

function unfinishedOf(stage, seen) {
    for (const { payments } of seen.events) {
        const open = payments.find((payment) => UNFINISHED.has(payment.state) || isFlying(stage, payment) || (payment.refunds ?? []).some(({ state }) => !['DONE', 'CREDITED'].includes(state)));
        if (open) return `a payment is ${open.state}`;
    }
    return seen.people.some(({ withdrawals }) => withdrawals.some(({ state }) => !['DONE', 'FAILED'].includes(state))) ? 'a withdrawal is on its way' : undefined;
}

// ---- Ledger and cluster

// What a payment keeps has a ticket, until the pot is divided.
const hasTicket = ({ kept, state, comp }) => Number(kept ?? 0) > 0 && !comp && state !== 'PAID_OUT';
const ownerOf = (stage, { receipts }) => receipts.find(({ counts, credit, payer }) => counts && (credit || payer)).payer || stage.cluster.authority.address;

const shown = (list) => JSON.stringify([...list].sort());
function ticketsOf(stage, seen) {
    return seen.events.flatMap(({ address, payments }) => payments.filter(hasTicket).map((payment) => `${address} ${ownerOf(stage, payment)}`));
}

// What each winner of the event got.
function partOf(stage, seen, place) {
    const { payments } = seen.events[place], winners = payments.filter(({ winner }) => winner).length;
    return divide(sum(payments.map(({ kept }) => kept)), stage.events[place].terms, winners).won / (winners || 1);
}
const winsOf = (stage, seen, isOne) =>
    sum(seen.events.map(({ payments }, place) => payments.filter((payment) => payment.winner && payment.state === 'PAID_OUT' && isOne(payment)).length * partOf(stage, seen, place)));

// Of a wallet: what it has is what it had, less what its tickets, those of divided pots too, their places and its fees cost, and with what it
// won or was sent.
async function oddWallet(stage, seen, { tickets, entries }) {
    for (const [i, { wallet: { address } }] of stage.people.entries()) {
        const own = tickets.filter(({ player }) => player === address), rents = entries.filter(({ payer }) => payer === address);
        const spent = sum(own.map(({ paid, rent }) => paid + rent)) + sum(rents.map(({ rent }) => rent)) + await stage.fees.of(address);
        const isOwn = (payment) => Number(payment.kept ?? 0) > 0 && !payment.comp && !byCredit(payment) && ownerOf(stage, payment) === address;
        const divided = seen.events.flatMap(({ payments }) => payments).filter((payment) => payment.state === 'PAID_OUT' && isOwn(payment)).length * PRICE;
        const won = winsOf(stage, seen, isOwn);
        const sent = sum(seen.people[i].withdrawals.filter(({ state }) => state === 'DONE').map(({ amount }) => Number(amount) - WITHDRAWAL_FEE));
        const has = await stage.cluster.balance(address, 'finalized'), due = START_SOL * LAMPORTS - spent - divided + won + sent;
        if (has !== due) return `the wallet of player${i} has ${has}, and ${due} is right (${own.length} tickets, ${won} won, ${sent} sent)`;
    }
    return undefined;
}

function oddCredit(stage, seen) {
    for (const [i, { id }] of stage.people.entries()) {
        const isOwn = (payment) => payment.user_id === id && byCredit(payment);
        const own = seen.events.flatMap(({ payments }) => payments).filter(isOwn), paid = own.filter(({ kept }) => Number(kept ?? 0) > 0);
        const sent = sum(seen.people[i].withdrawals.filter(({ state }) => state !== 'FAILED').map(({ amount }) => amount));
        const due = CREDIT - paid.length * PRICE - own.length * CREDIT_FEE + winsOf(stage, seen, isOwn) - sent, { credit } = seen.people[i];
        if (credit !== due) return `player${i} has ${credit} of credit, and ${due} is right (${paid.length} seats)`;
    }
    return undefined;
}

// What strangers sent is in the vault until the event is closed, and nothing else is.
async function oddVault(stage, seen, tickets) {
    for (const { id } of stage.events) {
        const { vault, event } = placesOfEvent(stage.cluster, { id }), has = await stage.cluster.balance(vault, 'finalized');
        const own = sum(tickets.filter((ticket) => ticket.event === event).map(({ paid }) => paid)), rent = has && (stage.rent ??= await stage.cluster.call('getMinimumBalanceForRentExemption', 0));
        const over = has - own - rent, most = stage.dust.get(id) ?? 0, divided = seen.events[stage.events.findIndex((one) => one.id === id)].payments.some(({ state }) => state === 'PAID_OUT');
        if (!divided && has && (over < 0 || over > most)) return `the vault of an event has ${has}, with tickets of ${own}`;
    }
    return undefined;
}

async function oddOf(stage, seen) {
    const [tickets, entries] = [await readTickets(stage.cluster), await readEntries(stage.cluster)];
    const [there, due] = [shown(tickets.map(({ event, player }) => `${event} ${player}`)), shown(ticketsOf(stage, seen))];
    if (there !== due) return `tickets are ${there}, and ${due} are right`;
    if (tickets.some(({ paid }) => paid !== PRICE)) return 'a ticket cost another price';
    return oddCredit(stage, seen) ?? await oddWallet(stage, seen, { tickets, entries }) ?? oddVault(stage, seen, tickets);
}

// ---- At rest

// Whoever waits for a transaction's end waits until it is dead, and not half a minute longer.
async function hurry(stage, seen, waited) {
    if (!waitsForDeath(stage, seen)) {
        delete waited.dead;
    } else if (waited.dead) {
        assert.ok(Date.now() - waited.dead < LIMBO_MS, `a hold is in limbo though its permit died: ${JSON.stringify(seen.events.flatMap(({ payments }) => payments).filter(({ state }) => ['ENDING', 'IN_FLIGHT'].includes(state)))}`);
    } else if (Date.now() - waited.since > IMPATIENT_MS) {
        await stage.cluster.advance(VALID_AND_FINAL);
        waited.dead = Date.now();
    }
}

async function readSettled(stage) {
    const waited = { since: Date.now() };
    let seen, limbo;
    const isSettled = async () => {
        const first = await readAll(stage);
        limbo = limboOf(stage, first) ?? unfinishedOf(stage, first) ?? await oddOf(stage, first);
        if (limbo) await hurry(stage, first, waited);
        if (limbo) return false;
        seen = await readAll(stage);
        return JSON.stringify(first) === JSON.stringify(seen);
    };
    await eventually(isSettled, 2 * PATIENCE_MS).catch((error) => assert.fail(`${limbo ?? 'it never rests'}: ${error.message}`));
    return seen;
}

// ---- What holds

// Who has waited all the time waits before all who came since, but for those who paid; and who got a place stood before them.
function checkOrder(before, now) {
    const at = (list, { id, since }) => list.findIndex((one) => one.id === id && one.since === since);
    const is = (id, ...states) => now.payments.some(({ user_id: user, state }) => user === id && states.includes(state));
    const still = before.waiting.filter((one) => at(now.waiting, one) >= 0);
    const came = now.waiting.filter((one) => at(still, one) < 0 && !is(one.id, 'WAITING_PAID'));
    const placed = before.waiting.filter((one) => at(still, one) < 0 && is(one.id, 'HELD', 'IN_FLIGHT', 'SEATED'));
    assert.deepEqual(now.waiting.filter((one) => at(still, one) >= 0), still, 'who waits changed places');
    assert.ok(came.every((one) => still.every((other) => at(now.waiting, other) < at(now.waiting, one))), 'somebody waits before who came earlier');
    assert.ok(placed.every((one) => still.every((other) => at(before.waiting, one) < at(before.waiting, other))), 'a place went past who was first');
}

function checkPlaces(event) {
    const taking = event.payments.filter(({ state }) => ['HELD', 'IN_FLIGHT', 'SEATED', 'PLAYING'].includes(state));
    assert.ok(taking.length <= PLACES, `${taking.length} payments for ${PLACES} places`);
    assert.equal(new Set(taking.map(({ user_id: id }) => id)).size, taking.length, 'somebody has two places');
    if (event.state === 'OPEN' && event.waiting.length) assert.equal(event.players.length, PLACES, 'somebody waits though there is a place');
    for (const { late, over, short, duplicate } of event.payments) assert.ok(!late && !over && !short && !duplicate, 'a payment was what it cannot be');
}

async function checkBacking(stage, seen) {
    const credit = sum(seen.people.map((person) => person.credit));
    const existing = () => metricOf(stage.system, 'chain', 'conse_chain_credit_lamports');
    await eventually(async () => await existing() === credit * stage.system.replicasOf('chain').length, PATIENCE_MS);
    assert.ok(await stage.cluster.balance(stage.cluster.authority.address) >= credit, 'the authority has less than all credit');
}

export async function checkLamports(stage) {
    stage.fees ??= new Fees(stage.cluster);
    const seen = await readSettled(stage);
    seen.events.forEach(checkEvent);
    seen.events.forEach(checkPlaces);
    (stage.before ?? []).forEach((before, place) => checkOrder(before, seen.events[place]));
    stage.before = seen.events;
    return seen;
}

// ---- In the end

async function callOff(stage, { id }) {
    const { event } = await stage.read(stage.god, `/events/${id}`);
    if (['OPEN', 'LOCKED', 'REVEALED', 'RUNNING'].includes(event.state)) await stage.ask(stage.god, 'POST', `/events/${id}/cancel`, {});
}

// All is over: nobody has a ticket or anything on the way, and the cluster keeps nothing of it.
export async function checkLamportsEnd(stage) {
    for (const event of stage.events) await callOff(stage, event);
    stage.kept.length = 0;
    await stage.pass(900);
    await checkLamports(stage);
    await eventually(async () => {
        await stage.cluster.advance(VALID_AND_FINAL);
        return !(await readTickets(stage.cluster)).length && !(await readEntries(stage.cluster)).length;
    }, PATIENCE_MS);
    const seen = await checkLamports(stage);
    await checkBacking(stage, seen);
    assert.ok(seen.events.every(({ payments }) => payments.every(({ state }) => !['HELD', 'IN_FLIGHT', 'SEATED', 'PLAYING', 'WAITING_PAID'].includes(state))));
}
