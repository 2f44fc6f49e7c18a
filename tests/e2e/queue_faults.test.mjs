// The queue while its process is killed, in every state of a ticket: nothing is lost, and nobody sits down twice. Of two processes one
// matches, and both answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually } from './parts/people.mjs';
import { accept, join, leaveQueue, QUEUE_PATIENCE_MS, queueOf, untilAll, untilState } from './parts/queue.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PEOPLE = 3;
let system, god, deck, people;

async function begin(options = {}) {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS, ...options });
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god);
    people = await signUpMany(system, 'player', PEOPLE);
}
before(() => begin());
after(() => system?.stop());

const open = () => openEvent(system, god, deck, { min_players: PEOPLE, max_players: PEOPLE });
const close = (event) => as(system, god, event)('POST', '/cancel', {});
const acceptAll = async () => {
    for (const person of people) await accept(system, person);
};
async function restart(service = 'ai') {
    await system.killAll(service);
    await system.startAll(service);
    await eventually(async () => (await call(system, 'GET', '/queue', { token: people[0].token })).status === 200, QUEUE_PATIENCE_MS);
}

// What is done before the kill, and after it.
const states = [
    ['while people wait', async () => {}, acceptAll],
    ['when seats are offered', () => untilAll(system, people, 'OFFERED'), acceptAll],
    ['when one has accepted', () => accept(system, people[0]), async () => {
        for (const person of people.slice(1)) await accept(system, person);
    }],
    ['as soon as all have accepted', acceptAll, async () => {}],
    ['when all have their seats', async () => {
        await acceptAll();
        await untilAll(system, people, 'SEATED');
    }, async () => {}],
];

for (const [when, until, then] of states) {
    test(`ai is killed ${when}`, async () => {
        const event = await open();
        for (const person of people) await join(system, person);
        const joined = (await queueOf(system, people[0])).joined_at;
        await until();
        await restart();
        assert.equal((await queueOf(system, people[0])).joined_at, joined);
        await then();
        await untilAll(system, people, 'SEATED');
        const { players, seats_taken: taken } = await readEvent(system, god, event);
        assert.equal(taken, PEOPLE);
        assert.deepEqual(players.map(({ user_id: id }) => id).sort(), people.map(({ id }) => id).sort());
        await close(event);
    });
}

test('events is killed while seats are offered, and as soon as all have accepted', async () => {
    const event = await open();
    for (const person of people) await join(system, person);
    await untilAll(system, people, 'OFFERED');
    await restart('events');
    await acceptAll();
    await restart('events');
    await untilAll(system, people, 'SEATED');
    assert.equal((await readEvent(system, god, event)).seats_taken, PEOPLE);
    assert.equal((await queueOf(system, people[0])).penalty.timed_out, 0);
    await close(event);
});

// The processes that match, by their lease.
async function matching() {
    const { stdout } = await consectl(system, 'services', '--json');
    const processes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).find(({ service }) => service === 'ai')?.processes ?? [];
    const addresses = processes.filter(({ leases }) => leases.includes('matches')).map(({ address }) => address);
    return system.replicasOf('ai').filter((name) => addresses.includes(system.own[name].CONSE_AI_LISTEN));
}

test('one of two processes matches, both answer, and the other goes on when it is killed', async () => {
    await system.stop();
    await begin({ replicas: 2 });
    const event = await open();
    await eventually(async () => (await matching()).length === 1, QUEUE_PATIENCE_MS);
    for (const person of people) await join(system, person);
    await untilAll(system, people, 'OFFERED');
    const [holder] = await matching();
    await system.kill(holder);
    await acceptAll();
    await untilAll(system, people, 'SEATED');
    assert.equal((await readEvent(system, god, event)).seats_taken, PEOPLE);
    await eventually(async () => (await matching()).length === 1 && (await matching())[0] !== holder, QUEUE_PATIENCE_MS);
    await system.start(holder);
    for (let i = 0; i < 8; i++) assert.equal((await untilState(system, people[i % PEOPLE], 'SEATED')).seat.event_id, event.id);
    for (const person of people) assert.equal((await leaveQueue(system, person)).status, 204);
});
