// Burning tokens for a whitelist: they are really gone, and each mint counts once per list.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createApproveInstruction, createFreezeAccountInstruction } from '@solana/spl-token';
import { Keypair, SystemProgram } from '@solana/web3.js';
import { bn, tamper } from '../harness/game.mjs';
import { address, clients, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';
import { PROGRAMS, Token } from '../harness/tokens.mjs';

onEachVersion('burn', (at) => {
  const list = async (name = 'burners') => {
    const [authority, payer] = [Keypair.generate().publicKey, await at.cluster.wallet()];
    const key = address.list(authority, name);
    await at.cluster.ok(await clients(at.cluster.connection).whitelist.methods.initList(name).accountsPartial({ payer: payer.publicKey, authority, list: key }).instruction(), [payer]);
    return key;
  };
  const burn = (key, token, owner, amount, accounts = {}) =>
    clients(at.cluster.connection).whitelist.methods.burn(bn(amount)).accountsPartial({ owner: owner.publicKey, list: key, burned: address.burned(key, token.mint), mint: token.mint,
      tokenAccount: token.account(owner.publicKey), tokenProgram: token.program, ...accounts }).instruction();

  for (const [name, program] of PROGRAMS)
    describe(name, () => {
      test('tokens are burned and the mint is recorded', async () => {
        const { whitelist } = clients(at.cluster.connection);
        const [key, token, owner] = [await list(), await Token.create(at.cluster, program), await at.cluster.wallet()];
        await token.fund(owner.publicKey, 5_000_000);
        const meta = await at.cluster.ok(await burn(key, token, owner, 2_000_000), [owner]);
        assert.equal(await token.balance(token.account(owner.publicKey)), 3_000_000n);
        assert.equal(await token.supply(), 3_000_000n);
        const record = await whitelist.account.burned.fetch(address.burned(key, token.mint));
        assert.ok(record.list.equals(key) && record.owner.equals(owner.publicKey) && record.mint.equals(token.mint));
        assert.equal(Number(record.amount), 2_000_000);
        assert.equal(Number((await whitelist.account.list.fetch(key)).burned), 1);
        const [event] = events(whitelist, meta.logMessages);
        assert.deepEqual([event.name, Number(event.data.amount)], ['tokensBurned', 2_000_000]);
      });

      test('an NFT is gone; the same mint counts for another list, not for the same one again', async () => {
        const [key, other, nft, owner] = [await list(), await list(), await Token.create(at.cluster, program, { decimals: 0 }), await at.cluster.wallet()];
        await nft.fund(owner.publicKey, 2);
        await at.cluster.ok(await burn(key, nft, owner, 1), [owner]);
        await at.cluster.refused('MintAlreadyBurned', await burn(key, nft, owner, 1), [owner]);
        await at.cluster.ok(await burn(other, nft, owner, 1), [owner]);
        assert.equal(await nft.supply(), 0n);
      });

      test('burn refuses', async (t) => {
        const [key, other] = [await list(), await list()];
        const [token, second] = [await Token.create(at.cluster, program), await Token.create(at.cluster, program)];
        const [owner, stranger, delegate, poor, cold] = [await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(), await at.cluster.wallet(0.001), await at.cluster.wallet()];
        const foreign = await at.cluster.foreign();
        for (const who of [owner, stranger, poor, cold]) await token.fund(who.publicKey, 1000);
        await second.fund(owner.publicKey, 1000);
        await at.cluster.ok(await burn(key, second, owner, 1), [owner]);
        const recorded = address.burned(key, second.mint);
        await at.cluster.ok(createApproveInstruction(token.account(owner.publicKey), delegate.publicKey, owner.publicKey, 500, [], program), [owner]);
        await at.cluster.ok(createFreezeAccountInstruction(token.account(cold.publicKey), token.mint, token.authority.publicKey, [], program), [token.authority]);
        const good = await burn(key, token, owner, 10);
        const wrongProgram = program.equals(TOKEN_PROGRAM_ID) ? TOKEN_2022_PROGRAM_ID : TOKEN_PROGRAM_ID;
        const cases = {
          'an amount of zero': ['ZeroAmount', await burn(key, token, owner, 0), [owner]],
          'more than there is': ['InsufficientFunds', await burn(key, token, owner, 1001), [owner]],
          'the largest amount': ['InsufficientFunds', await burn(key, token, owner, (1n << 64n) - 1n), [owner]],
          'an owner who did not sign': ['MissingSigner', tamper(good, owner, { signer: false }), []],
          "somebody else's tokens": ['WrongTokenAccount', await burn(key, token, owner, 10, { tokenAccount: token.account(stranger.publicKey) }), [owner]],
          'a delegate of the owner': ['WrongTokenAccount', await burn(key, token, delegate, 10, { tokenAccount: token.account(owner.publicKey) }), [delegate]],
          'tokens of another mint': ['WrongMint', await burn(key, token, owner, 10, { tokenAccount: second.account(owner.publicKey) }), [owner]],
          'a token account in place of the mint': ['WrongMint', await burn(key, token, owner, 10, { mint: token.account(owner.publicKey), burned: address.burned(key, token.account(owner.publicKey)) }), [owner]],
          'a mint in place of the token account': ['WrongTokenAccount', await burn(key, token, owner, 10, { tokenAccount: second.mint }), [owner]],
          'a token account of another program': ['WrongOwner', await burn(key, token, owner, 10, { tokenAccount: foreign }), [owner]],
          'a mint of another program': ['WrongOwner', await burn(key, token, owner, 10, { mint: foreign, burned: address.burned(key, foreign) }), [owner]],
          'the other token program': ['WrongOwner', await burn(key, token, owner, 10, { tokenProgram: wrongProgram }), [owner]],
          'no token program': ['WrongProgram', await burn(key, token, owner, 10, { tokenProgram: SystemProgram.programId }), [owner]],
          "the record's address for another list": ['WrongAddress', await burn(key, token, owner, 10, { burned: address.burned(other, token.mint) }), [owner]],
          "the record's address for another mint": ['WrongAddress', await burn(key, token, owner, 10, { burned: address.burned(key, second.mint) }), [owner]],
          'a list that does not exist': ['NotInitialized', await burn(Keypair.generate().publicKey, token, owner, 10), [owner]],
          'a list of another program': ['WrongOwner', await burn(foreign, token, owner, 10), [owner]],
          'a record in place of the list': ['WrongAccountType', await burn(recorded, token, owner, 10), [owner]],
          'a false system program': ['WrongProgram', tamper(good, SystemProgram.programId, { replace: program }), [owner]],
          'a frozen token account': ['TokenFrozen', await burn(key, token, cold, 10), [cold]],
          'an owner without the rent of the record': ['InsufficientFunds', await burn(key, token, poor, 10), [poor]],
          'bytes behind the amount': ['InvalidArguments', await burn(key, token, owner, 10).then((i) => Object.assign(i, { data: Buffer.concat([i.data, Buffer.from([0])]) })), [owner]],
          'twice in one transaction': ['MintAlreadyBurned', [good, good], [owner]],
        };
        for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
        assert.equal(await token.balance(token.account(owner.publicKey)), 1000n);
      });
    });
});
