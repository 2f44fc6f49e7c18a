// What keys do, in every layout, and never while somebody writes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent } from '../e2e/parts/games.mjs';
import { dealFour, makeFour } from '../e2e/parts/mafia.mjs';
import { eventually } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, DESK, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
let system, browser, four, game;
before(async () => {
    system = await start();
    browser = await openBrowser();
    four = await makeFour(system);
    game = await dealFour(system, four);
    await game.g('POST', '/phases', { kind: 'DAY', timer: '600s' });
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function open(person, path, more) {
    const opened = await openPage(browser, system, { viewport: DESK, ...more });
    await signIn(opened.context, system, person);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, system.url + path);
    return opened;
}
const phase = async () => (await readEvent(system, four.god, game.event)).phase;
const focused = (page) => page.evaluate(() => document.activeElement.textContent);
const untilFocused = (page, text) => eventually(async () => (await focused(page)).includes(text), PATIENCE_MS);

test('a host leads by keys', { timeout: 90000 }, async () => {
    const { page, close } = await open(four.god, `/c/lead/${game.event.id}`, { theme: 'dark' });
    await page.keyboard.press('p');
    await eventually(async () => (await phase()).state === 'PAUSED', PATIENCE_MS);
    await page.getByText('Go on').waitFor();
    await page.keyboard.press('p');
    await eventually(async () => (await phase()).state === 'OPEN', PATIENCE_MS);
    await page.getByText('One minute more').waitFor();
    const before = (await phase()).closes_at;
    await page.keyboard.press('e');
    await eventually(async () => (await phase()).closes_at > before, PATIENCE_MS);
    await page.keyboard.press('v');
    await untilFocused(page, 'Trial');
    await page.keyboard.press('n');
    await untilFocused(page, 'Night falls');
    await page.keyboard.press('2');
    const sheet = page.locator('dialog');
    await sheet.waitFor();
    // A field is written in.
    await sheet.locator('input[name=text]').fill('');
    await sheet.locator('input[name=text]').press('p');
    await sheet.locator('input[name=text]').press('?');
    assert.equal(await sheet.locator('input[name=text]').inputValue(), 'p?');
    assert.equal((await phase()).state, 'OPEN');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    for (const text of ['To the night', 'Pause', 'One minute more', 'To the vote', 'To that seat']) await page.locator('.keys', { hasText: text }).waitFor();
    await rest(page);
    await picture(page, 'keys', { fullPage: false });
    await assertAccessible(page, 'keys');
    await assertFits(page, 'keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.press('Enter');
    await page.locator('.wakes').waitFor();
    for (let night = 0; night < 2; night++) {
        await page.keyboard.press('n');
        await untilFocused(page, 'Asleep again');
        await page.keyboard.press('Enter');
        await eventually(async () => (await page.locator('.wake.done').count()) === night + 1, PATIENCE_MS);
    }
    await close();
});

test('a player votes by keys, also on a Persian keyboard', { timeout: 90000 }, async () => {
    await game.g('POST', '/phases', { kind: 'DAY' });
    await game.g('POST', '/polls', { kind: 'TRIAL' });
    const [voter] = game.citizens;
    const { page, close } = await open(voter, `/c/table/${game.event.id}`, { language: 'fa' });
    await page.locator('.choice').first().waitFor();
    // V and ۱ as that layout gives them.
    await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ر', code: 'KeyV', bubbles: true })));
    await untilFocused(page, '');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.choice')));
    const seat = await page.locator('.choice .seat-number').last().textContent();
    const digit = String('۰۱۲۳۴۵۶۷۸۹'.indexOf(seat));
    await page.evaluate(([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true })), [seat, `Digit${digit}`]);
    await untilFocused(page, seat);
    await page.keyboard.press('Enter');
    await page.locator('.choice[aria-pressed=true]', { hasText: seat }).waitFor();
    await close();
});

test('a game is searched for from everywhere', { timeout: 60000 }, async () => {
    const { page, close } = await open(game.citizens[0], '/c/me');
    await page.keyboard.press('/');
    await page.waitForURL(`${system.url}/`);
    await eventually(() => page.evaluate(() => document.activeElement.matches('input[type=search]')), PATIENCE_MS);
    await page.keyboard.type('fri/day?');
    assert.equal(await page.locator('input[type=search]').inputValue(), 'fri/day?');
    await page.keyboard.press('Escape');
    await eventually(() => page.evaluate(() => document.activeElement === document.body), PATIENCE_MS);
    await page.keyboard.press('?');
    await page.locator('.keys').waitFor();
    assert.equal(await page.locator('.keys dd').count(), 3, 'only what works here');
    await close();
});
