// What a host does to the event: each act says which act it has seen last, so that two phones of one host do not cross.
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';

/** @param {any} event @param {import('../../core/live.js').LiveEvent} live */
export function useAct(event, live) {
    const tap = useTap();
    /** @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method @param {string} path @param {unknown} [body] */
    const now = (method, path, body) => live.own(send(method, `/events/${event.id}${path}`, body));
    /** As `now`, but refused when somebody else acted meanwhile. @param {'POST' | 'PATCH'} method @param {string} path @param {unknown} [body] */
    const seen = async (method, path, body) => {
        await live.owned;
        return live.own(send(method, `/events/${event.id}${path}`, body, { 'If-Match': `"act-${live.event.value.act}"` }));
    };
    return { ...tap, now, seen, act: (/** @type {Parameters<typeof now>} */ ...what) => tap.run(() => now(...what)), actSeen: (/** @type {Parameters<typeof seen>} */ ...what) => tap.run(() => seen(...what)) };
}
