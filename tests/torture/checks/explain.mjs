// Which command made which entry. The commands of one person about one event come one after the other, so their entries stand in that
// order: an acknowledged command has exactly one, one that may have been executed has at most one, which may also come later than those
// of commands after it.
import { mayHaveDone } from '../parts/client.mjs';
import { wordOfCommand } from './words.mjs';

const MOST_STEPS = 300000;

// What a command says of its entry: 'one', 'maybe' (one or none) or 'none'. A seat that one has already is answered by 200.
export function promiseOf(record) {
    const open = record.attempts.some(mayHaveDone);
    if (record.outcome === 'done' && !(record.kind === 'reserve' && record.status === 200)) return 'one';
    return open ? 'maybe' : 'none';
}

const groupByWord = (list) => {
    const groups = new Map();
    for (const each of list) groups.set(each.word, [...(groups.get(each.word) ?? []), each]);
    return groups;
};

// entries: [{word, seq}] that one person caused, in order. commands: their records, in order. maySilent(record, before): a success that
// perhaps wrote nothing, because it was so already; before is the entry before. Gives {made: Map of record -> seq, stuck}: stuck is undefined
// when all is explained, else {entry} that nobody asked for here or {command} whose entry is missing. Where several explanations fit, one
// takes a command that was acknowledged for each entry, or with `late` one of which nothing was heard.
function explainOnce(entries, commands, maySilent, late) {
    const asked = commands
        .map((record, place) => ({ record, place, word: wordOfCommand(record), promise: promiseOf(record) }))
        .filter(({ promise }) => promise !== 'none');
    const firm = asked.filter(({ promise }) => promise === 'one');
    const loose = groupByWord(asked.filter(({ promise }) => promise === 'maybe'));
    const used = new Map(); // of each word, so many of the loose ones: those of one word are alike, and the first fits wherever another does
    const hopeless = new Set();
    const path = []; // of [record, seq]
    let furthest = { depth: -1 };
    let steps = 0;
    const keyOf = (e, i) => `${e} ${i} ${[...used].filter(([, count]) => count > 0).join()}`;
    const note = (e, i) => {
        if (e + i > furthest.depth) furthest = { depth: e + i, entry: entries[e], command: firm[i]?.record };
    };
    // Later commands cannot have made an entry that stands before that of a command which was acknowledged before they began.
    const looseOne = (word, i) => {
        const one = loose.get(word)?.[used.get(word) ?? 0];
        return one && (i === firm.length || one.place < firm[i].place) ? one : undefined;
    };
    function take(command, e, i) {
        path.push([command.record, entries[e].seq]);
        return go(e + 1, i) || !path.pop();
    }
    function takeLoose(e, i) {
        const word = entries[e]?.word,
            one = looseOne(word, i);
        if (!one) return false;
        const count = used.get(word) ?? 0;
        used.set(word, count + 1);
        return take(one, e, i) || !used.set(word, count);
    }
    const takeFirm = (e, i) => entries[e] !== undefined && firm[i]?.word === entries[e].word && take(firm[i], e, i + 1);
    const takeNone = (e, i) => firm[i] !== undefined && maySilent(firm[i].record, entries[e - 1]) && go(e, i + 1);
    const ways = late ? [takeLoose, takeNone, takeFirm] : [takeFirm, takeLoose, takeNone];
    function go(e, i) {
        if (e === entries.length && i === firm.length) return true;
        note(e, i);
        const key = keyOf(e, i);
        if (hopeless.has(key) || ++steps > MOST_STEPS) return false;
        return ways.some((way) => way(e, i)) || !hopeless.add(key);
    }
    if (go(0, 0))
        return {
            made: new Map(path),
            alike: new Set([...loose].filter(([, of]) => of.length > 1).flatMap(([, of]) => of.map(({ record }) => record))),
        };
    return { made: new Map(), stuck: { entry: furthest.entry, command: furthest.command, ranOut: steps > MOST_STEPS } };
}

// As explainOnce, with `unsure`: the records that another explanation gives another entry, or none.
export function explain(entries, commands, maySilent) {
    const early = explainOnce(entries, commands, maySilent, false);
    if (early.stuck) return { ...early, unsure: new Set() };
    const late = explainOnce(entries, commands, maySilent, true);
    const differs = (record) => early.alike.has(record) || late.made.get(record) !== early.made.get(record);
    return { ...early, unsure: new Set([...early.made.keys(), ...late.made.keys()].filter(differs)) };
}
