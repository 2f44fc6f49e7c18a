// An embedded store is opened by the new version, and by the old one again, when that may come back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, signUpMany } from '../e2e/parts/games.mjs';
import { call, consectl } from '../e2e/parts/people.mjs';
import { startSystem } from '../e2e/parts/system.mjs';
import { applauses, askReady, comeAndGo, dealCards, eventAt, fill, finish, logOf, openAs, playDay, startGame } from './parts/evening.mjs';
import { AHEAD, COMES_BACK, faultsOf, makeRound, NEW, OLD, startsElsewhere } from './parts/programs.mjs';

let system, round, god, deck, players, evening, filled, applauded, content;

before(async () => {
    system = await startSystem({ replicas: 0, env: LIMITS, programs: startsElsewhere() });
    round = makeRound(system);
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
    players = await signUpMany(system, 'player', 6);
});
after(() => system?.stop());

// All end before one starts: their store is of one process.
async function moveAll(folder) {
    const all = ['auth', 'events', 'gateway'];
    for (const name of [...all].reverse()) {
        const { code } = await system.term(name);
        assert.equal(code, 0, system.log(name).slice(-2000));
        system.programs[name] = folder;
    }
    for (const name of all) await system.start(name);
}

const status = async () => {
    const { status, body } = await call(system, 'GET', `/events/${applauded.id}`);
    return status === 200 ? 200 : body.code;
};

test('the old version makes the store', async () => {
    evening = await startGame(round, god, deck, players);
    await dealCards(round, god, evening);
    await playDay(round, god, evening, players);
    [filled, applauded] = [await openAs(round, god, deck, { title: 'filled' }), await openAs(round, god, deck, { title: 'applauded' })];
    await fill(round, god, filled);
    await comeAndGo(round, 'first');
});

test('the new version goes on with it', async () => {
    await moveAll(NEW);
    assert.equal((await eventAt(round, god, filled)).title, 'filled');
    await playDay(round, god, evening, players);
    await fill(round, god, filled);
    ({ content } = await eventAt(round, god, filled));
    await askReady(round, god, applauded);
    assert.equal(await applauses(round, god, applauded), AHEAD ? 1 : 0);
    await comeAndGo(round, 'second');
});

if (COMES_BACK) test('the old version goes on with all that it knows', async () => {
    await moveAll(OLD);
    assert.equal((await eventAt(round, god, filled)).content, content);
    await playDay(round, god, evening, players);
    await comeAndGo(round, 'third');
    assert.equal(await status(), AHEAD ? 'STORE_NEWER' : 200);
});

test('the new version has everything again', async () => {
    await moveAll(NEW);
    assert.equal(await status(), 200);
    await askReady(round, god, applauded);
    const { players: cards } = await eventAt(round, god, evening);
    await finish(round, god, evening, [cards[0].side_id]);
    const ballots = (await logOf(round, god, evening)).entries.filter(({ kind }) => kind === 'BALLOT_CAST');
    assert.equal(ballots.length, (COMES_BACK ? 3 : 2) * 2 * (players.length - 2));
    for (const words of [['log', evening.id], ['log', filled.id], ['verify-deal', evening.id]]) {
        const { code, stderr } = await consectl(system, ...words);
        assert.equal(code, 0, `${words}: ${stderr}`);
    }
    assert.deepEqual(round.unexpected, []);
    assert.deepEqual(faultsOf(system), []);
});
