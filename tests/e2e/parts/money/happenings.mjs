// What may happen to the money of ten people. Each is a call that may be refused; none may be half done.
import assert from 'node:assert/strict';

const EVENTS_MOST = 5, NEWEST = 2;

export const eventOf = (stage) => stage.random.pick(stage.events.slice(-NEWEST));
export const personOf = (stage) => stage.random.pick(stage.people);
const asGod = (stage, event, method, route, body) => stage.ask(stage.god, method, `/events/${event.id}${route}`, body);

// A payment of the event in one of these states, mostly, and who pays.
export async function paymentOf(stage, event, states) {
    const all = (await stage.ask(stage.god, 'GET', `/events/${event.id}/payments`)).body.payments ?? [];
    const fit = all.filter(({ state }) => states.includes(state));
    if (!all.length) return {};
    const payment = stage.random.pick(fit.length && stage.random.below(8) ? fit : all);
    return { payment, person: stage.people.find(({ id }) => id === payment.user_id) };
}

export const reserve = (stage) => stage.ask(personOf(stage), 'POST', `/events/${eventOf(stage).id}/reservations`, {});

// Also twice at once, by two keys: one of them pays.
async function pay(stage) {
    const { payment, person } = await paymentOf(stage, eventOf(stage), ['HELD']);
    if (!person) return reserve(stage);
    const once = () => stage.ask(person, 'POST', `/payments/${payment.id}/pay`);
    const answers = await Promise.all(stage.random.below(2) ? [once()] : [once(), once()]);
    assert.ok(answers.filter(({ status }) => status === 200).length <= 1, 'two calls paid for one seat');
    return answers[0];
}

// Of somebody who has something of the event, or of anybody.
async function endSeat(stage, by) {
    const event = eventOf(stage);
    const { person } = await paymentOf(stage, event, ['HELD', 'SEATED']);
    const { id } = person ?? personOf(stage);
    return stage.ask(by ?? person ?? stage.god, 'DELETE', `/events/${event.id}/reservations/${id}`);
}

const leave = (stage) => endSeat(stage);
const remove = (stage) => endSeat(stage, stage.god);

async function giveUp(stage) {
    const { payment, person } = await paymentOf(stage, eventOf(stage), ['HELD']);
    return payment && person ? stage.ask(person, 'DELETE', `/payments/${payment.id}`) : undefined;
}

async function refund(stage) {
    const { payment } = await paymentOf(stage, eventOf(stage), ['SEATED', 'PLAYING']);
    return payment ? stage.ask(stage.god, 'POST', `/payments/${payment.id}/refund`) : undefined;
}

const lock = (stage) => asGod(stage, eventOf(stage), 'POST', '/lock', { end_holds: stage.random.below(3) > 0 });
const unlock = (stage) => asGod(stage, eventOf(stage), 'POST', '/unlock', {});
const price = (stage) => asGod(stage, eventOf(stage), 'PATCH', '', { price: { amount: String(stage.random.between(300, 900)), currency: 'CONSE' } });
const cancel = (stage) => asGod(stage, eventOf(stage), 'POST', '/cancel', {});

async function dispute(stage) {
    return stage.ask(personOf(stage), 'POST', `/events/${eventOf(stage).id}/disputes`, {});
}

// A dev takes the end back.
async function undo(stage) {
    return stage.ask(stage.dev, 'POST', `/events/${eventOf(stage).id}/cancel`, {});
}

// From wherever it is to the end, as far as it goes.
async function play(stage) {
    const event = eventOf(stage);
    await asGod(stage, event, 'POST', '/lock', { end_holds: true });
    await asGod(stage, event, 'POST', '/reveal', {});
    await asGod(stage, event, 'POST', '/phases', { kind: 'DAY' });
    const { event: shown } = await stage.read(stage.god, `/events/${event.id}`);
    const sides = [...new Set((shown.players ?? []).map(({ side_id: id }) => id).filter(Boolean))];
    return sides.length ? asGod(stage, event, 'POST', '/finish', { winning_side_ids: [stage.random.pick(sides)] }) : undefined;
}

async function open(stage) {
    if (stage.events.length < EVENTS_MOST) await stage.open();
}

async function transfer(stage) {
    const from = personOf(stage), to = personOf(stage), amount = stage.random.between(1, 400);
    const reply = await stage.ask(from, 'POST', '/ledger/transfers', { to_user_id: to.id, amount });
    if (reply.status === 201) stage.given.set(from.id, stage.given.get(from.id) + amount);
    return reply;
}

async function order(stage) {
    const { random } = stage, person = personOf(stage);
    const body = { role_id: stage.role, side: random.pick(['BUY', 'SELL']), price: random.between(95, 105), quantity: random.between(1, 2) };
    const reply = await stage.ask(person, 'POST', '/market/orders', body);
    if (reply.status === 201) stage.placed.set(person.id, stage.placed.get(person.id) + 1);
    return reply;
}

const withdraw = (stage) => stage.ask(personOf(stage), 'DELETE', '/market/orders');

// Whatever the currency is.
export const SEATS = [
    [8, reserve], [3, leave], [2, remove], [2, giveUp], [1, refund], [2, lock], [1, unlock], [2, price], [1, cancel], [1, dispute], [1, undo], [2, play],
    [2, open],
];
export const deal = (all) => all.flatMap(([often, happens]) => Array(often).fill(happens));
const DEALT = deal([...SEATS, [12, pay], [4, transfer], [6, order], [1, withdraw]]);

export async function happen(stage, dealt = DEALT) {
    const happens = stage.random.pick(dealt);
    const reply = await happens(stage);
    if (reply?.body?.code === 'EVENT_OVER') await open(stage);
    return `${happens.name} ${reply ? `${reply.status} ${reply.body?.code ?? ''}` : ''}`.trim();
}
