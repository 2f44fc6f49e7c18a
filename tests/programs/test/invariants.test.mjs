// Thousands of instructions by chance, right and wrong ones, against a model: every answer is the expected one, no lamport is
// made or lost, no event is oversold, and the whitelist counts the live tickets. At the end holders get their money out without
// anybody's help. SEED=n repeats a run, STEPS=n changes its length.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { ComputeBudgetProgram, LAMPORTS_PER_SOL, SystemProgram, Transaction } from '@solana/web3.js';
import { refusal } from '../harness/cluster.mjs';
import { DAY, Game, again } from '../harness/game.mjs';
import { Model } from '../harness/model.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const STEPS = Number(process.env.STEPS ?? 4000);
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const CHECK_EVERY = 100;
const GAMES = 5, PLAYERS = 7, SECOND_TICKETS = 3;

/** mulberry32 */
function random(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) % below);
  };
}

const WEIGHTS = { reserve: 40, refund: 14, lock: 12, cancel: 1, beginSettle: 16, pay: 20, closeTicket: 14, close: 8, gift: 2, wait: 1 };
const BAG = Object.entries(WEIGHTS).flatMap(([name, n]) => Array(n).fill(name));

const count = (counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1);
const tell = (counts) => [...counts].map(([name, n]) => `${name} ${n}`).join(', ');

class Walk {
  constructor(cluster, wallets, pick) {
    Object.assign(this, { cluster, wallets, pick, games: [], day: 0, sent: [], carriedOut: new Map(), refused: new Map() });
    this.holders = [...wallets, ...wallets.slice(0, SECOND_TICKETS).map(again)];
  }

  #one = (list) => list[this.pick(list.length)];
  at = (day) => this.midnight + day * DAY;
  soon = () => this.day + 5.5 + this.pick(40);

  #amount({ owed, seats }) {
    return [owed, Math.floor(owed / Math.max(seats.size, 1)), owed + 1, Math.floor((owed * this.pick(1000)) / 1000)][this.pick(4)];
  }

  #idea({ model }) {
    const seated = [...model.seats];
    const holder = seated.length && this.pick(2) ? this.#one(seated) : this.#one(this.holders);
    const [name, byHolder, day] = [this.#one(BAG), this.pick(3) === 0, this.day];
    switch (name) {
      case 'reserve': return [name, { holder, expired: this.pick(10) === 0 }];
      case 'lock': return [name, { locked: this.pick(4) > 0 }];
      case 'gift': return [name, { holder, lamports: 1 + this.pick(5000) }];
      case 'beginSettle': return [name, { tickets: model.seats.size + (this.pick(8) ? 0 : 1), apart: this.pick(3) ? 0 : this.pick(3), tax: { preset: { number: this.pick(5) } }, share: this.pick(8) ? this.pick(3) * 5000 : 10_001, day }];
      case 'pay': return [name, { holder, amount: this.#amount(model), byHolder: this.pick(10) === 0 }];
      default: return [name, { holder, byHolder, day }];
    }
  }

  /** Every third time the first idea, otherwise one that is to be carried out: by chance alone nearly all would be refused. */
  #choose(game) {
    let idea = this.#idea(game);
    for (let tries = this.pick(3) ? 16 : 0; tries > 0 && idea[0] !== 'wait' && game.model.copy().expect(...idea); tries--) idea = this.#idea(game);
    return idea;
  }

  /** The instruction and who signs it. */
  #build(game, name, { holder, byHolder, locked, expired, amount, lamports, ...settlement }) {
    const [as, signer] = byHolder ? [holder.publicKey, holder] : [game.god.publicKey, game.god];
    switch (name) {
      case 'reserve': return [game.reserve(holder, {}, { notAfter: this.at(this.day + (expired ? -0.5 : 0.5)) }), holder, game.god];
      case 'refund': return [game.refund(holder, { caller: as }), signer];
      case 'pay': return [game.pay(holder, amount, { authority: as }), signer];
      case 'closeTicket': return [game.closeTicket(holder, { caller: as }), signer];
      case 'lock': return [game.lock(locked), game.god];
      case 'cancel': return [game.cancel(), game.god];
      case 'beginSettle': return [game.beginSettle(settlement), game.god];
      case 'close': return [game.close(), game.god];
      default: return [SystemProgram.transfer({ fromPubkey: holder.publicKey, toPubkey: game.vault, lamports }), holder];
    }
  }

  async wait(days) {
    this.day += days;
    await this.cluster.advance(days * DAY);
  }

  /** Sends one instruction; answers how many that were. */
  async step() {
    const game = this.#one(this.games);
    if (game.model.state === 'closed' && this.pick(3) === 0) {
      const escapeDay = this.soon();
      await this.#send(game.model.expect('open', { escapeDay }), [await game.initList(), await game.initEvent({}, { escapeAt: this.at(escapeDay) })], [game.god], 'open');
      return 2;
    }
    const [name, args] = this.#choose(game);
    if (name === 'gift' && game.model.state === 'closed') return 0; // it would fill the address of the next vault
    if (name === 'wait') { await this.wait(1 + this.pick(5)); return 0; }
    await this.carryOut(game, name, args);
    return 1;
  }

  async carryOut(game, name, args) {
    const [instruction, ...signers] = this.#build(game, name, args);
    await this.#send(game.model.expect(name, args), [await instruction], signers, name);
  }

  async #send(expected, instructions, signers, name) {
    if (this.cluster.sent % 50 === 0 || !this.blockhash) this.blockhash = (await this.cluster.connection.getLatestBlockhash()).blockhash;
    const tx = new Transaction({ feePayer: this.cluster.payer.publicKey, recentBlockhash: this.blockhash });
    tx.add(ComputeBudgetProgram.setComputeUnitLimit({ units: 200_000 + this.cluster.sent++ }), ...instructions);
    tx.sign(this.cluster.payer, ...signers);
    this.sent.push({ signature: await this.cluster.connection.sendRawTransaction(tx.serialize(), { skipPreflight: true }), expected, name });
  }

  /** Every answer since the last check, then the state of everything. */
  async check(total) {
    const { value } = await this.cluster.connection.getSignatureStatuses(this.sent.map((s) => s.signature), { searchTransactionHistory: true });
    this.sent.forEach(({ expected, name, signature }, i) => {
      assert.ok(value[i], `${name} landed`);
      assert.equal(value[i].err ? refusal(value[i]) : null, expected, `${name} ${signature}`);
      count(expected ? this.refused : this.carriedOut, expected ?? name);
    });
    this.sent = [];
    const lamports = await this.#lamports();
    assert.equal(lamports.reduce((a, b) => a + b, 0n), total, 'no lamport is made or lost');
    for (const game of this.games) await this.#checkGame(game);
  }

  async #lamports() {
    const keys = [...this.wallets.map((w) => w.publicKey), ...this.games.flatMap((g) => [g.god.publicKey, g.pool.publicKey, g.revenue.publicKey, g.event, g.vault, g.list,
      ...this.wallets.map((w) => g.entryOf(w)), ...this.holders.map((h) => g.ticketOf(h))])];
    const all = [];
    for (let i = 0; i < keys.length; i += 100) all.push(...await this.cluster.connection.getMultipleAccountsInfo(keys.slice(i, i + 100)));
    return all.map((a) => BigInt(a?.lamports ?? 0));
  }

  async #checkGame(game) {
    const { model } = game;
    if (model.state === 'closed') return assert.equal(await this.cluster.exists(game.event), false);
    const [event, list] = [await game.state(), await game.whitelist()];
    const tickets = await this.cluster.connection.getMultipleAccountsInfo(this.holders.map((h) => game.ticketOf(h)));
    const live = tickets.filter(Boolean).length;
    assert.ok(event.reserved <= event.capacity, 'capacity is never passed');
    assert.deepEqual([event.reserved, Number(list.count), live], Array(3).fill(model.seats.size), 'the whitelist counts the live tickets');
    assert.equal(Number(list.entries), model.wallets, 'and has an entry for each wallet');
    assert.deepEqual([Object.keys(event.state), Number(event.owed)], [[model.state], model.owed]);
    assert.equal(model.state === 'settling', model.owed > 0 && model.seats.size > 0, 'what is owed can be paid to somebody');
    assert.equal(await game.vaultAmount(), BigInt(model.vault), 'the vault holds what was paid');
  }

  /** Every authority is gone: the holders take out what is theirs, and only gifts are left. */
  async escape() {
    await this.wait(100);
    for (const game of this.games)
      for (const holder of [...game.model.seats]) await this.carryOut(game, game.model.state === 'settled' ? 'closeTicket' : 'refund', { holder, byHolder: true, day: this.day });
    for (const { model } of this.games) assert.deepEqual([model.seats.size, model.vault], [0, model.extra]);
  }

  total = async () => (await this.#lamports()).reduce((a, b) => a + b, 0n);
}

onEachVersion('invariants', (at) => {
  const steps = at.version === 'v3' ? STEPS : Math.ceil(STEPS / 4);

  test(`${steps} instructions from seed ${SEED}`, async () => {
    const pick = random(SEED);
    const wallets = [];
    for (let i = 0; i < PLAYERS; i++) wallets.push(await at.cluster.wallet(100_000));
    const walk = new Walk(at.cluster, wallets, pick);
    walk.midnight = await at.cluster.now();
    for (let i = 0; i < GAMES; i++) {
      const terms = { price: 1_000_003 + pick(LAMPORTS_PER_SOL), capacity: 1 + pick(PLAYERS - 1), escapeDay: walk.soon() };
      walk.games.push(Object.assign(await Game.open(at.cluster, { ...terms, escapeAt: walk.at(terms.escapeDay) }), { model: new Model(terms) }));
    }
    const total = await walk.total();
    for (let done = 0, checked = 0; done < steps;) {
      done += await walk.step();
      if (done - checked >= CHECK_EVERY || done >= steps) { await walk.check(total); checked = done; }
    }
    await walk.escape();
    await walk.check(total);
    console.log(`SBPF ${at.version}, seed ${SEED}: carried out: ${tell(walk.carriedOut)}; refused: ${tell(walk.refused)}`);
    assert.ok(steps < 1000 || walk.refused.size >= 15, 'most refusals were met');
    for (const name of Object.keys(WEIGHTS).filter((n) => n !== 'wait')) assert.ok(steps < 1000 || walk.carriedOut.has(name), `${name} was carried out`);
  });
});
