// Numbers that follow from a seed alone (mulberry32).
export function randomOf(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const below = (n) => Math.floor(next() * n);
    const between = (low, high) => low + below(high - low + 1);
    const pick = (list) => list[below(list.length)];
    // Each with its own numbers, whatever the others take.
    const fork = (name) =>
        randomOf([...`${seed}/${name}`].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 0x01000193) >>> 0, 0x811c9dc5));
    return { next, below, between, pick, fork };
}
