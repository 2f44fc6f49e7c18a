// A client of the coiniXerr protocol, written from docs/coinixerr.md alone, with another implementation of Argon2.
import { once } from 'node:events';
import net from 'node:net';
import { argon2i } from 'hash-wasm';

const u8 = (n) => Buffer.from([n]);
const u32 = (n) => { const out = Buffer.alloc(4); out.writeUInt32LE(n); return out; };
const i32 = (n) => { const out = Buffer.alloc(4); out.writeInt32LE(n); return out; };
const i64 = (n) => { const out = Buffer.alloc(8); out.writeBigInt64LE(BigInt(n)); return out; };
const counted = (bytes) => Buffer.concat([u32(bytes.length), Buffer.from(bytes)]);
const optional = (value, pack) => (value === undefined ? u8(0) : Buffer.concat([u8(1), pack(value)]));

export const saltOf = (digest) => Buffer.from(digest.split('$')[1], 'base64');
export async function digestOf(bytes, salt) {
    const encoded = await argon2i({ password: bytes, salt, parallelism: 1, iterations: 3, memorySize: 4096, hashLength: 32, outputType: 'encoded' });
    return encoded.slice(27);
}

export const signedText = ({ ttype = 0, amount, publicKey, from, to, issued }) =>
    JSON.stringify({ ttype, amount, public_key_bytes: [...publicKey], from_address: from, to_address: to, issued });
export const hashedText = (transaction) =>
    `${signedText(transaction).slice(0, -1)},${JSON.stringify({ signed: transaction.signed, signature: [...transaction.signature] }).slice(1)}`;

export const encode = ({ ttype = 0, amount, publicKey, from, to, issued, signed, signature, hash }) =>
    Buffer.concat([
        u8(ttype), i32(amount), counted(publicKey), counted(from), counted(to), i64(issued),
        optional(signed, i64), optional(signature, counted), optional(hash, counted),
    ]);

export function decode(bytes) {
    let at = 0;
    const take = (n) => bytes.subarray(at, (at += n));
    const count = () => take(4).readUInt32LE();
    const maybe = (read) => (take(1)[0] ? read() : undefined);
    const transaction = {
        ttype: take(1)[0], amount: take(4).readInt32LE(), publicKey: take(count()), from: take(count()).toString(), to: take(count()).toString(),
        issued: Number(take(8).readBigInt64LE()), signed: maybe(() => Number(take(8).readBigInt64LE())), signature: maybe(() => take(count())),
        hash: maybe(() => take(count()).toString()),
    };
    if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes too many`);
    return transaction;
}

// What the holder of a key signs to give to an address.
export const write = (holder, { issued = Math.floor(Date.now() / 1000), ...rest }) => {
    const transaction = { publicKey: holder.publicKey, issued, ...rest };
    return { ...transaction, signature: holder.sign(Buffer.from(signedText(transaction))) };
};

// {send(bytes), ask(bytes), end()}: ask gives the next answer, a transaction or the line that refuses.
export async function connect(port, { framed = true } = {}) {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    let had = Buffer.alloc(0);
    const waiting = [];
    const next = () => {
        if (!had.length) return undefined;
        if (!framed) return had;
        const length = had.length < 4 ? Infinity : had.readUInt32LE();
        return had.length < 4 + length ? undefined : had.subarray(4, 4 + length);
    };
    socket.on('data', (more) => {
        had = Buffer.concat([had, more]);
        for (let answer; waiting.length && (answer = next()); ) {
            had = had.subarray(answer.length + (framed ? 4 : 0));
            waiting.shift()(answer[0] === 'r'.charCodeAt(0) ? answer.toString() : decode(answer));
        }
    });
    socket.on('close', () => waiting.splice(0).forEach((tell) => tell(undefined)));
    socket.on('error', () => {});
    const send = (bytes) => socket.write(framed ? Buffer.concat([u32(bytes.length), bytes]) : bytes);
    const ask = (bytes) => new Promise((tell) => { waiting.push(tell); send(bytes); });
    return { socket, send, ask, end: () => socket.destroy() };
}
