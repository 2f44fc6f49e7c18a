// What people do meanwhile: a game with a day in each stage, accounts that come and go, and commands without a pause whose effects
// are counted at the end.
import assert from 'node:assert/strict';
import { openBody } from '../../e2e/parts/games.mjs';
import { call, eventually, PASSWORD } from '../../e2e/parts/people.mjs';

const VOID_MS = 5000;
const bytes = (base64) => Buffer.from(base64 ?? '', 'base64');

export const openAs = async (round, god, deck, more) => (await round.ask('POST', '/events', { token: god.token, body: openBody(god, deck, more) })).event;
export const command = (round, person, event) => (method, route, body = {}) => round.ask(method, `/events/${event.id}${route}`, { token: person.token, body });

export const eventAt = async (round, person, event, at) => (await round.ask('GET', `/events/${event.id}`, { token: person.token, at })).event;

export async function logOf(round, person, event) {
    const entries = [];
    for (let from = '1'; ; ) {
        const page = await round.ask('GET', `/events/${event.id}/log?from=${from}&limit=500`, { token: person.token });
        entries.push(...page.entries);
        if (page.entries.length === 0) return { ...page, entries };
        from = page.next;
    }
}

// ---- The game

export async function startGame(round, god, deck, players) {
    const event = await openAs(round, god, deck, { title: 'the evening', max_players: players.length });
    for (const player of players) await command(round, player, event)('POST', '/reservations');
    return event;
}

export async function dealCards(round, god, event) {
    await command(round, god, event)('POST', '/lock');
    await command(round, god, event)('POST', '/reveal');
}

// A day with a poll whose ballots are changed once, so that the last of each counts; and a night.
export async function playDay(round, god, event, players) {
    const run = command(round, god, event);
    await run('POST', '/phases', { kind: 'DAY' });
    const { poll } = await run('POST', '/polls', { kind: 'NOMINATION' });
    const [first, second, ...voters] = players;
    for (const candidate of [first, second])
        await Promise.all(voters.map((voter) => command(round, voter, event)('PUT', `/polls/${poll.id}/ballot`, { candidate_id: candidate.id })));
    const closed = await run('POST', `/polls/${poll.id}/close`);
    const weights = Object.fromEntries(closed.poll.counts.map(({ candidate_id, weight }) => [candidate_id, weight]));
    assert.deepEqual([weights[first.id], weights[second.id]], [0, voters.length]);
    await run('POST', '/phases/current/close');
    await run('POST', '/phases', { kind: 'NIGHT' });
    await run('POST', '/phases/current/close');
}

// ---- Accounts

// Somebody comes, logs in, and out: then the token is void at every gateway.
export async function comeAndGo(round, username) {
    const body = { username, password: PASSWORD };
    await round.ask('POST', '/auth/signup', { body });
    const { access_token: token } = await round.ask('POST', '/auth/login', { body });
    assert.equal((await round.ask('GET', '/auth/me', { token })).user.username, username);
    await round.ask('POST', '/auth/logout', { token, body: {} });
    for (const i of round.system.urls.keys())
        await eventually(async () => (await call(round.at(i), 'GET', '/auth/me', { token })).status === 401, VOID_MS);
    await round.ask('POST', '/auth/login', { body });
}

// ---- Many commands

const edit = (round, god, event, content) => round.ask('PATCH', `/events/${event.id}`, { token: god.token, body: { content } });

// So many entries that a snapshot follows.
export async function fill(round, god, event, { count = 1010, together = 16 } = {}) {
    let left = count;
    const one = async () => {
        while (left-- > 0) await edit(round, god, event, `${left} to go`);
    };
    await Promise.all(Array.from({ length: together }, one));
}

const COMES_MOST = 18; // somebody may come to an event 20 times

// Edits one event, and people take and free a seat in it, until it is ended
// (or nobody may any more): {end()}, which gives what was acknowledged.
export function keepBusy(round, god, event, people) {
    const done = { edits: [], seats: 0 };
    let ended = false;
    const edits = async () => {
        for (let n = 1; !ended; n++) {
            await edit(round, god, event, `edit ${n};`);
            done.edits.push(`edit ${n};`);
        }
    };
    const seats = async () => {
        for (; !ended && done.seats < people.length * COMES_MOST; done.seats++) {
            const person = people[Math.floor(done.seats / COMES_MOST)];
            await command(round, person, event)('POST', '/reservations');
            await round.ask('DELETE', `/events/${event.id}/reservations/${person.id}`, { token: person.token });
        }
    };
    const both = Promise.all([edits(), seats()]);
    both.catch(() => {}); // end() tells
    const end = async () => {
        ended = true;
        await both;
        return done;
    };
    return { end };
}

// Each acknowledged command has one entry, and there is no other.
export async function assertOnce(round, god, event, done) {
    const { entries } = await logOf(round, god, event);
    const contents = entries.filter(({ kind }) => kind === 'EDITED').map(({ payload }) => /edit \d+;/.exec(bytes(payload).toString('latin1'))?.[0]);
    assert.deepEqual(contents, done.edits);
    for (const kind of ['RESERVED', 'SEAT_FREED']) assert.equal(entries.filter((entry) => entry.kind === kind).length, done.seats, kind);
}

// ---- What only the next version writes

export const askReady = (round, god, event) => command(round, god, event)('POST', '/ready-check', { seconds: 30 });
export const applauses = async (round, god, event) =>
    (await logOf(round, god, event)).entries.filter(({ kind }) => kind === 'APPLAUDED').length;
export const finish = (round, god, event, winners) => command(round, god, event)('POST', '/finish', { winning_side_ids: winners });
