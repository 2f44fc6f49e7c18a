// build.mjs FOLDER: the console as the gateway serves it: files with their hash in their name, each packed twice beside, and site.json, which
// says what is served at which path. Fails when a first visit would load more than FIRST_LOAD_MOST, or /docs more than DOCS_MOST.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { firstLoad, pack, typeOf } from './files.mjs';
import { picturesAsFiles } from './pictures.mjs';

const FIRST_LOAD_MOST = 120 * 1024; // by gzip
const DOCS_MOST = 480 * 1024;
const web = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const out = path.resolve(process.argv[2]);
const source = (name) => path.join(web, 'src', name);

const shared = {
    bundle: true, minify: true, metafile: true, write: true, outdir: path.join(out, 'assets'), outbase: path.join(web, 'src'), publicPath: '/assets', absWorkingDir: web,
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'], logLevel: 'warning', legalComments: 'none', assetNames: '[name]-[hash]', entryNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'copy' },
};

async function bundle() {
    const app = { ...shared, entryPoints: [source('main.jsx')], format: 'esm', splitting: true, chunkNames: '[name]-[hash]', jsx: 'automatic', jsxImportSource: 'preact' };
    const rest = { ...shared, entryPoints: ['styles/index.css', 'first.js', 'icon.svg'].map(source), format: 'iife' };
    const made = await Promise.all([build(app), build(rest)]);
    return made.map(({ metafile }) => metafile.outputs).reduce((all, outputs) => ({ ...all, ...outputs }));
}

// The viewer of the API is React's; nothing of it is loaded by the console.
async function bundleDocs() {
    const define = { 'process.env.NODE_ENV': '"production"', global: 'globalThis' };
    const { metafile } = await build({ ...shared, entryPoints: ['docs/docs.js', 'docs/docs.css', 'docs/docs-first.js'].map(source), format: 'iife', define, plugins: [picturesAsFiles] });
    return metafile.outputs;
}

// The output that was made of a source: its path on the site.
const outputOf = (outputs, name) => {
    const [file] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint && path.resolve(web, entryPoint) === source(name)) ?? [];
    if (!file) throw new Error(`nothing was made of ${name}`);
    return `/assets/${path.basename(file)}`;
};

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const write = (name, values) => fs.writeFileSync(path.join(out, name), filled(fs.readFileSync(path.join(web, name), 'utf8'), values).replace(/\n\s*/g, '\n'));

function writePages(outputs) {
    const values = { main: outputOf(outputs, 'main.jsx'), style: outputOf(outputs, 'styles/index.css'), first: outputOf(outputs, 'first.js'), icon: outputOf(outputs, 'icon.svg') };
    write('index.html', values);
    fs.writeFileSync(path.join(out, 'manifest.webmanifest'), filled(fs.readFileSync(source('manifest.webmanifest'), 'utf8'), values));
    return values;
}

function writeDocs(outputs, { icon }) {
    const values = { main: outputOf(outputs, 'docs/docs.js'), style: outputOf(outputs, 'docs/docs.css'), first: outputOf(outputs, 'docs/docs-first.js'), icon };
    write('docs.html', values);
    return values;
}

// The worker keeps the page and all that it is made of, under a name that changes with any of it.
async function buildWorker() {
    const shell = ['/', ...fs.readdirSync(path.join(out, 'assets')).filter((name) => !/\.woff2$|^docs/.test(name)).sort().map((name) => `/assets/${name}`)];
    const version = createHash('sha256').update(fs.readFileSync(path.join(out, 'index.html'))).update(shell.join()).digest('hex').slice(0, 16);
    await build({ entryPoints: [source('sw.js')], outfile: path.join(out, 'sw.js'), bundle: true, minify: true, format: 'iife', target: shared.target, logLevel: 'warning',
        define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) } });
}

// What is served at which path; it is written last, so that a folder with it is whole.
function packFiles() {
    const at = (file) => ({ file, type: typeOf(file) });
    const site = { '/': at('index.html'), '/docs': at('docs.html'), '/manifest.webmanifest': at('manifest.webmanifest'), '/sw.js': at('sw.js') };
    for (const name of fs.readdirSync(path.join(out, 'assets')).sort()) site[`/assets/${name}`] = { file: `assets/${name}`, type: typeOf(name), immutable: true };
    for (const { file } of Object.values(site)) pack(path.join(out, file));
    return site;
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(path.join(out, 'assets'), { recursive: true });
const [outputs, docsOutputs] = await Promise.all([bundle(), bundleDocs()]);
const values = writePages(outputs), docsValues = writeDocs(docsOutputs, values);
await buildWorker();
const site = packFiles();
const load = firstLoad(out, 'index.html', outputs, values), docsLoad = firstLoad(out, 'docs.html', docsOutputs, docsValues);
const told = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`  WEB   first load ${told(load)} by gzip, /docs ${told(docsLoad)}`);
if (load > FIRST_LOAD_MOST) throw new Error(`a first visit loads ${load} bytes, more than ${FIRST_LOAD_MOST}`);
if (docsLoad > DOCS_MOST) throw new Error(`/docs loads ${docsLoad} bytes, more than ${DOCS_MOST}`);
fs.writeFileSync(path.join(out, 'site.json'), `${JSON.stringify(site, null, 1)}\n`);
