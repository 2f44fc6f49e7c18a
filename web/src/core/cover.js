// What only its reader may see lies open until the page is left: a phone that is picked up again shows nothing.
import { signal } from '@preact/signals';

export const uncovered = signal(false);

const cover = () => void (uncovered.value = false);
if (typeof document !== 'undefined') {
    document.addEventListener('visibilitychange', () => document.hidden && cover());
    addEventListener('blur', cover);
    addEventListener('pagehide', cover);
}
