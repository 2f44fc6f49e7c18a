// The proof of work that the API wants while a crowd logs in (docs/api-guide.md): a number, found by trying.
import { sha256 } from '@noble/hashes/sha2';

const AT_ONCE_MS = 12; // then the page has its turn

/** @param {Uint8Array} hash @param {number} bits */
const begins = (hash, bits) => {
    for (let bit = 0; bit < bits; bit++) if (hash[bit >> 3] & (0x80 >> (bit & 7))) return false;
    return true;
};

/** @param {{stamp: string, bits: number}} wanted @returns {Promise<string>} the header's value */
export async function work({ stamp, bits }) {
    let turn = performance.now();
    for (let number = 0; ; number++) {
        const proof = `${stamp}.${number}`;
        if (begins(sha256(proof), bits)) return proof;
        if ((number & 63) !== 63 || performance.now() - turn < AT_ONCE_MS) continue;
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
    }
}
