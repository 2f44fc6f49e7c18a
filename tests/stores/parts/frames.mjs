// MongoDB's messages: cut from a stream of bytes, read and made. A message is a header of four numbers (its length, its id, the
// id it answers, its kind) and a body; commands and their replies are of kind MSG.
import { deserialize, serialize } from 'bson';

export const KIND = { REPLY: 1, QUERY: 2004, MSG: 2013 };
const HEADER = 16;
const CHECKSUM = 1; // flag of MSG: four bytes follow the sections
export const MORE_TO_COME = 2; // flag of MSG: no answer is wanted, or another follows
const LONGEST = 48_000_000;

// Gives the whole messages of the bytes that have come; throws when they can't be MongoDB's.
export function messageCutter() {
    let rest = Buffer.alloc(0);
    return (bytes) => {
        const whole = [];
        for (rest = Buffer.concat([rest, bytes]); rest.length >= HEADER; ) {
            const length = rest.readInt32LE(0);
            if (length < HEADER || length > LONGEST) throw new Error(`a message of ${length} bytes`);
            if (rest.length < length) break;
            whole.push(rest.subarray(0, length));
            rest = rest.subarray(length);
        }
        return whole;
    };
}

export const idOf = (message) => message.readInt32LE(4);
export const answersOf = (message) => message.readInt32LE(8);
export const kindOf = (message) => message.readInt32LE(12);
export const flagsOf = (message) => (kindOf(message) === KIND.MSG ? message.readUInt32LE(HEADER) : 0);

export function withId(message, id) {
    const copy = Buffer.from(message);
    copy.writeInt32LE(id, 4);
    return copy;
}

export function withAnswers(message, id) {
    const copy = Buffer.from(message);
    copy.writeInt32LE(id, 8);
    return copy;
}

const read = (bytes, exact) => deserialize(bytes, { promoteValues: !exact, promoteBuffers: !exact });

// The document of a MSG, with its sequences (the documents of an insert) put into it as arrays; undefined for other kinds. Values are
// JavaScript's, or with `exact` in classes that are written as they were read.
export function documentOf(message, { exact = false } = {}) {
    if (kindOf(message) !== KIND.MSG) return undefined;
    const end = message.length - (flagsOf(message) & CHECKSUM ? 4 : 0);
    const sequences = {};
    let document = {};
    for (let at = HEADER + 4; at < end; ) {
        const isSequence = message[at++] === 1;
        const length = message.readInt32LE(at);
        if (isSequence) Object.assign(sequences, sequenceOf(message.subarray(at, at + length), exact));
        else document = read(message.subarray(at, at + length), exact);
        at += length;
    }
    return { ...document, ...sequences };
}

// {its name: its documents} of a sequence: its length, its name and a NUL, document after document.
function sequenceOf(bytes, exact) {
    const nul = bytes.indexOf(0, 4);
    const documents = [];
    for (let at = nul + 1; at < bytes.length; at += bytes.readInt32LE(at)) documents.push(read(bytes.subarray(at, at + bytes.readInt32LE(at)), exact));
    return { [bytes.toString('utf8', 4, nul)]: documents };
}

export function messageOf(document, { id = 0, answers = 0 } = {}) {
    const body = serialize(document, { ignoreUndefined: true });
    const message = Buffer.alloc(HEADER + 5 + body.length);
    message.writeInt32LE(message.length, 0);
    message.writeInt32LE(id, 4);
    message.writeInt32LE(answers, 8);
    message.writeInt32LE(KIND.MSG, 12);
    message.set(body, HEADER + 5);
    return message;
}
