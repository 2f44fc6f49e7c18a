// A plain subscriber's calls, written from proto/README.md and docs/topics.md alone: one frame over an NNG REQ pipe (ipc), and
// as much protobuf as a feed needs.
import net from 'node:net';
import path from 'node:path';

// ---- Protobuf: fields by number, as [wire type, value]

const varint = (n) => {
    const bytes = [];
    for (let left = BigInt(n); ; left >>= 7n) {
        bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0));
        if (left <= 127n) return Buffer.from(bytes);
    }
};
const number = (field, n) => Buffer.concat([varint(field << 3), varint(n)]);
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(Buffer.byteLength(value)), Buffer.from(value)]);

export function fields(message) {
    const found = [];
    let at = 0;
    const next = () => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = message[at++];
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) return value;
        }
    };
    while (at < message.length) {
        const tag = Number(next());
        if ((tag & 7) === 0) found.push([tag >> 3, next()]);
        else {
            const len = Number(next());
            found.push([tag >> 3, message.subarray(at, (at += len))]);
        }
    }
    return found;
}
const one = (message, field) => fields(message).find(([n]) => n === field)?.[1];
const text = (message, field) => (one(message, field) ?? Buffer.alloc(0)).toString();

// ---- One call

const REQ = Buffer.from([0, 0x53, 0x50, 0, 0, 0x30, 0, 0]);

const CUT = 'the pipe was closed';

function exchange(file, body) {
    const id = Buffer.from([0x80, 0, 0, 1]), head = Buffer.alloc(9);
    head[0] = 1;
    head.writeBigUInt64BE(BigInt(body.length + id.length), 1);
    return new Promise((resolve, reject) => {
        const socket = net.connect(file, () => socket.write(REQ));
        let got = Buffer.alloc(0), asked = false;
        socket.once('error', reject).once('close', () => reject(new Error(CUT)));
        socket.on('data', (chunk) => {
            got = Buffer.concat([got, chunk]);
            if (!asked && got.length >= REQ.length) {
                asked = true;
                got = got.subarray(REQ.length);
                socket.write(Buffer.concat([head, id, body]));
            }
            if (!asked || got.length < 9 || got.length < 9 + Number(got.readBigUInt64BE(1))) return;
            resolve(got.subarray(9 + id.length));
            socket.destroy();
        });
    });
}

// A service whose listener was deaf listens anew and cuts its connections (lib/rpc/nng/listener.h): who reads asks again.
async function read(file, body) {
    for (let tries = 1; ; tries++) {
        try {
            return await exchange(file, body);
        } catch (error) {
            if (error.message !== CUT || tries === 3) throw error;
        }
    }
}

// caller: {user_id, level: 1 dev, 2 god, 3 player}, for whom the gateway asks; undefined: it asks for itself; OPERATOR. Returns
// {code, payload}.
export const OPERATOR = {};
async function rpc(system, method, caller, payload) {
    const who = caller && caller !== OPERATOR ? bytes(4, Buffer.concat([bytes(1, caller.id), number(2, caller.level ?? 3)])) : Buffer.alloc(0);
    const asker = caller === OPERATOR ? 2 : 1;
    const envelope = Buffer.concat([number(1, 1), bytes(2, method), number(3, 5000), who, bytes(8, payload), number(10, asker)]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(envelope.length);
    const reply = await read(path.join(system.run, 'events.ipc'), Buffer.concat([length, envelope]));
    const frame = reply.subarray(4, 4 + reply.readUInt32LE(0));
    return { code: Number(one(frame, 2) ?? 0n), payload: one(frame, 7) ?? Buffer.alloc(0) };
}

export const CODE = { OK: 0, NOT_FOUND: 5 };

// What a topic users.<id> carries: game.UserNotice.
const told = (payload) => ({ event_id: text(payload, 1), index: one(payload, 2) ?? 0n, kind: text(payload, 4), entry: one(payload, 5), title: text(payload, 7) });

export async function readFeed(system, caller, stream, from = 1, limit = 1000) {
    const { code, payload } = await rpc(system, 'events.feed.Read', caller, Buffer.concat([bytes(1, stream), number(2, from), number(3, limit)]));
    const notices = fields(payload).filter(([n]) => n === 1).map(([, notice]) => ({ seq: Number(one(notice, 2)), kind: text(notice, 4), payload: one(notice, 5) }));
    return { code, notices, head: Number(one(payload, 2) ?? 0n) };
}

export const readUser = async (system, caller, userId) => {
    const page = await readFeed(system, caller, `users.${userId}`);
    return { ...page, notices: page.notices.map((notice) => ({ ...notice, told: told(notice.payload) })) };
};

export async function listHeads(system, caller, pattern) {
    const { payload } = await rpc(system, 'events.feed.ListHeads', caller, bytes(1, pattern));
    return fields(payload).filter(([n]) => n === 1).map(([, head]) => text(head, 1));
}
