// Polls over HTTP: what a close counts, what a pause stops, and what can be extended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, eventually } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, players, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 6);
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

const refused = (person, event, method, route, ...rest) => assertRefused(system, person, method, `/events/${event.id}${route}`, ...rest);

async function startGame(timer) {
    const event = await openEvent(system, god, deck, { max_players: 6 }), g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY', timer });
    return { event, g };
}

const ballot = (who, event, poll, candidate) => as(system, who, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: candidate });

test('a close counts the ballots of who is there, for who is there, and tells nothing of who was disabled', async () => {
    const { event, g } = await startGame(), [a, b, c, d, e, f] = players;
    const { poll } = await g('POST', '/polls', { kind: 'TRIAL' });
    for (const [voter, candidate] of [[a, b], [b, a], [c, b], [d, f], [e, b], [f, a]]) await ballot(voter, event, poll, candidate.id);
    await g('PATCH', `/players/${c.id}`, { status: 'SILENT_2_PHASES' });
    await g('PATCH', `/players/${f.id}`, { status: 'DEAD' }); // neither votes nor is voted for
    await g('PATCH', `/players/${e.id}`, { status: 'DISABLED' }); // after the ballot: it counts
    await refused(e, event, 'PUT', `/polls/${poll.id}/ballot`, { candidate_id: a.id }, 403, 'MAY_NOT_VOTE');
    await refused(d, event, 'PUT', `/polls/${poll.id}/ballot`, { candidate_id: f.id }, 422, 'NOT_A_CANDIDATE');
    const standing = (await as(system, d, event)('GET', `/polls/${poll.id}`)).poll.candidates;
    assert.deepEqual(new Set(standing), new Set([a, b, c, d, e].map((player) => player.id)));
    const closed = (await g('POST', `/polls/${poll.id}/close`)).poll;
    assert.deepEqual(Object.fromEntries(closed.counts.map((row) => [row.candidate_id, row.weight])), { [a.id]: 1, [b.id]: 2, [c.id]: 0, [d.id]: 0, [e.id]: 0 });
    assert.deepEqual(new Map(closed.ballots.map((row) => [row.voter_id, row.candidate_id])), new Map([[a.id, b.id], [b.id, a.id], [e.id, b.id]]));
    await g('PATCH', `/players/${b.id}`, { status: 'DEAD' });
    assert.deepEqual((await as(system, d, event)('GET', `/polls/${poll.id}`)).poll, { ...closed, my_candidate_id: f.id }, 'a result stays');
    const { entries } = await readLog(system, d, event);
    assert.equal(entries.filter((entry) => entry.kind === 'POLL_CHANGED').length, 2, 'for who was silenced and who died');
});

test('a voter is weighted once', async () => {
    const { event } = await startGame(), [a] = players;
    const weights = [{ user_id: a.id, weight: 2 }, { user_id: a.id, weight: 3 }];
    const problem = await refused(god, event, 'POST', '/polls', { kind: 'TRIAL', weights }, 400, 'INVALID_FIELD');
    assert.equal(problem.errors[0].field, 'weights');
});

test('a pause stops the poll with its phase; both can be extended', async () => {
    const { event, g } = await startGame('600s'), [a, b] = players;
    const { poll } = await g('POST', '/polls', { kind: 'NOMINATION', closes_in: '300s' });
    await ballot(a, event, poll, b.id);
    await g('PATCH', '/phases/current', { pause: true });
    const stopped = (await as(system, a, event)('GET', `/polls/${poll.id}`)).poll;
    assert.equal(stopped.state, 'OPEN');
    assert.equal(stopped.closes_at, undefined);
    assert.ok(parseFloat(stopped.remaining) > 290, stopped.remaining);
    await refused(a, event, 'PUT', `/polls/${poll.id}/ballot`, { candidate_id: 'NONE' }, 409, 'PHASE_PAUSED');
    const longer = (await g('PATCH', `/polls/${poll.id}`, { extend: '60s' })).poll;
    assert.equal(Math.round(parseFloat(longer.remaining) - parseFloat(stopped.remaining)), 60);
    await g('PATCH', '/phases/current', { pause: false });
    const going = (await as(system, a, event)('GET', `/polls/${poll.id}`)).poll;
    assert.equal(going.remaining, undefined);
    assert.ok(new Date(going.closes_at) - Date.now() > 300e3);
    await ballot(a, event, poll, 'NONE');
    await refused(a, event, 'PATCH', `/polls/${poll.id}`, { extend: '60s' }, 403, 'NOT_OWNER');
    await refused(god, event, 'PATCH', `/polls/${poll.id}`, {}, 400, 'INVALID_FIELD');
    await g('POST', `/polls/${poll.id}/close`);
    await refused(god, event, 'PATCH', `/polls/${poll.id}`, { extend: '60s' }, 409, 'POLL_CLOSED');
});

test('what has no timer is not extended, and a timer that was extended ends', async () => {
    const { event, g } = await startGame();
    await refused(god, event, 'PATCH', '/phases/current', { extend: '60s' }, 409, 'NO_TIMER');
    const untimed = (await g('POST', '/polls', { kind: 'NOMINATION' })).poll;
    await refused(god, event, 'PATCH', `/polls/${untimed.id}`, { extend: '60s' }, 409, 'NO_TIMER');
    await g('POST', `/polls/${untimed.id}/close`);
    const timed = (await g('POST', '/polls', { kind: 'NOMINATION', closes_in: '60s' })).poll;
    await g('PATCH', `/polls/${timed.id}`, { extend: '0.5s' });
    await g('POST', `/polls/${timed.id}/close`);
    const short = (await g('POST', '/polls', { kind: 'TRIAL', closes_in: '0.2s' })).poll;
    await eventually(async () => (await g('GET', `/polls/${short.id}`)).poll.state === 'CLOSED', 5000);
});
