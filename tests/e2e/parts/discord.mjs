// A Discord of ours on loopback, as far as we use it: it signs interactions, serves messages in pages, takes edits and follow-ups, keeps
// buckets and a limit for all, and does what a test tells it: answers late, not at all, or with faults.
import crypto from 'node:crypto';
import http from 'node:http';
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionResponseType, InteractionType, MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10';

const EPOCH = 1420070400000n, LIFE_MS = 15 * 60000, MOST = 2000, ALL_A_SECOND = 50, ENDLESS = 20 << 20;
export const MAY_READ = String(PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory);

let serial = 0n;
export const snowflake = (ms = Date.now()) => String(((BigInt(ms) - EPOCH) << 22n) | (serial++ & 0x3fffffn));
const timeOf = (id) => Number((BigInt(id) >> 22n) + EPOCH);

// {api, publicKey, token, applicationId, channels, requests, refusals, mood, intent, ...}. channels: Map of {messages, forbidden}, newest first.
// mood(request, n) of the n-th request may give {status, retryAfter, scope}, 'hang', 'lost' (done, and not told), 'held' (done, and never answered),
// 'unheard' (not done, and the connection ends), 'garbage', 'endless' (20 MB).
// interactions: Map by token of {id, answered, loading, edits, sent}.
export async function startDiscord({ perWindow = 5, windowMs = 200 } = {}) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const discord = { publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'), token: 'a-bot-token', applicationId: snowflake(),
        channels: new Map(), interactions: new Map(), commands: [], requests: [], refusals: [], intent: true, mood: () => undefined, limits: { perWindow, windowMs } };
    const buckets = new Map(), all = { begun: 0, count: 0 };
    discord.sign = (body, timestamp = String(Math.floor(Date.now() / 1000))) => ({ 'Content-Type': 'application/json', 'X-Signature-Timestamp': timestamp,
        'X-Signature-Ed25519': crypto.sign(null, Buffer.concat([Buffer.from(timestamp), Buffer.from(body)]), privateKey).toString('hex') });
    discord.server = http.createServer((request, response) => void serve(discord, { buckets, all }, request, response).catch((error) => response.destroy(error)));
    discord.server.on('connection', (socket) => socket.unref()).unref(); // a test that fails closes none
    await new Promise((resolve) => discord.server.listen(0, '127.0.0.1', resolve));
    discord.root = `http://127.0.0.1:${discord.server.address().port}/api`;
    discord.api = `${discord.root}/v10`;
    discord.close = () => { discord.server.closeAllConnections(); discord.server.close(); };
    return discord;
}

// ---- What somebody does in Discord

// Posts a signed body to the installation; its answer.
export async function post(discord, url, payload) {
    const body = JSON.stringify(payload), begun = performance.now();
    const response = await fetch(`${url}/discord/interactions`, { method: 'POST', headers: discord.sign(body), body });
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), body: text && JSON.parse(text), ms: performance.now() - begun };
}

// What Discord sends of a command.
export function commandOf(discord, name, { options = {}, userId = snowflake(), guildId = snowflake(), channelId = snowflake(), may = MAY_READ, appMay = MAY_READ, resolved } = {}) {
    const types = { number: ApplicationCommandOptionType.Integer, boolean: ApplicationCommandOptionType.Boolean, string: ApplicationCommandOptionType.String };
    const user = { id: userId, username: `user${userId}` };
    return { id: snowflake(), application_id: discord.applicationId, type: InteractionType.ApplicationCommand, token: crypto.randomBytes(160).toString('base64url'), version: 1,
        channel_id: channelId, app_permissions: appMay, locale: 'en-US', entitlements: [],
        ...(guildId ? { guild_id: guildId, member: { user, permissions: may, roles: [] } } : { user }),
        data: { id: snowflake(), name, type: ApplicationCommandType.ChatInput, ...(resolved ? { resolved } : {}),
            options: Object.entries(options).map(([option, value]) => ({ name: option, type: option === 'channel' ? ApplicationCommandOptionType.Channel : types[typeof value], value })) } };
}

// {reply, it, payload}: somebody gives a command. `it` is what Discord knows of the interaction.
export async function give(discord, url, name, how) {
    const payload = commandOf(discord, name, how);
    return { payload, ...(await deliver(discord, url, payload)) };
}

// The same one may be delivered again.
export async function deliver(discord, url, payload) {
    const it = discord.interactions.get(payload.token) ?? { id: payload.id, answered: false, loading: false, edits: [], sent: [] };
    discord.interactions.set(payload.token, it);
    const reply = await post(discord, url, payload);
    it.answered ||= reply.status === 200;
    it.loading = reply.body.type === InteractionResponseType.DeferredChannelMessageWithSource;
    it.flags = reply.body.data?.flags ?? 0;
    return { reply, it };
}

export const press = (discord, url, custom_id) => post(discord, url, { id: snowflake(), application_id: discord.applicationId, type: InteractionType.MessageComponent,
    token: 'pressed', channel_id: snowflake(), user: { id: snowflake() }, data: { custom_id, component_type: 2 } });

// Adds a message, the newest.
export function say(discord, channelId, username, content, { ms = Date.now(), ...rest } = {}) {
    const channel = discord.channels.get(channelId) ?? { messages: [] };
    const message = { id: snowflake(ms), type: 0, channel_id: channelId, author: { id: snowflake(), username, bot: false }, content, attachments: [], embeds: [], mentions: [], ...rest };
    discord.channels.set(channelId, channel);
    channel.messages.unshift(message);
    return message;
}

// ---- What it serves

const json = (response, status, body, headers = {}) => response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body === undefined ? undefined : JSON.stringify(body));
const refuse = (response, status, code, message) => json(response, status, { code, message });

function tooMany(discord, response, { retryAfter, scope }, headers = {}) {
    discord.refusals.push(scope);
    json(response, 429, { message: 'You are being rate limited.', retry_after: retryAfter, global: scope === 'global' },
        { ...headers, 'Retry-After': String(retryAfter), 'X-RateLimit-Scope': scope, ...(scope === 'global' ? { 'X-RateLimit-Global': 'true' } : {}) });
}

// Headers of the bucket; undefined when it is empty, and then that is said.
function draw(discord, buckets, response, name, major) {
    const { perWindow, windowMs } = discord.limits, now = Date.now();
    let bucket = buckets.get(`${name}:${major}`);
    if (!bucket || now >= bucket.until) buckets.set(`${name}:${major}`, (bucket = { until: now + windowMs, left: perWindow }));
    const after = (bucket.until - now) / 1000;
    const headers = { 'X-RateLimit-Bucket': crypto.createHash('md5').update(name).digest('hex'), 'X-RateLimit-Limit': String(perWindow),
        'X-RateLimit-Remaining': String(Math.max(bucket.left - 1, 0)), 'X-RateLimit-Reset': String(bucket.until / 1000), 'X-RateLimit-Reset-After': after.toFixed(3) };
    if (bucket.left-- > 0) return headers;
    tooMany(discord, response, { retryAfter: after, scope: 'user' }, headers);
    return undefined;
}

function withinAll(discord, all, response) {
    const now = Date.now();
    if (now - all.begun >= 1000) Object.assign(all, { begun: now, count: 0 });
    if (++all.count <= ALL_A_SECOND) return true;
    tooMany(discord, response, { retryAfter: (all.begun + 1000 - now) / 1000, scope: 'global' });
    return false;
}

async function serve(discord, { buckets, all }, request, response) {
    const body = Buffer.concat(await request.toArray()).toString(), url = new URL(request.url, 'http://discord');
    const asked = { method: request.method, path: url.pathname, query: url.searchParams, body: body && JSON.parse(body), authorization: request.headers.authorization, at: Date.now() };
    const n = discord.requests.push(asked), mood = await discord.mood(asked, n);
    if (mood === 'hang') return undefined;
    if (mood === 'unheard') return response.destroy();
    if (mood?.status === 429) return tooMany(discord, response, mood);
    if (mood?.status) return json(response, mood.status, { code: 0, message: 'as told' });
    if (mood === 'endless') return response.writeHead(200, { 'Content-Type': 'application/json' }).end(' '.repeat(ENDLESS));
    if (mood === 'garbage') return response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>welcome</html>');
    if (mood === 'lost' || mood === 'held') {
        await route(discord, { buckets, all }, asked, { writeHead: () => ({ end: () => {} }) });
        return mood === 'lost' ? response.destroy() : undefined;
    }
    return route(discord, { buckets, all }, asked, response);
}

function route(discord, shared, asked, response) {
    const [, , , what, first, second, third, fourth] = asked.path.split('/'); // "", api, v10, ...
    if (what === 'channels' && second === 'messages' && asked.method === 'GET') return byBot(discord, shared, asked, response, () => giveMessages(discord, shared, asked, response, first));
    if (what === 'applications' && first === '@me') return byBot(discord, shared, asked, response, () => json(response, 200, { id: discord.applicationId, name: 'conse' }));
    if (what === 'applications' && (second === 'commands' || fourth === 'commands')) return byBot(discord, shared, asked, response, () => keepCommands(discord, asked, response));
    if (what === 'webhooks' && third === 'messages' && fourth === '@original') return original(discord, shared, asked, response, second);
    if (what === 'webhooks' && asked.method === 'POST') return followUp(discord, shared, asked, response, second);
    return refuse(response, 404, 0, '404: Not Found');
}

function byBot(discord, { all }, asked, response, then) {
    if (asked.authorization !== `Bot ${discord.token}`) return refuse(response, 401, 0, '401: Unauthorized');
    return withinAll(discord, all, response) ? then() : undefined;
}

function giveMessages(discord, { buckets }, asked, response, channelId) {
    const headers = draw(discord, buckets, response, 'GET /channels/:id/messages', channelId), channel = discord.channels.get(channelId) ?? { messages: [] };
    if (!headers) return undefined;
    if (channel.forbidden) return refuse(response, 403, 50001, 'Missing Access');
    const limit = Number(asked.query.get('limit') ?? 50), before = BigInt(asked.query.get('before') ?? '9223372036854775807');
    if (!(limit >= 1 && limit <= 100)) return refuse(response, 400, 50035, 'Invalid Form Body');
    const shown = channel.messages.filter(({ id }) => BigInt(id) < before).slice(0, limit);
    return json(response, 200, shown.map((message) => (discord.intent ? message : { ...message, content: '', attachments: [], embeds: [] })), headers);
}

function keepCommands(discord, asked, response) {
    if (asked.method === 'PUT') discord.commands = asked.body.map((command) => ({ ...command, id: snowflake(), application_id: discord.applicationId, nsfw: false, default_member_permissions: null }));
    return json(response, 200, discord.commands);
}

// Known once its first answer is here, and for 15 minutes.
function known(discord, response, token) {
    const it = discord.interactions.get(token);
    if (it?.answered && Date.now() - timeOf(it.id) < LIFE_MS) return it;
    refuse(response, 404, 10015, 'Unknown Webhook');
    return undefined;
}

const fits = (response, { content }) => (typeof content === 'string' && content.length >= 1 && content.length <= MOST) || (refuse(response, 400, 50035, 'Invalid Form Body'), false);
const shown = (it) => ({ id: it.id, type: 20, content: it.edits.at(-1)?.content ?? '', flags: (it.loading ? MessageFlags.Loading : 0) | it.flags });

function original(discord, { buckets }, asked, response, token) {
    const headers = draw(discord, buckets, response, `${asked.method} /webhooks/@original`, token), it = headers && known(discord, response, token);
    if (!it) return undefined;
    if (asked.method === 'PATCH') {
        if (!fits(response, asked.body)) return undefined;
        it.edits.push(asked.body);
        it.loading = false;
    }
    return json(response, 200, shown(it), headers);
}

function followUp(discord, { buckets }, asked, response, token) {
    const headers = draw(discord, buckets, response, 'POST /webhooks', token), it = headers && known(discord, response, token);
    if (!it || !fits(response, asked.body)) return undefined;
    it.sent.push(asked.body);
    return json(response, 200, { id: snowflake(), type: 0, ...asked.body }, headers);
}
