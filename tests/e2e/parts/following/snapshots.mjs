// A snapshot is what a read shows at its cursor, to the same viewer. The reads are others than those that a stream goes on from.
import assert from 'node:assert/strict';
import { call, eventually } from '../people.mjs';
import { typesOf } from './transports.mjs';

export const compared = new Set(); // what was, by topic and transport
const PATIENCE_MS = 60000;

// What is the caller's own in a read is apart in a stream, or not there: a message's client_id is its author's.
const shared = ({ my_vote, my_reservation, ...event }) => event;
const sharedRoom = ({ cursor, unread, may_write, why_not, muted_until, ...room }) => room;
const sharedMessage = (message) => ({ ...message, client_id: '' });

async function readRoom(get, id) {
    const { headers, body } = await get(`/rooms/${id}/messages?page_size=50`), { rooms } = (await get(`/rooms?event_id=${id.split('.')[0]}`)).body, room = rooms.find((each) => each.id === id);
    const { may_write, why_not, cursor, unread } = room;
    return { headers, state: { room: sharedRoom(room), messages: body.messages.map(sharedMessage), more_before: body.more_before }, mine: { may_write, why_not, cursor, unread } };
}

const READS = {
    event: async (get, id) => { const { headers, body: { event } } = await get(`/events/${id}`); return { headers, state: shared(event), mine: { vote: event.my_vote, ...(event.my_reservation ? { reservation: event.my_reservation } : {}) } }; },
    me: async (get) => { const { headers, body } = await get('/notifications'); return { headers, state: { count: body.notifications[0]?.index ?? '0' } }; },
    room: readRoom,
    topic: async (get, id) => {
        const { headers } = await get(`/topics/${id}/log`), { name, pattern, stopped, head } = (await get('/topics')).body.topics.find((each) => each.name === id);
        return { headers, state: { name, pattern, stopped, count: head } };
    },
    market: async (get, id) => { const { headers, body } = await get(`/market/books/${id}?depth=200`); return { headers, state: body }; },
    presence: async (get, id) => { const { headers, body } = await get(`/events/${id}/presence`); return { headers, state: body.presence }; },
    orders: async (get) => { const { body } = await get('/market/orders?state=OPEN&page_size=100'); return { state: { orders: body.orders.toReversed() } }; },
};

// Of a snapshot that was told since anybody did anything; of who is there each gateway has its own. A read of one that was told before, while
// others act, or of what is seen late, may be ahead.
export async function compareSnapshot({ game, viewer, transport, at }, { of, cursor, state, mine, typed, told_ms }) {
    const [kind, id] = of.split(':'), { world } = game, [type, typeOfMine] = typesOf(of);
    const get = (route) => call(kind === 'presence' ? world.gateways[at] : world.second, 'GET', route, { token: game.people[viewer]?.token });
    let read;
    const there = () => read.headers?.get('conse-cursor') ?? cursor;
    await eventually(async () => {
        read = await READS[kind](get, id).catch(() => null); // what is away comes back
        return read && Number(there().split('.')[1]) >= Number(cursor.split('.')[1]);
    }, PATIENCE_MS);
    if (there() !== cursor && (told_ms <= game.acted_ms || game.meanwhile.length || game.terms.spectator_delay)) return;
    assert.equal(there(), cursor, `${transport}: the read of ${of} is elsewhere`);
    const wanted = typed ? world.faces.tell(read.state, type) : read.state;
    assert.deepEqual(alone(kind, state, typed), alone(kind, wanted, typed), `${transport}: a snapshot of ${of}`);
    if (mine) assert.deepEqual(mine, typed ? world.faces.tell(read.mine, typeOfMine) : read.mine, `${transport}: what is theirs in ${of}`);
    compared.add(`${kind} ${transport}`);
}

// Without what only one of them has.
function alone(kind, state, typed) {
    if (kind === 'event') { const { my_vote, my_reservation, myVote, myReservation, ...event } = state; return event; }
    if (kind !== 'room') return state;
    const { room: { cursor, unread, mayWrite, may_write, whyNot, why_not, mutedUntil, muted_until, ...room }, messages, ...more } = state;
    return { room, messages: messages.map((message) => ({ ...message, [typed ? 'clientId' : 'client_id']: '' })), ...more };
}
