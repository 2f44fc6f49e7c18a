// A whole evening of twelve, with a screen that all look at: one story, by fingers, in Persian, by keys, and for who only hears the page. In
// each run those of five that have two of these at once; nightly all, of twelve.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setLevel } from '../e2e/parts/people.mjs';
import { DESK, openBrowser, picture } from './parts/browser.mjs';
import { keys, touch } from './parts/hands.mjs';
import { start } from './parts/stage.mjs';
import * as story from './parts/story.mjs';

const MANY = 12, ALL = Boolean(process.env.CONSE_WEB_ALL), count = ALL ? MANY : 5;
const TITLES = { en: 'Twelve at a table', fa: 'شب دوازده نفره' };
const LETTERS = 'abcdefghijkl';
const AT_ONCE = 4; // who comes in at the same time
const EVENINGS = {
    ...(ALL && { 'by touch alone': { hand: touch, count }, 'by keys alone': { hand: keys, viewport: DESK, count } }),
    'by touch, in Persian': { hand: touch, language: 'fa', count },
    'by keys and ears alone': { hand: keys, ears: true, viewport: DESK, count },
};
let system, browser;
before(async () => {
    system = await start({ CONSE_REWARD_MINUTES: '0' });
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

async function gather(how, tag) {
    const host = await story.arrive(browser, system, `${tag}.host`, { ...how, ears: false, expected: [/status of 401/] });
    await host.page.goto(`${system.url}/c/door`);
    await story.makeAccount(host);
    await setLevel(system, host.name, 'god');
    await host.tap(host.link('nav.lead'));
    const event = await story.openTable(host, { title: TITLES[how.language ?? 'en'], seats: how.count });
    const players = [], path = await story.scan(host);
    for (let i = 0; i < how.count; i += AT_ONCE) {
        const some = await Promise.all(Array.from({ length: Math.min(AT_ONCE, how.count - i) }, (_, j) => story.arrive(browser, system, `${tag}.${LETTERS[i + j]}`, how)));
        await Promise.all(some.map((player) => story.takeSeat(player, path)));
        players.push(...some);
    }
    const tv = await story.arrive(browser, system, 'tv', { ...how, ears: false, viewport: DESK });
    await tv.page.goto(`${system.url}/c/tv/${event}`);
    await host.see('event.seats', { taken: how.count, most: how.count });
    await tv.see('event.seats', { taken: how.count, most: how.count });
    return { host, players, tv };
}

// A night with a death and a day with a trial.
async function round({ host, tv, living }, number, mafia) {
    const victim = living.find((player) => player.side !== mafia.side);
    await story.night(host, victim.name);
    await Promise.all([...living, tv].map((one) => one.see('phase.NIGHT', { day: number })));
    await story.day(host);
    await story.putOut(host, victim.name, 'sheet.kill');
    const alive = living.filter((player) => player !== victim);
    await tv.see('table.living', { n: alive.length, most: tv.most });
    await story.vote(host, alive, mafia.name);
    await tv.page.locator('.tv-vote li', { hasText: mafia.name }).waitFor();
    await story.putOut(host, mafia.name, 'sheet.kick');
    return alive.filter((player) => player !== mafia);
}

let evenings = 0;
for (const [what, how] of Object.entries(EVENINGS))
    test(`an evening ${what}`, { timeout: 600000 }, async () => {
        const { host, players, tv } = await gather(how, `e${++evenings}`);
        await story.deal(host);
        for (const player of players) Object.assign(player, await story.seeCard(player));
        await story.askReady(host, players);
        tv.most = players.length;
        const sides = players.map(({ side }) => side), countOf = (side) => sides.filter((one) => one === side).length;
        const smaller = [...new Set(sides)].sort((one, two) => countOf(one) - countOf(two))[0];
        let living = players;
        for (const [at, mafia] of players.filter(({ side }) => side === smaller).slice(0, 2).entries()) living = await round({ host, tv, living }, at + 1, mafia);
        await picture(tv.page, `evening-${evenings}-tv`);
        await story.finish(host, living[0].side);
        await Promise.all([...players, tv].map((one) => one.see('end.sides')));
        const [last] = living;
        await story.seeEnd(last);
        await picture(last.page, `evening-${evenings}-end`);
        await story.checkDeal(last, players);
        assert.ok((await story.watchAgain(last)) >= 3);
        for (const { close } of [host, tv, ...players]) await close();
    });
