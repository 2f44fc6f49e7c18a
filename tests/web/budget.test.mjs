// What a first visit costs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, rest } from './parts/browser.mjs';
import { fillStage, start } from './parts/stage.mjs';

const FIRST_LOAD_MOST = 120 * 1024;
const SHOWN_MOST_MS = 3000; // one second on a machine with nothing else to do
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
let system, browser;
before(async () => {
    system = await start();
    browser = await openBrowser();
    await fillStage(system);
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

for (const language of ['en', 'fa'])
    test(`a first visit is small and soon usable on a slow phone: ${language}`, async () => {
        const { page, context, close } = await openPage(browser, system, { language });
        const devtools = await context.newCDPSession(page);
        await devtools.send('Network.enable');
        await devtools.send('Network.emulateNetworkConditions', SLOW_4G);
        let bytes = 0;
        const fonts = new Set();
        devtools.on('Network.responseReceived', ({ requestId, type }) => type === 'Font' && fonts.add(requestId));
        devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => (bytes += fonts.has(requestId) ? 0 : encodedDataLength));
        const begun = Date.now();
        await page.goto(system.url, { waitUntil: 'commit' });
        await page.locator('h1').waitFor();
        const shown = Date.now() - begun;
        await rest(page);
        assert.ok(bytes < FIRST_LOAD_MOST, `${bytes} bytes`);
        console.log(`${language}: ${(bytes / 1024).toFixed(1)} KiB without fonts, drawn after ${shown} ms`);
        if (process.env.CONSE_WEB_ALL) assert.ok(shown < SHOWN_MOST_MS, `${shown} ms`);
        await close();
    });
