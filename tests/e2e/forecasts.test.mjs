// Forecasts of events: for who may see the event, until it is locked; what was foretold at the lock is kept, and comes true or not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { makeDeckOfFour } from './parts/mafia.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 4, SIDES = 2;
let system, god, other, deck, people, stranger;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    other = await makeGod(system, 'rhea');
    ({ deck } = await makeDeckOfFour(system, god));
    people = await signUpMany(system, 'player', PLAYERS + 1);
    stranger = await signUp(system, 'max');
});
after(() => system?.stop());

const forecast = (person, event) => call(system, 'GET', `/events/${event.id}/forecast`, { token: person?.token });
const calibration = () => ok(system, 'GET', '/ai/calibration', { token: god.token });
let games = 0; // that were played to their end

// Of several processes one may be behind another.
const countsAllGames = () => eventually(async () => {
    const { forecasts, dealt } = await calibration();
    return Number(forecasts) === games * SIDES && Number(dealt.forecasts) === games * SIDES;
}, PATIENCE_MS);

async function open(more = {}) {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS, waitlist: true, ...more });
    await seatAll(system, event, people);
    return { event, g: as(system, god, event) };
}
const lock = async ({ g }) => g('POST', '/lock');
async function finish({ g }) {
    const { players } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    games++;
}

test('everybody who sees an event sees the chances of its sides, and who leads it sees players', async () => {
    const { event } = await open();
    for (const person of [stranger, people[0], other, god]) {
        const { status, body } = await forecast(person, event);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.sides.length, SIDES);
        assert.ok(Math.abs(body.sides[0].chance + body.sides[1].chance - 1) < 1e-9);
        for (const side of body.sides) assert.ok(side.low <= side.chance && side.chance <= side.high && side.side_is_prior === (side.games === 0));
        assert.deepEqual([body.players, body.newcomers], [PLAYERS, PLAYERS]);
        assert.equal(body.seated.length, person === god ? PLAYERS : 0);
        if (person !== god) assert.ok(!JSON.stringify(body).includes(people[0].id) && body.swaps.every(({ kind }) => kind === 'ROLE'));
    }
    assert.equal((await forecast(undefined, event)).status, 401);
    assert.equal((await forecast(stranger, { id: '01890000-0000-7000-8000-00000000dead' })).status, 404);
    const leads = await signUp(system, 'nyx');
    await ok(system, 'PUT', `/events/${event.id}/assistants/${leads.id}`, { token: god.token });
    assert.equal((await forecast(leads, event)).body.seated.length, PLAYERS);
});

test('once it is locked there is none, and nothing of the running game is told by any', async () => {
    const evening = await open(), { event, g } = evening;
    await lock(evening);
    for (const person of [stranger, people[0], god])
        assert.deepEqual([(await forecast(person, event)).status, (await forecast(person, event)).body.code], [409, 'EVENT_NOT_OPEN']);
    const { players } = (await g('POST', '/reveal', {})).event;
    const told = async () => JSON.stringify([await calibration(), await ok(system, 'GET', '/ratings', { token: stranger.token })]);
    const before = await told();
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PATCH', `/players/${players[0].user_id}`, { status: 'DEAD' });
    for (const person of [stranger, god]) assert.equal((await forecast(person, event)).body.code, 'EVENT_NOT_OPEN');
    assert.equal(await told(), before);
    await g('POST', '/cancel');
    const done = await open();
    await lock(done);
    await finish(done);
    await countsAllGames();
    const { event: off, g: callOff } = await open();
    await callOff('POST', '/cancel');
    for (const over of [event, done.event, off])
        for (const person of [stranger, people[0], god]) assert.deepEqual([(await forecast(person, over)).status, (await forecast(person, over)).body.code], [409, 'EVENT_NOT_OPEN']);
});

test('what was foretold at the lock is counted when the game ends, whatever is killed', async () => {
    for (const killed of [[], ['ai'], ['events'], ['events', 'ai']]) {
        const evening = await open();
        await lock(evening);
        for (const service of killed) await system.killAll(service);
        for (const service of killed) await system.startAll(service);
        await eventually(async () => (await call(system, 'GET', `/events/${evening.event.id}`)).status === 200, PATIENCE_MS);
        await eventually(async () => (await call(system, 'GET', '/ai/calibration', { token: god.token })).status === 200, PATIENCE_MS);
        await finish(evening);
        await countsAllGames();
    }
    const { bins, brier } = await calibration();
    assert.equal(bins.length, 10);
    assert.equal(bins.reduce((sum, bin) => sum + Number(bin.forecasts), 0), games * SIDES);
    assert.ok(brier > 0 && brier < 1);
});

test('an event that is called off counts nothing', async () => {
    const off = await open();
    await lock(off);
    await off.g('POST', '/cancel');
    const played = await open();
    await lock(played);
    await finish(played);
    await countsAllGames();
});
