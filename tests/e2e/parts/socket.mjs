// GraphQL over WebSocket: npm's graphql-ws client as it is, and a bare socket that sees and says anything.
import { createClient as createEvents } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export const socketUrl = (system, query = '') => `${system.url.replace(/^http/, 'ws')}/graphql${query}`;

const ENTRY = '__typename ... on StreamLive { cursor serverTime } ... on StreamReset { reason }';
export const EVENT = `subscription Event($id: ID!, $after: String) { event(id: $id, after: $after) { ${ENTRY}
    ... on EventSnapshot { cursor state { id title state players { userId score } } mine { vote } }
    ... on LogEntry { index time kind payload actorId salt seq leaf cursor } } }`;
export const ME = `subscription Me($after: String) { me(after: $after) { ${ENTRY}
    ... on MeSnapshot { cursor state { count } } ... on MeEntry { index kind eventId title payload cursor } } }`;
export const ROOM = `subscription Room($id: ID!, $after: String) { room(id: $id, after: $after) { ${ENTRY}
    ... on RoomSnapshot { cursor state { messages { id text } } } ... on RoomEntry { seq kind message { id text } cursor } } }`;
export const TOPIC = `subscription Topic($id: String!, $after: String) { topic(name: $id, after: $after) { ${ENTRY}
    ... on TopicSnapshot { cursor state { name pattern count stopped } } ... on TopicEntry { index topic stream seq entry { kind payload } cursor } } }`;
export const WRITERS = `subscription Room($id: ID!, $after: String) { room(id: $id, after: $after) { ${ENTRY}
    ... on RoomSnapshot { cursor state { messages { id text } } } ... on RoomEntry { seq kind message { id text } cursor } ... on RoomTyping { users { id } } } }`;
export const PRESENCE = `subscription Presence($id: ID!, $after: String) { presence(eventId: $id, after: $after) { ${ENTRY}
    ... on PresenceSnapshot { cursor state { people { user { id } state } asOf sideRoomId side { user { id } state } others { user { id } state } } } } }`;

export const BOOK = `subscription Book($id: ID!, $after: String) { book(roleId: $id, after: $after) { ${ENTRY}
    ... on BookSnapshot { cursor state { checksum bids { price quantity } asks { price quantity } } }
    ... on BookEntry { index checksum bids { price quantity } asks { price quantity } trades { price quantity } cursor } } }`;
export const ORDERS = `subscription Orders($after: String) { orders(after: $after) { ${ENTRY}
    ... on OrdersSnapshot { cursor state { orders { id } } }
    ... on OrdersEntry { index kind order { id state reason filled price } trade { part quantity } cursor } } }`;

const SILENT_MS = 120000; // then a test fails, and says where

// What a stream tells, one after another: next(), live() and until(test) wait; all has everything, cursor the last.
export function collect(subscribe) {
    const told = { all: [], cursor: undefined };
    let read = 0, waiting = [];
    const wake = () => waiting.splice(0).forEach((each) => each());
    told.take = (result) => {
        const what = result.data ? Object.values(result.data)[0] : result;
        told.all.push(what);
        if (what?.cursor) told.cursor = what.cursor;
        wake();
    };
    told.over = new Promise((resolve) => { told.end = (how) => { told.ended = how ?? 'complete'; wake(); resolve(told.ended); }; });
    told.next = async () => {
        while (read === told.all.length) {
            if (told.ended) throw new Error(`it is over: ${JSON.stringify(told.ended)}`);
            await new Promise((next, fail) => {
                const timer = setTimeout(fail, SILENT_MS, new Error('nothing was told for two minutes')).unref();
                waiting.push(() => { clearTimeout(timer); next(); });
            });
        }
        return told.all[read++];
    };
    // Before or behind what else is told of the time before: news may come when it is caught up already.
    told.live = async () => {
        while (!told.all.some(({ __typename }) => __typename === 'StreamLive')) await told.next();
    };
    told.until = async (test) => {
        for (;;) {
            const what = await told.next();
            if (test(what)) return what;
        }
    };
    told.entries = async (count) => {
        const entries = [];
        while (entries.length < count) {
            const what = await told.next();
            if (what.__typename.endsWith('Entry')) entries.push(what);
        }
        return entries;
    };
    told.stop = subscribe({ next: told.take, complete: () => told.end(), error: (error) => told.end(error) });
    return told;
}

// An unmodified client; closes has each close's code and reason.
export function connect(system, { token, query, options = {}, ...more } = {}) {
    const closes = [], pings = [];
    const client = createClient({
        url: socketUrl(system, query), webSocketImpl: WebSocket, retryAttempts: 0,
        ...(token ? { connectionParams: () => ({ Authorization: `Bearer ${typeof token === 'function' ? token() : token}` }) } : {}),
        ...options,
        on: { closed: ({ code, reason }) => closes.push({ code, reason }), ping: (received, payload) => received && pings.push(payload), ...more.on },
    });
    return {
        client, closes, pings,
        follow: (document, variables) => collect((sink) => client.subscribe({ query: document, variables }, sink)),
        ask: (document, variables) => new Promise((resolve, reject) => {
            let answer;
            client.subscribe({ query: document, variables }, { next: (result) => { answer = result; }, error: reject, complete: () => resolve(answer) });
        }),
        dispose: () => client.dispose(),
    };
}

// The two ways of GraphQL: {follow(document, variables), close()}. query: behind the address.
export const WAYS = {
    socket(system, person, query) {
        const { follow, dispose } = connect(system, { token: person?.token, query });
        return { follow, close: dispose };
    },
    events(system, person, query = '') {
        const client = createEvents({ url: `${system.url}/graphql${query}`, retryAttempts: 0, headers: person ? { Authorization: `Bearer ${person.token}` } : {} });
        return { follow: (query, variables) => collect((sink) => client.subscribe({ query, variables }, sink)), close: () => client.dispose() };
    },
};

// Why a stream was refused, in either way: the error's extensions.
export async function refusalOf(told) {
    const end = await told.over, errors = Array.isArray(end) ? end : (await end.response?.json() ?? told.all[0]).errors;
    return errors[0].extensions;
}

// {opened, status (of a refusal), say(object), next(), closed: {code, reason}}
export function openSocket(system, { protocol = 'graphql-transport-ws', query = '', headers = {}, init } = {}) {
    const socket = new WebSocket(socketUrl(system, query), protocol ?? [], { headers });
    const bare = { socket, messages: [] };
    let read = 0, waiting = [];
    const wake = () => waiting.splice(0).forEach((each) => each());
    bare.say = (message) => socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    bare.closed = new Promise((resolve) => socket.once('close', (code, reason) => { bare.over = { code, reason: reason.toString() }; wake(); resolve(bare.over); }));
    bare.next = async () => {
        while (read === bare.messages.length) {
            if (bare.over) throw new Error(`closed: ${JSON.stringify(bare.over)}`);
            await new Promise((next) => waiting.push(next));
        }
        return bare.messages[read++];
    };
    socket.on('message', (text) => { bare.messages.push(JSON.parse(text)); wake(); });
    return new Promise((resolve, reject) => {
        socket.once('open', async () => {
            if (init !== undefined) {
                bare.say({ type: 'connection_init', payload: init });
                await bare.next().catch(() => {});
            }
            resolve(bare);
        });
        socket.once('unexpected-response', (request, response) => {
            let text = '';
            response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text && JSON.parse(text) }));
        });
        socket.once('error', (error) => bare.status ?? reject(error));
    });
}
