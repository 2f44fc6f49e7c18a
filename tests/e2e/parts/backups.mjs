// What may befall a file of a backup.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const DAMAGES = ['flipped', 'cut', 'longer', 'empty', 'missing'];

export function damage(file, how) {
    const bytes = fs.readFileSync(file);
    if (how === 'missing') return fs.rmSync(file);
    if (how === 'flipped') bytes[bytes.length >> 1] ^= 1;
    const damaged = { flipped: bytes, cut: bytes.subarray(0, bytes.length - 1), longer: Buffer.concat([bytes, Buffer.from('x')]), empty: Buffer.alloc(0) }[how];
    fs.writeFileSync(file, damaged);
}

// The manifest as it would be if this were what was backed up.
export function rewriteManifest(copy, change) {
    const file = path.join(copy, 'manifest.json'), manifest = JSON.parse(fs.readFileSync(file));
    delete manifest.sha256;
    for (const part of manifest.parts) {
        const content = fs.readFileSync(path.join(copy, part.file));
        Object.assign(part, { bytes: content.length, sha256: crypto.createHash('sha256').update(content).digest('hex') });
    }
    change?.(manifest);
    const text = JSON.stringify(manifest).slice(0, -1);
    fs.writeFileSync(file, `${text},"sha256":"${crypto.createHash('sha256').update(text).digest('hex')}"}\n`);
    return copy;
}
