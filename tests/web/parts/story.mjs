// A whole evening by pages alone, as people at a table have it: each act is one person's. How they press, and in which language, is theirs.
import assert from 'node:assert/strict';
import { language } from '../../../web/src/core/prefs.js';
import { t } from '../../../web/src/words/words.js';
import { eventually, PASSWORD } from '../../e2e/parts/people.mjs';
import { readQr } from '../../e2e/parts/qr.mjs';
import { openPage, PHONE, rest } from './browser.mjs';
import { giveEars, hear } from './ears.mjs';
import { touch } from './hands.mjs';

const PATIENCE_MS = 60000;

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Somebody with a page of their own: {name, page, words(key, fill), tap, choose, hold, write, button(key), close()}. see(key, fill) waits
// until the page says so, with what is not filled in as it may be: to the eye, or to who only has `ears`, by its live regions.
export async function arrive(browser, { url }, name, { hand = touch, ears = false, language: spoken = 'en', viewport = PHONE, ...more } = {}) {
    const { page, context, faults, close } = await openPage(browser, { url }, { viewport, language: spoken, hasTouch: hand === touch, ...more });
    page.setDefaultTimeout(PATIENCE_MS);
    if (ears) await giveEars(context);
    const words = (key, fill) => {
        language.value = spoken;
        return t(key, fill);
    };
    const by = (act) => (locator, ...rest) => hand[act](page, locator, ...rest);
    const button = (key, fill) => page.getByRole('button', { name: words(key, fill) });
    const link = (key) => page.getByRole('link', { name: words(key) });
    const see = (key, fill = {}) => {
        const any = new Proxy(fill, { get: (given, hole) => given[hole] ?? '@', has: (given, hole) => hole in given });
        const pattern = new RegExp(escaped(words(key, any)).replaceAll('@', '.+'));
        return ears ? hear(page, pattern, PATIENCE_MS) : page.getByText(pattern).first().waitFor();
    };
    return { url, name, ears, page, context, faults, close, words, button, link, see, tap: by('tap'), choose: by('choose'), hold: by('hold'), write: by('write') };
}

// ---- Before the game

// At the door, as somebody new.
export async function makeAccount({ name, page, choose, write, tap, words, button }, { onForm } = {}) {
    await choose(page.getByRole('radio', { name: words('door.up') }));
    await write(page.locator('input[name=username]'), name);
    await write(page.locator('input[name=password]'), PASSWORD);
    await onForm?.();
    await tap(button('door.make'));
    await page.waitForURL((url) => !url.pathname.startsWith('/c/door'));
    await rest(page);
}

export async function openTable({ page, tap, write, words, button, link }, { title, seats, onForm }) {
    await tap(link('lead.plan').first());
    await write(page.locator('input[name=title]'), title);
    const shown = page.locator('.counter output'), now = async () => [...(await shown.innerText())].reduce((sum, digit) => sum * 10 + ('۰۱۲۳۴۵۶۷۸۹'.includes(digit) ? '۰۱۲۳۴۵۶۷۸۹'.indexOf(digit) : Number(digit)), 0);
    for (let count = await now(); count !== seats; count = await now()) await tap(button(count > seats ? 'plan.less' : 'plan.more'));
    await onForm?.();
    await tap(page.locator('button[type=submit]'));
    await page.waitForURL(/\/c\/lead\/[0-9a-f-]{36}$/);
    await page.getByText(words('event.code')).waitFor();
    await rest(page);
    return page.url().split('/').at(-1);
}

// What a phone's camera reads from the host's screen.
export async function scan({ page }) {
    const address = await page.locator('.code-open img').getAttribute('src');
    return new URL(readQr(await (await fetch(new URL(address, page.url()))).text())).pathname;
}

// From the code to a seat, with an account made on the way.
export async function takeSeat(player, path) {
    const { page, url, tap, button, link, see } = player;
    await page.goto(url + path);
    await tap(link('seat.door'));
    await makeAccount(player);
    await tap(button('seat.take'));
    await see('seat.yours');
}

// ---- The cards

export async function deal({ hold, button, see }) {
    await hold(button('lobby.lock'), () => see('deal.balance'));
    await hold(button('deal.reveal'), () => see('ready.title'));
}

// {role, side} as the player's own page tells while it is held.
export async function seeCard({ page, hold, tap, link, see, ears }) {
    if (ears) await see('log.REVEALED');
    await tap(link('event.live'));
    return hold(page.locator('.held'), async () => {
        await page.locator('.held-role').waitFor();
        const card = { role: await page.locator('.held-role').innerText(), side: await page.locator('.held-side').innerText() };
        if (ears) await see('card.said', card);
        return card;
    });
}

export async function askReady({ tap, button, see }, players) {
    await tap(button('ready.do'));
    await Promise.all(players.map(async (player) => {
        await player.see('ready.ask');
        await player.tap(player.button('ready.am'));
        await player.see('ready.said');
    }));
    await see('ready.all', { most: players.length });
}

// ---- Night and day

const chairOf = (page, name) => page.locator('button.chair', { hasText: name });

// Each who wakes acts on `target`, or on nobody when it is themselves, and sleeps again.
export async function night({ page, tap, button, words }, target, { onSheet } = {}) {
    await tap(button('day.toNight'));
    await page.locator('.wakes').waitFor();
    await page.locator('.wake').first().waitFor();
    await onSheet?.();
    const open = page.locator('.wake:not(.done)');
    for (let left = await open.count(); left > 0; left--) {
        const act = open.first().getByRole('button', { name: words('night.use') });
        if (await act.count()) {
            await tap(act);
            const choice = page.locator('dialog .choice').filter({ hasText: target });
            await tap(choice);
            await page.locator('dialog').waitFor({ state: 'detached' });
        }
        await tap(open.first().getByRole('button', { name: words('night.done') }));
        await eventually(async () => (await open.count()) === left - 1, PATIENCE_MS);
    }
}

export async function day({ page, tap, button }) {
    await tap(button('day.toDay'));
    await page.locator('button.chair').first().waitFor();
}

// Somebody's part ends: 'sheet.kill' or 'sheet.kick'.
export async function putOut({ page, tap, button }, name, how) {
    await tap(chairOf(page, name));
    await tap(page.getByRole('dialog').locator(button(how)));
    await tap(button('act.now'));
    await page.locator('button.chair.out', { hasText: name }).waitFor();
}

export async function vote({ page, tap, button, see }, voters, accused, { onBallot } = {}) {
    await tap(button('day.trial'));
    await Promise.all(voters.map((voter) => voter.see('poll.TRIAL')));
    await onBallot?.();
    await Promise.all(voters.map(async (voter) => {
        await voter.tap(voter.page.locator('.choice', { hasText: accused }));
        await voter.see('poll.votedFor');
    }));
    await see('poll.turnout', { voted: voters.length, eligible: voters.length });
    await tap(button('poll.close'));
    await page.locator('.ballot').waitFor({ state: 'detached' });
}

// ---- The end

export async function finish({ page, tap, hold, button, see }, side) {
    await tap(button('day.finish'));
    await tap(page.locator('dialog .choice', { hasText: side }));
    await hold(button('finish.do'), () => see('end.hint'));
}

export const seeEnd = async ({ page, words }) => {
    await page.locator('.won-sides').waitFor();
    await page.locator('.result.mine .gained strong').waitFor();
    await page.getByText(words('end.reckoning')).waitFor({ state: 'detached' });
};

export async function checkDeal({ page, tap, link, see }, players) {
    await tap(link('fair.check'));
    await see('fair.good', { n: players.length });
    assert.doesNotMatch(await page.locator('.verdict').getAttribute('class'), /bad/);
    await page.locator('#cards').waitFor();
    for (const { name } of players) await page.locator('section[aria-labelledby=cards]', { hasText: name }).waitFor();
    await page.goBack();
}

// Phase by phase to the last one: how many there were.
export async function watchAgain({ page, tap, button, link }) {
    await tap(link('replay.open'));
    const after = button('replay.after');
    await after.waitFor();
    let steps = 1;
    for (; await after.isEnabled(); steps++) await tap(after);
    return steps;
}

export async function seeRating({ page, tap }) {
    await tap(page.locator('nav a[href="/c/me"]'));
    await page.locator('section[aria-labelledby=rating] .big').waitFor();
}
