import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSchema } from 'graphql';
import { documents } from './generate.mjs';
import { LIFTED, OPEN } from './limits.mjs';
import { expected } from './oracle.mjs';
import { random } from './random.mjs';
import { verdicts } from './verdict.mjs';

const PATH = '../../services/gateway/graphql/types/testing/schema.graphql';
const BATCH = 1000;
const COUNT = Number(process.env.CONSE_GRAPHQL_COUNT || 5000);
const SEED = Number(process.env.CONSE_GRAPHQL_SEED || 1);
const schema = buildSchema(readFileSync(PATH, 'utf8'));

const agree = (wanted, got) => (wanted.reasons ? wanted.reasons.includes(got.reason) : wanted.printed === got.printed);

const tally = { accepted: 0, refused: 0, none: 0, reasons: new Map(), rules: new Map() };
const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

const count = (wanted, got) => {
  if (!wanted) tally.none += 1;
  else if (got.printed !== undefined) tally.accepted += 1;
  else {
    tally.refused += 1;
    add(tally.reasons, got.reason);
    if (got.rule !== '-') add(tally.rules, got.rule);
  }
};

const compare = (batch, limits, mode) => {
  const answers = verdicts(PATH, batch, ...mode);
  batch.forEach((bytes, i) => {
    const wanted = expected(bytes, schema, limits);
    count(wanted, answers[i]);
    if (wanted && !agree(wanted, answers[i]))
      assert.fail(`${mode[0] ?? 'open'}: ${JSON.stringify(bytes.toString())}\nwanted ${JSON.stringify(wanted)}\ngot    ${JSON.stringify(answers[i])}`);
  });
};

test(`${COUNT} documents: the same verdict, the same printed text, and our limits by a second count`, () => {
  const source = random(SEED);
  for (let done = 0; done < COUNT; done += BATCH) {
    const batch = documents(source, schema, Math.min(BATCH, COUNT - done));
    compare(batch, OPEN, []);
    compare(batch, LIFTED, ['lifted']);
  }
  const share = tally.accepted / (tally.accepted + tally.refused);
  assert.ok(share > 0.2 && share < 0.8, `documents are good and bad: ${share}`);
  assert.ok(tally.none < COUNT / 50, `the oracle has a verdict: not of ${tally.none}`);
  if (process.env.CONSE_GRAPHQL_TALLY) console.log(tally);
});
