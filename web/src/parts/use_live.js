import { useEffect, useState } from 'preact/hooks';
import { LiveEvent } from '../core/live.js';
import { settled, user } from '../core/session.js';

/** The event as its viewer sees it, for as long as the screen is there. @param {string} id @param {{visitor?: boolean}} [how] */
export function useLive(id, { visitor = false } = {}) {
    const [live, set] = useState(/** @type {LiveEvent | null} */ (null));
    useEffect(() => {
        if (!settled.value) return undefined;
        const begun = new LiveEvent(id, { visitor });
        begun.begin();
        set(begun);
        return () => begun.stop();
    }, [id, settled.value, user.value?.id]);
    return live;
}
