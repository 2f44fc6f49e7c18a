// Two evenings that differ in one hidden card: over GraphQL, by every stream of every transport, and in pushes, who may not know it is given
// the same bytes. (evening_test.c asks services below the gateway, game_secrecy.test.mjs over REST.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS, makeGod } from './parts/games.mjs';
import { openPushService } from './parts/push.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';
import { documentsOf } from './parts/twins/documents.mjs';
import { KNOWING, playEvening, UNKNOWING } from './parts/twins/evening.mjs';
import { findTwins, prepareTables } from './parts/twins/tables.mjs';

let system, service, one, other;

before(async () => {
    const push = { CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms', CONSE_PUBLIC_URL: 'https://conse.example' };
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, ...push, CONSE_STREAMS_PER_USER: '64' } });
    service = await openPushService();
    const prepared = { ...(await prepareTables(system)), otherGod: await makeGod(system, 'othergod') };
    const documents = documentsOf(await fetch(`${system.url}/graphql/schema.graphql`).then((reply) => reply.text()));
    const [mafia, citizen] = await findTwins(system, prepared);
    one = await playEvening(system, prepared, mafia, { documents, service, isMafia: true });
    other = await playEvening(system, prepared, citizen, { documents, service, isMafia: false });
});

after(async () => {
    service?.close();
    await system?.stop();
});

const whoseIs = (name) => name.split(' ')[0];
const isOf = (whom) => ([name]) => whom.includes(whoseIs(name));

test('an answer over GraphQL is the same, its costs, errors and links too', () => {
    const compared = Object.entries(one.answers).filter(isOf(UNKNOWING));
    assert.equal(compared.length, UNKNOWING.length * 3);
    for (const [name, answers] of compared)
        for (const [document, text] of Object.entries(answers)) assert.equal(other.answers[name][document], text, `${name}: ${document}`);
    for (const [name, { event, costs, side }] of compared) {
        assert.match(event, /"title":"Friday night"/, name);
        assert.match(costs, /GRAPHQL_TOO_COSTLY.*"cost":\d+/s, name);
        if (side) assert.match(side, /"path":\["setTyping"\]/, name);
        const refused = Object.entries(one.answers[name]).filter(([, text]) => text.includes('"GRAPHQL_')).map(([document]) => document);
        assert.deepEqual(refused, ['costs'], 'others are answered');
    }
});

test('so is every frame of a stream, in its order, and there are as many', () => {
    const compared = Object.entries(one.streams).filter(isOf(UNKNOWING));
    assert.equal(compared.length, 3 * (1 + (UNKNOWING.length - 1) * 7)); // nobody follows the event alone
    for (const [name, frames] of compared) assert.deepEqual(other.streams[name], frames, name);
    for (const [name, frames] of compared.filter(([name]) => name.endsWith(' event'))) assert.equal(frames.filter((frame) => frame.includes('PHASE_OPENED')).length, 3, name);
});

test('so are pushes', () => {
    assert.deepEqual(other.pushes, one.pushes);
    for (const [who, pushes] of Object.entries(one.pushes)) assert.ok(pushes.length >= 2, who);
});

// Or the comparison could not fail.
const KNOWN = { partner: { answer: ['at night', 'secrets'], topics: ['side', 'presence'] }, god: { answer: ['by day', 'links'], topics: ['event', 'side'] } };

test('who knows the card is given something else by each of them', () => {
    assert.deepEqual(Object.keys(KNOWN), KNOWING);
    for (const [who, { answer: [moment, document], topics }] of Object.entries(KNOWN)) {
        assert.notEqual(other.answers[`${who} ${moment}`][document], one.answers[`${who} ${moment}`][document]);
        for (const transport of ['sse', 'socket', 'events'])
            for (const name of topics.map((topic) => `${who} ${transport} ${topic}`)) assert.notDeepEqual(other.streams[name], one.streams[name], name);
    }
});
