// GraphQL while services are slow or away, and while clients leave.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { ask, data } from './parts/graphql.mjs';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, eventually, ok, signUp, untilVoid } from './parts/people.mjs';
import { metricOf, startSystem } from './parts/system.mjs';

let system;
let god;
let event;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_REQUEST_TIMEOUT: '4s', CONSE_MAX_REPLIES: '32M' } });
    god = await makeGod(system, 'gandalf');
    event = await openEvent(system, god, await makeDeck(system, god));
});

after(() => system?.stop());

// Sends a request and leaves once `when` says so.
function leave(body, token, when) {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
        const request = http.request(`${system.url}/graphql`, {
            method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), Authorization: `Bearer ${token}` },
        });
        request.on('error', () => {});
        request.on('close', resolve);
        request.on('finish', () => when().then(() => request.destroy(), reject));
        request.end(text);
    });
}

// Until none of its processes runs any more: the signal takes a moment.
async function stopAll(service) {
    system.signal(service, 'SIGSTOP');
    const stopped = (name) => /\) T /.test(fs.readFileSync(`/proc/${system.children[name].pid}/stat`, 'utf8'));
    await eventually(() => system.replicasOf(service).every(stopped), 5000);
}

const logged = (status) => system.replicasOf('gateway').some((name) => system.log(name).includes(` path=/graphql status=${status} `));

test('what a stopped service does not tell is null when time is over, and the rest is there', async () => {
    await stopAll('events');
    try {
        const began = Date.now();
        const { status, body } = await ask(system, `{ me { username } event(id: "${event.id}") { title } }`, { token: god.token });
        assert.equal(status, 200);
        assert.deepEqual(body.data, { me: { username: 'gandalf' }, event: null });
        assert.ok(['DEADLINE_PASSED', 'SERVICE_AWAY'].includes(body.errors[0].extensions.code), JSON.stringify(body.errors));
        assert.ok(Date.now() - began < 6000);
    } finally {
        system.signal('events', 'SIGCONT');
    }
    await eventually(async () => (await ask(system, `{ event(id: "${event.id}") { title } }`)).body.data.event?.title === 'Friday night', 10000);
});

test('a query is given up when its client leaves', async () => {
    await stopAll('events');
    try {
        await leave({ query: `{ event(id: "${event.id}") { title } }` }, god.token, async () => {
            for (let i = 0; i < 10; i++) await ok(system, 'GET', '/docs'); // turns of the loop that has it
        });
        await eventually(() => logged(499), 8000);
    } finally {
        system.signal('events', 'SIGCONT');
    }
});

test('a mutation goes on to its end, all of its fields', async () => {
    const one = await openEvent(system, god, await makeDeck(system, god));
    const query = `mutation { a: voteEvent(input: { eventId: "${one.id}", vote: UP }) { upvotes } b: cancelEvent(input: { eventId: "${one.id}" }) { event { state } } }`;
    const votes = () => metricOf(system, 'events', 'conse_rpc_calls_total{method="events.VoteEvent"}');
    const before = await votes();
    await leave({ query }, god.token, () => eventually(async () => (await votes()) > before, 5000));
    await eventually(async () => (await ok(system, 'GET', `/events/${one.id}`)).event.state === 'CANCELLED', 5000);
});

test('a killed service is told of, and used again when it is back', async () => {
    await system.killAll('events');
    const { body } = await ask(system, `mutation { voteEvent(input: { eventId: "${event.id}", vote: UP }) { upvotes } }`, { token: god.token });
    assert.equal(body.data.voteEvent, null);
    assert.equal(body.errors[0].extensions.status, 503);
    await system.startAll('events');
    await eventually(async () => (await ask(system, `{ event(id: "${event.id}") { title } }`)).body.data.event?.title === 'Friday night', 10000);
});

test('a revoked token is refused, also between the questions of one operation', async () => {
    const zoe = await signUp(system, 'zoe');
    const got = await data(system, 'mutation { endOtherSessions { tokenType } }', { token: zoe.token });
    assert.equal(got.endOtherSessions.tokenType, 'Bearer');
    await untilVoid(system, zoe);
    const { status, body } = await ask(system, '{ me { id } }', { token: zoe.token });
    assert.deepEqual([status, body.errors[0].extensions.code], [401, 'TOKEN_INVALID']);
    const eve = await signUp(system, 'eve');
    const twice = await ask(system, `mutation { logout(input: {}) { done } ${Array.from({ length: 15 }, (_, i) => `v${i}: voteEvent(input: { eventId: "${event.id}", vote: UP }) { upvotes }`).join(' ')} }`, { token: eve.token });
    assert.equal(twice.body.data.logout.done, true);
    await untilVoid(system, eve);
    assert.equal((await call(system, 'GET', '/auth/me', { token: eve.token })).status, 401);
});

const again = (system, query, token) => eventually(async () => !(await ask(system, query, { token })).body.errors, 20000);

test('without news of revocations a god gets less, and others what they got', async () => {
    const query = `{ event(id: "${event.id}") { title bans { user { username } } } }`;
    await stopAll('auth');
    try {
        let body;
        await eventually(async () => {
            ({ body } = await ask(system, query, { token: god.token }));
            return body.errors;
        }, 10000);
        assert.deepEqual(body.data, { event: { title: 'Friday night', bans: null } });
        assert.deepEqual([body.errors[0].extensions.code, body.errors[0].message], ['SERVICE_AWAY', 'revocations cannot be read now']);
    } finally {
        system.signal('auth', 'SIGCONT');
    }
    await again(system, query, god.token);
});

test('the replies that operations keep are bounded together', async () => {
    const query = `{ ${Array.from({ length: 4 }, (_, i) => `r${i}: roles(includeDisabled: ${i % 2 === 0}) { effect effectFa prompt }`).join(' ')} lastMoves { effect } sides { name } me { id } }`;
    await again(system, query, god.token);
    await stopAll('auth'); // so that they wait with what they have
    let replies;
    try {
        replies = await Promise.all(Array.from({ length: 400 }, () => ask(system, query, { token: god.token })));
    } finally {
        system.signal('auth', 'SIGCONT');
    }
    const codes = new Set(replies.flatMap(({ body }) => body.errors ?? []).map(({ message }) => message));
    assert.ok(codes.has('too many replies are being joined'), [...codes].join());
    assert.ok(replies.some(({ body }) => body.data?.r0 && body.data.r1));
    await again(system, query, god.token);
});
