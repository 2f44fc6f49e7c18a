// Undo as the god, the player and everybody else see it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent, readEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, god, players, event, run;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'undoer');
    players = await signUpMany(system, 'undone', 4);
    event = await openEvent(system, god, await makeDeck(system, god));
    await seatAll(system, event, players);
    run = as(system, god, event);
    await run('POST', '/lock');
    await run('POST', '/reveal');
    await run('POST', '/phases', { kind: 'NIGHT' });
});

after(() => system?.stop());

const seen = (person) => readEvent(system, person, event);
const undo = (seq, { token = god.token, ...more } = {}) => call(system, 'POST', `/events/${event.id}/undo`, { token, body: { seq }, ...more });
const without = ({ act, ...rest }) => rest;

test('a kill by mistake is taken back, and the log shows both to those who saw it', async () => {
    const [victim, other] = players;
    const views = async () => Promise.all([god, victim, other, null].map(async (person) => without(await seen(person))));
    const before = await views();
    await run('PATCH', `/players/${victim.id}`, { status: 'DEAD' });
    assert.equal((await seen(other)).players[0].alive, false);
    const { undo_seq: seq } = await seen(god);
    assert.notEqual(seq, '0');
    assert.equal((await seen(other)).undo_seq, '0');

    const reply = await undo(seq);
    assert.equal(reply.status, 200);
    assert.equal(reply.body.event.players[0].alive, true);
    assert.deepEqual(await views(), before);
    for (const person of [god, victim, other]) {
        const kinds = (await readLog(system, person, event)).entries.map((entry) => entry.kind).slice(-2);
        assert.deepEqual(kinds, ['STATUS_SET', 'UNDONE']);
    }
});

test('what only the god and one player saw, only they see undone', async () => {
    const [first, second] = players;
    const kinds = async (person) => (await readLog(system, person, event)).entries.map((entry) => entry.kind);
    const before = await kinds(second);
    await run('POST', `/players/${first.id}/chains`, { to_id: second.id });
    await undo((await seen(god)).undo_seq);
    assert.deepEqual(await kinds(second), before);
    assert.deepEqual((await kinds(first)).slice(-2), ['STATUS_SET', 'UNDONE']); // that they were chained, not to whom
    assert.deepEqual((await kinds(god)).slice(-4), ['STATUS_SET', 'CHAINED', 'UNDONE', 'UNDONE']);
});

test('an undo sent twice with its key is done once', async () => {
    await run('PUT', `/players/${players[0].id}/score`, { score: 3 });
    await run('PUT', `/players/${players[0].id}/score`, { score: 5 });
    const { undo_seq: seq } = await seen(god);
    const headers = { 'Idempotency-Key': 'undo-once' };
    const [first, again] = [await undo(seq, { headers }), await undo(seq, { headers })];
    assert.deepEqual([first.status, again.status], [200, 200]);
    assert.equal((await seen(god)).players[0].score, 3);
});

test('acts of the hour that are not undoable, and those before them, are refused', async () => {
    const refuses = async (body, status, code, field, token = god.token) => {
        const reply = await call(system, 'POST', `/events/${event.id}/undo`, { token, body });
        assert.deepEqual([reply.status, reply.body.code, reply.body.errors?.[0]?.field], [status, code, field], JSON.stringify(body));
    };
    await run('PATCH', `/players/${players[1].id}`, { status: 'SILENT_2_PHASES' });
    const { undo_seq: seq } = await seen(god);
    await refuses({}, 400, 'INVALID_FIELD', 'seq');
    await refuses({ seq: 'x' }, 400, 'MALFORMED', 'seq');
    await refuses({ seq: -1 }, 400, 'MALFORMED', 'seq');
    await refuses({ seq: [seq] }, 400, 'MALFORMED', 'seq');
    await refuses({ seq: String(Number(seq) - 1) }, 409, 'NOT_UNDOABLE');
    await refuses({ seq }, 403, 'NOT_OWNER', undefined, players[0].token);
    await run('POST', `/players/${players[1].id}/last-move`);
    await refuses({ seq }, 409, 'NOT_UNDOABLE');
    await run('PATCH', `/players/${players[2].id}`, { status: 'DISABLED' });
    const last = (await seen(god)).undo_seq;
    await run('POST', '/phases/current/close');
    await refuses({ seq: last }, 409, 'NOT_UNDOABLE');
    assert.equal((await seen(god)).undo_seq, '0');
});

test('it is judged where the god stands', async () => {
    await run('POST', '/phases', { kind: 'DAY' });
    await run('PATCH', `/players/${players[3].id}`, { status: 'KICKED' });
    const { act, undo_seq: seq } = await seen(god);
    assert.equal((await undo(seq, { headers: { 'If-Match': `"act-${Number(act) - 1}"` } })).status, 412);
    assert.equal((await undo(seq, { headers: { 'If-Match': `"act-${act}"` } })).status, 200);
});

test('a service killed in between remembers what can be undone', async () => {
    await run('PATCH', `/players/${players[0].id}`, { status: 'DEAD' });
    const { undo_seq: seq } = await seen(god);
    await system.restart('events');
    assert.equal((await seen(god)).undo_seq, seq);
    assert.equal((await undo(seq)).status, 200);
    assert.equal((await seen(null)).players[0].alive, true);
});
