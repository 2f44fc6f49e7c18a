// The interface descriptions say what the C says.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { idl } from '../harness/programs.mjs';

const SOURCE = new URL('../../../services/chain/programs/', import.meta.url);
const read = (path) => readFileSync(new URL(path, SOURCE), 'utf8');
const discriminator = (space, name) => [...createHash('sha256').update(`${space}:${name}`).digest().subarray(0, 8)];
const snake = (name) => name.replace(/[A-Z]/g, (c, i) => (i ? '_' : '') + c.toLowerCase());

function errorsOf(path) {
  const list = [];
  let code = 0;
  for (const [, name, number] of read(path).matchAll(/\bERROR_([A-Z0-9_]+)(?: = (\d+))?,/g)) {
    code = number ? Number(number) : code + 1;
    list.push({ code, name: name.split('_').map((w) => w[0] + w.slice(1).toLowerCase()).join('') });
  }
  return list;
}

function constantsOf(folder) {
  const text = readdirSync(new URL(folder, SOURCE)).filter((f) => /\.[ch]$/.test(f)).map((f) => read(`${folder}/${f}`)).join('\n');
  return new Set([...text.matchAll(/UINT64_C\(0x([0-9a-f]{16})\)/g)].map((m) => m[1]));
}

for (const program of ['ticket', 'whitelist'])
  test(`${program}: discriminators are Anchor's, and the program knows them all`, () => {
    const known = constantsOf(program);
    const spaces = { instructions: ['global', (n) => n], accounts: ['account', (n) => n], events: ['event', (n) => n] };
    for (const [kind, [space, name]] of Object.entries(spaces))
      for (const item of idl[program][kind]) {
        assert.deepEqual(item.discriminator, discriminator(space, name(item.name)), item.name);
        assert.ok(known.has(Buffer.from(item.discriminator).readBigUInt64LE().toString(16).padStart(16, '0')), `${item.name} in C`);
      }
    const described = Object.keys(spaces).flatMap((k) => idl[program][k]).length;
    assert.equal(known.size, described, 'nothing in C that is not described');
  });

test('errors have the numbers and names of the headers', () => {
  const strip = (list) => list.map(({ code, name }) => ({ code, name }));
  const [shared, ticket, whitelist] = ['sdk/error.h', 'ticket/ticket.h', 'whitelist/whitelist.h'].map(errorsOf);
  assert.equal(shared[0].code, 6000);
  assert.deepEqual(strip(idl.whitelist.errors), [...shared, ...whitelist]);
  assert.deepEqual(strip(idl.ticket.errors), [...shared, ...ticket, ...whitelist], "with the whitelist's, which come out of its calls");
  const codes = idl.ticket.errors.map((e) => e.code);
  assert.equal(new Set(codes).size, codes.length);
  for (const e of idl.ticket.errors) assert.ok(e.msg.length > 10, e.name);
});

test('every error is raised somewhere', () => {
  const text = ['sdk', 'ticket', 'whitelist'].flatMap((d) => readdirSync(new URL(d, SOURCE)).filter((f) => f.endsWith('.c')).map((f) => read(`${d}/${f}`))).join('\n');
  for (const { name } of idl.ticket.errors) assert.match(text, new RegExp(`\\bERROR_${snake(name).toUpperCase()}\\b`), name);
});
