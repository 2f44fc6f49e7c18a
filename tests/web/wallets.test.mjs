// Seats that are paid on the chain, by a wallet of the browser, by one elsewhere, and what a phone without one is offered.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createEvent, fundWallet, hold, PRICE, reservationOf, startLamports, untilPayable } from '../e2e/parts/lamports.mjs';
import { call, eventually, ok, signUpAs } from '../e2e/parts/people.mjs';
import { readQr } from '../e2e/parts/qr.mjs';
import { payByUrl, signByWeb3 } from '../e2e/parts/wallets.mjs';
import { assertAccessible, assertFits, DESK, openBrowser, openPage, picture, rest, signIn, visit } from './parts/browser.mjs';

const PATIENCE_MS = 60000;
let place, system, browser, event;
before(async () => {
    place = await startLamports({ env: { CONSE_CONSOLE: process.env.CONSE_WEB } });
    ({ system } = place);
    browser = await openBrowser();
    event = await untilPayable(place, await createEvent(place));
}, { timeout: 180000 });
after(async () => {
    await browser?.close();
    await place?.stop();
});

const untilSeated = (person) => eventually(async () => (await reservationOf(place, person, event)).state === 'CONFIRMED', PATIENCE_MS);
async function open(person, { path = `/c/event/${event.id}`, prepare, ...more } = {}) {
    const opened = await openPage(browser, system, more);
    if (person) await signIn(opened.context, system, person);
    await prepare?.(opened.context);
    await visit(opened.page, system.url + path);
    return opened;
}
const look = async (page, name) => {
    await rest(page);
    await picture(page, `wallets-${name}`, { fullPage: false });
    await assertAccessible(page, name);
    await assertFits(page, name);
};

// A wallet that tells of itself as the standard says, and signs transactions.
const putWallet = (wallet) => async (context) => {
    await context.exposeFunction('signAsWallet', (transaction) => signByWeb3(wallet, { transaction }));
    await context.addInitScript((address) => {
        const chains = ['solana:localnet'], account = { address, publicKey: new Uint8Array(32), chains, features: ['solana:signTransaction'] };
        const signTransaction = async ({ transaction }) => {
            const signed = await window.signAsWallet(btoa(String.fromCharCode(...transaction)));
            return [{ signedTransaction: Uint8Array.from(atob(signed), (one) => one.charCodeAt(0)) }];
        };
        const features = {
            'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) },
            'solana:signMessage': { version: '1.1.0', signMessage: async () => [] },
            'solana:signTransaction': { version: '1.0.0', signTransaction },
        };
        const wallet = { version: '1.0.0', name: 'Ghost', icon: 'data:image/svg+xml;base64,', chains, accounts: [], features };
        addEventListener('wallet-standard:app-ready', ({ detail }) => detail.register(wallet));
    }, wallet.address);
};

test('a wallet of the browser pays for a seat', { timeout: 240000 }, async () => {
    const { person } = await hold(place, 'ghostly', event), wallet = await fundWallet(place);
    const had = await place.cluster.balance(wallet.address);
    const { page, close } = await open(person, { prepare: putWallet(wallet), expected: [/503.*\/ratings\//] }); // there is no ai
    const pay = page.getByRole('button', { name: /Pay .0\.25.SOL. with Ghost/ });
    await pay.waitFor();
    await page.getByText('On a cluster of this installation’s own').waitFor();
    await look(page, 'ghost');
    await pay.click();
    await page.getByText(/Seat \d is yours/).first().waitFor();
    await untilSeated(person);
    await visit(page, `${system.url}/c/me`);
    await page.locator('section[aria-labelledby=wallet]').getByText('On a cluster of this installation’s own').waitFor();
    assert.ok(had - (await place.cluster.balance(wallet.address)) >= PRICE);
    await close();
});

test('credit pays for a seat, where the account has enough', { timeout: 240000 }, async () => {
    const { person } = await hold(place, 'credited', event), credit = /Pay .0\.25.SOL. of your credit/;
    const poor = await open(person);
    await poor.page.getByRole('button', { name: 'Pay with another wallet' }).waitFor();
    await poor.page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('/wallet') && responseEnd));
    await rest(poor.page);
    assert.equal(await poor.page.getByRole('button', { name: credit }).count(), 0);
    await poor.close();
    const dev = await signUpAs(system, 'grants', 'dev'), body = { to_user_id: person.id, amount: String(2 * PRICE), currency: 'LAMPORTS', memo: 'won' };
    await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body })).status === 201, PATIENCE_MS);
    const { page, close } = await open(person, { theme: 'dark' });
    await page.getByRole('button', { name: credit }).waitFor();
    await look(page, 'credit');
    await page.getByRole('button', { name: credit }).click();
    await untilSeated(person);
    await page.getByText(/Seat \d is yours/).first().waitFor();
    await close();
});

test('a wallet elsewhere is shown a link and a code of Solana Pay', { timeout: 240000 }, async () => {
    const { person, reservation } = await hold(place, 'afar', event), wallet = await fundWallet(place);
    const { page, close } = await open(person, { language: 'en', theme: 'dark' });
    assert.equal(await page.getByRole('button', { name: 'Ghost' }).count(), 0);
    await page.getByRole('button', { name: 'Pay with another wallet' }).click();
    const link = page.getByRole('link', { name: 'Pay with a wallet on this device' });
    const url = await link.getAttribute('href');
    assert.match(url, new RegExp(`^solana:https%3A%2F%2Fplay\\.example%2Fpayments%2F${reservation.payment_id}|^solana:https://play\\.example/payments/${reservation.payment_id}`));
    assert.equal(readQr(await page.locator('dialog svg.qr').evaluate((element) => element.outerHTML)), url);
    await page.getByRole('dialog').getByText('On a cluster of this installation’s own').waitFor();
    await look(page, 'elsewhere');
    await payByUrl(system, place.cluster, wallet, url);
    await untilSeated(person);
    await page.getByText(/Seat \d is yours/).first().waitFor();
    await close();
});

test('a phone whose browser has no wallet is led to this page in a wallet’s own, a desk is not', { timeout: 120000 }, async () => {
    const phone = await open(null, { path: '/c/door', language: 'fa', isMobile: true });
    for (const [name, start] of [['Phantom', 'https://phantom.app/ul/browse/'], ['Solflare', 'https://solflare.com/ul/v1/browse/']]) {
        const href = await phone.page.getByRole('link', { name }).getAttribute('href');
        assert.equal(href, `${start}${encodeURIComponent(`${system.url}/c/door`)}?ref=${encodeURIComponent(system.url)}`);
    }
    await look(phone.page, 'phone');
    await phone.close();
    const armed = await open(null, { path: '/c/door', isMobile: true, prepare: putWallet({ address: '1'.repeat(32) }) });
    await armed.page.getByRole('button', { name: 'Come in with Ghost' }).waitFor();
    assert.equal(await armed.page.locator('a[href^="https://phantom.app"]').count(), 0);
    await armed.close();
    const desk = await open(null, { path: '/c/door', viewport: DESK });
    assert.equal(await desk.page.locator('a[href^="https://phantom.app"]').count(), 0);
    await desk.close();
    await ok(system, 'GET', `/events/${event.id}`);
});
