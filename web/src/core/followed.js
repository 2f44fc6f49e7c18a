// Something that is followed by a stream: whether it is current, and why there is none of it.
import { signal } from '@preact/signals';
import { now } from './clock.js';

const GREY_MS = 2000;

export class Followed {
    constructor() {
        /** @type {import('@preact/signals').Signal<import('./problem.js').Problem | null>} */
        this.problem = signal(null);
        /** Server's time of what is shown, when the connection is lost for longer; 0: it is current. */
        this.stale = signal(0);
        this.seen = 0;
        this.over = false;
        /** @type {any} */
        this.greying = undefined; // since the connection is lost
        this.end = () => {};
    }

    heard() {
        this.seen = now();
    }

    /** @param {boolean} up */
    turn(up) {
        if (!up) return void (this.greying ??= setTimeout(() => (this.stale.value = this.seen), GREY_MS));
        clearTimeout(this.greying);
        this.greying = undefined;
        this.stale.value = 0;
    }

    stop() {
        this.over = true;
        clearTimeout(this.greying);
        this.end();
    }
}
