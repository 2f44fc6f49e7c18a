// Lengths count characters, whatever bytes they have: the longest texts are kept whole, also over a restart, and one character
// more is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, dev, deck, players;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    dev = await signUpAs(system, 'thedev', 'dev');
    deck = await makeDeck(system, god);
    players = await signUpMany(system, 'player', 3);
});

after(() => system?.stop());

const LETTERS = ['گ', '🐺']; // of two and of four bytes
const kept = []; // [what it is, the text, how it is read]

// Sends the longest text by each letter, and one character more; `read` finds it again.
async function tries(person, name, most, [method, route], body, read) {
    for (const letter of LETTERS) {
        const text = letter.repeat(most), where = typeof route === 'function' ? await route() : route;
        const send = (value) => call(system, method, where, { token: person.token, body: body(value) });
        const long = await send(text + letter);
        assert.deepEqual([name, long.status, long.body.code, long.body.errors?.[0].field], [name, 400, 'INVALID_FIELD', name.split(' ').at(-1)]);
        const reply = await send(text);
        assert.ok(reply.status < 300, `${name} of ${letter}: ${reply.status} ${JSON.stringify(reply.body)}`);
        const find = () => read(reply.body, text);
        // Another process shows it within a quarter of a second.
        await eventually(async () => (await find()) === text, 2000).catch(async () => assert.equal(await find(), text, name));
        kept.push([name, text, find]);
    }
}

const get = (route, person = god) => ok(system, 'GET', route, { token: person.token });
const byId = (list, id) => list.find((row) => row.id === id) ?? {};

test('of groups, decks and events', async () => {
    const of = (text) => ({ name: 'x', ...text });
    await tries(god, 'group name', 128, ['POST', '/groups'], (name) => of({ name }), async ({ group }) => (await get(`/groups/${group.id}`)).group.name);
    await tries(god, 'group description', 4096, ['POST', '/groups'], (description) => of({ description }), async ({ group }) => (await get(`/groups/${group.id}`)).group.description);
    await tries(god, 'deck name', 128, ['POST', '/decks'], (name) => ({ group_id: god.group.id, name, roles: deck.roles.map(({ role_id, copies }) => ({ role_id, copies })) }),
        async ({ deck: made }) => (await get(`/decks/${made.id}`)).deck.name);
    const event = (text) => ({ group_id: god.group.id, deck_id: deck.id, title: 'x', starts_at: { local: '2030-01-01T20:00:00', zone: 'UTC' }, max_players: 8, ...text });
    await tries(god, 'event title', 256, ['POST', '/events'], (title) => event({ title }), async ({ event: { id } }) => (await get(`/events/${id}`)).event.title);
    await tries(god, 'event content', 16384, ['POST', '/events'], (content) => event({ content }), async ({ event: { id } }) => (await get(`/events/${id}`)).event.content);
    for (const letter of LETTERS) { // found by the whole of it, and folded in a calendar between letters
        const title = letter.repeat(256), { events } = await get(`/events?god_id=${god.id}&q=${encodeURIComponent(letter.repeat(128))}`);
        assert.deepEqual(events.map((row) => row.title), [title]);
        const calendar = (await call(system, 'GET', `/events/${events[0].id}/calendar.ics`)).body;
        assert.ok(calendar.replaceAll('\r\n ', '').includes(`SUMMARY:${title}\r\n`), 'whole');
    }
});

test('of the catalogue', async () => {
    let n = 0;
    const { sides: [{ id: side_id }] } = await get('/sides');
    const role = (text) => ({ slug: `role-${n++}`, name: 'x', side_id, copies: 1, ...text });
    const inRoles = (field) => async ({ role: { id } }) => byId((await get('/roles')).roles, id)[field];
    await tries(dev, 'side name', 64, ['POST', '/sides'], (name) => ({ slug: `side-${n++}`, name }), async ({ side }) => byId((await get('/sides')).sides, side.id).name);
    for (const [field, most] of [['name', 64], ['name_fa', 128], ['effect', 1024], ['effect_fa', 1024]])
        await tries(dev, `role ${field}`, most, ['POST', '/roles'], (text) => role({ [field]: text }), inRoles(field));
    for (const field of ['prompt', 'prompt_fa'])
        await tries(dev, `role ${field}`, 512, ['POST', '/roles'], (text) => role({ night_order: 9, wakes: 'EVERY', [field]: text }), inRoles(field));
    for (const [field, most] of [['name', 64], ['name_fa', 128], ['effect', 1024], ['effect_fa', 1024]])
        await tries(dev, `card ${field}`, most, ['POST', '/last-moves'], (text) => ({ number: 1000 + n++, name: 'x', [field]: text }),
            async ({ last_move: { id } }) => byId((await get('/last-moves')).last_moves, id)[field]);
});

test('of people at the table', async () => {
    const event = await openEvent(system, god, deck), g = as(system, god, event), of = (route) => `/events/${event.id}${route}`, [a] = players;
    const log = async (kind, has) => (await readLog(system, god, event)).entries.filter((entry) => entry.kind === kind).map(({ fields }) => fields).find(has);
    await tries(god, 'guest_name', 32, ['POST', of('/reservations')], (guest_name) => ({ guest_name }),
        async ({ reservation: { user_id: id } }) => (await get(of(''))).event.players.find((player) => player.user_id === id).username);
    await tries(god, 'ban reason', 256, ['POST', of('/bans')], (reason) => ({ user_id: (reason.startsWith(LETTERS[0]) ? players[2] : dev).id, reason }), async (_, text) => (await get(of('/bans'))).bans.find(({ reason }) => reason === text)?.reason);
    await seatAll(system, event, players.slice(0, 2));
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await tries(god, 'redeal.reason', 1024, ['POST', of('/reveal')], (reason) => ({ redeal: { reason } }), async (_, text) => (await log('DEAL_BURNED', ({ reason }) => reason === text))?.reason);
    await tries(god, 'note text', 2048, ['POST', of(`/players/${a.id}/notes`)], (text) => ({ text, audience: 'PLAYER' }), async (_, text) => (await get(of('/me'), a)).notes.find((note) => note.text === text)?.text);
    await g('POST', '/phases', { kind: 'DAY' });
    await tries(god, 'clock label', 64, ['POST', of('/clock')], (label) => ({ seconds: 60, label }), async (_, text) => (await log('CLOCK_STARTED', ({ label }) => label === text))?.label);
    const { roles } = await get('/roles'), able = roles.find(({ abilities }) => abilities === 100) ?? roles.find(({ abilities }) => abilities > 1);
    await g('PATCH', `/players/${a.id}`, { role_id: able.id });
    await tries(god, 'ability note', 1024, ['POST', of(`/players/${a.id}/abilities`)], (note) => ({ note }), async (_, text) => (await log('NOTED', (fields) => fields.text === text))?.text);
});

test('passwords: 8 to 256 characters; usernames: 3 to 32 of ASCII', async () => {
    const signUp = async (username, password) => { const { status, body } = await call(system, 'POST', '/auth/signup', { body: { username, password } }); return [status, body.errors?.[0].field]; };
    for (const [i, letter] of LETTERS.entries()) {
        for (const wrong of [7, 257]) assert.deepEqual(await signUp(`person${i}`, letter.repeat(wrong)), [400, 'password']);
        for (const right of [8, 256]) {
            assert.deepEqual(await signUp(`person${i}.${right}`, letter.repeat(right)), [201, undefined]);
            const logIn = async (password) => (await call(system, 'POST', '/auth/login', { body: { username: `person${i}.${right}`, password } })).status;
            assert.deepEqual([await logIn(letter.repeat(right)), await logIn(letter.repeat(right - 1))], [200, 401], 'every character counts');
        }
        assert.deepEqual(await signUp(letter.repeat(8), 'long enough'), [400, 'username']);
    }
    for (const [name, status] of [['n'.repeat(32), 201], ['n'.repeat(33), 400], ['nn', 400], ['nnn', 201]]) assert.equal((await signUp(name, 'long enough'))[0], status, name);
});

test('all of it is whole when it is read from the disk again', async () => {
    await system.restart('events');
    await eventually(async () => (await call(system, 'GET', '/roles')).status === 200, 5000);
    for (const [name, text, find] of kept) assert.equal(await find(), text, name);
    assert.ok(kept.length >= 40, `${kept.length}`);
});
