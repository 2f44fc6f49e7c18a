// What a god records of the table beside the game, as everybody sees it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, readLog, readPhases, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const ABSENT = '01890000-0000-7000-8000-000000000000';

let system, god, otherGod, players, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 4);
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

const refused = (...row) => assertRefused(system, ...row);

async function openDealt(more) {
    const event = await openEvent(system, god, deck, more);
    const lead = as(system, god, event);
    await seatAll(system, event, players);
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    return event;
}

async function openRunning(more) {
    const event = await openDealt(more);
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    return event;
}

const look = (person, event) => readEvent(system, person, event);

test('fouls are counted, shown to everybody, and kept with the phase', async () => {
    const event = await openRunning(), lead = as(system, god, event);
    const route = `/players/${players[0].id}/fouls`;
    assert.deepEqual(await lead('POST', route), { fouls: 1 });
    assert.deepEqual(await lead('POST', route), { fouls: 2 });
    for (const person of [null, god, ...players])
        assert.deepEqual((await look(person, event)).players.map((player) => player.fouls), [2, 0, 0, 0]);
    const kinds = (await readLog(system, players[1], event)).entries.map((entry) => entry.kind);
    assert.equal(kinds.filter((kind) => kind === 'FOULED').length, 2);
    await lead('POST', '/phases', { kind: 'NIGHT' });
    await lead('POST', route);
    assert.equal((await readPhases(system, null, event))[0].players[0].fouls, 2);
    assert.equal((await look(null, event)).players[0].fouls, 3);
});

test('a foul is given by who leads, to a player of a running game', async () => {
    const event = await openDealt();
    const route = (id) => `/events/${event.id}/players/${id}/fouls`;
    await refused(god, 'POST', route(players[0].id), undefined, 409, 'EVENT_NOT_RUNNING');
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await refused(null, 'POST', route(players[0].id), undefined, 401, 'TOKEN_INVALID');
    await refused(players[1], 'POST', route(players[0].id), undefined, 403, 'NOT_OWNER');
    await refused(otherGod, 'POST', route(players[0].id), undefined, 403, 'NOT_OWNER');
    await refused(god, 'POST', route(ABSENT), undefined, 422, 'NOT_A_PLAYER');
    await refused(god, 'POST', route('nobody'), undefined, 400, 'INVALID_FIELD', 'user_id');
    await refused(god, 'POST', `/events/${ABSENT}/players/${players[0].id}/fouls`, undefined, 404, 'NOT_FOUND');
    assert.deepEqual((await look(god, event)).players.map((player) => player.fouls), [0, 0, 0, 0]);
});

const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

test('everybody sees the clock of who speaks; it stops with the phase and ends with it', async () => {
    const event = await openRunning(), lead = as(system, god, event);
    assert.equal((await look(null, event)).clock, undefined);
    const { clock } = await lead('POST', '/clock', { seconds: 90, user_id: players[2].id, label: 'دفاع' });
    assert.deepEqual([clock.user_id, clock.label, seconds(clock.started_at, clock.ends_at)], [players[2].id, 'دفاع', 90]);
    for (const person of [null, god, players[0]]) assert.deepEqual((await look(person, event)).clock, clock);
    await lead('PATCH', '/phases/current', { pause: true });
    const paused = (await look(null, event)).clock;
    assert.equal(paused.ends_at, undefined);
    assert.match(paused.remaining, /^(90|89\.\d+)s$/);
    await refused(god, 'POST', `/events/${event.id}/clock`, { seconds: 30 }, 409, 'PHASE_PAUSED');
    await lead('PATCH', '/phases/current', { pause: false });
    assert.ok((await look(null, event)).clock.ends_at);
    assert.deepEqual(await lead('POST', '/clock', { seconds: 0 }), {});
    assert.equal((await look(null, event)).clock, undefined);
    await lead('POST', '/clock', { seconds: 30 });
    await lead('POST', '/phases', { kind: 'NIGHT' });
    assert.equal((await look(null, event)).clock, undefined);
    assert.equal((await ok(system, 'GET', '/events')).events.find((one) => one.id === event.id).clock, undefined);
    const kinds = (await readLog(system, players[1], event)).entries.map((entry) => entry.kind);
    assert.deepEqual(kinds.filter((kind) => kind.startsWith('CLOCK')), ['CLOCK_STARTED', 'CLOCK_STOPPED', 'CLOCK_STARTED']);
});

test('a clock is set by who leads, in an open phase, within its limits', async () => {
    const event = await openDealt(), route = `/events/${event.id}/clock`;
    await refused(god, 'POST', route, { seconds: 30 }, 409, 'EVENT_NOT_RUNNING');
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await refused(null, 'POST', route, { seconds: 30 }, 401, 'TOKEN_INVALID');
    await refused(players[0], 'POST', route, { seconds: 30 }, 403, 'NOT_OWNER');
    await refused(otherGod, 'POST', route, { seconds: 30 }, 403, 'NOT_OWNER');
    await refused(god, 'POST', route, {}, 400, 'INVALID_FIELD', 'seconds');
    await refused(god, 'POST', route, { seconds: -1 }, 400, 'INVALID_FIELD', 'seconds');
    await refused(god, 'POST', route, { seconds: 3601 }, 400, 'INVALID_FIELD', 'seconds');
    await refused(god, 'POST', route, { seconds: 'ten' }, 400, 'MALFORMED', 'seconds');
    await refused(god, 'POST', route, { seconds: 30, label: 'ب'.repeat(65) }, 400, 'INVALID_FIELD', 'label');
    await refused(god, 'POST', route, { seconds: 30, label: 'a\nb' }, 400, 'INVALID_FIELD', 'label');
    await refused(god, 'POST', route, { seconds: 30, user_id: 'me' }, 400, 'INVALID_FIELD', 'user_id');
    await refused(god, 'POST', route, { seconds: 30, user_id: god.id }, 422, 'NOT_A_PLAYER');
    assert.equal((await look(god, event)).clock, undefined);
    await as(system, god, event)('POST', '/clock', { seconds: 3600, label: 'ب'.repeat(64) });
    await as(system, god, event)('POST', '/phases/current/close');
    await refused(god, 'POST', route, { seconds: 30 }, 409, 'PHASE_NOT_OPEN');
});

test('everybody is asked whether they are ready, and is waited for until they say so', async () => {
    const event = await openEvent(system, god, deck), lead = as(system, god, event), route = `/events/${event.id}/ready`;
    await seatAll(system, event, players);
    const { reservation } = await lead('POST', '/reservations', { guest_name: 'Grandmother' });
    const ids = [...players.map((player) => player.id), reservation.user_id];
    await refused(players[0], 'PUT', route, {}, 409, 'NO_READY_CHECK');
    const { ready_check: asked } = await lead('POST', '/ready-check', { seconds: 60 });
    assert.deepEqual([asked.ready, asked.waiting_for, seconds(asked.asked_at, asked.ends_at)], [[], ids, 60]);
    await as(system, players[1], event)('PUT', '/ready', {});
    await as(system, players[1], event)('PUT', '/ready', { user_id: players[1].id });
    await lead('PUT', '/ready', { user_id: reservation.user_id });
    for (const person of [null, god, players[3]]) {
        const check = (await look(person, event)).ready_check;
        assert.deepEqual([check.ready, check.waiting_for], [[ids[1], ids[4]], [ids[0], ids[2], ids[3]]]);
    }
    assert.equal((await readLog(system, players[0], event)).entries.filter((entry) => entry.kind === 'READY').length, 2);
    await lead('POST', '/cancel');
    assert.equal((await look(null, event)).ready_check, undefined);
    await refused(players[0], 'PUT', route, {}, 409, 'EVENT_OVER');
    await refused(god, 'POST', `/events/${event.id}/ready-check`, { seconds: 60 }, 409, 'EVENT_OVER');
});

test('everybody speaks for themselves, and the god for guests', async () => {
    const event = await openDealt(), route = `/events/${event.id}/ready`, ask = `/events/${event.id}/ready-check`;
    await refused(null, 'POST', ask, { seconds: 60 }, 401, 'TOKEN_INVALID');
    await refused(players[0], 'POST', ask, { seconds: 60 }, 403, 'NOT_OWNER');
    await refused(otherGod, 'POST', ask, { seconds: 60 }, 403, 'NOT_OWNER');
    for (const seconds of [undefined, 4, 601, -60]) await refused(god, 'POST', ask, { seconds }, 400, 'INVALID_FIELD', 'seconds');
    await refused(god, 'POST', ask, { seconds: 'long' }, 400, 'MALFORMED', 'seconds');
    await as(system, god, event)('POST', '/ready-check', { seconds: 5 });
    await refused(null, 'PUT', route, {}, 401, 'TOKEN_INVALID');
    await refused(otherGod, 'PUT', route, {}, 422, 'NOT_A_PLAYER');
    await refused(god, 'PUT', route, {}, 422, 'NOT_A_PLAYER');
    await refused(god, 'PUT', route, { user_id: players[0].id }, 400, 'INVALID_FIELD', 'user_id');
    await refused(god, 'PUT', route, { user_id: ABSENT }, 422, 'NOT_A_PLAYER');
    await refused(players[1], 'PUT', route, { user_id: players[0].id }, 403, 'NOT_OWNER');
    await refused(players[1], 'PUT', route, { user_id: 'x' }, 400, 'INVALID_FIELD', 'user_id');
    await refused(players[1], 'PUT', `/events/${ABSENT}/ready`, {}, 404, 'NOT_FOUND');
    assert.deepEqual((await look(god, event)).ready_check.ready, []);
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await as(system, god, event)('PATCH', `/players/${players[0].id}`, { status: 'DEAD' });
    await refused(players[0], 'PUT', route, {}, 403, 'NOT_A_LIVING_PLAYER');
    assert.deepEqual((await look(god, event)).ready_check.waiting_for, players.slice(1).map((player) => player.id));
});

const readNotes = async (person, event) =>
    (await ok(system, 'GET', `/events/${event.id}/notes`, { token: person?.token })).notes.map((note) => note.text);

test('notes reach the table, the dead, or nobody but the god', async () => {
    const event = await openRunning(), lead = as(system, god, event);
    await lead('PATCH', `/players/${players[0].id}`, { status: 'DEAD' });
    await lead('POST', '/notes', { audience: 'TABLE', text: 'dinner\nis ready' });
    await lead('POST', '/notes', { audience: 'DEAD', text: 'welcome' });
    await lead('POST', '/notes', { audience: 'GOD', text: 'watch seat two' });
    assert.deepEqual(await readNotes(god, event), ['dinner\nis ready', 'welcome', 'watch seat two']);
    assert.deepEqual(await readNotes(players[0], event), ['dinner\nis ready', 'welcome']);
    for (const person of [null, players[1], otherGod]) assert.deepEqual(await readNotes(person, event), ['dinner\nis ready']);
    const me = await ok(system, 'GET', `/events/${event.id}/me`, { token: players[0].token });
    assert.deepEqual(me.notes.map((note) => [note.audience, note.user_id]), [['TABLE', ''], ['DEAD', '']]);
    const noted = async (person) => (await readLog(system, person, event)).entries.filter((entry) => entry.kind === 'NOTED').length;
    assert.deepEqual(await Promise.all([god, players[0], players[1]].map(noted)), [3, 2, 1]);
});

test('a note to all is written by who leads, on its own route', async () => {
    const event = await openEvent(system, god, deck), route = `/events/${event.id}/notes`, note = { audience: 'TABLE', text: 'x' };
    await seatAll(system, event, players);
    await refused(god, 'POST', route, note, 409, 'EVENT_NOT_REVEALED');
    await as(system, god, event)('POST', '/lock');
    await as(system, god, event)('POST', '/reveal', {});
    await refused(null, 'POST', route, note, 401, 'TOKEN_INVALID');
    await refused(players[0], 'POST', route, note, 403, 'NOT_OWNER');
    await refused(otherGod, 'POST', route, note, 403, 'NOT_OWNER');
    for (const audience of ['PLAYER', 'SIDE', undefined]) await refused(god, 'POST', route, { ...note, audience }, 400, 'INVALID_FIELD', 'audience');
    await refused(god, 'POST', route, { ...note, audience: 'NOBODY' }, 400, 'MALFORMED', 'audience');
    for (const text of ['', 'ب'.repeat(2049), 'a\u0007b']) await refused(god, 'POST', route, { ...note, text }, 400, 'INVALID_FIELD', 'text');
    for (const audience of ['TABLE', 'DEAD'])
        await refused(god, 'POST', `/events/${event.id}/players/${players[0].id}/notes`, { audience, text: 'x' }, 400, 'INVALID_FIELD', 'audience');
    assert.deepEqual(await readNotes(god, event), []);
    await as(system, god, event)('POST', '/notes', { ...note, text: 'ب'.repeat(2048) });
});

test('a death opens the card as the terms say, for everybody', async () => {
    for (const [reveal, side, role] of [['NONE', false, false], ['SIDE', true, false], ['ROLE', true, true]]) {
        const event = await openRunning({ reveal_on_death: reveal }), lead = as(system, god, event);
        assert.equal((await look(null, event)).reveal_on_death, reveal);
        const { player: dead } = await lead('PATCH', `/players/${players[0].id}`, { status: 'DEAD' });
        for (const person of [null, otherGod, players[1]]) {
            const [seen, alive] = (await look(person, event)).players;
            assert.deepEqual([seen.side_id, seen.role_id], [side ? dead.side_id : '', role ? dead.role_id : '']);
            assert.equal(seen.role?.id, role ? dead.role_id : undefined);
            if (person !== players[1]) assert.deepEqual([alive.side_id, alive.role_id], ['', '']);
        }
        const opened = (await readLog(system, players[1], event)).entries.filter((entry) => entry.kind === 'CARD_OPENED');
        assert.equal(opened.length, side ? 1 : 0);
        if (side) assert.equal(opened[0].fields.role_id, role ? dead.role_id : '');
        await lead('PATCH', `/players/${players[0].id}`, { status: 'DEFAULT' });
        assert.equal((await look(null, event)).players[0].side_id, side ? dead.side_id : '', 'what was told stays told');
    }
});

test('an opened card is hidden again by undo', async () => {
    const event = await openRunning({ reveal_on_death: 'ROLE' }), lead = as(system, god, event);
    await lead('PATCH', `/players/${players[0].id}`, { status: 'KICKED' });
    assert.ok((await look(null, event)).players[0].role_id);
    await lead('POST', '/undo', { seq: (await look(god, event)).undo_seq });
    const [player] = (await look(null, event)).players;
    assert.deepEqual([player.alive, player.role_id, player.side_id], [true, '', '']);
});

test('what rooms an event has is said before the lock', async () => {
    const terms = ({ chat, table_at_night: atNight, side_by_day: byDay, history }) => [chat, atNight, byDay, history];
    const event = await openEvent(system, god, deck), route = `/events/${event.id}`;
    assert.deepEqual(terms(event), [true, false, false, 'ALL']);
    const edit = async (body) => terms((await ok(system, 'PATCH', route, { token: god.token, body })).event);
    assert.deepEqual(await edit({ chat: false, history: 'NONE' }), [false, false, false, 'NONE']);
    assert.deepEqual(await edit({ table_at_night: true, side_by_day: true }), [false, true, true, 'NONE']);
    assert.deepEqual(await edit({ chat: true, history: 'ALL' }), [true, true, true, 'ALL']);
    assert.deepEqual(terms(await look(null, event)), [true, true, true, 'ALL']);
    const quiet = await openEvent(system, god, deck, { chat: false, table_at_night: true, history: 'LAST_DAY' });
    assert.deepEqual(terms(quiet), [false, true, false, 'LAST_DAY']);
    await refused(god, 'PATCH', route, { history: 'SOME' }, 400, 'MALFORMED', 'history');
    await refused(god, 'PATCH', route, { history: 'HISTORY_UNSPECIFIED' }, 400, 'MALFORMED', 'history');
    await refused(god, 'PATCH', route, { chat: 'no' }, 400, 'MALFORMED', 'chat');
    await seatAll(system, event, players);
    await as(system, god, event)('POST', '/lock');
    await refused(god, 'PATCH', route, { chat: false }, 409, 'EVENT_NOT_OPEN');
});

test('what a death tells is said before the lock', async () => {
    const event = await openEvent(system, god, deck), route = `/events/${event.id}`;
    assert.equal(event.reveal_on_death, 'NONE');
    const edit = async (reveal_on_death) => (await ok(system, 'PATCH', route, { token: god.token, body: { reveal_on_death } })).event.reveal_on_death;
    assert.equal(await edit('ROLE'), 'ROLE');
    assert.equal((await ok(system, 'PATCH', route, { token: god.token, body: { title: 'Late' } })).event.reveal_on_death, 'ROLE');
    assert.equal(await edit('NONE'), 'NONE');
    await refused(god, 'PATCH', route, { reveal_on_death: 'ALL' }, 400, 'MALFORMED', 'reveal_on_death');
    await refused(god, 'PATCH', route, { reveal_on_death: true }, 400, 'MALFORMED', 'reveal_on_death');
    await seatAll(system, event, players);
    await as(system, god, event)('POST', '/lock');
    await refused(god, 'PATCH', route, { reveal_on_death: 'SIDE' }, 409, 'EVENT_NOT_OPEN');
});
