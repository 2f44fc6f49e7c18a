// What can be taken back for a moment, because it is sent only then.
import { signal } from '@preact/signals';

export const GRACE_MS = 6000;

/** @typedef {{text: string, until: number, run: () => Promise<unknown>}} Due */
/** @type {import('@preact/signals').Signal<Due | null>} */
export const due = signal(null);
/** Why the last one was refused. @type {import('@preact/signals').Signal<any>} */
export const refused = signal(null);

/** @type {any} */
let timer;

/** Sends what waits, at once. */
export function flush() {
    clearTimeout(timer);
    const waiting = due.value;
    due.value = null;
    waiting?.run().then(() => (refused.value = null), (problem) => (refused.value = problem));
}

/** Another act sends the one before. @param {string} text @param {() => Promise<unknown>} run */
export function later(text, run) {
    flush();
    due.value = { text, until: performance.now() + GRACE_MS, run };
    timer = setTimeout(flush, GRACE_MS);
}

export function takeBack() {
    clearTimeout(timer);
    due.value = null;
}

if (typeof document !== 'undefined') addEventListener('pagehide', flush);
