// A newcomer's first evening, from what `make run` prints to a finished game of five browsers: nobody has read anything but the pages.
// With CONSE_TOUR, a folder, it leaves the pictures of docs/tour.md there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, openBrowser, picture, rest } from './parts/browser.mjs';
import * as story from './parts/story.mjs';
import { startUp } from './parts/up.mjs';

const FOLDER = process.env.CONSE_TOUR;
const NAMES = ['omid', 'nora', 'kian', 'leila'];
const SHARP = 1.5; // pixels of the pictures for each of the page's
const PICTURES_MOST = 1e6;
let system, browser;
before(async () => {
    if (FOLDER) fs.mkdirSync(FOLDER, { recursive: true });
    system = await startUp({ CONSE_REWARD_MINUTES: '0' });
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

let taken = 0;
async function show({ page }, name, { still = true } = {}) {
    if (still) {
        await page.evaluate(() => scrollTo(0, 0));
        await rest(page);
        await assertAccessible(page, name);
    }
    taken++;
    if (FOLDER) await page.screenshot({ path: path.join(FOLDER, `${taken}-${name}.png`), animations: 'disabled' });
}

function assertSmall() {
    const bytes = fs.readdirSync(FOLDER).reduce((sum, name) => sum + fs.statSync(path.join(FOLDER, name)).size, 0);
    assert.ok(bytes < PICTURES_MOST, `${bytes} bytes`);
}

test('from the first start to the ratings', { timeout: 240000 }, async () => {
    const more = { deviceScaleFactor: SHARP };
    const mira = await story.arrive(browser, system, 'mira', { ...more, expected: [/status of 401/] });
    await mira.page.goto(system.url);
    await mira.see('explore.none');
    await picture(mira.page, 'tour-none');
    await mira.tap(mira.link('lead.plan'));
    await mira.tap(mira.page.locator('main').getByRole('link', { name: mira.words('nav.door') }));
    await story.makeAccount(mira, { onForm: () => show(mira, 'door') });

    // Who may lead is for whoever runs Conse to say; the page says how, and so did conse-up.
    await picture(mira.page, 'tour-not-yet');
    const command = await mira.page.locator('.command').innerText();
    assert.ok(system.said().includes(command.replace(/^build\/bin/, '').replace('mira', 'NAME')), system.said());
    system.run(command);
    await mira.tap(mira.link('nav.lead').first());
    await story.openTable(mira, { title: 'Friday at nine', seats: NAMES.length, onForm: async () => (await picture(mira.page, 'tour-plan'), await assertFits(mira.page, 'plan'), show(mira, 'table')) });

    const players = await Promise.all(NAMES.map((name) => story.arrive(browser, system, name, more)));
    const [omid] = players, path = await story.scan(mira);
    for (const player of players) await story.takeSeat(player, path);
    await show(omid, 'seat');
    await mira.see('event.seats', { taken: NAMES.length, most: NAMES.length });
    await show(mira, 'lobby');

    await story.deal(mira);
    for (const player of players) Object.assign(player, await story.seeCard(player));
    await omid.hold(omid.page.locator('.held'), async () => (await omid.page.locator('.held-role').waitFor(), show(omid, 'card', { still: false })));
    await story.askReady(mira, players);

    const sides = players.map(({ side }) => side), mafia = players.find(({ side }) => sides.filter((one) => one === side).length === 1);
    const [victim, ...others] = players.filter((player) => player !== mafia);
    await story.night(mira, victim.name, { onSheet: () => show(mira, 'night') });
    await story.day(mira);
    await story.putOut(mira, victim.name, 'sheet.kill');
    for (const { page } of players) await page.locator('.chair.out').waitFor();
    await story.vote(mira, [mafia, ...others], mafia.name, { onBallot: () => show(others[0], 'vote') });
    await story.putOut(mira, mafia.name, 'sheet.kick');
    await story.finish(mira, others[0].side);

    for (const player of players) await story.seeEnd(player);
    await show(others[0], 'end');
    await story.checkDeal(others[0], players);
    assert.equal(await story.watchAgain(others[0]), 3);
    await story.seeRating(others[0]);
    assert.equal(taken, 8);
    if (FOLDER) assertSmall();
    for (const { close } of [mira, ...players]) await close();
});
