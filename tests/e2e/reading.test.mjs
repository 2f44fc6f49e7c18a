// What is read beside the log, over HTTP: names with every id, one's own seat and ballot, the open poll, notes, uses of abilities and
// the waitlist; by the god, a player, a spectator with an account, and a visitor without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, dev, players, spectator, deck, event, roles, sides;
const get = (person, route) => call(system, 'GET', `/events/${event.id}${route}`, { token: person?.token });
const read = async (person, route) => (await as(system, person ?? {}, event)('GET', route));
const g = (...args) => as(system, god, event)(...args);
const shown = (person) => readEvent(system, person, event);
const roster = async (person) => new Map((await shown(person)).players.map((player) => [player.user_id, player]));

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    dev = await signUpAs(system, 'thedev', 'dev');
    players = await signUpMany(system, 'player', 6);
    spectator = players.pop();
    roles = (await ok(system, 'GET', '/roles', { token: god.token })).roles;
    sides = (await ok(system, 'GET', '/sides', { token: god.token })).sides;
    deck = await makeDeck(system, god, { roles: 6 });
    event = await openEvent(system, god, deck, { max_players: 4, waitlist: true });
    await eventually(async () => (await shown()).god.username === 'thegod', 10000); // auth has told its names
});

after(() => system?.stop());

test('an event names its god and its group, also in lists, as they are called now', async () => {
    const [listed] = (await ok(system, 'GET', '/events')).events;
    for (const seen of [await shown(), await shown(god), listed]) {
        assert.deepEqual(seen.god, { id: god.id, username: 'thegod' });
        assert.deepEqual(seen.group, { id: god.group.id, name: "thegod's table", image_url: '' });
    }
    await ok(system, 'PATCH', `/groups/${god.group.id}`, { token: god.token, body: { name: 'میز جمعه' } });
    // At another process than the one that wrote, within a quarter of a second.
    await eventually(async () => (await shown()).group.name === 'میز جمعه', 2000);
    await eventually(async () => (await ok(system, 'GET', '/events')).events[0].group.name === 'میز جمعه', 2000);
    for (const { group } of [await ok(system, 'GET', `/groups/${god.group.id}`), { group: (await ok(system, 'GET', '/groups')).groups[0] }])
        assert.deepEqual([group.name, group.god], ['میز جمعه', { id: god.id, username: 'thegod' }]);
});

test('a deck names its cards', async () => {
    const decks = [(await read(undefined, '/deck')).deck, (await ok(system, 'GET', `/decks/${deck.id}`, { token: god.token })).deck];
    for (const { roles: plain, cards, moves } of decks) {
        assert.deepEqual(plain, cards.map(({ role_id, copies }) => ({ role_id, copies })));
        for (const card of cards) {
            const role = roles.find(({ id }) => id === card.role_id), side = sides.find(({ id }) => id === role.side_id);
            assert.deepEqual(card, { role_id: role.id, copies: 1, name: role.name, name_fa: role.name_fa, side_id: side.id,
                side: { id: side.id, name: side.name, name_fa: side.name_fa } });
        }
        assert.ok(moves.every(({ name, number }) => name && number));
    }
});

test('a person finds their own seat or place after a reload, and the god who waits', async () => {
    for (const player of players) await as(system, player, event)('POST', '/reservations', {});
    const reservation = async (person) => (await shown(person)).my_reservation;
    const seat = await reservation(players[1]);
    assert.deepEqual([seat.state, seat.position, seat.username], ['CONFIRMED', 2, players[1].user.username]);
    const place = await reservation(players[4]);
    assert.deepEqual([place.state, place.position], ['WAITLISTED', 1]);
    for (const person of [god, spectator, undefined]) assert.equal(await reservation(person), undefined);
    const { waitlist, next_page_token: next } = await read(god, '/waitlist');
    assert.deepEqual(waitlist.map(({ user_id, username, position }) => [user_id, username, position]), [[players[4].id, players[4].user.username, 1]]);
    assert.ok(Math.abs(Date.parse(waitlist[0].since) - Date.now()) < 60000);
    assert.equal(next, '');
    const refused = await Promise.all([players[4], spectator, undefined].map((person) => get(person, '/waitlist')));
    assert.deepEqual(refused.map(({ status }) => status), [403, 403, 401]);
});

test('the god sees uses left, chains, and what was told; a player what they were told', async () => {
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const [a, b] = players, able = roles.find(({ abilities }) => abilities > 1 && abilities < 100), dealt = (await roster(god)).get(a.id);
    assert.equal(dealt.role.name, roles.find(({ id }) => id === dealt.role_id).name);
    assert.equal(dealt.told_role_id, dealt.role_id);
    await g('PATCH', `/players/${a.id}`, { role_id: able.id });
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', `/players/${a.id}/abilities`, { target_id: b.id, note: 'at midnight' });
    await g('POST', `/players/${a.id}/chains`, { to_id: b.id });

    const seen = (await roster(god)).get(a.id);
    assert.equal(seen.abilities_left, able.abilities - 1);
    assert.deepEqual(seen.chained_to, [b.id]);
    assert.deepEqual([seen.role.name, seen.told_role.id], [able.name, dealt.role_id]);
    const own = (await roster(a)).get(a.id), me = await read(a, '/me');
    assert.equal(own.role.id, dealt.role_id, 'the change was not told');
    assert.equal(own.abilities_left, dealt.abilities_left);
    assert.equal(me.abilities_left, dealt.abilities_left);
    assert.deepEqual([own.chained_to, own.told_role_id, own.told_role], [[], '', undefined]);
    for (const person of [b, spectator, undefined]) {
        const other = (await roster(person)).get(a.id);
        assert.deepEqual([other.role, other.side, other.abilities_left, other.chained_to], [undefined, undefined, undefined, []]);
    }
    await g('PATCH', `/players/${a.id}`, { status: 'ROLE_CHANGED' });
    assert.equal((await read(a, '/me')).abilities_left, able.abilities - 1);

    const { uses } = await read(god, '/uses');
    assert.deepEqual(uses.map(({ user_id, target_id, left, phase_number }) => [user_id, target_id, left, phase_number]),
        [[a.id, b.id, able.abilities - 1, 1]]);
    assert.equal((await read(dev, '/uses')).uses.length, 1);
    const refused = await Promise.all([a, spectator, undefined].map((person) => get(person, '/uses')));
    assert.deepEqual(refused.map(({ status }) => status), [403, 403, 401]);
});

test('notes are read by those they are for, page by page', async () => {
    const [a, b] = players;
    await g('POST', `/players/${a.id}/notes`, { text: 'sleep', audience: 'PLAYER' });
    await g('POST', `/players/${b.id}/notes`, { text: 'lies well', audience: 'GOD' });
    await g('POST', `/players/${a.id}/notes`, { text: 'wake', audience: 'PLAYER' });
    const texts = async (person) => (await read(person, '/notes')).notes.map(({ text }) => text);
    assert.deepEqual(await texts(god), ['at midnight', 'sleep', 'lies well', 'wake']);
    assert.deepEqual(await texts(a), ['sleep', 'wake']);
    for (const person of [b, spectator, undefined]) assert.deepEqual(await texts(person), []);
    const { notes: [note] } = await read(god, '/notes'), { notes: [mine] } = await read(a, '/notes');
    assert.equal(note.user_id, a.id);
    assert.ok(Number(note.seq) > 0);
    assert.deepEqual([mine.user_id, mine.seq], [a.id, '0']);
    const first = await read(a, '/notes?page_size=1');
    assert.deepEqual([first.notes[0].text, first.next_page_token], ['sleep', '2']);
    assert.equal((await read(a, '/notes?page_size=1&page_token=2')).notes[0].text, 'wake');
    for (const token of ['3', '0', 'x', '02']) {
        const { status, body } = await get(a, `/notes?page_token=${token}`);
        assert.deepEqual([status, body.code, body.errors[0].field], [400, 'BAD_PAGE_TOKEN', 'page_token']);
    }
    assert.equal((await get(a, '/notes?page_size=101')).status, 400);
    assert.equal((await call(system, 'GET', '/events/01890000-0000-7000-8000-000000000000/notes')).status, 404);
});

test('the open poll is found with its turnout and one\'s own ballot', async () => {
    const [a, b, c, d] = players;
    await g('POST', '/phases', { kind: 'DAY' });
    assert.equal((await shown()).poll_id, '');
    const { poll } = await g('POST', '/polls', { kind: 'NOMINATION' });
    for (const person of [god, a, spectator, undefined]) assert.equal((await shown(person)).poll_id, poll.id);
    await as(system, a, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: b.id });
    await g('PATCH', `/players/${d.id}`, { status: 'DISABLED' });
    const of = async (person, id = poll.id) => (await read(person, '/polls')).polls.find((one) => one.id === id);
    for (const person of [god, a, b, spectator]) {
        const seen = await of(person);
        assert.deepEqual([seen.voted, seen.eligible], [1, 4], 'who is disabled is hidden');
        assert.equal(seen.my_candidate_id, person === a ? b.id : '');
        assert.deepEqual(seen.waiting_for, person === god ? [b.id, c.id] : []);
        assert.deepEqual((await read(person, `/polls/${poll.id}`)).poll, seen);
    }
    assert.equal((await get(undefined, '/polls')).status, 401);
    await g('POST', `/polls/${poll.id}/close`);
    await g('PATCH', `/players/${c.id}`, { status: 'DEAD' });

    const secret = (await g('POST', '/polls', { kind: 'TRIAL', secret: true })).poll;
    await as(system, a, event)('PUT', `/polls/${secret.id}/ballot`, { candidate_id: 'NONE' });
    const seen = await of(god, secret.id);
    assert.deepEqual([seen.voted, seen.eligible, seen.waiting_for], [1, 3, []]);
    assert.equal((await of(a, secret.id)).my_candidate_id, 'NONE');
    assert.equal((await of(b, secret.id)).my_candidate_id, '');
    await g('POST', `/polls/${secret.id}/close`);
    assert.equal((await of(a, secret.id)).my_candidate_id, 'NONE');
    assert.deepEqual((({ voted, eligible }) => [voted, eligible])(await of(spectator)), [1, 4], 'as it was at its close');
    const page = await read(b, '/polls?page_size=1');
    assert.deepEqual([page.polls[0].id, page.next_page_token], [poll.id, '2']);
    assert.equal((await shown()).poll_id, '');
});

test('the winners are named, and at the end everybody sees all', async () => {
    const side = (await roster(god)).get(players[0].id).side;
    await g('POST', '/finish', { winning_side_ids: [side.id] });
    assert.deepEqual((await shown()).winning_sides, [side]);
    assert.deepEqual((await ok(system, 'GET', '/events')).events[0].winning_sides, [side]);
    assert.ok([...(await roster()).values()].every(({ role, side: of }) => role.name && of.name));
    assert.ok((await read(undefined, '/phases')).phases.every((phase) => phase.players.every(({ role }) => role.name)));
    assert.equal((await read(undefined, '/notes')).notes.length, 4);
    await ok(system, 'PATCH', `/sides/${side.id}`, { token: dev.token, body: { name: 'Winners' } });
    await eventually(async () => (await shown()).winning_sides[0].name === 'Winners', 2000); // also at a process that hears of it
    await eventually(async () => (await read(undefined, '/phases')).phases[0].players.some(({ side: of }) => of.name === 'Winners'), 2000);
});
