// People who read and write as often as one may, and what failed of it.
import crypto from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { call, PASSWORD } from '../../e2e/parts/people.mjs';

const BETWEEN_MS = 50; // the begins of one's requests; three at once stay within CONSE_LIMIT_DEFAULT
const RENEWED_MS = 300000; // before an access token ends

// {failed: how often, by what was answered, done, stop()}: each writes an event's title anew, or reads it, and logs in again in time.
export function startLoad(system, { god, event, players }) {
    const load = { failed: new Map(), done: 0 };
    let going = true;
    const ask = async (method, route, options) => {
        const reply = await call(system, method, route, options).catch((error) => ({ status: 0, body: error.cause?.message ?? error.message }));
        load.done++;
        if (reply.status >= 200 && reply.status < 300) return reply.body;
        const fault = `${method} ${route}: ${reply.status} ${reply.body?.code ?? reply.body}`;
        load.failed.set(fault, (load.failed.get(fault) ?? 0) + 1);
    };
    const forever = async (work) => {
        for (let due = Date.now(); going; due = Math.max(due + BETWEEN_MS, Date.now())) {
            await delay(due - Date.now());
            await work();
        }
    };
    const renew = async (person) => {
        const body = { username: person.user.username, password: PASSWORD };
        person.token = (await ask('POST', '/auth/login', { body }))?.access_token ?? person.token;
        person.renewed = Date.now();
    };
    const renewed = (person) => () => (Date.now() - (person.renewed ?? 0) > RENEWED_MS ? renew(person) : undefined);
    const titled = () => ask('PATCH', `/events/${event.id}`, { token: god.token, body: { title: `Evening ${load.done}` }, headers: { 'Idempotency-Key': crypto.randomUUID() } });
    const reads = (person, route) => forever(() => ask('GET', route, { token: person.token }));
    const workers = [
        forever(titled),
        ...players.map((player) => reads(player, `/events/${event.id}`)),
        reads(players[0], '/wallet'),
        reads(players[1], '/auth/me'),
        reads(players[0], '/ratings'),
        ...[god, ...players].map((person) => forever(renewed(person))),
    ];
    load.stop = async () => {
        going = false;
        await Promise.all(workers);
        return load;
    };
    return load;
}
