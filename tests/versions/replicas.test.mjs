// Two versions at one shared store, and a roll-back, with people at it all the time: the old version alone, both, the new one alone,
// both again, the old one alone, and in the end the new one. Where the new one stores what the old one does not know, it is not alone
// before the old one comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, signUpMany } from '../e2e/parts/games.mjs';
import { verifyChain } from '../e2e/parts/fairness.mjs';
import { call, consectl, eventually } from '../e2e/parts/people.mjs';
import { startSystem } from '../e2e/parts/system.mjs';
import { applauses, askReady, assertOnce, comeAndGo, dealCards, eventAt, fill, finish, keepBusy, logOf, openAs, playDay, startGame } from './parts/evening.mjs';
import { AHEAD, COMES_BACK, faultsOf, makeRound, NEW, OLD, startsElsewhere } from './parts/programs.mjs';
import { snapshotForms } from './parts/snapshots.mjs';

// A process that ended is known to be gone by then, and what is not read again at once is read again.
const SOON_MS = 60000;
const FIRST = ['auth', 'events', 'gateway'];
const SECOND = FIRST.map((service) => `${service}-2`);
let system, round, god, deck, players, evening, busy, work, oldForm;
const events = {}; // by what they are for

before(async () => {
    system = await startSystem({ replicas: 2, env: LIMITS, programs: startsElsewhere() });
    round = makeRound(system);
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
    players = await signUpMany(system, 'player', 6);
});
after(() => system?.stop());

const streamOf = (event) => `events.${event.id}`;
const formsNow = () => snapshotForms(system.stores.mongo.port);
const formOf = async (event) => (await formsNow())[streamOf(event)];

async function moveAll(names, folder) {
    for (const name of names) await round.move(name, folder);
}

// What every stage has to do, at either gateway.
async function spendStage(name) {
    await comeAndGo(round, name);
    for (const i of system.urls.keys()) assert.equal((await eventAt(round, god, evening, i)).seats_taken, players.length);
    const event = await openAs(round, god, deck, { title: name });
    for (const i of system.urls.keys()) assert.equal((await eventAt(round, god, event, i)).title, name);
}

test('the old version alone', async () => {
    evening = await startGame(round, god, deck, players);
    [events.busy, events.filled, events.applauded] = await Promise.all(['busy', 'filled', 'applauded'].map((title) => openAs(round, god, deck, { title })));
    work = keepBusy(round, god, events.busy, await signUpMany(system, 'comer', 24));
    await fill(round, god, events.filled);
    await eventually(async () => (oldForm = await formOf(events.filled)) !== undefined, SOON_MS);
    await spendStage('alone');
});

test('the new version comes beside it', async () => {
    await moveAll(SECOND, NEW);
    await dealCards(round, god, evening);
    await playDay(round, god, evening, players);
    await spendStage('beside');
    await fill(round, god, events.filled);
    for (let i = 0; i < 4; i++) await askReady(round, god, events.applauded);
    assert.equal(await applauses(round, god, events.applauded), 0, 'the old version would not know it');
    for (const form of Object.values(await formsNow())) assert.equal(form, oldForm);
});

if (COMES_BACK) test('the new version alone', async () => {
    await moveAll(FIRST, NEW);
    await playDay(round, god, evening, players);
    await spendStage('new');
    if (!AHEAD) return;
    await eventually(async () => {
        await askReady(round, god, events.applauded);
        return (await applauses(round, god, events.applauded)) > 0;
    }, SOON_MS);
    await fill(round, god, events.filled);
    await eventually(async () => (await formOf(events.filled)) === oldForm + 1, SOON_MS);
});

test('the old version comes back beside it', async () => {
    await moveAll(SECOND, OLD);
    await playDay(round, god, evening, players);
    await spendStage('back');
    const known = await applauses(round, god, events.applauded);
    for (let i = 0; i < 4; i++) await askReady(round, god, events.applauded); // by the new version, whoever is asked first
    assert.equal(await applauses(round, god, events.applauded), known);
    assert.equal((await eventAt(round, god, events.filled, 0)).title, 'filled');
});

async function isAway(event) {
    for (const i of system.urls.keys()) {
        const read = await call(round.at(i), 'GET', `/events/${event.id}`, { token: god.token });
        const write = await call(round.at(i), 'POST', `/events/${event.id}/ready-check`, { token: god.token, body: { seconds: 30 } });
        for (const { status, body, headers } of [read, write]) {
            assert.deepEqual([status, body.code], [503, 'STORE_NEWER'], JSON.stringify(body));
            assert.ok(Number(headers.get('retry-after')) >= 1);
        }
    }
}

test('the old version alone again: what it does not know is away, until the new one is back', async () => {
    await moveAll(FIRST, OLD);
    await spendStage('rolled-back');
    await fill(round, god, events.filled);
    await eventually(async () => (await formOf(events.filled)) === oldForm, SOON_MS);
    if (!AHEAD) return;
    await isAway(events.applauded);
    await moveAll(['events-2'], NEW);
    for (const i of system.urls.keys()) {
        await eventually(async () => (await call(round.at(i), 'GET', `/events/${events.applauded.id}`)).status === 200, SOON_MS);
        await askReady(round, god, events.applauded);
    }
    await moveAll(['events-2'], OLD);
    await isAway(events.applauded);
});

test('nothing was lost and nothing done twice', async () => {
    busy = await work.end();
    await assertOnce(round, god, events.busy, busy);
    assert.ok(busy.edits.length > 50 && busy.seats > 20, JSON.stringify({ edits: busy.edits.length, seats: busy.seats }));
});

test('the new version ends it alone; the log and the deal verify', async () => {
    await moveAll([...FIRST, ...SECOND, 'chain', 'chain-2'], NEW);
    await playDay(round, god, evening, players);
    const { players: cards } = await eventAt(round, god, evening, 0);
    await finish(round, god, evening, [cards[0].side_id]);
    const log = await logOf(round, god, evening);
    verifyChain(log.entries, log.head);
    assert.equal(log.entries.filter(({ kind }) => kind === 'BALLOT_CAST').length, (COMES_BACK ? 4 : 3) * 2 * (players.length - 2));
    for (const words of [['log', evening.id], ['log', events.filled.id], ['verify-deal', evening.id]]) {
        const { code, stderr } = await consectl(system, ...words);
        assert.equal(code, 0, `${words}: ${stderr}`);
    }
    await eventually(async () => (await consectl(system, 'verify', system.url)).code === 0, SOON_MS); // without those of before
});

test('nobody got an answer that says of a fault, and no log tells of one', () => {
    assert.deepEqual(round.unexpected, []);
    assert.deepEqual(faultsOf(system), []);
});
