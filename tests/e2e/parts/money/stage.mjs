// Ten people with CONSE and cards, a god with events that cost something, and calls that are made until their outcome is known.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { LIMITS, makeDeck, makeGod, openBody } from '../games.mjs';
import { call, consectl, eventually, signUp, signUpAs } from '../people.mjs';
import { startSystem } from '../system.mjs';
import { Deaths } from './deaths.mjs';

export const PATIENCE_MS = 60000;
export const START = 3000, CARDS = 2, PLACES = 3;
const PEOPLE = 10;

export class Stage {
    constructor(random, seed) {
        Object.assign(this, { random, seed, events: [], asked: { calls: 0 }, given: new Map(), placed: new Map(), role: randomUUID() });
    }

    async begin() {
        this.system = await startSystem({ env: LIMITS });
        this.deaths = new Deaths(this.system, this.random);
        this.dev = await signUpAs(this.system, 'dora', 'dev');
        this.god = await makeGod(this.system, 'gaia');
        this.deck = await makeDeck(this.system, this.god, { roles: PLACES, lastMoves: 1 });
        this.people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => signUp(this.system, `player${i}`)));
        this.all = [...this.people, this.god, this.dev];
        for (const person of this.people) await this.endow(person);
        await this.deaths.begin();
    }

    async endow(person) {
        const body = { to_user_id: person.id, amount: START, memo: 'start' };
        await eventually(async () => (await call(this.system, 'POST', '/ledger/grants', { token: this.dev.token, body })).status === 201, PATIENCE_MS);
        for (let i = 0; i < CARDS; i++) {
            const { code, stderr } = await consectl(this.system, 'card', 'make', person.id, this.role, randomUUID());
            assert.equal(code, 0, stderr);
        }
        for (const made of [this.given, this.placed]) made.set(person.id, 0);
    }

    // The answer; a call whose outcome is unknown is made again, with its key, when everything is there again.
    async ask(person, method, route, body) {
        const headers = method === 'GET' ? {} : { 'Idempotency-Key': `${this.seed}-${++this.asked.calls}` };
        for (const deadline = Date.now() + PATIENCE_MS; ; ) {
            const reply = await call(this.system, method, route, { token: person.token, body, headers }).catch((error) => ({ status: 0, body: String(error.cause ?? error) }));
            if (reply.status && (reply.status < 500 || reply.body?.code === 'CLUSTER_AWAY')) return reply;
            const what = `${method} ${route}: ${reply.status} ${JSON.stringify(reply.body)}`;
            assert.ok([0, 502, 503, 504].includes(reply.status), what);
            assert.ok(Date.now() < deadline, what);
            await this.deaths.revive();
        }
    }

    async read(person, route) {
        const reply = await this.ask(person, 'GET', route);
        assert.equal(reply.status, 200, `GET ${route}: ${JSON.stringify(reply.body)}`);
        return reply.body;
    }

    async open() {
        const { random } = this;
        const terms = { tax_bp: 1000, god_bp: 500, refund_fee: random.pick([0, 50]), payout_after: random.pick(['0s', '3600s']) };
        const price = { amount: random.between(300, 600), currency: 'CONSE' };
        const more = { price, payment_terms: terms, max_players: PLACES, waitlist: true };
        const { status, body } = await this.ask(this.god, 'POST', '/events', openBody(this.god, this.deck, more));
        assert.equal(status, 201, JSON.stringify(body));
        this.events.push({ id: body.event.id, terms });
    }

    // What the person has in CONSE by what the wallet says.
    async wallet(person) {
        const { balances } = await this.read(person, '/wallet');
        return Number(balances.find(({ kind }) => kind === 'CONSE').amount ?? 0);
    }

    async history(person) {
        const all = [];
        for (let token = ''; ; ) {
            const page = await this.read(person, `/ledger/accounts/${person.id}?page_size=100${token && `&page_token=${token}`}`);
            all.push(...(page.transactions ?? []));
            if (!(token = page.next_page_token)) return all;
        }
    }
}
