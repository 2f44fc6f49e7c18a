// Messages on their way into a room. Each has an id of its own until it is answered, also when the page is gone meanwhile: it is said once.
import { signal } from '@preact/signals';
import { send, uuid } from './calls.js';
import { all, drop, keep } from './store.js';

/** @typedef {{client_id: string, room: string, user: string, text: string, reply_to: string, at: number, problem?: any, busy?: boolean, said?: boolean}} Waiting */

export class Outbox {
    /** @param {import('./room.js').LiveRoom} live */
    constructor(live) {
        this.live = live;
        /** @type {import('@preact/signals').Signal<Waiting[]>} */
        this.waiting = signal([]);
        live.onSaid = (message) => this.see(message);
    }

    /** What an earlier page could not send waits for its writer's word. */
    async begin() {
        const kept = (await all('queue').catch(() => [])).filter(({ room, user }) => room === this.live.id && user === this.live.reader);
        this.waiting.value = [...kept, ...this.waiting.value];
    }

    /** @param {Waiting} one @param {Partial<Waiting>} change */
    change(one, change) {
        this.waiting.value = this.waiting.value.map((other) => (other.client_id === one.client_id ? { ...other, ...change } : other));
    }

    /** @param {string} text @param {string} reply_to id of a message, or '' */
    async say(text, reply_to) {
        if (this.waiting.value.some((one) => one.busy && one.text === text && one.reply_to === reply_to)) return; // the same tap again
        const one = { client_id: uuid(), room: this.live.id, user: this.live.reader, text, reply_to, at: Date.now() };
        this.waiting.value = [...this.waiting.value, one];
        const kept = keep('queue', one.client_id, one).catch(() => {});
        await this.deliver(one, kept);
    }

    /** @param {Waiting} one @param {Promise<unknown>} [kept] */
    async deliver(one, kept) {
        const { client_id, text, reply_to } = one;
        this.change(one, { busy: true, problem: undefined });
        await kept;
        try {
            const { message } = await send('POST', `/rooms/${one.room}/messages`, { client_id, text, ...(reply_to && { reply_to }) });
            await this.leave(one);
            this.live.merge(message, true);
        } catch (problem) {
            if (this.waiting.value.some(({ client_id, said }) => said && client_id === one.client_id)) return this.leave(one);
            this.change(one, { busy: false, problem });
            this.live.reload().catch(() => {}); // what may be written may have changed
        }
    }

    /** @param {Waiting} one */
    async leave(one) {
        await drop('queue', one.client_id).catch(() => {});
        this.waiting.value = this.waiting.value.filter(({ client_id }) => client_id !== one.client_id);
    }

    // The stream may be quicker than the answer.
    /** @param {any} message */
    see(message) {
        if (message.account_id !== this.live.reader) return;
        const one = this.waiting.value.find(({ busy, said, text }) => busy && !said && text.normalize('NFC') === message.text);
        if (one) this.change(one, { said: true });
    }
}
