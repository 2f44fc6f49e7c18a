// The queue through HTTP: people wait, are offered seats at an open event, and have them when enough accept. What is offered is what they
// want, nobody sits down beside whom they blocked, and whoever did not fail loses nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, seatAll, signUpMany } from './parts/games.mjs';
import { assertRefused, call, eventually, leave, ok, signUp } from './parts/people.mjs';
import { accept, answer, join, leaveQueue, QUEUE_PATIENCE_MS, queueOf, untilAll, untilState } from './parts/queue.mjs';
import { openStream } from './parts/sse.mjs';
import { EVERY_SERVICE, metricOf, startSystem } from './parts/system.mjs';

const PEOPLE = 8, NOBODY = '01890000-0000-7000-8000-00000000dead';
let system, god, deck, people;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    god = await makeGod(system, 'gaia');
    deck = await makeDeck(system, god);
    people = await signUpMany(system, 'player', PEOPLE);
});
after(() => system?.stop());

const open = (more) => openEvent(system, god, deck, { min_players: 3, max_players: 4, ...more });
const close = (event) => as(system, god, event)('POST', '/cancel', {});
const seated = async (event) => (await readEvent(system, god, event)).players.map(({ user_id: id }) => id).sort();
const idsOf = (some) => some.map(({ id }) => id).sort();
const toldOf = async (person) => (await ok(system, 'GET', '/notifications', { token: person.token })).notifications;
const reset = () => Promise.all(people.map((person) => leaveQueue(system, person)));

test('who waits is told their place, and what to expect', async () => {
    const [ann, bob] = people;
    await assertRefused(system, ann, 'GET', '/queue', undefined, 404, 'NOT_FOUND');
    const first = await call(system, 'POST', '/queue', { token: ann.token, body: { size_min: 5, ranges: { below: 10 } } });
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.deepEqual([first.body.state, first.body.size_min, first.body.size_max, first.body.ranges], ['WAITING', 5, 100, { below: 10 }]);
    assert.deepEqual([first.body.penalty.timed_out, first.body.penalty.allowed, first.body.penalty.pause], [0, 3, '300s']);
    assert.ok(first.body.window.now >= 2 && first.body.window.at_60s > first.body.window.now);
    const again = await call(system, 'POST', '/queue', { token: ann.token, body: { size_min: 5, ranges: { below: 10 } } });
    assert.deepEqual([again.status, again.body.ticket_id], [200, first.body.ticket_id]);
    await assertRefused(system, ann, 'POST', '/queue', {}, 409, 'ALREADY_QUEUED');
    await join(system, bob);
    await eventually(async () => (await queueOf(system, bob)).ahead === 1, QUEUE_PATIENCE_MS);
    assert.equal((await leaveQueue(system, ann)).status, 204);
    assert.equal((await leaveQueue(system, ann)).status, 204);
    assert.deepEqual([(await queueOf(system, ann)).state, (await queueOf(system, ann)).out], ['OUT', 'LEFT']);
    await eventually(async () => (await queueOf(system, bob)).place === 1, QUEUE_PATIENCE_MS);
    await reset();
});

test('what has no sense is refused by its field', async () => {
    const [ann] = people, to = (body, field, code = 'INVALID_FIELD') => assertRefused(system, ann, 'POST', '/queue', body, 400, code, field);
    await to({ size_min: 9, size_max: 8 }, 'size_min');
    await to({ size_max: 101 }, 'size_max');
    await to({ group_ids: ['somewhere'] }, 'group_ids[0]');
    await to({ price_max: { amount: '5' } }, 'price_max.currency');
    await to({ ranges: { below: 1001 } }, 'ranges.below');
    await to({ size: 5 }, 'size', 'MALFORMED');
    await assertRefused(system, null, 'POST', '/queue', {}, 401, 'TOKEN_INVALID');
    for (const how of ['accept', 'decline']) {
        await assertRefused(system, ann, 'POST', `/queue/offers/${NOBODY}/${how}`, {}, 409, 'OFFER_OVER');
        await assertRefused(system, ann, 'POST', `/queue/offers/nothing/${how}`, {}, 400, 'INVALID_FIELD', 'offer_id');
    }
});

test('enough who accept have their seats, and are told of it', async () => {
    const event = await open(), [ann, bob, eve, max] = people, stream = await openStream(system, '/stream?topics=me', { token: ann.token });
    assert.equal((await stream.next()).event, 'snapshot');
    for (const person of [ann, bob, eve, max]) await join(system, person);
    const [ticket] = await untilAll(system, [ann, bob, eve, max], 'OFFERED');
    assert.deepEqual([ticket.offer.event_id, ticket.offer.mine], [event.id, false]);
    assert.ok(ticket.offer.needed <= 3 && Date.parse(ticket.offer.deadline) > Date.now());
    const { data } = await stream.until(({ event: kind }) => kind === 'entry');
    stream.close();
    assert.deepEqual([data.entry.kind, data.entry.event_id, data.entry.title], ['OFFERED', event.id, event.title]);
    for (const person of [ann, bob, eve]) await accept(system, person);
    const { offer } = await queueOf(system, max);
    assert.equal((await answer(system, max, offer, 'decline')).body.out, 'DECLINED');
    assert.equal((await answer(system, max, offer, 'decline')).status, 200);
    await assertRefused(system, max, 'POST', `/queue/offers/${offer.offer_id}/accept`, {}, 409, 'OFFER_OVER');
    const [mine] = await untilAll(system, [ann, bob, eve], 'SEATED');
    assert.deepEqual([mine.seat.event_id, mine.seat.state, mine.seat.payment_id], [event.id, 'CONFIRMED', '']);
    assert.deepEqual(await seated(event), idsOf([ann, bob, eve]));
    await eventually(async () => (await queueOf(system, ann)).wait_estimate.n >= 3, QUEUE_PATIENCE_MS);
    assert.match((await queueOf(system, ann)).wait_estimate.p50, /s$/);
    assert.deepEqual((await toldOf(bob)).map(({ kind }) => kind).filter((kind) => kind.startsWith('OFFER')), ['OFFER_SEATED', 'OFFERED']);
    await close(event);
});

test('one who declines costs the others nothing', async () => {
    const event = await open({ max_players: 3 }), [ann, bob, eve, max] = people;
    for (const person of [ann, bob, eve]) await join(system, person);
    const joined = (await untilState(system, ann, 'OFFERED')).joined_at;
    await accept(system, ann);
    const { offer } = await untilState(system, bob, 'OFFERED');
    await join(system, max);
    await answer(system, bob, offer, 'decline');
    await eventually(async () => (await queueOf(system, ann)).offer?.offer_id !== offer.offer_id && (await queueOf(system, ann)).state === 'OFFERED', QUEUE_PATIENCE_MS);
    const ticket = await queueOf(system, ann);
    assert.deepEqual([ticket.joined_at, ticket.missed.reason, ticket.penalty.timed_out], [joined, 'OTHERS', 0]);
    for (const person of [ann, eve, max]) await accept(system, person);
    await untilAll(system, [ann, eve, max], 'SEATED');
    assert.deepEqual(await seated(event), idsOf([ann, eve, max]));
    await close(event);
});

test('only what is wanted is offered, and what costs something is to be paid', async () => {
    const event = await open({ min_players: 1, price: { amount: '500', currency: 'CONSE' } }), [ann, bob, eve] = people;
    await join(system, ann);
    await join(system, bob, { price_max: { amount: '499', currency: 'CONSE' } });
    await join(system, eve, { price_max: { amount: '500', currency: 'CONSE' }, gods: [god.id], group_ids: [god.group.id] });
    await untilState(system, eve, 'OFFERED');
    for (const person of [ann, bob]) assert.equal((await queueOf(system, person)).state, 'WAITING');
    await accept(system, eve);
    const { seat } = await untilState(system, eve, 'SEATED');
    assert.equal(seat.state, 'PENDING');
    const { my_reservation: mine } = await readEvent(system, eve, event);
    assert.deepEqual([mine.state, mine.payment_id], ['PENDING', seat.payment_id]);
    await close(event);
    await reset();
});

test('nobody is offered a seat beside whom they blocked, or where they have another', async () => {
    const event = await open({ min_players: 1 }), [ann, bob, eve, max] = people;
    await seatAll(system, event, [ann]);
    await ok(system, 'PUT', `/users/${ann.id}/block`, { token: bob.token });
    await ok(system, 'PUT', `/users/${max.id}/block`, { token: ann.token });
    const elsewhere = await open({ min_players: 4 });
    await seatAll(system, elsewhere, [eve]);
    for (const person of [bob, eve, max, people[4]]) await join(system, person);
    await untilState(system, people[4], 'OFFERED');
    for (const person of [bob, eve, max]) assert.equal((await queueOf(system, person)).state, 'WAITING');
    assert.ok(!JSON.stringify(await queueOf(system, max)).includes(ann.id));
    await accept(system, people[4]);
    await untilState(system, people[4], 'SEATED');
    for (const other of [ann, bob, max]) await call(system, 'DELETE', `/users/${(other === ann ? max : ann).id}/block`, { token: other.token });
    await untilState(system, bob, 'OFFERED');
    await close(event);
    await close(elsewhere);
    await reset();
});

test('a seat that one takes by hand is the seat, and an event that is cancelled is nobodys fault', async () => {
    const event = await open({ min_players: 2, max_players: 2 }), [ann, bob] = people;
    for (const person of [ann, bob]) await join(system, person);
    await untilAll(system, [ann, bob], 'OFFERED');
    await seatAll(system, event, [ann]);
    for (const person of [ann, bob]) await accept(system, person);
    await untilAll(system, [ann, bob], 'SEATED');
    assert.deepEqual(await seated(event), idsOf([ann, bob]));
    await close(event);
    const other = await open({ min_players: 2, max_players: 2 });
    for (const person of [ann, bob]) await join(system, person);
    await untilAll(system, [ann, bob], 'OFFERED');
    await close(other);
    for (const person of [ann, bob]) await accept(system, person);
    const [ticket] = await untilAll(system, [ann, bob], 'WAITING');
    assert.deepEqual([ticket.missed.reason, ticket.missed.event_id, ticket.penalty.timed_out], ['EVENT_GONE', other.id, 0]);
    await reset();
});

test('an offer that was shown and not answered is missed, and counted', async () => {
    const event = await open({ min_players: 2, max_players: 2 }), [ann, bob] = people;
    for (const person of [ann, bob]) await join(system, person);
    await untilState(system, ann, 'OFFERED');
    await accept(system, bob);
    const ticket = await untilState(system, ann, 'OUT');
    assert.deepEqual([ticket.out, ticket.penalty.timed_out], ['TIMED_OUT', 1]);
    assert.equal((await untilState(system, bob, 'WAITING')).missed.reason, 'OTHERS');
    await close(event);
    await reset();
});

test('however often somebody comes and goes, it is not looked at more often than ten times a second', async () => {
    const [ann, bob] = people, looked = () => metricOf(system, 'events', 'conse_rpc_calls_total.method="events.ListEvents"');
    await join(system, bob); // for whom an event is sought all the time
    await eventually(async () => (await queueOf(system, bob)).waiting === 1, QUEUE_PATIENCE_MS);
    const began = performance.now(), before = await looked();
    for (let i = 0; i < 60; i++) {
        for (let again = 0; again < 3; again++) await join(system, ann);
        await leaveQueue(system, ann);
    }
    let times;
    await eventually(async () => (times = (await looked()) - before) > 0, QUEUE_PATIENCE_MS);
    const most = (performance.now() - began) / 100 + 2;
    assert.ok(times <= most, `${times} times, of ${most} at most`);
    await reset();
});

test('nothing of a running game is in it', async () => {
    const event = await open({ min_players: 3 }), players = people.slice(0, 3), waits = people[5], g = as(system, god, event);
    await seatAll(system, event, players);
    await g('POST', '/lock');
    await g('POST', '/reveal', {});
    await join(system, waits);
    const plain = async (person) => {
        const { window: { now, ...window }, ...ticket } = await queueOf(system, person);
        return { ...ticket, window, known: now > 0 };
    };
    await eventually(async () => (await queueOf(system, waits)).place === 1, QUEUE_PATIENCE_MS);
    const before = await plain(waits);
    await g('POST', '/phases', { kind: 'NIGHT' });
    await g('PATCH', `/players/${players[0].id}`, { status: 'PRO_KILLED_9_PHASES' });
    await g('PATCH', `/players/${players[1].id}`, { status: 'DISABLED' });
    await g('PUT', `/players/${players[2].id}/score`, { score: 99 });
    assert.deepEqual(await plain(waits), before);
    await reset();
});

test('with the account its ticket goes', async () => {
    const quits = await signUp(system, 'quits');
    await join(system, quits);
    await leave(system, quits, people[0]);
    await join(system, people[0]);
    await eventually(async () => (await queueOf(system, people[0])).waiting === 1, QUEUE_PATIENCE_MS);
    await reset();
});
