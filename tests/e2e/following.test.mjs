// What may happen to who follows, over every transport: one table of cases (parts/following/cases.mjs).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CASES } from './parts/following/cases.mjs';
import { compared } from './parts/following/snapshots.mjs';
import { NAMES, playCase, seen } from './parts/following/stage.mjs';
import { startWorld } from './parts/following/world.mjs';

const isShared = process.env.CONSE_E2E_STORES === 'replicas';
const possible = CASES.filter(({ files }) => !(files && isShared));
// To see some alone: CONSE_CASES, words of their names.
const chosen = possible.filter(({ name }) => name.includes(process.env.CONSE_CASES ?? ''));
let world, played = 0;

before(async () => (world = await startWorld()));
after(() => world?.stop());

for (const one of chosen) test(one.name, async () => { played += await playCase(world, one); });

if (chosen.length === possible.length) test('no case and no transport was left out', () => {
    assert.deepEqual(NAMES, ['poll', 'sse', 'socket', 'events']);
    assert.equal(new Set(CASES.map(({ name }) => name)).size, 67);
    assert.equal(played, 67 * 4 - 27 - (isShared ? 3 * 4 + 3 : 0), 'what one is told, a book, orders, who is there, and a logout, are not polled; several streams are on sse and a socket alone');
    assert.deepEqual([...seen.resets].sort(), ['EPOCH', 'RIGHTS', 'TOO_FAR', 'TRIMMED']);
    assert.equal(seen.hops.size, 3 * 12 + 4 * 6, 'a cursor of each transport went on on each other');
    assert.equal(compared.size, 3 * 4 + 4 * 3, 'a snapshot of each stream was compared on each transport');
});
