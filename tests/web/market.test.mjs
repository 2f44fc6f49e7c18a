// The market of cards, by hand: an order is placed once, offers and trades are seen as they happen, and the rest can be withdrawn.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { consectl, ok } from '../e2e/parts/people.mjs';
import { DESK, openBrowser, openPage, PHONE, signIn, visit } from './parts/browser.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeRich, start } from './parts/stage.mjs';

const EVENT = randomUUID();
let system, browser, mira, omid, role;
before(async () => {
    system = await start();
    browser = await openBrowser();
    mira = await makeRich(system, 'mira_sells', 100000);
    omid = await makeRich(system, 'omid_buys', 100000);
    role = (await ok(system, 'GET', '/roles')).roles.find(({ slug }) => slug === 'doctor');
    for (let i = 0; i < 9; i++) assert.equal((await consectl(system, 'card', 'make', mira.id, role.id, EVENT)).code, 0);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const path = () => `/c/market/${role.id}`;
const order = (of, side, price, quantity) => ok(system, 'POST', '/market/orders', { token: of.token, body: { role_id: role.id, side, price, quantity } });
const ordersOf = async (of) => (await ok(system, 'GET', '/market/orders?state=OPEN', { token: of.token })).orders;

test('who sells and who buys meet, each on their own page', async () => {
    const seller = await openPage(browser, system, { viewport: PHONE }), buyer = await openPage(browser, system, { viewport: DESK });
    await signIn(seller.context, system, mira);
    await signIn(buyer.context, system, omid);
    await visit(seller.page, `${system.url}/c/market`);
    await seller.page.locator('.ticker', { hasText: role.name }).click();
    await visit(buyer.page, system.url + path());
    const form = seller.page.locator('#order ~ form');
    await form.locator('input[type=radio]').nth(1).check();
    await form.locator('input[name=price]').fill('۱۲٫۵');
    await form.locator('input[name=quantity]').fill('۳');
    await form.getByText(/37\.5/).waitFor();
    // The answer is lost: the same order is asked for again, and is placed once.
    let lost = 0;
    await seller.page.route('**/market/orders', async (route) => {
        if (route.request().method() !== 'POST' || lost++) return route.continue();
        await route.fetch();
        return route.abort();
    });
    seller.faults.length = 0;
    await form.getByRole('button', { name: 'Place the order to sell' }).click();
    await seller.page.getByText('The order is in the book.').waitFor();
    assert.equal(lost, 2);
    assert.deepEqual((await ordersOf(mira)).map(({ price, quantity }) => [price, quantity]), [['1250', 3]]);
    // The offer is there for the other at once; its price is taken into an order.
    await buyer.page.locator('.level.ask').click();
    assert.equal(await buyer.page.locator('input[name=price]').inputValue(), '12.5');
    await buyer.page.locator('input[name=quantity]').fill('2');
    await buyer.page.getByRole('button', { name: 'Place the order to buy' }).click();
    await buyer.page.getByText('Done: 2 cards.').waitFor();
    await buyer.page.getByText('Card no. 2').waitFor();
    await seller.page.getByText('2 of 3 done').waitFor();
    assert.match(await seller.page.locator('.trades li').first().innerText(), /2 ×/);
    await buyer.page.locator('.candle').waitFor();
    await seller.page.getByRole('button', { name: 'Withdraw' }).click();
    await seller.page.getByText('The order is withdrawn.').waitFor();
    await buyer.page.locator('.level.ask').waitFor({ state: 'detached' });
    assert.deepEqual(await ordersOf(mira), []);
    await buyer.close();
    seller.faults.splice(0, seller.faults.length, ...seller.faults.filter((fault) => !fault.includes('ERR_FAILED')));
    await seller.close();
});

test('what cannot be is said beside the field, or why', async () => {
    const { page, context, close } = await openPage(browser, system, { expected: [/status of 422/] });
    await signIn(context, system, omid);
    await visit(page, system.url + path());
    await page.locator('input[name=price]').fill('0');
    await page.locator('input[name=quantity]').fill('1001');
    await page.getByRole('button', { name: 'Place the order to buy' }).click();
    assert.equal(await page.locator('input[aria-invalid=true]').count(), 2);
    await page.locator('input[name=price]').fill('900000');
    await page.locator('input[name=quantity]').fill('1');
    await page.getByText('more than 10 % worse').waitFor();
    await page.getByRole('button', { name: 'Place the order to buy' }).click();
    await page.getByText('You have not enough CONSE for it.').waitFor();
    await page.locator('#order ~ form input[type=radio]').nth(1).check();
    await page.locator('input[name=quantity]').fill('90');
    await page.getByRole('button', { name: 'Place the order to sell' }).click();
    await page.getByText('You have not so many free cards.').waitFor();
    await close();
});

test('in each size, theme and language', async () => {
    for (const price of [1300, 1200, 1250]) await order(mira, 'SELL', price, 1).then(() => order(omid, 'BUY', price, 1));
    for (const [price, quantity] of [[1400, 1], [1350, 2]]) await order(mira, 'SELL', price, quantity);
    for (const [price, quantity] of [[1100, 3], [1050, 1], [900, 5]]) await order(omid, 'BUY', price, quantity);
    await lookEveryWay(browser, system, 'market', { who: omid, path: '/c/market' });
    await lookEveryWay(browser, system, 'market-role', { who: omid, path: path() });
    await lookEveryWay(browser, system, 'market-visitor', { path: '/c/market' });
    await lookEveryWay(browser, system, 'market-nothing', { who: omid, path: `/c/market/${randomUUID()}`, expected: [/status of 404/], act: (page) => page.locator('.empty').waitFor() });
});
