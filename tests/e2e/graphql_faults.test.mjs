// GraphQL while services are slow or away, and while clients leave.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { ask, data } from './parts/graphql.mjs';
import { LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, eventually, ok, signUp, untilVoid } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system;
let god;
let event;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_REQUEST_TIMEOUT: '7s', CONSE_MAX_REPLIES: '32M' } });
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

const gone = () => system.replicasOf('gateway').reduce((sum, name) => sum + system.log(name).split(' path=/graphql status=499 ').length - 1, 0);

test('what a stopped service does not tell is null when time is over, and the rest is there', async () => {
    await stopAll('events');
    try {
        const began = Date.now();
        const { status, body } = await ask(system, `{ me { username } event(id: "${event.id}") { title } }`, { token: god.token });
        assert.equal(status, 200);
        assert.deepEqual(body.data, { me: { username: 'gandalf' }, event: null });
        assert.ok(['DEADLINE_PASSED', 'SERVICE_AWAY'].includes(body.errors[0].extensions.code), JSON.stringify(body.errors));
        assert.ok(Date.now() - began < 10000);
    } finally {
        system.signal('events', 'SIGCONT');
    }
    await eventually(async () => (await ask(system, `{ event(id: "${event.id}") { title } }`)).body.data.event?.title === 'Friday night', 10000);
});

// Turns of the loop that has the request.
async function turns() {
    for (let i = 0; i < 10; i++) await ok(system, 'GET', '/docs');
}

// A query that is left later is given up when the gateway has noticed both.
test('when clients leave, a query is given up, and a mutation goes on with all of its fields', async () => {
    const one = await openEvent(system, god, await makeDeck(system, god));
    const before = gone();
    await stopAll('events');
    try {
        await leave({ query: `mutation { a: voteEvent(input: { eventId: "${one.id}", vote: UP }) { upvotes } b: cancelEvent(input: { eventId: "${one.id}" }) { event { state } } }` }, god.token, turns);
        await leave({ query: `{ event(id: "${one.id}") { title } }` }, god.token, turns);
        await eventually(() => gone() > before, 10000);
    } finally {
        system.signal('events', 'SIGCONT');
    }
    await eventually(async () => (await ok(system, 'GET', `/events/${one.id}`)).event.state === 'CANCELLED', 10000);
    assert.equal((await ok(system, 'GET', `/events/${one.id}`)).event.upvotes, 1);
});

test('a killed service is told of, and used again when it is back', async () => {
    await system.killAll('events');
    await eventually(async () => (await call(system, 'GET', `/events/${event.id}`)).status === 503, 5000); // the gateway knows it
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
