// What this browser's user prefers: theme and language. first.js sets both before anything is drawn.
import { effect, signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark', 'night'];
export const LANGUAGES = { en: { name: 'English', dir: 'ltr' }, fa: { name: 'فارسی', dir: 'rtl' } };

/** @param {string} name @param {string} fallback */
const read = (name, fallback) => {
    try {
        return localStorage.getItem(`conse.${name}`) ?? fallback;
    } catch {
        return fallback;
    }
};
/** @param {string} name @param {string} value */
const write = (name, value) => {
    try {
        localStorage.setItem(`conse.${name}`, value);
    } catch {
        // it lasts as long as the page
    }
};

const inPage = typeof document !== 'undefined';
export const theme = signal(read('theme', 'auto'));
/** @type {import('@preact/signals').Signal<'en' | 'fa'>} */
export const language = signal(/** @type {any} */ (inPage ? document.documentElement.lang : 'en'));
/** While a night is led: the theme is night, whatever is preferred. */
export const dimmed = signal(false);

/** @param {string} value */
export const setTheme = (value) => (write('theme', value), (theme.value = value));
/** @param {'en' | 'fa'} value */
export const setLanguage = (value) => (write('language', value), (language.value = value));

export function begin() {
    const { documentElement: root } = document;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const system = signal(dark.matches);
    dark.addEventListener('change', () => (system.value = dark.matches));
    effect(() => {
        const preferred = theme.value === 'auto' ? (system.value ? 'dark' : 'light') : theme.value;
        root.dataset.theme = dimmed.value ? 'night' : preferred;
    });
    effect(() => {
        root.lang = language.value;
        root.dir = LANGUAGES[language.value].dir;
    });
}
