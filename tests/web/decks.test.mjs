// Decks, by hand: cards counted by side, the balance that follows, a new version, a copy, a new deck; and the table that is planned with one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, ok, signUp } from '../e2e/parts/people.mjs';
import { openBrowser, openPage, signIn, visit } from './parts/browser.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeTable, start } from './parts/stage.mjs';

let system, browser, table, player;
before(async () => {
    system = await start();
    browser = await openBrowser();
    table = await makeTable(system);
    player = await signUp(system, 'player');
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const decks = async () => (await ok(system, 'GET', `/decks?group_id=${table.god.group.id}`, { token: table.god.token })).decks;

test('cards are counted, balanced and kept as a new version; the deck is copied; another one is made', async () => {
    const { page, context, close } = await openPage(browser, system);
    await signIn(context, system, table.god);
    const seats = [];
    page.on('response', (reply) => reply.ok() && reply.url().endsWith('/forecast') && seats.push(reply.request().postDataJSON().sides.reduce((sum, { others }) => sum + others, 0)));
    await visit(page, `${system.url}/c/decks`);
    await page.locator('.deck-link').click();
    await page.getByText('9 cards, for as many seats.').waitFor();
    await page.locator('.balance li').nth(1).waitFor();
    await page.getByRole('button', { name: 'One Doctor less' }).click();
    await page.getByRole('button', { name: 'One Mayor less' }).click();
    await page.getByText('7 cards, for as many seats.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'One Mayor less' }).isDisabled());
    await eventually(() => seats.at(-1) === 7, 10000); // the balance is of what is shown
    await page.getByRole('button', { name: 'Keep it, with 7 cards' }).click();
    await page.getByText('version 2').waitFor();
    const [kept] = await decks();
    assert.equal(kept.version, 2);
    assert.equal(kept.roles.reduce((sum, { copies }) => sum + copies, 0), 7);
    await visit(page, `${system.url}/c/decks`);
    await page.getByRole('button', { name: 'Duplicate' }).click();
    await page.waitForURL((url) => /\/c\/decks\/.{36}$/.test(url.pathname));
    await page.locator('input[name=name]').waitFor();
    assert.equal(await page.locator('input[name=name]').inputValue(), 'evening, a copy');
    await visit(page, `${system.url}/c/decks`);
    await page.getByRole('link', { name: 'A new deck' }).click();
    await page.locator('input[name=name]').fill('Small one');
    await page.locator('input[type=search]').fill('sheriff');
    await page.getByRole('button', { name: 'One Sheriff more' }).click();
    await page.getByRole('button', { name: 'Keep it, with 1 card' }).click();
    await page.getByText('version 1').waitFor();
    assert.deepEqual((await decks()).map(({ name }) => name).sort(), ['Small one', 'evening', 'evening, a copy']);
    await close();
});

// The days of the calendar of the page, by keys: down is a week on, left is the next one where one reads from the right.
for (const { language, when, hour, keys, days } of [
    { language: 'en', when: 'When?', hour: 'Hour', keys: ['ArrowDown', 'ArrowRight'], days: 8 },
    { language: 'fa', when: 'کی؟', hour: 'ساعت', keys: ['ArrowDown', 'ArrowLeft'], days: 8 },
]) {
    test(`a table is planned for another evening: ${language}`, async () => {
        const { page, context, close } = await openPage(browser, system, { language });
        await signIn(context, system, table.god);
        await visit(page, `${system.url}/c/plan`);
        const field = page.getByRole('button', { name: when });
        const before = await page.evaluate(() => new Date().toLocaleDateString('sv'));
        await field.click();
        const chosen = page.locator('.day[aria-pressed=true]');
        const from = await chosen.getAttribute('data-day');
        assert.ok(from >= before);
        const month = await page.locator('.month-head strong').innerText();
        assert.match(month, language === 'fa' ? /^\p{Script=Arabic}+ [۰-۹]{4}$/u : /^[A-Z][a-z]+ \d{4}$/);
        await chosen.focus();
        for (const key of keys) await page.keyboard.press(key);
        await page.keyboard.press('Enter');
        const wanted = new Date(Date.parse(`${from}T12:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
        await page.locator('.month').waitFor({ state: 'detached' });
        await page.getByLabel(hour).selectOption('21');
        await page.locator('input[name=title]').fill(`planned ${language}`);
        const [request] = await Promise.all([
            page.waitForRequest((asked) => asked.method() === 'POST' && asked.url().endsWith('/events')),
            page.locator('form button[type=submit]').click(),
        ]);
        assert.equal(request.postDataJSON().starts_at.local, `${wanted}T21:30:00`);
        await page.waitForURL(/\/c\/lead\/.{36}$/);
        await close();
    });
}

test('in each size, theme and language', async () => {
    await lookEveryWay(browser, system, 'decks', { who: table.god, path: '/c/decks' });
    await lookEveryWay(browser, system, 'deck', { who: table.god, path: `/c/decks/${table.deck.id}` });
    await lookEveryWay(browser, system, 'plan', { who: table.god, path: '/c/plan', act: (page) => page.locator('.when-box button').first().click() });
    await lookEveryWay(browser, system, 'decks-player', { who: player, path: '/c/decks' });
});
