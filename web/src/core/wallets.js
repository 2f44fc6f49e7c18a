// Wallets of this browser, as they tell of themselves by the wallet standard (https://github.com/wallet-standard/wallet-standard).
import { signal } from '@preact/signals';

const CONNECT = 'standard:connect', SIGN = 'solana:signMessage';

/** Those that can show whose they are. @type {import('@preact/signals').Signal<any[]>} */
export const wallets = signal([]);

const fits = (/** @type {any} */ wallet) => wallet.features?.[CONNECT] && wallet.features[SIGN] && wallet.chains?.some((/** @type {string} */ chain) => chain.startsWith('solana:'));

/** @param {...any} told @returns {() => void} which takes them away */
function register(...told) {
    wallets.value = [...wallets.value, ...told.filter((wallet) => fits(wallet) && !wallets.value.includes(wallet))];
    return () => void (wallets.value = wallets.value.filter((wallet) => !told.includes(wallet)));
}

let begun = false;
/** Asks who is there; those that come later tell by themselves. */
export function findWallets() {
    if (begun) return;
    begun = true;
    const api = { register };
    addEventListener('wallet-standard:register-wallet', (event) => /** @type {CustomEvent} */ (event).detail(api));
    dispatchEvent(new CustomEvent('wallet-standard:app-ready', { detail: api }));
}

/** Asks its owner, by the wallet's own window. @param {any} wallet */
export async function connect(wallet) {
    const { accounts } = await wallet.features[CONNECT].connect();
    const [account] = accounts;
    const sign = async (/** @type {string} */ message) => {
        const [{ signature }] = await wallet.features[SIGN].signMessage({ account, message: new TextEncoder().encode(message) });
        return signature;
    };
    return { address: account.address, sign };
}
