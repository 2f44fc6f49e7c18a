// What operators do, by hand: people, reports, the catalogue; what they watch; and that nobody else can.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, openEvent } from '../e2e/parts/games.mjs';
import { call, eventually, ok, PASSWORD, signUp, signUpAs } from '../e2e/parts/people.mjs';
import { DESK, openBrowser, openPage, rest, signIn, visit } from './parts/browser.mjs';
import { lookEveryWay } from './parts/looks.mjs';
import { makeRich, makeTable, start } from './parts/stage.mjs';

const PATIENCE_MS = 60000;
let system, browser, dev, loud, mira;
before(async () => {
    system = await start({ CONSE_BUS_KEY: 'c0ffee'.padEnd(64, '5') });
    browser = await openBrowser();
    dev = system.dev = await signUpAs(system, 'grace', 'dev');
    loud = await signUp(system, 'loudmouth');
    mira = await makeRich(system, 'mira');
    await ok(system, 'POST', '/reports', { token: mira.token, body: { user_id: loud.id, reason: 'INSULT', text: 'Shouts at everybody who votes.' } });
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const userOf = async (name) => (await ok(system, 'GET', `/auth/users?username=${name}`, { token: dev.token })).users[0];
const logInStatus = async () => (await call(system, 'POST', '/auth/login', { body: { username: 'loudmouth', password: PASSWORD } })).status;

async function asDev(work, expected = []) {
    const { page, context, close } = await openPage(browser, system, { viewport: DESK, expected });
    await signIn(context, system, dev);
    await work(page);
    await close();
}

test('somebody is found, raised, suspended and let in again', () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops`);
    await page.locator('input[type=search]').fill('loud');
    const person = page.locator('.guest');
    await page.locator('.guest', { hasText: 'grace' }).waitFor({ state: 'detached' });
    assert.equal(await person.count(), 1);
    await person.locator('summary').click();
    await person.getByRole('radio', { name: 'Host' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Change the level' }).click();
    await eventually(async () => (await userOf('loud')).level === 'GOD', 10000);
    await person.locator('.badge', { hasText: 'Host' }).waitFor();
    await person.locator('input[name=reason]').fill('shouts');
    await person.getByRole('button', { name: 'Suspend' }).click();
    await person.locator('.badge', { hasText: 'Suspended' }).waitFor();
    assert.equal(await logInStatus(), 403);
    const { until, reason } = (await userOf('loud')).suspension;
    assert.equal(reason, 'shouts');
    assert.ok(Math.abs(new Date(until) - Date.now() - 24 * 3600e3) < 600e3, until);
    await person.getByRole('button', { name: 'Lift the suspension' }).click();
    await person.locator('.badge', { hasText: 'Suspended' }).waitFor({ state: 'detached' });
    assert.equal(await logInStatus(), 200);
    await person.getByRole('button', { name: 'End all sessions' }).click();
    await page.getByText('All sessions have ended.').waitFor();
    await person.getByRole('button', { name: 'Forget failed log-ins' }).click();
    await page.getByText('They can log in again.').waitFor();
}));

test('in each size, theme and language', async () => {
    for (const part of ['people', 'reports', 'catalogue', 'disputes', 'ledger', 'audit', 'services', 'calls']) await lookEveryWay(browser, system, `ops-${part}`, { who: dev, path: `/c/ops/${part}` });
    await lookEveryWay(browser, system, 'ops-person', { who: dev, path: '/c/ops/people', act: async (page) => {
        await page.locator('input[type=search]').fill('loud');
        await page.locator('.guest', { hasText: 'grace' }).waitFor({ state: 'detached' });
        await page.locator('.guest summary').click();
    } });
    for (const kind of [0, 1]) await lookEveryWay(browser, system, `ops-settings-${kind ? 'all' : 'set'}`, { who: dev, path: '/c/ops/services', act: async (page) => {
        await page.locator('.process summary').first().click();
        await page.locator('.process input[type=radio]').nth(kind).check();
        await page.locator('.settings').waitFor({ state: 'attached' });
    } });
    await lookEveryWay(browser, system, 'ops-edit', { who: dev, path: '/c/ops/catalogue', act: async (page) => {
        await page.locator('.ops input[type=search]').fill('nightmare');
        await page.locator('.report').getByRole('button').click();
        await page.locator('dialog textarea').first().waitFor();
    } });
    await lookEveryWay(browser, system, 'ops-not', { who: mira, path: '/c/ops' });
});

for (const language of ['en', 'fa'])
    test(`on a phone the chosen one of the parts is in view: ${language}`, async () => {
        const { page, context, close } = await openPage(browser, system, { language });
        await signIn(context, system, dev);
        const isSeen = () => page.locator('.segments').first().evaluate((row) => {
            const all = row.getBoundingClientRect(), one = row.querySelector('input:checked').getBoundingClientRect();
            return one.left >= all.left && one.right <= all.right;
        });
        for (const part of ['calls', 'people', 'ledger']) {
            await visit(page, `${system.url}/c/ops/${part}`);
            assert.ok(await isSeen(), part);
        }
        await page.locator('.segments').first().getByRole('radio').last().check();
        await rest(page);
        assert.ok(await isSeen(), 'the last, pressed');
        await close();
    });

test('a report is decided, and is among the decided ones', () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/reports`);
    const report = page.locator('.report');
    await report.getByText('Shouts at everybody').waitFor();
    await report.locator('input').fill('told so');
    await report.getByRole('button', { name: 'Warned' }).click();
    await page.getByText('Nothing to decide').waitFor();
    await page.getByRole('radio', { name: 'Decided' }).check();
    await page.locator('.report', { hasText: 'told so' }).waitFor();
    const [resolved] = (await ok(system, 'GET', '/reports?state=RESOLVED', { token: dev.token })).reports;
    assert.deepEqual([resolved.resolution, resolved.note, resolved.resolved_by.username], ['WARNED', 'told so', 'grace']);
}));

test('a role is switched off, and on again', () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/catalogue`);
    await page.locator('.ops input[type=search]').fill('nightmare');
    const off = page.locator('.report', { hasText: 'Nightmare' }).getByRole('switch');
    const disabled = async () => (await ok(system, 'GET', '/roles?include_disabled=true')).roles.find(({ slug }) => slug === 'nightmare').disabled;
    await off.click();
    await eventually(disabled, 10000);
    await page.locator('.report input:not(:checked)').click();
    await eventually(async () => !(await disabled()), 10000);
}));

const roleOf = async (slug) => (await ok(system, 'GET', '/roles?include_disabled=true')).roles.find((role) => role.slug === slug);

test('a role is written: what was changed alone is sent, and what is wrong is said at its field', () => asDev(async (page) => {
    const before = await roleOf('jailer');
    await visit(page, `${system.url}/c/ops/catalogue`);
    await page.locator('.ops input[type=search]').fill('jailer');
    await page.getByRole('button', { name: 'Edit Jailer' }).click();
    const sheet = page.getByRole('dialog'), keep = sheet.getByRole('button', { name: 'Save' });
    assert.ok(await keep.isDisabled());
    assert.equal(await sheet.locator('input[name=slug], select[name=side_id]').count(), 0);
    await sheet.locator('input[name=copies]').fill('101');
    await keep.click();
    await sheet.locator('.field', { has: page.locator('input[name=copies]') }).locator('.fault').waitFor();
    await sheet.locator('input[name=copies]').fill('۴');
    await sheet.locator('textarea[name=effect]').fill('Locks one player up for a night.');
    await sheet.locator('select[name=wakes]').selectOption('EVERY');
    await keep.click();
    await sheet.waitFor({ state: 'detached' });
    const after = await roleOf('jailer');
    assert.deepEqual(after, { ...before, copies: 4, effect: 'Locks one player up for a night.', wakes: 'EVERY' });
    await page.locator('.report', { hasText: 'Locks one player up' }).waitFor();
}, [/status of 400/]));

test('a role and a last move are added, and hosts can use them', () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/catalogue`);
    await page.getByRole('button', { name: 'A new role' }).click();
    const sheet = page.getByRole('dialog'), keep = sheet.getByRole('button', { name: 'Save' });
    assert.ok(await keep.isDisabled());
    await sheet.locator('input[name=slug]').fill('Not A Slug');
    await sheet.locator('select[name=side_id]').selectOption({ label: 'Citizen' });
    await sheet.locator('input[name=name]').fill('Lamplighter');
    await sheet.locator('input[name=name_fa]').fill('چراغبان');
    await sheet.locator('textarea[name=effect]').fill('Lights one house a night.');
    await sheet.locator('input[name=copies]').fill('2');
    await sheet.locator('select[name=wakes]').selectOption('ODD');
    await keep.click();
    await sheet.locator('.field', { has: page.locator('input[name=slug]') }).locator('.fault').waitFor();
    await sheet.locator('input[name=slug]').fill('lamplighter');
    await keep.click();
    await sheet.locator('.fault', { hasText: 'night_order is required for a role that wakes' }).waitFor();
    await sheet.locator('input[name=night_order]').fill('77');
    await keep.click();
    await sheet.waitFor({ state: 'detached' });
    await page.locator('.ops input[type=search]').fill('lampl');
    await page.locator('.report', { hasText: 'Lights one house' }).waitFor();
    const { name, name_fa, effect, copies, wakes, night_order, side_id, disabled } = await roleOf('lamplighter');
    const { sides } = await ok(system, 'GET', '/sides');
    assert.deepEqual([name, name_fa, effect, copies, wakes, night_order, side_id, Boolean(disabled)], ['Lamplighter', 'چراغبان', 'Lights one house a night.', 2, 'ODD', 77, sides.find(({ slug }) => slug === 'citizen').id, false]);

    await page.getByRole('radio', { name: 'Last moves' }).check({ force: true });
    await page.getByRole('button', { name: 'A new last move' }).click();
    await sheet.locator('input[name=number]').fill('۹۰۰');
    await sheet.locator('input[name=name]').fill('A last lamp');
    await keep.click();
    await sheet.waitFor({ state: 'detached' });
    const { last_moves } = await ok(system, 'GET', '/last-moves');
    assert.deepEqual(last_moves.filter(({ number }) => number === 900).map((move) => move.name), ['A last lamp']);
    // The same number again is refused, and what was written stays.
    await page.getByRole('button', { name: 'A new last move' }).click();
    await sheet.locator('input[name=number]').fill('900');
    await sheet.locator('input[name=name]').fill('Another lamp');
    await keep.click();
    await sheet.locator('[role=alert]').first().waitFor();
    assert.equal(await sheet.locator('input[name=name]').inputValue(), 'Another lamp');
}, [/status of 4(00|09)/]));

// A priced game whose end one of its two players disputes.
async function makeDispute() {
    const { god, deck } = await makeTable(system, 'judge');
    const players = [await makeRich(system, 'doubter'), await makeRich(system, 'winner')];
    const event = await openEvent(system, god, deck, { title: 'A doubtful end', price: { amount: '500', currency: 'CONSE' }, payment_terms: { hold: '600s', payout_after: '20s' }, max_players: 4 });
    for (const player of players) {
        const { payment_id } = (await as(system, player, event)('POST', '/reservations', {})).reservation;
        await eventually(async () => (await call(system, 'POST', `/payments/${payment_id}/pay`, { token: player.token })).status === 200, PATIENCE_MS);
        await eventually(async () => (await as(system, player, event)('GET', '')).event.my_reservation.state === 'CONFIRMED', PATIENCE_MS);
    }
    const lead = as(system, god, event);
    await lead('POST', '/lock', {});
    await lead('POST', '/reveal', {});
    await lead('POST', '/phases', { kind: 'DAY' });
    const told = (await lead('GET', '')).event;
    await lead('POST', '/finish', { winning_side_ids: [told.players[0].side_id] });
    await eventually(async () => (await call(system, 'POST', `/events/${event.id}/disputes`, { token: players[0].token, body: {} })).status === 200, PATIENCE_MS);
    return { event, god, players };
}

test('a disputed end is settled: the pot is divided, once the operator is sure', { timeout: 180000 }, async () => {
    const { event, god, players } = await makeDispute();
    const coinsOf = async ({ token }) => Number((await ok(system, 'GET', '/wallet', { token })).balances.find(({ kind }) => kind === 'CONSE')?.amount ?? 0);
    const coins = async () => (await Promise.all([god, ...players].map(coinsOf))).reduce((sum, one) => sum + one);
    const before = await coins();
    await asDev(async (page) => {
        await visit(page, `${system.url}/c/ops/disputes`);
        const dispute = page.locator('.report', { hasText: 'A doubtful end' });
        await dispute.getByText(/1 player disputes it · .10.CONSE. in the pot/).waitFor();
        await dispute.getByRole('button', { name: 'Divide the pot' }).click();
        const sure = page.getByRole('dialog');
        await sure.getByText('Money that is paid out does not come back.').waitFor();
        await sure.getByRole('button', { name: 'Close' }).click();
        await sure.waitFor({ state: 'detached' });
        assert.equal((await ok(system, 'GET', '/disputes', { token: dev.token })).disputes.length, 1);
        await dispute.getByRole('button', { name: 'Divide the pot' }).click();
        await sure.getByRole('button', { name: 'Divide the pot' }).click();
        await page.getByText('The pot is no longer held back.').waitFor();
        await page.getByText('Nobody disputes an end').waitFor();
    });
    assert.deepEqual((await ok(system, 'GET', '/disputes', { token: dev.token })).disputes, []);
    await eventually(async () => (await coins()) > before, PATIENCE_MS);
    assert.equal((await as(system, god, event)('GET', '')).event.state, 'DONE');
});

test('the settings of a process are shown as they are in force, and no secret is', { timeout: 120000 }, () => asDev(async (page) => {
    const { CONSE_BUS_KEY: secret } = system.env;
    const heard = [];
    page.on('response', (reply) => /\/ops\/config/.test(reply.url()) && heard.push(reply.text()));
    await visit(page, `${system.url}/c/ops/services`);
    const auth = page.locator('[aria-labelledby=service-auth]'), of = (name) => auth.locator('.settings > div', { hasText: name });
    await auth.locator('summary').click();
    await of('CONSE_BUS_KEY').first().waitFor();
    assert.match(await of('CONSE_BUS_KEY').first().innerText(), /\*\*\*\s+from the environment/);
    assert.equal(await of('CONSE_DRAIN').count(), 0, 'what nobody set is not among what was set');
    await auth.getByRole('radio', { name: 'All' }).check({ force: true });
    assert.match(await of('CONSE_DRAIN').first().innerText(), /as it comes/);
    const shown = (await page.locator('main').innerHTML()) + (await Promise.all(heard)).join();
    assert.ok(heard.length > 0 && secret.length === 64 && !shown.includes(secret));
}));

test('all processes are shown with what waits in them, and who stops is not shown for long', { timeout: 120000 }, () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/services`);
    for (const name of ['auth', 'events', 'chain', 'ai', 'gateway']) await page.locator(`section[aria-labelledby=service-${name}] .badge.good`).first().waitFor();
    const { services } = await ok(system, 'GET', '/ops/services', { token: dev.token });
    assert.equal(await page.locator('.process').count(), services.length);
    assert.match(await page.locator('[aria-labelledby=service-auth]').innerText(), new RegExp(`${services[0].version} ${services[0].commit.slice(0, 8)}`));
    await system.killAll('ai');
    await page.locator('[aria-labelledby=service-ai]').waitFor({ state: 'detached' });
    await system.startAll('ai');
    await page.locator('[aria-labelledby=service-ai] .badge.good').waitFor();
}));

test('calls are counted as they come', { timeout: 120000 }, () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/calls`);
    const row = page.locator('[aria-labelledby=calls-gateway] .rate', { hasText: 'HTTP' }), shown = async () => Number(/([\d.]+) a second/.exec(await row.innerText())[1]);
    await row.waitFor();
    const calling = setInterval(() => Promise.all(Array.from({ length: 10 }, () => ok(system, 'GET', '/sides'))).catch(() => {}), 250);
    try {
        await eventually(async () => (await shown()) > 15, 60000);
    } finally {
        clearInterval(calling);
    }
    assert.match(await row.innerText(), /within [\d.]+ ms/);
    assert.ok((await row.locator('rect').count()) > 1);
}));

test('the ledger shows what was issued', () => asDev(async (page) => {
    await visit(page, `${system.url}/c/ops/ledger`);
    await page.locator('#grants ~ ol').getByText('for the evening').first().waitFor();
    assert.match(await page.locator('#grants ~ ol').innerText(), /100.CONSE/);
}));

test('the audit shows who did what, and each kind alone', () => asDev(async (page) => {
    await ok(system, 'POST', `/auth/users/${loud.id}/suspend`, { token: dev.token, body: { reason: 'shouts', until: '2040-01-01T00:00:00Z' } });
    await ok(system, 'DELETE', `/auth/users/${loud.id}/suspend`, { token: dev.token });
    await visit(page, `${system.url}/c/ops/audit`);
    const suspended = page.locator('.told', { hasText: loud.id }).filter({ hasText: /^Suspended/ }).first();
    await suspended.getByText('grace').waitFor();
    assert.match(await suspended.innerText(), /grace\s*· logged in/);
    assert.match(await page.locator('.told', { hasText: dev.id }).first().innerText(), /Level changed\s+with consectl/);
    await page.locator('select[name=kind]').selectOption('USER_READMITTED');
    await suspended.waitFor({ state: 'detached' });
    const left = await page.locator('.told strong').allInnerTexts();
    assert.ok(left.length > 0 && left.every((text) => text === 'Suspension lifted'), left.join());
    await page.locator('select[name=kind]').selectOption('LIST_MADE');
    await page.getByText('Nothing of this was done yet').waitFor();
}));

test('to others than operators nothing is asked and nothing is shown', async () => {
    const { page, context, close } = await openPage(browser, system);
    await signIn(context, system, mira);
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    for (const part of ['reports', 'audit']) {
        await visit(page, `${system.url}/c/ops/${part}`);
        await page.getByText('This is for operators').waitFor();
    }
    assert.ok(!asked.some((path) => /^\/(reports|auth\/users|disputes|ledger|ops)/.test(path)), asked.join());
    assert.equal(await page.locator('nav a[href="/c/ops"]').count(), 0);
    await close();
});
