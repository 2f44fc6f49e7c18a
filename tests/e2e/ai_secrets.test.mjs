// What is hidden in a game that runs, in its rooms, roles and scores, is in no prompt, summary, tip, forecast, suggestion, notice or log for
// who may not know it, and changes none of them. (twins.test.mjs compares what the rest of the system tells.)
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { give, startDiscord } from './parts/discord.mjs';
import { as, LIMITS, makeGod, openEvent } from './parts/games.mjs';
import { startLlm } from './parts/llm.mjs';
import { dealFour, makeDeckOfFour, makeFour } from './parts/mafia.mjs';
import { call, eventually, ok, signUp } from './parts/people.mjs';
import { join } from './parts/queue.mjs';
import { receive } from './parts/receiver.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000;
const CANARIES = { side: 'canary-vermilion-side', two: 'canary-heliotrope-two', dead: 'canary-chartreuse-dead', note: 'canary-celadon-note' };
let system, llm, discord, receiver, four, dealt, outsider, other, next;

before(async () => {
    [llm, discord, receiver] = [await startLlm(), await startDiscord(), await receive()];
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms', CONSE_LLM_URL: llm.url, CONSE_LLM_KEY: llm.key, CONSE_LLM_MODEL: 'mock-1',
        CONSE_DISCORD_PUBLIC_KEY: discord.publicKey, CONSE_DISCORD_TOKEN: discord.token, CONSE_DISCORD_API: discord.api } });
    four = await makeFour(system);
    other = await makeGod(system, 'othergod');
    outsider = await signUp(system, 'outsider');
    await call(system, 'PUT', `/groups/${four.god.group.id}/discord`, { token: four.god.token, body: { webhook: receiver.url } });
    dealt = await dealFour(system, four, { table_at_night: true });
    const { deck } = await makeDeckOfFour(system, other);
    next = await openEvent(system, other, deck, { max_players: 4, min_players: 4 });
    await as(system, dealt.mafia[0], next)('POST', '/reservations', {});
    await dealt.g('POST', '/phases', { kind: 'NIGHT' });
});
after(async () => {
    await system?.stop();
    for (const one of [llm, discord, receiver]) one?.close();
});

const say = (person, room, text) => ok(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id: crypto.randomUUID(), text } });
const textOf = async (person, method, path, body) => JSON.stringify((await call(system, method, path, { token: person.token, body })).body);

// What somebody who was told no card, or another, reads of ai: {what: text}.
async function readBy(person) {
    const told = {};
    for (const [what, path] of [['forecast', `/events/${next.id}/forecast`], ['of the game', `/events/${dealt.event.id}/forecast`], ['suggestions', '/suggestions'], ['list', '/ratings'],
        ['rating', `/ratings/${dealt.mafia[0].id}`], ['history', `/ratings/${dealt.mafia[0].id}/history`], ['calibration', '/ai/calibration'], ['rewards', `/events/${dealt.event.id}/rewards`],
        ['tips', `/tips?event_id=${dealt.event.id}`]])
        told[what] = (await textOf(person, 'GET', path)).replace(/"trace_id":"[^"]*"/, '');
    const { state, place, rating, penalty } = (await call(system, 'GET', '/queue', { token: person.token })).body;
    return { ...told, queue: JSON.stringify({ state, place, rating, penalty }) };
}

async function hide() {
    const [boss] = dealt.mafia, [, victim] = dealt.citizens;
    await dealt.g('PATCH', `/players/${victim.id}`, { status: 'DEAD' });
    await say(boss, dealt.side, `We take the sheriff, ${CANARIES.side}.`);
    await say(boss, dealt.room(`god.${boss.id}`), `Am I seen, ${CANARIES.two}?`);
    await say(victim, dealt.dead, `So dark here, ${CANARIES.dead}.`);
    await dealt.g('POST', `/players/${boss.id}/notes`, { text: `You are the boss, ${CANARIES.note}.`, audience: 'PLAYER' });
    await dealt.g('PUT', `/players/${boss.id}/score`, { score: 199 });
    await dealt.g('PATCH', `/players/${dealt.mafia[1].id}`, { status: 'DISABLED' });
}

const summary = async (person, body) => (await call(system, 'POST', '/summaries', { token: person.token, body: { hours: 3, ...body } })).body;
const hasNone = (text, where) => { for (const canary of Object.values(CANARIES)) assert.ok(!text.includes(canary), `${canary} is in ${where}`); };

test('what happens in secret changes nothing that ai tells others', async () => {
    const unknowing = [outsider, dealt.citizens[0], other];
    for (const person of unknowing) await join(system, person, { gods: [four.god.id] });
    await eventually(async () => JSON.parse((await readBy(outsider)).queue).place === 1, PATIENCE_MS);
    const told = [];
    for (const person of unknowing) told.push(await readBy(person));
    assert.match(told[0].forecast, /"chance"/);
    assert.match(told[0]['of the game'], /EVENT_NOT_OPEN/);
    await say(dealt.citizens[0], dealt.table, 'Anybody may read what is said here.');
    await hide();
    for (const [i, person] of unknowing.entries()) assert.deepEqual(await readBy(person), told[i]);
});

test('no summary has it for who does not read it there, and no prompt at all', async () => {
    const [boss] = dealt.mafia;
    await eventually(async () => JSON.stringify(await summary(boss, { room_id: dealt.side })).includes(CANARIES.side), PATIENCE_MS); // who reads it has it
    for (const person of [outsider, dealt.citizens[0], other])
        for (const body of [{ event_id: dealt.event.id }, { room_id: dealt.table }, { room_id: dealt.side }, { room_id: dealt.dead }, { room_id: dealt.room(`god.${boss.id}`) }])
            hasNone(JSON.stringify(await summary(person, body)), `a summary of ${JSON.stringify(body)}`);
    for (const person of [four.god, ...dealt.mafia, dealt.citizens[1]]) await summary(person, { event_id: dealt.event.id });
    assert.ok(llm.prompts.length > 0);
    hasNone(JSON.stringify(llm.prompts), 'a prompt');
});

test('no command of Discord, no notice and no log has it', async () => {
    const { it } = await give(discord, system.url, 'event', { options: { event: dealt.event.id } });
    await eventually(() => it.edits.length === 1, PATIENCE_MS);
    await dealt.g('POST', '/phases', { kind: 'DAY' });
    await eventually(() => receiver.got.some(({ content }) => /day \d begins/.test(content)), PATIENCE_MS);
    hasNone(JSON.stringify(it.edits), 'an answer in Discord');
    hasNone(JSON.stringify(receiver.got), 'a notice');
    for (const { username } of four.players) assert.ok(!JSON.stringify(receiver.got).includes(username), 'a notice names nobody');
    for (const name of system.services) hasNone(system.log(name), `the log of ${name}`);
});
