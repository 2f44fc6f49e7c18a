// A channel of Discord that is told of a group's events, by a webhook of the channel's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, LIMITS, makeDeck, makeGod, openEvent } from './parts/games.mjs';
import { dealFour, makeFour } from './parts/mafia.mjs';
import { assertRefused, call, eventually, ok } from './parts/people.mjs';
import { NONE, receive } from './parts/receiver.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 60000;
let system, four, other, otherDeck;

before(async () => {
    system = await startSystem({ env: { ...LIMITS, CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms' } });
    four = await makeFour(system);
    other = await makeGod(system, 'othergod');
    otherDeck = await makeDeck(system, other);
});
after(() => system?.stop());

const put = (god, body) => call(system, 'PUT', `/groups/${god.group.id}/discord`, { token: god.token, body });
const saidIn = (receiver) => receiver.got.map(({ content }) => content.replace(/<t:\d+:(.)>/g, '<$1>'));
async function tell(god, filter, receiver) {
    assert.equal((await put(god, { webhook: receiver.url, filter })).status, 204);
    return receiver;
}

test('a channel is told of the group\'s events, in words that call nobody', async () => {
    const receiver = await tell(four.god, [], await receive());
    const dealt = await dealFour(system, four, { title: 'Night of @everyone' });
    await dealt.g('POST', '/phases', { kind: 'NIGHT' });
    await dealt.g('POST', '/finish', { winning_side_ids: [four.roles.find(({ slug }) => slug === 'doctor').side_id] });
    const title = '**Night of @\u200beveryone**', last = `${title} is over`;
    await eventually(() => saidIn(receiver).includes(last), PATIENCE_MS);
    const said = saidIn(receiver);
    assert.equal(said[0], `${title} is open: 4 seats, <F>`);
    assert.deepEqual(said.filter((text) => text.includes('full')), [`${title} is full: 4 of 4 seats are taken`]);
    assert.ok(said.some((text) => /: (day|night) 1 begins$/.test(text)), said.join('\n'));
    for (const { allowed_mentions: mentions, headers } of receiver.got) assert.deepEqual([mentions, headers['content-type']], [{ parse: [] }, 'application/json']);
    receiver.close();
});

test('of what the filter names, and of no other group', async () => {
    const receiver = await tell(other, ['DONE'], await receive());
    const own = await openEvent(system, other, otherDeck, { title: 'own' }), another = await openEvent(system, four.god, four.deck, { title: 'another' });
    for (const [god, event] of [[four.god, another], [other, own]]) await as(system, god, event)('POST', '/cancel');
    await eventually(() => receiver.got.length === 1, PATIENCE_MS);
    assert.deepEqual(saidIn(receiver), ['**own** was cancelled']);
    receiver.close();
});

test('what is not taken comes again; without a webhook nothing more comes', async () => {
    const receiver = await tell(other, ['OPENED'], await receive((n) => [NONE, 500, 204][n - 1] ?? 204));
    await openEvent(system, other, otherDeck, { title: 'one' });
    await eventually(() => receiver.got.length === 1, PATIENCE_MS);
    assert.equal(receiver.requests, 3);
    assert.equal((await put(other, {})).status, 204);
    assert.deepEqual((await ok(system, 'GET', '/topics', { token: other.token })).topics, []);
    await openEvent(system, other, otherDeck, { title: 'two' });
    const later = await tell(other, ['OPENED'], await receive());
    await openEvent(system, other, otherDeck, { title: 'three' });
    await eventually(() => later.got.length >= 1, PATIENCE_MS);
    assert.match(saidIn(later)[0], /three/);
    assert.equal(receiver.got.length, 1);
    receiver.close();
    later.close();
});

test('a webhook is one of Discord, of the group\'s god', async () => {
    const refused = (god, webhook, status, code) => assertRefused(system, god, 'PUT', `/groups/${other.group.id}/discord`, { webhook }, status, code);
    for (const webhook of ['https://example.com/api/webhooks/1/a', 'https://discord.com.evil.example/api/webhooks/1/a', 'https://discord.com@evil.example/api/webhooks/1/a',
        'http://discord.com/api/webhooks/1/a', 'https://discord.com/api/v10/users', 'https://discord.com:444/api/webhooks/1/a', 'https://10.0.0.1/api/webhooks/1/a', 'file:///etc/passwd', 'x'])
        await refused(other, webhook, 400, 'INVALID_FIELD');
    await refused(four.god, 'https://discord.com/api/webhooks/1/a', 403, 'NOT_OWNER');
    assert.equal((await put(other, { webhook: 'https://discord.com/api/webhooks/1/a', filter: ['DONE'] })).status, 204);
    await assertRefused(system, other, 'POST', '/topics', { name: `discord-${four.god.group.id}`, pattern: 'events.*.public' }, 400, 'INVALID_FIELD');
    assert.equal((await put(other, {})).status, 204);
});
