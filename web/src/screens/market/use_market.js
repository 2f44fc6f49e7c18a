// What the market says, as it happens: a role's book, and one's own orders, cards and money.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { bookOf, changed } from '../../core/book.js';
import { get } from '../../core/calls.js';
import { user } from '../../core/session.js';
import { follow } from '../../core/stream.js';

const PACE_MS = 200;

/** @param {string} role '': one's own orders alone */
export function useMarket(role) {
    const [book, setBook] = useState(/** @type {import('../../core/book.js').Book | null} */ (null));
    const [gone, setGone] = useState(false);
    const [up, setUp] = useState(true);
    const [turn, next] = useState(0);
    useEffect(() => {
        if (!user.value) return undefined;
        /** @type {any} */
        let due;
        const again = () => (due ??= setTimeout(() => ((due = undefined), next((n) => n + 1)), PACE_MS));
        const topic = `market:${role}`;
        /** @param {string} type @param {any} message */
        const on = (type, message) => {
            if (message.stream !== topic) return void (type === 'entry' && again());
            if (type === 'snapshot') setBook(bookOf(message.state));
            if (type === 'entry') setBook((old) => old && changed(old, message.entry));
            if (type === 'error') setGone(true);
        };
        const end = follow({ topics: role ? [topic, 'orders'] : ['orders'], on, onState: setUp });
        return () => (clearTimeout(due), end());
    }, [role, user.value?.id]);
    return { book, gone, up, turn, again: () => next((n) => n + 1) };
}

/** {orders, cards, wallet} of the caller. @param {string} role @param {number} turn */
export const useMine = (role, turn) =>
    useAsked(async (signal) => {
        const of = role && `role_id=${role}`;
        const [{ orders }, { cards }, wallet] = await Promise.all([
            get(`/market/orders?state=OPEN&${of}`, { signal }), get(`/market/cards?page_size=200&${of}`, { signal }), get('/wallet', { signal }),
        ]);
        return { orders, cards, conse: Number(wallet.balances.find((/** @type {any} */ one) => one.kind === 'CONSE')?.amount ?? 0) };
    }, [role, turn, user.value?.id]);
