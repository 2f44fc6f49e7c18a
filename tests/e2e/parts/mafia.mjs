// An evening of four: two are mafia and meet, two are citizens; the test knows who.
import { as, makeGod, openEvent, seatAll, signUpMany } from './games.mjs';
import { ok } from './people.mjs';

const MAFIA = ['mafia-boss', 'nightmare'], CITIZENS = ['doctor', 'sheriff'];

// {roles, deck}: of the catalogue all, of the deck these four.
export async function makeDeckOfFour(system, god) {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const named = [...MAFIA, ...CITIZENS].map((slug) => roles.find((role) => role.slug === slug));
    const body = { group_id: god.group.id, name: 'small', roles: named.map((role) => ({ role_id: role.id, copies: 1 })) };
    return { roles, deck: (await ok(system, 'POST', '/decks', { token: god.token, body })).deck };
}

// {god, players, roles, deck}
export async function makeFour(system) {
    const god = await makeGod(system, 'thegod');
    const players = await signUpMany(system, 'player', 4);
    return { god, players, ...(await makeDeckOfFour(system, god)) };
}

// An event that has been revealed: {event, g, mafia, citizens, room(name), side, table, dead}; g calls it as its god, the others are names of rooms.
export async function dealFour(system, { god, players, roles, deck }, more = {}) {
    const event = await openEvent(system, god, deck, { max_players: 4, ...more });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const cards = (await g('GET', '')).event.players, sideOf = (player) => cards.find((card) => card.user_id === player.id).side_id;
    const mafiaSide = roles.find((role) => role.slug === MAFIA[0]).side_id;
    const [mafia, citizens] = [true, false].map((is) => players.filter((player) => (sideOf(player) === mafiaSide) === is));
    const room = (name) => `${event.id}.${name}`;
    return { event, g, mafia, citizens, room, side: room(`side.${mafiaSide}`), table: room('table'), dead: room('dead') };
}
