// Whether this browser rings when there is news (docs/notifications.md). Only src/sw.js hears of it, and it knows no words: the page leaves them.
import { effect, signal } from '@preact/signals';
import { formsOf, t } from '../words/words.js';
import { get, send } from './calls.js';
import { LANGUAGES, language } from './prefs.js';
import { user } from './session.js';
import { keep } from './store.js';

const RINGS = 'conse.rings'; // whose news, and where they are pushed to
const ASKED = 'conse.ringAsked';

/** @typedef {'never' | 'no' | 'yes' | 'forbidden'} Rings never: this browser can't */
/** @type {import('@preact/signals').Signal<Rings>} */
export const rings = signal(/** @type {Rings} */ ('never'));
/** It was said that it should not, and it is not asked for again. */
export const declined = signal(false);

const registration = () => navigator.serviceWorker.ready;
const can = () => isSecureContext && Boolean(navigator.serviceWorker) && 'PushManager' in window && 'Notification' in window;

const noted = () => {
    try {
        return localStorage.getItem(RINGS) ?? '';
    } catch {
        return '';
    }
};
/** @param {string} name @param {string} value */
const note = (name, value) => {
    try {
        if (value) localStorage.setItem(name, value);
        else localStorage.removeItem(name);
    } catch {
        // it is asked for again
    }
};

export function decline() {
    note(ASKED, '1');
    declined.value = true;
}

async function subscribe() {
    const { public_key } = await get('/notifications/push');
    const { pushManager } = await registration();
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
    const { endpoint, keys } = subscription.toJSON();
    if (noted() !== `${user.value.id} ${endpoint}`) await send('POST', '/notifications/push', { endpoint, keys });
    note(RINGS, `${user.value.id} ${endpoint}`);
    rings.value = 'yes';
}

/** To be called by a tap: the browser asks its user. */
export async function ring() {
    const said = await Notification.requestPermission();
    if (said !== 'granted') return void (rings.value = said === 'denied' ? 'forbidden' : 'no');
    await subscribe();
}

export async function beSilent() {
    const [, endpoint] = noted().split(' ');
    if (!endpoint) return;
    note(RINGS, '');
    rings.value = 'no';
    await send('DELETE', `/notifications/push?endpoint=${encodeURIComponent(endpoint)}`);
    await (await (await registration()).pushManager.getSubscription())?.unsubscribe();
}

// A browser changes its address at times; then it is told anew.
function look() {
    if (!user.value || !can()) return;
    declined.value = Boolean(localStorage.getItem(ASKED));
    const mine = noted().startsWith(`${user.value.id} `);
    if (Notification.permission === 'denied') rings.value = 'forbidden';
    else rings.value = mine && Notification.permission === 'granted' ? 'yes' : 'no';
    if (rings.value === 'yes') subscribe().catch(() => {});
}

export function begin() {
    effect(() => void (user.value?.id, look()));
    effect(() => {
        const lang = language.value;
        keep('settings', 'push', { lang, dir: LANGUAGES[lang].dir, title: t('app.name'), forms: formsOf('push.news') }).catch(() => {});
    });
}
