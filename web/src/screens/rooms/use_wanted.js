// The message for which one came, as an address names it (?message=): it is looked for, shown and marked.
import { useEffect } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { route } from '../../core/router.js';
import { say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

/** Where a message stands in the page. @param {string} id */
export const placeOf = (id) => `message-${id}`;

/** @param {import('../../core/room.js').LiveRoom} live @param {boolean} shown @param {(element: Element) => void} show */
export function useWanted(live, shown, show) {
    const wanted = route.value.query.get('message') ?? '';
    const { problem, run } = useTap();
    useEffect(() => {
        if (!shown || !wanted) return;
        const seek = async () => {
            if (!(await live.loadTo(wanted))) return say(t('rooms.notHere'));
            requestAnimationFrame(() => {
                const element = document.getElementById(placeOf(wanted));
                if (!element) return;
                show(element);
                element.focus({ preventScroll: true }); // a reader by ear begins there
            });
        };
        run(seek);
    }, [shown, wanted]);
    return { wanted, problem };
}
