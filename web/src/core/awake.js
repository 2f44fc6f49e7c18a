// Keeps the phone from sleeping while a game is played.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Whether the phone stays awake; a refusal is shown. */
export const awake = signal(true);

/** @param {boolean} wanted */
export function useAwake(wanted) {
    useEffect(() => {
        if (!wanted) return undefined;
        /** @type {WakeLockSentinel | undefined} */
        let lock;
        let over = false;
        // The system takes it back whenever the page is hidden.
        const take = async () => {
            if (document.hidden || over) return;
            lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
            awake.value = Boolean(lock);
            if (over) lock?.release();
        };
        take();
        document.addEventListener('visibilitychange', take);
        return () => {
            over = true;
            document.removeEventListener('visibilitychange', take);
            lock?.release();
        };
    }, [wanted]);
}
