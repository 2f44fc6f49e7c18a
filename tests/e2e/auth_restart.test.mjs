// auth killed at any moment while people sign up, log in, refresh and change levels: what was accepted stays, what
// was not is told, and all go on by themselves.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { call, eventually, logIn, PASSWORD, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const KILLS = 8;
const PATIENCE_MS = 20000;
let system;

before(async () => {
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_LIMIT_AUTH: '100000/100000',
            CONSE_LIMIT_DEFAULT: '100000/100000',
            CONSE_REFRESH_GRACE: '60s', // a client that did not hear the answer may ask again
        },
    });
});

after(() => system?.stop());

const OUTCOME_UNKNOWN = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'DEADLINE_PASSED', 'OUTCOME_UNKNOWN']);

// Asks until there is an answer; what a kill may cause is an answer to wait with, anything else is one to look at.
async function insist(method, route, options, seen) {
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
        assert.ok(Date.now() < deadline, `${method} ${route} is not answered any more`);
        const reply = await call(system, method, route, options);
        if (!OUTCOME_UNKNOWN.has(reply.body?.code)) return reply;
        if (reply.status === 503) assert.ok(reply.headers.get('retry-after'), reply.body.code);
        seen?.(reply);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

const refresh = (refresh_token, seen) => insist('POST', '/auth/refresh', { body: { refresh_token } }, seen);

// Each of these does one thing over and over, while `busy` says so, and returns what was accepted.
const work = {
    async signUps(name, busy) {
        const accepted = [];
        for (let i = 0; busy(); i++) {
            const username = `${name}-${i}`;
            let asked = 0;
            const reply = await insist('POST', '/auth/signup', { body: { username, password: PASSWORD } }, () => asked++);
            const taken = reply.body.code === 'USERNAME_TAKEN' && asked; // an earlier try had been accepted
            assert.ok(reply.status === 201 || taken, JSON.stringify(reply.body));
            accepted.push({ username, id: reply.body.user?.id });
        }
        return accepted;
    },
    async logIns(name, busy) {
        const sessions = [];
        while (busy()) {
            const reply = await insist('POST', '/auth/login', { body: { username: name, password: PASSWORD } });
            assert.equal(reply.status, 200, JSON.stringify(reply.body));
            sessions.push(reply.body.refresh_token);
        }
        return sessions;
    },
    async refreshes(token, busy) {
        const chain = [token];
        while (busy()) {
            const reply = await refresh(chain.at(-1));
            assert.equal(reply.status, 200, JSON.stringify(reply.body));
            chain.push(reply.body.refresh_token);
        }
        return chain;
    },
    async levels(user, dev, busy) {
        let access = user.token, level, old;
        for (let i = 0; busy(); i++) {
            level = i % 2 ? 'PLAYER' : 'GOD';
            const reply = await insist('POST', `/auth/users/${user.id}/level`, { token: dev.token, body: { level } });
            assert.equal(reply.body.user?.level, level, JSON.stringify(reply.body));
            old = access;
            const session = await refresh(user.refresh);
            assert.equal(session.body.user.level, level);
            user.refresh = session.body.refresh_token;
            access = session.body.access_token;
        }
        return { id: user.id, level, old, access };
    },
};

test('kill -9 of auth at any moment loses nothing that was accepted', async () => {
    const dev = await signUpAs(system, 'thedev', 'dev');
    const regular = await signUp(system, 'regular');
    const chains = await Promise.all(Array.from({ length: 4 }, (_, i) => signUp(system, `chain-${i}`)));
    const climbers = await Promise.all([signUp(system, 'climber-0'), signUp(system, 'climber-1')]);
    let ended = false;
    const busy = () => !ended;
    const running = Promise.all([
        Promise.all([work.signUps('new-a', busy), work.signUps('new-b', busy)]),
        work.logIns('regular', busy),
        Promise.all(chains.map((person) => work.refreshes(person.refresh, busy))),
        Promise.all(climbers.map((person) => work.levels(person, dev, busy))),
    ]).finally(() => (ended = true)); // a failed worker ends the others

    let slowest = 0;
    for (let kill = 0; kill < KILLS && !ended; kill++) {
        await new Promise((resolve) => setTimeout(resolve, crypto.randomInt(20, 250)));
        await system.kill('auth');
        await system.start('auth');
        const back = Date.now();
        await insist('GET', '/auth/me', { token: regular.token });
        await insist('GET', `/auth/users/${regular.id}`, { token: dev.token }); // open only while revocations are heard
        slowest = Math.max(slowest, Date.now() - back);
    }
    ended = true;
    const [signedUp, sessions, lines, levels] = await running;
    assert.ok(slowest <= 1000, `back after ${slowest} ms`);

    for (const { username, id } of signedUp.flat()) {
        const session = await logIn(system, username);
        if (id) assert.equal(session.id, id, username);
    }
    for (const token of sessions) assert.equal((await refresh(token)).status, 200);
    for (const chain of lines) {
        assert.equal(new Set(chain).size, chain.length);
        assert.equal((await refresh(chain.at(-1))).status, 200);
        assert.equal((await refresh(chain[0])).body.code, chain.length > 1 ? 'REFRESH_REUSED' : undefined);
    }
    for (const { id, level, old, access } of levels) {
        assert.equal((await insist('GET', `/auth/users/${id}`, { token: dev.token })).body.user.level, level);
        assert.equal((await call(system, 'GET', '/auth/me', { token: access })).status, 200);
        await eventually(async () => (await call(system, 'GET', '/auth/me', { token: old })).status === 401, 1000);
    }
    const counts = [signedUp.flat(), sessions, lines.flat()].map((list) => list.length);
    assert.ok(counts.every((count) => count > KILLS), `too little happened: ${counts}`);
});

test('what was revoked before a kill is revoked after it, for a gateway that starts then', async () => {
    const user = await signUp(system, 'revoked');
    assert.equal((await call(system, 'POST', '/auth/logout', { token: user.token, body: {} })).status, 204);
    await system.killAll('auth');
    await system.killAll('gateway');
    await Promise.all([system.startAll('auth'), system.startAll('gateway')]);
    assert.equal((await call(system, 'GET', '/auth/me', { token: user.token })).status, 401);
    assert.equal((await refresh(user.refresh)).body.code, 'REFRESH_INVALID');
});
