// A room (docs/chat.md) as its reader sees it: its newest messages and what is said from then on; older ones when they are asked for.
import { signal } from '@preact/signals';
import { get, send } from './calls.js';
import { monoNow } from './clock.js';
import { Followed } from './followed.js';
import { follow } from './stream.js';

const TYPING_MS = 6000; // so long is somebody believed to write
const TELL_MS = 3000; // and so often it is told
const MOST = 100; // messages of an answer

const bySeq = (/** @type {any} */ one, /** @type {any} */ two) => Number(one.seq) - Number(two.seq);

export class LiveRoom extends Followed {
    /** @param {string} id @param {string} reader user id */
    constructor(id, reader) {
        super();
        this.id = id;
        this.reader = reader;
        /** With what its reader may do. @type {import('@preact/signals').Signal<any>} */
        this.room = signal(null);
        /** @type {import('@preact/signals').Signal<any[]>} */
        this.messages = signal([]);
        this.older = signal(false);
        /** Who writes just now. @type {import('@preact/signals').Signal<any[]>} */
        this.typing = signal([]);
        /** Somebody's message that came. @type {(message: any) => void} */
        this.onSaid = () => {};
        this.head = 0;
        this.read = 0;
        this.told = -TELL_MS;
    }

    begin() {
        this.end = follow({ topics: [`room:${this.id}`], on: (type, message) => this.take(type, message), onState: (up) => this.turn(up) });
    }

    /** @param {string} type @param {any} message */
    take(type, message) {
        if (type === 'head' || type === 'live') this.heard();
        if (type === 'snapshot') this.show(message);
        if (type === 'reset') this.clear();
        if (type === 'error') (this.clear(), (this.room.value = null), (this.problem.value = message));
        if (type === 'typing') this.showTyping(message.typing.users);
        if (type !== 'entry') return;
        this.head = Math.max(this.head, Number(message.entry.seq));
        this.takeEntry(message.entry);
    }

    /** @param {any} entry */
    takeEntry({ kind, message }) {
        if (kind === 'SAID') this.onSaid(message);
        this.merge(message, kind === 'SAID');
    }

    /** @param {any} snapshot */
    show({ state, mine }) {
        this.room.value = { ...state.room, ...mine };
        this.messages.value = state.messages;
        this.older.value = state.more_before;
        this.head = Number(state.room.head);
        this.read = Number(mine.cursor);
        this.problem.value = null;
        this.heard();
    }

    clear() {
        this.messages.value = [];
        this.typing.value = [];
    }

    /** @param {any} message @param {boolean} fresh it was not there before */
    merge(message, fresh) {
        const known = this.messages.value.find(({ id }) => id === message.id);
        if (!known && !fresh) return;
        const kept = { ...message, reports: message.reports?.length ? message.reports : known?.reports };
        this.messages.value = [...this.messages.value.filter(({ id }) => id !== message.id), kept].sort(bySeq);
    }

    /** @param {any[]} users */
    showTyping(users) {
        clearTimeout(this.forgetting);
        this.typing.value = users.filter(({ id }) => id !== this.reader);
        this.forgetting = setTimeout(() => (this.typing.value = []), TYPING_MS);
    }

    /** @param {number} [most] so many of them */
    async loadOlder(most = 50) {
        const [first] = this.messages.value;
        const answer = await get(`/rooms/${this.id}/messages?before=${first.seq}&page_size=${most}`);
        this.messages.value = [...answer.messages, ...this.messages.value].sort(bySeq);
        this.older.value = answer.more_before;
    }

    /** Older ones, until that one is among them: whether it is. Ids are in the order of time. @param {string} id */
    async loadTo(id) {
        while (this.older.value && this.messages.value[0].id > id) await this.loadOlder(MOST);
        return this.messages.value.some((message) => message.id === id);
    }

    // What may be written follows from the game: asked for again when something happened there.
    async reload() {
        const { rooms } = await get(`/rooms?event_id=${this.id.split('.')[0]}`);
        const found = rooms.find((/** @type {any} */ one) => one.id === this.id);
        if (found && this.room.value) this.room.value = found;
    }

    /** All that is shown was read. */
    async markRead() {
        if (this.head <= this.read) return;
        this.read = this.head;
        await send('PUT', `/rooms/${this.id}/cursor`, { seq: String(this.head) });
    }

    tellTyping() {
        if (monoNow() - this.told < TELL_MS) return;
        this.told = monoNow();
        send('PUT', `/rooms/${this.id}/typing`).catch(() => {});
    }

    stop() {
        clearTimeout(this.forgetting);
        super.stop();
    }
}
