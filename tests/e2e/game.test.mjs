// A whole evening over HTTP, with everything that can be checked of it checked from outside.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { checkProof, verifyChain, verifyCheckpoint, verifyDeal } from './parts/fairness.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, readPhases, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, call, consectl, eventually, ok, signUpAs } from './parts/people.mjs';
import { parkedAt, startSystem } from './parts/system.mjs';

let system, god, otherGod, players, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    otherGod = await makeGod(system, 'othergod');
    players = await signUpMany(system, 'player', 6);
    deck = await makeDeck(system, god);
});

after(() => system?.stop());

const refused = (...row) => assertRefused(system, ...row);

test('the catalogue is seeded, listed, edited by a dev and by nobody else', async () => {
    const dev = await signUpAs(system, 'thedev', 'dev');
    const { sides } = await ok(system, 'GET', '/sides', { token: god.token });
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const { last_moves: moves } = await ok(system, 'GET', '/last-moves', { token: god.token });
    assert.deepEqual([sides.length, roles.length, moves.length], [8, 67, 47]);
    assert.equal(roles.reduce((sum, role) => sum + role.copies, 0), 91);
    await refused(god, 'POST', '/sides', { slug: 'new', name: 'New' }, 403, 'LEVEL_TOO_LOW');
    const { side } = await ok(system, 'POST', '/sides', { token: dev.token, body: { slug: 'night', name: 'Night' } });
    await refused(dev, 'POST', '/sides', { slug: 'night', name: 'Other' }, 409, 'SLUG_TAKEN');
    await ok(system, 'PATCH', `/sides/${side.id}`, { token: dev.token, body: { disabled: true } });
    const count = async (path) => (await ok(system, 'GET', path, { token: god.token })).sides.length;
    await eventually(async () => (await count('/sides?include_disabled=true')) === 9 && (await count('/sides')) === 8, 2000); // another process shows it a moment later
    for (const [path, count] of [['/sides', 8], ['/sides?include_disabled=true', 9], ['/roles', 67], ['/last-moves', 47]]) {
        const [mine, nobodys] = [await call(system, 'GET', path, { token: dev.token }), await call(system, 'GET', path)];
        assert.deepEqual([nobodys.status, Object.values(nobodys.body)[0].length], [200, count], 'everybody reads the whole catalogue');
        assert.deepEqual([nobodys.body, nobodys.headers.get('etag')], [mine.body, mine.headers.get('etag')], 'the same for all');
        assert.equal(nobodys.headers.get('cache-control'), 'no-cache');
        assert.equal((await call(system, 'GET', path, { headers: { 'if-none-match': nobodys.headers.get('etag') } })).status, 304);
        assert.equal((await call(system, 'GET', path, { token: 'expired.or.forged' })).status, 200, 'a token is ignored');
    }
    const before = roles.map((role) => role.id).join();
    await system.restart('events');
    await eventually(async () => (await call(system, 'GET', '/roles', { token: god.token })).status === 200, 1000);
    const again = (await ok(system, 'GET', '/roles', { token: god.token })).roles;
    assert.equal(again.map((role) => role.id).join(), before, 'ids are stable');
});

test('a deck is checked against the catalogue, and an event keeps the version it was opened with', async () => {
    const { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const one = roles.find((role) => role.copies === 1);
    await refused(god, 'POST', '/decks', { group_id: god.group.id, name: 'x', roles: [{ role_id: one.id, copies: 2 }] }, 422, 'DECK_INVALID');
    await refused(otherGod, 'GET', `/decks/${deck.id}`, undefined, 404, 'NOT_FOUND');
    await refused(otherGod, 'POST', '/decks', { group_id: god.group.id, name: 'x', roles: [{ role_id: one.id, copies: 1 }] }, 403, 'NOT_OWNER');
    const mine = await makeDeck(system, god, { roles: 3 });
    const event = await openEvent(system, god, mine);
    const changed = await ok(system, 'PATCH', `/decks/${mine.id}`, { token: god.token, body: { roles: mine.roles.slice(0, 1) } });
    assert.equal(changed.deck.version, 2);
    const kept = (await ok(system, 'GET', `/events/${event.id}/deck`)).deck;
    assert.deepEqual([kept.version, kept.roles.length], [1, 3]);
});

test('permission comes before existence', async () => {
    const absent = '/events/01890000-0000-7000-8000-000000000000';
    const event = await openEvent(system, god, deck);
    await refused(players[0], 'POST', `${absent}/lock`, {}, 403, 'LEVEL_TOO_LOW');
    await refused(god, 'POST', `${absent}/lock`, {}, 404, 'NOT_FOUND');
    await refused(otherGod, 'POST', `/events/${event.id}/lock`, {}, 403, 'NOT_OWNER');
    await refused(players[0], 'GET', `${absent}/me`, undefined, 404, 'NOT_FOUND');
    await refused(players[0], 'GET', `/events/${event.id}/me`, undefined, 404, 'NOT_FOUND');
    await refused(null, 'POST', `/events/${event.id}/reservations`, {}, 401, 'TOKEN_INVALID');
});

test('events are explored by state, group, god, player, text and time, page by page', async () => {
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await openEvent(system, otherGod, await makeDeck(system, otherGod), { title: `Quiz ${i}`, starts_at: { local: `2027-03-0${i + 1}T20:00:00`, zone: 'Asia/Tehran' } }));
    await seatAll(system, made[2], [players[0]]);
    const list = async (query) => (await ok(system, 'GET', `/events?${query}`)).events.map((event) => event.title);
    assert.deepEqual(await list(`god_id=${otherGod.id}&starts_after=2027-03-02T00:00:00Z&starts_before=2027-03-04T00:00:00Z`), ['Quiz 1', 'Quiz 2']);
    assert.deepEqual(await list(`group_id=${otherGod.group.id}&q=qUIZ 3`), ['Quiz 3']);
    assert.deepEqual(await list(`player_id=${players[0].id}`), ['Quiz 2']);
    assert.deepEqual(await list(`god_id=${otherGod.id}&status=LOCKED`), []);
    const seen = [];
    for (let token = ''; ; ) {
        const page = await ok(system, 'GET', `/events?god_id=${otherGod.id}&page_size=2&page_token=${encodeURIComponent(token)}`);
        seen.push(...page.events.map((event) => event.title));
        token = page.next_page_token;
        if (!token) break;
    }
    assert.deepEqual(seen, ['Quiz 4', 'Quiz 3', 'Quiz 2', 'Quiz 1', 'Quiz 0']);
    assert.equal(made[0].starts_at.utc, '2027-03-01T16:30:00Z');
    await refused(otherGod, 'DELETE', `/events/${made[2].id}`, undefined, 409, 'EVENT_HAS_SEATS');
    await ok(system, 'DELETE', `/events/${made[4].id}`, { token: otherGod.token });
    await refused(null, 'GET', `/events/${made[4].id}`, undefined, 404, 'NOT_FOUND');
    assert.deepEqual((await list(`god_id=${otherGod.id}`)).length, 4);
});

test('a search finds a title however its letters are typed', async () => {
    const searched = await makeGod(system, 'searched');
    const titles = ['\u0645\u0627\u0641\u06CC\u0627\u06CC \u06A9\u0627\u0631\u0622\u06AF\u0627\u0647\u0627\u0646 \u06F1\u06F2', 'می\u200Cرویم خانهٔ فاطمه', 'Straße NIGHT Café'];
    const own = await makeDeck(system, searched);
    for (const title of titles) await openEvent(system, searched, own, { title });
    const found = async (q) => (await ok(system, 'GET', `/events?god_id=${searched.id}&q=${encodeURIComponent(q)}`)).events.map((event) => titles.indexOf(event.title)).sort();
    // Arabic yeh and kaf; vowel marks; tatweel; digits of Arabic and Latin.
    for (const q of ['\u0645\u0627\u0641\u064A\u0627\u064A \u0643\u0627\u0631', 'مَافِيَا', 'مافـــیا', 'كارآگاهان ١٢', 'کارآگاهان 12', 'کاراگاهان'])
        assert.deepEqual(await found(q), [0], q);
    for (const q of ['ميرويم', 'می\u200Cرویم', 'خانه‌ٔ فاطمة', 'خانۀ', 'فاطمة']) assert.deepEqual(await found(q), [1], q);
    for (const q of ['STRASSE', 'straße', 'night  cafe', 'CAFÉ', 'cafe\u0301', 'ＮＩＧＨＴ']) assert.deepEqual(await found(q), [2], q);
    assert.deepEqual(await found('\u064E\u0640'), [0, 1, 2], 'only marks: no text to search for');
    assert.deepEqual(await found('مافیای شب'), []);
    assert.deepEqual(await found('ی'.repeat(128)), []);
    await refused(null, 'GET', `/events?q=${encodeURIComponent('ی'.repeat(129))}`, undefined, 400, 'INVALID_FIELD');
});

test('cover images are known by their content; a calendar has the zone', async () => {
    const event = await openEvent(system, god, deck, { starts_at: { local: '2027-03-01T20:00:00', zone: 'Europe/Berlin' } });
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    const put = (body) => fetch(`${system.url}/events/${event.id}/image`, { method: 'PUT', body, headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': 'image/png' } });
    assert.equal((await fetch(`${system.url}/events/${event.id}/image`)).status, 404);
    const bad = await put(Buffer.from('<svg onload=alert(1)>'));
    assert.deepEqual([bad.status, (await bad.json()).code], [400, 'NOT_AN_IMAGE']);
    assert.equal((await put(png)).status, 204);
    const image = await fetch(`${system.url}/events/${event.id}/image`);
    assert.equal(image.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await image.arrayBuffer()), png);
    assert.equal((await ok(system, 'GET', `/events/${event.id}`)).event.image_url, `/events/${event.id}/image`);
    const calendar = await (await fetch(`${system.url}/events/${event.id}/calendar.ics`)).text();
    assert.match(calendar, /^BEGIN:VCALENDAR\r\n/);
    assert.match(calendar, /\r\nDTSTART;TZID=Europe\/Berlin:20270301T200000\r\n/);
    assert.match(calendar, /BEGIN:VTIMEZONE\r\nTZID:Europe\/Berlin\r\n/);
});

test('an event is voted up and down once per user, and handed over to a god who owns a group', async () => {
    const event = await openEvent(system, god, deck);
    const vote = (person, value) => ok(system, 'PUT', `/events/${event.id}/vote`, { token: person.token, body: { vote: value } });
    await vote(players[0], 'UP');
    await vote(players[1], 'UP');
    assert.deepEqual(await vote(players[1], 'DOWN'), { upvotes: 1, downvotes: 1 });
    assert.equal((await as(system, players[1], event)('GET', '')).event.my_vote, 'DOWN');
    assert.deepEqual(await vote(players[1], 'NONE'), { upvotes: 1, downvotes: 0 });
    await eventually(async () => (await ok(system, 'GET', `/events?god_id=${god.id}&page_size=100`)).events.find((e) => e.id === event.id).upvotes === 1, 5000);
    await refused(god, 'POST', `/events/${event.id}/hand-over`, { god_id: players[0].id }, 409, 'NOT_A_GOD');
    await ok(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: otherGod.id } });
    await refused(god, 'POST', `/events/${event.id}/cancel`, {}, 403, 'NOT_OWNER');
    assert.equal((await ok(system, 'POST', `/events/${event.id}/cancel`, { token: otherGod.token })).event.state, 'CANCELLED');
});

test('a whole evening is played, and everything opens at the end', async () => {
    const event = await openEvent(system, god, deck, { max_players: 5, waitlist: true });
    const nonces = new Map(players.map((player) => [player.id, randomBytes(32).toString('base64')]));
    const g = as(system, god, event), p = players.map((player) => as(system, player, event));
    await seatAll(system, event, players, (player) => (player === players[3] ? undefined : nonces.get(player.id)));
    assert.deepEqual((({ seats_taken, waitlisted }) => [seats_taken, waitlisted])((await g('GET', '')).event), [5, 1]);
    await refused(players[0], 'DELETE', `/events/${event.id}/reservations/${players[1].id}`, undefined, 403, 'LEVEL_TOO_LOW');

    const published = (await ok(system, 'GET', `/events/${event.id}/deal`)).deal;
    assert.equal(published.commitments.length, 8);
    await g('POST', '/lock');
    await p[0]('DELETE', `/reservations/${players[0].id}`); // burns the first secret, promotes the sixth
    assert.equal((await g('GET', '')).event.state, 'OPEN');
    await g('POST', '/lock');
    const revealed = (await g('POST', '/reveal', {})).event;
    assert.equal(revealed.state, 'REVEALED');
    assert.ok(revealed.players.every((player) => player.role_id), 'the god sees all roles');
    await refused(god, 'POST', `/events/${event.id}/finish`, { winning_side_ids: [revealed.players[0].side_id] }, 409, 'EVENT_NOT_RUNNING');
    const redealt = (await g('POST', '/reveal', { redeal: { reason: 'a card fell' } })).event;

    const seated = redealt.players.map((seat) => players.find((player) => player.id === seat.user_id));
    const root = Buffer.from((await ok(system, 'GET', `/events/${event.id}/deal`)).deal.root, 'base64');
    for (const [i, player] of seated.entries()) {
        const me = await as(system, player, event)('GET', '/me');
        assert.equal(me.role.id, redealt.players[i].role_id);
        assert.equal(me.side.id, redealt.players[i].side_id);
        assert.ok(checkProof(root, player.id, me.role.id, me.proof, seated.length));
        const seen = (await as(system, player, event)('GET', '')).event.players.filter((other) => other.role_id);
        assert.deepEqual(seen.map((other) => other.user_id), [player.id], 'he sees his own role alone');
    }
    assert.ok((await ok(system, 'GET', `/events/${event.id}`)).event.players.every((player) => !player.role_id && !player.side_id));

    const calendarTag = async () => (await fetch(`${system.url}/events/${event.id}/calendar.ics`)).headers.get('etag');
    const announced = await calendarTag();
    await g('POST', '/phases', { kind: 'DAY', timer: '600s' });
    await refused(god, 'POST', `/events/${event.id}/phases`, { kind: 'DAY' }, 422, 'PHASE_REPEATED');
    await g('PATCH', '/phases/current', { pause: true });
    assert.equal((await g('PATCH', '/phases/current', { pause: false, extend: '60s' })).phase.state, 'OPEN');
    const [a, b, c, d, e] = seated;
    const { poll } = await g('POST', '/polls', { kind: 'NOMINATION', weights: [{ user_id: a.id, weight: 2 }] });
    const ballot = (who, candidate) => as(system, who, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: candidate });
    await ballot(a, b.id);
    await ballot(b, a.id);
    await ballot(c, b.id);
    await ballot(c, 'NONE');
    const open = (await as(system, a, event)('GET', `/polls/${poll.id}`)).poll;
    assert.deepEqual([open.counts, open.ballots], [[], []]);
    const counted = (await g('POST', `/polls/${poll.id}/close`)).poll;
    assert.deepEqual(Object.fromEntries(counted.counts.filter((row) => row.weight).map((row) => [row.candidate_id, row.weight])), { [b.id]: 2, [a.id]: 1, NONE: 1 });
    assert.equal(counted.ballots.length, 3);

    await g('PATCH', `/players/${b.id}`, { status: 'DEAD' });
    const drawn = (await g('POST', `/players/${b.id}/last-move`)).last_move;
    assert.ok(drawn.name);
    await g('POST', `/players/${c.id}/notes`, { text: 'you are watched', audience: 'PLAYER' });
    await g('POST', `/players/${d.id}/notes`, { text: 'my own book', audience: 'GOD' });
    await g('POST', `/players/${d.id}/chains`, { to_id: e.id });
    await g('PATCH', `/players/${e.id}`, { status: 'SILENT_2_PHASES' });
    const able = redealt.players.find((player) => player.user_id !== b.id);
    await call(system, 'POST', `/events/${event.id}/players/${able.user_id}/abilities`, { token: god.token, body: { note: 'tonight' } });
    await g('POST', '/phases', { kind: 'NIGHT', timer: '0.3s' });
    await eventually(async () => (await g('GET', '')).event.phase.state === 'CLOSED', 5000);
    await g('PUT', `/players/${a.id}/score`, { score: 200 });
    await refused(god, 'PUT', `/events/${event.id}/players/${a.id}/score`, {}, 400, 'INVALID_FIELD');
    await refused(god, 'POST', `/events/${event.id}/polls`, { kind: 'TRIAL', weights: [{ user_id: a.id }] }, 400, 'INVALID_FIELD');
    assert.deepEqual((await as(system, c, event)('GET', '/me')).notes.map((note) => note.text), ['you are watched']);
    assert.deepEqual((await as(system, d, event)('GET', '/me')).notes, []);
    assert.equal((await as(system, a, event)('GET', '')).event.players.find((player) => player.user_id === a.id).score, 0);

    const during = await Promise.all(seated.map((player) => readLog(system, player, event)));
    for (const log of during) {
        assert.deepEqual(log.entries.map((entry) => entry.index), log.entries.map((_, i) => String(i + 1)), 'indexes are contiguous');
        assert.ok(log.entries.every((entry) => entry.seq === '0'), 'no global sequence before the end');
        assert.equal(log.open, false);
        assert.equal(log.checkpoints.length, 2);
    }
    await g('POST', '/phases', { kind: 'DAY' });
    assert.equal(await calendarTag(), announced, 'the calendar tells nothing of the game');
    const unplayed = (await ok(system, 'GET', '/sides', { token: god.token })).sides.find((side) => !redealt.players.some((player) => player.side_id === side.id));
    await refused(god, 'POST', `/events/${event.id}/finish`, { winning_side_ids: [unplayed.id] }, 400, 'INVALID_FIELD');
    const done = (await g('POST', '/finish', { winning_side_ids: [redealt.players[0].side_id] })).event;
    assert.equal(done.state, 'DONE');

    const verified = verifyDeal((await ok(system, 'GET', `/events/${event.id}/deal`)).deal);
    assert.deepEqual(verified, redealt.players.map((player) => player.role_id));
    const all = await readLog(system, players[0], event);
    assert.equal(all.open, true);
    const hashes = verifyChain(all.entries, all.head);
    const known = new Set(all.entries.map((entry) => entry.payload + entry.salt));
    for (const log of during) for (const entry of log.entries) assert.ok(known.has(entry.payload + entry.salt), 'what was shown stays true');
    const identity = await ok(system, 'GET', '/.well-known/conse');
    for (const checkpoint of all.checkpoints) {
        assert.ok(hashes.some((hash) => hash.toString('base64') === checkpoint.hash), 'a checkpoint is a hash of the chain');
        assert.ok(verifyCheckpoint(event.id, checkpoint, Buffer.from(identity.public_key, 'base64'), all.signer));
    }
    assert.deepEqual(during[0].checkpoints, all.checkpoints.slice(0, 2));
    const phases = await readPhases(system, null, event);
    assert.deepEqual(phases.map((report) => report.phase.kind), ['DAY', 'NIGHT', 'DAY']);
    assert.deepEqual(phases[0].poll_ids, [poll.id]);
    assert.equal(phases[2].players.find((player) => player.user_id === b.id).alive, false);
});

test('after eight deals come further ones, each with its proof, and one who leaves cannot use them up', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    const g = as(system, god, event), [a, b] = players, deal = async () => (await ok(system, 'GET', `/events/${event.id}/deal`)).deal;
    await seatAll(system, event, [a, b], () => randomBytes(32).toString('base64'));
    const published = await deal();
    for (let i = 0; i < 5; i++) {
        await g('POST', '/lock');
        await as(system, b, event)('DELETE', `/reservations/${b.id}`);
        await seatAll(system, event, [b]);
    }
    await g('POST', '/lock');
    await refused(b, 'DELETE', `/events/${event.id}/reservations/${b.id}`, undefined, 409, 'ROSTER_FROZEN');
    for (let i = 0; i < 4; i++) {
        await g('POST', '/unlock');
        await g('POST', '/lock');
    }
    const { players: cards } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'DAY' });
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    const opened = await deal();
    assert.equal(opened.k, 10);
    assert.equal(opened.further_root, published.further_root);
    assert.deepEqual(opened.burned.map((burned) => [burned.k, burned.siblings.length]), [...Array.from({ length: 8 }, (_, i) => [i + 1, 0]), [9, 10]]);
    assert.deepEqual(verifyDeal(opened), cards.map((card) => card.role_id));
    const { code, stdout, stderr } = await consectl(system, 'verify-deal', event.id);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /deal 10 .* all as promised/);
    for (const spoil of [(d) => (d.burned[8].siblings[9] = d.root), (d) => (d.opened.secret = d.root), (d) => (d.burned[8].k = 11)]) {
        const spoilt = structuredClone(opened);
        spoil(spoilt);
        assert.throws(() => verifyDeal(spoilt), /^Error: deal/);
        const file = path.join(os.tmpdir(), `conse-deal-${process.pid}.json`);
        fs.writeFileSync(file, JSON.stringify({ deal: spoilt }));
        assert.notEqual((await consectl(system, 'verify-deal', file)).code, 0);
        fs.rmSync(file);
    }
});

test('a secret ballot stays secret for ever, and the chain still verifies', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3, secret_ballot: true });
    const g = as(system, god, event), seated = players.slice(0, 3);
    await seatAll(system, event, seated);
    await g('POST', '/lock');
    const { players: cards } = (await g('POST', '/reveal', {})).event;
    await g('POST', '/phases', { kind: 'DAY' });
    const { poll } = await g('POST', '/polls', { kind: 'TRIAL' });
    assert.equal(poll.secret, true);
    for (const player of seated) await as(system, player, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: seated[0].id });
    const closed = (await g('POST', `/polls/${poll.id}/close`)).poll;
    assert.deepEqual(closed.ballots, []);
    assert.equal(closed.counts.find((row) => row.candidate_id === seated[0].id).weight, 3);
    await g('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    const log = await readLog(system, god, event);
    verifyChain(log.entries, log.head);
    const sealed = log.entries.filter((entry) => entry.leaf);
    assert.equal(sealed.length, 3);
    assert.ok(sealed.every((entry) => !entry.payload && !entry.salt));
});

test('a wait for news ends with the news', async () => {
    const event = await openEvent(system, god, deck);
    const { next } = await readLog(system, players[0], event);
    const waiting = ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: players[0].token });
    const began = Date.now();
    await seatAll(system, event, [players[1]]);
    const news = await waiting;
    assert.deepEqual(news.entries.map((entry) => entry.kind), ['RESERVED']);
    assert.ok(Date.now() - began < 5000);
});

test('a wait hears what its caller alone is told, and the god\'s what the god does', async () => {
    const event = await openEvent(system, god, deck, { max_players: 2 });
    const g = as(system, god, event), [a, b] = players;
    await seatAll(system, event, [a, b]);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    const waitOf = async (person) => {
        const { next } = await readLog(system, person, event);
        return ok(system, 'GET', `/events/${event.id}/log?from=${next}&wait=20s`, { token: person.token });
    };
    const kinds = ({ entries }) => entries.map((entry) => entry.kind);
    const began = Date.now(), told = waitOf(a), others = waitOf(b), leads = waitOf(god);
    await eventually(async () => (await parkedAt(system)) === 3, 10000);
    await g('POST', `/players/${a.id}/notes`, { text: 'You heard steps.', audience: 'PLAYER' });
    assert.deepEqual(kinds(await told), ['NOTED']);
    assert.deepEqual(kinds(await leads), ['NOTED']);
    await g('POST', '/phases', { kind: 'DAY' });
    assert.deepEqual(kinds(await others), ['PHASE_OPENED']);
    assert.ok(Date.now() - began < 10000);
});
