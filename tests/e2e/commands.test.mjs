// Commands with an Idempotency-Key while the service that runs them is killed: each is done once, and says so again.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, ok, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const KILLS = 6;
const GROUPS_OF_A_GOD = 90; // fewer than one may have
const PATIENCE_MS = 20000;
let system, god;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await signUpAs(system, 'thegod', 'god');
});

after(() => system?.stop());

const AGAIN = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'DEADLINE_PASSED', 'OUTCOME_UNKNOWN', 'IDEMPOTENCY_RUNNING']);

// Repeats one command with its key until its outcome is known.
async function insist(name, key, by = god) {
    const deadline = Date.now() + PATIENCE_MS;
    for (let tries = 1; ; tries++) {
        assert.ok(Date.now() < deadline, `${key} is not answered any more`);
        const reply = await call(system, 'POST', '/groups', { token: by.token, body: { name }, headers: { 'Idempotency-Key': key } });
        if (!AGAIN.has(reply.body.code)) return { ...reply, tries };
        if (reply.status === 503) assert.ok(reply.headers.get('retry-after'), reply.body.code);
        await new Promise((resolve) => setTimeout(resolve, 3));
    }
}

async function allGroups() {
    const groups = [];
    for (let page = ''; ; ) {
        const reply = await ok(system, 'GET', `/groups?page_size=100&page_token=${encodeURIComponent(page)}`);
        groups.push(...reply.groups);
        if (!(page = reply.next_page_token)) return groups;
    }
}

test('a command repeated until it is answered is done once, whenever the service dies', async () => {
    const made = new Map();
    let ended = false, repeated = 0;
    const worker = async (who) => {
        let by;
        for (let i = 0; !ended; i++) {
            if (i % GROUPS_OF_A_GOD === 0) by = await signUpAs(system, `god-${who}-${i}`, 'god');
            const name = `group ${who} ${i}`;
            const reply = await insist(name, name.replaceAll(' ', '-'), by);
            assert.equal(reply.status, 201, JSON.stringify(reply.body));
            made.set(name, reply.body.group.id);
            repeated += reply.tries > 1;
        }
    };
    const running = Promise.all(Array.from({ length: 6 }, (_, who) => worker(who))).finally(() => (ended = true));
    // With another process to ask, the gateway repeats a command by itself.
    for (let kill = 0; (kill < KILLS || (!repeated && !system.stores) || made.size <= KILLS) && !ended; kill++) {
        await new Promise((resolve) => setTimeout(resolve, crypto.randomInt(20, 200)));
        await system.restart('events');
    }
    ended = true;
    await running;
    const groups = await allGroups();
    assert.deepEqual(new Map(groups.map((group) => [group.name, group.id])), made);
    assert.equal(groups.length, made.size); // none twice
});

test('after a kill the key still gives the first reply, and refuses another request', async () => {
    const first = await insist('kept', 'kept-key');
    await system.restart('events');
    assert.equal((await insist('kept', 'kept-key')).body.group.id, first.body.group.id);
    const other = await insist('another', 'kept-key');
    assert.equal(other.status, 422);
    assert.equal(other.body.code, 'IDEMPOTENCY_MISMATCH');
    assert.equal((await allGroups()).filter((group) => group.name === 'kept' || group.name === 'another').length, 1);
});

test('one key used many times at once runs one command', async () => {
    const replies = await Promise.all(Array.from({ length: 30 }, () => insist('at once', 'at-once')));
    assert.ok(replies.every((reply) => reply.status === 201));
    assert.equal(new Set(replies.map((reply) => reply.body.group.id)).size, 1);
});

test('who hands an event over twice by one key is told that it is done, no more', async () => {
    const mine = await makeGod(system, 'firstgod'), other = await makeGod(system, 'nextgod');
    const event = await openEvent(system, mine, await makeDeck(system, mine));
    const path = `/events/${event.id}/hand-over`, headers = { 'Idempotency-Key': 'over' };
    const first = await call(system, 'POST', path, { token: mine.token, body: { god_id: other.id }, headers });
    assert.equal(first.status, 200, JSON.stringify(first.body));
    assert.equal(first.body.event.god_id, other.id);
    const again = await call(system, 'POST', path, { token: mine.token, body: { god_id: other.id }, headers });
    assert.equal(again.status, 200, JSON.stringify(again.body));
    assert.equal(again.body.event.id, event.id);
    assert.equal(again.body.event.title, '');
    assert.equal(again.body.event.god_id, '');
    const anew = await call(system, 'POST', path, { token: mine.token, body: { god_id: other.id }, headers: { 'Idempotency-Key': 'anew' } });
    assert.equal(anew.body.code, 'NOT_OWNER');
});
