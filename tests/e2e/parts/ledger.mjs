// A second implementation of docs/ledger.md, written from the document alone.
import { createHash, createPublicKey, verify } from 'node:crypto';

const sha256 = (...parts) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
};
const bytes = (base64) => Buffer.from(base64 ?? '', 'base64');
const u8 = (n) => Buffer.from([n]);
const little = (size) => (n) => {
    const out = Buffer.alloc(size);
    out[`write${size === 8 ? 'Big' : ''}UInt${size * 8}LE`](size === 8 ? BigInt(n) : n);
    return out;
};
const u16 = little(2), u32 = little(4), u64 = little(8);
const i64 = (n) => u64(BigInt.asUintN(64, BigInt(n)));

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
export function base58(text) {
    let number = 0n;
    for (const digit of text) number = number * 58n + BigInt(DIGITS.indexOf(digit));
    const zeros = text.match(/^1*/)[0].length;
    const hex = number ? number.toString(16) : '';
    return Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')]);
}

// ---- Records

const LINES_AT = 1 + 1 + 8 + 8 + 32 + 2;

// {kind, number, time, detail, lines}
export function readRecord(record) {
    if (record[0] !== 2) throw new Error('another version');
    const count = record.readUInt16LE(LINES_AT - 2);
    if (record.length !== LINES_AT + 32 * count) throw new Error('not a record');
    const lines = Array.from({ length: count }, (_, i) => record.subarray(LINES_AT + 32 * i, LINES_AT + 32 * (i + 1)));
    return { kind: record[1], number: record.readBigUInt64LE(2), time: Number(record.readBigUInt64LE(10)), detail: record.subarray(18, 50), lines };
}

export const lineOf = (blind, account, asset, amount) => sha256('conse/ledger/line/1', blind, account, u32(asset), i64(amount));
export const blindOf = (key, place) => sha256('conse/ledger/blind/1', key, u16(place));

// Whether what a transaction shows is what its record hides.
export function opens(transaction) {
    const record = readRecord(bytes(transaction.record));
    return (
        record.number === BigInt(transaction.id) &&
        record.time === Date.parse(transaction.time) &&
        transaction.movements.length === transaction.opened.length &&
        transaction.opened.every(({ place = 0, blind, asset }, i) => {
            const { account, amount } = transaction.movements[i];
            return lineOf(bytes(blind), base58(account), asset, amount).equals(record.lines[place]);
        })
    );
}

// ---- Blocks

export const leafOf = (record) => sha256(u8(0), record);
const nodeOf = (left, right) => sha256(u8(1), left, right);

export function rootOf(leaves) {
    if (leaves.length === 1) return leaves[0];
    let half = 1;
    while (half * 2 < leaves.length) half *= 2;
    return nodeOf(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

// RFC 9162 section 2.1.3.2.
export function provenRoot(leaf, place, count, siblings) {
    let node = leaf, at = place, last = count - 1;
    for (const sibling of siblings) {
        if (last === 0) return undefined;
        if (at % 2 === 1 || at === last) {
            node = nodeOf(sibling, node);
            while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
        } else {
            node = nodeOf(node, sibling);
        }
        [at, last] = [at >> 1, last >> 1];
    }
    return last === 0 ? node : undefined;
}

export const headerOf = ({ index, previous, root, sealed_at, count }) =>
    Buffer.concat([u8(1), u64(index), bytes(previous), bytes(root), u64(Date.parse(sealed_at)), u32(count)]);
export const hashOf = (header) => sha256('conse/ledger/block/1', header);

const ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
export const keyOf = (raw) => createPublicKey({ key: Buffer.concat([ED25519, raw]), format: 'der', type: 'spki' });

// Whether header, hash and signature are those of the block that is shown.
export function isSealed(block, authority) {
    const header = headerOf(block);
    return (
        header.equals(bytes(block.header)) &&
        hashOf(header).equals(bytes(block.hash)) &&
        verify(null, Buffer.concat([Buffer.from('conse/ledger/seal/1'), hashOf(header)]), keyOf(bytes(authority)), bytes(block.signature))
    );
}

// Whether the server's identity has signed the ledger's key.
export const isCertified = ({ authority, certificate }, identity) =>
    verify(null, Buffer.concat([Buffer.from('conse/ledger-key/1'), bytes(authority)]), keyOf(bytes(identity)), bytes(certificate));

// Whether blocks, newest first, follow one another.
export const follow = (blocks) => blocks.every((block, i) => i === blocks.length - 1 || block.previous === blocks[i + 1].hash);

export { bytes };
