// JSON-RPC 2.0 without its transport: one text in, one value out.
import { RpcError } from './errors.mjs';

const MAX_BATCH = 1000;

const idOf = (request) => (typeof request?.id === 'string' || typeof request?.id === 'number' ? request.id : null);
export const failure = (id, code, message, data) => ({ jsonrpc: '2.0', error: { code, message, data }, id });

export function parseBody(text) {
  let body;
  try { body = JSON.parse(text); } catch { return { refused: failure(null, -32700, 'Parse error') }; }
  if (!Array.isArray(body)) return { requests: [body], batch: false };
  if (!body.length || body.length > MAX_BATCH) return { refused: failure(null, -32600, 'Invalid request') };
  return { requests: body, batch: true };
}

const wellFormed = (r) => r !== null && typeof r === 'object' && r.jsonrpc === '2.0' && typeof r.method === 'string';

/** Answers one request. A method throws RpcError for what the caller did; anything else is a fault of this server. */
export function answer(methods, request, fault) {
  const id = idOf(request);
  if (!wellFormed(request)) return failure(id, -32600, 'Invalid request');
  if (fault?.code !== undefined) return failure(id, fault.code, fault.message ?? 'injected', fault.data);
  if (!Object.hasOwn(methods, request.method)) return failure(id, -32601, 'Method not found');
  const params = request.params ?? [];
  if (!Array.isArray(params)) return failure(id, -32602, 'Invalid params: expected a list');
  try {
    return { jsonrpc: '2.0', result: methods[request.method](params), id };
  } catch (e) {
    if (e instanceof RpcError) return failure(id, e.code, e.message, e.data);
    console.error(e);
    return failure(id, -32603, 'Internal error');
  }
}
