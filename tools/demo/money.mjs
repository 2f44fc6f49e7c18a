// What an evening costs: coins for who comes, seats that are paid, what goes back, the pot, a card that is sold; and at the end where all
// of it is.
import crypto from 'node:crypto';
import { call, consectl, person, promote, until } from './client.mjs';
import { bold, chapter, dim, say } from './story.mjs';

const PRICE = 500n, PURSE = 2000; // minor units, 100 to one
export const PAID = { price: { amount: String(PRICE), currency: 'CONSE' }, payment_terms: { payout_after: '0s', preset: 4, god_bp: 1000 } };

const coins = (amount) => `${BigInt(amount) / 100n}.${String(BigInt(amount) % 100n).padStart(2, '0')}`;

async function purseOf(one) {
    const { balances } = await call('GET', '/wallet', { token: one.token });
    return BigInt(balances.find(({ kind }) => kind === 'CONSE').amount);
}

// The banker issues coins to everybody, as soon as the ledger has heard of them.
export async function treat(guests) {
    const banker = await promote(await person('Banker'), 'dev');
    for (const one of guests)
        await until(() => call('POST', '/ledger/grants', { token: banker.token, body: { to_user_id: one.id, amount: PURSE, memo: 'for the evening' } }), 'NOT_FOUND');
    say(`The banker gives everybody ${coins(PURSE)} CONSE. A seat costs ${coins(PRICE)}.`);
}

// ---- Seats

const mine = async (at, one) => (await call('GET', at, { token: one.token })).event.my_reservation;
const pay = (one, { payment_id: id }) => until(() => call('POST', `/payments/${id}/pay`, { token: one.token }), 'NOT_FOUND');

export async function takeSeat(event, one) {
    const at = `/events/${event.id}`, nonce = crypto.randomBytes(32).toString('base64');
    const { reservation } = await call('POST', `${at}/reservations`, { token: one.token, body: { nonce } });
    await pay(one, reservation);
    const seat = await until(async () => {
        const now = await mine(at, one);
        return now?.state === 'CONFIRMED' && now;
    });
    one.paid = true;
    say(`  ${one.name} finds the evening by its code, holds seat ${seat.position} and pays for it.`);
    return seat;
}

// Somebody pays and leaves before the evening begins.
export async function changeMind(event, one) {
    const at = `/events/${event.id}`, before = await purseOf(one);
    const { payment_id: id } = await takeSeat(event, one), paid = await purseOf(one);
    await call('DELETE', `${at}/reservations/${one.id}`, { token: one.token });
    await until(async () => await purseOf(one) === before && !(await mine(at, one)));
    const { payment } = await call('GET', `/payments/${id}`, { token: one.token });
    say(`  ${one.name} can't come after all: ${coins(paid)} in the purse, then ${coins(before)} again. ${dim(payment.explanation)}`);
}

// ---- The pot

// What somebody got of pots; their purse may have coins for the game by now, too.
async function wonBy(one) {
    const { transactions } = await call('GET', `/ledger/accounts/${one.id}`, { token: one.token });
    return transactions.filter(({ kind }) => kind === 'PAYOUT').flatMap(({ movements }) => movements)
        .reduce((sum, { user_id: id, amount }) => (id === one.id ? sum + BigInt(amount) : sum), 0n);
}

export async function divide({ event, god, players }) {
    chapter('The pot');
    const payments = await until(async () => {
        const { payments: all } = await call('GET', `/events/${event.id}/payments`, { token: god.token });
        return all.filter(({ kept }) => BigInt(kept) > 0n).every(({ state }) => state === 'PAID_OUT') && all;
    });
    const pot = payments.reduce((sum, { kept }) => sum + BigInt(kept), 0n), led = await wonBy(god);
    const won = [];
    for (const player of players.filter(({ paid }) => paid)) won.push({ ...player, amount: await wonBy(player) });
    const winners = won.filter(({ amount }) => amount > 0n);
    const left = winners.reduce((rest, { amount }) => rest - amount, pot - led);
    say(`Nobody disputes the end, so ${coins(pot)} CONSE are divided: ${coins(led)} to the god, ${winners.length
        ? `${winners.map(({ name, amount }) => `${coins(amount)} to ${name}`).join(', ')}, ${coins(left)} to the house.`
        : `${coins(left)} to the house and its treasury, as none who won had paid.`}`);
}

// ---- A card

const order = (one, side, role, price) => call('POST', '/market/orders', { token: one.token, body: { role_id: role.id, side, price, quantity: 1 } });

// A player gets the card of the role that they played, and sells it.
export async function trade({ event, players, roleOf }) {
    chapter('The market');
    const [seller, buyer] = players, role = roleOf[seller.id];
    consectl('card', 'make', seller.id, role.id, event.id);
    say(`${seller.name} was the ${bold(role.name)} and gets a card of it.`);
    const asked = await order(seller, 'SELL', role, 150);
    const { asks } = await call('GET', `/market/books/${role.id}`, { token: buyer.token });
    say(`  ${seller.name} asks ${coins(150)} for it; the book shows ${asks.map(({ price, quantity }) => `${quantity} at ${coins(price)}`).join(', ')}.`);
    const { order: bought, trades } = (await order(buyer, 'BUY', role, 160));
    say(`  ${buyer.name} bids ${coins(160)} and gets it for ${coins(trades[0].price)}: ${bought.state.toLowerCase()}, as is order ${asked.order.id} of ${seller.name}.`);
    const { cards } = await call('GET', `/market/cards?role_id=${role.id}`, { token: buyer.token });
    say(`  ${buyer.name} has card ${cards.at(-1).number} of the ${role.name} now.`);
}

// ---- All of it

export function account() {
    chapter('The books');
    const { conse, conse_held: held, entries, blocks, head } = JSON.parse(consectl('--json', 'ledger', 'verify'));
    const parts = Object.entries(held).filter(([, amount]) => amount !== '0');
    const sum = parts.reduce((total, [, amount]) => total + BigInt(amount), 0n);
    if (sum !== BigInt(conse)) throw new Error(`money is not conserved: ${sum} of ${conse}`);
    say(`Issued in all evenings: ${coins(conse)} CONSE. Now ${parts.map(([who, amount]) => `${who} ${coins(amount)}`).join(' + ')} = ${bold(coins(sum))}.`);
    say(`The ledger is right: ${entries} entries and ${blocks} signed blocks, computed again from the first one; its head is ${dim(head.slice(0, 16))}….`);
}
