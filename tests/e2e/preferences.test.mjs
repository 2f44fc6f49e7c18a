// What of an account is used, its person says: ratings that are shown to nobody, and tips that nobody wants.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll } from './parts/games.mjs';
import { assertRefused, call, eventually, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 3, ALL = { show_rating: true, tips: true, suggestions: true, llm: true };
let system, god, people, ann, bob;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    people = [];
    for (const name of ['ann', 'bob', 'eve']) people.push(await signUp(system, name));
    [ann, bob] = people;
});
after(() => system?.stop());

const get = async (person) => (await ok(system, 'GET', '/auth/me/preferences', { token: person.token })).preferences;
const set = async (person, body) => (await ok(system, 'PUT', '/auth/me/preferences', { token: person.token, body })).preferences;
const ratingOf = (reader, person, more = '') => call(system, 'GET', `/ratings/${person.id}${more}`, { token: reader.token });
const ranked = async () => (await ok(system, 'GET', '/ratings', { token: god.token })).ratings.map(({ user_id: id }) => id);

test('all is used until somebody says otherwise', async () => {
    assert.deepEqual(await get(ann), ALL);
    assert.deepEqual(await set(ann, { ...ALL, suggestions: false }), { ...ALL, suggestions: false });
    assert.deepEqual(await get(ann), { ...ALL, suggestions: false });
    for (const field of Object.keys(ALL)) {
        const { [field]: _, ...rest } = ALL;
        await assertRefused(system, ann, 'PUT', '/auth/me/preferences', rest, 400, 'INVALID_FIELD', field);
    }
    assert.deepEqual(await get(ann), { ...ALL, suggestions: false });
    assert.deepEqual(await set(ann, ALL), ALL);
    assert.deepEqual(await get(bob), ALL);
    assert.equal((await call(system, 'GET', '/auth/me/preferences')).status, 401);
    assert.equal((await call(system, 'PUT', '/auth/me/preferences', { token: ann.token, body: { ...ALL, tips: 'no' } })).status, 400);
});

test('a rating that is not shown is in no list, no profile and no forecast', async () => {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const [first, ...others] = roles, several = others.filter(({ side_id: side }) => side !== first.side_id).slice(0, PLAYERS - 1);
    const body = { group_id: god.group.id, name: 'two sides', roles: [first, ...several].map(({ id }) => ({ role_id: id, copies: 1 })) };
    const { deck } = await ok(system, 'POST', '/decks', { token: god.token, body });
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS }), g = as(system, god, event);
    await seatAll(system, event, people);
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    await eventually(async () => (await ranked()).length === PLAYERS, PATIENCE_MS);
    await set(ann, { ...ALL, show_rating: false });
    await eventually(async () => (await ranked()).length === PLAYERS - 1, PATIENCE_MS);
    assert.ok(!(await ranked()).includes(ann.id));
    for (const reader of [bob, god])
        for (const more of ['', '/history']) assert.deepEqual([(await ratingOf(reader, ann, more)).status, (await ratingOf(reader, ann, more)).body.code], [404, 'RATING_HIDDEN']);
    assert.equal((await ratingOf(ann, ann)).status, 200);
    const next = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    await seatAll(system, next, people);
    const { seated, sides } = await ok(system, 'GET', `/events/${next.id}/forecast`, { token: god.token });
    assert.deepEqual(seated.map(({ user_id: id }) => id).sort(), people.slice(1).map(({ id }) => id).sort());
    assert.ok(sides.length >= 2);
    await set(ann, ALL);
    await eventually(async () => (await ranked()).includes(ann.id), PATIENCE_MS);
    assert.equal((await ratingOf(bob, ann)).status, 200);
});

test('who wants no tips gets none', async () => {
    const deck = await makeDeck(system, god, { roles: PLAYERS });
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS }), g = as(system, god, event);
    await seatAll(system, event, people);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const tips = async (person) => (await ok(system, 'GET', `/tips?event_id=${event.id}`, { token: person.token }));
    await set(bob, { ...ALL, tips: false });
    await eventually(async () => (await tips(bob)).turned_off, PATIENCE_MS);
    assert.deepEqual((await tips(bob)).tips, []);
    assert.ok((await tips(ann)).tips.length > 0);
    await set(bob, ALL);
    await eventually(async () => (await tips(bob)).tips.length > 0, PATIENCE_MS);
});
