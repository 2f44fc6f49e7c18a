// Who helps the god: sees the event as its god does, does the work at the table, and nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, call, consectl, eventually, logIn, ok, signUp, signUpAs } from './parts/people.mjs';
import { parkedAt, startSystem } from './parts/system.mjs';

const ABSENT = '01890000-0000-7000-8000-000000000000';

let system, god, otherGod, assistant, players, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    assistant = await signUp(system, 'assistant');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god);
    await known(otherGod, assistant, ...players);
});

after(() => system?.stop());

// Auth tells events of its users; until then there are no such people.
async function known(...people) {
    const event = await openEvent(system, god, await makeDeck(system, god));
    for (const person of people) {
        const route = `/events/${event.id}/assistants/${person.id}`;
        await eventually(async () => (await call(system, 'PUT', route, { token: god.token })).status === 204, 5000);
        await ok(system, 'DELETE', route, { token: god.token });
    }
}

const refused = (...row) => assertRefused(system, ...row);
const look = (person, event) => readEvent(system, person, event);

async function openAssisted({ seats = players, dealt = true } = {}) {
    const event = await openEvent(system, god, deck), lead = as(system, god, event);
    await seatAll(system, event, seats);
    await lead('PUT', `/assistants/${assistant.id}`);
    if (!dealt) return event;
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    return event;
}

test('an assistant is shown to everybody, and sees the event as its god does', async () => {
    const event = await openAssisted();
    for (const person of [null, god, players[0], assistant])
        assert.deepEqual((await look(person, event)).assistants, [{ id: assistant.id, username: 'assistant' }]);
    assert.deepEqual((await ok(system, 'GET', '/events')).events.find((one) => one.id === event.id).assistants, []);
    const { act, players: seen } = await look(assistant, event), own = await look(god, event);
    assert.deepEqual([act, seen.map((player) => player.role_id)], [own.act, own.players.map((player) => player.role_id)]);
    assert.ok(Number(act) > 0 && seen.every((player) => player.role_id));
    assert.deepEqual((await readLog(system, assistant, event)).entries, (await readLog(system, god, event)).entries);
    await as(system, god, event)('DELETE', `/assistants/${assistant.id}`);
    const after = await look(assistant, event);
    assert.deepEqual([after.act, after.assistants, after.players.map((player) => player.role_id)], ['0', [], ['', '', '']]);
});

test('an assistant does the work at the table', async () => {
    const event = await openAssisted(), help = as(system, assistant, event), [a, b, c] = players;
    await help('POST', `/players/${a.id}/shown`);
    await help('PUT', `/players/${a.id}/attendance`, { attendance: 'LATE' });
    await help('GET', '/waitlist');
    await help('POST', '/phases', { kind: 'DAY', timer: '600s' });
    await help('PATCH', '/phases/current', { extend: '60s' });
    await help('POST', '/ready-check', { seconds: 60 });
    await help('POST', '/clock', { seconds: 60, user_id: a.id });
    assert.deepEqual(await help('POST', `/players/${a.id}/fouls`), { fouls: 1 });
    await help('POST', '/undo', { seq: (await look(assistant, event)).undo_seq });
    await help('POST', `/players/${a.id}/notes`, { audience: 'PLAYER', text: 'wake up' });
    await help('POST', '/notes', { audience: 'TABLE', text: 'good morning' });
    await help('POST', `/players/${a.id}/chains`, { to_id: b.id });
    const { poll } = await help('POST', '/polls', { kind: 'TRIAL', closes_in: '60s' });
    await help('PATCH', `/polls/${poll.id}`, { extend: '60s' });
    await help('POST', `/polls/${poll.id}/close`);
    await help('POST', `/players/${b.id}/last-move`);
    const { player } = await help('PATCH', `/players/${c.id}`, { status: 'DEAD' });
    assert.deepEqual([player.alive, player.role_id !== ''], [false, true]);
    await help('GET', '/uses');
    await help('POST', '/phases/current/close');
    const acting = (await readLog(system, god, event)).entries.filter((entry) => entry.actor_id === assistant.id);
    assert.ok(acting.some((entry) => entry.kind === 'PHASE_OPENED') && acting.some((entry) => entry.kind === 'STATUS_SET'));
});

test('everything else stays the god\'s', async () => {
    const event = await openAssisted(), route = `/events/${event.id}`, [a] = players;
    const higher = await signUpAs(system, 'godlyhelper', 'god');
    await known(higher);
    await as(system, god, event)('PUT', `/assistants/${higher.id}`);
    const calls = [
        ['PATCH', '', { title: 'mine' }], ['DELETE', ''], ['POST', '/lock'], ['POST', '/unlock'], ['POST', '/cancel'],
        ['POST', '/reveal', { redeal: { reason: 'again' } }], ['POST', '/finish', { winning_side_ids: [ABSENT] }],
        ['POST', '/hand-over', { god_id: otherGod.id }], ['POST', '/bans', { user_id: a.id }], ['GET', '/bans'],
        ['PUT', `/players/${a.id}/score`, { score: 9 }], ['PUT', '/seats', { user_ids: [a.id] }], ['DELETE', `/reservations/${a.id}`],
        ['PUT', `/assistants/${players[1].id}`], ['DELETE', `/assistants/${assistant.id}`],
    ];
    for (const [method, path, body] of calls) {
        await refused(assistant, method, route + path, body, 403, 'LEVEL_TOO_LOW');
        await refused(higher, method, route + path, body, 403, 'NOT_OWNER');
    }
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await as(system, god, event)('PUT', `/players/${a.id}/score`, { score: 9 });
    await refused(assistant, 'POST', `${route}/undo`, { seq: (await look(assistant, event)).undo_seq }, 403, 'NOT_OWNER');
    assert.deepEqual((await look(god, event)).players[0].score, 9);
});

test('who helps is a known user that neither leads nor plays', async () => {
    const event = await openAssisted({ dealt: false }), route = (id) => `/events/${event.id}/assistants/${id}`;
    await refused(null, 'PUT', route(otherGod.id), undefined, 401, 'TOKEN_INVALID');
    await refused(players[0], 'PUT', route(otherGod.id), undefined, 403, 'LEVEL_TOO_LOW');
    await refused(otherGod, 'PUT', route(otherGod.id), undefined, 403, 'NOT_OWNER');
    await refused(god, 'PUT', route('someone'), undefined, 400, 'INVALID_FIELD', 'user_id');
    await refused(god, 'PUT', route(ABSENT), undefined, 404, 'NOT_FOUND', 'user_id');
    await refused(god, 'PUT', route(god.id), undefined, 400, 'INVALID_FIELD', 'user_id');
    await refused(god, 'PUT', route(players[0].id), undefined, 422, 'GOD_MAY_NOT_PLAY', 'user_id');
    await refused(god, 'DELETE', route(otherGod.id), undefined, 404, 'NOT_FOUND');
    await refused(assistant, 'POST', `/events/${event.id}/reservations`, {}, 422, 'GOD_MAY_NOT_PLAY');
    await refused(god, 'POST', `/events/${event.id}/bans`, { user_id: assistant.id }, 400, 'INVALID_FIELD', 'user_id');
    await ok(system, 'PUT', route(assistant.id), { token: god.token }); // already
    assert.equal((await readLog(system, god, event)).entries.filter((entry) => entry.kind === 'ASSISTANT_ADDED').length, 1);
    await as(system, assistant, event)('POST', '/reservations', { guest_name: 'Grandmother' });
    await refused(assistant, 'POST', `/events/${event.id}/reservations`, { username: 'othergod' }, 403, 'NOT_OWNER', 'username');
    await as(system, god, event)('DELETE', `/assistants/${assistant.id}`);
    await as(system, assistant, event)('POST', '/reservations', {});
    await refused(god, 'PUT', route(assistant.id), undefined, 422, 'GOD_MAY_NOT_PLAY', 'user_id');
});

test('an act of the god is seen by the assistant\'s If-Match, and the other way round', async () => {
    const event = await openAssisted(), help = as(system, assistant, event), route = `/events/${event.id}/phases`;
    const seen = `"act-${(await look(assistant, event)).act}"`;
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    const late = await call(system, 'POST', route, { token: assistant.token, body: { kind: 'NIGHT' }, headers: { 'If-Match': seen } });
    assert.deepEqual([late.status, late.body.code], [412, 'PRECONDITION_FAILED']);
    const now = `"act-${(await look(assistant, event)).act}"`;
    await help('POST', '/notes', { audience: 'TABLE', text: 'wait' });
    const gods = await call(system, 'POST', route, { token: god.token, body: { kind: 'NIGHT' }, headers: { 'If-Match': now } });
    assert.deepEqual([gods.status, gods.body.code], [412, 'PRECONDITION_FAILED']);
});

test('assistants stay when the event is handed over, and one may become its god', async () => {
    const event = await openAssisted({ dealt: false }), lead = as(system, god, event);
    await lead('PUT', `/assistants/${otherGod.id}`);
    const { event: handed } = await lead('POST', '/hand-over', { god_id: otherGod.id });
    assert.deepEqual([handed.god_id, handed.assistants.map((one) => one.id)], [otherGod.id, [assistant.id]]);
    await refused(god, 'POST', `/events/${event.id}/ready-check`, { seconds: 60 }, 403, 'NOT_OWNER');
    await as(system, assistant, event)('POST', '/ready-check', { seconds: 60 });
    await as(system, otherGod, event)('DELETE', `/assistants/${assistant.id}`);
    await refused(assistant, 'POST', `/events/${event.id}/ready-check`, { seconds: 60 }, 403, 'NOT_OWNER');
});

test('a god that lost the level leads no more, and not as an assistant either', async () => {
    const event = await openAssisted(), fallen = await makeGod(system, 'fallen');
    const theirs = await openEvent(system, fallen, await makeDeck(system, fallen));
    assert.equal((await consectl(system, 'user', 'level', 'fallen', 'player')).code, 0);
    const demoted = await logIn(system, 'fallen');
    await refused(demoted, 'POST', `/events/${theirs.id}/ready-check`, { seconds: 60 }, 403, 'NOT_OWNER');
    await refused(demoted, 'POST', `/events/${event.id}/phases`, { kind: 'DAY' }, 403, 'NOT_OWNER');
    assert.equal((await look(demoted, theirs)).act, '0');
});

test('an assistant that is removed while they wait is answered at once, and hears no more', async () => {
    const event = await openAssisted(), lead = as(system, god, event);
    await lead('POST', '/phases', { kind: 'DAY' });
    const log = (query) => ok(system, 'GET', `/events/${event.id}/log?${query}`, { token: assistant.token });
    const first = await log('from=1&limit=500');
    assert.ok(first.leads);
    const heard = log(`from=${first.next}&wait=20s`);
    await lead('POST', `/players/${players[0].id}/notes`, { audience: 'GOD', text: 'for us two' }); // wakes who leads
    const { entries, next } = await heard;
    assert.deepEqual(entries.map((entry) => entry.kind), ['NOTED']);
    const waiting = log(`from=${next}&wait=20s`);
    await eventually(async () => (await parkedAt(system)) === 1, 10000);
    const begun = Date.now();
    await lead('DELETE', `/assistants/${assistant.id}`);
    const last = await waiting;
    assert.ok(Date.now() - begun < 15000, 'answered before the wait is over');
    assert.deepEqual([last.entries, last.leads], [[], false]);
    assert.notEqual(last.epoch, first.epoch);
    assert.ok(!(await readLog(system, assistant, event)).entries.some((entry) => entry.kind === 'NOTED'));
});

test('while nobody hears of revocations no assistant acts', async () => {
    const event = await openAssisted();
    await system.killAll('auth');
    const ask = () => call(system, 'POST', `/events/${event.id}/ready-check`, { token: assistant.token, body: { seconds: 60 } });
    await eventually(async () => (await ask()).status === 503, 10000);
    assert.equal((await ask()).body.code, 'SERVICE_AWAY');
    await ok(system, 'PUT', `/events/${event.id}/vote`, { token: assistant.token, body: { vote: 'UP' } }); // open to every user
    await system.startAll('auth');
    await eventually(async () => (await ask()).status === 201, 10000);
});
