// Keys, where nobody writes: what has aria-keyshortcuts is pressed by its key, or gets the focus when that is to be confirmed.
import { route, go } from './router.js';

export const LETTERS = ['N', 'P', 'E', 'V'];
const FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

/** What is meant, in every layout of a keyboard. @param {KeyboardEvent} event */
export function keyOf({ key, code }) {
    if (key === '/' || key === 'Escape') return key;
    if (key === '?' || key === '؟') return '?';
    return /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(code)?.[1] ?? '';
}

/** In the dialog that is open, when one is. */
const place = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;

/** @param {string} key @returns {HTMLElement | null} */
export const keyed = (key) => place().querySelector(`[aria-keyshortcuts~="${key}"]:not(:disabled)`);

function search() {
    if (route.value.screen !== 'explore') go('/');
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector('input[type=search]'))?.focus());
}

/** @param {KeyboardEvent} event @param {() => void} help */
export function press(event, help) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const key = keyOf(event), at = /** @type {HTMLElement} */ (event.target);
    if (at.matches?.(FIELDS)) return void (key === 'Escape' && place() === document && at.blur());
    const inDialog = place() !== document;
    if (!inDialog && (key === '/' || key === '?')) return event.preventDefault(), key === '/' ? search() : help();
    const found = /^[A-Z0-9]$/.test(key) ? keyed(key) : null;
    if (!found) return;
    event.preventDefault();
    if (found.dataset.focuses !== undefined) return found.focus();
    if (!event.repeat) found.click();
}

/** The key of a seat: the first ten have one. @param {number} seat */
export const keyOfSeat = (seat) => (seat >= 1 && seat <= 10 ? String(seat % 10) : undefined);
