// What operators do about people: shutting accounts, reports; and what people do about each other: blocks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, signUpMany } from './parts/games.mjs';
import { assertAllRefused, call, consectl, eventually, logIn, ok, PASSWORD, prove, signUp, signUpAs, untilVoid } from './parts/people.mjs';
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
const logInOf = (username, password = PASSWORD) => call(system, 'POST', '/auth/login', { body: { username, password } });

test('a suspended person is out at once, by every way, and in again when it ends', async () => {
    const loud = await signUp(system, 'loud'), until = in1h();
    const { user } = (await ask(dev, 'POST', `/auth/users/${loud.id}/suspend`, { until, reason: 'shouts' })).body;
    assert.deepEqual([user.id, user.suspension.until, user.suspension.reason, user.suspension.by_id], [loud.id, until, 'shouts', dev.id]);
    await untilVoid(system, loud);
    const refused = await logInOf('loud');
    assert.deepEqual([refused.status, refused.body.code], [403, 'SUSPENDED']);
    const wholeSecond = new Date(Math.ceil(Date.parse(until) / 1000) * 1000).toISOString().replace('.000Z', 'Z'); // not before it
    assert.ok(refused.body.detail.includes(wholeSecond), refused.body.detail);
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
    await assertAllRefused(system, [
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
    const suspended = await consectl(system, 'user', 'suspend', 'grim', 'cheats');
    assert.equal(suspended.code, 0, suspended.stderr);
    await untilVoid(system, god);
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
    await untilVoid(system, dev);
    assert.match((await consectl(system, 'user', 'list', 'operator-anna')).stdout, /suspended/);
    assert.equal((await consectl(system, 'user', 'suspend', 'rogue', 'mutiny', '7d')).code, 0);
    assert.equal((await consectl(system, 'user', 'unsuspend', 'operator-anna')).code, 0);
    await untilVoid(system, rogue);
    dev = await logIn(system, 'operator-anna');
    assert.equal((await consectl(system, 'user', 'suspend', 'rogue', 'mutiny', 'long')).code, 2);
    assert.equal((await consectl(system, 'user', 'suspend', 'no-such-name', 'x')).code, 3);
});

const resolve = (person, report, body) => ask(person, 'POST', `/reports/${report.id}/resolve`, body);

test('a report goes to the operators, and the first of them resolves it', async () => {
    const rude = await signUp(system, 'rude'), second = await signUpAs(system, 'second-anna', 'dev');
    const made = await ask(mira, 'POST', '/reports', { user_id: rude.id, reason: 'INSULT', text: 'فحش داد\nدو بار', event_id: NOBODY });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { report } = made.body;
    assert.deepEqual([report.state, report.reporter.username, report.user, report.event_id], ['OPEN', 'mira', { id: rude.id, username: 'rude' }, NOBODY]);
    assert.deepEqual([(await ask(mira, 'POST', '/reports', { user_id: rude.id, reason: 'SPAM' })).body.code], ['ALREADY_REPORTED']);
    const open = (await ask(dev, 'GET', '/reports?state=OPEN')).body.reports;
    assert.deepEqual(open, [report]);
    const body = { resolution: 'WARNED', note: 'گفتم' };
    const both = await Promise.all([resolve(dev, report, body), resolve(second, report, { ...body, resolution: 'DISMISSED' })]);
    assert.deepEqual(both.map((reply) => reply.status).sort(), [200, 409], JSON.stringify(both.map((reply) => reply.body)));
    assert.equal(both.find((reply) => reply.status === 409).body.code, 'REPORT_RESOLVED');
    const [winner, said] = both[0].status === 200 ? [dev, body] : [second, { ...body, resolution: 'DISMISSED' }];
    const again = await resolve(winner, report, said); // the answer was lost
    assert.deepEqual([again.status, again.body.report.resolved_by.id, again.body.report.resolution], [200, winner.id, said.resolution]);
    assert.deepEqual((await ask(dev, 'GET', '/reports?state=OPEN')).body.reports, []);
    assert.equal((await ask(dev, 'GET', '/reports?state=RESOLVED')).body.reports[0].note, body.note);
    assert.equal((await ask(mira, 'POST', '/reports', { user_id: rude.id, reason: 'SPAM' })).status, 201);
});

test('reports made at once do not pass their limits', async () => {
    const people = await signUpMany(system, 'reported', 24), hasty = await signUp(system, 'hasty');
    const report = (person) => ask(hasty, 'POST', '/reports', { user_id: person.id, reason: 'SPAM' });
    const same = await Promise.all(Array.from({ length: 6 }, () => report(people[0])));
    assert.deepEqual(same.map((reply) => reply.status).sort(), [201, 409, 409, 409, 409, 409]);
    const told = (reply) => reply.body.code ?? reply.status;
    const codes = (await Promise.all(people.slice(1).map(report))).map(told);
    const made = (list) => list.filter((code) => code === 201).length;
    assert.ok(codes.every((code) => [201, 'LIMIT_REACHED'].includes(code)) && made(codes) <= 19, codes.join());
    const later = []; // of several processes each may have made room for the other
    for (const person of people.slice(1).filter((_, i) => codes[i] !== 201)) later.push(told(await report(person)));
    assert.equal(made(codes) + made(later), 19, [...codes, ...later].join());
});

test('reports that are refused, by field', async () => {
    const lena = await signUp(system, 'lena'), ok = { user_id: lena.id, reason: 'SPAM' };
    const bad = (body, code, field, status = 400) => [mira, 'POST', '/reports', body, status, code, field];
    const resolving = (body, code, field) => [dev, 'POST', `/reports/${NOBODY}/resolve`, body, 400, code, field];
    await assertAllRefused(system, [
        [undefined, 'POST', '/reports', ok, 401, 'TOKEN_INVALID'],
        bad({ ...ok, user_id: mira.id }, 'INVALID_FIELD', 'user_id'),
        bad({ ...ok, user_id: NOBODY }, 'NOT_FOUND', undefined, 404),
        bad({ ...ok, user_id: 'x' }, 'INVALID_FIELD', 'user_id'),
        bad({ reason: 'SPAM' }, 'INVALID_FIELD', 'user_id'),
        bad({ user_id: lena.id }, 'INVALID_FIELD', 'reason'),
        bad({ ...ok, reason: 'BORED' }, 'MALFORMED', 'reason'),
        bad({ ...ok, reason: 'OTHER' }, 'INVALID_FIELD', 'text'),
        bad({ ...ok, event_id: 'x' }, 'INVALID_FIELD', 'event_id'),
        bad({ ...ok, text: 'م'.repeat(2001) }, 'INVALID_FIELD', 'text'),
        bad({ ...ok, text: 'a\u0007b' }, 'INVALID_FIELD', 'text'),
        bad({ ...ok, text: 'a\u0000b' }, 'MALFORMED'),
        bad({ ...ok, text: 5 }, 'MALFORMED', 'text'),
        bad({ ...ok, reporter_id: lena.id }, 'MALFORMED', 'reporter_id'),
        [mira, 'GET', '/reports', undefined, 403, 'LEVEL_TOO_LOW'],
        [dev, 'GET', '/reports?state=LOST', undefined, 400, 'MALFORMED', 'state'],
        [dev, 'GET', '/reports?page_size=51', undefined, 400, 'INVALID_FIELD', 'page_size'],
        [dev, 'GET', '/reports?page_token=x', undefined, 400, 'BAD_PAGE_TOKEN'],
        [mira, 'POST', `/reports/${NOBODY}/resolve`, { resolution: 'WARNED' }, 403, 'LEVEL_TOO_LOW'],
        [dev, 'POST', `/reports/${NOBODY}/resolve`, { resolution: 'WARNED' }, 404, 'NOT_FOUND'],
        resolving({}, 'INVALID_FIELD', 'resolution'),
        resolving({ resolution: 'PRAISED' }, 'MALFORMED', 'resolution'),
        resolving({ resolution: 'WARNED', note: 'م'.repeat(2001) }, 'INVALID_FIELD', 'note'),
        [dev, 'POST', '/reports/x/resolve', { resolution: 'WARNED' }, 400, 'INVALID_FIELD', 'id'],
    ]);
    assert.equal((await ask(mira, 'POST', '/reports', { ...ok, text: 'م'.repeat(2000) })).status, 201);
});

test('people block each other, and see their own blocks alone', async () => {
    const [a, b, c] = [await signUp(system, 'blocker'), await signUp(system, 'blocked'), await signUp(system, 'third')];
    for (const other of [b, c, b]) assert.equal((await ask(a, 'PUT', `/users/${other.id}/block`)).status, 204);
    const names = async (person, query = '') => (await ask(person, 'GET', `/auth/blocks${query}`)).body.blocks.map((block) => block.user.username);
    assert.deepEqual(await names(a), ['blocked', 'third']);
    assert.deepEqual(await names(b), []);
    const { body } = await ask(a, 'GET', '/auth/blocks?page_size=1');
    assert.deepEqual(await names(a, `?page_size=1&page_token=${encodeURIComponent(body.next_page_token)}`), ['third']);
    for (let i = 0; i < 2; i++) assert.equal((await ask(a, 'DELETE', `/users/${b.id}/block`)).status, 204);
    assert.deepEqual(await names(a), ['third']);
    await assertAllRefused(system, [
        [undefined, 'PUT', `/users/${b.id}/block`, undefined, 401, 'TOKEN_INVALID'],
        [a, 'PUT', `/users/${a.id}/block`, undefined, 400, 'INVALID_FIELD', 'user_id'],
        [a, 'PUT', `/users/${NOBODY}/block`, undefined, 404, 'NOT_FOUND'],
        [a, 'PUT', '/users/x/block', undefined, 400, 'INVALID_FIELD', 'user_id'],
        [a, 'DELETE', '/users/x/block', undefined, 400, 'INVALID_FIELD', 'user_id'],
        [a, 'GET', '/auth/blocks?page_size=101', undefined, 400, 'INVALID_FIELD', 'page_size'],
        [a, 'GET', '/auth/blocks?page_token=x', undefined, 400, 'BAD_PAGE_TOKEN'],
    ]);
});

test('of who deleted their account nothing is left here but what others said of them', async () => {
    const [leaver, stayer] = [await signUp(system, 'leaving'), await signUp(system, 'staying')];
    await prove(system, leaver.token);
    const { key } = (await ask(leaver, 'POST', '/auth/api-keys', { name: 'bot' })).body;
    const exchange = () => call(system, 'POST', '/auth/api-keys/token', { body: { key } });
    const bot = { token: (await exchange()).body.access_token };
    const by = (await ask(leaver, 'POST', '/reports', { user_id: stayer.id, reason: 'SPAM', text: 'by' })).body.report;
    const about = (await ask(stayer, 'POST', '/reports', { user_id: leaver.id, reason: 'INSULT', text: 'about' })).body.report;
    assert.equal((await ask(stayer, 'PUT', `/users/${leaver.id}/block`)).status, 204);
    await prove(system, leaver.token);
    assert.equal((await ask(leaver, 'DELETE', '/auth/me')).status, 204);
    await untilVoid(system, bot);
    assert.equal((await exchange()).body.code, 'KEY_INVALID');
    const open = (await ask(dev, 'GET', '/reports?state=OPEN&page_size=50')).body.reports;
    const shown = open.find((report) => report.id === by.id);
    assert.deepEqual([shown.text, 'reporter' in shown], ['by', false]);
    const { user } = open.find((report) => report.id === about.id);
    assert.equal(user.id, leaver.id);
    assert.match(user.username, /^deleted-[0-9a-f]{16}$/);
    assert.equal((await resolve(dev, about, { resolution: 'DISMISSED', note: 'left' })).status, 200);
    assert.deepEqual((await ask(stayer, 'GET', '/auth/blocks')).body.blocks, []);
    await assertAllRefused(system, [
        [stayer, 'POST', '/reports', { user_id: leaver.id, reason: 'SPAM' }, 404, 'NOT_FOUND'],
        [stayer, 'PUT', `/users/${leaver.id}/block`, undefined, 404, 'NOT_FOUND'],
        [dev, 'POST', `/auth/users/${leaver.id}/suspend`, { reason: 'x' }, 404, 'NOT_FOUND'],
    ]);
});

test('nobody takes a name that sounds like the operator', async () => {
    const signing = (username) => call(system, 'POST', '/auth/signup', { body: { username, password: PASSWORD } });
    for (const username of ['admin', 'Adm1n', 'r.o-o_t', 'deleted-0123456789abcdef']) {
        const reply = await signing(username);
        assert.deepEqual([reply.status, reply.body.code, reply.body.errors[0].field], [409, 'USERNAME_RESERVED', 'username'], username);
    }
    const goddess = await signing('goddess');
    assert.equal(goddess.status, 201);
    const { token } = await logIn(system, 'goddess');
    await ok(system, 'POST', '/auth/proof', { token, body: { password: PASSWORD } });
    assert.equal((await call(system, 'PATCH', '/auth/me', { token, body: { username: 'G0D' } })).body.code, 'USERNAME_RESERVED');
});
