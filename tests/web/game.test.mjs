// An evening on phones: the host from the seats to the end, a player beside, each by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, openEvent, readEvent, seatAll, signUpMany } from '../e2e/parts/games.mjs';
import { eventually } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, openBrowser, openPage, PHONE, picture, rest, signIn, visit } from './parts/browser.mjs';
import { makeTable, start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
let system, browser, table, players, event;
before(async () => {
    system = await start();
    browser = await openBrowser();
    table = await makeTable(system);
    players = await signUpMany(system, 'guest', 5);
    event = await openEvent(system, table.god, table.deck, { title: 'Friday at nine', max_players: 8, waitlist: true });
    await seatAll(system, event, players);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

// Presses for so long.
async function hold(page, button, ms = 900) {
    await button.scrollIntoViewIfNeeded();
    const box = await button.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.waitForTimeout(ms);
    await page.mouse.up();
}
const state = async () => (await readEvent(system, table.god, event)).state;
const until = (check) => eventually(check, PATIENCE_MS);
const look = async (page, name, { fits = true } = {}) => {
    await rest(page);
    await picture(page, `game-${name}`);
    await assertAccessible(page, name);
    if (fits) await assertFits(page, name);
};

test('from the seats to the end', { timeout: 240000 }, async () => {
    const host = await openPage(browser, system, { viewport: PHONE, theme: 'dark' });
    await signIn(host.context, system, table.god);
    const { page } = host;

    // The lobby: who is there, who comes in.
    await visit(page, `${system.url}/c/lead`);
    await look(page, 'lead');
    await page.locator('.card').click();
    await page.getByText('5 of 8 seats taken').waitFor();
    await look(page, 'lobby');
    await page.locator('.guest summary').first().click();
    await page.locator('.guest').first().getByRole('radio', { name: 'Here' }).check();
    await page.getByText('1 is here').waitFor();
    await page.locator('input[name=guest_name]').fill('Leila from work');
    await page.getByRole('button', { name: 'Give a seat' }).click();
    await page.getByText('6 of 8 seats taken').waitFor();
    await page.locator('.code-open').click();
    await picture(page, 'game-code');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    // A player, at the same table.
    const guest = await openPage(browser, system, { viewport: PHONE });
    await signIn(guest.context, system, players[0]);
    await visit(guest.page, `${system.url}/c/table/${event.id}`);

    await hold(page, page.getByRole('button', { name: /Close the seats/ }));
    await until(async () => (await state()) === 'LOCKED');
    await page.getByText('How even is it?').waitFor();
    await look(page, 'deal');
    await hold(page, page.getByRole('button', { name: /Deal the cards/ }));
    await until(async () => (await state()) === 'REVEALED');

    // The card is seen while it is held, and nothing of it else.
    const mine = (await as(system, players[0], event)('GET', '/me')).role.name;
    const card = guest.page.locator('.held');
    await card.waitFor();
    assert.ok(!(await guest.page.content()).includes(mine));
    await look(guest.page, 'table-covered');
    const box = await card.boundingBox();
    await guest.page.mouse.move(box.x + 50, box.y + 40);
    await guest.page.mouse.down();
    await guest.page.locator('.held-role', { hasText: mine }).waitFor();
    await picture(guest.page, 'game-card-held');
    await guest.page.mouse.up();
    await guest.page.locator('.held-role').waitFor({ state: 'detached' });
    assert.ok(!(await guest.page.content()).includes(mine));
    await guest.page.mouse.down();
    await guest.page.locator('.held-role', { hasText: mine }).waitFor();
    await guest.page.locator('.held-role').waitFor({ state: 'detached' }); // also while it is held on
    await guest.page.mouse.up();

    // The night, and who dies in it.
    await page.getByRole('button', { name: 'Night falls' }).click();
    await page.locator('.wakes').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'night');
    await look(page, 'night');
    await page.locator('.wake').first().getByRole('button', { name: 'Asleep again' }).click();
    await page.getByRole('button', { name: 'Day begins' }).click();
    await page.locator('button.chair').first().waitFor();
    await look(page, 'day');
    await page.locator('button.chair').nth(1).click();
    await look(page, 'player');
    await page.getByRole('button', { name: 'Dies' }).click();
    await page.getByText('Take back').waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    assert.equal((await readEvent(system, table.god, event)).players.filter(({ alive }) => !alive).length, 0);
    await page.locator('button.chair').nth(1).click();
    await page.getByRole('button', { name: 'Dies' }).click();
    await page.getByRole('button', { name: 'Now' }).click();
    await until(async () => (await readEvent(system, table.god, event)).players[1].alive === false);
    await guest.page.locator('.chair.out').waitFor();
    await page.locator('.chair.out').waitFor(); // a host's act says which one it has seen last

    // A vote.
    await page.getByRole('button', { name: 'Trial' }).click();
    await guest.page.locator('.choice').first().waitFor();
    await look(guest.page, 'ballot');
    await guest.page.locator('.choice').first().click();
    await guest.page.locator('.ballot').getByText('You have voted').waitFor();
    await page.getByText('1 of').first().waitFor();
    await look(page, 'poll');
    await page.getByRole('button', { name: 'Close the vote' }).click();
    await guest.page.locator('.ballot').waitFor({ state: 'detached' });

    // The end.
    await page.getByRole('button', { name: 'The end' }).click();
    await page.getByRole('dialog').locator('.choice').first().click();
    await look(page, 'finish');
    await hold(page, page.getByRole('button', { name: /End the game/ }));
    await until(async () => (await state()) === 'DONE');
    await guest.page.locator('.won-sides').waitFor();
    await look(guest.page, 'end');
    await guest.close();
    await host.close();
});
