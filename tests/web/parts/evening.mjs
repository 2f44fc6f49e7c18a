// Games that are played by the API, for screens that show them.
import assert from 'node:assert/strict';
import { makeWallet } from '../../e2e/parts/auth_people.mjs';
import { as, openEvent, seatAll } from '../../e2e/parts/games.mjs';
import { prove, signUp } from '../../e2e/parts/people.mjs';

// A game of two phases gives cards and coins to who has a wallet.
export const REWARDS = { CONSE_REWARD_PLAYERS: '3', CONSE_REWARD_PHASES: '2', CONSE_REWARD_MINUTES: '0', CONSE_REWARD_GAMES: '1000', CONSE_REWARD_GOD_GAMES: '1000' };

export async function withWallet(system, name) {
    const person = await signUp(system, name);
    await prove(system, person.token);
    assert.equal((await makeWallet().prove(system, person.token)).status, 200);
    return person;
}

// {event, lead, players}: the cards are dealt, and the first night has begun.
export async function dealEvening(system, table, players, more = {}) {
    const event = await openEvent(system, table.god, table.deck, { title: 'The last lantern', max_players: 12, ...more });
    await seatAll(system, event, players);
    const lead = as(system, table.god, event);
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    await lead('POST', '/phases', { kind: 'NIGHT', timer: '600s' });
    return { event, lead, players };
}

export const leave = ({ lead }, player, status = 'DEAD') => lead('PATCH', `/players/${player.id}`, { status });

// The night ends, and day begins.
export async function toDay({ lead }) {
    await lead('POST', '/phases/current/close');
    await lead('POST', '/phases', { kind: 'DAY', timer: '600s' });
}

// A trial in which all of `voters` vote for one player.
export async function tryPlayer(system, { event, lead }, voters, accused) {
    const { poll } = await lead('POST', '/polls', { kind: 'TRIAL' });
    for (const voter of voters) await as(system, voter, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: accused.id });
    await lead('POST', `/polls/${poll.id}/close`);
}

// Two phases with a death, a trial and an end that is won by the side of the first player.
export async function playEvening(system, table, players, more) {
    const game = await dealEvening(system, table, players, more);
    await leave(game, players[1]);
    await toDay(game);
    await tryPlayer(system, game, [players[0], players[2]], players[3]);
    await leave(game, players[3], 'KICKED');
    const { event } = await game.lead('GET', '');
    for (const player of event.players) await game.lead('PUT', `/players/${player.user_id}/attendance`, { attendance: 'PRESENT' });
    await game.lead('POST', '/finish', { winning_side_ids: [event.players[0].side_id] });
    return { ...game, event };
}
