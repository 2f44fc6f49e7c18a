// The host's tools for seats before and at the game.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkProof, verifyDeal } from './parts/fairness.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, readLog, seatAll } from './parts/games.mjs';
import { call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { readQr } from './parts/qr.mjs';
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
const eventOf = (event, person) => readEvent(system, person, event);
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

test('a user is seen by others with name, level and games', async () => {
    const [a, b] = [await signUp(system, 'seen_a'), await signUp(system, 'seen_b')];
    const users = (person, query) => call(system, 'GET', `/users${query}`, { token: person?.token });
    await eventually(async () => (await users(a, `/${b.id}`)).status === 200, 5000);
    assert.deepEqual((await users(a, `/${b.id}`)).body.user, { id: b.id, username: 'seen_b', level: 'PLAYER', games: 0 });
    const listed = await users(b, `?ids=${a.id},${b.id.toUpperCase()},${deck.id}`);
    assert.deepEqual(listed.body.users.map((user) => [user.id, user.username]), [[a.id, 'seen_a'], [b.id, 'seen_b']]);
    assert.deepEqual((await users(b, '?username=SEEN_A')).body.users.map((user) => user.id), [a.id]);
    assert.deepEqual((await users(b, '?username=nobody_here')).body.users, []);
    assert.deepEqual(refusal(await users(b, '')), [400, 'INVALID_FIELD', 'ids']);
    assert.deepEqual(refusal(await users(b, '?ids=x')), [400, 'INVALID_FIELD', 'ids']);
    assert.deepEqual(refusal(await users(b, `?ids=${Array(101).fill(a.id)}`)), [400, 'INVALID_FIELD', 'ids']);
    assert.equal((await users(b, `/${deck.id}`)).status, 404);
    assert.equal((await users(undefined, `/${a.id}`)).status, 401);
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
    assert.equal((await ask('DELETE', `/bans/${loud.id}`)).status, 204);
    assert.equal((await to(loud, event)('POST', '/reservations')).status, 201);
    assert.equal((await ask('POST', '/cancel')).status, 200);
    const { entries } = await readLog(system, null, event);
    assert.deepEqual(entries.filter((entry) => entry.kind === 'SEALED').length, 2, 'the ban and its end');
    assert.ok(entries.every((entry) => !/BANNED/.test(entry.kind) && !JSON.stringify(entry).includes('shouts')), 'a reason is the god\'s alone, also at the end');
});

test('the god sets the order of the seats', async () => {
    const event = await openEvent(system, god, deck), people = [];
    for (const name of ['order_a', 'order_b', 'order_c']) people.push(await signUp(system, name));
    await seatAll(system, event, people);
    const [a, b, c] = people.map((person) => person.id), order = (user_ids) => to(god, event)('PUT', '/seats', { user_ids });
    const ordered = await order([c, a, b]);
    assert.deepEqual([ordered.status, ordered.body.event.players.map((player) => player.user_id)], [200, [c, a, b]]);
    assert.deepEqual(refusal(await order([c, a])), [409, 'ROSTER_CHANGED', 'user_ids']);
    assert.deepEqual(refusal(await order([c, a, god.id])), [409, 'ROSTER_CHANGED', 'user_ids']);
    assert.deepEqual(refusal(await order([c, a, a])), [400, 'INVALID_FIELD', 'user_ids']);
    assert.deepEqual(refusal(await order(['x', a, b])).slice(0, 2), [400, 'INVALID_FIELD']);
    assert.deepEqual(refusal(await order([])), [400, 'INVALID_FIELD', 'user_ids']);
    assert.deepEqual(refusal(await to(people[0], event)('PUT', '/seats', { user_ids: [a, b, c] })), [403, 'LEVEL_TOO_LOW', undefined]);
    for (const step of ['/lock', '/reveal']) await as(system, god, event)('POST', step);
    assert.deepEqual(refusal(await order([a, b, c])), [409, 'EVENT_NOT_OPEN', undefined]);
    assert.deepEqual((await eventOf(event)).players.map((player) => player.seat), [1, 2, 3]);
});

test('who came and who saw their card is known to the god and the player', async () => {
    const event = await openEvent(system, god, deck), [a, b] = [await signUp(system, 'came_a'), await signUp(system, 'came_b')];
    await seatAll(system, event, [a, b]);
    const ask = to(god, event), attend = (person, attendance) => ask('PUT', `/players/${person.id}/attendance`, { attendance });
    const set = await attend(a, 'LATE');
    assert.deepEqual([set.status, set.body.player.attendance], [200, 'LATE']);
    const seenBy = async (person) => (await eventOf(event, person)).players.map((player) => [player.attendance, player.card_shown]);
    const none = ['ATTENDANCE_UNSPECIFIED', false];
    assert.deepEqual(await seenBy(a), [['LATE', false], none]);
    for (const person of [undefined, b]) assert.deepEqual(await seenBy(person), [none, none]);
    assert.deepEqual(refusal(await attend(a, 'EARLY')), [400, 'MALFORMED', 'attendance']);
    assert.deepEqual(refusal(await ask('PUT', `/players/${a.id}/attendance`, {})), [400, 'INVALID_FIELD', 'attendance']);
    assert.deepEqual(refusal(await attend(god, 'LATE')), [422, 'NOT_A_PLAYER', undefined]);
    assert.deepEqual(refusal(await to(a, event)('PUT', `/players/${a.id}/attendance`, { attendance: 'PRESENT' })), [403, 'NOT_OWNER', undefined]);

    assert.deepEqual(refusal(await ask('POST', `/players/${a.id}/shown`)), [409, 'EVENT_NOT_REVEALED', undefined]);
    for (const step of ['/lock', '/reveal']) await as(system, god, event)('POST', step);
    assert.equal((await ask('POST', `/players/${a.id}/shown`)).status, 204);
    assert.deepEqual(await seenBy(god), [['LATE', true], none]);
    assert.deepEqual(await seenBy(a), [['LATE', false], none]);
    await as(system, god, event)('POST', '/cancel');
    assert.deepEqual(await seenBy(b), [['LATE', true], none]);
});

test('an account takes over a guest\'s seat with the god\'s ticket, in the middle of a game', async () => {
    const event = await openEvent(system, god, deck), ask = to(god, event);
    const [claimer, rival, seated] = [await signUp(system, 'claims_a'), await signUp(system, 'claims_b'), await signUp(system, 'claims_c')];
    const guest = (await ok(system, 'POST', `/events/${event.id}/reservations`, { token: god.token, body: { guest_name: 'Anna' } })).reservation;
    await seatAll(system, event, [seated]);
    for (const step of ['/lock', '/reveal']) await as(system, god, event)('POST', step);
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });

    const made = await ask('POST', `/players/${guest.user_id}/claim`);
    assert.equal(made.status, 200);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    const { ticket, url, svg } = made.body;
    assert.equal(readQr(svg), url);
    assert.ok(url.endsWith(`/?event=${event.id}#claim=${ticket}`));
    assert.deepEqual(refusal(await to(seated, event)('POST', `/players/${guest.user_id}/claim`)), [403, 'LEVEL_TOO_LOW', undefined]);
    assert.deepEqual(refusal(await ask('POST', `/players/${seated.id}/claim`)), [409, 'NOT_A_GUEST', undefined]);

    const claim = (person, body) => to(person, event)('POST', '/claim', body);
    assert.equal((await claim(undefined, { ticket })).status, 401);
    assert.deepEqual(refusal(await claim(claimer, { ticket: 'x'.repeat(65) })), [400, 'INVALID_FIELD', 'ticket']);
    assert.deepEqual(refusal(await claim(claimer, {})), [400, 'INVALID_FIELD', 'ticket']);
    assert.deepEqual(refusal(await claim(claimer, { ticket: 7 })), [400, 'MALFORMED', 'ticket']);
    assert.deepEqual(refusal(await claim(claimer, { ticket: `${ticket.slice(0, -1)}${ticket.endsWith('_') ? '-' : '_'}` })), [404, 'NOT_FOUND', 'ticket']);
    assert.deepEqual(refusal(await claim(seated, { ticket })), [409, 'TAKES_PART', undefined]);
    assert.deepEqual(refusal(await claim(god, { ticket })), [422, 'GOD_MAY_NOT_PLAY', undefined]);

    const both = await Promise.all([claim(claimer, { ticket }), claim(rival, { ticket })]);
    assert.deepEqual(both.map((reply) => reply.status).sort(), [200, 409]);
    const [won, lost] = both[0].status === 200 ? [claimer, rival] : [rival, claimer];
    assert.deepEqual(refusal(await claim(lost, { ticket })), [409, 'SEAT_CLAIMED', undefined]);
    assert.equal((await claim(won, { ticket })).status, 200);

    const player = (await eventOf(event)).players[0];
    assert.deepEqual([player.user_id, player.account_id, player.guest], [guest.user_id, won.id, false]);
    await eventually(async () => (await eventOf(event)).players[0].username === (won === claimer ? 'claims_a' : 'claims_b'), 5000);
    const me = await ok(system, 'GET', `/events/${event.id}/me`, { token: won.token });
    const { deal } = await ok(system, 'GET', `/events/${event.id}/deal`);
    assert.ok(checkProof(Buffer.from(deal.root, 'base64'), guest.user_id, me.role.id, me.proof, 2));
    assert.equal((await ok(system, 'GET', `/events?player_id=${won.id}`)).events.length, 1);

    const { poll } = await as(system, god, event)('POST', '/polls', { kind: 'TRIAL' });
    await as(system, won, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: seated.id });
    await as(system, seated, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: won.id });
    const closed = (await as(system, god, event)('POST', `/polls/${poll.id}/close`)).poll;
    assert.deepEqual(closed.ballots.map((one) => [one.voter_id, one.candidate_id]), [[guest.user_id, seated.id], [seated.id, guest.user_id]]);

    await system.restart('events');
    await eventually(async () => (await to(undefined, event)('GET', '')).status === 200, 10000);
    assert.equal((await eventOf(event)).players[0].account_id, won.id);
    const side = (await eventOf(event, god)).players[0].side_id;
    await as(system, god, event)('POST', '/finish', { winning_side_ids: [side] });
    assert.equal(verifyDeal((await ok(system, 'GET', `/events/${event.id}/deal`)).deal).length, 2);
    assert.deepEqual(refusal(await claim(lost, { ticket })), [409, 'SEAT_CLAIMED', undefined]);
});

test('who took over a seat, or was given one, gives a nonce until the lock', async () => {
    const event = await openEvent(system, god, deck, { max_players: 2 }), ask = to(god, event);
    const [a, b] = [await signUp(system, 'nonce_a'), await signUp(system, 'nonce_b')], nonce = (n) => ({ nonce: Buffer.alloc(32, n).toString('base64') });
    const { reservation: { user_id: guest } } = (await ask('POST', '/reservations', { guest_name: 'Anna' })).body;
    const { ticket } = (await ask('POST', `/players/${guest}/claim`)).body;
    assert.equal((await to(a, event)('POST', '/claim', { ticket })).status, 200);
    await seatByName(event, 'nonce_b');
    for (const [person, n] of [[a, 1], [b, 2], [a, 3]]) assert.equal((await to(person, event)('POST', '/reservations', nonce(n))).status, 200);
    assert.equal((await ask('POST', '/lock')).status, 200);
    assert.equal((await ask('POST', '/reveal', {})).status, 200);
    assert.equal((await ask('POST', '/cancel')).status, 200);
    const { deal } = await ok(system, 'GET', `/events/${event.id}/deal`);
    assert.deepEqual(deal.opened.nonces, [{ user_id: guest, ...nonce(1) }, { user_id: b.id, ...nonce(2) }]);
    verifyDeal(deal);
});

test('a wrong claim is taken back, and who saw a card gets no other', async () => {
    const event = await openEvent(system, god, deck), ask = to(god, event), wrong = await signUp(system, 'claims_wrong');
    const guest = (await ok(system, 'POST', `/events/${event.id}/reservations`, { token: god.token, body: { guest_name: 'Berta' } })).reservation;
    const claim = async () => to(wrong, event)('POST', '/claim', { ticket: (await ask('POST', `/players/${guest.user_id}/claim`)).body.ticket });
    assert.equal((await claim()).status, 200);
    assert.equal((await ask('DELETE', `/players/${wrong.id}/claim`)).status, 204);
    assert.equal((await claim()).status, 200);
    for (const step of ['/lock', '/reveal']) await as(system, god, event)('POST', step);
    assert.deepEqual(refusal(await to(wrong, event)('DELETE', `/players/${guest.user_id}/claim`)), [403, 'LEVEL_TOO_LOW', undefined]);
    assert.equal((await ask('DELETE', `/players/${guest.user_id}/claim`)).status, 204);
    assert.deepEqual((await eventOf(event)).players.map((player) => [player.username, player.guest, player.account_id]), [['Berta', true, '']]);
    assert.deepEqual(refusal(await claim()), [422, 'GOD_MAY_NOT_PLAY', undefined]);
});
