// What operators do, and others who decide over people, money or the rules: told once, whatever is killed in between, chained, and
// carried elsewhere.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, signUpMany } from './parts/games.mjs';
import { assertProblem, call, consectl, dumpOf, eventually, ok, PASSWORD, signUp, signUpAs, untilTaken } from './parts/people.mjs';
import { metricOf, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, PHONE = '+989121234567', NOTE = 'her brother told me', MEMO = 'for the lost evening';
const SERVICES = ['auth', 'events', 'chain'];
let system, dev, god, mallory;

before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'dora', 'dev');
    god = await makeGod(system, 'hera');
    mallory = await signUp(system, 'mallory');
});
after(() => system?.stop());

const list = async (query = '') => (await ok(system, 'GET', `/ops/audit?page_size=100${query}`, { token: dev.token })).entries ?? [];
const ofKind = async (kind) => (await list(`&kind=${kind}`)).map(({ entry }) => entry);
const asDev = (method, route, body) => ok(system, method, route, { token: dev.token, body });

// Of one that another service tells, which takes a moment.
async function only(kind, target) {
    let entries;
    await eventually(async () => (entries = (await ofKind(kind)).filter((entry) => entry.target === target)).length > 0, PATIENCE_MS);
    assert.equal(entries.length, 1, JSON.stringify(entries));
    return entries[0];
}

function assertBy(entry, person, way = 'SESSION') {
    assert.equal(entry.actor.way, way);
    assert.equal(entry.actor.user_id, person?.id ?? '');
    if (person) assert.match(entry.trace_id, /^[0-9a-f]{32}$/);
}

test('only operators see it', async () => {
    assertProblem(await call(system, 'GET', '/ops/audit'), 401, 'TOKEN_INVALID');
    for (const { token } of [mallory, god]) assertProblem(await call(system, 'GET', '/ops/audit', { token }), 403, 'LEVEL_TOO_LOW');
    assertProblem(await call(system, 'GET', '/ops/audit?page_token=x', { token: dev.token }), 400, 'BAD_PAGE_TOKEN');
});

test('what consectl did is told as an operator\'s', async () => {
    const entry = await only('LEVEL_SET', dev.id);
    assertBy(entry, null, 'OPERATOR');
    assert.deepEqual([entry.service, entry.level_set], ['auth', { before: 'PLAYER', after: 'DEV' }]);
});

test('what operators do to people is told', async () => {
    await asDev('POST', `/auth/users/${mallory.id}/suspend`, { reason: NOTE, until: '2040-01-01T00:00:00Z' });
    assertBy(await only('USER_SUSPENDED', mallory.id), dev);
    assert.equal((await only('USER_SUSPENDED', mallory.id)).user_suspended.until, '2040-01-01T00:00:00Z');
    await asDev('DELETE', `/auth/users/${mallory.id}/suspend`);
    assertBy(await only('USER_READMITTED', mallory.id), dev);
    await asDev('DELETE', `/auth/users/${mallory.id}/sessions`);
    assertBy(await only('SESSIONS_ENDED', mallory.id), dev);
    await asDev('POST', `/auth/users/${mallory.id}/unlock`);
    assertBy(await only('USER_UNLOCKED', mallory.id), dev);
    const { report } = await ok(system, 'POST', '/reports', { token: god.token, body: { user_id: mallory.id, reason: 'INSULT', text: NOTE } });
    await asDev('POST', `/reports/${report.id}/resolve`, { resolution: 'WARNED', note: `${NOTE} ${PHONE}` });
    assert.deepEqual((await only('REPORT_RESOLVED', report.id)).report_resolved, { user_id: mallory.id, resolution: 'WARNED' });
});

test('the catalogue is told, with the fields that were given', async () => {
    const { side } = await asDev('POST', '/sides', { slug: 'night-owls', name: 'Night owls' });
    assertBy(await only('SIDE_CREATED', side.id), dev);
    await asDev('PATCH', `/sides/${side.id}`, { name: 'Owls', disabled: true });
    const entry = await only('SIDE_UPDATED', side.id);
    assert.deepEqual([entry.service, [...entry.edited.fields].sort()], ['events', ['disabled', 'name']]);
    const { sides } = await ok(system, 'GET', '/sides?include_disabled=true', { token: dev.token });
    assert.deepEqual(Object.keys(sides.find(({ id }) => id === side.id)).filter((name) => /act|owed|audit/.test(name)), []);
});

test('a hand-over is told by whom, and to whom', async () => {
    const other = await signUpAs(system, 'iris', 'god');
    const event = await openEvent(system, god, await makeDeck(system, god));
    let reply;
    await eventually(async () => (reply = await call(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: other.id } })).status !== 503, PATIENCE_MS);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    const entry = await only('EVENT_HANDED_OVER', event.id);
    assertBy(entry, god);
    assert.deepEqual(entry.handed_over, { from_id: god.id, to_id: other.id });
});

test('a grant is told, once for all who repeat it', async () => {
    const headers = { 'Idempotency-Key': randomUUID() }, body = { to_user_id: god.id, amount: '2500', memo: MEMO };
    let reply;
    await eventually(async () => (reply = await call(system, 'POST', '/ledger/grants', { token: dev.token, body, headers })).status === 201, PATIENCE_MS);
    assert.equal((await call(system, 'POST', '/ledger/grants', { token: dev.token, body, headers })).status, 201);
    const entry = await only('GRANTED', god.id);
    assertBy(entry, dev);
    assert.deepEqual(entry.granted, { user_id: god.id, currency: 'CONSE', amount: '2500' });
});

test('a page has what is asked for, and the next one goes on', async () => {
    const all = await list();
    const numbers = all.map(({ number }) => Number(number));
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] - i));
    assert.ok((await list(`&actor_id=${god.id}`)).every(({ entry }) => entry.actor.user_id === god.id));
    assert.deepEqual(await list('&since=2040-01-01T00:00:00Z'), []);
    const seen = [];
    for (let token = '', more = true; more; ) {
        const page = await ok(system, 'GET', `/ops/audit?page_size=3&page_token=${token}`, { token: dev.token });
        seen.push(...page.entries.map(({ number }) => Number(number)));
        more = Boolean((token = page.next_page_token));
    }
    assert.deepEqual(seen.slice(-numbers.length), numbers);
});

// The same request until it is taken: a level that is set already is not set again.
async function promote(person) {
    const route = `/auth/users/${person.id}/level`;
    const reply = await untilTaken(() => call(system, 'POST', route, { token: dev.token, body: { level: 'GOD' } }));
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
}

test('killed in between: what was done is told, and once', async () => {
    const people = await signUpMany(system, 'climber', 24);
    for (let i = 0; i < people.length; i += 8) {
        const promoted = people.slice(i, i + 8).map(promote);
        await system.killAll('auth');
        await system.startAll('auth');
        await Promise.all(promoted);
    }
    await eventually(async () => {
        const told = (await ofKind('LEVEL_SET')).filter(({ actor }) => actor.user_id === dev.id).map(({ target }) => target);
        return people.every(({ id }) => told.includes(id));
    }, PATIENCE_MS);
    const told = (await ofKind('LEVEL_SET')).map(({ target }) => target);
    for (const { id } of people) assert.equal(told.filter((target) => target === id).length, 1);
});

test('a service that was killed tells what it had done', async () => {
    const sides = [];
    for (let round = 0; round < 3; round++) {
        const slug = `side-${round}`;
        const edited = untilTaken(() => call(system, 'POST', '/sides', { token: dev.token, body: { slug, name: slug }, headers: { 'Idempotency-Key': slug.padEnd(16, '-') } }));
        await system.killAll('events');
        await system.startAll('events');
        const reply = await edited;
        assert.ok([201, 409].includes(reply.status), JSON.stringify(reply.body));
        let all;
        await eventually(async () => (all = await call(system, 'GET', '/sides')).status === 200, PATIENCE_MS);
        sides.push(all.body.sides.find((side) => side.slug === slug).id);
    }
    for (const id of sides) await only('SIDE_CREATED', id);
});

test('it has no names, texts, numbers or secrets of people', async () => {
    const secrets = ['mallory', 'Night owls', NOTE, PHONE, MEMO, PASSWORD, dev.token.split('.')[2], dev.refresh.split('.').at(-1)];
    for (const service of SERVICES) {
        const lines = (await dumpOf(system, service)).filter(({ stream }) => stream === `${service}.audit`);
        assert.ok(lines.length > 0, service);
        for (const { text } of lines) for (const secret of secrets) assert.ok(!text.includes(secret), `${service}: ${secret}`);
    }
});

test('it is carried elsewhere, and checked against what is there', async () => {
    const file = path.join(system.dir, 'audit.jsonl');
    const linesOf = () => fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.equal((await consectl(system, 'audit', 'export', file)).code, 0);
    const before = linesOf();
    assert.deepEqual([...new Set(before.map(({ service }) => service))].sort(), [...SERVICES].sort());
    await promote(await signUp(system, 'latecomer'));
    fs.appendFileSync(file, '{"service":"auth","num'); // an export that was killed
    const { code, stderr } = await consectl(system, 'audit', 'export', file);
    assert.equal(code, 0, stderr);
    assert.equal(linesOf().length, before.length + 1);
    const verified = await consectl(system, 'audit', 'verify', file);
    assert.equal(verified.code, 0, verified.stderr);
    for (const service of SERVICES) assert.match(verified.stdout, new RegExp(`^${service}: \\d+ entries, the chain holds`, 'm'));
    const listed = await consectl(system, 'audit', 'list');
    assert.match(listed.stdout, /LEVEL_SET/);
    const changed = path.join(system.dir, 'changed.jsonl');
    fs.writeFileSync(changed, fs.readFileSync(file, 'utf8').replace('"after":"DEV"', '"after":"GOD"'));
    const refused = await consectl(system, 'audit', 'verify', changed);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /line 1: entry 1 of auth was changed/);
});

// Of the embedded store, whose file the test changes.
test('an entry that somebody changed in the store is found', async () => {
    const alone = await startSystem({ env: LIMITS, replicas: 0 });
    try {
        for (const name of ['anna', 'berta', 'clara']) await signUpAs(alone, name, 'god');
        await alone.term('auth');
        assert.match((await consectl(alone, 'audit', 'verify')).stdout, /^auth: 3 entries, the chain holds/);
        const where = "WHERE at IN (SELECT (id << 32) | 2 FROM stream WHERE name = 'auth.audit')";
        const sql = `UPDATE entry SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'ee' AS BLOB) ${where}; SELECT changes()`;
        const { stdout } = spawnSync('sqlite3', [path.join(alone.env.CONSE_DATA, 'auth.db'), sql], { encoding: 'utf8' });
        assert.equal(stdout.trim(), '1');
        const refused = await consectl(alone, 'audit', 'verify');
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /auth: entry 2 of the audit does not follow/);
        await alone.startAll('auth');
        await eventually(async () => (await metricOf(alone, 'auth', 'conse_audit_broken')) === 1, PATIENCE_MS);
        for (const service of ['events', 'chain']) assert.equal(await metricOf(alone, service, 'conse_audit_broken'), 0);
    } finally {
        await alone.stop();
    }
});
