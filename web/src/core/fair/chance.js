// The numbers of a shuffle: the key stream of ChaCha20 under the deal's seed, as docs/fairness.md has it.
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const ROUNDS = 10; // of a column and a diagonal round each

/** @param {Uint32Array} x @param {number} a @param {number} b @param {number} c @param {number} d */
function quarter(x, a, b, c, d) {
    const add = (/** @type {number} */ to, /** @type {number} */ from, /** @type {number} */ mixed, /** @type {number} */ turn) => {
        x[to] += x[from];
        const value = x[mixed] ^ x[to];
        x[mixed] = (value << turn) | (value >>> (32 - turn));
    };
    add(a, b, d, 16);
    add(c, d, b, 12);
    add(a, b, d, 8);
    add(c, d, b, 7);
}

/** @param {Uint32Array} state */
function block(state) {
    const x = Uint32Array.from(state);
    for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < 4; i++) quarter(x, i, 4 + i, 8 + i, 12 + i);
        for (let i = 0; i < 4; i++) quarter(x, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
    return x.map((word, i) => word + state[i]);
}

/** 32-bit numbers without end. @param {Uint8Array} key of 32 bytes @returns {Generator<number, never>} */
export function* numbers(key) {
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
    const words = Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
    const state = Uint32Array.from([...CONSTANTS, ...words, 0, 0, 0, 0]);
    for (;; state[12]++) yield* block(state);
}

/** @param {Iterator<number, never>} source @param {number} n */
function below(source, n) {
    const limit = Math.floor(2 ** 32 / n) * n;
    for (;;) {
        const { value } = source.next();
        if (value < limit) return value % n;
    }
}

/** @template T @param {Uint8Array} key @param {T[]} cards */
export function shuffle(key, cards) {
    const dealt = [...cards];
    const source = numbers(key);
    for (let i = dealt.length; i > 1; i--) {
        const j = below(source, i);
        [dealt[i - 1], dealt[j]] = [dealt[j], dealt[i - 1]];
    }
    return dealt;
}
