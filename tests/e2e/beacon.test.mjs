// Deals that wait for a block of a cluster: nobody can make one before the block that was named is there, and everybody can check it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startCluster } from './parts/cluster.mjs';
import { deal as dealAgain, verifyBeacon, verifyDeal } from './parts/fairness.mjs';
import { as, LIMITS, makeDeck, makeGod, openBody, openEvent, readEvent, readLog, seatAll } from './parts/games.mjs';
import { assertProblem, call, consectl, eventually, ok, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, AHEAD = 32;
let system, cluster, god, deck, people;

before(async () => {
    cluster = await startCluster();
    system = await startSystem({ env: { ...LIMITS, ...cluster.env } });
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god, { roles: 6, lastMoves: 1 });
    people = await Promise.all(['ann', 'bob', 'eve'].map((name) => signUp(system, name)));
    await eventually(async () => (await open()).status === 201, PATIENCE_MS);
});
after(async () => {
    await system?.stop();
    await cluster?.stop();
});

const open = () => call(system, 'POST', '/events', { token: god.token, body: openBody(god, deck, { beacon: true }) });
const slot = () => cluster.call('getSlot', { commitment: 'confirmed' });
const dealOf = async (event) => (await ok(system, 'GET', `/events/${event.id}/deal`)).deal;
const reveal = (event, body = {}) => call(system, 'POST', `/events/${event.id}/reveal`, { token: god.token, body });
const entries = async (event, kind) => (await readLog(system, null, event)).entries.filter((entry) => entry.kind === kind);

async function lockedEvent() {
    const event = await openEvent(system, god, deck, { beacon: true, max_players: 3 });
    await seatAll(system, event, people);
    await as(system, god, event)('POST', '/lock', {});
    return event;
}

async function named(event, which = 'beacon') {
    await eventually(async () => Number((await dealOf(event))[which].slot) > 0, PATIENCE_MS);
    return Number((await dealOf(event))[which].slot);
}

// Past the slot, and until what is there is finalized.
const reach = async (until) => cluster.advance(until - (await slot()) + AHEAD + 2);
const found = (event, which = 'beacon') => eventually(async () => (await dealOf(event))[which].block_slot !== '0', PATIENCE_MS);

async function play(event) {
    const { players } = (await as(system, god, event)('POST', '/reveal', {})).event;
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await as(system, god, event)('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return players.map((player) => player.role_id);
}

test('the reveal waits for the block, which is named before it is there', async () => {
    const event = await lockedEvent();
    assert.deepEqual([(await readEvent(system, null, event)).beacon_awaited, (await dealOf(event)).assurance], [true, 'BEACON']);
    const at = await named(event);
    assert.ok(at > await slot(), 'nobody has seen it');
    assert.equal((await entries(event, 'BEACON_NAMED')).length, 1); // by everybody
    assertProblem(await reveal(event), 409, 'BEACON_PENDING');
    await cluster.advance(at - (await slot()) + 1); // there, but not finalized
    const early = await cluster.call('getBlocksWithLimit', at, 1, { commitment: 'confirmed' });
    assert.equal(early.length, 1);
    assertProblem(await reveal(event), 409, 'BEACON_PENDING');
    await reach(at);
    await found(event);
    const cards = await play(event), deal = await dealOf(event);
    assert.deepEqual(verifyDeal(deal), cards);
    await verifyBeacon(deal, cluster.call);
    const { stdout } = await consectl(system, 'verify-deal', event.id, cluster.url);
    assert.match(stdout, /all as promised\nthe beacon is block \d+ of the cluster/);
    assert.match((await consectl(system, 'verify-deal', event.id)).stdout, /not checked/);
    const seats = deal.opened.nonces.map((seat) => ({ user_id: seat.user_id, nonce: Buffer.from(seat.nonce, 'base64') }));
    const without = (hash) => dealAgain(event.id, deal.k, deal.opened.deck, Buffer.from(deal.opened.secret, 'base64'), seats, hash);
    assert.ok(Array.from({ length: 8 }, (_, i) => without(Buffer.alloc(32, i))).some((other) => other.join() !== cards.join()), 'the block decides');
});

test('who says another block than the cluster has is found out', async () => {
    const event = await lockedEvent();
    await reach(await named(event));
    await found(event);
    await play(event);
    const deal = await dealOf(event), file = path.join(system.dir, 'deal.json');
    const verify = async (spoil, ...node) => {
        const spoilt = structuredClone(deal);
        spoil(spoilt);
        fs.writeFileSync(file, JSON.stringify({ deal: spoilt }));
        return (await consectl(system, 'verify-deal', file, ...node)).code;
    };
    assert.equal(await verify(() => {}, cluster.url), 0);
    assert.notEqual(await verify((d) => (d.opened.beacon = d.beacon.hash = d.root)), 0);
    assert.notEqual(await verify((d) => (d.opened.beacon = '')), 0);
    assert.notEqual(await verify((d) => (d.assurance = 'OPERATOR_TRUSTED')), 0);
    assert.equal(await verify((d) => (d.beacon.slot = '1')), 0); // which only a node can tell
    assert.notEqual(await verify((d) => (d.beacon.slot = '1'), cluster.url), 0);
});

test('who unlocks to get another block burns the deal, and its slot with it', async () => {
    const event = await lockedEvent(), first = await named(event);
    await as(system, god, event)('POST', '/unlock');
    await reach(first);
    await as(system, god, event)('POST', '/lock', {});
    assertProblem(await reveal(event), 409, 'BEACON_PENDING');
    const second = await named(event);
    assert.ok(second > first && second > await slot());
    await reach(second);
    await found(event);
    const cards = await play(event), deal = await dealOf(event);
    assert.deepEqual([deal.k, deal.burned.length, deal.beacon.k], [2, 1, 2]);
    assert.deepEqual(verifyDeal(deal), cards);
    await verifyBeacon(deal, cluster.call);
    assert.equal((await entries(event, 'BEACON_WANTED')).length, 2); // and everybody sees both
});

test('a re-deal has a block of its own', async () => {
    const event = await lockedEvent();
    await reach(await named(event));
    await found(event);
    await as(system, god, event)('POST', '/reveal', {});
    const again = { redeal: { reason: 'a card was seen' } };
    assert.equal((await reveal(event, again)).body.event.beacon_awaited, true);
    assertProblem(await reveal(event, again), 409, 'BEACON_PENDING');
    await reach(await named(event, 'next_beacon'));
    await found(event, 'next_beacon');
    const { players } = (await as(system, god, event)('POST', '/reveal', again)).event;
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    await as(system, god, event)('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    const deal = await dealOf(event);
    assert.equal(deal.k, 2);
    assert.deepEqual(verifyDeal(deal), players.map((player) => player.role_id));
    await verifyBeacon(deal, cluster.call);
});

test('of skipped slots the first block behind them counts', async () => {
    const event = await lockedEvent(), at = await named(event);
    await cluster.advance(at - (await slot()) + 2000);
    await found(event);
    const { beacon } = await dealOf(event);
    assert.ok(Number(beacon.block_slot) > at);
    await verifyBeacon(await dealOf(event), cluster.call);
});

test('while the cluster is silent the deal waits, whatever is killed, and nobody goes without unseen', async () => {
    const event = await lockedEvent(), at = await named(event);
    await reach(at - 60); // nothing of it is there yet
    for (const method of ['getHealth', 'getBlocksWithLimit']) await cluster.fault(method, { code: -32005, message: 'Node is behind', times: 1000 });
    await cluster.advance(200);
    await system.killAll('chain');
    await system.killAll('events');
    await system.startAll('events');
    await eventually(async () => (await reveal(event)).status !== 503, PATIENCE_MS);
    assertProblem(await reveal(event), 409, 'BEACON_PENDING');
    const early = await reveal(event, { without_beacon: { reason: 'the cluster is away' } });
    assertProblem(early, 409, 'BEACON_PENDING');
    assert.match(early.body.detail, /without in 5\d\d s/);
    assert.match(early.headers.get('retry-after'), /^5\d\d$/);
    assert.equal((await entries(event, 'BEACON_GIVEN_UP')).length, 0);
    for (const method of ['getHealth', 'getBlocksWithLimit']) await cluster.fault(method, null);
    await system.startAll('chain');
    await found(event);
    const cards = await play(event);
    assert.deepEqual(verifyDeal(await dealOf(event)), cards);
    await verifyBeacon(await dealOf(event), cluster.call);
});
