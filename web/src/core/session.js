// Who uses this page. The refresh token is in a cookie that no script reads; the access token is here, while the page is open.
import { computed, signal } from '@preact/signals';
import { ask, caller, refusal } from './calls.js';
import { monoNow } from './clock.js';
import { dropDrafts } from './drafts.js';

const KNOWN = 'conse.known'; // somebody logged in here: it is worth asking for a token
const EARLY_MS = 60_000;
const AGAIN_MS = 2000;
const HEADERS = { 'Conse-Session': 'cookie' };

/** @type {import('@preact/signals').Signal<any>} */
export const user = signal(null);
/** Whether it is known yet who it is. */
export const settled = signal(false);
export const leads = computed(() => ['GOD', 'DEV'].includes(user.value?.level));
/** Browsers keep such cookies only of pages that came by TLS, or from this machine. */
export const lasts = () => isSecureContext;

let access = '';
let until = 0;

const remember = (/** @type {boolean} */ yes) => {
    try {
        if (yes) localStorage.setItem(KNOWN, '1');
        else localStorage.removeItem(KNOWN);
    } catch {
        // without storage the session ends with the page
    }
};
const remembered = () => {
    try {
        return localStorage.getItem(KNOWN) === '1';
    } catch {
        return false;
    }
};

/** @param {any} session */
function take(session) {
    access = session.access_token;
    until = monoNow() + session.expires_in * 1000;
    user.value = session.user ?? user.value;
    remember(true);
}

function forget() {
    access = '';
    user.value = null;
    remember(false);
}

// A session that only ended leaves what was begun to who logs in again.
function leave() {
    dropDrafts();
    forget();
}

/** @param {string} path @param {unknown} [body] */
async function post(path, body) {
    const reply = await ask(path, { method: 'POST', body: body ?? {}, headers: HEADERS, token: access });
    if (!reply.ok) throw await refusal(reply);
    return reply.status === 204 || reply.status === 202 ? {} : reply.json();
}

async function refresh() {
    try {
        take(await post('/auth/refresh'));
    } catch (fault) {
        if ([400, 401].includes(/** @type {any} */ (fault).status)) forget(); // 400: the cookie has ended, too
        else throw fault;
    }
    return access;
}

// Tabs take turns, since the cookie is for all of them and a token is good once.
/** @type {Promise<string> | null} */
let renewing = null;
export function renew() {
    const inTurn = () => (navigator.locks ? navigator.locks.request('conse.refresh', refresh) : refresh());
    renewing ??= Promise.resolve(inTurn()).finally(() => (renewing = null));
    return renewing;
}

/** @returns {Promise<string>} */
async function token() {
    if (!access) return '';
    return monoNow() > until - EARLY_MS ? renew() : access;
}
Object.assign(caller, { token, renew: async () => (access ? renew() : '') });

/** Until somebody answers who it is. */
export async function begin() {
    const fault = remembered() && (await renew().then(() => null, (problem) => problem));
    settled.value = true;
    if (fault) setTimeout(begin, AGAIN_MS);
}

export const signUp = (/** @type {object} */ body) => post('/auth/signup', body);
export const logIn = async (/** @type {object} */ body) => take(await post('/auth/login', body));
export const sendCode = (/** @type {object} */ body) => post('/auth/otp', body);
export const enterCode = async (/** @type {object} */ body) => take(await post('/auth/otp/verify', body));

export async function logOut() {
    await post('/auth/logout').catch(() => {});
    leave();
}

// ---- The account

/** As its owner; a refusal ends no session, so a wrong password is tried once. @param {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} method @param {string} path @param {unknown} [body] */
export async function asOwner(method, path, body) {
    const reply = await ask(path, { method, body, headers: HEADERS, token: await token(), secret: true });
    if (!reply.ok) throw await refusal(reply);
    return reply.status === 204 ? {} : reply.json();
}

/** All sessions end but the one that begins. @param {object} body */
export const changePassword = async (body) => take(await asOwner('PUT', '/auth/me/password', body));
export const endOthers = async () => take(await asOwner('DELETE', '/auth/sessions'));

/** @param {boolean} forfeit */
export async function deleteMe(forfeit) {
    await asOwner('DELETE', `/auth/me${forfeit ? '?forfeit=true' : ''}`);
    leave();
}

/** Logs in; or links the wallet to who is logged in. @param {{address: string, sign: (message: string) => Promise<Uint8Array>}} wallet */
export async function showWallet({ address, sign }) {
    const { message } = await asOwner('POST', '/auth/wallet/challenge', { address });
    const signature = btoa(String.fromCharCode(...(await sign(message))));
    take(await asOwner('POST', '/auth/wallet/verify', { message, signature }));
}

/** @param {any} changed */
export const changed = (changed) => (user.value = { ...user.value, ...changed });
