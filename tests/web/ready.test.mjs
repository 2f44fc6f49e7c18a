// Between the cards and the first phase: who is ready, and one phone that goes from hand to hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, openEvent, readEvent, seatAll } from '../e2e/parts/games.mjs';
import { makeFour } from '../e2e/parts/mafia.mjs';
import { eventually } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, DESK, openBrowser, openPage, PHONE, picture, rest, signIn, TABLET, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
let system, browser, four, event, lead, guest;
before(async () => {
    system = await start();
    browser = await openBrowser();
    four = await makeFour(system);
    event = await openEvent(system, four.god, four.deck, { max_players: 4 });
    lead = as(system, four.god, event);
    await seatAll(system, event, four.players.slice(0, 3));
    await lead('POST', '/reservations', { guest_name: 'Grandma' });
    await lead('POST', '/lock');
    ({ event } = await lead('POST', '/reveal', {}));
    guest = event.players.find((player) => player.guest);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function open(person, path, more) {
    const opened = await openPage(browser, system, more);
    await signIn(opened.context, system, person);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, system.url + path);
    return opened;
}
const look = async (page, name) => {
    await rest(page);
    await picture(page, `ready-${name}`);
    await assertAccessible(page, name);
    await assertFits(page, name);
};
const check = async () => (await readEvent(system, four.god, event)).ready_check;

test('everybody is asked, and who has no phone is answered for', { timeout: 120000 }, async () => {
    const host = await open(four.god, `/c/lead/${event.id}`), player = await open(four.players[0], `/c/table/${event.id}`, { theme: 'dark', language: 'fa' });
    assert.equal(await player.page.getByText('آماده‌ام').count(), 0);
    await host.page.getByRole('button', { name: 'Ask everybody' }).click();
    await player.page.getByRole('button', { name: 'آماده‌ام' }).waitFor();
    await look(player.page, 'asked-fa');
    await player.page.getByRole('button', { name: 'آماده‌ام' }).click();
    await player.page.locator('.seat-line', { hasText: 'تو آماده‌ای.' }).waitFor();
    await host.page.getByText('1 of 4 are ready.').waitFor();
    await look(host.page, 'host');
    await host.page.getByRole('button', { name: 'Is ready' }).click();
    await host.page.getByText('2 of 4 are ready.').waitFor();
    assert.ok((await check()).ready.includes(guest.user_id));
    for (const person of four.players.slice(1, 3)) await as(system, person, event)('PUT', '/ready', {});
    await host.page.getByText('All 4 are ready.').waitFor();
    await host.close();
    await player.close();
});

test('one phone shows each their own card, while it is held', { timeout: 120000 }, async () => {
    const { page, close } = await open(four.god, `/c/lead/${event.id}`);
    await page.getByRole('button', { name: 'Show the cards' }).click();
    await look(page, 'pass');
    await page.locator('dialog .choice', { hasText: 'Grandma' }).click();
    const role = guest.told_role?.name ?? guest.role.name, names = event.players.map((player) => player.role.name);
    const html = () => page.locator('body').innerHTML();
    for (const name of names) assert.ok(!(await html()).includes(name), 'covered');
    const card = page.locator('dialog .held');
    await card.hover();
    await page.mouse.down();
    await page.locator('.held-role', { hasText: role }).waitFor();
    for (const name of names.filter((one) => one !== role)) assert.ok(!(await page.locator('.held-role').innerHTML()).includes(name));
    await picture(page, 'ready-pass-held', { fullPage: false });
    await page.mouse.up();
    await page.locator('.held-role').waitFor({ state: 'detached' });
    await eventually(async () => (await lead('GET', '')).event.players.find(({ user_id }) => user_id === guest.user_id).card_shown, PATIENCE_MS);
    await page.getByRole('button', { name: 'Give it on' }).click();
    await page.locator('dialog .choice', { hasText: 'Grandma' }).getByText('Has seen it').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByText('1 has seen the card here.').waitFor();
    await close();
});

test('it is good to look at everywhere', { timeout: 120000 }, async () => {
    const faults = [];
    for (const [size, viewport] of Object.entries({ phone: PHONE, tablet: TABLET, desk: DESK }))
        for (const [theme, language] of [['light', 'en'], ['dark', 'fa'], ['night', 'fa']]) {
            const { page, close } = await open(four.god, `/c/lead/${event.id}`, { viewport, theme, language });
            await look(page, `${size}-${theme}-${language}`).catch((fault) => faults.push(fault.message));
            await close();
        }
    assert.deepEqual(faults, []);
});
