// The server's clock. Each answer says when it was given; the one that was quickest on the way is believed most.
import { computed, signal } from '@preact/signals';

const AGES_MS = 300_000; // after so long another answer is believed as much as one twice as quick

/** @type {{offset: number, trip: number, at: number} | null} */
let best = null;
const mono = () => performance.timeOrigin + performance.now();

/** @param {number} sent @param {number} came both by mono() @param {number} server ms */
export function observe(sent, came, server) {
    const trip = came - sent;
    const weight = best ? best.trip * 2 ** ((came - best.at) / AGES_MS) : Infinity;
    if (server && trip <= weight) best = { offset: server - (sent + came) / 2, trip, at: came };
}

export const monoNow = mono;
export const now = () => mono() + (best?.offset ?? 0);
/** How far the clock may be off, in ms. */
export const doubt = () => (best ? best.trip / 2 : Infinity);

/** Ticks every second, and is the server's time then. */
export const second = signal(Date.now());
/** The same by the minute. */
export const minute = computed(() => second.value - (second.value % 60_000));

function tick() {
    const time = now();
    second.value = time;
    setTimeout(tick, 1000 - (time % 1000) + 5);
}
if (typeof document !== 'undefined') tick();
