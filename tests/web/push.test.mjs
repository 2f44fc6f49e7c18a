// Web Push: a browser is asked once there is something to wait for, rings when there is news, and says no more than how much.
// Chromium's own push service is out of reach here: the browser's address is one of a push service of the test, which hands over what it got.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, openEvent } from '../e2e/parts/games.mjs';
import { eventually, ok, signUp } from '../e2e/parts/people.mjs';
import { openPushService } from '../e2e/parts/push.mjs';
import { assertAccessible, assertFits, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';
import { makeTable, start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
let system, browser, table, service;
before(async () => {
    system = await start({ CONSE_PUSH_LOOPBACK: 'yes', CONSE_PUSH_RETRY: '20ms', CONSE_PUBLIC_URL: 'https://conse.example' });
    browser = await openBrowser();
    table = await makeTable(system);
    service = await openPushService();
});
after(async () => {
    service?.close();
    await browser?.close();
    await system?.stop();
});

// A page whose browser is known to the push service as `phone`.
async function open(person, phone, path, { may = true, ...more } = {}) {
    const opened = await openPage(browser, system, more);
    await signIn(opened.context, system, person);
    if (may) await opened.context.grantPermissions(['notifications'], { origin: system.url });
    await opened.context.addInitScript((subscription) => {
        const made = { endpoint: subscription.endpoint, toJSON: () => subscription, unsubscribe: async () => ((window.ended = true), true) };
        PushManager.prototype.subscribe = async (options) => ((window.wanted = options), made);
        PushManager.prototype.getSubscription = async () => made;
    }, phone.subscription);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, system.url + path);
    return opened;
}

const browsersOf = async ({ token }) => (await ok(system, 'GET', '/notifications/push', { token })).browsers.map(({ endpoint }) => endpoint);
const shown = (page) => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, lang, dir }) => ({ title, body, lang, dir })));

// What came from the push service, as the browser hands it to the worker.
async function deliver(page, data) {
    const session = await page.context().newCDPSession(page);
    const registered = new Promise((resolve) => session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => one && resolve(one.registrationId)));
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.deliverPushMessage', { origin: system.url, registrationId: await registered, data });
    await session.detach();
}

test('who has a seat is asked, and rings from then on', { timeout: 120000 }, async () => {
    const person = await signUp(system, 'frida'), phone = service.newBrowser();
    const event = await openEvent(system, table.god, table.deck, { title: 'Saturday', max_players: 8 });
    const { page, close, context } = await open(person, phone, `/c/event/${event.id}`);
    assert.equal(await page.locator('.ring-ask').count(), 0, 'before there is a seat nothing is asked');
    await page.getByRole('button', { name: 'Take a seat' }).click();
    await page.locator('.ring-ask').waitFor();
    await rest(page);
    await picture(page, 'push-ask');
    await assertAccessible(page, 'ask');
    await assertFits(page, 'ask');
    await page.getByRole('button', { name: 'Yes, please' }).click();
    await page.locator('.ring-ask').waitFor({ state: 'detached' });
    assert.deepEqual(await browsersOf(person), [phone.endpoint]);
    const { public_key } = await ok(system, 'GET', '/notifications/push', { token: person.token });
    assert.deepEqual(await page.evaluate(() => [window.wanted.userVisibleOnly, window.wanted.applicationServerKey]), [true, public_key]);

    await as(system, table.god, event)('DELETE', `/reservations/${person.id}`);
    await eventually(() => phone.got.length > 0, PATIENCE_MS);
    const text = phone.read(phone.got.at(-1)), { news } = JSON.parse(text);
    await deliver(page, text);
    await eventually(async () => (await shown(page)).length === 1, PATIENCE_MS);
    assert.deepEqual(await shown(page), [{ title: 'Conse', body: news === 1 ? '1 new message' : `${news} new messages`, lang: 'en', dir: 'ltr' }]);

    // Its tap leads to the inbox.
    const [worker] = context.serviceWorkers();
    await worker.evaluate(async () => {
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    });
    await page.waitForURL(`${system.url}/c/inbox`);
    assert.deepEqual(await shown(page), []);

    // No more, in the words of the page.
    await visit(page, `${system.url}/c/me`);
    await page.getByText('فارسی').click({ force: true });
    await deliver(page, '{"news": 12}');
    await eventually(async () => (await shown(page))[0]?.body === '۱۲ پیام تازه', PATIENCE_MS);
    await page.getByRole('switch', { name: 'این مرورگر زنگ می‌زند' }).click();
    await eventually(async () => (await browsersOf(person)).length === 0, PATIENCE_MS);
    await eventually(() => page.evaluate(() => window.ended), PATIENCE_MS);
    await close();
});

test('who says no is not asked again, and can still switch it on', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'greta'), phone = service.newBrowser();
    const event = await openEvent(system, table.god, table.deck, { title: 'Sunday', max_players: 8 });
    await as(system, person, event)('POST', '/reservations', {});
    const { page, close } = await open(person, phone, `/c/event/${event.id}`);
    await page.getByRole('button', { name: 'No', exact: true }).click();
    await page.locator('.ring-ask').waitFor({ state: 'detached' });
    await visit(page, page.url());
    await page.getByText('is yours').waitFor();
    assert.equal(await page.locator('.ring-ask').count(), 0);
    await visit(page, `${system.url}/c/me`);
    await page.getByRole('switch', { name: 'This browser rings' }).click();
    await eventually(async () => (await browsersOf(person)).length === 1, PATIENCE_MS);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByText('One name for all tables').waitFor();
    assert.deepEqual(await browsersOf(person), [], 'a browser rings for nobody who is gone');
    await close();
});
