// An evening at a table, with the same acts at both but for what only the owner of the hidden card, who leads, and the mafia may know.
// What everybody sees of it is kept: answers at some moments, all that was followed, and pushes.
import { as, openEvent } from '../games.mjs';
import { call, eventually, ok } from '../people.mjs';
import { answersTo, openEyes, presenceAsSeen } from './eyes.mjs';
import { plainOf } from './plain.mjs';

const PATIENCE_MS = 60000;
export const UNKNOWING = ['nobody', 'stranger', 'waiting', 'otherGod', 'viewer', 'victim'];
export const KNOWING = ['partner', 'god'];
const ABSENT = '01890000-0000-7000-8000-0000000000ff'; // of no message
const PUSHED = ['stranger', 'waiting', 'viewer', 'victim'];

function begin(system, prepared, table, service, isMafia) {
    const { event, people, random } = table, side = prepared.roles.find(({ slug }) => slug === 'mafia-boss').side_id;
    const room = (name) => `${event.id}.${name}`, rooms = { table: room('table'), side: room(`side.${side}`), owners: room(`god.${people.owner.id}`), dead: room('dead') };
    const everybody = { ...people, god: prepared.god, otherGod: prepared.otherGod, nobody: undefined };
    const evening = { system, prepared, table, service, isMafia, event, people: everybody, rooms, polls: [], said: {}, marks: 0, answers: {}, eyes: [], browsers: {}, secret: ABSENT };
    evening.g = as(system, prepared.god, event);
    evening.may = (method, route, body) => call(system, method, `/events/${event.id}${route}`, { token: prepared.god.token, body }); // or fails, by the card
    evening.plain = (text) => plainOf({ random })(text);
    return evening;
}

// Their client ids are the same at both tables.
async function say({ system, people, rooms, said, table }, who, room, text) {
    said[room] = (said[room] ?? 0) + 1;
    const client_id = `client-of-${room}-${String(said[room]).padStart(4, '0')}`;
    const { message } = await ok(system, 'POST', `/rooms/${rooms[room]}/messages`, { token: people[who].token, body: { client_id, text } });
    table.random.push([message.id, `SAID ${room} ${said[room]}`]);
    return message;
}

const types = ({ system, people, rooms }, who, room) => ok(system, 'PUT', `/rooms/${rooms[room]}/typing`, { token: people[who].token });
const cast = ({ people, system, event, polls }, who, candidate_id) => as(system, people[who], event)('PUT', `/polls/${polls.at(-1)}/ballot`, { candidate_id });

async function openPoll({ g, polls, table }, body) {
    polls.push((await g('POST', '/polls', body)).poll.id);
    table.random.push([polls.at(-1), `POLL ${polls.length}`]);
}

// ---- Looking

const CONNECTED = (id) => new RegExp(`${id}","username":"[^"]*"},"state":"CONNECTED"`);
const streamsOf = ({ eyes }) => eyes.flatMap(({ streams }) => streams);
const told = (evening, name, test, times) => Promise.all(streamsOf(evening).filter((stream) => stream.name.endsWith(` ${name}`)).map((stream) => stream.until(test, times)));

// Until so many more pushes came to each of them than before the work.
async function pushed({ browsers }, whom, work) {
    const before = whom.map((who) => browsers[who].got.length);
    await work();
    await Promise.all(whom.map((who, i) => eventually(() => browsers[who].got.length > before[i], PATIENCE_MS)));
}

const seenByGod = ({ system, people, event }, ids) => eventually(async () => {
    const { presence } = (await call(system, 'GET', `/events/${event.id}/presence`, { token: people.god.token })).body;
    return ids.every((id) => presence.people.some(({ user, state }) => user.id === id && state === 'CONNECTED'));
}, PATIENCE_MS);

async function look(evening, moment, { reads, tries = {} }) {
    const { system, table, people, rooms, polls, plain, secret } = evening;
    const variables = { id: table.event.id, table: rooms.table, secret: rooms.side, owners: rooms.owners, dead: rooms.dead, owner: people.owner.id, poll: polls[0], message: secret };
    for (const who of [...UNKNOWING, ...KNOWING]) {
        const documents = KNOWING.includes(who) ? reads : { ...reads, ...tries };
        evening.answers[`${who} ${moment}`] = { ...(await answersTo(system, documents, people[who], variables, plain)), presence: await presenceAsSeen(system, people[who], table, plain) };
    }
}

// Everybody follows what they may, at three transports, before anybody is looked for; the owner is not there.
async function openAll(evening, documents) {
    const { system, people, table, rooms } = evening;
    for (const who of [...UNKNOWING, ...KNOWING]) evening.eyes.push(await openEyes(system, who, people[who], documents, table));
    const known = evening.eyes.filter(({ who }) => who !== 'nobody');
    for (const eyes of evening.eyes) eyes.follow('event');
    for (const eyes of known) { eyes.follow('me'); eyes.follow('room', rooms.table); }
    for (const name of ['event', 'me', 'room']) await told(evening, name, /snapshot/i);
    await seenByGod(evening, ['partner', 'viewer', 'victim', 'god'].map((who) => people[who].id));
    for (const eyes of known) eyes.follow('presence');
    await told(evening, 'presence', /snapshot/i);
}

// What comes last in each stream of the event and of the table: whatever else there is to be told has been told by then.
async function mark(evening, text) {
    await evening.g('POST', `/players/${evening.people.owner.id}/fouls`);
    await say(evening, 'god', 'table', text);
    await Promise.all([told(evening, 'event', /FOULED/, ++evening.marks), told(evening, 'room', new RegExp(text))]);
}

// Everybody loses a seat of another event, of which they are told and pushed.
async function tellElsewhere(evening) {
    const { system, prepared, people, table } = evening, event = await openEvent(system, prepared.god, prepared.deck, { max_players: 4 }), g = as(system, prepared.god, event);
    table.random.push([event.id, 'ELSEWHERE']);
    for (const who of PUSHED) await as(system, people[who], event)('POST', '/reservations', {});
    await pushed(evening, PUSHED, async () => { for (const who of PUSHED) await g('DELETE', `/reservations/${people[who].id}`); });
    for (const { who, streams } of evening.eyes.filter(({ who }) => PUSHED.includes(who))) await Promise.all(streams.filter(({ name }) => name.endsWith(' me')).map((stream) => stream.until(/SEAT_FREED/)));
}

// ---- What happens

// What is between the owner and who leads.
async function whisper(evening) {
    const { g, may, people, isMafia } = evening, owner = `/players/${people.owner.id}`;
    for (const body of [{ note: 'now' }, { target_id: people.viewer.id }, {}]) await may('POST', `${owner}/abilities`, body);
    await types(evening, 'god', 'owners');
    await say(evening, 'god', 'owners', `@${people.viewer.user.username} has your card`);
    await g('POST', `${owner}/notes`, { audience: 'PLAYER', text: isMafia ? 'wake at two' : 'sleep on' });
    await g('POST', `${owner}/notes`, { audience: 'GOD', text: isMafia ? 'a nightmare' : 'harmless' });
    await g('PUT', `${owner}/score`, { score: isMafia ? 200 : 7 });
}

async function talkByDay(evening) {
    const { people } = evening;
    await types(evening, 'viewer', 'table');
    await told(evening, 'room', new RegExp(people.viewer.id));
    await say(evening, 'viewer', 'table', 'good evening');
    await told(evening, 'room', /good evening/);
    await pushed(evening, PUSHED, () => say(evening, 'god', 'table', PUSHED.map((who) => `@${people[who].user.username}`).join(' ')));
}

async function day(evening) {
    const { g, people, eyes, rooms } = evening, { viewer, victim, owner } = people;
    await g('POST', '/phases', { kind: 'DAY' });
    await talkByDay(evening);
    await whisper(evening);
    await say(evening, 'owner', 'owners', 'what am I?');
    await g('POST', `/players/${viewer.id}/notes`, { audience: 'SIDE', text: 'to your side' });
    await pushed(evening, ['viewer'], () => g('POST', `/players/${viewer.id}/notes`, { audience: 'PLAYER', text: 'to you' }));
    await g('PATCH', `/players/${owner.id}`, { status: 'PRO_KILLED_9_PHASES' });
    await openPoll(evening, { kind: 'NOMINATION' });
    for (const [who, candidate] of [['owner', viewer.id], ['viewer', owner.id], ['victim', 'NONE']]) await cast(evening, who, candidate);
    await g('POST', `/polls/${evening.polls[0]}/close`);
    await g('PATCH', `/players/${victim.id}`, { status: 'DEAD' });
    for (const room of ['dead', 'side', 'owners']) for (const each of eyes.filter(({ who }) => who !== 'nobody')) each.follow('room', rooms[room], room);
    for (const room of ['dead', 'side', 'owners']) await told(evening, room, /NOT_FOUND|snapshot/i);
    await say(evening, 'victim', 'dead', 'so dark');
    await mark(evening, 'the first day ends');
}

// The owner is there: at night with the mafia, or before the morning.
async function wake(evening, documents) {
    const { system, people, table } = evening;
    evening.owner = await openEyes(system, 'owner', people.owner, documents, table);
    await Promise.all(evening.owner.follow('event').map((stream) => stream.until(/snapshot/i)));
    await seenByGod(evening, [people.owner.id]);
}

// What the mafia does, who are one more here.
async function conspire(evening) {
    const { system, people, rooms } = evening, route = `/rooms/${rooms.side}/messages`;
    await types(evening, 'owner', 'side');
    const first = await say(evening, 'owner', 'side', PUSHED.map((who) => `@${people[who].user.username}`).join(' ')), { id } = await say(evening, 'partner', 'side', 'him');
    await ok(system, 'PATCH', `${route}/${first.id}`, { token: people.owner.token, body: { text: 'her' } });
    await ok(system, 'DELETE', `${route}/${id}`, { token: people.partner.token });
    await types(evening, 'partner', 'side');
    return id;
}

async function night(evening, documents) {
    const { g, people, table, isMafia } = evening;
    await g('POST', '/phases', { kind: 'NIGHT' });
    await told({ eyes: evening.eyes.filter(({ who }) => who !== 'god') }, 'presence', /"as_?of":"/i);
    if (isMafia) await wake(evening, documents);
    if (isMafia) evening.secret = await conspire(evening);
    table.random.push([evening.secret, 'A SECRET MESSAGE']);
    await whisper(evening);
    await g('POST', `/players/${people.owner.id}/chains`, { to_id: people.viewer.id });
    await say(evening, 'god', 'table', 'close your eyes');
    await g('POST', `/players/${people.viewer.id}/notes`, { audience: 'PLAYER', text: 'sleep' });
    await look(evening, 'at night', documents);
    if (!isMafia) await wake(evening, documents);
}

async function morning(evening, documents) {
    const { g, people } = evening;
    await g('POST', '/phases', { kind: 'DAY' });
    await told(evening, 'presence', CONNECTED(people.owner.id));
    await g('POST', `/players/${people.victim.id}/last-move`);
    await openPoll(evening, { kind: 'TRIAL', secret: true, candidates: [people.owner.id] });
    await cast(evening, 'viewer', people.owner.id);
    await tellElsewhere(evening);
    await mark(evening, 'the second day ends');
    await look(evening, 'in the morning', documents);
    await mark(evening, 'that was all');
}

// The endpoint and the signature are of the browser, and of the second.
const pushAsSeen = (browser, push) => [Object.keys(push.headers).sort(), push.headers.topic, push.headers.ttl, push.headers.urgency, push.headers['content-length'], browser.read(push)];

// What was told before is seen, so that the evening's news are all there are.
async function registerBrowsers({ system, service, people, browsers }) {
    for (const who of PUSHED) {
        const { token } = people[who], { headers } = await call(system, 'GET', '/notifications', { token });
        browsers[who] = service.newBrowser();
        await ok(system, 'POST', '/notifications/seen', { token, body: { until: headers.get('conse-cursor') } });
        await ok(system, 'POST', '/notifications/push', { token, body: browsers[who].subscription });
    }
}

// {answers: {who and when: {document: text}}, streams: {name: [frame]}, pushes: {who: [...]}}
export async function playEvening(system, prepared, table, { documents, service, isMafia }) {
    const evening = begin(system, prepared, table, service, isMafia);
    await registerBrowsers(evening);
    try {
        await openAll(evening, documents);
        await day(evening);
        await look(evening, 'by day', { reads: documents.reads });
        await night(evening, { ...documents, tries: {} });
        await morning(evening, documents);
    } finally {
        for (const each of [...evening.eyes, evening.owner]) each?.close();
    }
    const streams = Object.fromEntries(streamsOf(evening).map(({ name, frames }) => [name, frames.map(evening.plain)]));
    const pushes = Object.fromEntries(PUSHED.map((who) => [who, evening.browsers[who].got.map((push) => pushAsSeen(evening.browsers[who], push))]));
    return { answers: evening.answers, streams, pushes };
}
