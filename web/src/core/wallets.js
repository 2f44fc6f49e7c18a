// Wallets of this browser, as they tell of themselves by the wallet standard (https://github.com/wallet-standard/wallet-standard); and those
// that are programs of a phone, with a browser of their own.
import { signal } from '@preact/signals';

const CONNECT = 'standard:connect', SIGN = 'solana:signMessage', SIGN_TRANSACTION = 'solana:signTransaction';

/** Those that can show whose they are. @type {import('@preact/signals').Signal<any[]>} */
export const wallets = signal([]);

const fits = (/** @type {any} */ wallet) => wallet.features?.[CONNECT] && wallet.features[SIGN] && wallet.chains?.some((/** @type {string} */ chain) => chain.startsWith('solana:'));

/** @param {any} wallet */
export const canPay = (wallet) => Boolean(wallet.features[SIGN_TRANSACTION]);

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
    /** @param {Uint8Array} transaction */
    const signTransaction = async (transaction) => {
        const [{ signedTransaction }] = await wallet.features[SIGN_TRANSACTION].signTransaction({ account, transaction });
        return signedTransaction;
    };
    return { address: account.address, sign, signTransaction };
}

// ---- On a phone

/** Where each opens a page in its own browser. */
const BROWSERS = { Phantom: 'https://phantom.app/ul/browse/', Solflare: 'https://solflare.com/ul/v1/browse/' };

/** @param {string} address of a page, as others reach it @returns {{name: string, href: string}[]} */
export const browsersFor = (address) =>
    Object.entries(BROWSERS).map(([name, start]) => ({ name, href: `${start}${encodeURIComponent(address)}?ref=${encodeURIComponent(new URL(address).origin)}` }));

/** Fingers, and no wallet in this browser. */
export const isPhone = () => matchMedia('(pointer: coarse)').matches;
