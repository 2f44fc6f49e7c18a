// When the gateway dies: what is shown is of then, and says so; when it is back all goes on; a tap is carried out once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent, readLog } from '../e2e/parts/games.mjs';
import { ok, signUp } from '../e2e/parts/people.mjs';
import { openBrowser, openPage, signIn, visit } from './parts/browser.mjs';
import { fillStage, start } from './parts/stage.mjs';

const AWAY = [/ERR_|Failed to load/];
// Two seconds, and one, of a page on a machine with nothing else to do.
const GREY_MOST_MS = 8000, BACK_MOST_MS = 6000;
let system, browser, stage;
before(async () => {
    system = await start();
    browser = await openBrowser();
    stage = await fillStage(system);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

test('the last state is grey two seconds after the gateway died, and current one second after it is back', async () => {
    const { page, close } = await openPage(browser, system, { expected: AWAY });
    await visit(page, `${system.url}/c/event/${stage.open.id}`);
    await page.getByText('3 of 8 seats taken').waitFor();
    await system.kill('gateway');
    const died = Date.now();
    await page.locator('.stale .notice').waitFor();
    assert.ok(Date.now() - died < GREY_MOST_MS, `${Date.now() - died} ms`);
    assert.match(await page.locator('.stale').innerText(), /\d\d:\d\d:\d\d/);
    await page.getByText('3 of 8 seats taken').waitFor(); // it is still there
    await system.start('gateway');
    const back = Date.now();
    await page.locator('.stale .notice').waitFor({ state: 'detached' });
    assert.ok(Date.now() - back < BACK_MOST_MS, `${Date.now() - back} ms`);
    await ok(system, 'POST', `/events/${stage.open.id}/reservations`, { token: stage.players[4].token, body: {} });
    await page.getByText('4 of 8 seats taken').waitFor();
    await close();
});

test('a tap while nobody answers is carried out once, when somebody does', async () => {
    const person = await signUp(system, 'taps_once');
    const { page, context, close } = await openPage(browser, system, { expected: AWAY });
    await signIn(context, system, person);
    await visit(page, `${system.url}/c/event/${stage.persian.id}`);
    await page.locator('.dock button.main').waitFor();
    // The answer is lost on its way, not the call.
    let lost = 0;
    await page.route('**/reservations', async (route) => {
        if (lost++ > 0) return route.continue();
        await route.fetch();
        return route.abort('connectionreset');
    });
    await page.locator('.dock button.main').click();
    await page.locator('.dock .seat-line').waitFor();
    assert.ok(lost >= 2);
    assert.equal((await readEvent(system, person, stage.persian)).my_reservation.state, 'CONFIRMED');
    const { entries } = await readLog(system, person, stage.persian);
    assert.equal(entries.filter(({ kind, actor_id }) => kind === 'RESERVED' && actor_id === person.id).length, 1);
    await close();
});
