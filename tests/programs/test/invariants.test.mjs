// Ten thousand instructions by chance, right and wrong ones, against a model: every answer is the expected one, no lamport is
// made or lost, no event is oversold, and the whitelist counts the live tickets. SEED=n repeats a run, STEPS=n changes its length.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { ComputeBudgetProgram, LAMPORTS_PER_SOL, SystemProgram, Transaction } from '@solana/web3.js';
import { refusal } from '../harness/cluster.mjs';
import { Game } from '../harness/game.mjs';
import { Model } from '../harness/model.mjs';
import { onEachVersion } from '../harness/suite.mjs';

const STEPS = Number(process.env.STEPS ?? 10_000);
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const CHECK_EVERY = 100;
const GAMES = 5, PLAYERS = 7;

/** mulberry32 */
function random(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) % below);
  };
}

const WEIGHTS = { reserve: 40, refund: 14, lock: 10, cancel: 2, settle: 6, closeTicket: 14, close: 8, gift: 2 };
const BAG = Object.entries(WEIGHTS).flatMap(([name, n]) => Array(n).fill(name));

class Walk {
  constructor(cluster, games, players, pick) {
    Object.assign(this, { cluster, games, players, pick, sent: [], carriedOut: 0, refused: new Map() });
  }

  #one = (list) => list[this.pick(list.length)];

  #idea(game) {
    const player = this.#one(this.players);
    const name = this.#one(BAG);
    const byHolder = this.pick(3) === 0;
    if (name === 'lock') return [name, { locked: this.pick(4) > 0 }];
    if (name === 'gift') return [name, { player, lamports: 1 + this.pick(5000) }];
    if (name !== 'settle') return [name, { player, byHolder }];
    const seated = [...game.model.seats];
    return [name, { winners: Array.from({ length: 1 + this.pick(3) }, () => ({ player: seated.length && this.pick(8) ? this.#one(seated) : player, share: 1 + this.pick(4000) })) }];
  }

  /** Half of the time the first idea, otherwise one that is to be carried out: by chance alone nearly all would be refused. */
  #choose(game) {
    let idea = this.#idea(game);
    for (let tries = this.pick(2) * 8; tries > 0 && game.model.copy().expect(...idea); tries--) idea = this.#idea(game);
    return idea;
  }

  /** The instruction and who signs it. */
  #build(game, name, { player, byHolder, locked, winners, lamports }) {
    const caller = byHolder ? { caller: player.publicKey } : {};
    switch (name) {
      case 'reserve': return [game.reserve(player), player];
      case 'refund': return [game.refund(player, caller), byHolder ? player : game.god];
      case 'closeTicket': return [game.closeTicket(player, caller), byHolder ? player : game.god];
      case 'lock': return [game.lock(locked), game.god];
      case 'cancel': return [game.cancel(), game.god];
      case 'settle': return [game.settle(winners, { preset: { number: this.pick(5) } }), game.god];
      case 'close': return [game.close(), game.god];
      default: return [SystemProgram.transfer({ fromPubkey: player.publicKey, toPubkey: game.vault, lamports }), player];
    }
  }

  /** Sends one instruction; answers how many that were. */
  async step() {
    const game = this.#one(this.games);
    if (game.model.state === 'closed' && this.pick(3) === 0) {
      await this.#send(game.model.expect('open'), [await game.initList(), await game.initEvent()], [game.god], 'open');
      return 2;
    }
    const [name, args] = this.#choose(game);
    if (name === 'gift' && game.model.state === 'closed') return 0; // it would fill the address of the next vault
    const [instruction, signer] = this.#build(game, name, args);
    await this.#send(game.model.expect(name, args), [await instruction], [signer], name);
    return 1;
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
      if (expected) this.refused.set(expected, (this.refused.get(expected) ?? 0) + 1); else this.carriedOut++;
    });
    this.sent = [];
    const lamports = await this.#lamports();
    assert.equal(lamports.reduce((a, b) => a + b, 0n), total, 'no lamport is made or lost');
    for (const game of this.games) await this.#checkGame(game);
  }

  async #lamports() {
    const keys = [...this.players.map((p) => p.publicKey), ...this.games.flatMap((g) => [g.god.publicKey, g.pool.publicKey, g.revenue.publicKey, g.event, g.vault, g.list,
      ...this.players.flatMap((p) => [g.ticketOf(p), g.entryOf(p)])])];
    const all = [];
    for (let i = 0; i < keys.length; i += 100) all.push(...await this.cluster.connection.getMultipleAccountsInfo(keys.slice(i, i + 100)));
    return all.map((a) => BigInt(a?.lamports ?? 0));
  }

  async #checkGame(game) {
    const { model } = game;
    if (model.state === 'closed') return assert.equal(await this.cluster.exists(game.event), false);
    const [event, list] = [await game.state(), await game.whitelist()];
    const tickets = await this.cluster.connection.getMultipleAccountsInfo(this.players.map((p) => game.ticketOf(p)));
    const live = tickets.filter(Boolean).length;
    assert.ok(event.reserved <= event.capacity, 'capacity is never passed');
    assert.deepEqual([event.reserved, Number(list.count), Number(list.entries), live], Array(4).fill(model.seats.size), 'the whitelist counts the live tickets');
    assert.deepEqual(Object.keys(event.state), [model.state]);
    assert.equal(await game.vaultAmount(), BigInt(model.vault), 'the vault holds what was paid');
  }

  total = async () => (await this.#lamports()).reduce((a, b) => a + b, 0n);
}

onEachVersion('invariants', (at) => {
  const steps = at.version === 'v3' ? STEPS : Math.ceil(STEPS / 4);

  test(`${steps} instructions from seed ${SEED}`, async () => {
    const pick = random(SEED);
    const players = [];
    for (let i = 0; i < PLAYERS; i++) players.push(await at.cluster.wallet(100_000));
    const games = [];
    for (let i = 0; i < GAMES; i++) {
      const terms = { price: 1_000_003 + pick(LAMPORTS_PER_SOL), capacity: 1 + pick(PLAYERS - 1) };
      games.push(Object.assign(await Game.open(at.cluster, terms), { model: new Model(terms) }));
    }
    const walk = new Walk(at.cluster, games, players, pick);
    const total = await walk.total();
    for (let done = 0, checked = 0; done < steps;) {
      done += await walk.step();
      if (done - checked >= CHECK_EVERY || done >= steps) { await walk.check(total); checked = done; }
    }
    console.log(`SBPF ${at.version}, seed ${SEED}: ${walk.carriedOut} carried out; refused: ${[...walk.refused].map(([k, v]) => `${k} ${v}`).join(', ')}`);
    assert.ok(steps < 1000 || walk.refused.size >= 10, 'most refusals were met');
  });
});
