// Every cell of the outcome table of docs/payments.md: by calls to the running services, in both currencies where there are two, or by the test that
// is named for it. A cell without a case fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fundWallet, PRICE, startLamports } from './parts/lamports.mjs';
import { ACTS, ELSEWHERE, WORDS } from './parts/money/cells.mjs';
import { Deaths } from './parts/money/deaths.mjs';
import { HOLD_S, Place } from './parts/money/places.mjs';
import { LETTERS, readTable } from './parts/money/table.mjs';
import { call, eventually, signUp, signUpAs } from './parts/people.mjs';
import { REPLICAS } from './parts/system.mjs';
import { randomOf } from '../torture/parts/random.mjs';

const PATIENCE_MS = 40000, SLOT_MS = 50, AT_ONCE = 6;
const CANNOT = '–';
const table = readTable();
const has = (letters, letter) => letters.includes(letter);

const actOf = (says, letter) => (!ACTS[says] || (ACTS[says].of && !has(ACTS[says].of, letter)) ? undefined : ACTS[says]);
const elsewhereOf = (says, letter) => Object.entries(ELSEWHERE[says] ?? {}).find(([letters]) => has(letters, letter))?.[1];
const cells = Object.entries(table).flatMap(([says, row]) => LETTERS.filter((letter) => row[letter] !== CANNOT).map((letter) => ({ says, letter, word: row[letter] })));

test('each cell has a case', () => {
    assert.ok(cells.length > 150, `${cells.length} cells`);
    for (const { says, letter, word } of cells) {
        const act = actOf(says, letter), named = elsewhereOf(says, letter);
        assert.ok(act || named, `${says}, at ${letter}: nothing tries it`);
        if (act) assert.ok(WORDS[word], `${says}, at ${letter}: "${word}" is no word`);
        else assert.ok(fs.readFileSync(new URL(`../../${named[0]}`, import.meta.url), 'utf8').includes(named[1]), `${named[0]} has no "${named[1]}"`);
    }
    for (const says of [...Object.keys(ACTS), ...Object.keys(ELSEWHERE)]) assert.ok(table[says], `the table has no row "${says}"`);
});

let started, at;
before(async () => {
    started = await startLamports({ slotMs: SLOT_MS });
    const { system, god, deck } = started, prices = { CONSE: 500, LAMPORTS: PRICE };
    const dev = await signUpAs(system, 'table_dev', 'dev'), [payer, poor, waiter] = await Promise.all(['payer', 'poor', 'waiter'].map((name) => signUp(system, `table_${name}`)));
    const guests = await Promise.all([1, 2, 3].map(async (i) => ({ username: `table_guest${i}`, ...await signUp(system, `table_guest${i}`) })));
    const grant = (to, amount, currency) => eventually(async () => (await call(system, 'POST', '/ledger/grants',
        { token: dev.token, body: { to_user_id: to.id, amount: String(amount), currency, memo: 'start' } })).status === 201, PATIENCE_MS);
    await grant(payer, 500_000, 'CONSE');
    await grant(payer, 80 * PRICE, 'LAMPORTS');
    await grant(poor, 1, 'CONSE');
    const deaths = new Deaths(system, randomOf(1));
    await deaths.begin();
    at = { ...started, dev, payer, poor, waiter, guests, deck, god, prices, fee: 50, deaths, wallet: await fundWallet(started, 20), call: (...args) => call(system, ...args) };
});
after(() => started?.stop());

// Some at a time.
async function each(list, work) {
    const rest = [...list];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (rest.length) await work(rest.shift());
    }));
}

async function check({ says, word, place }) {
    const where = `${says}, at ${place.letter}, in ${place.currency}`;
    try {
        await place.reach();
        const before = await place.read();
        await WORDS[word](place, await ACTS[says].act(place), before);
    } catch (error) {
        throw new Error(`${where}, is "${word}": ${error.message}`, { cause: error });
    } finally {
        await place.end();
    }
}

// Holds end while the clock of chain, and the cluster's, go ahead; processes that share a store keep the world's.
if (!REPLICAS) test('each cell is as the table says', async () => {
    const cases = cells.filter(({ says, letter }) => actOf(says, letter)).flatMap(({ says, letter, word }) =>
        ACTS[says].in.map((currency) => ({ says, word, place: new Place(at, letter, currency, ACTS[says].poor && !has('SKO', letter) ? at.poor : at.payer) })));
    await each(cases, ({ place }) => place.prepare());
    at.deaths.setAhead('chain', HOLD_S + 60);
    await at.cluster.advanceTime(HOLD_S + 60);
    const faults = [];
    await each(cases, (one) => check(one).catch((error) => faults.push(error)));
    assert.deepEqual(faults.map(({ message }) => message), []);
});
