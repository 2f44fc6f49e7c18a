// Workloads as the public matching benchmark has them in files.
import fs from 'node:fs';

const MAGIC = 0x4d4542575f303031n, HEADER = 16, RECORD = 40;

export function writeWorkload(file, messages) {
    const bytes = Buffer.alloc(HEADER + RECORD * messages.length);
    bytes.writeBigUInt64LE(MAGIC, 0);
    bytes.writeUInt32LE(1, 8);
    bytes.writeUInt32LE(messages.length, 12);
    for (const [i, { kind, side = 0, immediate = false, quantity = 0, order, price = 0 }] of messages.entries()) {
        const at = HEADER + RECORD * i;
        bytes.set([kind, side, immediate ? 1 : 0, 0], at);
        bytes.writeUInt32LE(quantity, at + 4);
        bytes.writeBigUInt64LE(BigInt(i), at + 8);
        bytes.writeBigUInt64LE(BigInt(order), at + 16);
        bytes.writeBigInt64LE(BigInt(price), at + 24);
    }
    fs.writeFileSync(file, bytes);
}

export function readWorkload(file) {
    const bytes = fs.readFileSync(file);
    return Array.from({ length: bytes.readUInt32LE(12) }, (_, i) => {
        const at = HEADER + RECORD * i;
        return {
            kind: bytes[at], side: bytes[at + 1], immediate: bytes[at + 2] === 1, quantity: bytes.readUInt32LE(at + 4),
            sequence: Number(bytes.readBigUInt64LE(at + 8)), order: Number(bytes.readBigUInt64LE(at + 16)), price: Number(bytes.readBigInt64LE(at + 24)),
        };
    });
}

// Of our own, from a seed: orders on both sides of a few prices, a fifth IOC; many are changed or withdrawn, some twice, some never
// were.
export function makeWorkload(seed, count) {
    let state = BigInt(seed);
    const below = (limit) => {
        state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
        return Number((state >> 33n) % BigInt(limit));
    };
    const placed = [];
    return Array.from({ length: count }, () => {
        const kind = placed.length && below(5) >= 3 ? 1 + below(2) : 0, at = below(placed.length + 1);
        const { order = 999999, side = below(2) } = kind ? (placed[at] ?? {}) : { order: placed.length + 1 };
        if (!kind) placed.push({ order, side });
        return { kind, side, order, immediate: !kind && below(5) === 0, quantity: kind === 1 ? 0 : 1 + below(100), price: kind === 1 ? 0 : 90 + below(21) };
    });
}
