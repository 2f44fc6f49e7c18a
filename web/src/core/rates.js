// Calls a second of each class of each service, from what its processes count: calls of the last minute or two, which begin anew now and
// then. Of two counts of a process the difference tells how many came between them, unless it began anew there.

export const POINTS = 60;
const NEWER_MS = 1000; // by so much a count is later than the one before, else it is the same

/**
 * @typedef {{calls: number, at: number, rate: number}} Count
 * @typedef {{key: string, service: string, kind: string, p99: number, rate: number, points: number[]}} Line
 * @typedef {{counts: Record<string, Count>, lines: Line[]}} Rates
 */

/** @type {Rates} */
export const NONE = { counts: {}, lines: [] };

/** @param {Count | undefined} before @param {number} calls @param {number} at @returns {Count} */
function counted(before, calls, at) {
    if (!before) return { calls, at, rate: 0 };
    if (at - before.at < NEWER_MS) return before;
    return { calls, at, rate: calls < before.calls ? before.rate : ((calls - before.calls) * 1000) / (at - before.at) };
}

/** Every class of every process, as it was heard. @param {any[]} services @param {number} now */
const told = (services, now) =>
    services.flatMap(({ id, name, age_ms = 0, health }) =>
        (health?.times ?? []).map((/** @type {any} */ time) => ({ id: `${id} ${time.class}`, key: `${name} ${time.class}`, service: name, kind: time.class, p99: Number(time.p99_us ?? 0), calls: Number(time.calls ?? 0), at: now - Number(age_ms) })));

/** @param {Rates} before @param {any[]} services as GET /ops/services lists them @param {number} now @returns {Rates} */
export function follow(before, services, now) {
    /** @type {Record<string, Count>} */
    const counts = {};
    /** @type {Map<string, Line>} */
    const lines = new Map();
    for (const { id, key, service, kind, p99, calls, at } of told(services, now)) {
        counts[id] = counted(before.counts[id], calls, at);
        const line = lines.get(key) ?? { key, service, kind, p99: 0, rate: 0, points: [] };
        lines.set(key, { ...line, p99: Math.max(line.p99, p99), rate: line.rate + counts[id].rate });
    }
    const pointsOf = (/** @type {string} */ key) => before.lines.find((line) => line.key === key)?.points ?? [];
    return { counts, lines: [...lines.values()].map((line) => ({ ...line, points: [...pointsOf(line.key), line.rate].slice(-POINTS) })) };
}
