// A connection of our own to a server that speaks MongoDB's protocol: one command after the other, without a driver.
import net from 'node:net';
import { documentOf, messageCutter, messageOf } from './frames.mjs';

const SYSTEM = new Set(['admin', 'config', 'local']);
const PAGE = 1000;

// {ask(document), close()}: ask gives the reply's document with exact values, and throws when the connection ends or the command
// fails.
export function askerTo(port) {
    const socket = net.connect(port, '127.0.0.1');
    const cut = messageCutter();
    const waiting = [];
    const end = (error) => waiting.splice(0).forEach(({ reject }) => reject(error ?? new Error('the server closed the connection')));
    socket.on('data', (bytes) => cut(bytes).forEach((message) => waiting.shift()?.resolve(documentOf(message, { exact: true }))));
    socket.on('error', end);
    socket.on('close', () => end());
    const ask = async (document) => {
        const reply = await new Promise((resolve, reject) => {
            waiting.push({ resolve, reject });
            socket.write(messageOf(document));
        });
        if (Number(reply.ok) !== 1) throw new Error(`${Object.keys(document)[0]}: ${reply.errmsg}`);
        return reply;
    };
    return { ask, close: () => socket.destroy() };
}

export async function pings(port) {
    const asker = askerTo(port);
    try {
        return Number((await asker.ask({ ping: 1, $db: 'admin' })).ok) === 1;
    } finally {
        asker.close();
    }
}

async function documentsIn(ask, $db, collection) {
    const { cursor } = await ask({ find: collection, batchSize: PAGE, $db });
    const all = [...cursor.firstBatch];
    for (let { id } = cursor; Number(id) !== 0; ) {
        const { cursor: more } = await ask({ getMore: id, collection, batchSize: PAGE, $db });
        all.push(...more.nextBatch);
        id = more.id;
    }
    return all;
}

// The bytes of every document of every database.
export async function everythingAt(port) {
    const { ask, close } = askerTo(port);
    const bytes = [];
    try {
        const { databases } = await ask({ listDatabases: 1, $db: 'admin' });
        for (const { name } of databases.filter(({ name }) => !SYSTEM.has(name))) {
            const { cursor } = await ask({ listCollections: 1, $db: name });
            for (const { name: collection } of cursor.firstBatch) for (const each of await documentsIn(ask, name, collection)) bytes.push(messageOf(each));
        }
    } finally {
        close();
    }
    return Buffer.concat(bytes);
}
