// What holds after everything that happened, by what GET answers alone.
import assert from 'node:assert/strict';
import { bytes, follow, isSealed, opens } from '../ledger.mjs';
import { consectl, eventually } from '../people.mjs';
import { CARDS, PATIENCE_MS, PLACES, START } from './stage.mjs';

export const sum = (list) => list.reduce((total, amount) => total + Number(amount ?? 0), 0);
const SEATED = new Set(['SEATED', 'PLAYING', 'DONE', 'PAID_OUT', 'COMP']);
export const HELD = new Set(['HELD', 'IN_FLIGHT', 'ENDING', 'SETTLING']);
const GIVEN_BACK = new Set(['REFUNDING', 'REFUND_STUCK', 'REFUNDED']); // by the god
const THERE = new Set(['OPEN', 'LOCKED', 'REVEALED', 'RUNNING']);

// ---- What is read

async function readPerson(stage, person) {
    const [coins, orders, cards, seats] = await Promise.all([
        stage.wallet(person),
        stage.read(person, '/market/orders?state=OPEN'),
        stage.read(person, '/market/cards'),
        Promise.all(stage.events.map(async ({ id }) => (await stage.read(person, `/events/${id}`)).event.my_reservation)),
    ]);
    return { coins, orders: orders.orders ?? [], cards: (cards.cards ?? []).length, seats };
}

export async function readEvent(stage, { id }) {
    const [{ event }, paid] = await Promise.all([stage.read(stage.god, `/events/${id}`), stage.ask(stage.god, 'GET', `/events/${id}/payments`)]);
    return { state: event.state, locking: event.locking, players: event.players ?? [], address: event.cluster_address, payments: paid.body.payments ?? [] };
}

async function readAll(stage) {
    const [people, others, events, book] = await Promise.all([
        Promise.all(stage.people.map((person) => readPerson(stage, person))),
        Promise.all([stage.god, stage.dev].map((person) => stage.wallet(person))),
        Promise.all(stage.events.map((event) => readEvent(stage, event))),
        stage.read(stage.dev, `/market/books/${stage.role}?depth=200`),
    ]);
    return { people, others, events, book };
}

// ---- Whether events and chain have heard of one another

const ofPayment = (seen, place, id) => seen.events[place].payments.find((payment) => payment.id === id);

// A reservation and its payment say the same, and nobody waits for an answer. Who got the money back behind the lock stays in the game.
function limboOfSeat(seen, place, seat) {
    if (!seat?.payment_id || !THERE.has(seen.events[place].state)) return undefined;
    const { state } = ofPayment(seen, place, seat.payment_id) ?? {}, isGivenBack = GIVEN_BACK.has(state) && seen.events[place].state !== 'OPEN';
    const fits = { PENDING: HELD.has(state) && seat.hold_expires_at, CONFIRMED: SEATED.has(state) || isGivenBack, WAITLISTED: state?.startsWith('WAITING') }[seat.state];
    return fits ? undefined : `a reservation is ${seat.state}, its payment ${state}`;
}

function limboOfPayment(stage, seen, place, payment) {
    const owner = stage.people.findIndex(({ id }) => id === payment.user_id);
    const seat = seen.people[owner]?.seats[place];
    const open = HELD.has(payment.state) || ['SEATED', 'PLAYING'].includes(payment.state);
    if (!open || payment.comp || seat?.payment_id === payment.id) return undefined;
    return `a payment is ${payment.state}, and its owner has ${JSON.stringify(seat)}`;
}

export function limboOf(stage, seen) {
    for (const [place, event] of seen.events.entries()) {
        if (event.locking) return 'an event waits for its lock';
        for (const { seats } of seen.people) {
            const limbo = limboOfSeat(seen, place, seats[place]);
            if (limbo) return limbo;
        }
        for (const payment of event.payments) {
            const limbo = limboOfPayment(stage, seen, place, payment);
            if (limbo) return limbo;
        }
    }
    return undefined;
}

// Read twice alike, so that it is of one moment, and nothing is on its way any more.
async function readSettled(stage) {
    let seen, limbo;
    const isSettled = async () => {
        const first = await readAll(stage);
        limbo = limboOf(stage, first);
        if (limbo) return false;
        seen = await readAll(stage);
        return JSON.stringify(first) === JSON.stringify(seen);
    };
    await eventually(isSettled, PATIENCE_MS).catch((error) => assert.fail(`${limbo ?? 'it never rests'}: ${error.message}`));
    return seen;
}

// ---- What holds

const left = ({ quantity, filled }) => Number(quantity) - Number(filled ?? 0);

function checkMarket(stage, seen) {
    const orders = seen.people.flatMap((person) => person.orders);
    for (const [side, name] of [['BUY', 'bids'], ['SELL', 'asks']]) {
        const own = sum(orders.filter((order) => order.side === side).map((order) => Number(order.price) * left(order)));
        const shown = sum((seen.book[name] ?? []).map(({ price, quantity }) => Number(price) * Number(quantity)));
        assert.equal(shown, own, `${name} of the book are not what people's orders are`);
    }
    assert.equal(sum(seen.people.map(({ cards }) => cards)), CARDS * stage.people.length, 'cards');
    return sum(orders.filter(({ side }) => side === 'BUY').map((order) => Number(order.price) * left(order)));
}

function checkPayment(payment) {
    const { price, received, kept, refunded, credited, state } = payment;
    const [came, back] = [Number(received ?? 0), Number(refunded ?? 0) + Number(credited ?? 0)];
    assert.ok(came === 0 || came === Number(price), `${state}: ${came} came for a seat of ${price}`);
    assert.equal(came, Number(kept ?? 0) + back, `${state}: what came is not what is kept or went back`);
    assert.ok(!['SEATED', 'PLAYING'].includes(state) || payment.comp || came === Number(price), `${state} without a payment`);
}

export function checkEvent(event) {
    event.payments.forEach(checkPayment);
    assert.ok(event.players.length <= PLACES, `${event.players.length} seats of ${PLACES}`);
}

// The second implementation of how a pot is divided; revenue and treasury are what nobody of the people gets.
export function divide(pot, { tax_bp: tax, god_bp: forGod }, winners) {
    const revenue = Math.floor((pot * tax) / 10000);
    const won = Math.floor(((pot - revenue) * (10000 - forGod)) / 10000);
    return { god: pot - revenue - won, won: winners ? won : 0 };
}

// What left the event's escrow for its people, if its pot was divided.
function paidOut({ terms }, { payments }) {
    if (!payments.some(({ state }) => state === 'PAID_OUT')) return 0;
    const { god, won } = divide(sum(payments.map(({ kept }) => kept)), terms, payments.filter(({ winner }) => winner).length);
    return god + won;
}

export async function check(stage) {
    const seen = await readSettled(stage);
    seen.events.forEach(checkEvent);
    const promised = checkMarket(stage, seen);
    const kept = sum(seen.events.flatMap(({ payments }) => payments.map((payment) => payment.kept)));
    const out = sum(stage.events.map((event, i) => paidOut(event, seen.events[i])));
    const have = sum(seen.people.map(({ coins }) => coins)) + sum(seen.others);
    assert.equal(have + promised + kept - out, START * stage.people.length, 'money is not conserved');
    return seen;
}

// ---- In the end

const ofKind = (transactions, kind) => transactions.filter((transaction) => transaction.kind === kind);
const moved = (person, transactions) => transactions.flatMap(({ movements }) => movements).filter(({ user_id: id, kind }) => id === person.id && kind === 'CONSE').map(({ amount }) => Number(amount));

async function countOrders(stage, person) {
    const orders = await Promise.all(['OPEN', 'FILLED', 'CANCELLED'].map(async (state) => (await stage.read(person, `/market/orders?state=${state}&page_size=100`)).orders ?? []));
    return new Set(orders.flat().map(({ id }) => id)).size;
}

// By the ledger's own entries: what was paid is what came for seats, once, and what was given was given once.
async function checkHistory(stage, seen, place) {
    const person = stage.people[place], all = await stage.history(person);
    assert.ok(all.every(opens), 'a transaction is not what its record says');
    assert.equal(sum(moved(person, all)), seen.people[place].coins, 'the history is not the balance');
    const own = seen.events.flatMap(({ payments }) => payments).filter(({ user_id: id }) => id === person.id);
    const paid = moved(person, ofKind(all, 'PAYMENT'));
    assert.equal(0 - sum(paid.filter((amount) => amount < 0)), sum(own.map(({ received }) => received)), 'charged otherwise than received');
    assert.equal(sum(paid.filter((amount) => amount > 0)), sum(own.map(({ refunded }) => refunded)), 'given back otherwise than said');
    const gave = moved(person, ofKind(all, 'TRANSFER')).filter((amount) => amount < 0);
    assert.equal(0 - sum(gave), stage.given.get(person.id), 'given otherwise than acknowledged');
    await eventually(async () => (await countOrders(stage, person)) >= stage.placed.get(person.id), PATIENCE_MS); // rows of closed ones come by themselves
    assert.equal(await countOrders(stage, person), stage.placed.get(person.id), 'another number of orders than were placed');
}

async function checkBlocks(stage) {
    const [{ blocks }, { chain, authority }] = [await stage.read(stage.dev, '/ledger/blocks?page_size=100'), await stage.read(stage.dev, '/ledger')];
    assert.ok(follow(blocks) && blocks.every((block) => isSealed(block, authority)), 'a block does not follow');
    const first = blocks.at(-1);
    assert.ok((first.index ?? 0) > 0 || bytes(first.previous).equals(bytes(chain)), 'the first block is of another chain');
}

export async function checkEnd(stage) {
    const seen = await check(stage);
    await eventually(async () => !(await stage.read(stage.dev, '/ledger')).waiting, PATIENCE_MS);
    for (const place of stage.people.keys()) await checkHistory(stage, seen, place);
    await checkBlocks(stage);
}

// All that chain's store has, by consectl; chain is down meanwhile.
export async function verifyLedger(system) {
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const { code, stderr } = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(code, 0, stderr);
    await system.start('chain');
}
