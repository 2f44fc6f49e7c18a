// The viewer of the API at /docs: all operations, sent to this very server, under the console's policy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, ok, PASSWORD, signUp } from '../e2e/parts/people.mjs';
import { startSystem } from '../e2e/parts/system.mjs';
import { assertAccessible, DESK, openBrowser, openPage, PHONE, picture, TABLET } from './parts/browser.mjs';

const PATIENCE_MS = 60000;
let system, browser, api;
before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_CONSOLE: process.env.CONSE_WEB, CONSE_LIMIT_AUTH: '100000/100000' } });
    browser = await openBrowser();
    api = await ok(system, 'GET', '/openapi.json');
    await signUp(system, 'zoe');
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function open(path = '/docs', more = {}) {
    const opened = await openPage(browser, system, { viewport: DESK, ...more });
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await opened.page.goto(system.url + path);
    await opened.page.locator('.opblock').first().waitFor();
    return opened;
}
const nameOf = (id) => id.replace(/^operations-[^-]*-/, '').replaceAll('\\', ''); // dots of an operation's name are escaped in its id
const find = (page, words) => page.locator('.operation-filter-input').fill(words);
const blockOf = (page, id) => page.locator(`.opblock[id$="${id.replace('.', '\\\\.')}"]`);
const toggle = (block) => block.locator('.opblock-summary-control').click();
const operations = () => Object.values(api.paths).flatMap((verbs) => Object.values(verbs));

test('every operation is shown', { timeout: 120000 }, async () => {
    const { page, close } = await open();
    const shown = new Set();
    for (let at = -1, next = 0; at !== next; at = next, next = await page.evaluate(() => scrollY)) {
        for (const id of await page.locator('.opblock').evaluateAll((all) => all.map((one) => one.id))) shown.add(nameOf(id));
        await page.evaluate(() => (scrollBy(0, 500), new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
    }
    assert.deepEqual([...shown].sort(), operations().map(({ operationId }) => operationId).sort());
    await close();
});

test('a log-in is sent, its token goes with the calls after it, and a refusal is shown as it is', { timeout: 120000 }, async () => {
    const { page, close } = await open('/docs', { expected: [/status of 401/] });
    await find(page, '/auth/login');
    await page.locator('.opblock').nth(1).waitFor({ state: 'detached' });
    const login = blockOf(page, 'auth.Login');
    await toggle(login);
    const send = async (block) => {
        await block.getByRole('button', { name: 'Execute' }).click();
        await block.locator('.live-responses-table tbody .response-col_status').waitFor();
        return (await block.locator('.live-responses-table tbody .response-col_status').innerText()).trim();
    };
    await login.locator('textarea').fill(JSON.stringify({ username: 'zoe', password: 'wrong wrong' }));
    assert.match(await send(login), /^401/);
    await login.locator('.live-responses-table', { hasText: 'BAD_CREDENTIALS' }).waitFor();
    await login.locator('textarea').fill(JSON.stringify({ username: 'zoe', password: PASSWORD }));
    await login.getByRole('button', { name: 'Execute' }).click();
    await login.locator('.live-responses-table', { hasText: 'access_token' }).waitFor();
    await find(page, 'auth.getme');
    const me = blockOf(page, 'auth.GetMe');
    await toggle(me);
    assert.match(await send(me), /^200/);
    await me.locator('.live-responses-table', { hasText: '"username": "zoe"' }).waitFor();
    await close();
});

// Closed and open, with bodies, parameters, replies and the form for a token.
async function look(page, name) {
    const see = async (what) => {
        await picture(page, `docs-${name}-${what}`, { fullPage: false });
        await assertAccessible(page, `${name} ${what}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} ${what} is too wide`);
    };
    await see('closed');
    for (const id of ['auth.UpdateMe', 'auth.ListUsers']) {
        await find(page, id);
        await page.locator('.opblock').nth(1).waitFor({ state: 'detached' });
        await toggle(blockOf(page, id));
        await blockOf(page, id).locator('.responses-wrapper').waitFor();
        await blockOf(page, id).evaluate((element) => element.scrollIntoView());
        await see(id);
    }
    await page.locator('.auth-wrapper .authorize').first().click();
    await page.locator('.dialog-ux input').waitFor();
    await see('token');
}

for (const [name, viewport, theme] of [['phone-dark', PHONE, 'dark'], ['desk-light', DESK, 'light'], ['phone-night', PHONE, 'night'], ['tablet-night', TABLET, 'night'], ['tablet-light', TABLET, 'light']])
    test(`it can be read by everybody: ${name}`, { timeout: 120000 }, async () => {
        const { page, close } = await open('/docs', { viewport, theme });
        await look(page, name);
        await close();
    });

test('the form of a problem is shown once', { timeout: 120000 }, async () => {
    const { page, close } = await open('/docs#/auth/auth.UpdateMe');
    const problems = blockOf(page, 'auth.UpdateMe').locator('tr.response:is([data-code^="4"], [data-code^="5"])');
    await problems.nth(1).waitFor();
    const forms = problems.locator('.model-example');
    assert.deepEqual(await forms.evaluateAll((all) => all.map((one) => one.getClientRects().length > 0)), [true, ...Array((await forms.count()) - 1).fill(false)]);
    assert.ok((await forms.count()) > 1);
    await close();
});

test('the type of a problem leads to its reason, and a link to an operation opens it', { timeout: 120000 }, async () => {
    const problem = await (await fetch(`${system.url}/auth/me`)).json();
    const { page, close } = await open(problem.type);
    const row = page.locator(`[id="${problem.code}"]`);
    await row.waitFor();
    await eventually(() => row.evaluate((element) => element.getBoundingClientRect().top >= 0 && element.getBoundingClientRect().bottom <= innerHeight), PATIENCE_MS);
    assert.equal(await page.locator('#codes tr').count(), api['x-conse-reasons'].length);
    await page.goto(`${system.url}/openapi.json`);
    await page.goto(`${system.url}/docs#/auth/auth.GetMe`);
    await blockOf(page, 'auth.GetMe').locator('.opblock-body').waitFor();
    await close();
});
