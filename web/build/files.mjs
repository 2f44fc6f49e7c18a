// The files of a built console.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const TYPES = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2', '.png': 'image/png', '.jpg': 'image/jpeg', '.webmanifest': 'application/manifest+json',
};
const LEAST = 256; // bytes that are worth packing

export function typeOf(name) {
    const type = TYPES[path.extname(name)];
    if (!type) throw new Error(`${name} has no type`);
    return type;
}

// What a browser asks for by Accept-Encoding, made once. Fonts and photographs are packed already.
export function pack(file) {
    const bytes = fs.readFileSync(file);
    if (['.woff2', '.png', '.jpg'].includes(path.extname(file)) || bytes.length < LEAST) return;
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, { level: 9 }));
    fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
}

const sizeOf = (file) => fs.statSync(fs.existsSync(`${file}.gz`) ? `${file}.gz` : file).size;

// Of the page, what it names, and what its modules import at once.
export function firstLoad(out, page, outputs, { main, style, first, icon }) {
    const byName = new Map(Object.entries(outputs).map(([file, output]) => [path.basename(file), output]));
    const seen = new Set([style, first, icon].map((file) => path.basename(file)));
    const visit = (name) => {
        if (seen.has(name)) return;
        seen.add(name);
        for (const { path: imported, kind } of byName.get(name)?.imports ?? []) if (kind === 'import-statement') visit(path.basename(imported));
    };
    visit(path.basename(main));
    return [...seen].reduce((sum, name) => sum + sizeOf(path.join(out, 'assets', name)), sizeOf(path.join(out, page)));
}
