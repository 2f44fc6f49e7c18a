// The largest game that is allowed, played to its last phase: every list of it is as long as it can be.
import { as, makeGod, seatAll, signUpMany } from './games.mjs';
import { call, eventually, ok, signUpAs } from './people.mjs';

const STATUSES = ['DISABLED_3_PHASES', 'DISABLED', 'SILENT_2_PHASES', 'SILENT_6_PHASES', 'CHAINED', 'ROLE_CHANGED', 'SIDE_CHANGED', 'PRO_KILLED_9_PHASES'];

// The seed has fewer cards than a game may have players.
async function open(system, god, seats) {
    const dev = await signUpAs(system, 'thedev', 'dev');
    const { sides } = await ok(system, 'GET', '/sides', { token: dev.token });
    await ok(system, 'POST', '/roles', { token: dev.token, body: { slug: 'crowd', name: 'Crowd', side_id: sides[0].id, copies: seats } });
    let roles, deck; // another process hears of the new role a little later
    await eventually(async () => {
        ({ roles } = await ok(system, 'GET', '/roles', { token: god.token }));
        return roles.some(({ slug }) => slug === 'crowd');
    }, 5000);
    let left = seats;
    const cards = roles.map((role) => ({ role_id: role.id, copies: Math.min(role.copies, left), left: (left -= Math.min(role.copies, left)) }));
    const body = { group_id: god.group.id, name: 'all', roles: cards.filter((card) => card.copies).map(({ role_id, copies }) => ({ role_id, copies })) };
    await eventually(async () => ({ deck } = (await call(system, 'POST', '/decks', { token: god.token, body })).body).deck, 5000);
    const starts = new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 19);
    return (await ok(system, 'POST', '/events', { token: god.token, body: { group_id: god.group.id, deck_id: deck.id, title: 'All of us', starts_at: { local: starts, zone: 'UTC' }, max_players: seats } })).event;
}

// {god, players, event}; its phases are closed.
export async function playLargest(system, { players: seats, phases }) {
    const god = await makeGod(system, 'thegod');
    const players = await signUpMany(system, 'guest', seats);
    const event = await open(system, god, seats);
    await seatAll(system, event, players);
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY' });
    for (const player of players) for (const status of STATUSES) await g('PATCH', `/players/${player.id}`, { status });
    for (let i = 1; i < phases; i++) await g('POST', '/phases', { kind: i % 2 ? 'NIGHT' : 'DAY' });
    await g('POST', '/phases/current/close');
    return { god, players, event };
}
