// Which command made which entry. The commands of one person about one event come one after the other, so their entries stand in that
// order: an acknowledged command has exactly one, one that may have been executed has at most one, which may also come later than those
// of commands after it.
import { mayHaveDone } from '../parts/client.mjs';
import { wordOfCommand } from './words.mjs';

const MOST_STEPS = 300000;

// What a command says of its entry: 'one', 'maybe' (one or none) or 'none'.
export function promiseOf(record) {
    if (record.outcome === 'done') return 'one';
    return record.attempts.some(mayHaveDone) ? 'maybe' : 'none';
}

// entries: [{word, seq}] that one person caused, in order. commands: their records, in order. maySilent(record): a success that perhaps
// wrote nothing, because nothing was to be changed. Gives {made: Map of record -> seq, stuck}: stuck is undefined when all is
// explained, else {entry} that nobody asked for here or {command} whose entry is missing. Where several explanations fit, one takes the
// earliest command for each entry, or with `late` the latest.
function explainOnce(entries, commands, maySilent, late) {
    const asked = commands
        .map((record) => ({ record, word: wordOfCommand(record), promise: promiseOf(record) }))
        .filter(({ promise }) => promise !== 'none');
    const firm = asked.filter(({ promise }) => promise === 'one');
    const loose = asked.filter(({ promise }) => promise === 'maybe');
    const order = new Map(asked.map((each, place) => [each, place]));
    const candidates = late ? [...loose].reverse() : loose;
    const taken = new Set();
    const path = []; // of [command, seq]
    let furthest = { depth: -1 };
    let steps = 0;
    // Later commands cannot have made an entry that stands before that of a command which was acknowledged before they began.
    const explains = (each, entry, i) =>
        !taken.has(each) && each.word === entry.word && (i === firm.length || order.get(each) < order.get(firm[i]));
    const note = (e, i) => {
        if (e + i <= furthest.depth) return;
        furthest = { depth: e + i, entry: entries[e], command: firm[i]?.record };
    };
    function go(e, i) {
        if (e === entries.length && i === firm.length) return true;
        if (++steps > MOST_STEPS) return false;
        note(e, i);
        const entry = entries[e],
            next = firm[i];
        const take = (command, more) => {
            path.push([command.record, entry.seq]);
            if (go(e + 1, i + more)) return true;
            path.pop();
            return false;
        };
        const byFirm = () => entry && next?.word === entry.word && take(next, 1);
        const byLoose = () => {
            const each = entry && candidates.find((one) => explains(one, entry, i)); // those of one word are alike
            if (!each) return false;
            taken.add(each);
            return take(each, 0) || !taken.delete(each);
        };
        const silently = () => next !== undefined && maySilent(next.record) && go(e, i + 1);
        return late ? byLoose() || silently() || byFirm() : byFirm() || byLoose() || silently();
    }
    if (go(0, 0)) return { made: new Map(path) };
    const { entry, command } = furthest;
    return { made: new Map(), stuck: { entry, command, ranOut: steps > MOST_STEPS } };
}

// As explainOnce, with `unsure`: the records that another explanation gives another entry, or none.
export function explain(entries, commands, maySilent) {
    const early = explainOnce(entries, commands, maySilent, false);
    if (early.stuck) return { ...early, unsure: new Set() };
    const late = explainOnce(entries, commands, maySilent, true);
    const differs = (record) => late.made.get(record) !== early.made.get(record);
    return { ...early, unsure: new Set([...early.made.keys(), ...late.made.keys()].filter(differs)) };
}
