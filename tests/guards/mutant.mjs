// A copy of the sources, from which one guard is taken out at a time: {name, file, guard, without}, where guard is its text, once in the
// file, and without what stands there when it is gone.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const isSource = (name) => !['build', 'node_modules'].includes(name);

function removeOthers(folder, kept) {
    for (const { name } of fs.readdirSync(folder, { withFileTypes: true }).filter(({ name }) => isSource(name))) {
        const place = path.join(folder, name);
        if (fs.lstatSync(place).isDirectory()) removeOthers(place, kept);
        else if (!kept.has(place)) fs.rmSync(place);
    }
}

// Only what differs is written, so that the copy is built anew in parts. `same`: folders that take minutes to install.
export function copySources(source, copy, same) {
    fs.mkdirSync(copy, { recursive: true });
    const listed = execFileSync('git', ['-C', source, 'ls-files', '-z'], { encoding: 'utf8' }).split('\0');
    const files = listed.filter((file) => file && fs.existsSync(path.join(source, file)));
    removeOthers(copy, new Set(files.map((file) => path.join(copy, file))));
    for (const file of files) {
        const [from, to] = [path.join(source, file), path.join(copy, file)];
        if (!fs.existsSync(to)) fs.cpSync(from, to, { preserveTimestamps: true });
        else if (!fs.readFileSync(to).equals(fs.readFileSync(from))) fs.copyFileSync(from, to);
    }
    for (const folder of same) {
        fs.mkdirSync(path.join(copy, folder), { recursive: true });
        execFileSync('cp', ['-a', path.join(source, folder, '.'), path.join(copy, folder)]);
    }
}

// The file of a test.
export const sourceOf = (test) => (test.endsWith('.mjs') ? test : `${test}.c`);

export const textOf = (copy, { file }) => fs.readFileSync(path.join(copy, file), 'utf8');
export const isOnce = (copy, mutant) => textOf(copy, mutant).split(mutant.guard).length === 2;

// What run answers, with the guard gone.
export function withoutGuard(copy, mutant, run) {
    const text = textOf(copy, mutant),
        place = path.join(copy, mutant.file);
    if (!isOnce(copy, mutant)) throw new Error(`${mutant.name}: the guard is not, or not once, in ${mutant.file}`);
    fs.writeFileSync(place, text.split(mutant.guard).join(mutant.without));
    try {
        return run();
    } finally {
        fs.writeFileSync(place, text);
    }
}

// With nothing of the make that may have started this.
export function make(copy, ...words) {
    const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _old, ...env } = process.env;
    return spawnSync('make', ['-C', copy, ...words], { encoding: 'utf8', env, maxBuffer: 256 << 20 });
}
