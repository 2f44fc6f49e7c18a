// What the proxy can do to a request. Each gets an exchange ({request, bytes, lag, forward(), alone(work)}) and its rule, and gives
// the reply for the client, or undefined: the connection ends without one. forward gives the server's reply; each call is a request.
import { documentOf, idOf, messageOf } from './frames.mjs';

const CODES = {
    64: 'WriteConcernFailed',
    91: 'ShutdownInProgress',
    189: 'PrimarySteppedDown',
    10107: 'NotWritablePrimary',
    11600: 'InterruptedAtShutdown',
    11602: 'InterruptedDueToReplStateChange',
    13435: 'NotPrimaryNoSecondaryOk',
};

const errorOf = (code) => ({ code, codeName: CODES[code] ?? `Code${code}`, errmsg: `the proxy answers ${code}` });

const withConcern = (reply, code, answers) => messageOf({ ...documentOf(reply, { exact: true }), writeConcernError: errorOf(code) }, { answers });

export const SPOILINGS = {
    pass: (exchange) => exchange.forward(),
    // The server never sees it.
    lose: async () => undefined,
    // The server has executed it.
    lose_reply: async (exchange) => void (await exchange.forward()),
    // The server executes it, and the same again. The client hears the first answer, or with {answer: 'second'} the other.
    twice: async (exchange, rule) => {
        const first = await exchange.forward();
        const second = await exchange.forward();
        return rule.answer === 'second' ? second : first;
    },
    // An error of the server, {code}, which has not executed it, or has with {executed: true}. With {concern: true} it has, and the
    // error is that of the write concern, beside the reply.
    fail: async (exchange, rule) => {
        const answers = idOf(exchange.bytes);
        const reply = rule.executed || rule.concern ? await exchange.forward() : undefined;
        return rule.concern ? withConcern(reply, rule.code, answers) : messageOf({ ok: 0, ...errorOf(rule.code) }, { answers });
    },
    // A primary that executes a write, and falls before others have it: the write is gone. No server has told of a majority then,
    // so a client that asked for one hears {code} (64) as the write concern's error, and one that asked for less hears a success. With
    // {lose_reply: true} it hears nothing.
    roll_back: (exchange, rule) =>
        exchange.alone(async (ask) => {
            const earlier = await imagesOf(ask, exchange);
            const reply = await exchange.forward();
            for (const image of earlier) await restore(ask, exchange.request, image);
            if (rule.lose_reply) return undefined;
            return asksMajority(exchange.request) ? withConcern(reply, rule.code ?? 64, idOf(exchange.bytes)) : reply;
        }),
    // A primary that executes a write which others do not have yet: majority reads do not show it. The client hears the write
    // concern's error, or nothing with {lose_reply: true}. rule.settle('kept') or ('lost') ends it.
    lag: (exchange, rule) =>
        exchange.alone(async (ask) => {
            const { lag, request, bytes } = exchange;
            const earlier = await imagesOf(ask, exchange);
            lag.add(request, earlier);
            const reply = await exchange.forward();
            rule.settle = (how) =>
                exchange.alone(async (again) => {
                    if (how === 'lost') for (const image of earlier) await restore(again, request, image);
                    lag.forget(request, earlier);
                });
            return rule.lose_reply ? undefined : withConcern(reply, rule.code ?? 64, idOf(bytes));
        }),
    // A majority read while a write lags (lag.mjs).
    hide: async (exchange, rule) => rule.hide(exchange.request, exchange.bytes, await exchange.forward()),
};

export const asksMajority = ({ document }) => document.writeConcern?.w === 'majority';

// Ids that a write names, each by itself.
export function idsOf({ command, document }) {
    const filters = { insert: document.documents, update: document.updates?.map(({ q }) => q), delete: document.deletes?.map(({ q }) => q) }[command];
    return (filters ?? [document.query ?? {}]).map(({ _id }) => _id).filter((id) => id !== undefined);
}

async function imagesOf(ask, { request, bytes }) {
    const ids = idsOf({ command: request.command, document: documentOf(bytes, { exact: true }) });
    if (ids.length === 0) throw new Error(`a ${request.command} that names no document by _id can't be rolled back`);
    const images = [];
    for (const id of ids) {
        const { cursor } = await ask({ find: request.collection, filter: { _id: id }, limit: 1, $db: request.database });
        images.push({ id, document: cursor.firstBatch[0] });
    }
    return images;
}

async function restore(ask, { collection, database }, { id, document }) {
    const q = { _id: id };
    if (document) await ask({ update: collection, updates: [{ q, u: document, upsert: true }], $db: database });
    else await ask({ delete: collection, deletes: [{ q, limit: 1 }], $db: database });
}
