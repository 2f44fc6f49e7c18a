// The end of a game and its replay: what all may know now, in words and figures, and phase by phase.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signUpMany } from '../e2e/parts/games.mjs';
import { eventually, ok } from '../e2e/parts/people.mjs';
import { DESK, openBrowser, openPage, rest, signIn, visit } from './parts/browser.mjs';
import { dealEvening, playEvening, REWARDS, withWallet } from './parts/evening.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeTable, start } from './parts/stage.mjs';

const PATIENCE_MS = 30000;
let system, browser, players, game, running;
before(async () => {
    system = await start(REWARDS);
    browser = await openBrowser();
    const table = await makeTable(system);
    players = [await withWallet(system, 'niloufar'), ...await signUpMany(system, 'guest', 6)];
    game = await playEvening(system, table, players);
    running = await dealEvening(system, table, players.slice(0, 4), { title: 'Still going' });
    const { token } = players[0];
    await eventually(async () => (await ok(system, 'GET', `/events/${game.event.id}/rewards`, { token })).coins.length === 1, PATIENCE_MS);
    await eventually(async () => (await ok(system, 'GET', `/ratings/${players[0].id}`, { token })).history.length === 1, PATIENCE_MS);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const end = () => `/c/table/${game.event.id}`, replay = (more = '') => `/c/replay/${game.event.id}${more}`;

test('a player sees who was what, the new rating, the coins and the card', async () => {
    const { page, context, close } = await openPage(browser, system);
    await signIn(context, system, players[0]);
    await visit(page, system.url + end());
    await page.getByText('You are among them.').waitFor();
    const mine = page.locator('.result.mine');
    const { role } = game.event.players[0];
    const { history: [change] } = await ok(system, 'GET', `/ratings/${players[0].id}`, { token: players[0].token });
    const text = (await mine.innerText()).replace(/\s+/g, ' ');
    assert.ok(text.includes(role.name), text);
    assert.ok(text.includes(`${change.before.rating.toFixed(1)} → ${change.after.rating.toFixed(1)}`), text);
    assert.match(text, /\d CONSE/);
    assert.match(text, /Card no\. 1/);
    const timeline = page.locator('.timeline');
    await timeline.getByText(/guest0.: Dead/).waitFor();
    await timeline.getByText(/guest2.: Out/).waitFor();
    assert.equal(await timeline.locator('h3').count(), 2);
    await page.getByRole('link', { name: 'Check the deal' }).click();
    await page.locator('.verdict').waitFor();
    assert.doesNotMatch(await page.locator('.verdict').getAttribute('class'), /bad/);
    await close();
});

test('anyone watches it again by arrow keys, buttons and the slider', async () => {
    const { page, close } = await openPage(browser, system, { viewport: DESK });
    const asked = [];
    page.on('request', (request) => asked.push(request.headers().authorization));
    await visit(page, system.url + replay());
    const phase = page.locator('.phase-name'), out = page.locator('.chair.out');
    assert.match(await phase.innerText(), /The cards are dealt/);
    assert.equal(await page.locator('.chair').count(), 7);
    assert.equal(await out.count(), 0);
    await page.keyboard.press('ArrowRight');
    assert.match(await phase.innerText(), /Night 1/);
    assert.match(await out.innerText(), /guest0/);
    assert.equal(await page.locator('.chair.fresh').count(), 1);
    await page.getByRole('button', { name: 'Phase after' }).click();
    assert.match(await phase.innerText(), /Day/);
    assert.equal(await out.count(), 2);
    assert.ok(await page.getByRole('button', { name: 'Phase after' }).isDisabled());
    await page.keyboard.press('ArrowRight'); // nothing is behind the end
    await page.locator('input[type=range]').fill('0');
    assert.match(await phase.innerText(), /The cards are dealt/);
    await page.keyboard.press('ArrowRight'); // on the slider itself: one phase, not two
    assert.match(await phase.innerText(), /Night 1/);
    assert.ok(page.url().endsWith('?step=1'));
    await page.reload();
    await rest(page);
    assert.match(await phase.innerText(), /Night 1/);
    const shown = await page.locator('.chairs').innerText();
    for (const { username, role } of game.event.players) assert.ok(shown.includes(username) && shown.includes(role.name), username);
    assert.ok(asked.every((token) => token === undefined));
    await close();
});

test('arrow keys go the way one reads', async () => {
    const { page, close } = await openPage(browser, system, { language: 'fa' });
    await visit(page, system.url + replay());
    await page.getByRole('slider').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(/\?step=1$/);
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/\?step=0$/);
    await close();
});

test('a game that goes on has no replay', async () => {
    const { page, context, close } = await openPage(browser, system);
    await signIn(context, system, players[0]);
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visit(page, `${system.url}/c/replay/${running.event.id}`);
    await page.getByText('The game is still secret').waitFor();
    assert.ok(!asked.some((path) => path.endsWith('/log')));
    await close();
});

test('in each size, theme and language', async () => {
    await lookEveryWay(browser, system, 'end', { who: players[0], path: end() });
    await lookEveryWay(browser, system, 'end-visitor', { path: end() });
    await lookEveryWay(browser, system, 'replay', { path: replay('?step=2') });
    await lookEveryWay(browser, system, 'replay-closed', { path: `/c/replay/${running.event.id}` });
});
