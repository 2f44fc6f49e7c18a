// The whitelist program by its stock Anchor client: every instruction, and every way to misuse it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keypair, PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { bn, tamper } from '../harness/game.mjs';
import { WHITELIST_ID, address, clients, events } from '../harness/programs.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const U64_MAX = (1n << 64n) - 1n;

class Desk {
  static async open(cluster, name = 'guests') {
    const desk = new Desk();
    [desk.authority, desk.payer] = await Promise.all([cluster.wallet(), cluster.wallet()]);
    Object.assign(desk, { cluster, name, program: clients(cluster.connection).whitelist });
    desk.list = address.list(desk.authority.publicKey, name);
    desk.opened = await cluster.ok(await desk.init(), [desk.payer]);
    return desk;
  }

  init(accounts = {}, name = this.name) {
    return this.program.methods.initList(name).accountsPartial({ payer: this.payer.publicKey, authority: this.authority.publicKey, list: this.list, ...accounts }).instruction();
  }

  add(wallet, count = 1, accounts = {}) {
    return this.program.methods.add(bn(count))
      .accountsPartial({ authority: this.authority.publicKey, list: this.list, wallet, entry: address.entry(this.list, wallet), payer: this.payer.publicKey, ...accounts }).instruction();
  }

  remove(wallet, count = 1, accounts = {}) {
    return this.program.methods.remove(bn(count))
      .accountsPartial({ authority: this.authority.publicKey, list: this.list, wallet, entry: address.entry(this.list, wallet), rentPayer: this.payer.publicKey, ...accounts }).instruction();
  }

  close(accounts = {}) {
    return this.program.methods.close().accountsPartial({ authority: this.authority.publicKey, list: this.list, rentPayer: this.payer.publicKey, ...accounts }).instruction();
  }

  both = () => [this.authority, this.payer];
  added = async (wallet, count = 1) => this.cluster.ok(await this.add(wallet, count), this.both());
  read = () => this.program.account.list.fetch(this.list);
  entry = (wallet) => this.program.account.entry.fetch(address.entry(this.list, wallet));
}

const someone = () => Keypair.generate().publicKey;

onEachVersion('whitelist', (at) => {
  test('a list is made for an authority that does not sign', async () => {
    const desk = await Desk.open(at.cluster, 'گروه ۱');
    const list = await desk.read();
    assert.equal(list.name, 'گروه ۱');
    assert.ok(list.authority.equals(desk.authority.publicKey) && list.rentPayer.equals(desk.payer.publicKey));
    assert.deepEqual([list.entries, list.count, list.burned].map(Number), [0, 0, 0]);
    const [event] = events(desk.program, desk.opened.logMessages);
    assert.equal(event.name, 'listCreated');
    assert.equal(event.data.name, 'گروه ۱');
    assert.ok(event.data.list.equals(desk.list));
  });

  test('a list is made even where somebody sent lamports to its address', async () => {
    const [authority, payer] = [someone(), await at.cluster.wallet()];
    const program = clients(at.cluster.connection).whitelist;
    for (const lamports of [1_000_000, 5_000_000]) {
      const list = address.list(authority, `gift ${lamports}`);
      await at.cluster.gift(list, lamports);
      await at.cluster.ok(await program.methods.initList(`gift ${lamports}`).accountsPartial({ payer: payer.publicKey, authority, list }).instruction(), [payer]);
      const made = await at.cluster.connection.getAccountInfo(list);
      assert.ok(made.owner.equals(WHITELIST_ID));
      assert.equal(made.lamports, Math.max(lamports, await at.cluster.connection.getMinimumBalanceForRentExemption(136)));
    }
  });

  test('init_list refuses', async (t) => {
    const desk = await Desk.open(at.cluster);
    const poor = await at.cluster.wallet(0.001);
    const fresh = { list: address.list(desk.authority.publicKey, 'fresh') };
    const raw = (name) => ({ programId: WHITELIST_ID, data: Buffer.concat([desk.program.coder.instruction.encode('initList', { name: '' }).subarray(0, 8), name]) });
    const init = await desk.init(fresh, 'fresh');
    const withName = (name) => new TransactionInstruction({ ...raw(name), keys: init.keys });
    const cases = {
      'a list that exists': ['AlreadyInitialized', await desk.init(), [desk.payer]],
      'the address of another name': ['WrongAddress', await desk.init(fresh), [desk.payer]],
      'the address of another authority': ['WrongAddress', await desk.init({ authority: someone() }), [desk.payer]],
      'a payer who did not sign': ['MissingSigner', tamper(init, desk.payer, { signer: false }), []],
      'a list that is not writable': ['NotWritable', tamper(init, fresh.list, { writable: false }), [desk.payer]],
      'a false system program': ['WrongProgram', tamper(init, SystemProgram.programId, { replace: WHITELIST_ID }), [desk.payer]],
      'a payer without the rent': ['InsufficientFunds', await desk.init({ ...fresh, payer: poor.publicKey }, 'fresh'), [poor]],
      'an empty name': ['InvalidName', withName(Buffer.from([0, 0, 0, 0])), [desk.payer]],
      'a name of 33 bytes': ['InvalidName', withName(Buffer.concat([Buffer.from([33, 0, 0, 0]), Buffer.alloc(33, 97)])), [desk.payer]],
      'a name longer than the data': ['InvalidName', withName(Buffer.from([255, 255, 255, 255, 97])), [desk.payer]],
      'a name that is not UTF-8': ['InvalidName', withName(Buffer.from([2, 0, 0, 0, 0xc0, 0xaf])), [desk.payer]],
      'bytes behind the name': ['InvalidName', withName(Buffer.from([1, 0, 0, 0, 97, 0])), [desk.payer]],
    };
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  });

  test('entries count up and down, and their rent comes back', async () => {
    const desk = await Desk.open(at.cluster);
    const wallet = someone();
    const before = await at.cluster.balance(desk.payer);
    const meta = await desk.added(wallet, 2);
    await desk.added(wallet, 3);
    await desk.added(someone());
    const entry = await desk.entry(wallet);
    assert.equal(Number(entry.count), 5);
    assert.ok(Math.abs(Number(entry.since) - Date.now() / 1000) < 60);
    const list = await desk.read();
    assert.deepEqual([list.entries, list.count].map(Number), [2, 6]);
    const [event] = events(desk.program, meta.logMessages);
    assert.equal(event.name, 'entryAdded');
    assert.deepEqual([event.data.count, event.data.listCount].map(Number), [2, 2]);

    await at.cluster.ok(await desk.remove(wallet, 4), [desk.authority]);
    assert.equal(Number((await desk.entry(wallet)).count), 1);
    const last = await at.cluster.ok(await desk.remove(wallet), [desk.authority]);
    assert.equal(events(desk.program, last.logMessages)[0].name, 'entryRemoved');
    assert.equal(await at.cluster.exists(address.entry(desk.list, wallet)), false);
    const rent = await at.cluster.connection.getMinimumBalanceForRentExemption(120);
    assert.equal(await at.cluster.balance(desk.payer), before - rent, 'only the other entry is still paid for');
    assert.deepEqual([(await desk.read()).entries, (await desk.read()).count].map(Number), [1, 1]);
  });

  test('add refuses', async (t) => {
    const [desk, other] = [await Desk.open(at.cluster), await Desk.open(at.cluster)];
    const [wallet, guest, stranger] = [someone(), someone(), await at.cluster.wallet()];
    await desk.added(guest);
    await other.added(guest);
    const add = await desk.add(wallet);
    const foreign = await at.cluster.foreign();
    const entryOf = (d, w) => address.entry(d.list, w);
    const cases = {
      'a count of zero': ['ZeroCount', await desk.add(wallet, 0), desk.both()],
      'a sum above 64 bits': ['Overflow', await desk.add(guest, U64_MAX), desk.both()],
      'a signer who is not the authority': ['WrongListAuthority', await desk.add(wallet, 1, { authority: stranger.publicKey }), [stranger, desk.payer]],
      'the authority of another list': ['WrongListAuthority', await desk.add(wallet, 1, { authority: other.authority.publicKey }), [other.authority, desk.payer]],
      'an authority who did not sign': ['MissingSigner', tamper(add, desk.authority, { signer: false }), [desk.payer]],
      'a payer who did not sign': ['MissingSigner', tamper(add, desk.payer, { signer: false }), [desk.authority]],
      'a list that is not writable': ['NotWritable', tamper(add, desk.list, { writable: false }), desk.both()],
      'an entry that is not writable': ['NotWritable', tamper(add, entryOf(desk, wallet), { writable: false }), desk.both()],
      'a new entry at another address': ['WrongAddress', await desk.add(wallet, 1, { entry: entryOf(desk, someone()) }), desk.both()],
      'the entry of another wallet': ['WrongWallet', await desk.add(wallet, 1, { entry: entryOf(desk, guest) }), desk.both()],
      'the entry of another list': ['WrongList', await desk.add(guest, 1, { entry: entryOf(other, guest) }), desk.both()],
      'an entry that belongs to another program': ['WrongOwner', await desk.add(wallet, 1, { entry: foreign }), desk.both()],
      'a list that belongs to another program': ['WrongOwner', await desk.add(wallet, 1, { list: foreign }), desk.both()],
      'a list that does not exist': ['NotInitialized', await desk.add(wallet, 1, { list: address.list(desk.authority.publicKey, 'none') }), desk.both()],
      'an entry in place of the list': ['WrongAccountType', await desk.add(wallet, 1, { list: entryOf(desk, guest) }), desk.both()],
      'a list in place of the entry': ['WrongAccountType', await desk.add(wallet, 1, { entry: other.list }), desk.both()],
      'a false system program': ['WrongProgram', tamper(add, SystemProgram.programId, { replace: WHITELIST_ID }), desk.both()],
    };
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  });

  test('remove refuses', async (t) => {
    const [desk, other] = [await Desk.open(at.cluster), await Desk.open(at.cluster)];
    const [wallet, gone, stranger] = [someone(), someone(), await at.cluster.wallet()];
    await desk.added(wallet, 2);
    await other.added(wallet, 2);
    await desk.added(gone);
    await at.cluster.ok(await desk.remove(gone), [desk.authority]);
    const remove = await desk.remove(wallet);
    const cases = {
      'a count of zero': ['ZeroCount', await desk.remove(wallet, 0), [desk.authority]],
      'more than were added': ['NotThatMany', await desk.remove(wallet, 3), [desk.authority]],
      'an entry that was closed': ['NotInitialized', await desk.remove(gone), [desk.authority]],
      'a wallet never added': ['NotInitialized', await desk.remove(someone()), [desk.authority]],
      'a signer who is not the authority': ['WrongListAuthority', await desk.remove(wallet, 1, { authority: stranger.publicKey }), [stranger]],
      'an authority who did not sign': ['MissingSigner', tamper(remove, desk.authority, { signer: false }), []],
      'the entry of another list': ['WrongList', await desk.remove(wallet, 1, { entry: address.entry(other.list, wallet) }), [desk.authority]],
      'the entry of another wallet': ['WrongWallet', await desk.remove(someone(), 1, { entry: address.entry(desk.list, wallet) }), [desk.authority]],
      'rent for somebody else': ['WrongRentPayer', await desk.remove(wallet, 1, { rentPayer: stranger.publicKey }), [desk.authority]],
      'an entry that is not writable': ['NotWritable', tamper(remove, address.entry(desk.list, wallet), { writable: false }), [desk.authority]],
    };
    for (const [name, [error, instruction, signers]] of Object.entries(cases)) await t.test(name, () => at.cluster.refused(error, instruction, signers));
  });

  test('close refuses, then closes once', async (t) => {
    const desk = await Desk.open(at.cluster);
    const [wallet, stranger] = [someone(), await at.cluster.wallet()];
    await desk.added(wallet);
    await t.test('a list with entries', async () => at.cluster.refused('ListNotEmpty', await desk.close(), [desk.authority]));
    await at.cluster.ok(await desk.remove(wallet), [desk.authority]);
    await t.test('a stranger', async () => at.cluster.refused('WrongListAuthority', await desk.close({ authority: stranger.publicKey }), [stranger]));
    await t.test('no signature', async () => at.cluster.refused('MissingSigner', tamper(await desk.close(), desk.authority, { signer: false })));
    await t.test('rent for somebody else', async () => at.cluster.refused('WrongRentPayer', await desk.close({ rentPayer: stranger.publicKey }), [desk.authority]));
    const [before, rent] = [await at.cluster.balance(desk.payer), await at.cluster.balance(desk.list)];
    const meta = await at.cluster.ok(await desk.close(), [desk.authority]);
    assert.equal(events(desk.program, meta.logMessages)[0].name, 'listClosed');
    assert.equal(await at.cluster.balance(desk.payer), before + rent);
    await t.test('a closed list', async () => at.cluster.refused('NotInitialized', await desk.close(), [desk.authority]));
  });

  test('a closed list cannot be revived by paying its rent again in the same transaction', async () => {
    const desk = await Desk.open(at.cluster);
    const revive = SystemProgram.transfer({ fromPubkey: desk.payer.publicKey, toPubkey: desk.list, lamports: 5_000_000 });
    await at.cluster.refused('NotInitialized', [await desk.close(), revive, await desk.add(someone())], desk.both());
    await at.cluster.ok([await desk.close(), revive], desk.both());
    const left = await at.cluster.connection.getAccountInfo(desk.list);
    assert.ok(left.owner.equals(SystemProgram.programId));
    assert.equal(left.data.length, 0);
  });

  test('every instruction refuses what is no list', async (t) => {
    const desk = await Desk.open(at.cluster);
    const [wallet, foreign] = [someone(), await at.cluster.foreign()];
    await desk.added(wallet);
    const entry = address.entry(desk.list, wallet);
    const all = { add: [await desk.add(wallet), desk.both()], remove: [await desk.remove(wallet), [desk.authority]], close: [await desk.close(), [desk.authority]] };
    for (const [name, [instruction, signers]] of Object.entries(all))
      for (const [error, replace] of [['NotInitialized', someone()], ['WrongOwner', foreign], ['WrongAccountType', entry]])
        await t.test(`${name}: ${error}`, () => at.cluster.refused(error, tamper(instruction, desk.list, { replace }), signers));
    for (const [error, replace] of [['NotInitialized', someone()], ['WrongOwner', foreign], ['WrongAccountType', desk.list]])
      await t.test(`remove, entry: ${error}`, () => at.cluster.refused(error, tamper(all.remove[0], entry, { replace }), [desk.authority]));
  });

  test('every instruction refuses bytes behind its arguments', async (t) => {
    const desk = await Desk.open(at.cluster);
    const wallet = someone();
    await desk.added(wallet);
    const all = { initList: await desk.init(), add: await desk.add(wallet), remove: await desk.remove(wallet), close: await desk.close() };
    for (const [name, instruction] of Object.entries(all))
      await t.test(name, () => at.cluster.refused(name === 'initList' ? 'InvalidName' : 'InvalidArguments',
        Object.assign(instruction, { data: Buffer.concat([instruction.data, Buffer.from([0])]) }), { initList: [desk.payer], add: desk.both() }[name] ?? [desk.authority]));
  });

  test('malformed instructions are refused by name', async (t) => {
    const desk = await Desk.open(at.cluster);
    const add = await desk.add(someone());
    const change = (fields) => new TransactionInstruction({ programId: add.programId, keys: add.keys, data: add.data, ...fields });
    const cases = {
      'no data': ['UnknownInstruction', change({ data: Buffer.alloc(0) })],
      'half a discriminator': ['UnknownInstruction', change({ data: add.data.subarray(0, 7) })],
      'an unknown discriminator': ['UnknownInstruction', change({ data: Buffer.alloc(16, 7) })],
      'arguments cut short': ['InvalidArguments', change({ data: add.data.subarray(0, 15) })],
      'bytes behind the arguments': ['InvalidArguments', change({ data: Buffer.concat([add.data, Buffer.from([0])]) })],
      'an account too few': ['NotEnoughAccounts', change({ keys: add.keys.slice(0, -1) })],
      'no accounts': ['NotEnoughAccounts', change({ keys: [] })],
      'more than 64 accounts': ['TooManyAccounts', change({ keys: [...add.keys, ...Array(59).fill({ pubkey: PublicKey.default, isSigner: false, isWritable: false })] })],
    };
    for (const [name, [error, instruction]] of Object.entries(cases))
      await t.test(name, () => at.cluster.refused(error, instruction, desk.both().filter((k) => instruction.keys.some((m) => m.isSigner && m.pubkey.equals(k.publicKey)))));
  });
});
