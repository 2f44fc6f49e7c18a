// A collector of traces: OTLP/HTTP with JSON, as far as ours speaks it.
import http from 'node:http';
import { freePort } from './processes.mjs';

const valueOf = ({ stringValue, intValue }) => stringValue ?? Number(intValue);
const asObject = (attributes) => Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

function spansOf(document) {
    const spans = [];
    for (const { resource, scopeSpans } of document.resourceSpans) {
        const service = asObject(resource.attributes)['service.name'];
        for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ ...span, service, attributes: asObject(span.attributes) });
    }
    return spans;
}

// {url, spans, texts, requests, of(trace), answers, listen(), close()}. `answers` are the statuses of the next requests, 0 for none; then 200.
// It begins to listen with listen().
export async function makeCollector() {
    const port = await freePort();
    const collector = { url: `http://127.0.0.1:${port}/v1/traces`, spans: [], texts: [], requests: 0, answers: [] };
    const server = http.createServer(async (request, response) => {
        const bytes = await request.toArray().catch(() => null);
        if (!bytes) return; // who sent it was killed
        const text = Buffer.concat(bytes).toString();
        collector.requests++;
        const status = collector.answers.length ? collector.answers.shift() : 200;
        if (status === 0) return; // it keeps silent
        if (status === 200) {
            collector.texts.push(text);
            collector.spans.push(...spansOf(JSON.parse(text)));
        }
        response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
    });
    collector.of = (trace) => collector.spans.filter(({ traceId }) => traceId === trace);
    collector.listen = () => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    collector.close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
    return collector;
}
