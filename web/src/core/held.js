// What is shown only while a finger, or a key, is down: gone on release, after five seconds, and when the page is left.
import { useEffect, useRef, useState } from 'preact/hooks';

const SHOWN_MS = 5000;

/** @template T @param {() => Promise<T>} ask asked anew at each hold, and kept nowhere */
export function useHeld(ask) {
    const [shown, show] = useState(/** @type {T | null} */ (null));
    const [problem, refuse] = useState(/** @type {any} */ (null));
    const holds = useRef(0);
    const timer = useRef(/** @type {any} */ (undefined));
    const cover = () => {
        holds.current++;
        clearTimeout(timer.current);
        show(null);
    };
    const hold = async () => {
        const mine = ++holds.current;
        refuse(null);
        try {
            const answer = await ask();
            if (mine !== holds.current) return;
            show(answer);
            timer.current = setTimeout(cover, SHOWN_MS);
        } catch (fault) {
            refuse(fault);
        }
    };
    useEffect(() => {
        const leave = () => document.hidden && cover();
        document.addEventListener('visibilitychange', leave);
        addEventListener('blur', cover);
        addEventListener('pagehide', cover);
        return () => {
            cover();
            document.removeEventListener('visibilitychange', leave);
            removeEventListener('blur', cover);
            removeEventListener('pagehide', cover);
        };
    }, []);
    const isKey = (/** @type {KeyboardEvent} */ event) => event.key === ' ' || event.key === 'Enter';
    const handlers = {
        onPointerDown: (/** @type {PointerEvent} */ event) => {
            /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
            hold();
        },
        onPointerUp: cover,
        onPointerCancel: cover,
        onContextMenu: (/** @type {Event} */ event) => event.preventDefault(),
        onKeyDown: (/** @type {KeyboardEvent} */ event) => isKey(event) && !event.repeat && (event.preventDefault(), hold()),
        onKeyUp: (/** @type {KeyboardEvent} */ event) => isKey(event) && cover(),
    };
    return { shown, problem, handlers };
}
