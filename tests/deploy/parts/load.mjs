// People who read and write without a pause, and what failed of it.
import crypto from 'node:crypto';
import { call } from '../../e2e/parts/people.mjs';

// {failed: how often, by what was answered, done, stop()}: each writes an event's title anew, or reads it.
export function startLoad(system, { god, event, players }) {
    const load = { failed: new Map(), done: 0 };
    let going = true;
    const ask = async (method, route, options) => {
        const reply = await call(system, method, route, options).catch((error) => ({ status: 0, body: error.cause?.message ?? error.message }));
        load.done++;
        if (reply.status >= 200 && reply.status < 300) return;
        const fault = `${method} ${route}: ${reply.status} ${reply.body?.code ?? reply.body}`;
        load.failed.set(fault, (load.failed.get(fault) ?? 0) + 1);
    };
    const forever = async (work) => {
        while (going) await work();
    };
    const titled = () => ask('PATCH', `/events/${event.id}`, { token: god.token, body: { title: `Evening ${load.done}` }, headers: { 'Idempotency-Key': crypto.randomUUID() } });
    const workers = [
        forever(titled),
        ...players.map(({ token }) => forever(() => ask('GET', `/events/${event.id}`, { token }))),
        forever(() => ask('GET', '/wallet', { token: players[0].token })),
        forever(() => ask('GET', '/auth/me', { token: players[1].token })),
        forever(() => ask('GET', '/ratings', { token: players[0].token })),
    ];
    load.stop = async () => {
        going = false;
        await Promise.all(workers);
        return load;
    };
    return load;
}
