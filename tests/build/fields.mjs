// fields.mjs [COMMIT]: what a number of a field or of an enum's value meant in an older version it has to mean still: the same name and type,
// or nobody uses it again (reserved). The older version is the last tag, or, without one, the oldest that works beside this one
// (proto/breaks.txt). Prints each difference; exit status 1 when there are some.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// The blocks of protobuf's text form: { name: [value or block] }.
function parse(text) {
    const stack = [{}];
    for (const line of text.split('\n').map((each) => each.trim()).filter(Boolean)) {
        const block = stack.at(-1);
        if (line === '}') stack.pop();
        else if (line.endsWith(' {')) stack.push(((block[line.slice(0, -2)] ??= []).push({}), block[line.slice(0, -2)].at(-1)));
        else {
            const at = line.indexOf(': ');
            (block[line.slice(0, at)] ??= []).push(line.slice(at + 2));
        }
    }
    return stack[0];
}

const word = (value) => JSON.parse(value);
const reservedOf = (of, lastIs) => ({
    names: new Set((of.reserved_name ?? []).map(word)),
    ranges: (of.reserved_range ?? []).map(({ start, end }) => [Number(start[0]), Number(end[0]) - lastIs]),
});
const meaningOf = (field) => [field.label[0], field.type[0], field.type_name ? word(field.type_name[0]) : ''].join(' ').trim();

function noteEnum(all, prefix, of) {
    const entries = new Map((of.value ?? []).map((value) => [Number(value.number[0]), { name: word(value.name[0]), meaning: '' }]));
    all.set(`enum ${prefix}${word(of.name[0])}`, { entries, ...reservedOf(of, 0) });
}

function noteMessage(all, prefix, of) {
    const name = `${prefix}${word(of.name[0])}`;
    const entries = new Map((of.field ?? []).map((field) => [Number(field.number[0]), { name: word(field.name[0]), meaning: meaningOf(field) }]));
    all.set(`message ${name}`, { entries, ...reservedOf(of, 1) });
    for (const each of of.nested_type ?? []) noteMessage(all, `${name}.`, each);
    for (const each of of.enum_type ?? []) noteEnum(all, `${name}.`, each);
}

// Every message and enum below a folder, by its full name.
export function numbersOf(folder) {
    const set = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'conse-fields-')), 'set');
    try {
        execFileSync('protoc', ['-I.', '-I/usr/include', '-o', set, ...fs.readdirSync(folder).filter((name) => name.endsWith('.proto'))], { cwd: folder });
        const text = execFileSync('protoc', ['-I/usr/include', '--decode=google.protobuf.FileDescriptorSet', 'google/protobuf/descriptor.proto'],
            { input: fs.readFileSync(set), encoding: 'utf8', maxBuffer: 1 << 28 });
        const all = new Map();
        for (const file of parse(text).file ?? []) {
            const prefix = file.package ? `${word(file.package[0])}.` : '';
            for (const each of file.message_type ?? []) noteMessage(all, prefix, each);
            for (const each of file.enum_type ?? []) noteEnum(all, prefix, each);
        }
        return all;
    } finally {
        fs.rmSync(path.dirname(set), { recursive: true });
    }
}

function differenceOf(then, now, number) {
    const old = then.entries.get(number), is = now.entries.get(number);
    const reserved = now.ranges.some(([first, last]) => first <= number && number <= last);
    if (!is) return reserved ? null : `${number} was ${old.name}, and is free to be used again: reserve it`;
    if (is.name !== old.name) return `${number} was ${old.name}, and is ${is.name}`;
    return is.meaning === old.meaning ? null : `${number}, ${old.name}, was ${old.meaning}, and is ${is.meaning}`;
}

// A sentence for each number that means something else now. What is gone as a whole has no numbers any more.
export function compare(then, now) {
    return [...then].flatMap(([name, old]) => (now.has(name) ? [...old.entries.keys()].map((number) => differenceOf(old, now.get(name), number)) : [])
        .filter(Boolean).map((difference) => `${name}: ${difference}`));
}

const git = (root, ...words) => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

// What is to be compared with; null where there is no history.
export function baseOf(root) {
    try {
        return git(root, 'describe', '--tags', '--abbrev=0', 'HEAD^');
    } catch {
        try {
            return git(root, 'rev-parse', '--is-shallow-repository') === 'false' ? git(root, 'log', '-1', '--format=%H', '--', 'proto/breaks.txt') || null : null;
        } catch {
            return null;
        }
    }
}

export function differences(root, base) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-fields-'));
    try {
        execFileSync('tar', ['-xC', folder], { input: execFileSync('git', ['-C', root, 'archive', base, 'proto'], { maxBuffer: 1 << 28 }) });
        return compare(numbersOf(path.join(folder, 'proto')), numbersOf(path.join(root, 'proto')));
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
    const base = process.argv[2] ?? baseOf(root);
    const found = base ? differences(root, base) : [];
    console.log(base ? `numbers of fields as of ${base}: ${found.length ? 'they changed' : 'they mean the same'}` : 'numbers of fields: not compared, there is no history here');
    for (const each of found) console.error(each);
    process.exitCode = found.length ? 1 : 0;
}
