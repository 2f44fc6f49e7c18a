// Commands given in Discord while the process that answers is killed, in every state of its work: one edit comes, and no second one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { give, say, snowflake, startDiscord } from './parts/discord.mjs';
import { LIMITS } from './parts/games.mjs';
import { bulletsOf, startLlm } from './parts/llm.mjs';
import { consectl, eventually } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000;
let system, discord, llm;

const envOf = () => ({ ...LIMITS, CONSE_DISCORD_PUBLIC_KEY: discord.publicKey, CONSE_DISCORD_TOKEN: discord.token, CONSE_DISCORD_API: discord.api, CONSE_LLM_URL: llm.url, CONSE_LLM_KEY: llm.key, CONSE_LLM_MODEL: 'mock-1' });
before(async () => {
    discord = await startDiscord();
    llm = await startLlm();
    llm.answer = ({ user }) => bulletsOf(JSON.parse(user).slice(0, 8).map(({ id }) => ({ text: `number ${id} ${'is long '.repeat(36)}`, ids: [id, id + 1, id + 2] })));
    system = await startSystem({ services: EVERY_SERVICE, env: envOf() });
});
after(async () => {
    await system?.stop();
    discord?.close();
    llm?.close();
});

function channelOf(count) {
    const id = snowflake();
    for (let i = 0; i < count; i++) say(discord, id, 'mira', `Number ${i} is what we vote about.`, { ms: Date.now() - (count - i) * 1000 });
    return id;
}
const catchup = (count) => give(discord, system.url, 'catchup', { options: { hours: 6 }, channelId: channelOf(count) });

// When it is killed: at which request, and what becomes of that one; of the model's, when none is named.
const states = [
    ['as soon as it is stored'],
    ['while messages are read', ({ path }) => path.includes('/channels/'), 'hang'],
    ['while the model is asked', 'MODEL'],
    ['while the edit is on its way', ({ method }) => method === 'PATCH', 'hang'],
    ['when the edit was made and nobody said so', ({ method }) => method === 'PATCH', 'held'],
    ['while a further message is on its way', ({ method }) => method === 'POST', 'hang'],
];

for (const [when, which, mood] of states) {
    test(`it is killed ${when}`, async () => {
        let reached = !which;
        discord.mood = (asked) => (!reached && which !== 'MODEL' && which(asked) ? ((reached = true), mood) : undefined);
        llm.mood = () => (which === 'MODEL' ? ((reached = true), 'hang') : 'well');
        const { it, reply } = await catchup(12);
        assert.equal(reply.body.type, 5);
        await eventually(() => reached, PATIENCE_MS);
        await system.killAll('ai');
        discord.mood = () => undefined;
        llm.mood = () => 'well';
        await system.startAll('ai');
        await eventually(() => it.edits.length >= 1 && it.sent.length >= 1, PATIENCE_MS);
        const next = await give(discord, system.url, 'stats'); // which is answered later, so nothing of this one waits
        await eventually(() => next.it.edits.length === 1, PATIENCE_MS);
        assert.equal(it.edits.length, 1);
        const said = [...it.edits, ...it.sent].map(({ content }) => content);
        assert.equal(new Set(said).size, said.length, 'none comes twice');
        assert.equal(said.join('\n').match(/^- number/gm).length, 8);
        assert.match(said[0], /^\*\*What was said/);
    });
}

// The process that answers, by its lease; undefined while nobody holds it.
async function holderOf() {
    const { stdout } = await consectl(system, 'services', '--json');
    const processes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).find(({ service }) => service === 'ai')?.processes ?? [];
    const address = processes.find(({ leases }) => leases.includes('answers'))?.address;
    return system.replicasOf('ai').find((name) => address === system.own[name].CONSE_AI_LISTEN);
}

test('another process goes on when one of two is killed', async () => {
    await system.stop();
    system = await startSystem({ services: EVERY_SERVICE, env: envOf(), replicas: 2 });
    let held = false;
    discord.mood = (asked) => (!held && asked.method === 'PATCH' ? ((held = true), 'hang') : undefined);
    const { it } = await catchup(12);
    await eventually(() => held, PATIENCE_MS);
    const holder = await holderOf();
    await system.kill(holder);
    await eventually(() => it.edits.length === 1 && it.sent.length >= 1, PATIENCE_MS);
    await system.start(holder);
    const next = await give(discord, system.url, 'stats');
    await eventually(() => next.it.edits.length === 1, PATIENCE_MS);
    assert.equal(it.edits.length, 1);
});

// Of each process of ai, what its operators' port says under a path.
const toldBy = (path) => Promise.all(system.replicasOf('ai').map(async (name) => {
    const reply = await fetch(`http://127.0.0.1:${system.admin[name]}/${path}`);
    return { status: reply.status, text: await reply.text() };
}));

test('a token that Discord refuses is used once, and operators are told', async () => {
    assert.deepEqual(await toldBy('readyz'), [{ status: 200, text: 'ok\n' }, { status: 200, text: 'ok\n' }]);
    discord.token = 'another';
    const before = discord.requests.length, asked = () => discord.requests.slice(before).filter(({ path }) => path.includes('/channels/')).length;
    for (let i = 0; i < 2; i++) {
        const { it } = await catchup(3);
        await eventually(() => it.edits.length === 1, PATIENCE_MS);
        assert.match(it.edits[0].content, /refuses my token/);
        assert.equal(asked(), 1);
    }
    const ready = await toldBy('readyz');
    assert.deepEqual(ready.map(({ status }) => status), [200, 200]);
    assert.deepEqual(ready.map(({ text }) => text).sort(), ['ok\n', 'ok\nDiscord refuses CONSE_DISCORD_TOKEN: no messages are read until the next start\n']);
    const gauges = (await toldBy('metrics')).map(({ text }) => /^conse_discord_token_refused (\d)$/m.exec(text)[1]);
    assert.deepEqual(gauges.sort(), ['0', '1'], 'of the process that asked');
});
