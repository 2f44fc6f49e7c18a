// Keeps the console itself, so that it opens without a connection; never anything of a game, nor any answer of the API.
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
