// Two games whose hidden cards differ, watched by a player whose own card is the same: their page asks for, gets, shows and keeps the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, makeGod, openEvent, seatAll, signUpMany } from '../e2e/parts/games.mjs';
import { ok } from '../e2e/parts/people.mjs';
import { openBrowser, openPage, signIn, visit } from './parts/browser.mjs';
import { listen } from './parts/listen.mjs';
import { start } from './parts/stage.mjs';

const SLUGS = ['mafia-boss', 'doctor', 'sheriff'];
let system, browser, god, deck, players;
before(async () => {
    system = await start();
    browser = await openBrowser();
    god = await makeGod(system, 'twins');
    players = await signUpMany(system, 'twin', 3);
    const { roles } = await ok(system, 'GET', '/roles');
    const body = { group_id: god.group.id, name: 'three', roles: SLUGS.map((slug) => ({ role_id: roles.find((role) => role.slug === slug).id, copies: 1 })) };
    deck = (await ok(system, 'POST', '/decks', { token: god.token, body })).deck;
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function deal() {
    const event = await openEvent(system, god, deck, { title: 'Twins', max_players: 3, starts_at: { local: '2031-01-03T20:30:00', zone: 'Asia/Tehran' } });
    await seatAll(system, event, players);
    const lead = as(system, god, event);
    await lead('POST', '/lock');
    return { event, lead, cards: (await lead('POST', '/reveal', {})).event.players.map(({ role_id }) => role_id) };
}

// Two deals that differ only in what the first player may not know.
async function dealTwins() {
    for (const games = []; ; ) {
        const game = await deal();
        const twin = games.find(({ cards }) => cards[0] === game.cards[0] && cards[1] !== game.cards[1]);
        if (twin) return [twin, game];
        games.push(game);
    }
}

const HASHES = /"(commitments|further_root|root|secret|salt|hash|signature|payload|siblings|nonce_hashes|deck_hash)":("[^"]*"|\[[^\]]*\])/g;
const formOf = (text, { event, polls }) =>
    [[event.id, 'EVENT'], [event.join_code, 'CODE'], ...polls.map((id) => [id, 'POLL'])].reduce((form, [id, name]) => form.replaceAll(id, name), text)
        .replace(HASHES, (_, name, value) => `"${name}":${value.length}`).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
        .replace(/[a-z2-7]{8}\.(\d+)/g, 'CURSOR.$1').replace(/"server_time":\d+/g, 'NOW').replace(/^(id|retry|:).*$/gm, '');

const untilShown = (page, text) => page.getByText(text).first().waitFor();

// The same evening, seen by the first player; what their page was told, showed and kept.
async function watch(game) {
    const { event, lead } = game;
    game.polls = [];
    const { page, context, close } = await openPage(browser, system);
    await signIn(context, system, players[0]);
    await context.addInitScript(listen);
    await visit(page, `${system.url}/c/table/${event.id}`);
    await page.locator('.held').waitFor();
    const shown = [];
    const see = async () => shown.push(formOf(await page.locator('main').innerHTML(), game));
    await see();
    await lead('POST', '/phases', { kind: 'NIGHT' });
    await untilShown(page, 'Night 1');
    await see();
    for (const player of players.slice(1)) await lead('POST', `/players/${player.id}/notes`, { text: 'for your eyes', audience: 'PLAYER' });
    await lead('POST', '/phases', { kind: 'DAY' });
    await untilShown(page, 'Day 2');
    await lead('PATCH', `/players/${players[1].id}`, { status: 'DEAD' });
    await page.locator('.chair.out').waitFor();
    await see();
    game.polls.push((await lead('POST', '/polls', { kind: 'TRIAL' })).poll.id);
    await page.locator('.choice').first().waitFor();
    await see();
    const told = await page.evaluate(() => window.told);
    const kept = await page.evaluate(async () => (await navigator.serviceWorker.ready, JSON.stringify([{ ...localStorage }, { ...sessionStorage }, (await indexedDB.databases()).map(({ name }) => name), await caches.keys()])));
    await close();
    const forms = told.filter(({ asked }) => /events|stream/.test(asked)).flatMap(({ asked, text }) => text.split(/\n\n|^$/m).map((part) => formOf(`${asked}\n${part}`, game)));
    return { shown, kept, told: [...new Set(forms.filter((form) => !/event: (head|live)/.test(form)))].sort() };
}

test('a player’s page is the same whatever the others’ cards are', { timeout: 120000 }, async () => {
    const [one, two] = await dealTwins();
    const seenOne = await watch(one), seenTwo = await watch(two);
    assert.deepEqual(seenTwo.shown, seenOne.shown);
    assert.equal(seenTwo.kept, seenOne.kept);
    assert.deepEqual(seenTwo.told, seenOne.told);
    assert.ok(seenOne.told.length > 5);
});
