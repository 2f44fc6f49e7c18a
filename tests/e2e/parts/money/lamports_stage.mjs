// Ten people with wallets and credit, a god with events that cost LAMPORTS, and a cluster whose faults are told.
import assert from 'node:assert/strict';
import { makeDeck, openBody } from '../games.mjs';
import { fundWallet, PRICE, priceOf, startLamports } from '../lamports.mjs';
import { call, eventually, signUp, signUpAs } from '../people.mjs';
import { holderOf, linkWallet } from '../wallets.mjs';
import { Deaths } from './deaths.mjs';
import { PATIENCE_MS, PLACES, Stage } from './stage.mjs';

const PEOPLE = 10, LINKED = 4;
export const START_SOL = 10, CREDIT = 3 * PRICE, CREDIT_FEE = 11_000;
export const SLOT_MS = 50; // a blockhash lives for seven seconds, in which chain may start again
const DUST_MOST = 3_000_000;
export { PRICE };

export class LamportsStage extends Stage {
    async begin() {
        this.place = await startLamports({ slotMs: SLOT_MS });
        const { cluster, between, system, god } = this.place;
        Object.assign(this, { cluster, between, system, god, kept: [], sent: new Set(), clock: { ahead: 0 }, dust: new Map(), DUST_MOST });
        this.deaths = new Deaths(system, this.random);
        this.dev = await signUpAs(system, 'dora', 'dev');
        this.deck = await makeDeck(system, god, { roles: PLACES, lastMoves: 1 });
        this.people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => signUp(system, `player${i}`)));
        this.stranger = await fundWallet(this.place, START_SOL);
        for (const [i, person] of this.people.entries()) await this.endow(person, i < LINKED);
        await this.deaths.begin();
    }

    async endow(person, linked) {
        const body = { to_user_id: person.id, amount: String(CREDIT), currency: 'LAMPORTS', memo: 'start' };
        person.wallet = await fundWallet(this.place, START_SOL);
        await eventually(async () => (await call(this.system, 'POST', '/ledger/grants', { token: this.dev.token, body })).status === 201, PATIENCE_MS);
        if (linked) await linkWallet(this.system, person, holderOf(person.wallet));
        person.linked = linked;
    }

    async open() {
        const terms = { hold: '120s', tax_bp: 1000, god_bp: 500, payout_after: this.random.pick(['0s', '600s']) };
        const body = openBody(this.god, this.deck, { ...priceOf(PRICE), payment_terms: terms, max_players: PLACES, waitlist: true });
        let reply;
        await eventually(async () => {
            await this.calm(); // a node that falls silent meanwhile does so for the others
            return (reply = await this.ask(this.god, 'POST', '/events', body)).body.code !== 'PRICE_UNSUPPORTED';
        }, PATIENCE_MS);
        assert.equal(reply.status, 201, JSON.stringify(reply.body));
        const { event } = reply.body;
        await eventually(async () => {
            await this.deaths.revive();
            await this.calm();
            return (await this.read(this.god, `/events/${event.id}`)).event.payable;
        }, PATIENCE_MS);
        this.events.push({ id: event.id, terms });
    }

    // Straight to the cluster, past the service.
    send(signed) {
        return this.cluster.call('sendTransaction', signed, { encoding: 'base64', skipPreflight: true }).catch(({ message }) => message);
    }

    // Chain's clock and the cluster's. Several processes at one store keep the time of the world.
    async pass(seconds) {
        if (this.system.stores) return;
        this.clock.ahead += seconds;
        this.deaths.setAhead('chain', this.clock.ahead);
        await this.cluster.advanceTime(seconds);
    }

    // The node answers as it should again.
    async calm() {
        this.between.speak();
        for (const method of ['sendTransaction', 'getHealth']) await this.cluster.fault(method, null);
    }

    async credit(person) {
        const { balances } = await this.read(person, '/wallet');
        return Number(balances.find(({ kind }) => kind === 'LAMPORTS')?.amount ?? 0);
    }

    async stop() {
        await this.place?.stop();
    }
}
