// One event: everything that is known of it, for the checks: {log, states, records, made, silent, stuck, windows}. made is which
// command made which entry; not `sure` where the replies leave open which of several it was. silent are successes without an entry.
import { explain } from './explain.mjs';
import { foldLog } from './fold.mjs';
import { isCommand, wordOfCommand, wordOfEntry } from './words.mjs';
import { makeWindows } from './windows.mjs';

const groupBy = (list, keyOf) => {
    const groups = new Map();
    for (const each of list) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
    return groups;
};

// Commands that change nothing when what they ask for is so already, and say so only by a success. A ballot is one's own alone.
export function maySilent(record, before) {
    if (record.kind === 'ballot') return before?.word === wordOfCommand(record);
    return ['status', 'assistant'].includes(record.kind);
}

// What is sealed has a number in the log, and none among the entries that a god sees until the game is over. Then all are counted.
const seenWhileItGoesOn = (log) => (log.seen ??= log.entries.filter(({ kind }) => kind !== 'SEALED'));
export const isNumbered = (log, { index, seq }) => index === seq || seenWhileItGoesOn(log)[index - 1]?.seq === seq;

export function headOf(log, { body: { entries, next } }) {
    if (entries.length) return Math.max(...entries.map(({ seq }) => seq));
    return seenWhileItGoesOn(log)[next - 2]?.seq ?? next - 1;
}

export const isLogRead = ({ kind, outcome }) => outcome === 'done' && ['follow', 'look'].includes(kind);

export function assembleEvent(log, records) {
    const commands = groupBy(records.filter(isCommand), ({ actor }) => actor);
    const worded = log.entries.map((entry) => ({ ...entry, word: wordOfEntry(entry) })).filter(({ word }) => word);
    const entries = groupBy(worded, ({ actor_id }) => actor_id);
    const made = [],
        stuck = [],
        silent = [];
    for (const actor of new Set([...commands.keys(), ...entries.keys()])) {
        const asked = commands.get(actor) ?? [];
        const found = explain(entries.get(actor) ?? [], asked, maySilent);
        if (found.stuck) stuck.push({ actor, ...found.stuck });
        found.made.forEach((seq, record) => made.push({ record, seq, sure: !found.unsure.has(record) }));
        if (!found.stuck)
            silent.push(...asked.filter((record) => record.outcome === 'done' && !found.made.has(record) && !found.unsure.has(record)));
    }
    const reads = records.filter(isLogRead).map((record) => ({ end: record.end, head: headOf(log, record) }));
    const windows = makeWindows(
        made.filter(({ sure }) => sure),
        reads,
        log.entries.length,
    );
    return { log, states: foldLog(log.entries), records, made, silent, stuck, windows };
}
