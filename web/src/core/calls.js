// The one place from which the API is called.
import { monoNow, observe } from './clock.js';
import { Problem } from './problem.js';
import { drop, find, keep } from './store.js';

const AGAIN_MS = [300, 1000, 3000]; // a call that nobody answered is made again, under the same key
const KEY_LIVES_MS = 3600_000;

/** Whose calls these are: set by session.js. */
export const caller = {
    /** @returns {Promise<string>} */
    token: async () => '',
    /** The token was refused. @returns {Promise<string>} another one, or '' */
    renew: async () => '',
};

const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/**
 * @typedef {{method?: string, body?: unknown, key?: string, headers?: Record<string, string>, signal?: AbortSignal, token?: string, secret?: boolean, visitor?: boolean}} Options
 * secret: the answer is not for the browser's cache; visitor: asked as nobody in particular, whoever is logged in
 * @param {string} path @param {Options} options @returns {Promise<Response>}
 */
async function askOnce(path, { method = 'GET', body, key, headers = {}, signal, token = '', secret }) {
    const sent = monoNow();
    const all = { ...headers };
    if (body !== undefined) all['Content-Type'] = 'application/json';
    if (key) all['Idempotency-Key'] = key;
    if (token) all.Authorization = `Bearer ${token}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const reply = await fetch(path, { method, headers: all, body: text, signal, cache: secret ? 'no-store' : 'no-cache', credentials: 'same-origin' }).catch((fault) => {
        throw signal?.aborted ? fault : new Problem(0);
    });
    observe(sent, monoNow(), Number(reply.headers.get('Conse-Time')));
    return reply;
}

/** Does the work that is wanted while a crowd asks for the same. @param {string} path @param {Options} [options] @returns {Promise<Response>} */
export async function ask(path, options = {}) {
    const reply = await askOnce(path, options);
    const wanted = reply.status === 429 ? (await reply.clone().json().catch(() => ({}))).proof : undefined;
    if (!wanted) return reply;
    const { work } = await import('./proof.js');
    return askOnce(path, { ...options, headers: { ...options.headers, 'Conse-Proof': await work(wanted) } });
}

/** @param {Response} reply */
export async function refusal(reply) {
    const said = await reply.json().catch(() => ({}));
    return new Problem(reply.status, said, Number(reply.headers.get('Retry-After')) || 0);
}

/** @param {string} path @param {Options} options */
async function askAsCaller(path, options) {
    if (options.visitor) return ask(path, options);
    const reply = await ask(path, { ...options, token: await caller.token() });
    if (reply.status !== 401) return reply;
    const token = await caller.renew();
    return token ? ask(path, { ...options, token }) : reply;
}

/**
 * @typedef {any} Answer what the API replied, with the cursor from which a stream goes on
 * @param {Response} reply @returns {Promise<Answer>}
 */
async function answerOf(reply) {
    if (!reply.ok) throw await refusal(reply);
    if (reply.status === 204) return {};
    const answer = await reply.json();
    Object.defineProperty(answer, 'cursor', { value: reply.headers.get('Conse-Cursor') ?? '' });
    return answer;
}

/** @param {string} path @param {{signal?: AbortSignal, secret?: boolean, visitor?: boolean}} [options] @returns {Promise<Answer>} */
export const get = async (path, options = {}) => answerOf(await askAsCaller(path, options));

/** What is not JSON. @param {string} path @param {{signal?: AbortSignal}} [options] */
export async function getText(path, options = {}) {
    const reply = await askAsCaller(path, options);
    if (!reply.ok) throw await refusal(reply);
    return reply.text();
}

// ---- Writes

// The same tap made again, because no answer came, has the key that it had: it is carried out once.
/** @param {string} what */
async function keyOf(what) {
    const known = await find('unanswered', what).catch(() => undefined);
    if (known && Date.now() - known.at < KEY_LIVES_MS) return known.key;
    const key = uuid();
    await keep('unanswered', what, { key, what, at: Date.now() }).catch(() => {});
    return key;
}

/** @param {string} path @param {Options} options */
async function askUntilAnswered(path, options) {
    for (let tries = 0; ; tries++) {
        try {
            const reply = await askAsCaller(path, options);
            if (![503, 504].includes(reply.status) || tries === AGAIN_MS.length) return reply;
        } catch (fault) {
            if (!(fault instanceof Problem) || tries === AGAIN_MS.length) throw fault;
        }
        await wait(AGAIN_MS[tries] * (0.75 + Math.random() / 2));
    }
}

/**
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method @param {string} path @param {unknown} [body] @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
export async function send(method, path, body, headers) {
    const what = `${method} ${path} ${JSON.stringify(body ?? null)}`;
    const key = await keyOf(what);
    const reply = await askUntilAnswered(path, { method, body, key, headers });
    if (![503, 504].includes(reply.status)) await drop('unanswered', what).catch(() => {});
    return answerOf(reply);
}
