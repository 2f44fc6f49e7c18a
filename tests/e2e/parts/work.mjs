// What people do while an operator changes keys: refresh, read, use an API key, open events. Any refusal is kept; a lost connection is
// none: the call is made again, as its 503 or 504 says.
import assert from 'node:assert/strict';
import { openBody } from './games.mjs';
import { call, eventually } from './people.mjs';

async function untilTaken(ask) {
    for (let i = 0; ; i++) {
        const reply = await ask();
        if (i === 20 || (reply.status !== 503 && reply.status !== 504)) return reply;
    }
}

// {more(rounds), end()}: end fails when anything was refused; the person's tokens are those of the last round then. Without an event
// they work with auth alone.
export function beginWork(system, { mira, god, deck, event, apiKey }) {
    const work = { refused: [], rounds: 0, stopped: false };
    const expect = async (what, ask, wanted) => {
        const { status: got, body } = await untilTaken(ask);
        if (got !== wanted) work.refused.push(`${what}: ${got} ${JSON.stringify(body)}`);
        return body;
    };
    const person = { ...mira };
    const play = async () => {
        await expect('log', () => call(system, 'GET', `/events/${event.id}/log`, { token: god.token }), 200);
        const { event: made } = await expect('open', () => call(system, 'POST', '/events', { token: god.token, body: openBody(god, deck, { max_players: 3 }) }), 201);
        await expect('cancel', () => call(system, 'POST', `/events/${made.id}/cancel`, { token: god.token }), 200);
    };
    const round = async () => {
        const session = await expect('refresh', () => call(system, 'POST', '/auth/refresh', { body: { refresh_token: person.refresh } }), 200);
        Object.assign(person, { token: session.access_token, refresh: session.refresh_token });
        await expect('me', () => call(system, 'GET', '/auth/me', { token: person.token }), 200);
        await expect('key', () => call(system, 'POST', '/auth/api-keys/token', { body: { key: apiKey } }), 200);
        if (event) await play();
        work.rounds++;
    };
    const run = async () => {
        while (!work.stopped) await round();
        Object.assign(mira, person);
    };
    const running = run().catch((error) => work.refused.push(error.message));
    work.more = async (count) => {
        const until = work.rounds + count;
        await eventually(() => work.refused.length > 0 || work.rounds >= until, 20000);
    };
    work.end = async () => {
        await work.more(3);
        work.stopped = true;
        await running;
        assert.deepEqual(work.refused, []);
    };
    return work;
}
