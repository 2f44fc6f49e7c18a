// Tips for the role that one was told: after the reveal, only one's own, from games that are over.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 3, GAMES = 5, CROWD = 50;
let system, god, deck, people, stranger;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god, { roles: PLAYERS });
    people = [];
    for (const name of ['ann', 'bob', 'eve']) people.push(await signUp(system, name));
    stranger = await signUp(system, 'max');
});
after(() => system?.stop());

const tipsOf = (person, event) => call(system, 'GET', `/tips?event_id=${event.id}`, { token: person.token });

async function open() {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    await seatAll(system, event, people);
    return { event, g: as(system, god, event) };
}

// All die in the first night.
async function play() {
    const { event, g } = await open();
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const player of players) await g('PATCH', `/players/${player.user_id}`, { status: 'DEAD' });
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return event;
}

test('before the reveal, and without a seat, there are none', async () => {
    const { event, g } = await open();
    assert.deepEqual([(await tipsOf(people[0], event)).status, (await tipsOf(people[0], event)).body.code], [409, 'EVENT_NOT_REVEALED']);
    assert.equal((await tipsOf(stranger, event)).body.code, 'NOT_FOUND');
    assert.equal((await call(system, 'GET', `/tips?event_id=${event.id}`)).status, 401);
    await g('POST', '/lock');
    assert.equal((await tipsOf(people[0], event)).body.code, 'EVENT_NOT_REVEALED');
    await g('POST', '/reveal', {});
    const { body } = await tipsOf(people[0], event);
    assert.deepEqual(body.tips.map(({ kind, scope }) => [kind, scope]), [['READ_ROLE', 'NO_HISTORY']]);
    const { player } = await ok(system, 'GET', `/events/${event.id}/me`, { token: people[0].token });
    assert.deepEqual([body.role_id, body.side_id], [player.role_id, player.side_id]);
});

test('games that are over say how a part ends, and a running one says nothing', async () => {
    for (let i = 0; i < GAMES; i++) await play();
    const { event, g } = await open();
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    const own = async (person) => (await tipsOf(person, event)).body.tips;
    await eventually(async () => (await own(people[0]))[0].kind === 'END', PATIENCE_MS);
    for (const person of people) {
        const { name } = players.find(({ user_id: id }) => id === person.id).role;
        await eventually(async () => (await own(person))[0].kind === 'END', PATIENCE_MS);
        for (const tip of await own(person)) {
            assert.ok(tip.games >= GAMES && tip.text.length > 0 && /[\u0600-\u06ff]/.test(tip.text_fa));
            if (tip.kind === 'END') assert.deepEqual([tip.count, tip.games], [tip.games, tip.games]);
            if (tip.scope !== 'OWN_SIDE') assert.ok(tip.text.includes(name));
        }
    }
    const before = await own(people[0]);
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PATCH', `/players/${people[0].id}`, { status: 'KICKED' });
    assert.deepEqual(await own(people[0]), before);
});

const judge = (person, tip, useful) => call(system, 'POST', `/tips/${tip.id}/feedback`, { token: person.token, body: { useful } });

test('once a game is over it is said whether a tip helped, and told back', async () => {
    const { event, g } = await open();
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    const [tip] = (await tipsOf(people[0], event)).body.tips;
    assert.deepEqual([tip.feedback.useful, tip.feedback.answers], [undefined, 0]);
    assert.deepEqual([(await judge(people[0], tip, true)).status, (await judge(people[0], tip, true)).body.code], [409, 'GAME_NOT_DONE']);
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    assert.deepEqual((await judge(people[0], tip, true)).body, { useful: true, useful_count: 1, answers: 1 });
    assert.deepEqual((await judge(people[1], tip, true)).body, { useful: true, useful_count: 2, answers: 2 });
    assert.deepEqual((await judge(people[1], tip, false)).body, { useful: false, useful_count: 1, answers: 2 });
    const told = (await tipsOf(people[1], event)).body.tips.find(({ kind }) => kind === tip.kind);
    if (told) assert.deepEqual(told.feedback, { useful: false, useful_count: 1, answers: 2 });
    assert.equal((await judge(stranger, tip, true)).body.code, 'NOT_FOUND');
    assert.equal((await judge(people[0], { id: 'nothing' }, true)).body.code, 'NOT_FOUND');
    const unsaid = await judge(people[0], tip, undefined);
    assert.deepEqual([unsaid.status, unsaid.body.errors[0].field], [400, 'useful']);
    assert.equal((await call(system, 'POST', `/tips/${tip.id}/feedback`, { body: { useful: true } })).status, 401);
});

test('fifty at once all get their tips', async () => {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const body = { group_id: god.group.id, name: 'a crowd', roles: roles.map(({ id, copies }) => ({ role_id: id, copies })) };
    const large = (await ok(system, 'POST', '/decks', { token: god.token, body })).deck;
    const crowd = await signUpMany(system, 'crowd', CROWD);
    const event = await openEvent(system, god, large, { max_players: CROWD, min_players: CROWD });
    await seatAll(system, event, crowd);
    const g = as(system, god, event);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const told = await Promise.all(crowd.map((person) => tipsOf(person, event)));
    assert.deepEqual(told.filter(({ status }) => status !== 200).map(({ body: refused }) => refused), []);
    for (const { body: { role_id: own, tips } } of told) assert.ok(roles.some(({ id }) => id === own) && tips.length > 0);
});
