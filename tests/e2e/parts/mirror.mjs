// A node that keeps the blocks of a ledger, written from docs/coinixerr.md alone. It takes what follows from what it has, and nothing else.
import { once } from 'node:events';
import net from 'node:net';
import { hashOf, rootOf } from './ledger.mjs';

const GREETING = Buffer.from('conse/mirror/1'), HEADER = 85, SIGNATURE = 64;
const framed = (bytes) => { const length = Buffer.alloc(4); length.writeUInt32LE(bytes.length); return Buffer.concat([length, bytes]); };
const u64 = (n) => { const out = Buffer.alloc(8); out.writeBigUInt64LE(BigInt(n)); return out; };

function readBlock(bytes) {
    const header = bytes.subarray(0, HEADER), leaves = [];
    for (let at = HEADER + SIGNATURE; at < bytes.length; at += 32) leaves.push(bytes.subarray(at, at + 32));
    return {
        header, signature: bytes.subarray(HEADER, HEADER + SIGNATURE), leaves, hash: hashOf(header), index: Number(header.readBigUInt64LE(1)),
        previous: header.subarray(9, 41), root: header.subarray(41, 73), count: header.readUInt32LE(81),
    };
}

// {port, blocks, greetings, taken, stop()}: answer changes what it says to each message, to be hostile.
export async function startMirror({ port = 0, blocks = [], answer = (next) => framed(u64(next)) } = {}) {
    const mirror = { blocks, greetings: [], taken: [] };
    const sockets = new Set();
    const follows = (block) => {
        const below = block.index === 0 ? mirror.chain : mirror.blocks[block.index - 1]?.hash;
        return block.index <= mirror.blocks.length && below && block.previous.equals(below);
    };
    const hear = (socket, bytes) => {
        let next = mirror.blocks.length;
        if (bytes.subarray(0, GREETING.length).equals(GREETING)) {
            mirror.chain = Buffer.from(bytes.subarray(GREETING.length, GREETING.length + 32));
            mirror.authority = Buffer.from(bytes.subarray(GREETING.length + 32));
            mirror.greetings.push(mirror.blocks.length);
        } else {
            const block = readBlock(Buffer.from(bytes));
            if (block.leaves.length !== block.count || !rootOf(block.leaves).equals(block.root)) throw new Error(`block ${block.index} has another root`);
            mirror.taken.push(block.index);
            next = block.index;
            if (follows(block)) mirror.blocks.splice(next++, Infinity, block);
        }
        const reply = answer(next);
        if (reply) socket.write(reply);
    };
    const server = net.createServer((socket) => {
        let had = Buffer.alloc(0);
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        socket.on('data', (more) => {
            had = Buffer.concat([had, more]);
            for (let length; had.length >= 4 && had.length >= 4 + (length = had.readUInt32LE()); had = had.subarray(4 + length)) hear(socket, had.subarray(4, 4 + length));
        });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    mirror.port = server.address().port;
    mirror.stop = async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
    };
    return mirror;
}
