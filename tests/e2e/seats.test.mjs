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
