// When the gateway dies: what is shown is of then, and says so; when it is back all goes on; a tap is carried out once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvent, readLog } from '../e2e/parts/games.mjs';
import { eventually, ok, signUp } from '../e2e/parts/people.mjs';
import { openBrowser, openPage, PHONE, signIn, visit } from './parts/browser.mjs';
import { listen } from './parts/listen.mjs';
import { fillStage, start } from './parts/stage.mjs';

const AWAY = [/ERR_|Failed to load/];
// Two seconds, and one, of a page on a machine with nothing else to do.
const GREY_MOST_MS = 8000, BACK_MOST_MS = 6000, PATIENCE_MS = 30000;
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

test('the last state is grey two seconds after the gateway died, and current one second after it is back', async () => {
    const { page, close } = await openPage(browser, system, { expected: AWAY });
    await visit(page, `${system.url}/c/event/${stage.open.id}`);
    await page.getByText('3 of 8 seats taken').waitFor();
    await system.kill('gateway');
    const died = Date.now();
    await page.locator('.stale .notice').waitFor();
    assert.ok(Date.now() - died < GREY_MOST_MS, `${Date.now() - died} ms`);
    assert.match(await page.locator('.stale').innerText(), /\d\d:\d\d:\d\d/);
    await page.getByText('3 of 8 seats taken').waitFor(); // it is still there
    await system.start('gateway');
    const back = Date.now();
    await page.locator('.stale .notice').waitFor({ state: 'detached' });
    assert.ok(Date.now() - back < BACK_MOST_MS, `${Date.now() - back} ms`);
    await ok(system, 'POST', `/events/${stage.open.id}/reservations`, { token: stage.players[4].token, body: {} });
    await page.getByText('4 of 8 seats taken').waitFor();
    await close();
});

test('a tap while nobody answers is carried out once, when somebody does', async () => {
    const person = await signUp(system, 'taps_once');
    const { page, context, close } = await openPage(browser, system, { expected: AWAY });
    await signIn(context, system, person);
    await visit(page, `${system.url}/c/event/${stage.persian.id}`);
    await page.locator('.dock button.main').waitFor();
    // The answer is lost on its way, not the call.
    let lost = 0;
    await page.route('**/reservations', async (route) => {
        if (lost++ > 0) return route.continue();
        await route.fetch();
        return route.abort('connectionreset');
    });
    await page.locator('.dock button.main').click();
    await page.locator('.dock .seat-line').waitFor();
    assert.ok(lost >= 2);
    assert.equal((await readEvent(system, person, stage.persian)).my_reservation.state, 'CONFIRMED');
    const { entries } = await readLog(system, person, stage.persian);
    assert.equal(entries.filter(({ kind, actor_id }) => kind === 'RESERVED' && actor_id === person.id).length, 1);
    await close();
});

// ---- A night

async function watch(person, path) {
    const opened = await openPage(browser, system, { viewport: PHONE, expected: AWAY });
    await signIn(opened.context, system, person);
    await opened.context.addInitScript(listen);
    await visit(opened.page, system.url + path);
    return opened;
}

// The indexes of the entries of an event's log that the page was told by streams, in their order.
const toldIndexes = (page) => page.evaluate(() => window.told.filter(({ asked }) => / \/stream/.test(asked))
    .flatMap(({ text }) => [...text.matchAll(/^event: entry\n(?:id: .*\n)?data: (.*)$/gm)].map(([, data]) => JSON.parse(data)))
    .filter(({ stream }) => stream.startsWith('event:')).map(({ entry }) => Number(entry.index)));

// The first who wakes and can act does so on this player; tapped twice, as people do when nothing happens.
async function act(page, target) {
    await page.locator('.wake button:enabled', { hasText: 'Acts' }).first().click();
    const choice = page.locator('dialog .choice', { hasText: target });
    await choice.click();
    await choice.click({ force: true, timeout: 1000 }).catch(() => {}); // gone when it was answered already
}
const used = async () => (await readLog(system, stage.god, stage.running)).entries.filter(({ kind }) => kind === 'ABILITY_USED');

test('in a night no entry comes twice and no tap is lost, though the gateway dies, and dies for long', { timeout: 180000 }, async () => {
    const [one, two] = stage.players.map(({ user }) => user.username);
    const host = await watch(stage.god, `/c/lead/${stage.running.id}`), player = await watch(stage.players[5], `/c/table/${stage.running.id}`);
    await host.page.locator('.wake').first().waitFor();
    const before = (await used()).length;

    // It is back before the page gives up.
    await system.kill('gateway');
    await act(host.page, one);
    for (const { page } of [host, player]) await page.locator('.stale .notice').waitFor();
    await player.page.locator('.table.greyed .chair').first().waitFor();
    await system.start('gateway');
    const back = Date.now();
    for (const { page } of [host, player]) await page.locator('.stale .notice').waitFor({ state: 'detached' });
    assert.ok(Date.now() - back < BACK_MOST_MS, `${Date.now() - back} ms`);
    const dialog = host.page.locator('dialog');
    await eventually(async () => !(await dialog.count()) || (await dialog.locator('.notice.bad').count()), PATIENCE_MS);
    if (await dialog.count()) await dialog.locator('.choice', { hasText: one }).click(); // the machine was too slow
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await used()).length, before + 1);

    // It is away for longer than the page tries: that is said, and the same tap again is the same act.
    await system.kill('gateway');
    await act(host.page, two);
    await dialog.locator('.notice.bad').waitFor();
    await system.start('gateway');
    await dialog.locator('.choice', { hasText: two }).click();
    await dialog.waitFor({ state: 'detached' });
    const acts = await used();
    assert.deepEqual(acts.slice(before).map(({ fields }) => fields.target_id), stage.players.slice(0, 2).map(({ id }) => id));

    // What happened meanwhile and since is told once and in order, to both.
    await ok(system, 'PATCH', `/events/${stage.running.id}/players/${stage.players[2].id}`, { token: stage.god.token, body: { status: 'DEAD' } });
    await player.page.locator('.chair.out').waitFor();
    for (const [who, { page }] of [[stage.god, host], [stage.players[5], player]]) {
        const indexes = (await readLog(system, who, stage.running)).entries.map(({ index }) => Number(index)), last = indexes.at(-1);
        await eventually(async () => (await toldIndexes(page)).includes(last), PATIENCE_MS);
        const told = await toldIndexes(page);
        assert.deepEqual(told, indexes.filter((index) => index >= told[0]));
    }
    await host.close();
    await player.close();
});
