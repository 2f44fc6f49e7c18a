// What somebody is told of an event while it happens: their stream, opened again where it was when it breaks.
import { url } from './client.mjs';

async function* messagesOf(reader) {
    const decoder = new TextDecoder();
    let text = '';
    for (let part; !(part = await reader.read()).done; ) {
        text += decoder.decode(part.value, { stream: true });
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s)));
            if (fields.data) yield { type: fields.event, id: fields.id, ...JSON.parse(fields.data) };
        }
    }
}

// on(message) for each. {cursor(): of the newest; news(): until there is another, or a while is over; broke(): why it broke last;
// close()}. Nobody in particular when there is no token.
export function listen(event, token, on) {
    const over = new AbortController();
    let last, cursor, reader, broken, wake = () => {};
    const open = () => fetch(`${url}/stream?topics=event:${event.id}`, {
        headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(last ? { 'Last-Event-ID': last } : {}) },
        signal: over.signal,
    });
    const follow = async () => {
        reader = (await open()).body.getReader();
        for await (const message of messagesOf(reader)) {
            if (message.type !== 'entry' || message.id !== last) on(message);
            last = message.id ?? last;
            cursor = message.cursor ?? cursor;
            wake();
        }
    };
    const keepOn = async () => {
        while (!over.signal.aborted) {
            await follow().catch((error) => { broken = error; });
            if (!over.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1000));
        }
    };
    keepOn();
    const news = () => new Promise((resolve) => { wake = resolve; setTimeout(resolve, 100); });
    // Node.js 18 may forget an abort once the answer has begun.
    const close = () => {
        over.abort();
        reader?.cancel().catch(() => {});
    };
    return { cursor: () => cursor, news, broke: () => broken, close };
}
