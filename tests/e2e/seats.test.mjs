// The host's tools for seats before and at the game.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, deck;
before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'seats_god');
    deck = await makeDeck(system, god);
});
after(() => system.stop());

const to = (person, event) => (method, path, body) => call(system, method, `/events/${event.id}${path}`, { token: person?.token, body });
const refusal = (reply) => [reply.status, reply.body.code, reply.body.errors?.[0]?.field];
const eventOf = async (event, person) => (await ok(system, 'GET', `/events/${event.id}`, { token: person?.token })).event;
// Auth's news of a new account comes by the bus.
const seatByName = async (event, username) => {
    let reply;
    await eventually(async () => (reply = await to(god, event)('POST', '/reservations', { username })).status !== 404, 5000);
    return reply;
};

test('who walks in is seated by their username, or waits', async () => {
    const event = await openEvent(system, god, deck, { max_players: 1, waitlist: true });
    const [a, b] = [await signUp(system, 'walks_a'), await signUp(system, 'walks_b')];
    const seated = await seatByName(event, 'WALKS_A');
    assert.deepEqual([seated.status, seated.body.reservation.user_id, seated.body.reservation.state], [201, a.id, 'CONFIRMED']);
    assert.equal((await seatByName(event, 'walks_a')).status, 200);
    const waits = await seatByName(event, 'walks_b');
    assert.deepEqual([waits.status, waits.body.reservation.user_id, waits.body.reservation.state], [201, b.id, 'WAITLISTED']);
    assert.deepEqual((await eventOf(event)).players.map((player) => [player.username, player.guest]), [['walks_a', false]]);

    const ask = to(god, event);
    assert.deepEqual(refusal(await ask('POST', '/reservations', { username: 'nobody_here' })), [404, 'NOT_FOUND', 'username']);
    assert.deepEqual(refusal(await ask('POST', '/reservations', { username: 'walks_b', guest_name: 'anna' })), [400, 'INVALID_FIELD', 'username']);
    assert.deepEqual(refusal(await ask('POST', '/reservations', { username: 'x'.repeat(33) })), [400, 'INVALID_FIELD', 'username']);
    assert.deepEqual(refusal(await ask('POST', '/reservations', { username: 7 })), [400, 'MALFORMED', 'username']);
    assert.deepEqual(refusal(await to(b, event)('POST', '/reservations', { username: 'walks_a' })), [403, 'NOT_OWNER', 'username']);
});

test('an event is handed over by the name of the new god', async () => {
    const event = await openEvent(system, god, deck), next = await signUpAs(system, 'seats_next', 'god');
    const handOver = (body) => to(god, event)('POST', '/hand-over', body);
    await eventually(async () => (await handOver({ username: 'seats_next' })).status === 200, 5000);
    assert.equal((await eventOf(event)).god_id, next.id);
    const back = (body) => to(next, event)('POST', '/hand-over', body);
    assert.deepEqual(refusal(await back({})), [400, 'INVALID_FIELD', 'god_id']);
    assert.deepEqual(refusal(await back({ username: 'walks_a' })), [409, 'NOT_A_GOD', 'username']);
    assert.deepEqual(refusal(await back({ username: 'nobody_here' })), [404, 'NOT_FOUND', 'username']);
    assert.equal((await back({ username: 'SEATS_GOD' })).status, 200);
});

test('who is banned loses the seat, gets none, and reads no reason', async () => {
    const event = await openEvent(system, god, deck, { max_players: 2 }), loud = await signUp(system, 'seats_loud');
    await ok(system, 'POST', `/events/${event.id}/reservations`, { token: loud.token });
    const ask = to(god, event), ban = (body) => ask('POST', '/bans', body);
    let made;
    await eventually(async () => (made = await ban({ username: 'Seats_Loud', reason: 'shouts\nat guests' })).status !== 404, 5000);
    assert.equal(made.status, 201);
    assert.deepEqual(made.body.ban.user, { id: loud.id, username: 'seats_loud' });
    assert.equal((await eventOf(event)).seats_taken, 0);
    assert.deepEqual(refusal(await to(loud, event)('POST', '/reservations')), [403, 'BANNED', undefined]);
    assert.equal((await ban({ user_id: loud.id, reason: 'shouts\nat guests' })).status, 200);
    assert.deepEqual((await ask('GET', '/bans')).body.bans.map((one) => [one.user.username, one.reason]), [['seats_loud', 'shouts\nat guests']]);

    assert.deepEqual(refusal(await to(loud, event)('GET', '/bans')), [403, 'LEVEL_TOO_LOW', undefined]);
    const stranger = await signUpAs(system, 'seats_stranger', 'god');
    assert.deepEqual(refusal(await to(stranger, event)('GET', '/bans')), [403, 'NOT_OWNER', undefined]);
    assert.equal((await to(undefined, event)('GET', '/bans')).status, 401);
    assert.deepEqual(refusal(await ban({})), [400, 'INVALID_FIELD', 'user_id']);
    assert.deepEqual(refusal(await ban({ user_id: event.id })), [404, 'NOT_FOUND', 'user_id']);
    assert.deepEqual(refusal(await ban({ user_id: god.id })), [400, 'INVALID_FIELD', 'user_id']);
    assert.deepEqual(refusal(await ban({ user_id: loud.id, reason: 'é'.repeat(257) })), [400, 'INVALID_FIELD', 'reason']);
    assert.deepEqual(refusal(await ban({ user_id: loud.id, reason: 'a\u0001b' })), [400, 'INVALID_FIELD', 'reason']);
    assert.deepEqual(refusal(await ban({ user_id: [] })), [400, 'MALFORMED', 'user_id']);

    await system.restart('events');
    await eventually(async () => (await to(undefined, event)('GET', '')).status === 200, 10000);
    assert.deepEqual(refusal(await to(loud, event)('POST', '/reservations')), [403, 'BANNED', undefined]);
    assert.equal((await ask('DELETE', `/bans/${loud.id}`)).status, 204);
    assert.deepEqual(refusal(await ask('DELETE', `/bans/${loud.id}`)), [404, 'NOT_FOUND', undefined]);
    assert.equal((await to(loud, event)('POST', '/reservations')).status, 201);
});
