// What each instruction costs. The keys are the same in every run, so that the numbers are: they depend on the bumps.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { Game, bn } from '../harness/game.mjs';
import { TICKET_ID, WHITELIST_ID, address } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';
import { Token } from '../harness/tokens.mjs';

const ROUNDS = 12;
const RESERVE_MAX_UNITS = 15_000;
const tables = {};

/** Units of the programs alone, without the compute budget instruction. */
function unitsOf(meta) {
  const line = meta.logMessages.findLast((l) => [TICKET_ID, WHITELIST_ID].some((id) => l.startsWith(`Program ${id} consumed`)));
  return Number(/consumed (\d+) of/.exec(line)[1]);
}

onEachVersion('compute units', (at) => {
  const measured = (tables[at.version] = new Map());
  const note = (name, meta) => measured.set(name, [...(measured.get(name) ?? []), unitsOf(meta)]);
  const run = async (name, instruction, signers) => note(name, await at.cluster.ok(await instruction, signers));

  async function lifeOfAnEvent(label, token) {
    const [god, pool, revenue, a, b, c] = [await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet()];
    const game = Object.assign(new Game(at.cluster, { price: 1_000_000, capacity: 3, token }), { god, pool, revenue });
    game.event = address.event(god.publicKey, game.id);
    game.vault = address.vault(game.event);
    game.list = address.list(game.event, game.listName);
    if (token) for (const { publicKey } of [pool, revenue, a, b, c]) await token.fund(publicKey, 1_000_000);
    await run('whitelist init_list', game.initList(), [god]);
    await run(`init_event${label}`, game.initEvent(), [god]);
    for (const p of [a, b, c]) await run(`reserve${label}`, game.reserve(p), [p, god]);
    await run(`refund${label}`, game.refund(b), [god]);
    await run(`reserve${label}`, game.reserve(b), [b, god]);
    await run('lock_event', game.lock(), [god]);
    await run(`begin_settle${label}`, game.beginSettle({ share: 9000 }), [god]);
    const { owed } = await game.state();
    await run(`pay_ticket${label}`, game.pay(a, 1000), [god]);
    await run(`pay_ticket${label}`, game.pay(b, Number(owed) - 1000), [god]);
    await run('close_ticket', game.closeTicket(c), [god]);
    await run(`close${label}`, game.close(), [god]);
  }

  async function aList() {
    const { whitelist } = new Game(at.cluster, {}).programs;
    const [god, wallet] = [await at.cluster.wallet(), at.cluster.key().publicKey];
    const list = address.list(god.publicKey, 'list');
    const token = await Token.create(at.cluster, TOKEN_PROGRAM_ID);
    await token.fund(god.publicKey, 10);
    const entry = { authority: god.publicKey, list, wallet, entry: address.entry(list, wallet) };
    await at.cluster.ok(await whitelist.methods.initList('list').accountsPartial({ payer: god.publicKey, authority: god.publicKey, list }).instruction(), [god]);
    await run('whitelist add, new entry', whitelist.methods.add(bn(1)).accountsPartial({ ...entry, payer: god.publicKey }).instruction(), [god]);
    await run('whitelist add, more', whitelist.methods.add(bn(1)).accountsPartial({ ...entry, payer: god.publicKey }).instruction(), [god]);
    await run('whitelist remove, some', whitelist.methods.remove(bn(1)).accountsPartial({ ...entry, rentPayer: god.publicKey }).instruction(), [god]);
    await run('whitelist remove, the last', whitelist.methods.remove(bn(1)).accountsPartial({ ...entry, rentPayer: god.publicKey }).instruction(), [god]);
    await run('whitelist burn (spl-token)', whitelist.methods.burn(bn(10)).accountsPartial({ owner: god.publicKey, list, burned: address.burned(list, token.mint), mint: token.mint,
      tokenAccount: token.account(god.publicKey), tokenProgram: token.program }).instruction(), [god]);
    await run('whitelist close', whitelist.methods.close().accountsPartial({ authority: god.publicKey, list, rentPayer: god.publicKey }).instruction(), [god]);
  }

  test('measured over many keys', async () => {
    at.cluster.repeatable('compute units');
    for (let i = 0; i < ROUNDS; i++) await lifeOfAnEvent('', null);
    for (const [label, program] of [[' (spl-token)', TOKEN_PROGRAM_ID], [' (token-2022)', TOKEN_2022_PROGRAM_ID]]) {
      const token = await Token.create(at.cluster, program);
      for (let i = 0; i < ROUNDS / 4; i++) await lifeOfAnEvent(label, token);
    }
    for (let i = 0; i < ROUNDS / 4; i++) await aList();
    const cancelled = await Game.open(at.cluster);
    await run('cancel_event', cancelled.cancel(), [cancelled.god]);
    const worst = Math.max(...measured.get('reserve'));
    assert.ok(worst < RESERVE_MAX_UNITS, `reserve took ${worst} units`);
  });
});

after(() => {
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  console.log('| instruction | runs | least | median | most | median on v0 |\n|---|---|---|---|---|---|');
  for (const [name, units] of tables.v3)
    console.log(`| ${name} | ${units.length} | ${Math.min(...units)} | ${median(units)} | ${Math.max(...units)} | ${median(tables.v0.get(name))} |`);
});
