// What was said in rooms, in a few sentences: nobody learns from one what they could not read in the rooms.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { assertRefused, call, eventually, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000;
// What is said in each room, with a word of its own.
const SECRETS = { table: 'turquoise', side: 'vermilion', dead: 'chartreuse', two: 'heliotrope' };
let system, four, spectator, event, g, mafia, citizens, rooms;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    four = await makeFour(system);
    spectator = await signUp(system, 'spectator');
    const dealt = await dealFour(system, four, { table_at_night: true });
    ({ event, g, mafia, citizens } = dealt);
    rooms = { table: dealt.table, side: dealt.side, dead: dealt.dead, two: dealt.room(`god.${mafia[0].id}`) };
});
after(() => system?.stop());

const say = async (person, room, text) =>
    (await ok(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id: crypto.randomUUID(), text } })).message;
const summary = (person, body) => ok(system, 'POST', '/summaries', { token: person.token, body: { hours: 3, ...body } });
// Once all that was said has reached the process that answers.
async function summaryOf(person, body, messages) {
    let told;
    await eventually(async () => (told = await summary(person, body).catch(() => undefined))?.messages >= messages, PATIENCE_MS);
    assert.equal(told.messages, messages);
    return told;
}
const refused = (person, body, status, code, field) => assertRefused(system, person, 'POST', '/summaries', { hours: 3, ...body }, status, code, field);
const wordsOf = ({ bullets }) => Object.values(SECRETS).filter((word) => bullets.some(({ text }) => text.includes(word)));

// Each bullet says what its messages say, which the reader can open.
async function assertCited(person, { bullets, messages }) {
    assert.ok(bullets.length <= 8 && bullets.length <= messages);
    for (const { text, room_id: room, message_ids: ids } of bullets) {
        assert.ok(ids.length >= 1 && ids.length <= 3 && new Set(ids).size === ids.length);
        const { messages: shown } = await ok(system, 'GET', `/rooms/${room}/messages?page_size=100`, { token: person.token });
        const cited = ids.map((id) => shown.find((message) => message.id === id));
        assert.ok(cited.every(Boolean) && cited.some((message) => `${message.author.username}: ${message.text}`.includes(text.slice(text.indexOf(' ') + 1))));
    }
}

test('a summary of a room has sentences of it, with their messages', async () => {
    await g('POST', '/phases', { kind: 'NIGHT' });
    await say(citizens[0], rooms.table, `Good night. The ${SECRETS.table} doctor saved somebody last night!`);
    await say(mafia[0], rooms.table, `the ${SECRETS.table} doctor saved somebody, last night`);
    await say(citizens[1], rooms.table, 'دکتر دیشب کاوه را نجات داد. چه کسی دید؟');
    const told = await summaryOf(spectator, { room_id: rooms.table }, 3);
    assert.deepEqual([told.method, told.messages, told.left_out], ['EXTRACTIVE', 3, { older: false, textless: 0, kept_back: 0 }]);
    await assertCited(spectator, told);
    const saved = told.bullets.find(({ text }) => text.includes(SECRETS.table));
    assert.equal(saved.message_ids.length, 2);
    assert.ok(told.bullets.some(({ text }) => text.endsWith(': دکتر دیشب کاوه را نجات داد.')));
    assert.deepEqual((await summaryOf(mafia[0], { room_id: rooms.table }, 3)).bullets, told.bullets);
});

test('nobody learns of a room that they do not read, nor that it is there', async () => {
    const seen = await summaryOf(citizens[0], { event_id: event.id }, 3);
    await say(mafia[0], rooms.side, `We take the ${SECRETS.side} sheriff tonight.`);
    await say(mafia[0], rooms.two, `My ${SECRETS.two} question is for the god alone.`);
    await g('PATCH', `/players/${citizens[1].id}`, { status: 'DEAD' });
    await say(citizens[1], rooms.dead, `From the ${SECRETS.dead} side nobody returns.`);
    const { since: _, ...again } = await summaryOf(citizens[0], { event_id: event.id }, 3), { since: __, ...before } = seen;
    assert.deepEqual(again, before);
    for (const [person, words] of [
        [four.god, Object.values(SECRETS)],
        [mafia[0], [SECRETS.table, SECRETS.side, SECRETS.two]],
        [mafia[1], [SECRETS.table, SECRETS.side]],
        [citizens[1], [SECRETS.table, SECRETS.dead]],
        [citizens[0], [SECRETS.table]],
        [spectator, [SECRETS.table]],
    ]) {
        const told = await summaryOf(person, { event_id: event.id }, 2 + words.length);
        assert.deepEqual(wordsOf(told), words, person.user.username);
        await assertCited(person, told);
    }
    const never = await refused(citizens[0], { room_id: `${event.id}.side.${crypto.randomUUID()}` }, 404, 'NOT_FOUND');
    for (const room of [rooms.side, rooms.dead, rooms.two]) assert.equal((await refused(citizens[0], { room_id: room }, 404, 'NOT_FOUND')).detail, never.detail);
    await refused(null, { room_id: rooms.table }, 401, 'TOKEN_INVALID');
});

test('what was taken back is in no summary', async () => {
    const message = await say(mafia[0], rooms.table, 'The magenta wolf confesses everything.');
    await eventually(async () => (await summary(spectator, { room_id: rooms.table })).bullets.some(({ text }) => text.includes('magenta')), PATIENCE_MS);
    await ok(system, 'DELETE', `/rooms/${rooms.table}/messages/${message.id}`, { token: mafia[0].token });
    await eventually(async () => (await summary(spectator, { room_id: rooms.table })).left_out.textless === 1, PATIENCE_MS);
    assert.ok((await summary(spectator, { room_id: rooms.table })).bullets.every(({ text }) => !text.includes('magenta')));
});

test('a request names one thing, and some hours', async () => {
    await refused(spectator, {}, 400, 'INVALID_FIELD', 'room_id');
    await refused(spectator, { room_id: rooms.table, event_id: event.id }, 400, 'INVALID_FIELD', 'room_id');
    for (const hours of [0, 169, -1]) await refused(spectator, { room_id: rooms.table, hours }, 400, 'INVALID_FIELD', 'hours');
    await refused(spectator, { room_id: 'table' }, 400, 'INVALID_FIELD', 'room_id');
    await refused(spectator, { event_id: crypto.randomUUID() }, 404, 'NOT_FOUND');
});

test('at the end a summary is of all rooms that are open then', async () => {
    await g('POST', '/finish', { winning_side_ids: [four.roles.find(({ slug }) => slug === 'doctor').side_id] });
    assert.deepEqual(wordsOf(await summaryOf(spectator, { event_id: event.id }, 5)), [SECRETS.table, SECRETS.side, SECRETS.dead]);
});

test('while events is away there is no summary, and then there is again', async () => {
    await system.killAll('events');
    const away = await call(system, 'POST', '/summaries', { token: spectator.token, body: { room_id: rooms.table, hours: 3 } });
    assert.ok([503, 504].includes(away.status), JSON.stringify(away.body));
    await system.startAll('events');
    await eventually(async () => (await call(system, 'POST', '/summaries', { token: spectator.token, body: { room_id: rooms.table, hours: 3 } })).status === 200, PATIENCE_MS);
});
