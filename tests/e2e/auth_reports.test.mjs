// What operators do about people: shutting accounts, reports; and what people do about each other: blocks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { call, consectl, eventually, logIn, ok, PASSWORD, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, dev, mira;
before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'operator-anna', 'dev');
    mira = await signUp(system, 'mira');
});
after(() => system?.stop());

const NOBODY = '01890000-0000-7000-8000-000000000999';
const in1h = () => new Date(Date.now() + 3600e3).toISOString();
const ask = (person, method, route, body) => call(system, method, route, { token: person?.token, body });
const isVoid = (person) => eventually(async () => (await ask(person, 'GET', '/auth/me')).status === 401, 2000);
const logInOf = (username, password = PASSWORD) => call(system, 'POST', '/auth/login', { body: { username, password } });

// Each row: who asks, verb, path, body, and the status, code and field of the refusal.
async function refuseAll(rows) {
    for (const [person, method, route, body, status, code, field] of rows) {
        const reply = await ask(person, method, route, body), what = `${method} ${route} ${JSON.stringify(body)}`;
        assert.equal(reply.status, status, `${what}: ${JSON.stringify(reply.body)}`);
        assert.equal(reply.body.code, code, what);
        if (field) assert.deepEqual(reply.body.errors.map((error) => error.field), [field], what);
    }
}

test('a suspended person is out at once, by every way, and in again when it ends', async () => {
    const loud = await signUp(system, 'loud'), until = in1h();
    const { user } = (await ask(dev, 'POST', `/auth/users/${loud.id}/suspend`, { until, reason: 'shouts' })).body;
    assert.deepEqual([user.id, user.suspension.until, user.suspension.reason, user.suspension.by_id], [loud.id, until, 'shouts', dev.id]);
    await isVoid(loud);
    const refused = await logInOf('loud');
    assert.deepEqual([refused.status, refused.body.code], [403, 'SUSPENDED']);
    assert.ok(refused.body.detail.includes(until.slice(0, 14)), refused.body.detail);
    assert.equal((await logInOf('loud', 'not the password')).body.code, 'BAD_CREDENTIALS');
    const refreshed = await call(system, 'POST', '/auth/refresh', { body: { refresh_token: loud.refresh } });
    assert.deepEqual([refreshed.status, refreshed.body.code], [403, 'SUSPENDED']);
    const listed = (await ask(dev, 'GET', '/auth/users?username=loud')).body.users[0];
    assert.equal(listed.suspension.reason, 'shouts');
    const lifted = await ask(dev, 'DELETE', `/auth/users/${loud.id}/suspend`);
    assert.deepEqual([lifted.status, 'suspension' in lifted.body.user], [200, false]);
    const again = await call(system, 'POST', '/auth/refresh', { body: { refresh_token: loud.refresh } });
    assert.equal(again.status, 200); // the session went on
    const soon = new Date(Date.now() + 300).toISOString();
    await ask(dev, 'POST', `/auth/users/${loud.id}/suspend`, { until: soon, reason: 'once more' });
    await eventually(async () => (await logInOf('loud')).status === 200, 5000); // by time alone
    assert.equal('suspension' in (await ask(await logIn(system, 'loud'), 'GET', '/auth/me')).body.user, false);
});

test('who may suspend whom, and how it is said', async () => {
    const route = `/auth/users/${mira.id}/suspend`, reason = 'r';
    await refuseAll([
        [undefined, 'POST', route, { reason }, 401, 'TOKEN_INVALID'],
        [mira, 'POST', route, { reason }, 403, 'LEVEL_TOO_LOW'],
        [mira, 'DELETE', route, undefined, 403, 'LEVEL_TOO_LOW'],
        [dev, 'POST', `/auth/users/${dev.id}/suspend`, { reason }, 400, 'INVALID_FIELD', 'user_id'],
        [dev, 'POST', `/auth/users/${NOBODY}/suspend`, { reason }, 404, 'NOT_FOUND'],
        [dev, 'DELETE', `/auth/users/${NOBODY}/suspend`, undefined, 404, 'NOT_FOUND'],
        [dev, 'POST', '/auth/users/x/suspend', { reason }, 400, 'INVALID_FIELD', 'user_id'],
        [dev, 'POST', route, {}, 400, 'INVALID_FIELD', 'reason'],
        [dev, 'POST', route, { reason: '' }, 400, 'INVALID_FIELD', 'reason'],
        [dev, 'POST', route, { reason: 7 }, 400, 'MALFORMED', 'reason'],
        [dev, 'POST', route, { reason: 'س'.repeat(501) }, 400, 'INVALID_FIELD', 'reason'],
        [dev, 'POST', route, { reason: 'a\u0007b' }, 400, 'INVALID_FIELD', 'reason'],
        [dev, 'POST', route, { reason, until: 'tomorrow' }, 400, 'MALFORMED', 'until'],
        [dev, 'POST', route, { reason, forever: true }, 400, 'MALFORMED', 'forever'],
    ]);
    assert.equal((await ask(mira, 'GET', '/auth/me')).status, 200); // nothing of it was done
});

test('a suspended god gets no event, and a dev can hand theirs on', async () => {
    const [god, other] = [await makeGod(system, 'grim'), await makeGod(system, 'kind')];
    const event = await openEvent(system, god, await makeDeck(system, god));
    const mine = await openEvent(system, other, await makeDeck(system, other));
    assert.equal((await consectl(system, 'user', 'suspend', 'grim', 'cheats')).code, 0);
    await isVoid(god);
    const handOver = () => ask(other, 'POST', `/events/${mine.id}/hand-over`, { username: 'grim' });
    const seat = () => ask(other, 'POST', `/events/${mine.id}/reservations`, { username: 'grim' });
    await eventually(async () => (await handOver()).body.code === 'NOT_A_GOD', 5000);
    const reply = await seat();
    assert.deepEqual([reply.status, reply.body.code, reply.body.errors[0].field], [422, 'PERSON_SUSPENDED', 'username']);
    assert.equal((await as(system, dev, event)('POST', '/hand-over', { username: 'kind' })).event.god_id, other.id);
    assert.equal((await consectl(system, 'user', 'unsuspend', 'grim')).code, 0);
    await eventually(async () => (await handOver()).status === 200, 5000);
    await logIn(system, 'grim');
});

test('consectl undoes what a rogue dev did', async () => {
    const rogue = await signUpAs(system, 'rogue', 'dev');
    assert.equal((await ask(rogue, 'POST', `/auth/users/${dev.id}/suspend`, { reason: 'mutiny' })).status, 200);
    await isVoid(dev);
    assert.match((await consectl(system, 'user', 'list', 'operator-anna')).stdout, /suspended/);
    assert.equal((await consectl(system, 'user', 'suspend', 'rogue', 'mutiny', '7d')).code, 0);
    assert.equal((await consectl(system, 'user', 'unsuspend', 'operator-anna')).code, 0);
    await isVoid(rogue);
    dev = await logIn(system, 'operator-anna');
    assert.equal((await consectl(system, 'user', 'suspend', 'rogue', 'mutiny', 'long')).code, 2);
    assert.equal((await consectl(system, 'user', 'suspend', 'no-such-name', 'x')).code, 3);
});
