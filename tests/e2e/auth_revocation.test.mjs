// A token that is revoked while its request is still on the way: nothing is shown or done with it any more.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, consectl, eventually, ok } from './parts/people.mjs';
import { parkedAt, startSystem } from './parts/system.mjs';
import { Wire } from './parts/wire.mjs';

let system, owner, players, event;

before(async () => {
    system = await startSystem({ env: LIMITS });
    owner = await makeGod(system, 'owner');
    players = await signUpMany(system, 'guest', 3);
    event = await openEvent(system, owner, await makeDeck(system, owner));
    await seatAll(system, event, players.slice(0, 1));
});

after(() => system?.stop());

const isRevoked = (token) => eventually(async () => (await call(system, 'GET', '/auth/me', { token })).status === 401, 1000);

test('a reader that waits for news and loses the session gets none', async () => {
    const { next } = await readLog(system, owner, event);
    const waiting = call(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: owner.token });
    await eventually(async () => (await parkedAt(system)) === 1, 2000);
    assert.equal((await consectl(system, 'user', 'level', 'owner', 'player')).code, 0);
    await isRevoked(owner.token);
    await as(system, players[1], event)('POST', '/reservations', {});
    const reply = await waiting;
    assert.equal(reply.status, 401, JSON.stringify(reply.body));
    assert.equal(reply.body.code, 'TOKEN_INVALID');
    assert.equal((await consectl(system, 'user', 'level', 'owner', 'god')).code, 0);
});

test('a reader that waits and loses the session is told so at once, without any news', async () => {
    const [person] = await signUpMany(system, 'waiting', 1), { next } = await readLog(system, person, event);
    const waiting = call(system, 'GET', `/events/${event.id}/log?from=${next}&wait=25s`, { token: person.token });
    await eventually(async () => (await parkedAt(system)) === 1, 2000);
    const begun = Date.now();
    assert.equal((await call(system, 'POST', '/auth/logout', { token: person.token, body: {} })).status, 204);
    assert.deepEqual([(await waiting).status, (await waiting).body.code], [401, 'TOKEN_INVALID']);
    assert.ok(Date.now() - begun < 10000, `it took ${Date.now() - begun} ms`);
});

test('of one user as many reads wait as streams may be open', async () => {
    const [person] = await signUpMany(system, 'many', 1), { next } = await readLog(system, person, event);
    const read = (wait) => call(system, 'GET', `/events/${event.id}/log?from=${next}&wait=${wait}`, { token: person.token });
    const waiting = Array.from({ length: 8 }, () => read('10s'));
    await eventually(async () => (await parkedAt(system)) === 8, 5000);
    const atOnce = async () => {
        const begun = Date.now();
        assert.equal((await read('2s')).status, 200);
        return Date.now() - begun < 1500;
    };
    await eventually(atOnce, 9000); // each gateway hears how many wait at the other when it tells of one more
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ status }) => status)), new Set([200]));
});

test('a body that comes after the revocation of its headers\' token does nothing', async () => {
    const late = new Wire(system.port);
    const body = JSON.stringify({});
    late.send(`POST /events/${event.id}/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${players[2].token}\r\n`
        + `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`);
    assert.equal((await late.reply()).status, 100); // the headers were accepted
    assert.equal((await call(system, 'POST', '/auth/logout', { token: players[2].token, body: {} })).status, 204);
    await isRevoked(players[2].token);
    late.send(body);
    assert.equal((await late.reply()).status, 401);
    assert.ok((await ok(system, 'GET', `/events/${event.id}`)).event.players.every((p) => p.user_id !== players[2].id));
});
