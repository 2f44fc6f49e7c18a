// An event as it is now: read once, followed from there, and read again when something happened.
import { signal } from '@preact/signals';
import { get } from './calls.js';
import { Followed } from './followed.js';
import { follow } from './stream.js';

const PACE_MS = 250;

export class LiveEvent extends Followed {
    /** @param {string} id @param {{visitor?: boolean}} [how] visitor: as nobody in particular sees it */
    constructor(id, { visitor = false } = {}) {
        super();
        this.id = id;
        this.visitor = visitor;
        /** @type {import('@preact/signals').Signal<any>} */
        this.event = signal(null);
        /** The newest entry that came. @type {import('@preact/signals').Signal<any>} */
        this.entry = signal(null);
        /** @type {any} */
        this.due = undefined; // the timer of the next read
        this.more = false;
        this.reads = 0;
        this.shown = 0; // the read that is shown: of two the one that was asked for later
        /** @type {Promise<unknown>} */
        this.owned = Promise.resolve(); // until what this page did is seen by it, too
    }

    async begin() {
        try {
            const answer = await get(`/events/${this.id}`, { visitor: this.visitor });
            if (this.over) return;
            this.show(answer.event);
            const cursors = answer.cursor ? { [`event:${this.id}`]: answer.cursor } : {};
            this.end = follow({ topics: [`event:${this.id}`], cursors, visitor: this.visitor, on: (type, message) => this.take(type, message), onState: (up) => this.turn(up) });
        } catch (fault) {
            this.problem.value = /** @type {any} */ (fault);
        }
    }

    /** @param {any} event */
    show(event) {
        this.event.value = event;
        this.problem.value = null;
        this.heard();
    }

    /** @param {string} type @param {any} message */
    take(type, message) {
        if (type === 'head' || type === 'live') this.heard();
        if (type === 'snapshot') this.show({ ...message.state, ...message.mine });
        if (type === 'error') this.problem.value = message;
        if (type !== 'entry') return;
        this.entry.value = message.entry;
        this.again();
    }

    async read() {
        const turn = ++this.reads;
        const answer = await get(`/events/${this.id}`, { visitor: this.visitor }).catch(() => null);
        if (!answer || this.over || turn < this.shown) return;
        this.shown = turn;
        this.show(answer.event);
    }

    /** What this page does is done when the page has seen it. @template T @param {Promise<T>} act @returns {Promise<T>} */
    own(act) {
        const seen = act.finally(() => this.read());
        this.owned = Promise.allSettled([this.owned, seen]);
        return seen;
    }

    // One read at a time, and not more often than the pace; what happens meanwhile is read by the next.
    again() {
        this.more = true;
        this.due ??= setTimeout(async () => {
            this.more = false;
            await this.read();
            this.due = undefined;
            if (this.more && !this.over) this.again();
        }, PACE_MS * (0.4 + Math.random() * 0.6));
    }

    stop() {
        clearTimeout(this.due);
        super.stop();
    }
}
