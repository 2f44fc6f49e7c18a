// Commands given in Discord, against one of ours, which is checked by a stock client of Discord's first.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { DiscordAPIError, REST } from '@discordjs/rest';
import { Routes } from 'discord-api-types/v10';
import { InteractionResponseFlags, InteractionResponseType, verifyKey } from 'discord-interactions';
import { deliver, give, MAY_READ, post, press, say, snowflake, startDiscord } from './parts/discord.mjs';
import { LIMITS, openEvent } from './parts/games.mjs';
import { INJECTIONS } from './parts/injections.mjs';
import { bulletsOf, startLlm } from './parts/llm.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { call, consectl, eventually, ok } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000, HOUR_MS = 3600e3, LINK = /https:\/\/discord\.com\/channels\/(\d+)\/(\d+)\/(\d+)/g;
let system, discord, llm, four;

before(async () => {
    discord = await startDiscord();
    llm = await startLlm();
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_DISCORD_PUBLIC_KEY: discord.publicKey, CONSE_DISCORD_TOKEN: discord.token, CONSE_DISCORD_API: discord.api,
        CONSE_LLM_URL: llm.url, CONSE_LLM_KEY: llm.key, CONSE_LLM_MODEL: 'mock-1', CONSE_LLM_TIMEOUT: '4s', CONSE_DISCORD_DAY_GUILD: '60000' } });
    four = await makeFour(system);
});
after(async () => {
    await system?.stop();
    discord?.close();
    llm?.close();
});

const command = (name, options, rest) => give(discord, system.url, name, { options, ...rest });
const deferred = (reply) => assert.deepEqual([reply.status, reply.body], [200, { type: InteractionResponseType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE, data: { flags: InteractionResponseFlags.EPHEMERAL } }]);
const textOf = (it) => [...it.edits, ...it.sent].map(({ content }) => content).join('\n');
async function answerOf({ it }, messages = 1) {
    await eventually(() => it.edits.length >= 1 && it.edits.length + it.sent.length >= messages, PATIENCE_MS);
    assert.equal(it.edits.length, 1);
    for (const message of [...it.edits, ...it.sent]) assert.deepEqual(message.allowed_mentions, { parse: [] });
    return textOf(it);
}
// A channel in which so many things were said, one a second before now.
function channelOf(texts) {
    const id = snowflake();
    const ids = texts.map((text, i) => say(discord, id, ['mira', 'kaveh', 'ann'][i % 3], text, { ms: Date.now() - (texts.length - i) * 1000 }).id);
    return { id, ids };
}
const evening = ['The doctor saved somebody last night.', 'We should vote for the baker.', 'No, the baker is innocent, I am sure of the baker.', 'When do we vote, at nine?', 'At nine, yes, we vote at nine.'];

test('the fake is a Discord as its stock client knows it', async () => {
    const rest = new REST({ api: discord.root, version: '10' }).setToken(discord.token);
    const { id, ids } = channelOf(evening);
    const got = await rest.get(Routes.channelMessages(id), { query: new URLSearchParams({ limit: '3' }) });
    assert.deepEqual(got.map((message) => message.id), ids.slice(-3).reverse());
    const before = discord.requests.length;
    discord.mood = (_, n) => (n === before + 1 ? { status: 429, retryAfter: 0.2, scope: 'user' } : undefined);
    await rest.get(Routes.channelMessages(id));
    assert.equal(discord.requests.length, before + 2, 'it comes again after a 429');
    discord.mood = () => undefined;
    discord.refusals.length = 0;
    await Promise.all(Array.from({ length: 12 }, () => rest.get(Routes.channelMessages(id))));
    assert.deepEqual(discord.refusals, [], 'it understands our buckets');
    await assert.rejects(new REST({ api: discord.root, version: '10' }).setToken('another').get(Routes.channelMessages(id)), (error) => error.status === 401);
    await assert.rejects(rest.patch(Routes.webhookMessage(discord.applicationId, 'none'), { auth: false, body: { content: 'x' } }), (error) => error instanceof DiscordAPIError && error.code === 10015);
    const body = '{"type":1}', headers = discord.sign(body);
    assert.ok(await verifyKey(body, headers['X-Signature-Ed25519'], headers['X-Signature-Timestamp'], discord.publicKey));
});

test('what Discord signed is taken, and nothing else', async () => {
    assert.deepEqual((await post(discord, system.url, { type: 1 })).body, { type: 1 });
    const body = JSON.stringify({ type: 1 }), good = discord.sign(body), ask = async (headers, sent = body) => (await fetch(`${system.url}/discord/interactions`, { method: 'POST', headers, body: sent })).status;
    assert.equal(await ask({ ...good, 'X-Signature-Ed25519': '00'.repeat(64) }), 401);
    assert.equal(await ask({ 'Content-Type': 'application/json' }), 401);
    assert.equal(await ask(discord.sign(body, String(Math.floor(Date.now() / 1000) - 400))), 401);
    assert.equal(await ask(good, `${body} `), 401);
    assert.equal(await ask(discord.sign('nonsense'), 'nonsense'), 400);
    assert.equal(await ask(discord.sign('{"type":9}'), '{"type":9}'), 400);
});

// One byte somewhere is another, is gone, or comes twice.
function mutated(text) {
    const bytes = Buffer.from(text), at = crypto.randomInt(bytes.length), kind = crypto.randomInt(4);
    if (kind === 0) return bytes.toString('latin1');
    if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]).toString('latin1');
    if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 1), bytes.subarray(at)]).toString('latin1');
    bytes[at] = 0x21 + crypto.randomInt(0x5e);
    return bytes.toString('latin1');
}

test('10 000 mutated requests are judged as the stock library judges them', async () => {
    const body = JSON.stringify({ type: 1, id: snowflake(), note: 'x'.repeat(40) });
    const counts = { good: 0, bad: 0 };
    const one = async () => {
        const good = discord.sign(body), part = crypto.randomInt(3);
        const sent = part === 0 ? mutated(body) : body, timestamp = part === 1 ? mutated(good['X-Signature-Timestamp']) : good['X-Signature-Timestamp'];
        const signature = part === 2 ? mutated(good['X-Signature-Ed25519']) : good['X-Signature-Ed25519'];
        const theirs = await verifyKey(sent, signature, timestamp, discord.publicKey);
        const response = await fetch(`${system.url}/discord/interactions`, { method: 'POST', headers: { ...good, 'X-Signature-Timestamp': timestamp, 'X-Signature-Ed25519': signature }, body: sent });
        await response.text();
        const exact = /^[0-9a-f]{128}$/i.test(signature); // theirs reads "0g" as 0
        assert.equal(response.status !== 401, theirs && exact, `${response.status} ${signature} ${timestamp} ${sent}`);
        counts[theirs ? 'good' : 'bad']++;
    };
    await Promise.all(Array.from({ length: 16 }, async () => { for (let i = 0; i < 625; i++) await one(); }));
    assert.ok(counts.good > 1500 && counts.bad > 5000, JSON.stringify(counts));
});

test('/catchup answers later, by one edit whose links lead to messages of the time', async () => {
    const { id, ids } = channelOf(evening), guildId = snowflake();
    say(discord, id, 'robot', 'beep', { author: { id: '1', username: 'robot', bot: true } });
    llm.answer = () => bulletsOf([{ text: 'The vote is at nine.', ids: [3, 4] }, { text: 'The baker divides them.', ids: [1, 2] }, { text: 'made up', ids: [99] }]);
    const given = await command('catchup', { hours: 6 }, { channelId: id, guildId });
    deferred(given.reply);
    const text = await answerOf(given);
    assert.match(text, /The vote is at nine\. \[1\]\(https/);
    assert.ok(!text.includes('made up'));
    assert.deepEqual([...text.matchAll(LINK)].map(([, guild, channel, message]) => [guild, channel, ids.indexOf(message)]), [3, 4, 1, 2].map((i) => [guildId, id, i]));
    assert.deepEqual(JSON.parse(llm.prompts.at(-1).user).map(({ by, said }) => [by, said]), evening.map((said, i) => [['mira', 'kaveh', 'ann'][i % 3], said]));
    const [buttons] = given.it.edits[0].components;
    assert.equal((await press(discord, system.url, buttons.components[0].custom_id)).status, 200);
});

test('the same one delivered again gets the same answer, and makes no second edit', async () => {
    const { id } = channelOf(evening), given = await command('catchup', { hours: 1 }, { channelId: id });
    for (let i = 0; i < 3; i++) assert.deepEqual((await post(discord, system.url, given.payload)).body, given.reply.body);
    await answerOf(given);
    assert.deepEqual((await post(discord, system.url, given.payload)).body, given.reply.body);
    const other = await command('stats'); // and a later one is answered, so nothing of the first one waits
    await answerOf(other);
    assert.equal(given.it.edits.length, 1);
});

test('what may not be read is not read, and the answer names what is missing', async () => {
    const before = discord.requests.length, view = String(1 << 10);
    const says = async (options, rest) => { const { reply } = await command('catchup', options, rest); assert.equal(reply.body.type, 4); assert.equal(reply.body.data.flags, 64); return reply.body.data.content; };
    assert.match(await says({ hours: 6 }, { may: '0' }), /you lack \*View Channel\*/);
    assert.match(await says({ hours: 6 }, { may: view }), /you lack \*Read Message History\*/);
    assert.match(await says({ hours: 6 }, { appMay: view }), /I lack \*Read Message History\*/);
    assert.match(await says({ hours: 6, channel: '77' }, { resolved: { channels: { 77: { id: '77', permissions: '0', app_permissions: MAY_READ } } } }), /you lack/);
    assert.match(await says({ hours: 6 }, { guildId: null }), /channels of a server/);
    assert.equal(discord.requests.length, before);
    const thread = { id: '78', type: 12, permissions: MAY_READ, app_permissions: MAY_READ }; // which does not say who is in it
    assert.match(await says({ hours: 6, channel: '78' }, { resolved: { channels: { 78: thread } } }), /you lack/);
    const { id } = channelOf(evening);
    discord.channels.get(id).forbidden = true;
    assert.match(await answerOf(await command('catchup', { hours: 6 }, { channelId: id })), /I may not read that channel/);
});

test('silence, and texts that may not be read, are told apart', async () => {
    assert.equal(await answerOf(await command('catchup', { hours: 6 })), 'Nothing to catch up in the past 6 hours.');
    const { id } = channelOf(evening);
    discord.intent = false;
    assert.match(await answerOf(await command('catchup', { hours: 6 }, { channelId: id })), /message content intent/);
    discord.intent = true;
    const old = snowflake();
    say(discord, old, 'mira', 'Long ago.', { ms: Date.now() - HOUR_MS - 5000 });
    assert.match(await answerOf(await command('catchup', { hours: 1 }, { channelId: old })), /Nothing to catch up/);
});

test('between two there is a pause, of somebody and of a channel', async () => {
    const userId = snowflake(), { id } = channelOf(evening);
    deferred((await command('catchup', { hours: 6 }, { userId, channelId: id })).reply);
    for (const rest of [{ userId }, { channelId: id }]) {
        const { reply } = await command('catchup', { hours: 6 }, rest);
        assert.equal(reply.body.type, 4);
        assert.match(reply.body.data.content, /^Again <t:\d+:R>, please\.$/);
    }
});

test('/help is answered at once, /stats and /event say what everybody may know', async () => {
    const help = (await command('help')).reply.body;
    assert.equal(help.type, 4);
    assert.match(help.data.content, /\/catchup/);
    const event = await openEvent(system, four.god, four.deck, { max_players: 4, title: 'Night of @everyone' });
    const shown = await answerOf(await command('event', { event: event.id }));
    assert.match(shown, /\*\*Night of @\u200beveryone\*\*, open/);
    assert.match(shown, /0 of 4 seats/);
    assert.equal(await answerOf(await command('event', { event: event.join_code })), shown);
    assert.equal(await answerOf(await command('event', { event: 'NOSUCH' })), 'There is no such event.');
    const stats = await answerOf(await command('stats'));
    assert.match(stats, /Version \S+, up since <t:\d+:R>\nCommands that wait: \d+\nSummaries today: [1-9]\d*\nOpen events: 1/);
});

test('consectl registers the commands, and finds when they are others', async () => {
    const run = (...args) => consectl(system, 'discord', 'register', ...args);
    let done = await run('--check');
    assert.equal(done.code, 1, done.stderr);
    assert.match(done.stdout, /^\+ \/catchup$/m);
    assert.deepEqual(discord.commands, []);
    assert.equal((await run()).code, 0);
    const names = discord.commands.map(({ name }) => name);
    for (const name of ['catchup', 'event', 'help', 'link', 'stats', 'tips']) assert.ok(names.includes(name), name);
    done = await run('--check');
    assert.deepEqual([done.code, done.stdout], [0, 'all commands are registered as they are here\n']);
    discord.commands[0].description = 'another';
    discord.commands[1].options = [{ name: 'more', type: 3 }];
    discord.commands.push({ name: 'old', type: 1 });
    done = await run('--check');
    assert.equal(done.code, 1);
    assert.equal(done.stdout.trim().split('\n').length, 3);
    assert.match(done.stdout, /^- \/old$/m);
    assert.equal((await run()).code, 0);
    assert.equal((await run('--check', snowflake())).code, 0);
});

// The number of a linked account is that of every other screen, also when a game has changed it.
async function ratedAlike(dealt, player, userId) {
    const ratingOf = async () => (await ok(system, 'GET', `/ratings/${player.id}`, { token: player.token })).rating;
    await dealt.g('POST', '/phases', { kind: 'NIGHT' });
    await dealt.g('POST', '/finish', { winning_side_ids: [four.roles.find(({ slug }) => slug === 'doctor').side_id] });
    await eventually(async () => (await ratingOf()).games === 1, PATIENCE_MS);
    const { rating, place, ranked } = await ratingOf();
    const stats = await answerOf(await command('stats', {}, { userId }));
    assert.ok(stats.includes(`Your rating: ${rating.toFixed(2)}, place ${place} of ${ranked}`), `${stats} ${rating}`);
    assert.ok(!/Your rating/.test(await answerOf(await command('stats'))), 'who is not linked has none there');
}

test('/link gives a code, with which an account gets its tips in Discord', async () => {
    const dealt = await dealFour(system, four), userId = snowflake(), player = dealt.mafia[0];
    const tips = async () => {
        let given;
        await eventually(async () => (given = await command('tips', { event: dealt.event.id }, { userId })).reply.body.type === 5, PATIENCE_MS); // there is a pause
        return answerOf(given);
    };
    assert.equal(await tips(), 'Link your account first: `/link`.');
    const code = /\*\*([0-9A-Z]{8})\*\*/.exec(await answerOf(await command('link', {}, { userId })))[1];
    const link = (person, sent) => call(system, 'POST', '/auth/discord/link', { token: person?.token, body: { code: sent } });
    assert.equal((await link(null, code)).status, 401);
    assert.equal((await link(player, 'ZZZZZZZZ')).status, 401);
    assert.deepEqual((await link(player, code.toLowerCase())).body, { discord_user_id: userId });
    assert.equal((await link(four.god, code)).status, 401, 'it is of use once');
    const own = await ok(system, 'GET', `/tips?event_id=${dealt.event.id}`, { token: player.token });
    const shown = await tips();
    for (const { text } of own.tips) assert.ok(shown.includes(text.slice(0, 20)), shown);
    await ratedAlike(dealt, player, userId);
    assert.equal((await call(system, 'DELETE', '/auth/discord/link', { token: player.token })).status, 204);
    assert.equal(await tips(), 'Link your account first: `/link`.');
});

test('a linked account that wants none of its messages read by a model has none read here either', async () => {
    const userId = snowflake(), person = four.players[3], author = { id: userId, username: 'quiet', bot: false };
    const code = /\*\*([0-9A-Z]{8})\*\*/.exec(await answerOf(await command('link', {}, { userId })))[1];
    await ok(system, 'POST', '/auth/discord/link', { token: person.token, body: { code } });
    await ok(system, 'PUT', '/auth/me/preferences', { token: person.token, body: { show_rating: true, tips: true, suggestions: true, llm: false } });
    llm.answer = () => bulletsOf([{ text: 'They vote.', ids: [0] }]);
    await eventually(async () => {
        const { id } = channelOf(evening);
        for (let i = 0; i < 2; i++) say(discord, id, 'quiet', 'canary-celadon, said nobody to a machine.', { author });
        llm.prompts.length = 0;
        return (await answerOf(await command('catchup', { hours: 6 }, { channelId: id }))).includes('2 are left out');
    }, PATIENCE_MS);
    assert.ok(llm.prompts.length > 0 && !JSON.stringify(llm.prompts).includes('canary-celadon'));
});

test('2000 messages take twenty requests and no refusal', async () => {
    const { id } = channelOf(Array.from({ length: 2500 }, (_, i) => `Number ${i} is what we vote about, they say.`)), before = discord.requests.length;
    discord.refusals.length = 0;
    llm.mood = () => 400;
    const text = await answerOf(await command('catchup', { hours: 6 }, { channelId: id }));
    llm.mood = () => 'well';
    assert.equal(discord.requests.slice(before).filter(({ path }) => path.includes('/channels/')).length, 20);
    assert.deepEqual(discord.refusals, []);
    assert.match(text, /Summed up are the newest 2000/);
});

test('a page that is too long is not asked for again', async () => {
    const { id } = channelOf(evening), before = discord.requests.length;
    discord.mood = ({ path }) => (path.includes('/channels/') ? 'endless' : undefined);
    assert.match(await answerOf(await command('catchup', { hours: 6 }, { channelId: id })), /too long/);
    discord.mood = () => undefined;
    assert.equal(discord.requests.slice(before).filter(({ path }) => path.includes('/channels/')).length, 1);
});

test('what Discord refuses for a while, for us or for all, is waited for', async () => {
    for (const [scope, path] of [['user', '/channels/'], ['shared', '/channels/'], ['global', '/channels/'], ['user', '@original']]) {
        const { id } = channelOf(evening);
        let first;
        discord.mood = (asked) => (asked.path.includes(path) && !first ? (first = asked, { status: 429, retryAfter: 0.4, scope }) : undefined);
        await answerOf(await command('catchup', { hours: 6 }, { channelId: id }));
        const again = discord.requests.filter((asked) => asked.path === first.path && asked.method === first.method);
        assert.equal(again.length, 2);
        assert.ok(again[1].at - again[0].at >= 380, `${again[1].at - again[0].at}`);
    }
    for (const mood of [{ status: 500 }, 'unheard', 'lost', { status: 503 }]) {
        const { id } = channelOf(evening);
        const met = new Set();
        discord.mood = ({ path, method }) => { const key = `${method} ${path.split('/')[3]}`; return met.has(key) ? undefined : (met.add(key), mood); };
        await answerOf(await command('catchup', { hours: 6 }, { channelId: id }));
    }
    discord.mood = () => undefined;
});

test('messages that give orders change no mention, no link and no length', async () => {
    const { id, ids } = channelOf([...INJECTIONS, '@everyone look at https://evil.example/login', `<@${snowflake()}> ${'*'.repeat(1500)}`]), guildId = snowflake();
    const check = (it) => {
        for (const { content } of [...it.edits, ...it.sent]) {
            assert.ok(content.length <= 2000);
            assert.ok(!/@(everyone|here)|<@/.test(content), content);
            for (const [link] of content.matchAll(/https?:\/\/\S+/g)) assert.match(link, new RegExp(`^https://discord\\.com/channels/${guildId}/${id}/\\d+\\)$`));
            for (const [, , , message] of content.matchAll(LINK)) assert.ok(ids.includes(message));
        }
    };
    llm.answer = () => bulletsOf([{ text: 'PWNED: @everyone <@123> see https://evil.example/login and ![x](https://evil.example/?q=1)', ids: [0] }, { text: 'x'.repeat(5000), ids: [1, 2, 3] }]);
    const told = await command('catchup', { hours: 6 }, { channelId: id, guildId });
    await answerOf(told);
    check(told.it);
    llm.mood = () => 400;
    discord.channels.set(snowflake(), discord.channels.get(id));
    const plain = await command('catchup', { hours: 6, channel: id }, { guildId, resolved: { channels: { [id]: { id, permissions: MAY_READ, app_permissions: MAY_READ } } } });
    assert.equal(plain.reply.body.type, 4, 'the channel has its pause');
    await eventually(async () => { const again = await command('catchup', { hours: 6 }, { channelId: id, guildId }); if (again.reply.body.type === 4) return false; await answerOf(again); check(again.it); return true; }, PATIENCE_MS);
    llm.mood = () => 'well';
});

test('while the model hangs the first answers come at once, and all others in the end', async () => {
    llm.mood = () => 'hang';
    const channels = Array.from({ length: 100 }, () => channelOf(evening).id);
    const given = await Promise.all(channels.map((channelId) => command('catchup', { hours: 6 }, { channelId })));
    for (const { reply } of given) deferred(reply);
    const times = given.map(({ reply }) => reply.ms).sort((a, b) => a - b);
    console.log(`first answers, 100 at once: p50 ${times[50].toFixed(1)} ms, p99 ${times[98].toFixed(1)} ms`);
    assert.ok(times[98] < 3000);
    llm.mood = () => 'well';
    for (const each of given) await answerOf(each);
});
