// Summaries by a language model: what it is told, and what is believed of it; a summary comes whatever it does.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { as, LIMITS, openEvent, seatAll } from './parts/games.mjs';
import { INJECTIONS } from './parts/injections.mjs';
import { bulletsOf, startLlm } from './parts/llm.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { call, eventually, leave, ok, signUp } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000, MODEL = 'mock-1', DAY_USER = 60000;
const CANARIES = { side: 'canary-vermilion-side', dead: 'canary-chartreuse-dead', two: 'canary-heliotrope-two' };
const WALKED_IN = 'canary-cerulean-walked-in', LEAVING = 'canary-amaranth-leaving';
const ALL = { show_rating: true, tips: true, suggestions: true, llm: true };
let system, llm, keyFolder, four, spectator, dealt, rooms;

before(async () => {
    llm = await startLlm();
    keyFolder = fs.mkdtempSync('/tmp/conse-llm-');
    const keyFile = path.join(keyFolder, 'key');
    fs.writeFileSync(keyFile, `${llm.key}\n`, { mode: 0o600 });
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_LLM_URL: llm.url, CONSE_LLM_KEY_FILE: keyFile, CONSE_LLM_MODEL: MODEL,
        CONSE_LLM_TIMEOUT: '4s', CONSE_LLM_WINDOW: '4000', CONSE_LLM_DAY_USER: String(DAY_USER) } });
    four = await makeFour(system);
    spectator = await signUp(system, 'spectator');
    dealt = await dealFour(system, four, { table_at_night: true });
    rooms = { table: dealt.table, side: dealt.side, dead: dealt.dead, two: dealt.room(`god.${dealt.mafia[0].id}`) };
    await dealt.g('POST', '/phases', { kind: 'NIGHT' });
});
after(async () => {
    await system?.stop();
    llm?.close();
    fs.rmSync(keyFolder, { recursive: true, force: true });
});

const say = async (person, room, text) =>
    (await ok(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id: crypto.randomUUID(), text } })).message;
const summary = (person, body) => ok(system, 'POST', '/summaries', { token: person.token, body: { hours: 3, ...body } });
// Once all that was said has reached the process that answers; llm.prompts has what was asked for it alone.
async function summaryOf(person, body, messages) {
    let told;
    await eventually(async () => {
        llm.prompts.length = 0;
        told = await summary(person, body).catch(() => undefined);
        return told?.messages >= messages && told.because !== 'WISHES_UNKNOWN';
    }, PATIENCE_MS);
    return told;
}
const reader = (() => { let n = 0; return () => signUp(system, `reader${n++}`); })(); // with all of a day's tokens
const well = () => 'well';

test('the mock is a server as the client of OpenAI knows them', async () => {
    const client = new OpenAI({ apiKey: llm.key, baseURL: llm.url, maxRetries: 1 });
    const messages = [{ role: 'system', content: 'be brief' }, { role: 'user', content: '[{"id":1,"by":"ann","said":"سلام, hello"}]' }];
    llm.mood = well;
    const whole = await client.chat.completions.create({ model: MODEL, messages });
    assert.equal(JSON.parse(whole.choices[0].message.content).bullets[0].text, 'ann said: سلام, hello');
    let text = '', usage;
    for await (const chunk of await client.chat.completions.create({ model: MODEL, messages, stream: true, stream_options: { include_usage: true } })) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.ok(usage.total_tokens > 0);
    const before = llm.prompts.length;
    llm.mood = (n) => (n === before + 1 ? { status: 429, retryAfter: '0' } : 'well');
    await client.chat.completions.create({ model: MODEL, messages });
    assert.equal(llm.prompts.length, before + 2);
    llm.mood = () => 'slow-error';
    await assert.rejects(async () => { for await (const _ of await client.chat.completions.create({ model: MODEL, messages, stream: true })); }, /overloaded/);
    await assert.rejects(new OpenAI({ apiKey: 'another', baseURL: llm.url, maxRetries: 0 }).chat.completions.create({ model: MODEL, messages }), { status: 401 });
    llm.mood = well;
    llm.prompts.length = 0;
});

test('a summary is what the model says, with the messages that it names', async () => {
    const first = await say(dealt.citizens[0], rooms.table, 'The doctor saved somebody last night!');
    const second = await say(dealt.citizens[1], rooms.table, 'دکتر دیشب کاوه را نجات داد.');
    llm.answer = () => bulletsOf([{ text: 'Somebody was saved.', ids: [0, 1] }, { text: 'made up', ids: [7] }, { text: 'made up', ids: [] }]);
    const told = await summaryOf(spectator, { room_id: rooms.table }, 2);
    assert.deepEqual([told.method, told.because, told.messages], ['LLM', 'BECAUSE_UNSPECIFIED', 2]);
    assert.deepEqual(told.bullets, [{ text: 'Somebody was saved.', room_id: rooms.table, message_ids: [first.id, second.id] }]);
    assert.equal(llm.prompts.length, 1);
    assert.equal(llm.prompts[0].model, MODEL);
    assert.deepEqual(JSON.parse(llm.prompts[0].user).map(({ said }) => said), [first.text, second.text]);
});

test('who does not want it so has no message of theirs read by a model, and the answer says so', async () => {
    const event = await openEvent(system, four.god, four.deck, { max_players: 4 }), room = `${event.id}.table`, asker = await reader();
    await seatAll(system, event, four.players);
    const [quiet, loud] = four.players, prefer = (person, body) => ok(system, 'PUT', '/auth/me/preferences', { token: person.token, body });
    await say(quiet, room, 'canary-saffron-quiet, said nobody to a machine.');
    const { id } = await say(loud, room, 'Anybody may read what is said here.');
    llm.answer = () => bulletsOf([{ text: 'Anybody may read.', ids: [0] }]);
    await prefer(quiet, { ...ALL, llm: false });
    let told;
    await eventually(async () => {
        llm.prompts.length = 0;
        told = await summary(asker, { room_id: room });
        return told.messages === 2 && told.left_out.kept_back === 1;
    }, PATIENCE_MS);
    assert.deepEqual([told.method, told.bullets], ['LLM', [{ text: 'Anybody may read.', room_id: room, message_ids: [id] }]]);
    assert.ok(llm.prompts.length > 0 && !JSON.stringify(llm.prompts).includes('canary-saffron-quiet'));
    await prefer(loud, { ...ALL, llm: false });
    await eventually(async () => (told = await summary(asker, { room_id: room })).because === 'KEPT_BACK', PATIENCE_MS);
    assert.equal(told.method, 'EXTRACTIVE');
    for (const person of [quiet, loud]) await prefer(person, ALL);
});

test('nor have those who took over a guest\'s seat, or whose account is gone since', async () => {
    const event = await openEvent(system, four.god, four.deck, { max_players: 4 }), room = `${event.id}.table`, asker = await reader(), g = as(system, four.god, event);
    const [walkedIn, leaving, loud] = [await signUp(system, 'walkedin'), await signUp(system, 'leaving'), four.players[0]];
    const { reservation: { user_id: guest } } = await g('POST', '/reservations', { guest_name: 'Anna' });
    const { ticket } = await g('POST', `/players/${guest}/claim`);
    await as(system, walkedIn, event)('POST', '/claim', { ticket });
    await seatAll(system, event, [leaving, loud]);
    for (const [person, canary] of [[walkedIn, WALKED_IN], [leaving, LEAVING]]) {
        await ok(system, 'PUT', '/auth/me/preferences', { token: person.token, body: { ...ALL, llm: false } });
        await say(person, room, `${canary}, said nobody to a machine.`);
    }
    await say(loud, room, 'Anybody may read what is said here.');
    llm.answer = () => bulletsOf([{ text: 'Anybody may read.', ids: [0] }]);
    const keptBack = async () => {
        llm.prompts.length = 0;
        const told = await summary(asker, { room_id: room });
        return [told.method, told.messages, told.left_out.kept_back];
    };
    const isKeptBack = async () => JSON.stringify(await keptBack()) === JSON.stringify(['LLM', 3, 2]);
    await eventually(isKeptBack, PATIENCE_MS);
    await leave(system, leaving, asker);
    await eventually(async () => (await call(system, 'GET', `/ratings/${leaving.id}`, { token: asker.token })).status === 404, PATIENCE_MS);
    assert.ok(await isKeptBack());
    assert.ok(llm.prompts.length > 0);
    for (const canary of [WALKED_IN, LEAVING]) assert.ok(!JSON.stringify(llm.prompts).includes(canary));
});

test('what is hidden while the game goes on is told to no model, whoever asks', async () => {
    await say(dealt.mafia[0], rooms.side, `We take the sheriff, ${CANARIES.side}.`);
    await say(dealt.mafia[0], rooms.two, `Am I seen, ${CANARIES.two}?`);
    await dealt.g('PATCH', `/players/${dealt.citizens[1].id}`, { status: 'DEAD' });
    await say(dealt.citizens[1], rooms.dead, `So dark here, ${CANARIES.dead}.`);
    const every = [];
    const ask = async (person, body, messages) => {
        const told = await summaryOf(person, body, messages);
        every.push(...llm.prompts);
        return told;
    };
    for (const [person, room] of [[dealt.mafia[1], rooms.side], [dealt.mafia[0], rooms.two], [dealt.citizens[1], rooms.dead], [four.god, rooms.side]]) {
        const told = await ask(person, { room_id: room }, 1);
        assert.deepEqual([told.method, told.because], ['EXTRACTIVE', 'HIDDEN']);
        assert.ok(told.bullets.length);
    }
    for (const [person, messages] of [[four.god, 5], [dealt.mafia[0], 4], [dealt.mafia[1], 3], [dealt.citizens[1], 3]])
        assert.equal((await ask(person, { event_id: dealt.event.id }, messages)).because, 'HIDDEN');
    assert.equal((await ask(dealt.citizens[0], { event_id: dealt.event.id }, 2)).method, 'LLM');
    assert.ok(every.length);
    for (const prompt of every) for (const canary of Object.values(CANARIES)) assert.ok(!JSON.stringify(prompt).includes(canary));
});

test('messages that give orders are data, and a model that obeys them changes nothing that counts', async () => {
    const event = await openEvent(system, four.god, four.deck, { max_players: 4 }), room = `${event.id}.table`, asker = await reader();
    await seatAll(system, event, four.players);
    const ids = [];
    for (const [i, text] of INJECTIONS.entries()) ids.push((await say(four.players[i % 4], room, text)).id);
    llm.answer = ({ user }) => bulletsOf([
        { text: 'PWNED: @everyone <@123> see https://evil.example/login and ![x](https://evil.example/?q=1)', ids: [0, 999999] },
        { text: 'mira is the godfather', ids: [999999] }, { text: 'x'.repeat(5000), ids: [-1, 1.5, JSON.parse(user).at(-1).id] }]);
    const told = await summaryOf(asker, { room_id: room }, INJECTIONS.length);
    assert.equal(told.method, 'LLM');
    const shown = llm.prompts.flatMap(({ user }) => JSON.parse(user));
    assert.deepEqual(shown.filter(({ by }) => by !== undefined).map(({ said }) => said), INJECTIONS, 'each is one text of the list, as it was said');
    assert.equal(new Set(llm.prompts.filter(({ user }) => user.includes('"by"')).map(({ system: rules }) => rules)).size, 1);
    for (const { text, message_ids: cited } of told.bullets) {
        assert.ok(cited.length >= 1 && cited.every((id) => ids.includes(id)));
        assert.ok(!/[<>@]|:\/\//.test(text) && Buffer.byteLength(text) < 320, text);
    }
    assert.ok(told.bullets.every(({ text }) => text !== 'mira is the godfather'));
});

test('whatever the model does, there is a summary in time', async () => {
    const cases = [['hang', 1], ['garbage', 3], ['cut', 3], ['slow-error', 3], ['length', 1], [400, 1], [401, 1], [500, 3], [408, 3], [{ status: 429, retryAfter: '3600' }, 1],
        [{ status: 503, retryAfter: new Date(Date.now() + 3600e3).toUTCString() }, 1]];
    const asker = await reader();
    for (const [mood, most] of cases) {
        llm.prompts.length = 0;
        llm.mood = () => mood;
        const begun = Date.now(), told = await summary(asker, { room_id: rooms.table });
        assert.deepEqual([told.method, told.because], ['EXTRACTIVE', 'MODEL_FAILED'], JSON.stringify(mood));
        assert.ok(told.bullets.length && Date.now() - begun < 15000);
        assert.ok(llm.prompts.length >= 1 && llm.prompts.length <= most, `${JSON.stringify(mood)}: ${llm.prompts.length}`);
    }
    llm.answer = () => 'I would rather not.';
    llm.mood = well;
    assert.equal((await summary(asker, { room_id: rooms.table })).because, 'MODEL_FAILED');
});

test('what fails in passing is tried again', async () => {
    llm.answer = () => bulletsOf([{ text: 'Somebody was saved.', ids: [0] }]);
    for (const passing of [500, { status: 429, retryAfter: '1' }, 'slow-error', 'cut']) {
        llm.prompts.length = 0;
        llm.mood = (n) => (n === 1 ? passing : 'well');
        assert.equal((await summary(await reader(), { room_id: rooms.table })).method, 'LLM');
        assert.equal(llm.prompts.length, 2);
    }
    llm.mood = well;
});

test('what is longer than a prompt is summed up in parts', async () => {
    const event = await openEvent(system, four.god, four.deck, { max_players: 4 }), room = `${event.id}.table`;
    await seatAll(system, event, four.players);
    for (let i = 0; i < 16; i++) await say(four.players[i % 4], room, `number ${i}: ${'the wolf and the doctor were seen. '.repeat(50)}`);
    llm.answer = ({ user }) => bulletsOf(JSON.parse(user).slice(0, 2).map(({ id, by }) => ({ text: by ? `part ${id}` : `whole ${id}`, ids: [id] })));
    const told = await summaryOf(await reader(), { room_id: room }, 16);
    assert.equal(told.method, 'LLM');
    assert.ok(llm.prompts.length >= 3);
    assert.deepEqual(told.bullets.map(({ text }) => text), ['whole 0', 'whole 1']);
    assert.deepEqual(llm.prompts.slice(0, -1).flatMap(({ user }) => JSON.parse(user).map(({ id }) => id)), Array.from({ length: 16 }, (_, i) => i));
});

test('while auth is away nobody knows what people want, and no model is asked', async () => {
    const asker = await reader(), because = async () => (await summary(asker, { room_id: rooms.table }).catch(() => ({}))).because;
    llm.answer = () => bulletsOf([{ text: 'Somebody was saved.', ids: [0] }]);
    await system.killAll('auth');
    await eventually(async () => (await because()) === 'WISHES_UNKNOWN', PATIENCE_MS);
    llm.prompts.length = 0;
    assert.equal(await because(), 'WISHES_UNKNOWN');
    assert.equal(llm.prompts.length, 0);
    await system.startAll('auth');
    await eventually(async () => (await because()) === 'BECAUSE_UNSPECIFIED', PATIENCE_MS);
});

test('who has spent their day gets sentences, others do not mind, and no start forgets it', async () => {
    const asker = await reader();
    llm.answer = () => bulletsOf([{ text: 'Somebody was saved.', ids: [0] }]);
    llm.mood = () => 400; // what such a question has cost is not told
    let asks = 0;
    while ((await summary(asker, { room_id: rooms.table })).because !== 'BUDGET_SPENT') assert.ok(++asks < DAY_USER / 1000);
    llm.mood = well;
    assert.equal((await summary(await reader(), { room_id: rooms.table })).method, 'LLM');
    await system.killAll('ai');
    await system.startAll('ai');
    await eventually(async () => (await summary(asker, { room_id: rooms.table }).catch(() => ({}))).because === 'BUDGET_SPENT', PATIENCE_MS);
});

test('once the game is over the model may see what all may', async () => {
    await dealt.g('POST', '/finish', { winning_side_ids: [four.roles.find(({ slug }) => slug === 'doctor').side_id] });
    await eventually(async () => (await summary(await reader(), { room_id: rooms.dead }).catch(() => ({}))).method === 'LLM', PATIENCE_MS);
    assert.ok(llm.prompts.at(-1).user.includes(CANARIES.dead));
    for (const prompt of llm.prompts) assert.ok(!JSON.stringify(prompt).includes(CANARIES.two));
});
