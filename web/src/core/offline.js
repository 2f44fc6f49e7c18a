// The console opens without a connection, too: src/sw.js keeps it.
import { go } from './router.js';

export function begin() {
    if (!navigator.serviceWorker || !isSecureContext) return;
    addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => {}), { once: true });
    navigator.serviceWorker.addEventListener('message', ({ data }) => data?.go && go(data.go));
}
