// A text that was deleted is gone from the store's files when its time is over, and a dump of before is told of it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { consectl, eventually, ok } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const SECRET = 'NEEDLE in the haystack', STANDS = 'what stays';
let system, room, player;

const at = (data) => ({ bin: BIN, env: { CONSE_DATA: data, CONSE_RUN: data } });
async function run(data, ...words) {
    const { code, stdout, stderr } = await consectl(at(data), ...words);
    assert.equal(code, 0, stderr);
    return stdout;
}
// In any file of the folder: the store's, its log, its spare room.
const has = (data, text) => fs.readdirSync(data, { recursive: true, withFileTypes: true }).some((file) => file.isFile() && fs.readFileSync(path.join(file.parentPath ?? file.path, file.name)).includes(text));
const list = async () => (await ok(system, 'GET', `/rooms/${room}/messages`, { token: player.token })).messages;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_CHAT_DELETED: '1s' }, replicas: 0 });
    const god = await makeGod(system, 'thegod');
    const event = await openEvent(system, god, await makeDeck(system, god));
    [player] = await signUpMany(system, 'player', 1);
    await seatAll(system, event, [player]);
    room = `${event.id}.table`;
});

after(() => system?.stop());

test('a deleted text is in no file, and a dump of before is told', async () => {
    const data = system.env.CONSE_DATA, dump = path.join(system.dir, 'dump'), redactions = path.join(system.dir, 'redactions');
    const say = async (text) => (await ok(system, 'POST', `/rooms/${room}/messages`, { token: player.token, body: { client_id: crypto.randomUUID(), text } })).message;
    const { id } = await say(SECRET);
    await say(STANDS);
    await system.term('events');
    assert.ok(has(data, SECRET));
    await run(data, 'dump', 'events', dump);
    await system.start('events');

    await ok(system, 'DELETE', `/rooms/${room}/messages/${id}`, { token: player.token });
    await eventually(async () => !has(data, SECRET), 60000);
    assert.deepEqual((await list()).map((message) => [message.text, message.deleted?.by]), [['', 'AUTHOR'], [STANDS, undefined]]);
    for (const name of ['auth', 'events', 'gateway']) assert.ok(!system.log(name).includes(SECRET), name);
    await system.term('events');
    fs.writeFileSync(redactions, await run(data, 'redactions', 'events'));
    assert.equal(fs.readFileSync(redactions, 'utf8').trim().split('\n').length, 1);

    const other = path.join(system.dir, 'other');
    fs.cpSync(path.join(data, 'keys'), path.join(other, 'keys'), { recursive: true });
    await run(other, 'restore', 'events', dump);
    assert.ok(has(other, SECRET));
    await run(other, 'redact', 'events', redactions);
    assert.ok(!has(other, SECRET) && has(other, STANDS));
    assert.equal(await run(other, 'redactions', 'events'), fs.readFileSync(redactions, 'utf8'));
    await system.start('events');
    assert.equal((await list()).length, 2);
});
