// Two evenings over HTTP whose cards differ: who may know none of them gets replies of the same form: status, headers, length,
// order and kind of everything, refusals included. (services/events/handlers/evening_test.c compares the bytes.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, otherGod, players, stranger, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 6);
    stranger = players.pop();
    deck = await makeDeck(system, god, { roles: 20 });
});

after(() => system?.stop());

// A game with the same commands; what fails for want of abilities fails.
async function play(local) {
    const event = await openEvent(system, god, deck, { max_players: 4, waitlist: true, starts_at: { local, zone: 'Asia/Tehran' } });
    const g = as(system, god, event), [a, b, c] = players, polls = [];
    const poll = async (body) => polls.push((await g('POST', '/polls', body)).poll.id);
    const cast = (who, candidate) => as(system, who, event)('PUT', `/polls/${polls.at(-1)}/ballot`, { candidate_id: candidate });
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/reveal', { redeal: { reason: 'a card fell' } });
    await g('POST', '/phases', { kind: 'DAY' });
    for (const body of [{ note: 'now' }, { target_id: b.id }, {}])
        await call(system, 'POST', `/events/${event.id}/players/${a.id}/abilities`, { token: god.token, body });
    await g('POST', `/players/${b.id}/notes`, { text: 'to your side', audience: 'SIDE' });
    await g('POST', `/players/${a.id}/chains`, { to_id: b.id });
    await g('PATCH', `/players/${a.id}`, { status: 'PRO_KILLED_9_PHASES' });
    await poll({ kind: 'NOMINATION' });
    await cast(a, b.id);
    await cast(b, 'NONE');
    await g('POST', `/polls/${polls[0]}/close`);
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PUT', `/players/${a.id}/score`, { score: 9 });
    await g('PATCH', `/players/${c.id}`, { status: 'DEAD' });
    await g('POST', `/players/${c.id}/last-move`);
    await g('POST', '/phases', { kind: 'DAY' });
    await poll({ kind: 'TRIAL', secret: true, candidates: [a.id] });
    await cast(b, a.id);
    return { event, polls };
}

const HASHES = /"(commitments|further_root|root|secret|salt|hash|signature|payload|siblings|nonce_hashes)":("[^"]*"|\[[^\]]*\])/g;
const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g;

// Names for what is another in each game; of hashes and packed entries the length.
const formOf = (text, { event, polls }) =>
    [[event.id, 'EVENT'], [event.join_code, 'CODE'], ...polls.map((id, i) => [id, `POLL${i}`])].reduce((form, [id, name]) => form.replaceAll(id, name), text)
        .replace(HASHES, (_, name, value) => `"${name}":${value.length}`).replace(TIMES, 'TIME')
        .replace(/"cursor":"[a-z2-7]{8}\./g, '"cursor":"EPOCH.');

async function seen(game, person) {
    const { event, polls } = game, token = person?.token, of = (route) => `/events/${event.id}${route}`;
    const reads = ['', '/deal', '/deck', '/phases', '/me', '/log', '/log?from=3&limit=4', '/image', '/polls', '/notes', '/uses', '/waitlist', ...polls.map((id) => `/polls/${id}`)].map((route) => ['GET', of(route)]);
    const tries = ['/lock', '/unlock', '/cancel', '/phases/current/close', `/players/${players[0].id}/abilities`, `/players/${players[0].id}/last-move`, `/polls/${polls[1]}/close`].map((route) => ['POST', of(route), {}]);
    tries.push(['PUT', of(`/polls/${polls[1]}/ballot`), { candidate_id: players[0].id }], ['PATCH', of(`/players/${players[0].id}`), { status: 'DEAD' }], ['DELETE', of(`/reservations/${players[0].id}`)]);
    const replies = [];
    for (const [method, route, body] of [...reads, ...tries]) {
        const reply = await call(system, method, route, { token, body });
        const text = typeof reply.body === 'string' ? reply.body : JSON.stringify({ ...reply.body, trace_id: undefined });
        const headers = [...reply.headers.keys()].filter((name) => !/^ratelimit/.test(name)).sort();
        replies.push([method, formOf(route, game), reply.status, headers, formOf(text, game)]);
    }
    return replies;
}

test('replies have the same form whatever the cards are', async () => {
    const one = await play('2027-03-01T20:00:00'), two = await play('2027-03-01T20:00:00');
    const cards = async ({ event }) => (await as(system, god, event)('GET', '')).event.players.map((player) => player.role_id).join();
    assert.notEqual(await cards(one), await cards(two), 'they differ');
    for (const person of [undefined, stranger, otherGod, players[4]]) {
        const [a, b] = [await seen(one, person), await seen(two, person)];
        a.forEach((reply, i) => assert.deepEqual(b[i], reply));
        const [, , status, headers, body] = a[0];
        assert.ok(status === 200 && headers.includes('etag') && body.includes('EVENT'));
        assert.ok(!(await ok(system, 'GET', `/events/${one.event.id}`, { token: person?.token })).event.players.some((player) => player.role_id));
    }
});

const READS = ['', '/phases?page_size=1', '/notes?page_size=1', '/polls?page_size=1', '/uses', '/waitlist', '/bans', '/log?limit=4', '/log', '/deal', '/me'];
const OWN_OF_A_CALL = /^(date|conse-time|traceparent)$|^ratelimit/;

// Every read with its headers, among them the ETag; of a refusal all but the number of the call.
async function allReads(event, poll, person) {
    const reads = {};
    for (const path of [...READS, `/polls/${poll}`]) {
        const { status, headers, body } = await call(system, 'GET', `/events/${event.id}${path}`, { token: person?.token });
        reads[path] = [status, [...headers].filter(([name]) => !OWN_OF_A_CALL.test(name)), { ...body, trace_id: '' }];
    }
    const { events } = await ok(system, 'GET', '/events?page_size=100', { token: person?.token });
    return { ...reads, row: events.find((row) => row.id === event.id) };
}

test('what the god does in silence, and takes back, changes no byte of what others read', async () => {
    const event = await openEvent(system, god, deck, { max_players: 4, waitlist: true, reveal_on_death: 'SIDE' }), g = as(system, god, event);
    const [a, b, c, left] = players, eyes = { nobody: null, stranger, otherGod, left, c };
    await seatAll(system, event, [left]);
    await as(system, left, event)('DELETE', `/reservations/${left.id}`);
    await seatAll(system, event, [a, b, c]);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    for (const kind of ['DAY', 'NIGHT']) await g('POST', '/phases', { kind });
    const { poll } = await g('POST', '/polls', { kind: 'TRIAL', secret: true });
    const roles = (await ok(system, 'GET', '/roles')).roles, of = `/players/${a.id}`;
    const acts = [
        ['PUT', `${of}/score`, { score: 5 }], ['POST', `${of}/notes`, { audience: 'GOD', text: 'a' }], ['POST', `${of}/notes`, { audience: 'PLAYER', text: 'b' }],
        ['POST', '/notes', { audience: 'GOD', text: 'c' }], ['POST', '/notes', { audience: 'DEAD', text: 'd' }], ['POST', `${of}/chains`, { to_id: b.id }],
        ['PATCH', of, { role_id: roles.find((role) => role.abilities).id }], ['POST', `${of}/abilities`, { note: 'e' }], ['PATCH', of, { status: 'DISABLED' }], 'undo', 'undo',
        ['PUT', `${of}/attendance`, { attendance: 'LATE' }], 'undo', ['POST', `${of}/shown`], ['POST', '/bans', { user_id: left.id, reason: 'f' }], ['DELETE', `/bans/${left.id}`],
    ];
    const all = async () => Object.fromEntries(await Promise.all(Object.entries(eyes).map(async ([name, person]) => [name, await allReads(event, poll.id, person)])));
    const before = await all();
    for (const act of acts) {
        if (act === 'undo') await g('POST', '/undo', { seq: (await g('GET', '')).event.undo_seq });
        else await g(...act);
        assert.deepEqual(await all(), before, String(act));
    }
});
