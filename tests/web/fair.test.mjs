// The deal, checked in the page and by consectl from the same files: both say the same of a true one and of forged ones.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { as, openEvent, seatAll, signUpMany } from '../e2e/parts/games.mjs';
import { consectl, ok } from '../e2e/parts/people.mjs';
import { assertAccessible, assertFits, DESK, openBrowser, openPage, picture, rest, visit } from './parts/browser.mjs';
import { makeTable, start } from './parts/stage.mjs';

const UNLOCKS = 9; // so that the deal that is played is one of the further ones
let system, browser, event, deal;

before(async () => {
    system = await start();
    browser = await openBrowser();
    const table = await makeTable(system);
    const players = await signUpMany(system, 'guest', 5);
    event = await openEvent(system, table.god, table.deck, { title: 'Told and retold', max_players: 8 });
    await seatAll(system, event, players, (player) => Buffer.alloc(32, player.id).toString('base64'));
    const lead = as(system, table.god, event);
    for (let i = 0; i < UNLOCKS; i++) {
        await lead('POST', '/lock');
        await lead('POST', '/unlock');
    }
    await lead('POST', '/lock');
    const { players: cards } = (await lead('POST', '/reveal', {})).event;
    await lead('POST', '/phases', { kind: 'DAY' });
    await lead('POST', '/finish', { winning_side_ids: [cards[0].side_id] });
    ({ deal } = await ok(system, 'GET', `/events/${event.id}/deal`));
});
after(async () => {
    await browser?.close();
    await system?.stop();
});

const other = (text) => Buffer.from(text, 'base64').map((byte) => byte ^ 1).toString('base64');
// {name: [how it is forged, what the page says, what consectl says]}
const FORGED = {
    secret: [(d) => (d.opened.secret = other(d.opened.secret)), 'SECRET', /committed to/],
    burned: [(d) => (d.burned[0].secret = other(d.burned[0].secret)), 'SECRET', /committed to/],
    sibling: [(d) => (d.opened.siblings[9] = d.root), 'SECRET', /committed to/],
    proof: [(d) => d.opened.siblings.pop(), 'SECRET', /no proof/],
    nonce: [(d) => (d.opened.nonces[2].nonce = d.root), 'NONCE', /nonce of seat 3/],
    short: [(d) => (d.opened.nonces[0].nonce = 'AAAA'), 'NONCE', /nonce of seat 1/],
    deck: [(d) => (d.opened.deck[0].copies += 1), 'DECK', /not the one frozen/],
    order: [(d) => d.opened.deck.reverse(), 'DECK', /not sorted/],
    card: [(d) => ([d.opened.leaves[0].role_id, d.opened.leaves[1].role_id] = [d.opened.leaves[1].role_id, d.opened.leaves[0].role_id]), 'CARD', /seat 1 did not get/],
    salt: [(d) => (d.opened.leaves[4].salt = d.root), 'CARD', /seat 5 did not get/],
    root: [(d) => (d.root = other(d.root)), 'ROOT', /root/],
    beacon: [(d) => (d.opened.beacon = d.root), 'BEACON', /beacon/],
    promised: [(d) => (d.assurance = 'BEACON'), 'BEACON', /beacon/],
    seats: [(d) => d.opened.leaves.pop(), 'COUNTS', /numbers of seats/],
    closed: [(d) => delete d.opened, 'CLOSED', /not open yet/],
    nothing: [(d) => delete d.event_id && (d.commitments = 'x'), 'NONE', /./],
};

function save(name, forge) {
    const forged = structuredClone(deal);
    forge(forged);
    const file = path.join(system.dir, `${name}.json`);
    fs.writeFileSync(file, JSON.stringify({ deal: forged }));
    return file;
}

test('the page and consectl agree about a deal and about forged ones, without a connection', async () => {
    const words = (await import('../../web/src/words/en.js')).default;
    const { page, context, close } = await openPage(browser, system);
    await visit(page, `${system.url}/c/fair/${event.id}`);
    await page.getByText('5 cards, all as promised.').waitFor();
    await picture(page, 'fair-phone');
    await assertAccessible(page, 'fair');
    await assertFits(page, 'fair');
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByText('Save this deal').click()]);
    await context.setOffline(true);
    const read = async (file, told) => {
        await page.locator('input[type=file]').setInputFiles(file);
        await page.locator('.verdict').getByText(told).waitFor({ timeout: 10000 });
    };
    for (const [name, [forge, code, said]] of Object.entries(FORGED)) {
        const file = save(name, forge);
        await read(file, new RegExp(words[`fair.fault.${code}`].replace('{n}', '\\d+')));
        const checked = await consectl(system, 'verify-deal', file);
        assert.notEqual(checked.code, 0, name);
        assert.match(checked.stderr, said, name);
    }
    const file = await saved.path();
    await read(file, '5 cards, all as promised.');
    assert.match((await consectl(system, 'verify-deal', file)).stdout, /5 cards, all as promised/);
    await close();
});

test('who got which card is told by name, in Persian too', async () => {
    const { page, close } = await openPage(browser, system, { viewport: DESK, language: 'fa', theme: 'night' });
    await visit(page, `${system.url}/c/event/${event.id}`);
    await page.locator(`a[href="/c/fair/${event.id}"]`).click();
    await page.locator('#cards').waitFor();
    await page.getByText('guest3').waitFor();
    await rest(page);
    await picture(page, 'fair-desk-fa');
    await assertAccessible(page, 'fair in Persian');
    await close();
});
