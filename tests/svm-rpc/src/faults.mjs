// Faults that the next calls of a method meet. A fault has how often (`times`, 1 unless told) and what:
//   code, message, data   a JSON-RPC error
//   http, headers, body   an HTTP answer of that status (body alone: status 200)
//   close                 the connection is closed before the call is run
//   lose                  the call is run, then the connection is closed: the reply is lost
//   drop                  sendTransaction only: answered with the signature, but the transaction never lands
//   delayMs               the answer comes that much later; with any of the others or alone
import { readInteger, readObject } from './params.mjs';
import { RpcError } from './errors.mjs';

const MAX_DELAY_MS = 600_000;
const KNOWN = new Set(['times', 'code', 'message', 'data', 'http', 'headers', 'body', 'close', 'lose', 'drop', 'delayMs']);

function readFault(given) {
  const fault = { times: 1, ...readObject(given, 'fault') };
  const unknown = Object.keys(fault).find((k) => !KNOWN.has(k));
  if (unknown) throw RpcError.params(`unknown fault ${unknown}`);
  readInteger(fault.times, 'times', { min: 1 });
  if (fault.http !== undefined) readInteger(fault.http, 'http', { min: 200, max: 599 });
  if (fault.code !== undefined) readInteger(fault.code, 'code', { min: -100_000, max: 100_000 });
  if (fault.delayMs !== undefined) readInteger(fault.delayMs, 'delayMs', { max: MAX_DELAY_MS });
  if (fault.body !== undefined && typeof fault.body !== 'string') throw RpcError.params('body must be a string');
  readObject(fault.headers, 'headers');
  return fault;
}

export class Faults {
  constructor() { this.byMethod = new Map(); }

  /** Replaces the method's fault; without one it is removed. */
  set(method, given) {
    if (typeof method !== 'string') throw RpcError.params('method must be a string');
    if (given === undefined || given === null) this.byMethod.delete(method);
    else this.byMethod.set(method, readFault(given));
  }

  /** The fault that this call meets, counted down; a drop is left for sendTransaction to take. */
  take(method) {
    const fault = this.byMethod.get(method);
    if (!fault || fault.drop) return null;
    return this.#counted(method, fault);
  }

  takeDrop() {
    const fault = this.byMethod.get('sendTransaction');
    return fault?.drop ? this.#counted('sendTransaction', fault) !== null : false;
  }

  #counted(method, fault) {
    if (--fault.times === 0) this.byMethod.delete(method);
    return fault;
  }
}
