// The files go through the real loader: deployed at new addresses and upgraded at the fixed ones, then used.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { Keypair, LAMPORTS_PER_SOL } from '@solana/web3.js';
import { Game, bn } from '../harness/game.mjs';
import { adopt, deploy, programData, upgrade } from '../harness/loader.mjs';
import { TICKET_ID, WHITELIST_ID, address, clients, programFile } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';
import { Token } from '../harness/tokens.mjs';

/** From the first reservation to the last rent. */
async function playThrough(cluster, ids) {
  const game = await Game.open(cluster, { capacity: 2, ids });
  const [a, b] = await game.seat(2);
  await cluster.ok(await game.refund(b), [game.god]);
  await cluster.ok(await game.lock(), [game.god]);
  const before = await cluster.balance(a);
  await cluster.ok(await game.beginSettle({ tax: { preset: { number: 4 } } }), [game.god]);
  const owed = LAMPORTS_PER_SOL * 0.975;
  await cluster.ok(await game.pay(a, owed), [game.god]);
  assert.equal(await cluster.balance(a), before + owed + 2 * await cluster.connection.getMinimumBalanceForRentExemption(120));
  await cluster.ok(await game.close(), [game.god]);
  const called_off = await Game.open(cluster, { ids });
  await cluster.ok(await called_off.cancel(), [called_off.god]);
}

onEachVersion('deployment', (at) => {
  const file = (name) => readFileSync(programFile(name, at.version));

  test('the ticket program, deployed by the loader, plays through', async () => {
    const authority = await at.cluster.wallet(100);
    await playThrough(at.cluster, { ticket: await deploy(at.cluster, authority, file('ticket')) });
  });

  test('the whitelist program, deployed by the loader, keeps a list', async () => {
    const authority = await at.cluster.wallet(100);
    const id = await deploy(at.cluster, authority, file('whitelist'));
    const { whitelist } = clients(at.cluster.connection, { whitelist: id });
    const wallet = Keypair.generate().publicKey;
    const list = address.list(authority.publicKey, 'deployed', id);
    const entry = { authority: authority.publicKey, list, wallet, entry: address.entry(list, wallet, id) };
    await at.cluster.ok(await whitelist.methods.initList('deployed').accountsPartial({ payer: authority.publicKey, authority: authority.publicKey, list }).instruction(), [authority]);
    await at.cluster.ok(await whitelist.methods.add(bn(2)).accountsPartial({ ...entry, payer: authority.publicKey }).instruction(), [authority]);
    await at.cluster.ok(await whitelist.methods.remove(bn(2)).accountsPartial({ ...entry, rentPayer: authority.publicKey }).instruction(), [authority]);
    const token = await Token.create(at.cluster, TOKEN_PROGRAM_ID);
    await token.fund(authority.publicKey, 7);
    await at.cluster.ok(await whitelist.methods.burn(bn(7)).accountsPartial({ owner: authority.publicKey, list, burned: address.burned(list, token.mint, id), mint: token.mint,
      tokenAccount: token.account(authority.publicKey), tokenProgram: TOKEN_PROGRAM_ID }).instruction(), [authority]);
    assert.equal(await token.supply(), 0n);
    await at.cluster.ok(await whitelist.methods.close().accountsPartial({ authority: authority.publicKey, list, rentPayer: authority.publicKey }).instruction(), [authority]);
    assert.equal(await at.cluster.exists(list), false);
  });

  test('both, upgraded by the loader at their own addresses, play through', async () => {
    const authority = await at.cluster.wallet(100);
    for (const [id, name] of [[TICKET_ID, 'ticket'], [WHITELIST_ID, 'whitelist']]) {
      await adopt(at.cluster, authority, id, file(name));
      await upgrade(at.cluster, authority, id, file(name));
      const data = (await at.cluster.connection.getAccountInfo(programData(id))).data;
      assert.ok(data.subarray(45, 45 + file(name).length).equals(file(name)), 'the bytes on chain are those of the build');
    }
    await playThrough(at.cluster);
  });
});
