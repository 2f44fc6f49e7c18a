// From the door to a seat, by hand: an account, a free seat, a seat that costs something, a place in the waitlist.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent } from '../e2e/parts/games.mjs';
import { eventually, logIn as logInByApi, ok, PASSWORD } from '../e2e/parts/people.mjs';
import { logIn, openBrowser, openPage, rest, visit } from './parts/browser.mjs';
import { fillStage, makeRich, start } from './parts/stage.mjs';

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

const dock = (page) => page.locator('.dock');

test('a newcomer makes an account and takes a free seat, with a number of their own', async () => {
    const { page, close } = await openPage(browser, system);
    await visit(page, `${system.url}/?event=${stage.open.id}`);
    assert.equal(new URL(page.url()).pathname, `/c/event/${stage.open.id}`);
    await dock(page).locator('a').click();
    await page.locator('input[type=radio]').nth(1).check();
    await page.locator('input[name=username]').fill('newcomer');
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    await page.waitForURL(`${system.url}/c/event/${stage.open.id}`);
    await dock(page).locator('button.main').click();
    await dock(page).locator('.seat-line').waitFor();
    assert.match(await dock(page).innerText(), /Seat 4 is yours/);
    const person = await logInByApi(system, 'newcomer');
    assert.equal((await readEvent(system, person, stage.open)).my_reservation.state, 'CONFIRMED');
    const { entries } = await ok(system, 'GET', `/events/${stage.open.id}/log?from=1&limit=500`, { token: person.token });
    assert.ok(entries.some(({ kind, actor_id }) => kind === 'NONCE_GIVEN' || (kind === 'RESERVED' && actor_id === person.id)));
    await page.reload();
    await dock(page).locator('.seat-line').waitFor(); // the session lasts, by the cookie alone
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
    assert.doesNotMatch(kept, /eyJ|refresh_token/);
    await close();
});

test('a seat that costs something is held, paid for, and given back', async () => {
    const rich = await makeRich(system, 'pays_well');
    const { page, close } = await openPage(browser, system, { expected: [/status of 404/] });
    await logIn(page, system, 'pays_well', PASSWORD);
    await visit(page, `${system.url}/c/event/${stage.priced.id}`);
    assert.match(await dock(page).innerText(), /25.CONSE/);
    await dock(page).locator('button.main').click();
    await dock(page).getByText(/Pay within 1[45]:/).waitFor();
    await dock(page).locator('button.main').click();
    await dock(page).getByText(/Seat 1 is yours/).waitFor();
    await eventually(async () => (await readEvent(system, rich, stage.priced)).my_reservation?.state === 'CONFIRMED', 20000);
    await dock(page).getByRole('button', { name: 'Give it back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it back' }).click();
    await eventually(async () => (await readEvent(system, rich, stage.priced)).my_reservation?.state !== 'CONFIRMED', 20000);
    await dock(page).locator('button.main').waitFor();
    await close();
});

test('who is refused is told why, beside the field', async () => {
    const { page, close } = await openPage(browser, system, { expected: [/status of 4\d\d/] });
    await visit(page, `${system.url}/c/door`);
    await page.locator('input[type=radio]').nth(1).check();
    await page.locator('input[name=username]').fill('a b');
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    const field = page.locator('input[name=username][aria-invalid=true]');
    await field.waitFor();
    const fault = await page.locator(`#${await field.getAttribute('aria-describedby').then((ids) => ids.split(' ').at(-1).replace(/:/g, '\\:'))}`).innerText();
    assert.ok(fault.length > 5);
    await page.locator('input[name=username]').fill('newcomer2');
    await page.locator('button[type=submit]').click();
    await page.waitForURL(`${system.url}/`);
    await rest(page);
    await close();
});

test('somebody else’s seat is seen at once', async () => {
    const { page, close } = await openPage(browser, system);
    await visit(page, `${system.url}/c/event/${stage.persian.id}`);
    await page.getByText('0 of 8 seats taken').waitFor();
    await ok(system, 'POST', `/events/${stage.persian.id}/reservations`, { token: stage.players[1].token, body: {} });
    await page.getByText('1 of 8 seats taken').waitFor({ timeout: 5000 });
    await close();
});
