// Messages on their way into a room. Each has an id of its own until it is answered, also when the page is gone meanwhile: it is said once.
import { signal } from '@preact/signals';
import { send, uuid } from './calls.js';
import { all, drop, keep } from './store.js';

/** @typedef {{client_id: string, room: string, user: string, text: string, reply_to: string, at: number, problem?: any, busy?: boolean, said?: boolean, failed?: boolean}} Waiting */

const SENDING_MS = 60_000; // an older one is no more sent unasked

export class Outbox {
    /** @param {import('./room.js').LiveRoom} live */
    constructor(live) {
        this.live = live;
        /** @type {import('@preact/signals').Signal<Waiting[]>} */
        this.waiting = signal([]);
        live.onSaid = (message) => this.see(message);
    }

    /** What an earlier page could not send waits for its writer's word. What it was just sending may have come: it is asked for once more. */
    async begin() {
        const kept = (await all('queue').catch(() => [])).filter(({ room, user }) => room === this.live.id && user === this.live.reader);
        this.waiting.value = [...kept, ...this.waiting.value];
        await Promise.all(kept.filter(({ failed, at }) => !failed && Date.now() - at < SENDING_MS).map((one) => this.deliver(one)));
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
        await this.deliver(one);
    }

    /** @param {Waiting} one */
    async deliver(one) {
        const { client_id, room, user, text, reply_to } = one;
        const kept = { client_id, room, user, text, reply_to, at: Date.now() };
        this.change(one, { busy: true, problem: undefined });
        await keep('queue', client_id, kept).catch(() => {});
        try {
            const { message } = await send('POST', `/rooms/${room}/messages`, { client_id, text, ...(reply_to && { reply_to }) });
            await this.leave(one);
            this.live.merge(message, true);
        } catch (problem) {
            if (this.waiting.value.some(({ client_id, said }) => said && client_id === one.client_id)) return this.leave(one);
            this.change(one, { busy: false, problem });
            await keep('queue', client_id, { ...kept, failed: true }).catch(() => {});
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
