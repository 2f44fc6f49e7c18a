// One's own page: password, sessions, wallet, what is told, rating, what is kept, and leaving.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { makeWallet } from '../e2e/parts/auth_people.mjs';
import { dealFour, makeFour } from '../e2e/parts/mafia.mjs';
import { call, eventually, ok, PASSWORD, signUp } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, DESK, logIn, openBrowser, openPage, PHONE, picture, rest, signIn, TABLET, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
let system, browser, four;
before(async () => {
    system = await start();
    browser = await openBrowser();
    four = await makeFour(system);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function open(person, { path = '/c/me', wallet, ...more } = {}) {
    const opened = await openPage(browser, system, more);
    if (person) await signIn(opened.context, system, person);
    if (wallet) await putWallet(opened.context, wallet);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, system.url + path);
    return opened;
}

// A wallet that tells of itself as the standard says, and signs what it is shown.
async function putWallet(context, { address, sign }) {
    await context.exposeFunction('signAsWallet', (message) => [...Buffer.from(sign(Buffer.from(message)), 'base64')]);
    await context.addInitScript((of) => {
        const chains = ['solana:mainnet'];
        const account = { address: of, publicKey: new Uint8Array(32), chains, features: ['solana:signMessage'] };
        const signMessage = (...wanted) => Promise.all(wanted.map(async ({ message }) => ({ signedMessage: message, signature: Uint8Array.from(await window.signAsWallet([...message])) })));
        const features = { 'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) }, 'solana:signMessage': { version: '1.1.0', signMessage } };
        const wallet = { version: '1.0.0', name: 'Ghost', icon: 'data:image/svg+xml;base64,', chains, accounts: [], features };
        const callback = ({ register }) => register(wallet);
        addEventListener('wallet-standard:app-ready', ({ detail }) => callback(detail));
        dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: callback }));
    }, address);
}

const look = async (page, name) => {
    await rest(page);
    await picture(page, `me-${name}`);
    await assertAccessible(page, name);
    await assertFits(page, name);
};
async function prove(page, password = PASSWORD) {
    await page.locator('input[name=proof]').fill(password);
    await page.getByRole('button', { name: 'It is me' }).click();
}
const me = async ({ token }) => (await ok(system, 'GET', '/auth/me', { token })).user;

test('another password ends the other sessions', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'anna');
    const { page, close } = await open(person, { expected: [/status of 401/] });
    await page.locator('input[name=current_password]').fill('not this one');
    await page.locator('input[name=new_password]').fill('another long one');
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('That is not your password').waitFor();
    await page.locator('input[name=current_password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('The password is changed.').waitFor();
    assert.equal((await call(system, 'GET', '/auth/me', { token: person.token })).status, 401);
    await visit(page, `${system.url}/c/me`); // the cookie is of the session that began
    await page.getByRole('heading', { name: 'anna' }).waitFor();
    await close();
    const other = await openPage(browser, system);
    await logIn(other.page, system, 'anna', 'another long one');
    await other.close();
});

test('sessions end one by one, or all others', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'berta');
    const again = () => ok(system, 'POST', '/auth/login', { body: { username: 'berta', password: PASSWORD } });
    await again();
    await again();
    const { page, close } = await open(person);
    const rows = page.locator('[aria-labelledby=sessions] li');
    await eventually(async () => (await rows.count()) === 4, PATIENCE_MS);
    await look(page, 'sessions');
    await page.getByRole('button', { name: 'Log out there' }).first().click();
    await eventually(async () => (await rows.count()) === 3, PATIENCE_MS);
    await page.getByRole('button', { name: 'Log out everywhere else' }).click();
    await eventually(async () => (await rows.count()) === 1, PATIENCE_MS);
    await page.getByText('This browser', { exact: true }).waitFor();
    assert.equal((await call(system, 'GET', '/auth/me', { token: person.token })).status, 401);
    await close();
});

test('what is told is rung, counted or only listed', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'clara');
    const { page, close } = await open(person);
    const preferences = async () => (await ok(system, 'GET', '/notifications/preferences', { token: person.token })).preferences;
    const choose = (about, how) => page.getByRole('group', { name: about }).getByRole('radio', { name: how, exact: true }).check();
    await choose('Mentions in rooms', 'List');
    await eventually(async () => (await preferences()).quiet.includes('MENTION'), PATIENCE_MS);
    await choose('Reminders', 'Count');
    await eventually(async () => (await preferences()).no_push.includes('REMINDER'), PATIENCE_MS);
    await choose('Mentions in rooms', 'Ring');
    await eventually(async () => JSON.stringify(await preferences()) === JSON.stringify({ quiet: [], no_push: ['REMINDER'] }), PATIENCE_MS);
    await close();
});

test('the name and the phone are changed, after a proof', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'dilan');
    const { page, close } = await open(person, { expected: [/status of 40[039]/] });
    const form = page.locator('[aria-labelledby=name]');
    const keep = form.getByRole('button', { name: 'Save name and phone' });
    assert.ok(await keep.isDisabled());
    await form.locator('input[name=username]').fill('dilan two');
    await keep.click();
    await form.locator('.fault').waitFor();
    await form.locator('input[name=username]').fill('dilara');
    await form.locator('input[name=phone]').fill('+98۹۱۲۳۴۵۰۰۰۷');
    await keep.click();
    await prove(page);
    await page.getByRole('heading', { name: 'dilara', level: 1 }).waitFor();
    const { username, phone } = await me(person);
    assert.deepEqual([username, phone], ['dilara', '+989123450007']);
    await look(page, 'name');
    await close();
});

test('what is used of an account is switched one by one', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'elif');
    const { page, close } = await open(person);
    const uses = async () => (await ok(system, 'GET', '/auth/me/preferences', { token: person.token })).preferences;
    await page.getByRole('switch', { name: 'A language model may read' }).click();
    await eventually(async () => !(await uses()).llm, PATIENCE_MS);
    const { show_rating, tips, suggestions } = await uses();
    assert.deepEqual([show_rating, tips, suggestions], [true, true, true]);
    await page.getByRole('switch', { name: 'A language model may read' }).click();
    await eventually(async () => (await uses()).llm, PATIENCE_MS);
    await close();
});

test('a key is made after a proof, shown once, acts as it was said, and ends', { timeout: 90000 }, async () => {
    const person = await signUp(system, 'farid');
    const { page, close } = await open(person, { expected: [/status of 403/] });
    await page.getByRole('button', { name: 'A new key' }).click();
    await page.locator('input[name=key-name]').fill('a small bot');
    await look(page, 'key-new');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await prove(page);
    const key = await page.getByRole('dialog').locator('code').innerText();
    await look(page, 'key');
    const { access_token: token } = await ok(system, 'POST', '/auth/api-keys/token', { body: { key } });
    assert.equal((await me({ token })).username, 'farid');
    assert.equal((await call(system, 'PUT', '/notifications/preferences', { token, body: { quiet: [], no_push: [] } })).status, 403);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    assert.ok(!(await page.content()).includes(key));
    await page.getByText('only reads').waitFor();
    await page.getByRole('button', { name: 'End the key a small bot' }).click();
    await page.getByText('No program acts for you.').waitFor();
    assert.equal((await call(system, 'POST', '/auth/api-keys/token', { body: { key } })).status, 401);
    await close();
});

test('a wallet is linked, logs in, and is unlinked', { timeout: 120000 }, async () => {
    const person = await signUp(system, 'dora'), wallet = makeWallet();
    const { page, close } = await open(person, { wallet, expected: [/status of 403/] });
    await page.getByRole('button', { name: 'Link Ghost' }).click();
    await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
    await look(page, 'prove');
    await prove(page);
    await page.locator('code', { hasText: wallet.address }).waitFor();
    assert.equal((await me(person)).wallet, wallet.address);

    const door = await open(null, { wallet, path: '/c/door?next=/c/me' });
    await door.page.getByRole('button', { name: 'Come in with Ghost' }).waitFor();
    await look(door.page, 'door-wallet');
    await door.page.getByRole('button', { name: 'Come in with Ghost' }).click();
    await door.page.getByRole('heading', { name: 'dora' }).waitFor();
    await door.close();

    await page.getByRole('button', { name: 'Unlink' }).click();
    await prove(page);
    await page.getByRole('button', { name: 'Link Ghost' }).waitFor();
    assert.equal((await me(person)).wallet, '');
    await close();
});

test('what is kept can be taken along, and an account can be deleted', { timeout: 120000 }, async () => {
    const person = await signUp(system, 'edda');
    const { page, close } = await open(person, { language: 'en', expected: [/status of 40[13]/] });
    await page.getByRole('button', { name: 'Save a copy' }).click();
    await prove(page, 'wrong password');
    await page.getByText('do not go together').waitFor();
    const saved = page.waitForEvent('download');
    await prove(page);
    const file = JSON.parse(fs.readFileSync(await (await saved).path(), 'utf8'));
    assert.equal(file.user.username, 'edda');
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await look(page, 'leave');
    const button = page.locator('dialog button.hold');
    await button.hover();
    await page.mouse.down();
    await page.locator('input[name=proof]').waitFor();
    await page.mouse.up();
    await prove(page);
    await page.getByText('Your account is deleted.').waitFor();
    assert.equal((await call(system, 'POST', '/auth/login', { body: { username: 'edda', password: PASSWORD } })).status, 401);
    await close();
});

test('a rating has its range, its history, and why', { timeout: 180000 }, async () => {
    const game = await dealFour(system, four), [winner] = game.citizens;
    await game.g('POST', '/phases', { kind: 'DAY' });
    const side = (await game.g('GET', '')).event.players.find(({ user_id }) => user_id === winner.id).side_id;
    await game.g('POST', '/finish', { winning_side_ids: [side] });
    await eventually(async () => (await call(system, 'GET', `/ratings/${winner.id}`, { token: winner.token })).body.rating?.games === 1, 60000);
    const { page, close } = await open(winner);
    await page.getByText(/Your chance to win was \d+\s?%, and you won\./).waitFor();
    await page.locator('.range').waitFor();
    await look(page, 'rating');
    await close();
    const faults = [];
    for (const [size, viewport] of Object.entries({ phone: PHONE, tablet: TABLET, desk: DESK }))
        for (const [theme, language] of [['light', 'en'], ['dark', 'fa'], ['night', 'fa']]) {
            const seen = await open(winner, { viewport, theme, language });
            await look(seen.page, `all-${size}-${theme}-${language}`).catch((fault) => faults.push(fault.message));
            await seen.close();
        }
    assert.deepEqual(faults, []);
});
