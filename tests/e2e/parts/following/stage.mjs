// Plays a case: one follower for each transport, who all do and must see what its steps say, and whose entries are in the end those of
// the log. A step is words: what somebody does (world.mjs), or what the followers do (MOVES). "sse socket: ..." is for these alone, and
// "... meanwhile" goes on beside the next steps, until "done".
import assert from 'node:assert/strict';
import { readLog } from '../games.mjs';
import { call, eventually, ok } from '../people.mjs';
import { compareSnapshot } from './snapshots.mjs';
import { TRANSPORTS, faceOf } from './transports.mjs';
import { ACTS, openGame, roomOf } from './world.mjs';

export const NAMES = Object.keys(TRANSPORTS);
export const seen = { resets: new Set(), hops: new Set() }; // in all cases

const topicOf = (game, name) => {
    const [kind, room] = name.split(' ');
    const { event, role } = game;
    return { me: 'me', event: `event:${event.id}`, room: `room:${roomOf(game, room)}`, topic: `topic:${event.id}`, market: `market:${role}`, orders: 'orders', presence: `presence:${event.id}` }[kind];
};

const offsetOf = (cursor) => Number(cursor.split('.')[1]);
const epochOf = (cursor) => cursor.split('.')[0];

// ---- What a follower takes

async function open(follower) {
    const { game, topics, viewer, at, transport, cursor } = follower;
    follower.line?.close();
    follower.line = await TRANSPORTS[transport](game.world.gateways[at], topics, game.people[viewer], cursor);
}

// The entries since the newest snapshot, or since a cursor from elsewhere.
function restart(follower, topic, cursor) {
    follower.cursor[topic] = cursor;
    follower.held[topic] = { base: offsetOf(cursor), entries: [] };
}

const PATIENCE_MS = 90000; // a service may have to come back first

async function next({ line, transport }) {
    let late;
    const timer = new Promise((resolve, reject) => { late = setTimeout(() => reject(new Error(`${transport} is told nothing`)), PATIENCE_MS); });
    return Promise.race([line.next(), timer]).finally(() => clearTimeout(late));
}

async function take(follower) {
    const message = await next(follower);
    const { what, of, cursor } = message;
    if (what === 'snapshot') restart(follower, of, cursor);
    if (what === 'snapshot') await compareSnapshot(follower, message);
    if (what === 'entry') follower.held[of].entries.push({ ...message.entry, cursor });
    if (what === 'reset') seen.resets.add(message.why);
    follower.ended = what === 'error';
    Object.assign(follower.cursor, cursor ? { [of]: cursor } : {});
    return message;
}

const wordOf = ({ what, why, entry }) => {
    if (what === 'entry') return entry.kind === 'SAID' ? `SAID ${entry.body.split(' ').slice(1).join(' ')}` : entry.kind;
    return why && what !== 'cut' ? `${what} ${why}` : what;
};

// "A, B ×3" is four messages. Of several streams the order among them is free.
function expand(text) {
    return text.split(', ').flatMap((each) => {
        const [, word, times] = /^(.*?)(?: ×(\d+))?$/.exec(each);
        return Array(Number(times ?? 1)).fill(word);
    });
}

async function mustSee(follower, text) {
    const wanted = expand(text), several = follower.topics.length > 1, got = [];
    while (got.length < wanted.length) {
        const message = await take(follower);
        const topic = several ? `${message.of?.split(':')[0]} ` : '';
        got.push(`${topic}${wordOf(message)}`);
        if (!several && got.at(-1) !== wanted[got.length - 1]) break;
    }
    const order = (words) => (several ? [...words].sort() : words);
    assert.deepEqual(order(got), order(wanted), `${follower.transport} sees ${got.slice(-5)}`);
}

// ---- The log beside it

async function readTold(game, viewer) {
    const { token } = game.people[viewer], told = [];
    for (let before = ''; ;) {
        const page = await ok(game.world.second, 'GET', `/notifications?page_size=100${before && `&before=${before}`}`, { token });
        told.unshift(...page.notifications.toReversed());
        if (!page.more) return told;
        before = told[0].index;
    }
}

// Of a room, or a topic.
async function readPages(game, viewer, log, cursor, base) {
    const entries = [];
    for (let after = `${epochOf(cursor)}.${base}`; ;) {
        const page = await ok(game.world.second, 'GET', `${log}?limit=500&after=${after}`, { token: game.people[viewer].token });
        assert.equal(page.reset, undefined);
        entries.push(...page.entries);
        if (!page.entries.length) return entries;
        after = page.cursor;
    }
}

// No read has what came in a book, or of one's orders; a stream has that nobody breaks, at the second gateway, from before others follow.
const WITNESSED = ['market', 'orders'];

async function openWitness({ game, viewer }, topic) {
    const line = await TRANSPORTS.sse(game.world.second, [topic], game.people[viewer]), witness = { line, entries: [] };
    const listen = async () => {
        for (let message = await line.next(); message.what !== 'cut'; message = await line.next())
            if (message.what === 'entry') witness.entries.push({ ...message.entry, cursor: message.cursor });
    };
    assert.equal((await line.next()).what, 'snapshot');
    listen();
    return witness;
}

async function readWitness(game, topic, cursor, base) {
    const { entries } = await game.witnesses[topic], offset = offsetOf(cursor);
    await eventually(() => offset === base || entries.some(({ number }) => number >= offset), PATIENCE_MS);
    return entries.filter(({ number }) => number > base);
}

// What the viewer's log has behind a place.
async function logOf({ game, viewer, held, cursor }, topic) {
    const { base } = held[topic], [kind, id] = topic.split(':');
    if (WITNESSED.includes(kind)) return readWitness(game, topic, cursor[topic], base);
    if (kind === 'room' || kind === 'topic') return readPages(game, viewer, `/${kind}s/${id}/log`, cursor[topic], base);
    const all = kind === 'me' ? await readTold(game, viewer) : (await readLog(game.world.second, game.people[viewer], game.event)).entries;
    return all.filter(({ index }) => Number(index) > base);
}

// Nothing is missing, nothing is there twice.
async function compare(follower) {
    for (const topic of follower.ended ? [] : follower.topics.filter((each) => !each.startsWith('presence:'))) {
        const { base, entries } = follower.held[topic];
        const log = (await logOf(follower, topic)).map((entry) => (WITNESSED.includes(topic.split(':')[0]) ? entry : { ...faceOf(entry), cursor: entry.cursor }));
        assert.deepEqual(entries.map(({ number }) => number), log.map(({ number }) => number), `${follower.transport}: ${topic}`);
        assert.deepEqual(entries, log, `${follower.transport}: ${topic}`);
        assert.ok(entries.every(({ number, cursor }, i) => number === base + i + 1 && offsetOf(cursor) === number), `${follower.transport}: ${topic} has gaps`);
    }
}

// ---- What followers do

// A cursor as some read of this moment gives it.
async function readCursor({ game, at }, topic, who) {
    const [kind, id] = topic.split(':'), route = { event: `/events/${id}`, room: `/rooms/${id}/messages`, me: '/notifications', topic: `/topics/${id}/log`, market: `/market/books/${id}`, presence: `/events/${id}/presence` }[kind];
    const { status, headers } = await call(kind === 'presence' ? game.world.gateways[at] : game.world.second, 'GET', route, { token: game.people[who]?.token });
    assert.equal(status, 200);
    return headers.get('conse-cursor');
}

async function holds(follower, cursor) {
    for (const topic of follower.topics) restart(follower, topic, await cursor(topic));
}

// Takes what comes next. Who is cut off comes again.
async function persist(follower) {
    const { what } = await take(follower);
    if (what === 'cut' || what === 'bye') await MOVES.elsewhere(follower);
    else assert.ok(what === 'entry' || what === 'live', `${follower.transport} sees ${what}`);
    return what;
}

const MOVES = {
    follow: async (follower) => {
        for (const topic of follower.topics.filter((each) => WITNESSED.includes(each.split(':')[0]))) await (follower.game.witnesses[topic] ??= openWitness(follower, topic));
        follower.cursor = {};
        return open(follower);
    },
    back: open,
    as: (follower, who) => { follower.viewer = who; },
    hop: (follower, by) => {
        const from = follower.transport, others = follower.over;
        follower.transport = others[(others.indexOf(from) + Number(by)) % others.length];
        seen.hops.add(`${follower.topics[0].split(':')[0]}: ${from} to ${follower.transport}`);
        return open(follower);
    },
    elsewhere: (follower) => { follower.at = 1 - follower.at; return open(follower); },
    leave: (follower) => follower.line.close(),
    sees: (follower, ...words) => mustSee(follower, words.join(' ')),
    ends: async (follower) => {
        const { what } = await take(follower);
        assert.ok(['bye', 'cut', 'error'].includes(what), `${follower.transport} sees ${what}`);
        follower.ended = false;
    },
    reads: (follower, who = follower.viewer) => holds(follower, (topic) => readCursor(follower, topic, who)),
    // So many entries, or all that are there when this step begins, come what may on the way.
    takes: async (follower, count) => { for (let left = Number(count); left;) if ((await persist(follower)) === 'entry') left--; },
    catches: async (follower) => {
        for (const topic of follower.topics) {
            const log = await logOf(follower, topic), head = log.length ? log.at(-1).cursor : follower.cursor[topic];
            while (follower.cursor[topic] !== head) await persist(follower);
        }
    },
    // Cursors that nobody gave.
    strays: (follower) => holds(follower, () => readCursor(follower, 'me', follower.viewer)), // of another stream
    garbled: (follower, text) => { follower.topics.forEach((topic) => { follower.cursor[topic] = text; }); },
    forged: (follower, by) => holds(follower, (topic) => `${epochOf(follower.cursor[topic])}.${offsetOf(follower.cursor[topic]) + Number(by)}`),
    keeps: (follower) => { follower.kept = { ...follower.cursor }; },
    returns: (follower) => holds(follower, (topic) => follower.kept[topic]),
};

// ---- A case

async function play(game, followers, step) {
    const [, only, words] = /^(?:([a-z ]+): )?(.*)$/.exec(step);
    const [verb, ...rest] = words.split(' '), mine = followers.filter(({ transport }) => !only || only.split(' ').includes(transport));
    if (verb === 'done') return void await Promise.all(game.meanwhile.splice(0));
    if (!MOVES[verb]) assert.ok(ACTS[verb], `no such step: ${step}`);
    if (MOVES[verb]) return void await Promise.all(mine.map((follower) => MOVES[verb](follower, ...rest)));
    if (rest.at(-1) === 'meanwhile') game.meanwhile.push(ACTS[verb](game, ...rest.slice(0, -1)));
    else await ACTS[verb](game, ...rest);
    game.acted_ms = Date.now();
}

export async function playCase(world, { follows, as, over = NAMES, dealt, terms, steps }) {
    const game = Object.assign(await openGame(world, { dealt, terms }), { meanwhile: [], witnesses: {}, acted_ms: 0 });
    const topics = follows.map((name) => topicOf(game, name));
    const followers = over.map((transport) => ({ game, topics, viewer: as, transport, over, at: 0, cursor: {}, held: {} }));
    try {
        for (const [i, step] of steps.entries())
            await play(game, followers, step).catch((error) => { error.message = `step ${i + 1}, "${step}": ${error.message}`; throw error; });
        await Promise.all(followers.map(compare));
    } finally {
        await Promise.allSettled(game.meanwhile);
        for (const { line } of [...followers, ...(await Promise.all(Object.values(game.witnesses)))]) line?.close();
        for (const visit of game.visits) visit.close();
    }
    return followers.length;
}
