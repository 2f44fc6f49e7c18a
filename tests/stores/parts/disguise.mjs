// Lets a server that stands alone greet its clients as the primary of a replica set, so that they ask it for majorities.
import { deserialize, serialize } from 'bson';
import { answersOf, documentOf, idOf, KIND, kindOf, messageOf } from './frames.mjs';

const BODY_OF_REPLY = 36; // the header, then flags, a cursor, where it starts and how many documents follow

const isGreeting = (message) => {
    if (kindOf(message) === KIND.QUERY) return true; // drivers use it for nothing else
    const [command] = Object.keys(documentOf(message) ?? {});
    return ['hello', 'isMaster', 'ismaster'].includes(command);
};

function primaryOf(greeting, address) {
    const set = { setName: 'conse', setVersion: 1, hosts: [address], primary: address, me: address, secondary: false };
    return { ...greeting, ...set };
}

function disguised(message, address) {
    if (kindOf(message) === KIND.MSG) return messageOf(primaryOf(documentOf(message, { exact: true }), address), { answers: answersOf(message) });
    const body = serialize(primaryOf(deserialize(message.subarray(BODY_OF_REPLY), { promoteValues: false }), address));
    const reply = Buffer.concat([message.subarray(0, BODY_OF_REPLY), body]);
    reply.writeInt32LE(reply.length, 0);
    return reply;
}

// {asked(message), told(message)} of one connection: told gives what the client is to read.
export function disguise(address) {
    const greetings = new Set();
    const asked = (message) => isGreeting(message) && greetings.add(idOf(message));
    const told = (message) => (greetings.delete(answersOf(message)) ? disguised(message, address) : message);
    return { asked, told };
}
