// The log of an event over HTTP: who may read it and what they see of it.
import assert from 'node:assert/strict';
import { after as atEnd, before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { parkedAt, startSystem } from './parts/system.mjs';

let system, god, otherGod, players, stranger, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 3);
    stranger = await signUp(system, 'stranger');
    deck = await makeDeck(system, god, { roles: 3 });
});

atEnd(() => system?.stop());

const kinds = ({ entries }) => entries.map((entry) => entry.kind);
const metric = async (service, pattern) => Number(pattern.exec(await fetch(`http://127.0.0.1:${system.admin[service]}/metrics`).then((r) => r.text()))?.[1] ?? 0);
const parked = () => parkedAt(system);
const asked = () => metric('events', /conse_rpc_calls_total\{method="events.ReadLog"\} (\d+)/);

async function deal(more = {}) {
    const event = await openEvent(system, god, deck, { max_players: 3, ...more });
    const g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    return { event, g };
}

async function waitOf(person, event) {
    const { next } = await readLog(system, person, event);
    return ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: person?.token });
}

test('everybody reads the public log, and waits for public news alone', async () => {
    const { event, g } = await deal();
    const [nobodys, strangers] = [await readLog(system, null, event), await readLog(system, stranger, event)];
    assert.deepEqual(nobodys, strangers);
    assert.deepEqual([nobodys.epoch, nobodys.leads, nobodys.open], ['public', false, false]);
    assert.deepEqual(kinds(nobodys), ['OPENED', 'RESERVED', 'RESERVED', 'RESERVED', 'LOCKED', 'REVEALED']);
    assert.ok(nobodys.entries.every((entry, i) => entry.index === String(i + 1) && entry.seq === '0'));
    const waiting = waitOf(null, event), leads = waitOf(god, event);
    await eventually(async () => (await parked()) === 2, 10000);
    await g('POST', `/players/${players[0].id}/notes`, { text: 'Steps.', audience: 'PLAYER' });
    assert.deepEqual(kinds(await leads), ['NOTED']);
    await g('POST', '/phases', { kind: 'DAY' });
    assert.deepEqual(kinds(await waiting), ['PHASE_OPENED']);
    assert.equal((await call(system, 'GET', `/events/${event.id}/log`, { token: 'no.such.token' })).status, 401, 'a token that is given counts');
    assert.equal((await call(system, 'GET', `/events/01890000-0000-7000-8000-000000000001/log`)).status, 404);
});

test('who does not lead is not asked again because of what is hidden, whatever their level', async () => {
    const { event, g } = await deal();
    await g('POST', '/phases', { kind: 'DAY' });
    for (const [watcher, kind] of [[otherGod, 'NIGHT'], [players[1], 'DAY'], [stranger, 'NIGHT'], [null, 'DAY']]) {
        const { next } = await readLog(system, watcher, event);
        const before = await asked();
        const waiting = ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: watcher?.token });
        await eventually(async () => (await parked()) === 1, 10000);
        // Long enough for ten questions, which come at most every 20 ms.
        for (let began = Date.now(), score = 0; Date.now() - began < 300; score ^= 1)
            await g('PUT', `/players/${players[0].id}/score`, { score });
        await g('POST', '/phases', { kind });
        assert.deepEqual(kinds(await waiting), ['PHASE_CLOSED', 'PHASE_OPENED']);
        // The first and the last, and perhaps one because the stream is heard anew; each perhaps of a process that passes it on.
        assert.ok((await asked()) - before <= 3 * system.replicasOf('events').length, `${watcher?.user.username}: ${await asked()} after ${before}`);
    }
});

test('the epoch changes when the indexes do', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const g = as(system, god, event), [a] = players;
    const epochOf = async (person) => { const { epoch, leads } = await ok(system, 'GET', `/events/${event.id}/log`, { token: person?.token }); return [epoch, leads]; };
    assert.deepEqual([await epochOf(god), await epochOf(otherGod), await epochOf(a)], [['god', true], ['public', false], ['public', false]]);
    await seatAll(system, event, [a]);
    assert.deepEqual(await epochOf(a), [`person-${a.id}`, false]);
    await as(system, a, event)('DELETE', `/reservations/${a.id}`);
    assert.deepEqual(await epochOf(a), [`person-${a.id}`, false], 'they keep what they were told');
    await g('POST', '/hand-over', { god_id: otherGod.id });
    assert.deepEqual([await epochOf(god), await epochOf(otherGod)], [['public', false], ['god', true]]);
    await as(system, otherGod, event)('POST', '/cancel');
    for (const person of [god, otherGod, a, null]) assert.deepEqual(await epochOf(person), ['open', true], 'all see it as its god does');
});

test('spectators that see the game late read its log late, also without a token', async () => {
    const { event, g } = await deal({ spectator_delay: '600s' });
    const before = await readLog(system, null, event);
    await g('POST', '/phases', { kind: 'DAY' });
    await g('PATCH', `/players/${players[2].id}`, { status: 'DEAD' });
    await g('POST', '/phases', { kind: 'NIGHT' });
    for (const late of [null, stranger, otherGod]) assert.deepEqual(await readLog(system, late, event), before);
    assert.deepEqual(kinds(await readLog(system, players[0], event)).slice(-4), ['PHASE_OPENED', 'STATUS_SET', 'PHASE_CLOSED', 'PHASE_OPENED']);
    const waiting = waitOf(null, event);
    await eventually(async () => (await parked()) === 1, 10000);
    const { players: cards } = (await g('GET', '')).event;
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    assert.equal((await waiting).open, true, 'the end is told at once');
    assert.deepEqual(kinds(await readLog(system, null, event)), kinds(await readLog(system, god, event)));
});

const cursorOf = async (route, person) => (await call(system, 'GET', route, { token: person?.token })).headers.get('conse-cursor');
const after = (event, person, cursor, more = '') => ok(system, 'GET', `/events/${event.id}/log?after=${cursor}${more}`, { token: person?.token });

test('who sees the game late, and waits, is told when it is time', async () => {
    const { event, g } = await deal({ spectator_delay: '2s' }), room = `/rooms/${event.id}.table/log`;
    const place = await cursorOf(`/events/${event.id}`, stranger), began = Date.now();
    await g('POST', '/phases', { kind: 'DAY' });
    const { cursor } = await ok(system, 'GET', room, { token: stranger.token });
    await ok(system, 'POST', `/rooms/${event.id}.table/messages`, { token: players[0].token, body: { client_id: crypto.randomUUID(), text: 'hello' } });
    const [log, talk] = await Promise.all([after(event, stranger, place, '&wait=20s'), ok(system, 'GET', `${room}?after=${cursor}&wait=20s`, { token: stranger.token })]);
    assert.deepEqual([kinds(log), kinds(talk)], [['PHASE_OPENED'], ['SAID']]);
    assert.ok(Date.now() - began >= 2000 && Date.now() - began < 15000, `${Date.now() - began} ms`);
});

test('each read of an event says where its log goes on, also when it is not sent again', async () => {
    const { event, g } = await deal();
    for (const [person, routes] of [[null, ['', '/deal', '/deck', '/phases', '/log']], [players[0], ['', '/me', '/notes', '/polls', '/log']], [god, ['', '/bans', '/uses', '/waitlist', '/log']]]) {
        const cursors = await Promise.all(routes.map((route) => cursorOf(`/events/${event.id}${route}`, person)));
        assert.match(cursors[0], /^[a-z2-7]{8}\.\d+$/);
        assert.equal(new Set(cursors).size, 1, cursors.join(' '));
    }
    const { headers } = await call(system, 'GET', `/events/${event.id}`);
    const again = await call(system, 'GET', `/events/${event.id}`, { headers: { 'If-None-Match': headers.get('etag') } });
    assert.deepEqual([again.status, again.headers.get('conse-cursor')], [304, headers.get('conse-cursor')]);
    const waiting = after(event, null, headers.get('conse-cursor'), '&wait=20s');
    await eventually(async () => (await parked()) === 1, 10000);
    await g('POST', '/phases', { kind: 'DAY' });
    const told = await waiting;
    assert.deepEqual(kinds(told), ['PHASE_OPENED']);
    assert.equal(told.cursor, told.entries[0].cursor);
    assert.equal(await cursorOf(`/events/${event.id}`, null), told.cursor);
});

test('a cursor that is no more good is told at once, with what is seen now', async () => {
    const { event, g } = await deal();
    const [own, publics] = [await cursorOf(`/events/${event.id}`, players[0]), await cursorOf(`/events/${event.id}`, null)];
    for (const [person, cursor, reason] of [[null, own, 'EPOCH'], [players[1], own, 'EPOCH'], [players[0], publics, 'RIGHTS'], [god, publics, 'RIGHTS'], [null, 'nonsense', 'EPOCH']]) {
        const reply = await after(event, person, cursor, '&wait=20s');
        assert.deepEqual([reply.reset.reason, reply.event.id, reply.entries.length], [reason, event.id, 0]);
        assert.equal(reply.cursor, await cursorOf(`/events/${event.id}`, person));
    }
    await g('POST', '/phases', { kind: 'DAY' });
    const { players: cards } = (await g('GET', '')).event;
    const waiting = after(event, null, await cursorOf(`/events/${event.id}`, null), '&wait=20s');
    await eventually(async () => (await parked()) === 1, 10000);
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    const opened = await waiting;
    assert.deepEqual([opened.reset.reason, opened.event.state], ['EPOCH', 'DONE'], 'who waits is told that the game is over');
});

const last = ({ entries }, kind) => entries.findLast((entry) => entry.kind === kind);

async function playAll() {
    const { event, g } = await deal({ secret_ballot: false });
    const [a, b, c] = players;
    await g('POST', '/phases', { kind: 'DAY', timer: '600s' });
    await g('PATCH', '/phases/current', { pause: true });
    await g('PATCH', '/phases/current', { pause: false });
    await g('POST', `/players/${a.id}/notes`, { text: 'قدم‌ها را «شنیدی»؟\n"yes"', audience: 'PLAYER' });
    await g('POST', `/players/${a.id}/chains`, { to_id: b.id });
    await g('PATCH', `/players/${c.id}`, { status: 'SILENT_2_PHASES' });
    await g('PUT', `/players/${a.id}/score`, { score: 7 });
    const { poll } = await g('POST', '/polls', { kind: 'TRIAL', candidates: [c.id], weights: [{ user_id: b.id, weight: 3 }] });
    await as(system, b, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: c.id });
    await g('POST', `/polls/${poll.id}/close`);
    await g('PATCH', `/players/${c.id}`, { status: 'DEAD' });
    await g('POST', `/players/${c.id}/last-move`);
    await g('POST', '/phases', { kind: 'NIGHT' });
    const cards = (await g('GET', '')).event.players;
    return { event, g, poll, end: () => g('POST', '/finish', { winning_side_ids: [cards[0].side_id] }) };
}

test('entries are readable without their bytes, by who may see them', async () => {
    const { event, poll, end } = await playAll(), [a, b, c] = players;
    const [mine, nobodys, leads] = [await readLog(system, a, event), await readLog(system, null, event), await readLog(system, god, event)];
    const opened = last(nobodys, 'PHASE_OPENED');
    assert.equal(opened.actor_id, god.id);
    assert.deepEqual({ number: opened.fields.number, day: opened.fields.day, kind: opened.fields.kind, closes_ms: opened.fields.closes_ms }, { number: 2, day: 1, kind: 'NIGHT', closes_ms: '0' });
    const { terms, roles } = nobodys.entries[0].fields;
    assert.deepEqual([terms.title, terms.max_players, typeof terms.starts_ms, roles.length], ['Friday night', 3, 'string', 3]);
    assert.equal(Buffer.from(nobodys.entries[0].fields.deck_hash, 'base64').length, 32);
    const { user_id: id, username, seat, guest } = nobodys.entries[1].fields;
    assert.deepEqual([id, username, seat, guest], [a.id, 'player0', 1, false]);
    assert.equal(last(mine, 'NOTED').fields.text, 'قدم‌ها را «شنیدی»؟\n"yes"');
    assert.equal(last(mine, 'NOTED').fields.audience, 'PLAYER');
    assert.equal(last(nobodys, 'NOTED'), undefined);
    assert.deepEqual([last(leads, 'SCORED').fields.score, last(nobodys, 'SCORED')], [7, undefined]);
    assert.deepEqual(last(leads, 'POLL_WEIGHTED').fields.weights.map(({ user_id: voter, weight }) => [voter, weight]), [[b.id, 3]]);
    const { fields } = last(nobodys, 'POLL_CLOSED');
    assert.deepEqual([fields.poll_id, fields.counts, fields.ballots], [poll.id, [{ candidate_id: c.id, weight: 3 }], [{ voter_id: b.id, candidate_id: c.id }]]);
    // The bytes and the words of an entry are the same for all who see it.
    const words = new Map(leads.entries.map(({ payload, actor_id: actor, fields: words }) => [payload, { actor, words }]));
    for (const log of [mine, nobodys]) for (const { payload, actor_id: actor, fields: said } of log.entries)
        if (words.has(payload)) assert.deepEqual({ actor, words: said }, words.get(payload));
    await end();
});

test('the description of the API says what each kind of entry has, and so it is', async () => {
    const { event, end } = await playAll();
    await end();
    const api = await ok(system, 'GET', '/openapi.json');
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'api', ...api });
    const described = new Map(api.components.schemas['events.LogEntry'].properties.fields.anyOf.map((schema) => [schema.title, schema]));
    const { entries } = await readLog(system, god, event);
    const seen = new Set();
    for (const entry of entries) {
        const validate = ajv.compile({ $ref: 'api#/components/schemas/events.LogEntry' });
        assert.ok(validate(entry), JSON.stringify(validate.errors));
        if (entry.leaf) {
            assert.deepEqual([entry.kind, entry.actor_id, entry.fields], ['SEALED', undefined, undefined]);
            continue;
        }
        seen.add(entry.kind);
        const { $ref } = described.get(entry.kind) ?? {};
        assert.ok($ref, `${entry.kind} is not described`);
        const type = api.components.schemas[$ref.split('/').pop()];
        const exact = ajv.compile({ $ref: `api${$ref}` });
        assert.ok(exact(entry.fields), `${entry.kind}: ${JSON.stringify(exact.errors)}`);
        for (const name of Object.keys(entry.fields)) assert.ok(type.properties[name], `${entry.kind}.${name} is not described`);
        for (const name of type.required ?? []) assert.ok(name in entry.fields, `${entry.kind}.${name} is absent`);
        assert.equal(typeof entry.actor_id, 'string');
    }
    for (const kind of ['OPENED', 'LOCKED', 'REVEALED', 'CARD_DEALT', 'DEAL_OPENED', 'PHASE_PAUSED', 'CHAINED', 'BALLOT_CAST', 'POLL_CLOSED', 'LAST_MOVE_DRAWN', 'FINISHED'])
        assert.ok(seen.has(kind), kind);
});

test('in protobuf an entry is carried once', async () => {
    const { event } = await deal();
    const json = await readLog(system, null, event);
    const reply = await fetch(`${system.url}/events/${event.id}/log`, { headers: { Accept: 'application/x-protobuf' } });
    const bytes = Buffer.from(await reply.arrayBuffer());
    for (const { payload } of json.entries) assert.ok(bytes.includes(Buffer.from(payload, 'base64')));
    const occurrences = (buffer) => buffer.toString('latin1').split(players[0].id).length - 1;
    assert.equal(occurrences(bytes), json.entries.reduce((sum, { payload }) => sum + occurrences(Buffer.from(payload, 'base64')), 0));
});
