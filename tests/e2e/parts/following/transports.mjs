// The ways to follow streams, each behind the same face: open(at, topics, viewer, after) gives {next(), cursor, close()}. Topics are
// 'me', 'event:<id>', 'room:<room id>', 'topic:<name>', 'market:<role id>', 'orders' and 'presence:<event id>', a cursor is {topic: cursor},
// and what is told next has one form for all: {what: 'snapshot' | 'entry' | 'live' | 'reset' | 'error' | 'bye' | 'cut', of: topic, cursor,
// why, entry: {number, kind, body}, state, mine, typed}; typed: state and mine are in GraphQL's words.
import { createClient } from 'graphql-sse';
import { pause } from '../processes.mjs';
import { connect } from '../socket.mjs';
import { openStream } from '../sse.mjs';

const tokenOf = (viewer) => (viewer ? { Authorization: `Bearer ${viewer.token}` } : {});

const bookFace = ({ checksum, ...book }) => `${checksum ?? 0} ${['bids', 'asks', 'trades'].map((part) => (book[part] ?? []).map(({ price, quantity }) => `${price}:${quantity ?? 0}`).join(' '))}`;
const orderFace = ({ order, trade }) => `${order.id} ${order.state} ${order.filled ?? 0} ${trade?.part ?? ''} ${trade?.quantity ?? ''}`;

// An entry as REST and GraphQL both tell it.
export function faceOf(told) {
    const { index, seq, kind, message, payload, entry, order } = told, number = Number(index ?? seq);
    if (order) return { number, kind, body: orderFace(told) };
    if (!(entry ?? told).kind) return { number, kind: 'BOOK', body: bookFace(told) };
    return { number, kind: entry?.kind ?? kind, body: message ? `${message.id} ${message.text}` : entry?.payload ?? payload };
}

// What was told and not taken yet. The cursor is that of what was taken.
function line(after, close) {
    const told = [], cursor = { ...after };
    let wake = () => {};
    return {
        cursor,
        close,
        tell: (message) => { told.push({ ...message, told_ms: Date.now() }); wake(); },
        next: async () => {
            while (!told.length) await new Promise((resolve) => { wake = resolve; });
            const message = told.shift();
            if (message.cursor) cursor[message.of] = message.cursor;
            return message;
        },
    };
}

// ---- Long poll

function routesOf(topic) {
    const [kind, id] = topic.split(':'), log = `/${kind}s/${id}/log`;
    return { first: kind === 'event' ? `/events/${id}` : log, log };
}

// A service that is away is asked again.
async function ask(at, route, viewer, signal) {
    for (;;) {
        const reply = await fetch(at.url + route, { headers: tokenOf(viewer), signal });
        if (reply.status !== 503) return { status: reply.status, headers: reply.headers, body: await reply.json() };
        await pause(50);
    }
}

const stateOf = ({ event, state, mine }) => ({ state: event ?? state, mine });

async function* tellPolled(topic, after, get) {
    const { first, log } = routesOf(topic);
    const one = (what, cursor, more) => ({ what, of: topic, cursor, ...more });
    let cursor = after, waits = !after;
    if (!after) {
        const { status, headers, body } = await get(first);
        if (status >= 300) return yield one('error', undefined, { why: body.code });
        yield one('snapshot', (cursor = headers.get('conse-cursor')), stateOf(body));
    }
    for (;;) {
        const { status, body } = await get(`${log}?after=${encodeURIComponent(cursor)}${waits ? '&wait=20s' : ''}`);
        if (status >= 300) return yield one('error', undefined, { why: body.code });
        if (body.reset) yield one('reset', undefined, { why: body.reset.reason });
        cursor = body.cursor;
        if (body.reset) yield one('snapshot', cursor, stateOf(body));
        for (const entry of body.entries) yield one('entry', entry.cursor, { entry: faceOf(entry) });
        if (!waits && !body.reset && !body.entries.length) yield one('live', cursor);
        waits ||= !body.entries.length;
    }
}

function poll(at, [topic], viewer, after = {}) {
    const over = new AbortController();
    const polled = line(after, () => over.abort());
    const work = async () => {
        for await (const message of tellPolled(topic, after[topic], (route) => ask(at, route, viewer, over.signal))) polled.tell(message);
    };
    work().catch((error) => polled.tell({ what: 'cut', of: topic, why: error.message }));
    return polled;
}

// ---- Server-sent events

const isQuiet = ({ event, data }) => event === 'head' || event === 'typing' || (event === 'bye' && data.reason === 'ENDED');

function plainMessage({ event, data }) {
    const message = { what: event, of: data.stream, cursor: data.cursor, why: data.reason ?? data.code, state: data.state, mine: data.mine };
    return data.entry ? { ...message, entry: faceOf(data.entry) } : message;
}

async function sse(at, topics, viewer, after = {}) {
    const last = topics.length === 1 ? after[topics[0]] : topics.filter((topic) => after[topic]).map((topic) => `${topic}=${after[topic]}`).join();
    const stream = await openStream(at, `/stream?topics=${topics}`, { token: viewer?.token, headers: last === undefined || last === '' ? {} : { 'Last-Event-ID': last } });
    const told = line(after, () => stream.close?.());
    const work = async () => {
        if (stream.status !== 200) return told.tell({ what: 'error', why: stream.body.code });
        for (;;) {
            const message = await stream.next();
            if (!isQuiet(message)) told.tell(plainMessage(message));
            if (message.event === 'bye') return;
        }
    };
    work().catch((error) => told.tell({ what: 'cut', why: error.message }));
    return told;
}

// ---- GraphQL

const STATES = { event: ['Event', 'EventMine'], me: ['MeState'], room: ['RoomState', 'RoomMine'], topic: ['TopicState'], market: ['Book'], orders: ['OrdersState'], presence: ['EventPresence'] };
export const typesOf = (topic) => STATES[topic.split(':')[0]];

// Of each stream, with all of its states that REST shows.
export function documentsOf({ select }) {
    const snapshot = (name, [state, mine]) => `... on ${name}Snapshot { cursor state ${select(state)} ${mine ? `mine ${select(mine)}` : ''} }`;
    const of = (topic, name, field, variables, entry) =>
        `subscription(${variables}) { ${field} { __typename ... on StreamLive { cursor } ... on StreamReset { reason } ${snapshot(name, STATES[topic])} ${entry} } }`;
    const [id, after] = ['$id: ID!, $after: String', '$after: String'];
    return {
        event: of('event', 'Event', 'event(id: $id, after: $after)', id, '... on LogEntry { index kind payload cursor }'),
        me: of('me', 'Me', 'me(after: $after)', after, '... on MeEntry { index kind payload cursor }'),
        room: of('room', 'Room', 'room(id: $id, after: $after)', id, '... on RoomEntry { seq kind message { id text } cursor }'),
        topic: of('topic', 'Topic', 'topic(name: $id, after: $after)', '$id: String!, $after: String', '... on TopicEntry { index entry { kind payload } cursor }'),
        market: of('market', 'Book', 'book(roleId: $id, after: $after)', id, '... on BookEntry { index checksum bids { price quantity } asks { price quantity } trades { price quantity } cursor }'),
        orders: of('orders', 'Orders', 'orders(after: $after)', after, '... on OrdersEntry { index kind order { id state filled } trade { part quantity } cursor }'),
        presence: of('presence', 'Presence', 'presence(eventId: $id, after: $after)', id, ''),
    };
}

const WHAT = { StreamLive: 'live', StreamReset: 'reset' };

function graphMessage(of, { data, errors }) {
    const told = data && Object.values(data)[0];
    if (!told) return { what: 'error', of, why: errors[0].extensions.code };
    const what = WHAT[told.__typename] ?? (told.state ? 'snapshot' : 'entry');
    return { what, of, cursor: told.cursor, why: told.reason, ...(what === 'entry' ? { entry: faceOf(told) } : { state: told.state, mine: told.mine, typed: true }) };
}

// How a client of GraphQL is told of an end: refused with errors, closed with a code, or cut off.
function graphEnd(of, end) {
    if (Array.isArray(end)) return { what: 'error', of, why: end[0].extensions.code };
    return end.code && end.code !== 1006 ? { what: 'bye', of, why: end.reason } : { what: 'cut', of, why: end.reason ?? end.message };
}

function graph({ documents }, client, topics, after, dispose) {
    const told = line(after, dispose);
    for (const topic of topics) {
        const [kind, id] = topic.split(':');
        client.subscribe({ query: documents[kind], variables: { id, after: after[topic] } }, {
            next: (result) => told.tell(graphMessage(topic, result)),
            error: (end) => told.tell(graphEnd(topic, end)),
            complete: () => {},
        });
    }
    return told;
}

function socket(at, topics, viewer, after = {}) {
    const { client, dispose } = connect(at, { token: viewer?.token });
    return graph(at, client, topics, after, dispose);
}

function events(at, topics, viewer, after = {}) {
    const client = createClient({ url: `${at.url}/graphql`, retryAttempts: 0, headers: tokenOf(viewer) });
    return graph(at, client, topics, after, () => client.dispose());
}

export const TRANSPORTS = { poll, sse, socket, events };
