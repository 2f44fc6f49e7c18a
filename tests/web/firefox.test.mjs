// The console in Firefox: a first visit, an account, a seat, a night at the table, Persian, the night's theme, and the viewer of the API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, openEvent, seatAll, signUpMany } from '../e2e/parts/games.mjs';
import { ok, PASSWORD } from '../e2e/parts/people.mjs';
import { PHONE } from './parts/browser.mjs';
import { bytesOf, choose, openFirefox, openPage, see } from './parts/firefox.mjs';
import { makeTable, start } from './parts/stage.mjs';

const FIRST_LOAD_MOST = 120 * 1024;
let system, firefox, table, others;
before(async () => {
    system = await start();
    firefox = await openFirefox();
    table = await makeTable(system);
    others = await signUpMany(system, 'other', 3);
});
after(async () => {
    await firefox?.stop();
    await system?.stop();
});

const open = () => openPage(firefox.browser, system, PHONE);
const pathOf = (page) => new URL(page.url()).pathname;
const refreshCookie = async (page) => (await page.browserContext().cookies()).find(({ name }) => /refresh/.test(name));
const marked = (page) => page.evaluate(() => window.here === true);

async function enter(page, fields) {
    for (const [name, value] of Object.entries(fields)) await page.locator(`input[name=${name}]`).fill(value);
    await page.locator('form button[type=submit]').click();
    await page.locator('nav a[href="/c/me"]').wait();
}

test('a first visit is small, and all of it comes from here under the policy', { timeout: 120000 }, async () => {
    const { page, close } = await open();
    await page.goto(system.url, { waitUntil: 'networkidle2' });
    await page.locator('h1').wait();
    const bytes = await bytesOf(page);
    assert.ok(bytes > 20 * 1024 && bytes < FIRST_LOAD_MOST, `${bytes} bytes`);
    console.log(`${(bytes / 1024).toFixed(1)} KiB without fonts`);
    const policy = await page.evaluate(() => fetch(location.href).then(({ headers }) => headers.get('content-security-policy')));
    assert.match(policy, /default-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    await close();
});

test('what the policy stops, and what is asked elsewhere, would be seen', { timeout: 120000 }, async () => {
    const { page, faults, close } = await open();
    await page.goto(system.url);
    await page.locator('h1').wait();
    await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.stopped = false';
        document.body.append(script);
    });
    await page.evaluate(() => fetch('http://127.0.0.2:9/').catch(() => {}));
    await page.evaluate(() => new Promise((done) => setTimeout(done)));
    assert.ok(faults.some((fault) => /script-src\S* stopped inline/.test(fault)), faults.join('\n'));
    assert.ok(faults.some((fault) => /connect-src stopped http:\/\/127\.0\.0\.2/.test(fault)), faults.join('\n'));
    await assert.rejects(close());
});

test('from an account to a night at the table, in Persian too', { timeout: 240000 }, async () => {
    const event = await openEvent(system, table.god, table.deck, { title: 'Foxes', max_players: 4 });
    await seatAll(system, event, others);
    const lead = as(system, table.god, event);
    const { page, close } = await open();

    await page.goto(`${system.url}/c/door`);
    await choose(page, 'New here');
    await enter(page, { username: 'vixen', password: PASSWORD });
    const { path, httpOnly, secure, sameSite } = await refreshCookie(page);
    assert.deepEqual({ path, httpOnly, secure, sameSite }, { path: '/auth', httpOnly: true, secure: true, sameSite: 'Strict' });
    await page.reload();
    await page.locator('nav a[href="/c/me"]').wait();

    await page.goto(`${system.url}/c/event/${event.id}`);
    await page.locator('.dock button.main').click();
    await see(page, 'Seat 4');
    const { event: told } = await ok(system, 'GET', `/events/${event.id}`);
    assert.equal(told.seats_taken, 4);

    // The host acts; this page is not loaded again.
    await page.evaluate(() => void (window.here = true));
    await lead('POST', '/lock');
    await lead('POST', '/reveal', {});
    await page.locator('a[href^="/c/table/"]').click();
    await page.locator('.held').wait();
    await lead('POST', '/phases', { kind: 'NIGHT', timer: '600s' });
    await see(page, 'Night 1');
    await lead('PATCH', `/players/${others[0].id}`, { status: 'DEAD' });
    await page.locator('.chair.out').wait();
    assert.ok(await marked(page));

    await page.locator('nav a[href="/c/me"]').click();
    await choose(page, 'Night');
    await page.locator('html[data-theme=night]').wait();
    await choose(page, 'فارسی');
    await page.locator('html[lang=fa][dir=rtl]').wait();
    await page.goBack();
    await see(page, 'شب ۱');
    await lead('POST', '/phases', { kind: 'DAY' });
    await see(page, 'روز ۲');
    assert.ok(await marked(page));
    await page.reload();
    await page.locator('html[lang=fa][dir=rtl][data-theme=night]').wait();
    await see(page, 'روز ۲');
    assert.equal(pathOf(page), `/c/table/${event.id}`);
    await close();
});

test('who logs in again is known, and who logs out is not', { timeout: 120000 }, async () => {
    const { page, close } = await open();
    await page.goto(`${system.url}/c/door`);
    await enter(page, { username: others[0].user.username, password: PASSWORD });
    await page.goto(`${system.url}/c/me`);
    await page.locator('::-p-aria(Log out)').click();
    await page.locator('nav a[href="/c/door"]').wait();
    await page.reload();
    await page.locator('nav a[href="/c/door"]').wait();
    assert.equal(await refreshCookie(page), undefined);
    await close();
});

test('the viewer of the API shows its operations and sends one', { timeout: 120000 }, async () => {
    const { page, close } = await open();
    await page.goto(`${system.url}/docs`);
    await page.locator('.operation-filter-input').fill('/sides');
    await page.locator('.opblock[id$="events\\\\.ListSides"] .opblock-summary-control').click();
    await page.locator('.opblock .execute').click();
    await see(page, 'mafia');
    await close();
});
