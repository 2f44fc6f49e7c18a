// The table screen: what all at the table may see, as it happens, and nothing more.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent, signUpMany } from '../e2e/parts/games.mjs';
import { DESK, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';
import { dealEvening, leave, toDay, tryPlayer } from './parts/evening.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeTable, start } from './parts/stage.mjs';

let system, browser, table, players, game;
before(async () => {
    system = await start();
    browser = await openBrowser();
    table = await makeTable(system);
    players = await signUpMany(system, 'guest', 9);
    game = await dealEvening(system, table, players);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const path = () => `/c/tv/${game.event.id}`;

test('it follows the night, the deaths and the votes', async () => {
    const { page, context, close } = await openPage(browser, system, { viewport: DESK });
    await signIn(context, system, table.god); // though its host is logged in
    const asked = [];
    page.on('request', (request) => /\/(events|stream)/.test(request.url()) && asked.push([request.url(), request.headers().authorization]));
    await visit(page, system.url + path());
    await page.getByText('9 of 9 live').waitFor();
    await page.getByText('Night 1').waitFor();
    assert.match(await page.locator('.tv-now .countdown').innerText(), /^(10:00|9:5\d)$/);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'night');
    await leave(game, players[1]);
    await page.getByText('8 of 9 live').waitFor();
    await toDay(game);
    await page.locator('.tv-phase', { hasText: 'Day' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
    const { poll } = await game.lead('POST', '/polls', { kind: 'TRIAL' });
    await page.getByText('A vote is open').waitFor();
    await game.lead('POST', `/polls/${poll.id}/close`);
    await page.locator('.tv-vote').getByText('Nobody got a vote.').waitFor();
    await tryPlayer(system, game, [players[0], players[2], players[4]], players[3]);
    const row = page.locator('.tv-vote li', { hasText: 'guest3' });
    await row.waitFor();
    assert.match(await row.innerText(), /3$/);
    await rest(page);
    await picture(page, 'tv-votes');
    const shown = await page.content();
    const told = (await readEvent(system, table.god, game.event)).players.map(({ role }) => role.name);
    assert.equal(told.length, 9);
    for (const role of told) assert.ok(!shown.includes(role), role);
    assert.ok(asked.length > 5);
    for (const [url, authorization] of asked.filter(([url]) => url.includes(game.event.id))) assert.equal(authorization, undefined, url);
    await close();
});

test('from afar and near, in each theme and language', async () => {
    await lookEveryWay(browser, system, 'tv', { path: path() });
    await lookEveryWay(browser, system, 'tv-gone', { path: '/c/tv/01a204b8-c493-744e-8dfd-817a593ee278', expected: [/status of 404/] });
});
