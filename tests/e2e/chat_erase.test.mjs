// A text that was deleted, or replaced, is gone from the stores' files when its time is over, and a dump of before is told of it. No language
// model is given it any more.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { startLlm } from './parts/llm.mjs';
import { call, consectl, eventually, ok, untilTaken } from './parts/people.mjs';
import { BIN, EVERY_SERVICE, startSystem } from './parts/system.mjs';

const SECRET = 'NEEDLE in the haystack', REPLACED = 'PIN before it was replaced', STANDS = 'what stays', REASON = 'SPIKE that somebody gave for a report';
let system, llm, room, god, player, other;

const at = (data) => ({ bin: BIN, env: { CONSE_DATA: data, CONSE_RUN: data } });
async function run(data, ...words) {
    const { code, stdout, stderr } = await consectl(at(data), ...words);
    assert.equal(code, 0, stderr);
    return stdout;
}
// In any file of the folder: the store's, its log, its spare room.
const has = (data, text) => fs.readdirSync(data, { recursive: true, withFileTypes: true }).some((file) => file.isFile() && fs.readFileSync(path.join(file.parentPath ?? file.path, file.name)).includes(text));
const taken = (method, route, body) => untilTaken(() => call(system, method, route, { token: player.token, body })); // events may be on its way back
const list = async () => (await taken('GET', `/rooms/${room}/messages`)).body.messages;

before(async () => {
    llm = await startLlm();
    const model = { CONSE_LLM_URL: llm.url, CONSE_LLM_KEY: llm.key, CONSE_LLM_MODEL: 'mock-1' };
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, ...model, CONSE_CHAT_DELETED: '1s' }, replicas: 0 });
    god = await makeGod(system, 'thegod');
    const event = await openEvent(system, god, await makeDeck(system, god));
    [player, other] = await signUpMany(system, 'player', 2);
    await seatAll(system, event, [player, other]);
    room = `${event.id}.table`;
});

after(async () => {
    await system?.stop();
    llm?.close();
});

// All that a model is given for a summary of the room, once it has so many messages.
async function promptsFor(person, messages) {
    await eventually(async () => {
        llm.prompts.length = 0;
        const { status, body } = await call(system, 'POST', '/summaries', { token: person.token, body: { room_id: room, hours: 1 } });
        return status === 200 && body.messages >= messages;
    }, 60000);
    return JSON.stringify(llm.prompts);
}

test('a deleted text is in no file, and a dump of before is told', async () => {
    const data = system.env.CONSE_DATA, dump = path.join(system.dir, 'dump'), redactions = path.join(system.dir, 'redactions');
    const say = async (text) => (await ok(system, 'POST', `/rooms/${room}/messages`, { token: player.token, body: { client_id: crypto.randomUUID(), text } })).message;
    const { id } = await say(SECRET), replaced = await say(REPLACED);
    await say(STANDS);
    await ok(system, 'POST', `/rooms/${room}/messages/${id}/report`, { token: other.token, body: { reason: REASON } });
    const asked = await promptsFor(other, 3);
    assert.ok([SECRET, REPLACED, STANDS].every((text) => asked.includes(text)) && !asked.includes(REASON));
    await system.term('events');
    assert.ok(has(data, SECRET) && has(data, REPLACED));
    await run(data, 'dump', 'events', dump);
    await system.start('events');

    assert.equal((await taken('DELETE', `/rooms/${room}/messages/${id}`)).status, 204);
    assert.equal((await taken('PATCH', `/rooms/${room}/messages/${replaced.id}`, { text: 'another' })).status, 200);
    await eventually(async () => !has(data, SECRET) && !has(data, REPLACED), 60000);
    assert.deepEqual((await list()).map((message) => [message.text, message.deleted?.by]), [['', 'AUTHOR'], ['another', undefined], [STANDS, undefined]]);
    for (const name of EVERY_SERVICE) assert.ok([SECRET, REPLACED, REASON].every((text) => !system.log(name).includes(text)), name);
    const again = await promptsFor(other, 2);
    assert.ok([SECRET, REPLACED, REASON].every((text) => !again.includes(text)) && again.includes(STANDS));
    const seen = await Promise.all([god, other].map(({ token }) => ok(system, 'GET', `/rooms/${room}/messages`, { token }).then(JSON.stringify)));
    assert.deepEqual(seen.map((text) => text.includes(REASON)), [true, false], 'a report is for who leads alone');
    await system.term('events');
    fs.writeFileSync(redactions, await run(data, 'redactions', 'events'));
    assert.equal(fs.readFileSync(redactions, 'utf8').trim().split('\n').length, 2);

    const back = path.join(system.dir, 'back');
    fs.cpSync(path.join(data, 'keys'), path.join(back, 'keys'), { recursive: true });
    await run(back, 'restore', 'events', dump);
    assert.ok(has(back, SECRET) && has(back, REPLACED));
    await run(back, 'redact', 'events', redactions);
    assert.ok(!has(back, SECRET) && !has(back, REPLACED) && has(back, STANDS));
    assert.equal(await run(back, 'redactions', 'events'), fs.readFileSync(redactions, 'utf8'));
    await system.start('events');
    assert.equal((await list()).length, 3);
});
