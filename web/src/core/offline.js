// The console opens without a connection, too: src/sw.js keeps it.
export function begin() {
    if (!navigator.serviceWorker || !isSecureContext) return;
    addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => {}), { once: true });
}
