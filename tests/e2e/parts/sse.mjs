// A client of server-sent events that sees every byte: what stock clients hide.
import http from 'node:http';
import https from 'node:https';

export function parseMessage(text) {
    const message = { comments: [] };
    for (const line of text.split('\n')) {
        const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (name) message[name] = value;
        else message.comments.push(value);
    }
    if (message.data !== undefined) message.data = JSON.parse(message.data);
    return message;
}

// {status, headers, body (of a refusal), messages, next(), until(test), close(), ended, lastId}. messages: all that came, with event, id, data.
export function openStream(system, route, { token, headers = {}, ca } = {}) {
    const url = new URL(route, system.url);
    const client = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
        const request = client.get(url, { agent: false, ca, headers: { Accept: 'text/event-stream', ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers } }, (response) => {
            const stream = { status: response.statusCode, headers: response.headers, messages: [], text: '', response };
            let waiting = [], read = 0;
            const wake = () => waiting.splice(0).forEach((each) => each());
            stream.close = () => request.destroy();
            stream.ended = new Promise((over) => response.once('close', () => { stream.over = true; wake(); over(); }));
            stream.next = async () => {
                while (read === stream.messages.length) {
                    if (stream.over) throw new Error(`the stream ended: ${stream.text.slice(-300)}`);
                    await new Promise((next) => waiting.push(next));
                }
                return stream.messages[read++];
            };
            stream.until = async (test) => {
                for (;;) {
                    const message = await stream.next();
                    if (test(message)) return message;
                }
            };
            Object.defineProperty(stream, 'lastId', { get: () => stream.messages.findLast(({ id }) => id)?.id });
            response.setEncoding('utf8');
            response.on('error', () => {});
            response.on('data', (part) => {
                stream.text += part;
                for (let end; (end = stream.text.indexOf('\n\n')) >= 0; stream.text = stream.text.slice(end + 2)) {
                    const message = parseMessage(stream.text.slice(0, end));
                    if (message.event) stream.messages.push(message);
                    else Object.assign(stream, message.retry ? { retry: Number(message.retry) } : { comment: message.comments.at(-1) });
                }
                wake();
            });
            if (response.statusCode === 200) return resolve(stream);
            response.once('end', () => resolve({ ...stream, body: stream.text ? JSON.parse(stream.text) : '' }));
        });
        request.once('error', reject);
    });
}

export const eventsOf = (messages) => messages.map(({ event }) => event);
// Until so many entries came; returns them all.
export async function entriesOf(stream, count) {
    const entries = [];
    while (entries.length < count) {
        const { event, data } = await stream.next();
        if (event === 'entry') entries.push(data.entry);
        else if (event !== 'live' && event !== 'head') throw new Error(`${event}: ${JSON.stringify(data).slice(0, 300)}`);
    }
    return entries;
}
