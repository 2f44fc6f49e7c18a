// Follows streams (docs/realtime.md): what happens is told once and in order, whatever breaks on the way.
import { ask, caller, refusal } from './calls.js';
import { monoNow } from './clock.js';
import { reader } from './sse.js';

const SILENT_MS = 35_000; // a head comes every 15 s
const LEAST_MS = 200;
const MOST_MS = 10_000;
const PART = 5; // of the time for which it is away already: what is back soon is found soon

/** @typedef {{stream: string, cursor?: string, [more: string]: any}} Message */
/**
 * @typedef {{
 *   topics: string[], cursors?: Record<string, string>, visitor?: boolean,
 *   on: (type: string, message: Message) => void,
 *   onState: (connected: boolean) => void,
 * }} Following
 */

const wait = (/** @type {number} */ ms, /** @type {AbortSignal} */ signal) =>
    new Promise((/** @type {(done?: unknown) => void} */ resolve) => {
        const timer = setTimeout(resolve, ms);
        const now = () => (clearTimeout(timer), resolve());
        signal.addEventListener('abort', now, { once: true });
        addEventListener('online', now, { once: true });
    });

class Follower {
    /** @param {Following} following */
    constructor({ topics, cursors = {}, visitor = false, on, onState }) {
        this.visitor = visitor; // as nobody in particular
        this.on = on;
        this.onState = onState;
        this.topics = [...topics];
        this.cursors = { ...cursors };
        this.lost = 0; // since when
        this.stopped = new AbortController();
        this.retry_ms = 0;
    }

    address() {
        const known = this.topics.filter((topic) => this.cursors[topic]);
        const one = this.topics.length === 1;
        const after = known.map((topic) => (one ? this.cursors[topic] : `${topic}=${this.cursors[topic]}`)).join(',');
        const query = new URLSearchParams({ topics: this.topics.join(','), ...(after && { after }) });
        return `/stream?${query}`;
    }

    /** @param {import('./sse.js').Told} told */
    take({ event, data, comment }) {
        if (comment.trim() === 'renew') this.connection?.abort();
        if (!data) return;
        const message = JSON.parse(data);
        if (event === 'bye') this.retry_ms = message.retry_ms ?? 0;
        const fresh = !message.cursor || this.cursors[message.stream] !== message.cursor;
        if (message.cursor) this.cursors[message.stream] = message.cursor;
        if (event === 'reset') delete this.cursors[message.stream];
        if (event === 'error') this.topics = this.topics.filter((topic) => topic !== message.stream);
        if (event !== 'entry' || fresh) this.on(event, message);
    }

    /** @param {Response} reply */
    async read(reply) {
        const body = /** @type {any} */ (reply.body).pipeThrough(new TextDecoderStream()).getReader();
        const feed = reader((told) => this.take(told));
        let heard = monoNow();
        const watch = setInterval(() => monoNow() - heard > SILENT_MS && this.connection?.abort(), 1000);
        try {
            for (let piece; !(piece = await body.read()).done; heard = monoNow()) feed(piece.value);
        } finally {
            clearInterval(watch);
        }
    }

    async connect() {
        this.connection = new AbortController();
        this.stopped.signal.addEventListener('abort', () => this.connection?.abort(), { once: true });
        const { signal } = this.connection;
        const reply = await ask(this.address(), { token: this.visitor ? '' : await caller.token(), signal, headers: { Accept: 'text/event-stream' } });
        if (reply.status === 401 && !this.visitor) await caller.renew();
        if (!reply.ok) throw await refusal(reply);
        this.lost = 0;
        this.onState(true);
        await this.read(reply);
    }

    // The first time none; then by chance, so that not all who follow come at once.
    /** @param {number} asked seconds */
    async pause(asked) {
        const first = !this.lost;
        this.lost ||= monoNow();
        this.onState(false);
        const most = first ? 0 : Math.min(MOST_MS, Math.max(LEAST_MS, (monoNow() - this.lost) / PART));
        await wait(Math.max(this.retry_ms, asked * 1000) + Math.random() * most, this.stopped.signal);
    }

    async run() {
        while (!this.stopped.signal.aborted && this.topics.length) {
            this.retry_ms = 0;
            const refused = await this.connect().catch((fault) => fault);
            if (this.stopped.signal.aborted) return;
            if (refused?.status === 404 || refused?.status === 403) return this.on('error', { stream: this.topics[0], ...refused });
            if (refused?.name !== 'AbortError') await this.pause(refused?.retryAfter ?? 0);
        }
    }
}

/** @param {Following} following @returns {() => void} which ends it */
export function follow(following) {
    const follower = new Follower(following);
    follower.run();
    return () => follower.stopped.abort();
}
