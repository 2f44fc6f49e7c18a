import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lost, meantIn } from './schema.mjs';

const published = readFileSync('../../docs/schema.graphql', 'utf8');
const without = (pattern) => {
  const text = published.replace(pattern, '');
  assert.notEqual(text, published);
  return text;
};

test('what is added takes nothing away', () => {
  assert.deepEqual(lost(published, published, []), []);
  assert.deepEqual(lost(without(/^  phase: Phase\n/m), published, []), []);
});

test('a field, a value, a query or a stream that is gone is missed, unless that was meant', () => {
  const noField = without(/^  phase: Phase\n/m);
  assert.match(lost(published, noField, [])[0], /^\w+\.phase was removed/);
  assert.deepEqual(lost(published, noField, lost(published, noField, [])), []);
  assert.match(lost(published, without(/^  SAID\n/m), [])[0] ?? '', /SAID was removed from enum type/);
  assert.match(lost(published, without(/^  me: User\n/m), [])[0] ?? '', /Query\.me was removed/);
  assert.match(lost(published, without(/^  book\(\n[^)]*\): BookUpdate!\n/m), []).join(), /Subscription\.book was removed/);
});

test('a line of what was meant is what it says', () => assert.deepEqual(meantIn('# why\n\nA.b was removed.\n'), ['A.b was removed.']));
