// What people see: their answers as they came, and everything that their streams brought, over each transport.
import http from 'node:http';
import WebSocket from 'ws';
import { ask } from '../graphql.mjs';
import { call, eventually } from '../people.mjs';
import { socketUrl } from '../socket.mjs';
import { isHead } from './plain.mjs';

const PATIENCE_MS = 60000;
const OWN_OF_A_CALL = /^(date|conse-time|traceparent|content-length|etag)$|^ratelimit/;
const bearer = (person) => (person ? { Authorization: `Bearer ${person.token}` } : {});

// ---- Asking

const textOf = ({ status, headers, body }) => `${status} ${[...headers].filter(([name]) => !OWN_OF_A_CALL.test(name)).map(([name, value]) => `${name}: ${value}`)}\n${JSON.stringify(body)}`;

// Answers by the names of the documents.
export async function answersTo(system, documents, person, variables, plain) {
    const seen = {};
    for (const [name, query] of Object.entries(documents)) seen[name] = plain(textOf(await ask(system, query, { token: person?.token, variables })));
    return seen;
}

export async function presenceAsSeen(system, person, { event }, plain) {
    return plain(textOf(await call(system, 'GET', `/events/${event.id}/presence`, { token: person?.token })));
}

// ---- Following

// A stream as it came: {name, frames, until(test, times), close()}; until waits for so many frames that pass the test.
function keep(name) {
    const kept = { name, frames: [], close: () => {} };
    const count = (test) => kept.frames.filter((frame) => test.test(frame)).length;
    kept.add = (frame) => { if (!isHead(frame)) kept.frames.push(frame); };
    kept.until = (test, times = 1) => eventually(() => count(test) >= times, PATIENCE_MS)
        .catch((cause) => { throw new Error(`${name} is told ${test} ${count(test)} times of ${times}: ${kept.frames.slice(-3)}`, { cause }); });
    return kept;
}

// Events of a request, with the head of the answer as the first frame.
function openEvents(system, name, route, person, body) {
    const kept = keep(name), json = body && JSON.stringify(body);
    const headers = { Accept: 'text/event-stream', ...bearer(person), ...(json ? { 'Content-Type': 'application/json' } : {}) };
    const request = http.request(new URL(route, system.url), { agent: false, method: json ? 'POST' : 'GET', headers }, (response) => {
        let text = '';
        kept.add(`${response.statusCode} ${response.rawHeaders.filter((_, i, all) => !OWN_OF_A_CALL.test(all[i & ~1].toLowerCase()))}`);
        response.setEncoding('utf8').on('data', (part) => {
            text += part;
            for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) kept.add(text.slice(0, end + 2));
        }).on('end', () => kept.add(`${text}THE END`)).on('error', () => {});
    });
    request.on('error', () => {});
    request.end(json);
    kept.close = () => request.destroy();
    return kept;
}

// A socket whose streams are told apart by their ids; each is kept by itself, since only a stream has an order.
async function openSocket(system, name, person) {
    const socket = new WebSocket(socketUrl(system), 'graphql-transport-ws'), streams = new Map();
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(person) }));
    socket.on('message', (frame) => {
        const text = frame.toString(), { id, type } = JSON.parse(text);
        streams.get(id)?.add(text);
        if (type === 'ping') socket.send('{"type":"pong"}');
    });
    await new Promise((acked) => socket.once('message', acked));
    const follow = (id, query, variables) => {
        const kept = keep(`${name} ${id}`);
        streams.set(id, kept);
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
        return kept;
    };
    return { follow, close: () => socket.close() };
}

// Whoever looks: follow(topic, variables) over all transports at once, where topic is event, me, presence or room; rooms by their ids.
export async function openEyes(system, who, person, documents, { event }) {
    const socket = await openSocket(system, `${who} socket`, person), streams = [];
    const follow = (topic, id, called = topic) => {
        const variables = topic === 'room' ? { room: id } : { id: event.id }, query = documents.follows[topic];
        const plain = openEvents(system, `${who} sse ${called}`, `/stream?topics=${topic === 'me' ? topic : `${topic}:${id ?? event.id}`}`, person);
        const opened = [plain, openEvents(system, `${who} events ${called}`, '/graphql', person, { query, variables }), socket.follow(called, query, variables)];
        streams.push(...opened);
        return opened;
    };
    const close = () => { for (const stream of streams) stream.close(); socket.close(); };
    return { who, person, streams, follow, close };
}
