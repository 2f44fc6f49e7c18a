// Calls a running system as the demo's people. CONSE_URL: the gateway, else as CONSE_LISTEN says, here or in ./.env. The god is
// promoted with consectl, which finds the system by the same settings.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Only what this program needs; consectl says what is wrong with the file.
const settings = fs.existsSync('.env') ? fs.readFileSync('.env', 'utf8') : '';
export const setting = (name) => process.env[name] ?? settings.match(new RegExp(`^\\s*(?:export\\s+)?${name}=["']?([^"'\\s]+)`, 'm'))?.[1];
const listen = (setting('CONSE_LISTEN') ?? '127.0.0.1:7438').replace(/^(0\.0\.0\.0)?:/, '127.0.0.1:').replace('[::]', '[::1]');
const program = process.env.CONSECTL ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../../build/bin/consectl');

export const url = setting('CONSE_URL') ?? `${setting('CONSE_TLS_CERT') ? 'https' : 'http'}://${listen}`;
export const tag = crypto.randomBytes(3).toString('hex'); // of this evening, so that names are new
export const consectl = (...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }).toString().trim();

// One key for all tries of a call, so that a repeated one does nothing twice.
export async function call(method, route, { token, body, key = crypto.randomUUID() } = {}, tries = 30) {
    const response = await fetch(url + route, {
        method,
        headers: {
            ...(method === 'GET' ? {} : { 'Idempotency-Key': key }),
            ...(body ? { 'Content-Type': 'application/json' } : {}),
            ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const reply = text && /json/.test(response.headers.get('content-type')) ? JSON.parse(text) : text;
    if (response.status === 503 && tries > 1)
        return new Promise((resolve) => setTimeout(resolve, 1000)).then(() => call(method, route, { token, body, key }, tries - 1));
    if (!response.ok) throw Object.assign(new Error(`${method} ${route}: ${response.status} ${reply.code}: ${reply.detail}`), { code: reply.code });
    return reply;
}

// Where a read of this moment is in the stream that goes on from it.
export async function cursorOf(route, token) {
    const reply = await fetch(url + route, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    return reply.headers.get('conse-cursor');
}

export async function person(name) {
    const credentials = { username: `${name}-${tag}`, password: `${name} has a long password` };
    await call('POST', '/auth/signup', { body: credentials });
    return enter({ name, username: credentials.username, credentials });
}

async function enter(someone) {
    const session = await call('POST', '/auth/login', { body: someone.credentials });
    return Object.assign(someone, { id: session.user.id, token: session.access_token });
}

export async function promote(someone, level) {
    consectl('user', 'level', someone.username, level);
    return enter(someone);
}

// What a call is refused with; it must be refused.
export async function refusal(...args) {
    try {
        await call(...args);
    } catch (error) {
        if (error.code) return error.code;
        throw error;
    }
    throw new Error(`${args[0]} ${args[1]} was accepted`);
}

// What `ask` answers once that is true; one service hears of what another did a moment later. A refusal by this code is as a no.
export async function until(ask, refused, within_ms = 60000) {
    for (const deadline = Date.now() + within_ms; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
        const answer = await ask().catch((error) => {
            if (!error.code || error.code !== refused) throw error;
        });
        if (answer) return answer;
        if (Date.now() > deadline) throw new Error(`it took too long: ${ask}`);
    }
}
