// Names: what an event shows is what people are called now, and no two are called alike.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, readPhases, seatAll } from './parts/games.mjs';
import { call, changeMe, eventually, logIn, ok, PASSWORD, prove, setLevel, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, deck;
before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'names_god');
    deck = await makeDeck(system, god);
});
after(() => system.stop());

const rename = async (person, username) => {
    const reply = await changeMe(system, person.token, { username });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
};
const get = (person, event, headers) => call(system, 'GET', `/events/${event.id}`, { token: person?.token, headers });
const namesIn = (players) => players.map((player) => player.username);
const shown = async (person, event) => namesIn((await get(person, event)).body.event.players);
const differ = (names) => new Set(names.map((name) => name.toLowerCase())).size === names.length;

const untilServed = (event) => eventually(async () => (await get(undefined, event)).status === 200, 10000);

// Soon after: the entry of auth.names comes by the bus.
async function untilShown(event, names, who = [undefined]) {
    for (const person of who)
        await eventually(async () => {
            const now = await shown(person, event);
            assert.ok(differ(now), `two are shown alike: ${now}`);
            return JSON.stringify(now) === JSON.stringify(names);
        }, 5000);
}

test('a rename is shown at once: in the roster, in closed phases, to everybody', async () => {
    const event = await openEvent(system, god, deck), [a, b] = [await signUp(system, 'anton'), await signUp(system, 'berta')];
    await seatAll(system, event, [a, b]);
    await untilShown(event, ['anton', 'berta'], [undefined, god, a, b]);
    const before = await get(undefined, event);
    assert.equal((await get(undefined, event, { 'If-None-Match': before.headers.get('etag') })).status, 304);
    await rename(a, 'Antonia');
    await untilShown(event, ['Antonia', 'berta'], [undefined, god, a, b]);
    const renamed = await get(undefined, event, { 'If-None-Match': before.headers.get('etag') });
    assert.equal(renamed.status, 200);
    assert.notEqual(renamed.headers.get('etag'), before.headers.get('etag'));

    for (const step of ['/lock', '/reveal']) await as(system, god, event)('POST', step);
    await as(system, god, event)('POST', '/phases', { kind: 'NIGHT' });
    await as(system, god, event)('POST', '/phases', { kind: 'DAY' });
    const reports = async (person) => (await readPhases(system, person, event)).map((report) => namesIn(report.players));
    assert.deepEqual(await reports(undefined), [['Antonia', 'berta']]);
    await rename(b, 'bert');
    await untilShown(event, ['Antonia', 'bert']);
    for (const person of [undefined, god, a]) assert.deepEqual(await reports(person), [['Antonia', 'bert']]);
});

test('what is hashed of a game stays as it was', async () => {
    const event = await openEvent(system, god, deck), c = await signUp(system, 'clara');
    await seatAll(system, event, [c]);
    const before = (await readLog(system, god, event)).entries;
    await rename(c, 'klara');
    await untilShown(event, ['klara']);
    assert.deepEqual((await readLog(system, god, event)).entries, before);
    await system.restart('events'); // which verifies the chain when it loads the event
    await untilServed(event);
    assert.deepEqual((await readLog(system, god, event)).entries, before);
    assert.deepEqual(await shown(undefined, event), ['klara']);
});

test('two of one event are never shown alike while names go round', async () => {
    const event = await openEvent(system, god, deck), people = [];
    for (const name of ['dora', 'emil', 'fritz']) people.push(await signUp(system, name));
    await seatAll(system, event, people);
    let going = true;
    const watch = (async () => {
        while (going) {
            const names = await shown(undefined, event);
            assert.ok(differ(names), `two are shown alike: ${names}`);
        }
    })();
    for (let round = 0; round < 10; round++)
        for (const [i, person] of people.entries()) await rename(person, `x${round}_${(i + round) % 3}`);
    await untilShown(event, ['x9_0', 'x9_1', 'x9_2']);
    going = false;
    await watch;
});

test('a guest has a name that nobody in the event has, and is marked', async () => {
    const event = await openEvent(system, god, deck, { max_players: 3 }), k = await signUp(system, 'katrin');
    await seatAll(system, event, [k]);
    await untilShown(event, ['katrin']);
    const guest = (person, guest_name) => call(system, 'POST', `/events/${event.id}/reservations`, { token: person.token, body: { guest_name } });
    const refused = await guest(god, 'KATRIN');
    assert.deepEqual([refused.status, refused.body.code], [409, 'USERNAME_TAKEN']);
    assert.equal((await guest(k, 'somebody')).status, 403);
    const made = await guest(god, 'Ängel');
    assert.equal(made.status, 201);
    assert.equal((await guest(god, 'äNGEL')).status, 409);
    const players = (await get(undefined, event)).body.event.players;
    assert.deepEqual(players.map((player) => [player.username, player.guest]), [['katrin', false], ['Ängel', true]]);
    await ok(system, 'DELETE', `/events/${event.id}/reservations/${made.body.reservation.user_id}`, { token: god.token });
    await untilShown(event, ['katrin']);
});

test('a name that was given up waits for who bore it', async () => {
    const [i, j] = [await signUp(system, 'Ida'), await signUp(system, 'judith')];
    await rename(i, 'idun');
    const take = (person) => changeMe(system, person.token, { username: 'IDA' });
    const refused = await take(j);
    assert.deepEqual([refused.status, refused.body.code], [409, 'USERNAME_TAKEN']);
    const anew = await call(system, 'POST', '/auth/signup', { body: { username: 'ida', password: PASSWORD } });
    assert.deepEqual([anew.status, anew.body.code], [409, 'USERNAME_TAKEN']);
    await system.restart('auth');
    await eventually(async () => (await take(j)).status === 409, 10000);
    assert.equal((await take(i)).status, 200);
});

test('a deleted account leaves a name that says so, and is found no more', async () => {
    const event = await openEvent(system, god, deck), [m, n] = [await signUp(system, 'manfred'), await signUp(system, 'norbert')];
    await seatAll(system, event, [m, n]);
    const profile = () => call(system, 'GET', `/users/${m.id}`, { token: n.token });
    await eventually(async () => (await profile()).status === 200, 5000);
    await prove(system, m.token);
    assert.equal((await call(system, 'DELETE', '/auth/me', { token: m.token })).status, 204);
    await eventually(async () => (await profile()).status === 404, 5000);
    const { players } = (await call(system, 'GET', `/events/${event.id}`)).body.event;
    assert.match(players[0].username, /^deleted-[0-9a-f]{16}$/);
    assert.equal(players[1].username, 'norbert');
});

test('an event is handed over to who is a god now', async () => {
    const event = await openEvent(system, god, deck), next = await signUpAs(system, 'next_god', 'god');
    const handOver = () => call(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: next.id } });
    await setLevel(system, 'next_god', 'player');
    const level = async () => (await call(system, 'GET', `/users/${next.id}`, { token: god.token })).body.user?.level;
    await eventually(async () => (await level()) === 'PLAYER', 5000); // the news came by the bus
    const refused = await handOver();
    assert.deepEqual([refused.status, refused.body.code], [409, 'NOT_A_GOD'], 'a demoted god gets no event');
    await setLevel(system, 'next_god', 'god');
    let reply;
    await eventually(async () => (reply = await handOver()).body.code !== 'NOT_A_GOD', 5000);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    assert.equal((await get(undefined, event)).body.event.god_id, next.id);
    const fresh = await logIn(system, 'next_god');
    await as(system, fresh, event)('POST', '/cancel');
});

test('nobody reads auth.names through the gateway', async () => {
    for (const route of ['/auth/names', '/streams/auth.names'])
        assert.equal((await call(system, 'GET', route, { token: god.token })).status, 404);
    const topic = await call(system, 'POST', '/topics', { token: god.token, body: { name: 'names', pattern: 'auth.names' } });
    assert.ok(topic.status === 400 || topic.status === 403, JSON.stringify(topic.body));
});

test('events starts and serves without auth, with the names it has, and catches up', async () => {
    const event = await openEvent(system, god, deck), g = await signUp(system, 'gustav');
    await seatAll(system, event, [g]);
    await rename(g, 'gusti');
    await untilShown(event, ['gusti']);
    await rename(g, 'gusto');
    await system.killAll('auth');
    await system.killAll('events');
    await system.startAll('events');
    await untilServed(event);
    assert.ok(['gusti', 'gusto'].includes((await shown(undefined, event))[0]));
    const stranger = '01890000-0000-7000-8000-00000000dead';
    const unknown = await call(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: stranger } });
    assert.equal(unknown.status, 503);
    assert.ok(Number(unknown.headers.get('retry-after')) >= 1);
    await system.startAll('auth');
    await untilShown(event, ['gusto']);
    await eventually(async () => {
        const reply = await call(system, 'POST', `/events/${event.id}/hand-over`, { token: god.token, body: { god_id: stranger } });
        return reply.status === 409 && reply.body.code === 'NOT_A_GOD';
    }, 10000);
});

test('auth and events killed again and again: the newest names are shown in the end', async () => {
    const event = await openEvent(system, god, deck), people = [];
    for (const name of ['laura', 'moritz', 'nora']) people.push(await signUp(system, name));
    await seatAll(system, event, people);
    const newest = [];
    let stop = false;
    const renaming = (async () => {
        for (let round = 0; !stop && round < 18; round++)
            for (const [i, person] of people.entries())
                await eventually(async () => {
                    const name = `r${round}_${i}`;
                    const reply = await changeMe(system, person.token, { username: name }).catch(() => ({ status: 0 }));
                    if (reply.status === 200) newest[i] = name;
                    return reply.status === 200;
                }, 20000);
    })();
    for (const name of ['events', 'auth', 'events', 'auth']) {
        const before = newest[2];
        await eventually(() => newest[2] !== before, 20000);
        await system.restart(name);
    }
    stop = true;
    await renaming;
    await untilServed(event);
    await untilShown(event, newest);
});
