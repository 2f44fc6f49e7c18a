// What the tests of the game share: gods with a group and a deck, events with players in their seats.
import { call, ok, signUp, signUpAs, untilTaken } from './people.mjs';

export const LIMITS = { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000' };

// While a service that was started just now is not heard yet, what gods do is refused by 503.
export async function makeGod(system, name) {
    const god = await signUpAs(system, name, 'god');
    const reply = await untilTaken(() => call(system, 'POST', '/groups', { token: god.token, body: { name: `${name}'s table` } }));
    if (reply.status !== 201) throw new Error(`group of ${name}: ${reply.status} ${JSON.stringify(reply.body)}`);
    god.group = reply.body.group;
    return god;
}

export async function signUpMany(system, prefix, count) {
    const people = [];
    for (let i = 0; i < count; i += 8)
        people.push(...await Promise.all(Array.from({ length: Math.min(8, count - i) }, (_, j) => signUp(system, `${prefix}${i + j}`))));
    return people;
}

// A deck of so many cards, from the catalogue's roles in their order.
export async function makeDeck(system, god, { roles = 6, lastMoves = 3 } = {}) {
    const catalogue = (await ok(system, 'GET', '/roles', { token: god.token })).roles;
    const moves = (await ok(system, 'GET', '/last-moves', { token: god.token })).last_moves;
    const body = {
        group_id: god.group.id,
        name: 'evening',
        roles: catalogue.slice(0, roles).map((role) => ({ role_id: role.id, copies: 1 })),
        last_moves: moves.slice(0, lastMoves).map((move) => ({ last_move_id: move.id, copies: 1 })),
    };
    return (await ok(system, 'POST', '/decks', { token: god.token, body })).deck;
}

const soon = () => new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 19);

export const openBody = (god, deck, more = {}) =>
    ({ group_id: god.group.id, deck_id: deck.id, title: 'Friday night', starts_at: { local: soon(), zone: 'UTC' }, max_players: 10, ...more });

export const openEvent = async (system, god, deck, more) =>
    (await ok(system, 'POST', '/events', { token: god.token, body: openBody(god, deck, more) })).event;

// The event as the person sees it; nobody in particular when there is no person.
export const readEvent = async (system, person, event) => (await ok(system, 'GET', `/events/${event.id}`, { token: person?.token })).event;

export const as = (system, person, event) => (method, route, body) => ok(system, method, `/events/${event.id}${route}`, { token: person.token, body });

export async function seatAll(system, event, players, nonce = () => undefined) {
    for (const player of players) await as(system, player, event)('POST', '/reservations', { nonce: nonce(player) });
}

export async function readLog(system, person, event) {
    const entries = [];
    for (let from = '1'; ; ) {
        const page = await ok(system, 'GET', `/events/${event.id}/log?from=${from}&limit=500`, { token: person?.token });
        entries.push(...page.entries);
        if (page.entries.length === 0) return { ...page, entries };
        from = page.next;
    }
}

// The closed phases as this person sees them, from all pages; nobody in particular when there is no person.
export async function readPhases(system, person, event, pageSize = 0) {
    const phases = [];
    for (let token = ''; ;) {
        const page = await ok(system, 'GET', `/events/${event.id}/phases?page_size=${pageSize}&page_token=${token}`, { token: person?.token });
        phases.push(...page.phases);
        token = page.next_page_token;
        if (!token) return phases;
    }
}
