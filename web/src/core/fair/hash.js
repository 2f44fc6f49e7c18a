// SHA-256 over parts, by the browser's own cryptography, and the trees of RFC 6962.
const HASH = 'SHA-256';
const text = new TextEncoder();

/** Browsers have it only for pages that came by TLS, or from this machine. */
export const canHash = () => Boolean(globalThis.crypto?.subtle);

export const u8 = (/** @type {number} */ n) => Uint8Array.of(n);
/** @param {number} n */
export function u32(n) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, n);
    return bytes;
}

/** @param {string | undefined} base64 */
export const bytesOf = (base64) => Uint8Array.from(atob(base64 ?? ''), (letter) => letter.charCodeAt(0));

/** @param {Uint8Array} one @param {Uint8Array} other */
export const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);

/** @param {(string | Uint8Array)[]} parts */
function join(parts) {
    const all = parts.map((part) => (typeof part === 'string' ? text.encode(part) : part));
    const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of all) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}

/** @param {...(string | Uint8Array)} parts */
export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest(HASH, join(parts)));

/** @param {Uint8Array} key @param {...(string | Uint8Array)} parts */
export async function hmac(key, ...parts) {
    const imported = await crypto.subtle.importKey('raw', /** @type {BufferSource} */ (key), { name: 'HMAC', hash: HASH }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, join(parts)));
}

/** @param {Uint8Array} left @param {Uint8Array} right */
const node = (left, right) => sha256(u8(1), left, right);

/** @param {Uint8Array[]} leaves @returns {Promise<Uint8Array>} */
export async function merkleRoot(leaves) {
    if (leaves.length < 2) return leaves[0] ?? sha256();
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return node(await merkleRoot(leaves.slice(0, split)), await merkleRoot(leaves.slice(split)));
}

/** The root over a leaf, in a tree whose count of leaves is a power of two. @param {Uint8Array} leaf @param {number} index @param {Uint8Array[]} siblings */
export async function climb(leaf, index, siblings) {
    let at = leaf;
    for (const sibling of siblings) {
        at = await (index % 2 ? node(sibling, at) : node(at, sibling));
        index >>= 1;
    }
    return at;
}
