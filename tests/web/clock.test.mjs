// Two phones whose own clocks are wrong show the same second of a timer at the same moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, signIn, visit } from './parts/browser.mjs';
import { fillStage, start } from './parts/stage.mjs';

const APART_MS = 100;
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

// Sets the page's own clock wrong. What the test compares is by the true one.
const shift = (ms) => {
    const now = Date.now.bind(Date);
    const origin = performance.timeOrigin;
    window.trueNow = () => origin + performance.now();
    Date.now = () => now() + ms;
    Object.defineProperty(performance, 'timeOrigin', { value: origin + ms });
};

// When the timer changed to what, by the true clock.
const changes = (page) =>
    page.evaluate(() => new Promise((resolve) => {
        const seen = [];
        const timer = document.querySelector('[role=timer]');
        new MutationObserver(() => seen.push([timer.textContent, window.trueNow()]) >= 6 && resolve(seen)).observe(timer, { characterData: true, subtree: true, childList: true });
    }));

test('timers of two phones differ by at most 100 ms', async () => {
    const pages = [];
    for (const [person, ms] of [[stage.players[0], 37 * 60e3], [stage.players[1], -4 * 3600e3]]) {
        const opened = await openPage(browser, system);
        await opened.context.addInitScript(shift, ms);
        await signIn(opened.context, system, person);
        await visit(opened.page, `${system.url}/c/table/${stage.running.id}`);
        await opened.page.locator('[role=timer]').waitFor();
        pages.push(opened);
    }
    const [one, two] = await Promise.all(pages.map(({ page }) => changes(page)));
    const later = new Map(two);
    const apart = one.filter(([text]) => later.has(text)).map(([text, at]) => Math.abs(at - later.get(text)));
    assert.ok(apart.length >= 3, JSON.stringify({ one, two }));
    const middle = apart.sort((a, b) => a - b)[apart.length >> 1]; // one of them may be drawn late by a machine that has much to do
    assert.ok(middle <= APART_MS, `${apart.map(Math.round)} ms`);
    for (const { close } of pages) await close();
});
