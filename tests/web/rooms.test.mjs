// Rooms in a browser: what is said comes to who may read it, once, and to nobody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dealFour, makeFour } from '../e2e/parts/mafia.mjs';
import { call, eventually, ok } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, DESK, openBrowser, openPage, PHONE, picture, rest, signIn, TABLET, visit } from './parts/browser.mjs';
import { start } from './parts/stage.mjs';

const PATIENCE_MS = 20000;
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

const say = async (person, room, text, more = {}) =>
    (await ok(system, 'POST', `/rooms/${room}/messages`, { token: person.token, body: { client_id: crypto.randomUUID(), text, ...more } })).message;
const list = (person, room, query = '') => ok(system, 'GET', `/rooms/${room}/messages${query}`, { token: person.token });
const texts = async (person, room) => (await list(person, room)).messages.map(({ text }) => text);

// A room on a page of that person.
async function open(person, part, more) {
    const opened = await openPage(browser, system, more);
    await signIn(opened.context, system, person);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    await visit(opened.page, `${system.url}/c/rooms/${game.event.id}${part && `/${part}`}`);
    return opened;
}
async function write(page, text) {
    await page.locator('textarea').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
}
const bubble = (page, text) => page.locator('.message', { hasText: text });
const more = (page, text) => bubble(page, text).first().locator('button').last().click();
const look = async (page, name) => {
    await rest(page);
    await picture(page, `rooms-${name}`, { fullPage: false });
    await assertAccessible(page, name);
    await assertFits(page, name);
};

test('what is said is there at once, once, and can be changed, taken back and answered', { timeout: 90000 }, async () => {
    const [one, two] = game.citizens;
    const left = await open(one, 'table'), right = await open(two, 'table', { theme: 'dark' });
    await left.page.getByText('Nothing said yet').waitFor();
    await look(left.page, 'empty');
    await right.page.locator('textarea').pressSequentially('G');
    await left.page.getByText(`${two.user.username} is writing`).waitFor();
    await write(right.page, 'Good evening');
    await bubble(left.page, 'Good evening').waitFor();
    await left.page.locator('.typing', { hasText: 'writing' }).waitFor({ state: 'detached' });

    // Two taps on the button, and the key.
    await left.page.locator('textarea').fill('Who is the boss?');
    await left.page.getByRole('button', { name: 'Send' }).dblclick();
    await bubble(right.page, 'Who is the boss?').waitFor();
    await eventually(async () => !(await left.page.locator('.unsent').count()), PATIENCE_MS);
    assert.deepEqual(await texts(one, game.table), ['Good evening', 'Who is the boss?']);
    assert.equal(await bubble(left.page, 'Who is the boss?').count(), 1);

    await more(left.page, 'Who is the boss?');
    await left.page.locator('input[name=edited]').fill('Who is it?');
    await look(left.page, 'message');
    await left.page.getByRole('button', { name: 'Keep' }).click();
    await bubble(right.page, 'Who is it?').getByText('changed').waitFor();

    await more(right.page, 'Who is it?');
    await right.page.getByRole('button', { name: 'Answer', exact: true }).click();
    await write(right.page, `@${one.user.username} not me`);
    await bubble(left.page, 'not me').locator('mark.me').waitFor();
    await bubble(left.page, 'not me').locator('.quote', { hasText: 'Who is it?' }).waitFor();
    await look(left.page, 'talk');

    await more(left.page, 'Who is it?');
    await left.page.getByRole('button', { name: 'Delete' }).click();
    await right.page.getByText('Taken back.').first().waitFor();
    assert.ok(!(await right.page.locator('main').innerHTML()).includes('Who is it?'));
    await left.close();
    await right.close();
});

test('names that may be meant are offered', async () => {
    const { page, close } = await open(game.citizens[0], 'table');
    await page.locator('textarea').fill(`psst @${game.citizens[1].user.username.slice(0, -1)}`);
    await page.getByRole('button', { name: `@${game.citizens[1].user.username}` }).click();
    assert.equal(await page.locator('textarea').inputValue(), `psst @${game.citizens[1].user.username} `);
    await close();
});

test('a message that could not be sent waits for its writer, also on another page, and is sent once', { timeout: 90000 }, async () => {
    const [, two] = game.citizens;
    const { page, context, close } = await open(two, 'table', { expected: [/ERR_FAILED|ERR_INTERNET/] });
    const isSent = (route) => route.request().method() === 'POST';
    await context.route('**/rooms/*/messages', (route) => (isSent(route) ? route.abort('failed') : route.continue()));
    await write(page, 'through the storm');
    await page.locator('.unsent').getByRole('button', { name: 'Try again' }).waitFor();
    await visit(page, page.url());
    await page.locator('.unsent').getByText('Not sent').waitFor();
    await context.unroute('**/rooms/*/messages');
    // Now it arrives, but its first answer does not.
    const ids = [];
    await context.route('**/rooms/*/messages', async (route) => {
        if (!isSent(route)) return route.continue();
        if (ids.push(route.request().postDataJSON().client_id) > 1) return route.continue();
        await route.fetch();
        return route.abort('failed');
    });
    await page.locator('.unsent').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.unsent').waitFor({ state: 'detached' });
    assert.equal((await texts(two, game.table)).filter((text) => text === 'through the storm').length, 1);
    assert.equal(await bubble(page, 'through the storm').count(), 1);
    await eventually(() => ids.length > 1, PATIENCE_MS);
    assert.equal(ids[0], ids[1]);
    await close();
});

test('a page that is loaded again before the answer came shows its message once, as sent', { timeout: 90000 }, async () => {
    const [, two] = game.citizens;
    const { page, context, close } = await open(two, 'table', { expected: [/ERR_/] });
    const ids = [];
    let came;
    const delivered = new Promise((resolve) => (came = resolve));
    await context.route('**/rooms/*/messages', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        if (ids.push(route.request().postDataJSON().client_id) > 1) return route.continue();
        await route.fetch();
        came(); // and is never answered
    });
    await write(page, 'in the midst of it');
    await delivered;
    await visit(page, page.url());
    await eventually(() => ids.length > 1, PATIENCE_MS);
    await page.locator('.unsent').waitFor({ state: 'detached' });
    assert.equal(await bubble(page, 'in the midst of it').count(), 1);
    assert.equal(ids[0], ids[1]);
    await visit(page, page.url());
    await bubble(page, 'in the midst of it').waitFor();
    assert.equal(await page.locator('.unsent').count(), 0);
    await close();
});

test('older messages come when they are asked for, and what was read is no more new', { timeout: 90000 }, async () => {
    const [reader] = game.citizens;
    const { seq } = await say(four.god, game.table, 'the last that was read');
    await call(system, 'PUT', `/rooms/${game.table}/cursor`, { token: reader.token, body: { seq } });
    for (let i = 0; i < 60; i++) await say(four.god, game.table, `line ${i}`);
    const { page, close } = await open(reader, '');
    await page.locator('.room .badge').first().waitFor();
    await page.locator('.room').first().click();
    await bubble(page, 'line 59').waitFor();
    await page.locator('.between.fresh').waitFor();
    assert.equal(await page.getByText('line 1', { exact: true }).count(), 0);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await page.getByText('line 1', { exact: true }).waitFor();
    await eventually(async () => (await ok(system, 'GET', `/rooms?event_id=${game.event.id}`, { token: reader.token })).rooms[0].unread === 0, PATIENCE_MS);
    await close();
});

test('who leads deletes, reads what was, and keeps somebody from writing', { timeout: 90000 }, async () => {
    const [one, two] = game.citizens;
    const host = await open(four.god, 'table'), guest = await open(one, 'table', { expected: [/status of 403/] }), other = await open(two, 'table', { theme: 'night', language: 'fa' });
    await write(guest.page, 'something rude');
    await bubble(other.page, 'something rude').waitFor();
    await more(other.page, 'something rude');
    await other.page.locator('input[name=reason]').fill('rude');
    await look(other.page, 'report-fa');
    await other.page.locator('dialog button[type=submit]').click();
    await other.page.locator('dialog').waitFor({ state: 'detached' });
    await more(host.page, 'something rude');
    await host.page.locator('dialog').getByText('rude', { exact: true }).waitFor();
    await look(host.page, 'host');
    await host.page.getByRole('button', { name: 'Not for 10 min' }).click();
    await host.page.getByText('does not write here').waitFor();
    await write(guest.page, 'and more');
    await guest.page.getByText('The host lets you only read').waitFor();
    await host.page.getByRole('button', { name: 'Delete' }).click();
    await guest.page.getByText('Deleted by the host.').waitFor();
    assert.ok(!(await guest.page.locator('main').innerHTML()).includes('something rude'));
    await host.page.getByRole('button', { name: 'How fast one may write' }).click();
    await host.page.getByRole('radio', { name: '10 s' }).check({ force: true });
    await host.page.locator('.room-head .badge').waitFor();
    await look(host.page, 'slow');
    await host.page.getByRole('radio', { name: 'No wait' }).check({ force: true });
    await Promise.all([host, guest, other].map(({ close }) => close()));
});

test('a private room is in the page of its readers alone, and covered until they want it', { timeout: 90000 }, async () => {
    await game.g('POST', '/phases', { kind: 'NIGHT' });
    const [mafia] = game.mafia, [citizen] = game.citizens;
    const { rooms } = await ok(system, 'GET', `/rooms?event_id=${game.event.id}`, { token: mafia.token });
    const { name } = rooms.find(({ kind }) => kind === 'SIDE').side;
    const html = (page) => page.evaluate(() => document.title + document.body.outerHTML);

    for (const person of [mafia, citizen]) await ok(system, 'PUT', `/rooms/${game.table}/cursor`, { token: person.token, body: { seq: rooms[0].head } });
    const theirs = await open(mafia, ''), its = await open(citizen, '');
    const forms = [];
    for (const { page } of [theirs, its]) {
        assert.ok(!(await html(page)).includes(name) && !(await html(page)).includes('.side.'));
        forms.push(await page.locator('main').innerHTML());
    }
    assert.equal(forms[0], forms[1], 'covered, both look alike');
    await look(theirs.page, 'list-covered');
    await its.page.getByRole('button', { name: 'Uncover' }).click();
    await its.page.getByText('The host and you').waitFor();
    assert.ok(!(await html(its.page)).includes(name));
    await theirs.page.getByRole('button', { name: 'Uncover' }).click();
    await theirs.page.locator('.room', { hasText: name }).waitFor();
    await look(theirs.page, 'list-uncovered');
    await theirs.page.locator('.room', { hasText: name }).click();
    await write(theirs.page, 'him?');
    await bubble(theirs.page, 'him?').waitFor();
    await look(theirs.page, 'side');
    await theirs.page.evaluate(() => dispatchEvent(new Event('blur')));
    await theirs.page.getByText('Only for your eyes').waitFor();
    assert.ok(!(await html(theirs.page)).includes('him?') && !(await html(theirs.page)).includes(`>${name}<`));
    await look(theirs.page, 'side-covered');

    // At its address the other one meets a room that is not there.
    await visit(its.page, theirs.page.url());
    await its.page.getByRole('button', { name: 'Uncover' }).click();
    await its.page.getByText('This room is not here').waitFor();
    its.faults.splice(0, its.faults.length, ...its.faults.filter((fault) => !/404/.test(fault)));
    await theirs.close();
    await its.close();
});

test('rooms are good to look at everywhere', { timeout: 240000 }, async () => {
    await say(four.god, game.table, 'چشم‌ها را ببندید. شب آغاز می‌شود.');
    const faults = [];
    for (const [size, viewport] of Object.entries({ phone: PHONE, tablet: TABLET, desk: DESK }))
        for (const [theme, language] of [['light', 'en'], ['dark', 'fa'], ['night', 'fa']])
            for (const part of ['', 'table']) {
                const { page, close } = await open(game.mafia[0], part, { viewport, theme, language });
                await look(page, `${part || 'list'}-${size}-${theme}-${language}`).catch((fault) => faults.push(fault.message));
                await close();
            }
    assert.deepEqual(faults, []);
});
