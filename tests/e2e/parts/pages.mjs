// Pages of docs/ whose commands run: block by block in one shell, as their reader runs them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const DOCS = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../../docs');
const MARK = '\x1e';

const AsyncFunction = (async () => {}).constructor;
const read = (name) => fs.readFileSync(path.join(DOCS, name), 'utf8');

// The scripts of a page, and all pages that have some.
export const scriptsOf = (name) => [...read(name).matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text);
export const scripted = () => Object.fromEntries(fs.readdirSync(DOCS).filter((name) => name.endsWith('.md')).map((name) => [name, scriptsOf(name).length]).filter(([, count]) => count));
// What a command of a page gives a name to: follow='...'.
export const givenBy = (name, word) => new RegExp(`^${word}='(.*?)'$`, 'ms').exec(read(name))[1];
// Runs one as the body of a function that is given what the page has around it.
export const runScript = (text, given) => new AsyncFunction(...Object.keys(given), text)(...Object.values(given));

// {script, printed}: a block of commands, and what the block behind it says that they print.
function blocksOf(page) {
    const blocks = [];
    for (const [, kind, text] of page.matchAll(/^```(\w+)\n(.*?)^```$/gms))
        if (kind === 'sh') blocks.push({ script: text, printed: null });
        else if (kind === 'text') blocks.at(-1).printed = text;
    return blocks;
}

function run(system, script) {
    const env = { ...process.env, ...system.env, CONSE: system.url, PATH: `${system.bin}:${process.env.PATH}` };
    return new Promise((resolve) =>
        execFile('bash', ['-euo', 'pipefail', '-c', script], { env, cwd: system.dir, timeout: 120000 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code ?? -1 : 0, stdout, stderr })));
}

// Every command succeeds and prints what the page says; so many blocks say it, at least.
export async function assertPageRuns(system, name, least) {
    const blocks = blocksOf(read(name));
    const { code, stdout, stderr } = await run(system, blocks.map(({ script }) => `printf '${MARK}'\n${script}`).join('\n'));
    const outputs = stdout.split(MARK).slice(1);
    const reached = blocks[outputs.length - 1]?.script ?? 'the first block';
    assert.equal(code, 0, `${stderr}\nin:\n${reached}`);
    blocks.forEach(({ script, printed }, i) => {
        if (printed !== null) assert.equal(outputs[i], printed, `printed by:\n${script}`);
    });
    assert.ok(blocks.filter(({ printed }) => printed !== null).length >= least);
}
