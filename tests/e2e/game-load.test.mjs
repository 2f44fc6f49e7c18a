// Many at once, and a service killed in the middle: every accepted request counts, once, and the chain holds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verifyChain } from './parts/fairness.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, crowd, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    crowd = await signUpMany(system, 'guest', 200);
    deck = await makeDeck(system, god, { roles: 20 });
});

after(() => system?.stop());

const reserve = (person, event) => call(system, 'POST', `/events/${event.id}/reservations`, { token: person.token, body: {} });

test('200 clients on 10 seats: exactly 10 are confirmed, the others wait in order', async () => {
    const event = await openEvent(system, god, deck, { max_players: 10, waitlist: true });
    const replies = await Promise.all(crowd.map((person) => reserve(person, event)));
    const got = replies.map((reply) => reply.body.reservation);
    assert.ok(replies.every((reply) => reply.status === 201));
    const positions = (state) => got.filter((r) => r.state === state).map((r) => r.position).sort((a, b) => a - b);
    assert.deepEqual(positions('CONFIRMED'), Array.from({ length: 10 }, (_, i) => i + 1));
    assert.deepEqual(positions('WAITLISTED'), Array.from({ length: 190 }, (_, i) => i + 1));
    const { event: seen } = await ok(system, 'GET', `/events/${event.id}`);
    assert.deepEqual([seen.seats_taken, seen.waitlisted, seen.players.length], [10, 190, 10]);

    // Ten leave at once: exactly the first ten who waited move up.
    const confirmed = got.filter((r) => r.state === 'CONFIRMED').map((r) => r.user_id);
    const first = got.filter((r) => r.state === 'WAITLISTED' && r.position <= 10).map((r) => r.user_id);
    await Promise.all(confirmed.map((id) => {
        const person = crowd.find((p) => p.id === id);
        return ok(system, 'DELETE', `/events/${event.id}/reservations/${id}`, { token: person.token });
    }));
    const moved = (await ok(system, 'GET', `/events/${event.id}`)).event;
    assert.deepEqual(moved.players.map((p) => p.user_id).sort(), first.sort());
    assert.equal(moved.waitlisted, 180);
});

test('a second reservation is 200 with the same seat, also when it races the first', async () => {
    const event = await openEvent(system, god, deck, { max_players: 10 });
    const replies = await Promise.all(Array.from({ length: 20 }, () => reserve(crowd[0], event)));
    assert.deepEqual(replies.map((r) => r.status).sort(), [...Array(19).fill(200), 201]);
    assert.ok(replies.every((r) => r.body.reservation.position === 1 && r.body.reservation.state === 'CONFIRMED'));
    assert.equal((await ok(system, 'GET', `/events/${event.id}`)).event.seats_taken, 1);
});

test('without a waitlist the others get 409', async () => {
    const event = await openEvent(system, god, deck, { max_players: 10 });
    const replies = await Promise.all(crowd.map((person) => reserve(person, event)));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 10);
    assert.equal(replies.filter((reply) => reply.status === 409 && reply.body.code === 'EVENT_FULL').length, 190);
});

test('a burst makes no more groups and events than one god may have', async () => {
    const busy = await makeGod(system, 'busygod'), itsDeck = await makeDeck(system, busy); // with one group
    const body = { group_id: busy.group.id, deck_id: itsDeck.id, title: 'x', starts_at: { local: '2030-05-05T20:00:00', zone: 'UTC' }, max_players: 5 };
    for (const [route, sent, code, had] of [['/groups', { name: 'x' }, 'TOO_MANY_GROUPS', 1], ['/events', body, 'TOO_MANY_EVENTS', 0]]) {
        const make = () => call(system, 'POST', route, { token: busy.token, body: sent });
        const replies = await Promise.all(Array.from({ length: 200 }, make));
        const made = replies.filter((reply) => reply.status === 201).length + had;
        assert.ok(made <= 100 && made > 90, `${made} of ${route}`);
        for (let i = made; i < 100; i++) assert.equal((await make()).status, 201);
        const refused = await make();
        assert.deepEqual([refused.status, refused.body.code], [409, code]);
    }
});

test('votes at once are counted exactly', async () => {
    const event = await openEvent(system, god, deck);
    await Promise.all(crowd.map((person, i) => as(system, person, event)('PUT', '/vote', { vote: i % 4 ? 'UP' : 'DOWN' })));
    const { event: seen } = await ok(system, 'GET', `/events/${event.id}`);
    assert.deepEqual([seen.upvotes, seen.downvotes], [150, 50]);
});

async function startGame(players, options) {
    const event = await openEvent(system, god, deck, { max_players: players.length, ...options });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await g('POST', '/phases', { kind: 'DAY' });
    return { event, g, poll: (await g('POST', '/polls', { kind: 'NOMINATION' })).poll };
}

// Sends ballots one after another for each voter until told to stop; counts what was accepted.
function vote(event, poll, voters, seen) {
    return voters.map(async (voter, i) => {
        for (let n = 0; !seen.stop; n++) {
            const candidate = voters[(i + n) % voters.length].id;
            const reply = await call(system, 'PUT', `/events/${event.id}/polls/${poll.id}/ballot`, { token: voter.token, body: { candidate_id: candidate } })
                .catch(() => ({ status: 0 }));
            if (reply.status === 204) {
                seen.accepted++;
                seen.last.set(voter.id, candidate);
                seen.unknown.delete(voter.id);
            } else {
                assert.ok([0, 503, 504].includes(reply.status), JSON.stringify(reply.body));
                seen.refused++;
                seen.unknown.set(voter.id, [...(seen.unknown.get(voter.id) ?? []), candidate]); // may or may not have counted
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
        }
    });
}

// Ballots are cast while the body runs, and no longer, however it ends; what goes wrong with one of them ends it.
async function voteWhile(event, poll, voters, body) {
    const seen = { accepted: 0, refused: 0, stop: false, last: new Map(), unknown: new Map() };
    const voting = Promise.all(vote(event, poll, voters, seen));
    try {
        await Promise.race([body(seen), voting]);
    } finally {
        seen.stop = true;
    }
    await voting;
    return seen;
}

test('ballots: the entries equal the accepted requests, the counts the last ballot of each', async () => {
    const voters = crowd.slice(0, 16);
    const { event, g, poll } = await startGame(voters);
    const seen = await voteWhile(event, poll, voters, (now) => eventually(() => now.accepted > 2000, 60000));
    assert.equal(seen.refused, 0);
    const { poll: closed } = await g('POST', `/polls/${poll.id}/close`);
    assert.deepEqual(new Map(closed.ballots.map((b) => [b.voter_id, b.candidate_id])), seen.last);
    const log = await readLog(system, god, event);
    assert.equal(log.entries.filter((entry) => entry.kind === 'BALLOT_CAST').length, seen.accepted);
});

test('killed in the middle and restarted: nothing accepted is lost, nothing is half, the chain is intact', async () => {
    const voters = crowd.slice(20, 32);
    const { event, g, poll } = await startGame(voters);
    const read = () => call(system, 'GET', `/events/${event.id}`);
    const seen = await voteWhile(event, poll, voters, async (now) => {
        for (let round = 1; round <= 4; round++) {
            await eventually(() => now.accepted > round * 300, 60000);
            await system.killAll('events');
            const away = await read();
            assert.equal(away.status, 503);
            assert.ok(away.headers.get('retry-after'));
            await system.startAll('events');
            await eventually(async () => (await read()).status === 200, 10000);
        }
    });
    assert.ok(seen.refused > 0, 'the kills were felt');
    const { poll: closed } = await g('POST', `/polls/${poll.id}/close`);
    for (const ballot of closed.ballots) {
        const possible = [seen.last.get(ballot.voter_id), ...(seen.unknown.get(ballot.voter_id) ?? [])];
        assert.ok(possible.includes(ballot.candidate_id));
    }
    const winner = (await g('GET', '')).event.players[0].side_id;
    await g('POST', '/finish', { winning_side_ids: [winner] });
    const log = await readLog(system, god, event);
    verifyChain(log.entries, log.head);
    const cast = log.entries.filter((entry) => entry.kind === 'BALLOT_CAST').length;
    assert.ok(cast >= seen.accepted && cast <= seen.accepted + seen.refused, `${seen.accepted} accepted, ${seen.refused} unknown, ${cast} entries`);
});
