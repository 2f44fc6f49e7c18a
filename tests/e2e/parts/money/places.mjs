// Who pays, in each place that the outcome table knows, in an event of their own: held, seated, waiting, expired, left, in the locked event,
// outside of it, over.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { as, openBody, readEvent } from '../games.mjs';
import { call, eventually, ok } from '../people.mjs';

const PATIENCE_MS = 60000;
export const HOLD_S = 900;
const PLACES = 3; // two are given, so that the event can be locked

const OVER = ['DONE', 'CANCELLED', 'EXPIRED'], THERE = ['LOCKED', 'REVEALED', 'RUNNING'];
const BY_STATE = { HELD: 'H', IN_FLIGHT: 'H', SEATED: 'S', SETTLING: 'S', WAITING: 'W', WAITING_PAID: 'W', EXPIRED: 'X', LEFT: 'L', REFUNDED: 'L' };

// What the reservation is then; who has none has no place.
const SEATS = { H: 'PENDING', S: 'CONFIRMED' };

// One case: {at, letter, currency, person, event, payment}.
export class Place {
    constructor(at, letter, currency, person = at.payer) {
        Object.assign(this, { at, letter, currency, person, key: randomUUID() });
    }

    god(method, route, body = method === 'DELETE' ? undefined : {}) {
        return call(this.at.system, method, `/events/${this.event.id}${route}`, { token: this.at.god.token, body });
    }

    own(method, route = '', options = {}) {
        return call(this.at.system, method, `/payments/${this.id}${route}`, { token: this.person.token, ...options });
    }

    // Who waited has another payment once a place is theirs.
    async read() {
        const event = await readEvent(this.at.system, this.person, this.event), seat = event.my_reservation;
        this.id = seat?.payment_id || this.id;
        const { body } = this.id ? await this.own('GET') : { body: {} };
        return { event, seat, payment: body.payment };
    }

    // Undefined: events and chain have not heard of one another, so what is done now would be judged by either.
    async letterNow() {
        const { event, seat, payment } = await this.read(), letter = BY_STATE[payment?.state];
        if (OVER.includes(event.state)) return 'O';
        if (THERE.includes(event.state)) return { PLAYING: 'K', OUTSIDE: 'G', REFUNDED: 'G' }[payment?.state];
        if (letter === 'W') return seat?.state === 'WAITLISTED' ? 'W' : 'L';
        return seat?.state === SEATS[letter] ? letter : undefined;
    }

    until(letter, what) {
        let met;
        return eventually(async () => (met = await this.letterNow()) === letter, PATIENCE_MS).catch(() => assert.fail(`${what ?? this.letter}: it is ${met}, and not ${letter}`));
    }

    async open() {
        const { at, currency } = this, price = { amount: String(at.prices[currency]), currency };
        const terms = { hold: `${HOLD_S}s`, payout_after: '86400s', ...(currency === 'CONSE' && { refund_fee: at.fee }) };
        const body = openBody(at.god, at.deck, { price, payment_terms: terms, max_players: PLACES, waitlist: true });
        this.event = (await ok(at.system, 'POST', '/events', { token: at.god.token, body })).event;
        if (currency === 'LAMPORTS') await eventually(async () => (await readEvent(at.system, at.god, this.event)).payable, PATIENCE_MS);
        for (const { username } of at.guests.slice(0, 2)) await this.give(username);
    }

    async give(username) {
        const { status, body } = await this.god('POST', '/reservations', { username, comp: true });
        assert.equal(status, 201, JSON.stringify(body));
    }

    async hold() {
        const { reservation } = await as(this.at.system, this.person, this.event)('POST', '/reservations', {});
        this.id = reservation.payment_id;
        await this.until('H');
    }

    async payOnce() {
        let reply;
        this.key = randomUUID();
        await eventually(async () => (reply = await this.own('POST', '/pay', { headers: { 'Idempotency-Key': this.key } })).status !== 503, PATIENCE_MS);
        assert.equal(reply.status, 200, JSON.stringify(reply.body));
        this.paid = reply.body;
    }

    // On a machine that is busy a transaction may not land in its time: who is held again pays anew.
    async pay() {
        await eventually(async () => {
            const { payment } = await this.read();
            if (payment.state === 'HELD') await this.payOnce();
            return payment.state === 'SEATED';
        }, PATIENCE_MS);
        await this.until('S');
    }

    async lock(more = {}) {
        await eventually(async () => [200, 202].includes((await this.god('POST', '/lock', more)).status), PATIENCE_MS);
        await eventually(async () => THERE.includes((await this.read()).event.state), PATIENCE_MS);
    }

    // What has to be so before the clock goes ahead, which ends holds.
    async prepare() {
        if (!'WXG'.includes(this.letter)) return;
        const { at, letter } = this, to = (person) => as(at.system, person, this.event)('POST', '/reservations', {});
        await this.open();
        if (letter !== 'W') return this.hold();
        await this.give(at.guests[2].username);
        for (const person of [this.person, at.waiter]) await to(person);
        const { status, body } = await this.god('DELETE', `/reservations/${at.guests[2].id}`);
        assert.ok(status < 300, JSON.stringify(body));
        await eventually(async () => (this.id = (await this.read()).seat.payment_id), PATIENCE_MS);
        await this.until('H');
    }

    async reach() {
        if ('WX'.includes(this.letter)) return this.until(this.letter);
        if (this.letter === 'G') {
            await this.lock();
            return this.until('G');
        }
        await this.open();
        await this.hold();
        if (this.letter === 'L') assert.equal((await this.own('DELETE')).status, 200);
        if ('SKO'.includes(this.letter)) await this.pay();
        if ('KO'.includes(this.letter)) await this.lock();
        if (this.letter === 'O') await this.finish();
        return this.until(this.letter);
    }

    // A god leads a hundred events at most.
    async end() {
        if (this.event) await this.god('POST', '/cancel');
    }

    async finish() {
        await this.god('POST', '/reveal');
        await this.god('POST', '/phases', { kind: 'DAY' });
        const { event } = await this.read();
        const shown = await readEvent(this.at.system, this.at.god, event), { status, body } = await this.god('POST', '/finish', { winning_side_ids: [shown.players[0].side_id] });
        assert.equal(status, 200, JSON.stringify(body));
        await eventually(async () => (await this.read()).payment.state === 'DONE', PATIENCE_MS);
    }
}
