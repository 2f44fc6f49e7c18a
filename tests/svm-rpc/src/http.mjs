import { createServer } from 'node:http';
import { stringify } from './json.mjs';
import { answer, parseBody } from './rpc.mjs';

const TYPE = { json: 'application/json; charset=utf-8', text: 'text/plain; charset=utf-8' };

const LINGER_MS = 500;

function reply(res, status, body, { type = TYPE.text, headers = {} } = {}) {
  res.writeHead(status, { 'content-type': type, ...headers });
  res.end(body);
}

/** Calls done(text), or answers 413 once the body passes the limit and soon hangs up. */
function readBody(req, res, limit, done) {
  const chunks = [];
  let size = 0;
  req.on('data', (chunk) => {
    size += chunk.length;
    if (size <= limit) return void chunks.push(chunk);
    req.removeAllListeners('data').removeAllListeners('end').resume();
    reply(res, 413, 'Payload Too Large', { headers: { connection: 'close' } });
    setTimeout(() => req.socket.destroy(), LINGER_MS).unref(); // hanging up at once would reset the answer away
  });
  req.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
  req.on('error', () => res.destroy());
}

/** The worst of what the requests of one body meet: a delay, and at most one fault of the transport. */
function takeFaults(faults, requests) {
  const each = requests.map((r) => (typeof r?.method === 'string' ? faults.take(r.method) : null));
  const met = each.filter(Boolean);
  return {
    each,
    delayMs: Math.max(0, ...met.map((f) => f.delayMs ?? 0)),
    transport: met.find((f) => f.close || f.lose || f.http !== undefined || f.body !== undefined) ?? {},
  };
}

function respond(res, { methods, parsed, met }) {
  const { transport } = met;
  if (transport.close) return void res.socket.destroy();
  if (transport.http !== undefined || transport.body !== undefined)
    return reply(res, transport.http ?? 200, transport.body ?? '', { headers: transport.headers });
  const replies = parsed.requests.map((r, i) => answer(methods, r, met.each[i]));
  if (transport.lose) return void res.socket.destroy();
  return reply(res, 200, `${stringify(parsed.batch ? replies : replies[0])}\n`, { type: TYPE.json });
}

function serve(res, text, { methods, faults }) {
  const parsed = parseBody(text);
  if (parsed.refused) return reply(res, 200, `${stringify(parsed.refused)}\n`, { type: TYPE.json });
  const met = takeFaults(faults, parsed.requests);
  const run = () => { if (!res.destroyed && res.socket) respond(res, { methods, parsed, met }); };
  if (met.delayMs) setTimeout(run, met.delayMs).unref(); else run();
}

export function createHttp(rpc, bodyLimit) {
  const server = createServer((req, res) => {
    if (req.method === 'GET' && req.url === '/health') return reply(res, 200, 'ok');
    if (req.method !== 'POST') return reply(res, 405, 'Used HTTP Method is not allowed. POST or OPTIONS is required\n');
    return readBody(req, res, bodyLimit, (text) => serve(res, text, rpc));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}
