// Ratings from finished games: the same number everywhere, each change explained, and nothing counted twice, whatever is killed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeGod, openEvent, seatAll } from './parts/games.mjs';
import { call, eventually, leave, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 4;
let system, god, deck, sides, people;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    deck = await makeTwoSided();
    people = [];
    for (const name of ['ann', 'bob', 'eve']) people.push(await signUp(system, name));
});
after(() => system?.stop());

// As many cards of one side as of another.
async function makeTwoSided() {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const [first, second] = [...new Set(roles.map(({ side_id: id }) => id))].map((side) => roles.filter(({ side_id: id }) => id === side).slice(0, PLAYERS / 2)).filter((own) => own.length === PLAYERS / 2);
    sides = [first, second].map(([{ side_id: id }]) => id);
    const body = { group_id: god.group.id, name: 'two sides', roles: [...first, ...second].map(({ id }) => ({ role_id: id, copies: 1 })) };
    return (await ok(system, 'POST', '/decks', { token: god.token, body })).deck;
}

const ratingOf = (person) => ok(system, 'GET', `/ratings/${person.id}`, { token: god.token });
const listed = () => ok(system, 'GET', '/ratings?page_size=100', { token: god.token });

// A game of these people and a guest that is over; the side of the first player won: {event, players}.
async function play(guest = 'guest') {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    const g = as(system, god, event);
    await seatAll(system, event, people);
    await g('POST', '/reservations', { guest_name: guest });
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return { event, players };
}
const historyOf = async (person, event) => (await ratingOf(person)).history.filter(({ event_id: id }) => id === event.id);
const untilCounted = (event, who = people) => eventually(async () => (await Promise.all(who.map((person) => historyOf(person, event)))).every((own) => own.length === 1), PATIENCE_MS);

test('who has not played has the rating of a newcomer', async () => {
    const { rating, history } = await ratingOf(people[0]);
    assert.deepEqual([rating.mu, rating.provisional, rating.games, history], [25, true, 0, []]);
    assert.equal((await call(system, 'GET', '/ratings/01890000-0000-7000-8000-00000000dead', { token: god.token })).body.code, 'NOT_FOUND');
    assert.equal((await call(system, 'GET', '/ratings')).status, 401);
});

test('a game that is over is counted, and each change follows from what is told of it', async () => {
    const { event, players } = await play();
    await untilCounted(event);
    for (const person of people) {
        const { rating, history } = await ratingOf(person);
        const [{ before: was, after: is, change, why }] = history;
        const own = players.find(({ user_id: id }) => id === person.id);
        assert.equal(why.side_id, own.side_id);
        assert.equal(why.result, own.side_id === players[0].side_id ? 1 : 0);
        const expected = ((was.sigma ** 2 + rating.formula.tau ** 2) / why.scale) * (why.result - why.expected);
        assert.ok(Math.abs(change - expected) < 1e-9);
        assert.ok(Math.abs(is.rating - (is.mu - rating.formula.z * is.sigma)) < 1e-9);
        if (why.result) assert.ok(is.rating > was.rating);
        assert.equal(rating.mu, is.mu);
    }
});

test('the list shows the number of the profile', async () => {
    const { ratings } = await listed();
    assert.equal(ratings.length, people.length);
    for (const person of people) {
        const { rating } = await ratingOf(person);
        assert.deepEqual(ratings.find(({ user_id: id }) => id === person.id), rating);
        assert.equal(ratings[rating.place - 1].user_id, person.id);
    }
});

test('so do the table, for who leads it, and the queue', async () => {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    await seatAll(system, event, people);
    const { seated } = await ok(system, 'GET', `/events/${event.id}/forecast`, { token: god.token });
    assert.equal(seated.length, people.length);
    for (const person of people) {
        const { mu, sigma, rating } = (await ratingOf(person)).rating;
        assert.deepEqual(seated.find(({ user_id: id }) => id === person.id).rating, { mu, sigma, rating });
        const ticket = await ok(system, 'POST', '/queue', { token: person.token, body: { gods: [person.id] } });
        assert.deepEqual(ticket.rating, { mu, sigma, rating });
        assert.equal((await call(system, 'DELETE', '/queue', { token: person.token })).status, 204);
    }
    await as(system, god, event)('POST', '/cancel', {});
});

test('a forecast says who is likely to win, and who might change places', async () => {
    const body = { sides: [{ side_id: sides[0], user_ids: [people[0].id, people[1].id] }, { side_id: sides[1], user_ids: [people[2].id], others: 1 }] };
    const forecast = await ok(system, 'POST', `/decks/${deck.id}/forecast`, { token: god.token, body });
    assert.ok(Math.abs(forecast.sides[0].chance + forecast.sides[1].chance - 1) < 1e-9);
    for (const side of forecast.sides) assert.ok(side.low < side.chance && side.chance < side.high && side.games > 0);
    for (const { chances_after: chances } of forecast.swaps) assert.ok(Math.abs(chances[0] + chances[1] - 1) < 1e-9);
    const refused = await call(system, 'POST', `/decks/${deck.id}/forecast`, { token: god.token, body: { sides: body.sides.slice(1) } });
    assert.equal(refused.body.code, 'INVALID_FIELD');
});

test('nothing counts twice and nothing is lost, whatever is killed', async () => {
    const events = [];
    for (let i = 0; i < 4; i++) {
        events.push((await play()).event);
        if (i % 2) await system.killAll('events');
        await system.killAll('ai');
        if (i % 2) await system.startAll('events');
        await system.startAll('ai');
        await eventually(async () => (await call(system, 'GET', `/events/${events[i].id}`)).status === 200, PATIENCE_MS);
        await eventually(async () => (await call(system, 'GET', '/ratings', { token: god.token })).status === 200, PATIENCE_MS);
    }
    for (const event of events) await untilCounted(event);
    const { rating } = await ratingOf(people[0]);
    const { changes: history } = await ok(system, 'GET', `/ratings/${people[0].id}/history?page_size=100`, { token: god.token });
    assert.equal(rating.games, history.length);
    assert.equal(new Set(history.map(({ event_id: id }) => id)).size, history.length);
    const { bins, forecasts } = await ok(system, 'GET', '/ai/calibration', { token: god.token });
    assert.equal(bins.length, 10);
    assert.ok(Number(forecasts) >= 2 * rating.games);
});

test('who deletes their account is in no list', async () => {
    const leaver = people.pop();
    await leave(system, leaver, god);
    await eventually(async () => (await call(system, 'GET', `/ratings/${leaver.id}`, { token: god.token })).status === 404, PATIENCE_MS);
    const { ratings } = await listed();
    assert.deepEqual(ratings.filter(({ user_id: id }) => id === leaver.id), []);
    assert.equal(ratings.length, people.length);
});
