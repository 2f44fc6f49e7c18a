// signatureSubscribe and logsSubscribe over WebSocket. A signature's subscription ends with its notification;
// a log's keeps its place in the ledger, so that every record is told once and in order at the asked commitment.
import { WebSocketServer } from 'ws';
import { RpcError } from './errors.mjs';
import { stringify } from './json.mjs';
import { readAddress, readCommitment, readList, readObject, readSignature } from './params.mjs';
import { answer, failure, parseBody } from './rpc.mjs';

const MAX_PAYLOAD = 50 * 1024;
const MAX_CONNECTIONS = 256;
const MAX_SUBSCRIPTIONS = 1000; // of one connection
const MAX_BUFFERED = 16 << 20; // bytes a slow reader may leave unread
const TRY_LATER = 1013;

function readMentions(filter) {
  if (filter === 'all' || filter === 'allWithVotes') return () => true;
  const [address] = readList(readObject(filter, 'filter').mentions, 'addresses', 1, readAddress);
  if (!address) throw RpcError.params('Invalid Request: Only 1 address supported');
  return (record) => record.keys.all.includes(address);
}

function signatureSubscription(cluster, [signature, given]) {
  const config = readObject(given);
  const wanted = readSignature(signature);
  const commitment = readCommitment(config);
  let announced = config.enableReceivedNotification !== true;
  return {
    method: 'signatureNotification',
    poll(notify) {
      const record = cluster.ledger.get(wanted);
      if (!record) return false;
      if (!announced) notify(record.slot, 'receivedSignature');
      announced = true;
      if (!cluster.reached(record.slot, commitment)) return false;
      notify(record.slot, { err: record.err });
      return true;
    },
  };
}

function logsSubscription(cluster, [filter, given]) {
  const matches = readMentions(filter);
  const commitment = readCommitment(readObject(given));
  let next = cluster.ledger.total;
  return {
    method: 'logsNotification',
    poll(notify) {
      next = Math.min(next, cluster.ledger.total); // less after a fork
      for (const record of cluster.ledger.since(next)) {
        if (!cluster.reached(record.slot, commitment)) break;
        next = record.number + 1;
        if (matches(record)) notify(record.slot, { signature: record.signature, err: record.err, logs: record.logs });
      }
      return false;
    },
  };
}

const OPEN = { signature: signatureSubscription, logs: logsSubscription };

/** One WebSocket with its subscriptions. */
class Session {
  constructor(socket, cluster, nextId) {
    Object.assign(this, { socket, cluster, nextId, open: new Map() });
  }

  #send(value) {
    if (this.socket.bufferedAmount > MAX_BUFFERED) this.socket.terminate();
    else if (this.socket.readyState === this.socket.OPEN) this.socket.send(stringify(value));
  }

  #subscribe(kind, params) {
    if (this.open.size >= MAX_SUBSCRIPTIONS) throw new RpcError(-32602, 'Too many subscriptions on this connection');
    const id = this.nextId();
    this.open.set(id, { kind, ...OPEN[kind](this.cluster, params) });
    return id;
  }

  #unsubscribe(kind, [id]) {
    if (this.open.get(id)?.kind !== kind) throw new RpcError(-32602, 'Invalid subscription id.');
    return this.open.delete(id);
  }

  get methods() {
    return {
      signatureSubscribe: (params) => this.#subscribe('signature', params),
      signatureUnsubscribe: (params) => this.#unsubscribe('signature', params),
      logsSubscribe: (params) => this.#subscribe('logs', params),
      logsUnsubscribe: (params) => this.#unsubscribe('logs', params),
    };
  }

  /** Answers a text; what has no id is a notification (clients send `ping` so) and gets no answer. */
  receive(text, faults) {
    const { refused, requests, batch } = parseBody(text);
    if (refused) return this.#send(refused);
    if (batch) return this.#send(failure(null, -32600, 'Invalid request'));
    const [request] = requests;
    if (request?.id === undefined && typeof request?.method === 'string') return undefined;
    const fault = typeof request?.method === 'string' ? faults.take(request.method) : null;
    if (fault?.close) return this.socket.terminate();
    this.#send(answer(this.methods, request, fault));
    return this.poll();
  }

  poll() {
    for (const [id, subscription] of this.open) {
      const notify = (slot, value) => this.#send({
        jsonrpc: '2.0', method: subscription.method, params: { result: { context: { slot }, value }, subscription: id },
      });
      if (subscription.poll(notify)) this.open.delete(id);
    }
  }
}

/** Serves the upgrades of the given HTTP servers. */
export class Subscriptions {
  constructor(cluster, faults) {
    this.sessions = new Set();
    this.wss = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD });
    let last = 0;
    this.wss.on('connection', (socket) => this.#accept(new Session(socket, cluster, () => ++last), faults));
    cluster.watchers.add(() => { for (const session of this.sessions) session.poll(); });
  }

  attach(server) {
    server.on('upgrade', (req, socket, head) => this.wss.handleUpgrade(req, socket, head, (ws) => this.wss.emit('connection', ws)));
  }

  #accept(session, faults) {
    const { socket } = session;
    socket.on('error', () => socket.terminate());
    if (this.sessions.size >= MAX_CONNECTIONS) return socket.close(TRY_LATER);
    this.sessions.add(session);
    socket.on('close', () => this.sessions.delete(session));
    return socket.on('message', (bytes, binary) => (binary ? socket.close(1003) : session.receive(bytes.toString('utf8'), faults)));
  }

  /** Cuts every connection, as a node does that restarts. */
  cut() {
    const count = this.sessions.size;
    for (const { socket } of this.sessions) socket.terminate();
    return count;
  }
}
