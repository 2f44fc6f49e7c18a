// Every screen as it is drawn: accessible, no wider than its window, with nothing asked elsewhere. Pictures are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser } from './parts/browser.mjs';
import { lookAt, LOOKS } from './parts/looks.mjs';
import { fillStage, start } from './parts/stage.mjs';

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

// {name: [who, path, and what is done there]}
const screens = () => ({
    explore: [null, '/'],
    'explore-nothing': [null, '/', async (page) => {
        await page.locator('input[type=search]').fill('zzzz');
        await page.locator('.empty').waitFor();
    }],
    'door-in': [null, '/c/door'],
    'door-up': [null, '/c/door', (page) => page.locator('input[type=radio]').nth(1).check()],
    'door-code': [null, '/c/door', (page) => page.locator('input[type=radio]').nth(2).check()],
    'door-refused': [null, '/c/door', async (page) => {
        await page.locator('input[name=username]').fill('nobody');
        await page.locator('input[name=password]').fill('wrong wrong');
        await page.locator('button[type=submit]').click();
        await page.locator('.notice.bad').waitFor();
    }],
    event: [null, `/c/event/${stage.open.id}`],
    'event-gone': [null, '/c/event/01a204b8-c493-744e-8dfd-817a593ee278'],
    'event-seated': [stage.players[0], `/c/event/${stage.open.id}`],
    'event-waiting': [stage.players[4], `/c/event/${stage.full.id}`],
    'event-persian': [null, `/c/event/${stage.persian.id}`],
    'event-leave': [stage.players[0], `/c/event/${stage.open.id}`, (page) => page.locator('.dock button').click()],
    nowhere: [null, '/c/nowhere'],
    'me-visitor': [null, '/c/me'],
    me: [stage.players[0], '/c/me'],
    inbox: [stage.players[0], '/c/inbox'],
    'inbox-empty': [stage.nobody, '/c/inbox'],
    plan: [stage.god, '/c/plan'],
    'plan-own-deck': [stage.god, '/c/plan', (page) => page.locator('select[name=deck]').selectOption({ index: 1 })],
    'plan-not-yet': [stage.nobody, '/c/plan'],
    'lead-list': [stage.god, '/c/lead'],
    decks: [stage.god, '/c/decks'],
});

const REFUSED = [/status of 40[14]/];

for (const look of LOOKS)
    test(`screens: ${Object.values(look).join(', ')}`, async () => {
        const faults = [];
        for (const [name, [who, path, act]] of Object.entries(screens()))
            await lookAt(browser, system, name, look, { who, path, act, expected: REFUSED }).catch((fault) => faults.push(`${name}: ${fault.message}`));
        assert.deepEqual(faults, []);
    });
