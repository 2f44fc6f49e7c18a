// Cards on paper: the deck for all, the dealt cards for who leads; and on the screen nothing of who has which.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent, signUpMany } from '../e2e/parts/games.mjs';
import { DESK, openBrowser, openPage, signIn, visit } from './parts/browser.mjs';
import { dealEvening } from './parts/evening.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeTable, start } from './parts/stage.mjs';

let system, browser, table, players, game;
before(async () => {
    system = await start();
    browser = await openBrowser();
    table = await makeTable(system);
    players = await signUpMany(system, 'guest', 4);
    game = await dealEvening(system, table, players);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const path = () => `/c/print/${game.event.id}`;

test('the deck is printed by anyone, a card for each copy', async () => {
    const { page, close } = await openPage(browser, system, { viewport: DESK, theme: 'night' });
    await visit(page, system.url + path());
    assert.equal(await page.locator('.print-card').count(), 9);
    assert.equal(await page.locator('.print-card h2', { hasText: 'Doctor' }).count(), 2);
    assert.equal(await page.getByRole('radio').count(), 0);
    await page.emulateMedia({ media: 'print' });
    assert.ok(!(await page.locator('.print-head').isVisible()));
    assert.ok(await page.locator('.print-effect').first().isVisible());
    assert.match((await page.pdf({ format: 'A4' })).subarray(0, 5).toString(), /^%PDF-/);
    await close();
});

test('who leads prints who has which card, and the screen does not show it', async () => {
    const { page, context, close } = await openPage(browser, system, { viewport: DESK });
    await signIn(context, system, table.god);
    await visit(page, system.url + path());
    await page.getByRole('radio', { name: 'By player' }).check();
    assert.equal(await page.locator('.print-card').count(), 4);
    assert.equal(await page.locator('.print-face:visible').count(), 0);
    await page.emulateMedia({ media: 'print' });
    for (const { username, role } of (await readEvent(system, table.god, game.event)).players) {
        const card = page.locator('.print-card', { hasText: username });
        assert.ok(await card.locator('h2', { hasText: role.name }).isVisible(), username);
    }
    await close();
});

test('in each size, theme and language', () => lookEveryWay(browser, system, 'print', { path: path() }));
