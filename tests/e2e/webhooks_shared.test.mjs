// Two processes of events, one of which delivers at a time: the key that signs is replaced while they deliver, and who delivers dies or
// stands still in the middle of it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, consectl, eventually, ok } from './parts/people.mjs';
import { isSignedBy, keysOf, kidOf, receive, receiveGenuine } from './parts/receiver.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 120000, TOPICS = 3, MOVES = 4, SLOW_MS = 10, BEHIND = 20;
const AGAIN = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'DEADLINE_PASSED', 'OUTCOME_UNKNOWN', 'STORE_AWAY', 'IDEMPOTENCY_RUNNING']);
let system, god, deck, names = 0;

before(async () => {
    system = await startSystem({ replicas: 2, env: { ...LIMITS, CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms' } });
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

// Repeats an edit, which everybody sees, by its key until its outcome is known.
async function edit(event, title) {
    const asked = { token: god.token, body: { title }, headers: { 'Idempotency-Key': crypto.randomUUID() } };
    let reply;
    await eventually(async () => !AGAIN.has((reply = await call(system, 'PATCH', `/events/${event.id}`, asked)).body.code), PATIENCE_MS);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
}

async function publish(event, receiver) {
    const body = { name: `topic-${++names}`, pattern: `events.${event.id}.public`, webhook: { url: receiver.url } };
    return (await ok(system, 'POST', '/topics', { token: god.token, body })).topic;
}

// Edits, so many at most ahead of what the receivers took: {more(count), end()}. end gives the titles, in their order.
function beginEdits(event, receivers) {
    const titles = [];
    let stopped = false, failed;
    const run = async () => {
        for (let i = 0; !stopped; i++) {
            await eventually(() => stopped || receivers.every(({ got }) => got.length > titles.length - BEHIND), PATIENCE_MS);
            await edit(event, `title ${i}`);
            titles.push(`title ${i}`);
        }
    };
    const running = run().catch((error) => (failed = error));
    const work = {
        more: async (count) => {
            const until = titles.length + count;
            await eventually(() => failed || titles.length >= until, PATIENCE_MS);
            if (failed) throw failed;
        },
        end: async () => {
            await work.more(3);
            stopped = true;
            await running;
            return titles;
        },
    };
    return work;
}

const countTo = (count) => Array.from({ length: count }, (_, i) => i + 1);
const titleOf = ({ entry }) => entry.fields.terms.title;
const kidsAt = async (url) => (await keysOf({ url })).map((key) => key.kid);

async function rotate(...more) {
    const { code, stderr } = await consectl(system, 'keys', 'rotate', 'webhook', ...more);
    assert.equal(code, 0, stderr);
}

test('the key is replaced under load, and every receiver can check every delivery', async () => {
    const event = await openEvent(system, god, deck);
    const receivers = await Promise.all(Array.from({ length: TOPICS }, (_, i) => receiveGenuine(system, { forgetful: i === 0 })));
    for (const receiver of receivers) await publish(event, receiver);
    const work = beginEdits(event, receivers), [old] = await kidsAt(system.url);
    await work.more(20);
    await rotate();
    for (const url of system.urls) await eventually(async () => (await kidsAt(url)).length === 2, PATIENCE_MS);
    const [next] = (await kidsAt(system.url)).filter((kid) => kid !== old);
    await eventually(() => receivers.every((receiver) => receiver.kids().includes(next)), PATIENCE_MS);
    await work.more(20);
    const titles = await work.end(), keys = await keysOf(system);
    assert.deepEqual(keys.map(({ kid }) => kid), [next, old]);
    for (const receiver of receivers) {
        await eventually(() => receiver.got.length >= titles.length, PATIENCE_MS);
        assert.deepEqual([receiver.refused, receiver.requests], [0, titles.length]);
        assert.deepEqual(receiver.indexes(), countTo(titles.length));
        assert.deepEqual(receiver.got.map(titleOf), titles);
        const kids = receiver.got.map(kidOf);
        assert.deepEqual(receiver.kids(), [old, next]);
        assert.ok(kids.lastIndexOf(old) < kids.indexOf(next), 'who signs by the new key does not go back');
        assert.ok(receiver.got.every((letter) => isSignedBy(keys, letter)), 'what was signed before is good still');
        receiver.close();
    }
});

test('a stolen key is void at once, and what it signed last is delivered anew', async () => {
    const event = await openEvent(system, god, deck), receiver = await receiveGenuine(system, { forgetful: true });
    await publish(event, receiver);
    const work = beginEdits(event, [receiver]), stolen = await kidsAt(system.url);
    await work.more(20);
    await rotate('--at-once');
    for (const url of system.urls) await eventually(async () => !(await kidsAt(url)).some((kid) => stolen.includes(kid)), PATIENCE_MS);
    const titles = await work.end(), [next] = await kidsAt(system.url);
    await eventually(() => receiver.got.length >= titles.length, PATIENCE_MS);
    assert.deepEqual(receiver.indexes(), countTo(titles.length));
    assert.deepEqual(receiver.got.map(titleOf), titles);
    assert.equal(kidOf(receiver.got.at(-1)), next);
    receiver.close();
});

// The process that delivers, by its lease; undefined while nobody holds it.
async function deliverer() {
    const { stdout } = await consectl(system, 'services', '--json');
    const processes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).find(({ service }) => service === 'events')?.processes ?? [];
    const address = processes.find(({ leases }) => leases.includes('push'))?.address;
    return system.replicasOf('events').find((name) => address === system.own[name].CONSE_EVENTS_LISTEN);
}

// How often a process has begun to deliver: by our doing, and on a machine that is too busy to renew a lease.
const countTakes = () => system.replicasOf('events').reduce((sum, name) => sum + system.log(name).split('\n').filter((line) => /event="lease taken".* lease=push /.test(line)).length, 0);

async function untilDelivers(wanted) {
    let name;
    await eventually(async () => (name = await deliverer()) && wanted(name), PATIENCE_MS);
    return name;
}

// One that dies comes back, one that stands still goes on when the other delivers.
async function moveLease(name, stands) {
    if (!stands) await system.kill(name);
    else system.children[name].kill('SIGSTOP');
    await untilDelivers((other) => other !== name);
    if (!stands) await system.start(name);
    else system.children[name].kill('SIGCONT');
}

test('who delivers dies or stands still, and each entry comes first in its turn', async () => {
    const event = await openEvent(system, god, deck);
    const receivers = await Promise.all(Array.from({ length: TOPICS }, (_, i) => receive(async () => {
        if (i === 0) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
        return 204;
    })));
    for (const receiver of receivers) await publish(event, receiver);
    const work = beginEdits(event, receivers), takes = countTakes(), delivered = () => Math.min(...receivers.map(({ got }) => got.length));
    for (let move = 0; move < MOVES; move++) {
        const from = delivered();
        await eventually(() => delivered() > from, PATIENCE_MS); // it is in the middle of it
        await moveLease(await untilDelivers(() => true), move % 2 === 1);
        await work.more(20);
    }
    const titles = await work.end();
    for (const receiver of receivers) {
        await eventually(() => receiver.fresh().length >= titles.length, PATIENCE_MS);
        assert.deepEqual(receiver.fresh(), countTo(titles.length));
        const first = new Map();
        for (const letter of receiver.got) {
            const before = first.get(letter.index) ?? letter;
            first.set(letter.index, before);
            assert.deepEqual([letter.headers['webhook-id'], letter.entry], [before.headers['webhook-id'], before.entry]);
        }
        assert.deepEqual([...first.values()].map(titleOf), titles);
        const doubled = receiver.got.length - titles.length, moved = countTakes() - takes;
        assert.ok(moved >= MOVES && doubled <= moved, `${doubled} came twice with ${moved} moves`);
        receiver.close();
    }
});
