// What is heard: nothing before the first touch, nothing at night, nothing on a device that is mute.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dealFour, makeFour } from '../e2e/parts/mafia.mjs';
import { eventually } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, openBrowser, openPage, picture, signIn, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 20000, SPEECH_S = 8;
let system, browser, four, game;
before(async () => {
    system = await start();
    browser = await openBrowser();
    four = await makeFour(system);
    game = await dealFour(system, four);
    await game.g('POST', '/phases', { kind: 'DAY' });
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

// What is planned, and what was felt.
const listen = () => {
    Object.assign(window, { contexts: 0, planned: [], felt: [] });
    const { AudioContext, OscillatorNode } = window;
    window.AudioContext = class extends AudioContext {
        constructor() {
            super();
            window.contexts++;
        }
    };
    const begin = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) {
        window.planned.push({ at, hertz: this.frequency.value });
        begin.call(this, at);
    };
    navigator.vibrate = (pattern) => window.felt.push(pattern);
};

async function open(person) {
    const opened = await openPage(browser, system);
    await signIn(opened.context, system, person);
    await opened.context.addInitScript(listen);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, `${system.url}/c/table/${game.event.id}`);
    return opened;
}
const heard = (page) => page.evaluate(() => ({ contexts: window.contexts, planned: window.planned, felt: window.felt }));
const speak = () => game.g('POST', '/clock', { seconds: SPEECH_S });
const isOver = async (page) => (await page.locator('.speaker .countdown').textContent()) === '0:00';
async function untilOver(page) {
    await eventually(async () => !(await isOver(page)), PATIENCE_MS);
    await eventually(() => isOver(page), PATIENCE_MS);
}

test('the last seconds tick, and a gong ends them', { timeout: 90000 }, async () => {
    const { page, close } = await open(game.citizens[0]);
    await speak();
    await page.locator('.speaker').waitFor();
    assert.deepEqual(await heard(page).then(({ contexts, planned }) => [contexts, planned]), [0, []], 'before the first touch');
    await page.locator('h1').click();
    await speak();
    await eventually(async () => (await heard(page)).planned.length >= SPEECH_S, PATIENCE_MS);
    const { contexts, planned } = await heard(page);
    assert.equal(contexts, 1);
    const gong = planned.at(-1);
    assert.ok(planned.slice(0, -1).every(({ hertz }) => hertz > gong.hertz));
    for (const [i, { at }] of planned.entries()) assert.ok(Math.abs(gong.at - at - (planned.length - 1 - i)) < 0.05, 'a second apart');
    await picture(page, 'sound', { fullPage: false });
    await assertAccessible(page, 'sound');
    await assertFits(page, 'sound');
    await untilOver(page);
    await eventually(async () => JSON.stringify((await heard(page)).felt.at(-1)) === '[200,100,200]', PATIENCE_MS);
    await close();
});

test('a device that is mute plans nothing, and stays mute', { timeout: 90000 }, async () => {
    const { page, close } = await open(game.citizens[1]);
    await page.getByRole('button', { name: 'No sounds on this device' }).click();
    await visit(page, page.url());
    await page.locator('h1').click();
    await speak();
    await untilOver(page);
    const { planned, felt } = await heard(page);
    assert.deepEqual([planned, felt], [[], []]);
    await close();
});

test('a night is silent', { timeout: 90000 }, async () => {
    const { page, close } = await open(game.citizens[0]);
    await page.locator('h1').click();
    await game.g('POST', '/phases', { kind: 'NIGHT', timer: `${SPEECH_S}s` });
    await page.locator('.phase-night .countdown.soon').waitFor();
    await page.locator('.phase-night .countdown').waitFor({ state: 'detached' }); // its end came
    const { planned, felt } = await heard(page);
    assert.deepEqual([planned, felt], [[], []]);
    await close();
});
