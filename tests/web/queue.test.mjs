// Waiting for a seat, by hand: joined, offered, accepted or declined, seated.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvent, readEvent, signUpMany } from '../e2e/parts/games.mjs';
import { accept, join, leaveQueue, queueOf, untilState } from '../e2e/parts/queue.mjs';
import { assertAccessible, assertFits, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeTable, start } from './parts/stage.mjs';

let system, browser, table, people;
before(async () => {
    system = await start();
    browser = await openBrowser();
    table = await makeTable(system);
    people = await signUpMany(system, 'player', 4);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

test('who waits is told their place, leaves, and comes back', async () => {
    const { page, context, close } = await openPage(browser, system, { expected: [/status of 404/] });
    await signIn(context, system, people[0]);
    await visit(page, `${system.url}/`);
    await page.getByRole('link', { name: 'Find me a table' }).click();
    await page.getByRole('radio', { name: 'Up to 8' }).check();
    await page.getByRole('button', { name: 'Wait for a seat' }).click();
    await page.getByText('Place 1 of 1').waitFor();
    assert.equal((await queueOf(system, people[0])).size_max, 8);
    await rest(page);
    await picture(page, 'queue-waiting');
    await assertAccessible(page, 'queue-waiting');
    await assertFits(page, 'queue-waiting');
    await page.getByRole('button', { name: 'Wait no longer' }).click();
    await page.getByRole('button', { name: 'Wait for a seat' }).waitFor();
    assert.equal((await queueOf(system, people[0])).out, 'LEFT');
    await close();
});

test('an offer comes to who waits, and the seat when enough are ready', async () => {
    const { page, context, close } = await openPage(browser, system, { expected: [/status of 404/], theme: 'dark', language: 'en' });
    await signIn(context, system, people[0]);
    await visit(page, `${system.url}/c/queue`);
    await page.getByRole('button', { name: 'Wait for a seat' }).click();
    await page.getByText('You are waiting').waitFor();
    const others = people.slice(1, 3);
    for (const one of others) await join(system, one);
    const event = await openEvent(system, table.god, table.deck, { title: 'Found by the queue', min_players: 3, max_players: 4 });
    await page.getByText('A seat for you').waitFor();
    await page.getByText('Found by the queue').waitFor();
    await rest(page);
    await picture(page, 'queue-offer');
    await assertAccessible(page, 'queue-offer');
    await assertFits(page, 'queue-offer');
    await page.getByRole('button', { name: 'I am ready' }).click();
    await Promise.all(others.map((one) => accept(system, one)));
    await page.getByText('You have a seat').waitFor();
    await untilState(system, people[0], 'SEATED');
    assert.equal((await readEvent(system, people[0], event)).my_reservation.state, 'CONFIRMED');
    await Promise.all(others.map((one) => leaveQueue(system, one)));
    await visit(page, `${system.url}/c/inbox`); // it was told there too
    await page.getByText('You have the seat that you waited for.').waitFor();
    await page.locator('a[href="/c/queue"]', { hasText: 'A table is found' }).waitFor();
    await close();
});

test('in each size, theme and language', async () => {
    await join(system, people[3], { size_min: 20 });
    await lookEveryWay(browser, system, 'queue', { who: people[3], path: '/c/queue' });
    await lookEveryWay(browser, system, 'queue-seated', { who: people[0], path: '/c/queue' });
    await lookEveryWay(browser, system, 'queue-visitor', { path: '/c/queue' });
});
