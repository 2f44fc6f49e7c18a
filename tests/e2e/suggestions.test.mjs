// Suggestions of open events: those that anybody sees and that suit the caller, with the reason; what is hidden stays hidden.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll } from './parts/games.mjs';
import { assertRefused, call, eventually, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 3;
let system, god, other, deck, theirs, people;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    other = await makeGod(system, 'rhea');
    deck = await makeDeck(system, god, { roles: PLAYERS });
    theirs = await makeDeck(system, other, { roles: PLAYERS });
    people = [];
    for (const name of ['ann', 'bob', 'eve', 'max']) people.push(await signUp(system, name));
});
after(() => system?.stop());

const listOf = (person) => ok(system, 'GET', '/suggestions', { token: person.token });
const suggested = async (person) => (await listOf(person)).suggestions.map(({ event_id: id }) => id);
const find = async (person, event) => (await listOf(person)).suggestions.find(({ event_id: id }) => id === event.id);
const open = (leads, more = {}) => openEvent(system, leads, leads === god ? deck : theirs, { max_players: PLAYERS, min_players: PLAYERS, ...more });
const close = (leads, event) => as(system, leads, event)('POST', '/cancel', {});

async function play(players) {
    const event = await open(god), g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    const { players: dealt } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [dealt[0].side_id] });
}

test('whom one played with comes first, and the reason says so', async () => {
    const [ann, , , max] = people;
    for (let i = 0; i < 2; i++) await play(people.slice(0, PLAYERS));
    const known = await open(god), strange = await open(other);
    const { suggestions } = await listOf(ann);
    assert.deepEqual(suggestions.map(({ event_id: id }) => id), [known.id, strange.id]);
    const [first, second] = suggestions;
    assert.equal(first.why, 'You played 2 times with gaia.');
    assert.match(first.why_fa, /2 بار با gaia/);
    assert.deepEqual([first.parts.acquaintance, first.parts.deck, first.parts.price], [0.5, 0.5, 1]);
    assert.ok(Math.abs(first.score - (0.4 * first.parts.closeness + 0.3 * 0.5 + 0.15 * 0.5 + 0.15)) < 1e-9);
    assert.match(second.why, /costs nothing/);
    assert.equal((await find(max, known)).parts.acquaintance, 0);
    await close(god, known);
    await close(other, strange);
});

test('only what anybody sees, and has room for the caller, is suggested', async () => {
    const [ann, bob, eve, max] = people;
    const full = await open(god), mine = await open(other), locked = await open(god);
    await seatAll(system, full, [bob, eve, max]);
    await seatAll(system, mine, [ann]);
    await seatAll(system, locked, [bob, eve, max]);
    await as(system, god, locked)('POST', '/lock');
    assert.deepEqual(await suggested(ann), []);
    assert.ok(!(await suggested(other)).includes(mine.id));
    assert.deepEqual(await suggested(bob), [mine.id]);
    assert.match((await find(bob, mine)).why, /^Those who have seats|^It costs nothing/);
    for (const [leads, event] of [[god, full], [other, mine], [god, locked]]) await close(leads, event);
});

test('what is hidden, or of whom one blocked or was blocked by, is not suggested', async () => {
    const [ann, bob] = people, one = await open(god), another = await open(other);
    assert.deepEqual((await suggested(ann)).sort(), [one.id, another.id].sort());
    for (let i = 0; i < 2; i++) assert.equal((await call(system, 'POST', `/suggestions/${one.id}/hide`, { token: ann.token, body: {} })).status, 204);
    assert.deepEqual(await suggested(ann), [another.id]);
    assert.deepEqual((await suggested(bob)).sort(), [one.id, another.id].sort());
    await ok(system, 'PUT', `/users/${other.id}/block`, { token: ann.token });
    assert.deepEqual(await suggested(ann), []);
    await ok(system, 'DELETE', `/users/${other.id}/block`, { token: ann.token });
    await ok(system, 'PUT', `/users/${ann.id}/block`, { token: other.token });
    assert.deepEqual(await suggested(ann), []);
    await ok(system, 'DELETE', `/users/${ann.id}/block`, { token: other.token });
    await assertRefused(system, ann, 'POST', '/suggestions/nothing/hide', {}, 400, 'INVALID_FIELD', 'event_id');
    await assertRefused(system, null, 'GET', '/suggestions', undefined, 401, 'TOKEN_INVALID');
    await system.killAll('ai');
    await system.startAll('ai');
    await eventually(async () => (await call(system, 'GET', '/suggestions', { token: ann.token })).status === 200, PATIENCE_MS);
    assert.deepEqual(await suggested(ann), [another.id]);
    await close(god, one);
    await close(other, another);
});

test('what somebody cannot pay is not suggested, and one god does not fill the list', async () => {
    const [ann] = people, dear = await open(other, { price: { amount: '100000000', currency: 'CONSE' } });
    assert.deepEqual(await suggested(ann), []);
    const many = [];
    for (let i = 0; i < 5; i++) many.push(await open(god));
    assert.equal((await suggested(ann)).length, 3);
    for (const event of many) await close(god, event);
    await close(other, dear);
});

const ALL = { show_rating: true, tips: true, suggestions: true, llm: true };

test('who wants none gets none', async () => {
    const [ann] = people, event = await open(god);
    await ok(system, 'PUT', '/auth/me/preferences', { token: ann.token, body: { ...ALL, suggestions: false } });
    await eventually(async () => (await listOf(ann)).turned_off, PATIENCE_MS);
    assert.deepEqual(await suggested(ann), []);
    await ok(system, 'PUT', '/auth/me/preferences', { token: ann.token, body: ALL });
    await eventually(async () => (await suggested(ann)).includes(event.id), PATIENCE_MS);
    await close(god, event);
});
