// What may befall a file of a backup.
import fs from 'node:fs';

export const DAMAGES = ['flipped', 'cut', 'longer', 'empty', 'missing'];

export function damage(file, how) {
    const bytes = fs.readFileSync(file);
    if (how === 'missing') return fs.rmSync(file);
    if (how === 'flipped') bytes[bytes.length >> 1] ^= 1;
    const damaged = { flipped: bytes, cut: bytes.subarray(0, bytes.length - 1), longer: Buffer.concat([bytes, Buffer.from('x')]), empty: Buffer.alloc(0) }[how];
    fs.writeFileSync(file, damaged);
}
