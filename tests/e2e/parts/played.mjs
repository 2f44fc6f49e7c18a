// Games as far as they may be: locked, dealt, in a day, in a night, done, called off; each with whoever may look at it.
import { as, openEvent, seatAll } from './games.mjs';
import { call, ok } from './people.mjs';

const STAGES = ['LOCKED', 'REVEALED', 'DAY', 'NIGHT', 'DONE', 'CANCELLED'];

// So many seats are taken, somebody waits, and somebody is not let in.
async function seat({ system, god, deck }, { players, waiting, banned }, terms) {
    const event = await openEvent(system, god, deck, { max_players: players.length, waitlist: true, ...terms });
    await seatAll(system, event, [...players, waiting]);
    await as(system, god, event)('POST', '/bans', { user_id: banned.id, reason: 'throws cards' });
    return event;
}

async function playDay(system, event, g, [one, two, three, four]) {
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', `/players/${one.id}/fouls`);
    await g('POST', `/players/${two.id}/notes`, { audience: 'PLAYER', text: 'to you' });
    await g('POST', '/notes', { audience: 'TABLE', text: 'to all' });
    for (const player of [one, two, three]) await call(system, 'POST', `/events/${event.id}/players/${player.id}/abilities`, { token: g.token, body: { target_id: four.id } });
    const { poll } = await g('POST', '/polls', { kind: 'NOMINATION' });
    for (const [player, candidate] of [[one, two.id], [two, 'NONE'], [three, two.id]]) await as(system, player, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: candidate });
    await g('POST', `/polls/${poll.id}/close`);
    await g('PATCH', `/players/${three.id}`, { status: 'SILENT_2_PHASES' });
    await g('PATCH', `/players/${four.id}`, { status: 'DEAD' });
    await g('POST', `/players/${four.id}/last-move`);
    await g('POST', '/polls', { kind: 'TRIAL', secret: true, candidates: [two.id] });
    await ok(system, 'POST', `/rooms/${event.id}.table/messages`, { token: one.token, body: { client_id: `client-of-${event.id.slice(-12)}`, text: 'so it goes' } });
}

async function playTo(stage, of, event, players) {
    const { system, god } = of, g = Object.assign(as(system, god, event), { token: god.token });
    await g('POST', '/lock');
    if (stage === 'LOCKED') return;
    await g('POST', '/reveal', {});
    if (stage === 'REVEALED') return;
    await playDay(system, event, g, players);
    if (stage === 'DAY') return;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PUT', `/players/${players[0].id}/score`, { score: 5 });
    if (stage === 'CANCELLED') await g('POST', '/cancel');
    if (stage !== 'DONE') return;
    const { side_id } = (await g('GET', '')).event.players[0];
    await g('POST', '/finish', { winning_side_ids: [side_id] });
}

// [{event, stage}]: two games of each stage, one with terms that change what is seen.
export async function playGames(of, people) {
    const games = [];
    for (const stage of STAGES)
        for (const terms of [{}, { reveal_on_death: 'ROLE', spectator_delay: '3600s', secret_ballot: true }]) {
            const event = await seat(of, people, terms);
            await playTo(stage, of, event, people.players);
            games.push({ event, stage });
        }
    return games;
}
