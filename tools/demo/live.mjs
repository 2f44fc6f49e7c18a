// What somebody is told of an event while it happens: their stream, opened again where it was when it breaks.
import { url } from './client.mjs';

async function* messagesOf(reply) {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of reply.body) {
        text += decoder.decode(bytes, { stream: true });
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s)));
            if (fields.data) yield { type: fields.event, id: fields.id, ...JSON.parse(fields.data) };
        }
    }
}

// on(message) for each. {cursor(): of the newest; news(): until there is another, or a while is over; close()}. Nobody in particular when
// there is no token.
export function listen(event, token, on) {
    const over = new AbortController();
    let last, cursor, wake = () => {};
    const open = () => fetch(`${url}/stream?topics=event:${event.id}`, {
        headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(last ? { 'Last-Event-ID': last } : {}) },
        signal: over.signal,
    });
    const follow = async () => {
        for await (const message of messagesOf(await open())) {
            if (message.type !== 'entry' || message.id !== last) on(message);
            last = message.id ?? last;
            cursor = message.cursor ?? cursor;
            wake();
        }
    };
    const keepOn = async () => {
        while (!over.signal.aborted) {
            await follow().catch(() => {});
            if (!over.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1000));
        }
    };
    keepOn();
    const news = () => new Promise((resolve) => { wake = resolve; setTimeout(resolve, 100); });
    return { cursor: () => cursor, news, close: () => over.abort() };
}
