// A client as docs/api-guide.md wants one: what may have failed is asked again with the same Idempotency-Key, at any gateway, until there
// is an answer or its patience ends. All of it goes into the history.
//
// A record: {id, actor, kind, event, args, key, start, acked, end, outcome, status, code, body, attempts}, times in ms of one clock.
//   outcome   done      a success was heard
//             refused   an answer about the game was heard
//             unknown   an attempt may have been executed, and no answer was heard
//             absent    every attempt was answered by "nothing was done"
//   attempts  {gateway, start, end, status, code, digest}; status 0: no answer came; digest is of a success's body
import { createHash, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { pause } from '../../e2e/parts/processes.mjs';

const ANSWERS_MS = 5000; // a client hangs up then
const PAUSE_MS = 60;

export const now = () => performance.now();

const NOTHING_DONE = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'STORE_AWAY', 'RATE_LIMITED', 'REFUSED_CONNECTION']);
export const isDone = ({ status }) => status >= 200 && status < 300;
// Nobody knows yet: ask again. A request that still runs, or another of the same key, was not answered.
export const isOpen = ({ status, code }) => status === 0 || status >= 500 || status === 429 || code === 'IDEMPOTENCY_RUNNING';
export const mayHaveDone = (attempt) => isOpen(attempt) && !NOTHING_DONE.has(attempt.code);

function outcomeOf(attempts) {
    if (attempts.some(isDone)) return 'done';
    if (attempts.some((attempt) => !isOpen(attempt))) return 'refused';
    return attempts.some(mayHaveDone) ? 'unknown' : 'absent';
}

// The first success; else the first answer, else the last attempt.
const toldOf = (attempts) => attempts.find(isDone) ?? attempts.find((attempt) => !isOpen(attempt)) ?? attempts.at(-1);

const neverSent = (error) => ['ECONNREFUSED', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(error.cause?.code);

async function attempt(urls, gateway, { method, route, token, body, key, headers }) {
    const start = now();
    try {
        const reply = await fetch(urls[gateway] + route, {
            method,
            headers: {
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
                ...(token ? { Authorization: `Bearer ${token}` } : {}),
                ...(key ? { 'Idempotency-Key': key } : {}),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(ANSWERS_MS),
        });
        const text = await reply.text();
        const isJson = /json/.test(reply.headers.get('content-type') ?? '');
        const parsed = isJson && text ? JSON.parse(text) : undefined;
        const digest = reply.ok ? createHash('sha256').update(text).digest('hex').slice(0, 16) : undefined;
        return { gateway, start, end: now(), status: reply.status, code: reply.ok ? undefined : parsed?.code, digest, body: parsed };
    } catch (error) {
        return {
            gateway,
            start,
            end: now(),
            status: 0,
            code: neverSent(error) ? 'REFUSED_CONNECTION' : undefined,
            error: error.cause?.code ?? error.name,
        };
    }
}

// {ask(call), tell(record)}. A call is {actor, kind, event, args, method, route, token, body, keyed, patience_ms, gateway}; ask gives its
// record. `gateway` binds it to one; `trim` leaves out of the record what the checks do not
// need. `silent` are those that may succeed without writing: their key is not remembered then, so they are not repeated once they are done.
export function makeClient(urls, history, random) {
    const record = (call, key, tries) => {
        const { actor, kind, event, args } = call;
        const { status, code, body } = toldOf(tries);
        const attempts = tries.map(({ body: _, ...each }) => each);
        const acked = tries.find(isDone)?.end;
        return {
            actor,
            kind,
            event,
            args,
            key,
            acked,
            start: attempts[0].start,
            end: Math.max(...attempts.map(({ end }) => end)),
            outcome: outcomeOf(attempts),
            status,
            code,
            body,
            attempts,
        };
    };
    const any = (call) => call.gateway ?? random.below(urls.length);
    const again = async (call, key, attempts) => {
        // Some give up at once: what they asked for may come late.
        const patience_ms = call.patience_ms ?? (random.below(3) === 0 ? 0 : 8000);
        while (isOpen(attempts.at(-1)) && now() - attempts[0].start < patience_ms) {
            await pause(PAUSE_MS + random.below(PAUSE_MS * 3));
            attempts.push(await attempt(urls, any(call), { ...call, key }));
        }
    };
    const ask = async (call) => {
        const key = call.keyed ? randomUUID() : undefined;
        const first = any(call);
        const twice = key && urls.length > 1 && call.gateway === undefined && random.below(12) === 0; // an impatient tap
        const attempts = twice
            ? await Promise.all([first, (first + 1) % urls.length].map((gateway) => attempt(urls, gateway, { ...call, key })))
            : [await attempt(urls, first, { ...call, key })];
        attempts.sort((a, b) => a.end - b.end);
        if (!attempts.some((each) => !isOpen(each))) await again(call, key, attempts);
        const end = Math.max(...attempts.map((each) => each.end));
        if (key && !call.silent && attempts.some(isDone) && random.below(8) === 0)
            attempts.push(await attempt(urls, any(call), { ...call, key })); // a tap long after
        const told = { ...record(call, key, attempts), end };
        if (twice && told.acked) told.acked = end; // what wrote nothing is not remembered, and may be carried out by the other one
        return history.add(call.trim ? call.trim(told) : told);
    };
    return { ask };
}
