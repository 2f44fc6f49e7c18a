// Keeps the console itself, so that it opens without a connection; never anything of a game, nor any answer of the API.
import { find } from './core/store.js';

const NAME = `conse-${VERSION}`;

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
    const clean = async () => {
        for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
        await self.clients.claim();
    };
    event.waitUntil(clean());
});

const isOfConsole = (path) => path === '/' || path.startsWith('/c/');

self.addEventListener('fetch', (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== 'GET' || origin !== self.location.origin) return;
    if (pathname.startsWith('/assets/')) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
    else if (request.mode === 'navigate' && isOfConsole(pathname)) event.respondWith(fetch(request).catch(() => caches.match('/')));
});

// ---- News, pushed: how much is not read, and nothing else

const INBOX = '/c/inbox';
const PLAIN = { lang: 'en', dir: 'auto', title: 'Conse', forms: { one: '{n}', other: '{n}' } };

async function tell(news) {
    const { lang, dir, title, forms } = (await find('settings', 'push').catch(() => undefined)) ?? PLAIN;
    const body = forms[new Intl.PluralRules(lang).select(news)] ?? forms.other;
    await self.registration.showNotification(title, { body: body.replace('{n}', new Intl.NumberFormat(lang).format(news)), lang, dir, tag: 'news', renotify: true, data: INBOX });
}

self.addEventListener('push', (event) => {
    const { news = 1 } = event.data?.json() ?? {};
    event.waitUntil(tell(news));
});

// A page that is open goes there; without one another is opened.
async function show(path) {
    const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0];
    if (!page) return self.clients.openWindow(path);
    page.postMessage({ go: path });
    return page.focus().catch(() => {});
}

self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(show(event.notification.data));
});
