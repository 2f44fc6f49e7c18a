// The ways to follow streams, each behind the same face: open(at, topics, viewer, after) gives {next(), cursor, close()}. Topics are
// 'me', 'event:<id>', 'room:<room id>' and 'topic:<name>', a cursor is {topic: cursor}, and what is told next has one form for all:
// {what: 'snapshot' | 'entry' | 'live' | 'reset' | 'error' | 'bye' | 'cut', of: topic, cursor, why, entry: {number, kind, body}}.
import { createClient } from 'graphql-sse';
import { pause } from '../processes.mjs';
import { connect, EVENT, ME, ROOM, TOPIC } from '../socket.mjs';
import { openStream } from '../sse.mjs';

const tokenOf = (viewer) => (viewer ? { Authorization: `Bearer ${viewer.token}` } : {});

// An entry as REST and GraphQL both tell it.
export const faceOf = ({ index, seq, kind, message, payload, entry }) =>
    ({ number: Number(index ?? seq), kind: entry?.kind ?? kind, body: message ? `${message.id} ${message.text}` : entry?.payload ?? payload });

// What was told and not taken yet. The cursor is that of what was taken.
function line(after, close) {
    const told = [], cursor = { ...after };
    let wake = () => {};
    return {
        cursor,
        close,
        tell: (message) => { told.push(message); wake(); },
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

async function* tellPolled(topic, after, get) {
    const { first, log } = routesOf(topic);
    const one = (what, cursor, more) => ({ what, of: topic, cursor, ...more });
    let cursor = after, waits = !after;
    if (!after) {
        const { status, headers, body } = await get(first);
        if (status >= 300) return yield one('error', undefined, { why: body.code });
        yield one('snapshot', (cursor = headers.get('conse-cursor')));
    }
    for (;;) {
        const { status, body } = await get(`${log}?after=${encodeURIComponent(cursor)}${waits ? '&wait=20s' : ''}`);
        if (status >= 300) return yield one('error', undefined, { why: body.code });
        if (body.reset) yield one('reset', undefined, { why: body.reset.reason });
        cursor = body.cursor;
        if (body.reset) yield one('snapshot', cursor);
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
    const message = { what: event, of: data.stream, cursor: data.cursor, why: data.reason ?? data.code };
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

const DOCUMENTS = { event: EVENT, me: ME, room: ROOM, topic: TOPIC };
const WHAT = { StreamLive: 'live', StreamReset: 'reset' };

function graphMessage(of, { data, errors }) {
    const told = data && Object.values(data)[0];
    if (!told) return { what: 'error', of, why: errors[0].extensions.code };
    const what = WHAT[told.__typename] ?? (told.state ? 'snapshot' : 'entry');
    return { what, of, cursor: told.cursor, why: told.reason, ...(what === 'entry' ? { entry: faceOf(told) } : {}) };
}

// How a client of GraphQL is told of an end: refused with errors, closed with a code, or cut off.
function graphEnd(of, end) {
    if (Array.isArray(end)) return { what: 'error', of, why: end[0].extensions.code };
    return end.code && end.code !== 1006 ? { what: 'bye', of, why: end.reason } : { what: 'cut', of, why: end.reason ?? end.message };
}

function graph(client, topics, after, dispose) {
    const told = line(after, dispose);
    for (const topic of topics) {
        const [kind, id] = topic.split(':');
        client.subscribe({ query: DOCUMENTS[kind], variables: { id, after: after[topic] } }, {
            next: (result) => told.tell(graphMessage(topic, result)),
            error: (end) => told.tell(graphEnd(topic, end)),
            complete: () => {},
        });
    }
    return told;
}

function socket(at, topics, viewer, after = {}) {
    const { client, dispose } = connect(at, { token: viewer?.token });
    return graph(client, topics, after, dispose);
}

function events(at, topics, viewer, after = {}) {
    const client = createClient({ url: `${at.url}/graphql`, retryAttempts: 0, headers: tokenOf(viewer) });
    return graph(client, topics, after, () => client.dispose());
}

export const TRANSPORTS = { poll, sse, socket, events };
