// What leads back into a room: a mention in the inbox, to the very message; and what somebody had begun to write there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dealFour, makeFour } from '../e2e/parts/mafia.mjs';
import { eventually, ok, PASSWORD } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, logIn, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 60000;
const LINES = 130; // more than two pages of messages
let system, browser, four, game;
before(async () => {
    system = await start();
    browser = await openBrowser();
    four = await makeFour(system);
    game = await dealFour(system, four);
    await game.g('POST', '/phases', { kind: 'DAY' });
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const say = async (room, text) => (await ok(system, 'POST', `/rooms/${room}/messages`, { token: four.god.token, body: { client_id: crypto.randomUUID(), text } })).message;
const roomAt = (part, query = '') => `${system.url}/c/rooms/${game.event.id}/${part}${query}`;
const draft = (page) => page.locator('textarea').inputValue();
const kept = (page) => page.evaluate(() => Object.entries(sessionStorage).filter(([name]) => name.startsWith('conse.draft')));

async function open(person, path, more) {
    const opened = await openPage(browser, system, more);
    await signIn(opened.context, system, person);
    await visit(opened.page, path);
    return opened;
}

// The one message that is marked: in sight, and where a reader by ear begins.
async function assertShown(page, text) {
    const marked = page.locator('.message[aria-current=true]');
    await marked.filter({ hasText: text }).waitFor();
    assert.equal(await marked.count(), 1);
    const inSight = () => marked.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top > 0 && bottom < innerHeight && element === document.activeElement;
    });
    await eventually(inSight, PATIENCE_MS);
}

for (const [language, theme, lines] of [['en', 'light', 0], ['fa', 'dark', LINES]])
    test(`a mention in the inbox leads to its message, with ${lines} others after it`, { timeout: 240000 }, async () => {
        const [reader] = game.citizens, text = `@${reader.user.username} where were you, ${language}?`;
        await say(game.table, text);
        for (let i = 0; i < lines; i++) await say(game.table, `${language} line ${i}`);
        const { page, close } = await open(reader, `${system.url}/c/inbox`, { language, theme });
        await page.locator('.told[href*="message="]').first().click();
        await assertShown(page, text);
        await rest(page);
        await picture(page, `rooms-mention-${language}`, { fullPage: false });
        await assertAccessible(page, 'mention');
        await assertFits(page, 'mention');
        // It stays there when somebody goes on writing.
        await say(game.table, `${language} after`);
        await page.getByText(`${language} after`).waitFor();
        if (lines) await assertShown(page, text);
        await close();
    });

test('a message that is not there is said to be so', { timeout: 120000 }, async () => {
    const { page, close } = await open(game.citizens[0], roomAt('table', '?message=00000000-0000-7000-8000-000000000000'));
    await page.getByText('That message is not here any more').waitFor();
    assert.equal(await page.locator('.message[aria-current]').count(), 0);
    await close();
});

test('what was begun is there after a reload, in its room alone, until it is sent', { timeout: 240000 }, async () => {
    await game.g('POST', '/phases', { kind: 'NIGHT' });
    await game.g('POST', '/phases', { kind: 'DAY' });
    const [mafia] = game.mafia;
    const { rooms } = await ok(system, 'GET', `/rooms?event_id=${game.event.id}`, { token: mafia.token });
    const side = rooms.find(({ kind }) => kind === 'SIDE').id.split('.').slice(1).join('.');
    const { page, close } = await open(mafia, roomAt('table'));
    await page.locator('textarea').fill('I think it was');
    await visit(page, roomAt(side));
    await page.getByRole('button', { name: 'Uncover' }).click();
    await page.locator('.talk-dock').waitFor();
    assert.ok(!(await page.locator('.talk-dock').innerHTML()).includes('I think it was'));
    await visit(page, roomAt('table'));
    await page.locator('textarea').waitFor();
    assert.equal(await draft(page), 'I think it was');
    assert.equal((await kept(page)).length, 1);
    const cached = await page.evaluate(async () => {
        const texts = [];
        for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) texts.push(await (await (await caches.open(name)).match(request)).text());
        return texts.some((text) => text.includes('I think it was'));
    });
    assert.equal(cached, false);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.message:not(.unsent)', { hasText: 'I think it was' }).waitFor();
    await page.locator('.unsent').waitFor({ state: 'detached' });
    assert.deepEqual(await kept(page), []);
    await page.reload();
    await page.locator('.message', { hasText: 'I think it was' }).waitFor();
    assert.equal(await draft(page), '');
    await close();
});

test('what was begun is its writer’s, and goes when they log out', { timeout: 240000 }, async () => {
    const [one, two] = game.citizens;
    const { page, close } = await openPage(browser, system);
    await logIn(page, system, one.user.username, PASSWORD);
    await visit(page, roomAt('table'));
    await page.locator('textarea').fill('between us');
    await visit(page, `${system.url}/c/me`);
    assert.equal((await kept(page)).length, 1);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.locator('nav a[href="/c/door"]').waitFor();
    assert.deepEqual(await kept(page), []);
    await logIn(page, system, two.user.username, PASSWORD);
    await visit(page, roomAt('table'));
    await page.locator('textarea').waitFor();
    assert.equal(await draft(page), '');
    await close();
});

test('what was begun is there again for who logs in after their session ended', { timeout: 240000 }, async () => {
    const [one] = game.citizens;
    const { page, context, close } = await openPage(browser, system, { expected: [/400/] });
    await logIn(page, system, one.user.username, PASSWORD);
    await visit(page, roomAt('table'));
    await page.locator('textarea').fill('to be said later');
    await context.clearCookies();
    await visit(page, roomAt('table'));
    await page.locator('nav a[href="/c/door"]').waitFor();
    await logIn(page, system, one.user.username, PASSWORD);
    await visit(page, roomAt('table'));
    await page.locator('textarea').waitFor();
    assert.equal(await draft(page), 'to be said later');
    await close();
});
