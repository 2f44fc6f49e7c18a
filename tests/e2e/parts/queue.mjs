// The queue as tests use it: people who wait, are offered seats and answer.
import { call, eventually, ok } from './people.mjs';

export const QUEUE_PATIENCE_MS = 60000;

export const queueOf = (system, person) => ok(system, 'GET', '/queue', { token: person.token });
export const join = (system, person, body = {}) => ok(system, 'POST', '/queue', { token: person.token, body });
export const leaveQueue = (system, person) => call(system, 'DELETE', '/queue', { token: person.token });
export const answer = (system, person, offer, how) => call(system, 'POST', `/queue/offers/${offer.offer_id}/${how}`, { token: person.token, body: {} });

// Until the person's ticket is in this state: the ticket.
export async function untilState(system, person, state) {
    let ticket;
    await eventually(async () => {
        const reply = await call(system, 'GET', '/queue', { token: person.token });
        if (reply.status === 200) ticket = reply.body;
        return ticket?.state === state;
    }, QUEUE_PATIENCE_MS);
    return ticket;
}
export const untilAll = (system, people, state) => Promise.all(people.map((person) => untilState(system, person, state)));

// Accepts, also while a service is on its way back.
export async function accept(system, person) {
    const { offer } = await untilState(system, person, 'OFFERED');
    await eventually(async () => (await answer(system, person, offer, 'accept')).status === 200, QUEUE_PATIENCE_MS);
    return offer;
}
