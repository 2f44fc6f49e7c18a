// Coins for finished games: told by ai, given by chain, once, to who is somebody, whatever is killed; and they follow from what is shown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeWallet } from './parts/auth_people.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll } from './parts/games.mjs';
import { call, consectl, eventually, ok, prove, signUp, signUpAs } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 3, PHASES = 3;
const RULES = { CONSE_REWARD_PLAYERS: String(PLAYERS), CONSE_REWARD_PHASES: String(PHASES), CONSE_REWARD_MINUTES: '0', CONSE_REWARD_GAMES: '1000', CONSE_REWARD_GOD_GAMES: '1000' };
let system, god, deck, ann, bob, nobody;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, ...RULES } });
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god, { roles: PLAYERS });
    ann = await withWallet('ann');
    bob = await withWallet('bob');
    nobody = await signUp(system, 'eve');
});
after(() => system?.stop());

async function withWallet(name) {
    const person = await signUp(system, name);
    await prove(system, person.token);
    assert.equal((await makeWallet().prove(system, person.token)).status, 200);
    return person;
}

const coinsOf = async (person) => Number((await ok(system, 'GET', '/wallet', { token: person.token })).balances.find(({ kind }) => kind === 'CONSE').amount);
const rewardsOf = (event) => ok(system, 'GET', `/events/${event.id}/rewards`, { token: ann.token });
const answers = (path) => eventually(async () => (await call(system, 'GET', path, { token: ann.token })).status === 200, PATIENCE_MS);

// A game of these people that is over; everybody was there, and the god gave marks.
async function play({ guest } = {}) {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    const g = as(system, god, event);
    await seatAll(system, event, guest ? [ann, bob] : [ann, bob, nobody]);
    if (guest) await g('POST', '/reservations', { guest_name: guest });
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    for (const player of players) await g('PUT', `/players/${player.user_id}/attendance`, { attendance: 'PRESENT' });
    for (let i = 0; i < PHASES; i++) await g('POST', '/phases', { kind: i % 2 ? 'DAY' : 'NIGHT' });
    await g('PUT', `/players/${ann.id}/score`, { score: 255 });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return { event, players };
}
const untilGiven = (event, people = [ann, bob]) =>
    eventually(async () => (await rewardsOf(event)).coins?.length === people.length, PATIENCE_MS);

test('who is somebody gets coins, which follow from their marks', async () => {
    const { event } = await play();
    await untilGiven(event);
    const { coins, judged } = await rewardsOf(event);
    assert.equal(judged, true);
    assert.deepEqual(coins.map(({ user_id: id }) => id).sort(), [ann.id, bob.id].sort());
    for (const given of coins) {
        const sum = given.attendance + given.activity + given.discipline + given.score;
        assert.equal(Number(given.coins), Math.max(100, Math.round((Math.round(5 * sum) * given.factor * 100) / 100)));
        assert.deepEqual([given.formula, given.model, given.class, given.factor], [1, 0, 'F', 1]);
    }
    const own = coins.find(({ user_id: id }) => id === ann.id);
    assert.deepEqual([own.attendance, own.discipline, own.score], [15, 15, 15]);
    assert.equal(await coinsOf(ann), Number(own.coins));
    assert.equal(await coinsOf(nobody), 0);
    const { transactions } = await ok(system, 'GET', `/ledger/accounts/${ann.id}`, { token: ann.token });
    const { kind, movements } = transactions.find(({ id }) => id === own.transaction_id);
    assert.deepEqual([kind, movements.map(({ amount }) => Number(amount))], ['COINS_GIVEN', [Number(own.coins)]]);
});

test('nothing is given twice and nothing is lost, whatever is killed', async () => {
    const before = await coinsOf(ann), games = [];
    for (const killed of ['chain', 'ai', 'events', 'ai', 'chain']) {
        const playing = play();
        games.push((await playing).event);
        await system.killAll(killed);
        await system.startAll(killed);
        await answers('/wallet');
        await answers(`/events/${games.at(-1).id}`);
    }
    let sum = 0;
    for (const event of games) {
        await untilGiven(event);
        sum += Number((await rewardsOf(event)).coins.find(({ user_id: id }) => id === ann.id).coins);
    }
    await system.killAll('chain');
    await system.startAll('chain');
    await answers('/wallet');
    assert.equal(await coinsOf(ann), before + sum);
});

test('while ai is away, coins wait', async () => {
    const before = await coinsOf(ann);
    await system.killAll('ai');
    const { event } = await play();
    await eventually(async () => (await rewardsOf(event)).judged, PATIENCE_MS);
    assert.equal(await coinsOf(ann), before);
    await system.startAll('ai');
    await untilGiven(event);
    assert.ok((await coinsOf(ann)) > before);
});

test("a guest's coins are theirs who takes the seat over", async () => {
    const { event, players } = await play({ guest: 'guest' });
    await untilGiven(event);
    const seat = players.find(({ guest: is }) => is).user_id;
    const { ticket } = await as(system, god, event)('POST', `/players/${seat}/claim`);
    const claimer = await withWallet('cleo');
    await ok(system, 'POST', `/events/${event.id}/claim`, { token: claimer.token, body: { ticket } });
    await untilGiven(event, [ann, bob, claimer]);
    const { coins } = await rewardsOf(event);
    assert.equal(await coinsOf(claimer), Number(coins.find(({ user_id: id }) => id === claimer.id).coins));
});

test('what came of it verifies', async () => {
    const verified = await consectl(system, '--json', 'ai', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const ledger = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(ledger.code, 0, ledger.stderr);
    await system.startAll('chain');
});

test('made anew from the games, it is the same to the byte', async () => {
    if (system.stores) return; // it is of a store that no process has
    const { stdout: verified } = await consectl(system, '--json', 'ai', 'verify');
    const { rating } = await ok(system, 'GET', `/ratings/${ann.id}`, { token: ann.token });
    await system.term('ai');
    for (let i = 0; i < 2; i++) {
        const anew = await consectl(system, '--json', 'ai', 'rebuild');
        assert.equal(anew.code, 0, anew.stderr);
        assert.deepEqual(JSON.parse(anew.stdout), JSON.parse(verified));
    }
    await system.startAll('ai');
    await answers(`/ratings/${ann.id}`);
    assert.deepEqual((await ok(system, 'GET', `/ratings/${ann.id}`, { token: ann.token })).rating, rating);
});
