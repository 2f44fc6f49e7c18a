// Finished games give role cards, to who is somebody and was there, once, whatever is killed; and cards are sold.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeWallet, openPhones, sendCode, useCode } from './parts/auth_people.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, seatAll } from './parts/games.mjs';
import { call, consectl, eventually, ok, prove, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PLAYERS = 3, PHASES = 3;
const RULES = { CONSE_REWARD_PLAYERS: String(PLAYERS), CONSE_REWARD_PHASES: String(PHASES), CONSE_REWARD_MINUTES: '0', CONSE_REWARD_GAMES: '1000', CONSE_REWARD_GOD_GAMES: '1000' };
let system, phones, dev, god, deck, phoned, walleted, nobody;

before(async () => {
    phones = await openPhones();
    system = await startSystem({ env: { ...LIMITS, ...RULES, ...phones.env } });
    dev = await signUpAs(system, 'dora', 'dev');
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god, { roles: PLAYERS, lastMoves: 1 });
    phoned = await withPhone('+989120000701');
    walleted = await withWallet('ann');
    nobody = await signUp(system, 'bob');
});
after(async () => {
    await system?.stop();
    phones?.close();
});

async function withPhone(phone) {
    assert.equal((await sendCode(system, phone)).status, 202);
    await eventually(() => phones.codeOf(phone), PATIENCE_MS);
    const { body } = await useCode(system, phone, phones.codeOf(phone));
    return { token: body.access_token, id: body.user.id, user: body.user };
}

async function withWallet(name) {
    const person = await signUp(system, name);
    await prove(system, person.token);
    assert.equal((await makeWallet().prove(system, person.token)).status, 200);
    return person;
}

const cards = async (of) => (await ok(system, 'GET', '/market/cards', { token: of.token })).cards ?? [];
const coins = async (of) => Number((await ok(system, 'GET', '/wallet', { token: of.token })).balances.find(({ kind }) => kind === 'CONSE').amount);

// A game of these people that is over; everybody was there.
async function play(people, { guests = 0, phases = PHASES } = {}) {
    const event = await openEvent(system, god, deck, { max_players: PLAYERS, min_players: PLAYERS });
    const g = as(system, god, event);
    await seatAll(system, event, people);
    for (let i = 0; i < guests; i++) await g('POST', '/reservations', { guest_name: `guest ${i}` });
    await g('POST', '/lock');
    const { players } = (await g('POST', '/reveal', {})).event;
    for (const player of players) await g('PUT', `/players/${player.user_id}/attendance`, { attendance: 'PRESENT' });
    for (let i = 0; i < phases; i++) await g('POST', '/phases', { kind: i % 2 ? 'DAY' : 'NIGHT' });
    await g('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return event;
}

const cardOf = async (person, event) => (await cards(person)).filter(({ event_id: id }) => id === event.id);
const untilRewarded = (people, event) =>
    eventually(async () => (await Promise.all(people.map((person) => cardOf(person, event)))).every((own) => own.length === 1), PATIENCE_MS);

test('a game gives everybody who is somebody the card that they held', async () => {
    const event = await play([phoned, walleted, nobody]);
    await untilRewarded([phoned, walleted], event);
    const { players } = await readEvent(system, null, event);
    const { root } = (await ok(system, 'GET', `/events/${event.id}/deal`)).deal;
    for (const person of [phoned, walleted]) {
        const [card] = await cardOf(person, event);
        assert.equal(card.role_id, players.find(({ user_id: id }) => id === person.id).role_id);
        const { transactions } = await ok(system, 'GET', `/ledger/accounts/${person.id}`, { token: person.token });
        const { kind, card: origin } = transactions.find(({ id }) => id === card.transaction_id);
        assert.deepEqual([kind, origin.event_id, origin.number, origin.deal.root], ['CARD_MADE', event.id, card.number, root]);
    }
    assert.deepEqual(await cards(nobody), []);
    const rewards = await ok(system, 'GET', `/events/${event.id}/rewards`, { token: nobody.token });
    assert.equal(rewards.judged, true);
    assert.deepEqual(rewards.cards.map(({ user_id: id }) => id).sort(), [phoned.id, walleted.id].sort());
    const [own] = await cardOf(phoned, event);
    const won = rewards.cards.find(({ user_id: id }) => id === phoned.id);
    assert.deepEqual([won.role_id, won.number, won.transaction_id], [own.role_id, own.number, own.transaction_id]);
});

test('a card that was won is sold', async () => {
    const [card] = await cards(phoned);
    await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: nobody.id, amount: 1000, memo: 'start' } })).status === 201, PATIENCE_MS);
    const order = (of, side) => ok(system, 'POST', '/market/orders', { token: of.token, body: { role_id: card.role_id, side, price: 300, quantity: 1 } });
    await order(phoned, 'SELL');
    assert.equal((await order(nobody, 'BUY')).order.state, 'FILLED');
    assert.equal(await coins(phoned), 300);
    const [bought] = await cards(nobody);
    assert.deepEqual([bought.role_id, bought.number, bought.event_id], [card.role_id, card.number, card.event_id]);
});

test('a game that was none gives nothing', async () => {
    const before = await cards(walleted);
    const short = await play([phoned, walleted, nobody], { phases: PHASES - 1 });
    const event = await play([phoned, walleted, nobody]);
    await untilRewarded([walleted], event); // which was told after the other one
    assert.equal((await cards(walleted)).length, before.length + 1);
    assert.deepEqual(await cardOf(walleted, short), []);
});

test('nothing is given twice and nothing is lost, whatever is killed', async () => {
    const before = await cards(walleted), games = [];
    for (let i = 0; i < 4; i++) {
        games.push(await play([phoned, walleted, nobody]));
        if (i % 2) await system.killAll('events');
        await system.killAll('chain');
        if (i % 2) await system.startAll('events');
        await system.startAll('chain');
        await eventually(async () => (await call(system, 'GET', '/wallet', { token: walleted.token })).status === 200, PATIENCE_MS);
        await eventually(async () => (await call(system, 'GET', `/events/${games[i].id}`)).status === 200, PATIENCE_MS);
    }
    for (const event of games) await untilRewarded([phoned, walleted], event);
    await system.killAll('chain');
    await system.startAll('chain');
    const last = await play([phoned, walleted, nobody]);
    await untilRewarded([phoned, walleted], last);
    assert.equal((await cards(walleted)).length, before.length + games.length + 1);
});

test("a guest's card is theirs who takes the seat over after the end, once, whatever is killed", async () => {
    const event = await play([phoned, walleted], { guests: 1 });
    await untilRewarded([phoned, walleted], event);
    const { players } = await readEvent(system, null, event);
    const guest = players.find(({ guest: is }) => is);
    const { ticket } = await as(system, god, event)('POST', `/players/${guest.user_id}/claim`);
    const claimer = await withPhone('+989120000702');
    const claim = () => ok(system, 'POST', `/events/${event.id}/claim`, { token: claimer.token, body: { ticket } });
    await system.killAll('chain');
    await claim();
    await system.killAll('events');
    await system.startAll('events');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: claimer.token })).status === 200, PATIENCE_MS);
    await untilRewarded([claimer], event);
    const [card] = await cardOf(claimer, event);
    assert.equal(card.role_id, guest.role_id);
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}`)).status === 200, PATIENCE_MS);
    await claim(); // again, which changes nothing
    const last = await play([phoned, walleted, nobody]);
    await untilRewarded([phoned, walleted], last);
    assert.equal((await cards(claimer)).length, 1);
});

test('while auth is not heard, games wait for what it has to tell of their players', async () => {
    const late = await signUp(system, 'lena');
    await system.killAll('chain');
    const event = await play([phoned, walleted, late]);
    await prove(system, late.token);
    assert.equal((await makeWallet().prove(system, late.token)).status, 200);
    await system.killAll('auth');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: phoned.token })).status === 200, PATIENCE_MS);
    assert.deepEqual(await cardOf(phoned, event), []);
    await system.startAll('auth');
    await untilRewarded([phoned, walleted, late], event);
});

test('the ledger that came of it verifies', async () => {
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    await system.startAll('chain');
});
