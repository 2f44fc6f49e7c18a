// One event with its whitelist, as a game master sets it up, and the instructions that people send to it. Every builder takes
// other accounts by name, so that a test can put a wrong one in.
import anchor from '@coral-xyz/anchor';
import { Keypair, LAMPORTS_PER_SOL, PublicKey } from '@solana/web3.js';
import { address, clients } from './programs.mjs';

const { BN } = anchor;
export const bn = (n) => new BN(String(n));

export class Game {
  /** Lamports unless a token {mint, program} is given. */
  static async open(cluster, { price = LAMPORTS_PER_SOL, capacity = 3, token = null, ids } = {}) {
    const game = new Game(cluster, { price, capacity, token, ids });
    [game.god, game.pool, game.revenue] = await Promise.all([cluster.wallet(), cluster.wallet(1), cluster.wallet(1)]);
    game.#derive();
    if (token) for (const { publicKey } of [game.pool, game.revenue]) await token.fund(publicKey, 0);
    await cluster.ok(await game.initList(), [game.god]);
    game.opened = await cluster.ok(await game.initEvent(), [game.god]);
    return game;
  }

  constructor(cluster, { price, capacity, token, ids }) {
    Object.assign(this, { cluster, price, capacity, token, id: cluster.bytes(16), listName: 'seats', ids });
    this.programs = clients(cluster.connection, ids);
  }

  #derive() {
    this.event = address.event(this.god.publicKey, this.id, this.ids?.ticket);
    this.vault = address.vault(this.event, this.ids?.ticket);
    this.list = address.list(this.event, this.listName);
  }

  ticketOf = (player) => address.ticket(this.event, player.publicKey ?? player, this.ids?.ticket);
  entryOf = (player) => address.entry(this.list, player.publicKey ?? player);
  #token = (account) => (this.token ? { mint: this.token.mint, tokenProgram: this.token.program, ...account } : { mint: null, tokenProgram: null, ...(account && { playerToken: null }) });

  initList(accounts = {}) {
    return this.programs.whitelist.methods.initList(this.listName).accountsPartial({ payer: this.god.publicKey, authority: this.event, list: this.list, ...accounts }).instruction();
  }

  initEvent(accounts = {}, { id = this.id, price = this.price, capacity = this.capacity } = {}) {
    return this.programs.ticket.methods.initEvent([...id], bn(price), capacity)
      .accountsPartial({ authority: this.god.publicKey, event: this.event, vault: this.vault, pool: this.pool.publicKey, revenue: this.revenue.publicKey, whitelist: this.list, ...this.#token(), ...accounts }).instruction();
  }

  reserve(player, accounts = {}) {
    return this.programs.ticket.methods.reserve()
      .accountsPartial({ player: player.publicKey, event: this.event, vault: this.vault, ticket: this.ticketOf(player), reference: Keypair.generate().publicKey, whitelist: this.list,
        entry: this.entryOf(player), ...this.#token({ playerToken: this.token?.account(player.publicKey) }), ...accounts }).instruction();
  }

  lock(locked = true, accounts = {}) {
    return this.programs.ticket.methods.lockEvent(locked).accountsPartial({ authority: this.god.publicKey, event: this.event, ...accounts }).instruction();
  }

  cancel(accounts = {}) {
    return this.programs.ticket.methods.cancelEvent().accountsPartial({ authority: this.god.publicKey, event: this.event, ...accounts }).instruction();
  }

  #release(player) {
    return { caller: this.god.publicKey, event: this.event, ticket: this.ticketOf(player), player: player.publicKey, whitelist: this.list, entry: this.entryOf(player) };
  }

  refund(player, accounts = {}) {
    return this.programs.ticket.methods.refund()
      .accountsPartial({ ...this.#release(player), vault: this.vault, ...this.#token({ playerToken: this.token?.account(player.publicKey) }), ...accounts }).instruction();
  }

  closeTicket(player, accounts = {}) {
    return this.programs.ticket.methods.closeTicket().accountsPartial({ ...this.#release(player), ...accounts }).instruction();
  }

  /** winners: [{player, share, ticket?, recipient?}] */
  settle(winners, tax = { preset: { number: 0 } }, accounts = {}) {
    const wallet = (key) => (this.token ? this.token.account(key) : key);
    const pairs = winners.flatMap(({ player, ticket, recipient }) => [
      { pubkey: ticket ?? this.ticketOf(player), isSigner: false, isWritable: false },
      { pubkey: recipient ?? wallet(player.publicKey), isSigner: false, isWritable: true }]);
    return this.programs.ticket.methods.settle(tax, winners.map((w) => w.share))
      .accountsPartial({ authority: this.god.publicKey, event: this.event, vault: this.vault, revenue: wallet(this.revenue.publicKey), pool: wallet(this.pool.publicKey), ...this.#token(), ...accounts })
      .remainingAccounts(pairs).instruction();
  }

  close(accounts = {}) {
    return this.programs.ticket.methods.close()
      .accountsPartial({ authority: this.god.publicKey, event: this.event, vault: this.vault, pool: this.token ? this.token.account(this.pool.publicKey) : this.pool.publicKey,
        whitelist: this.list, listRentPayer: this.god.publicKey, ...this.#token(), ...accounts }).instruction();
  }

  /** New players with a seat each. */
  async seat(count, sol = 5) {
    const players = [];
    for (let i = 0; i < count; i++) {
      const player = await this.cluster.wallet(sol);
      await this.token?.fund(player.publicKey, this.price);
      await this.cluster.ok(await this.reserve(player), [player]);
      players.push(player);
    }
    return players;
  }

  state = () => this.programs.ticket.account.event.fetch(this.event);
  whitelist = () => this.programs.whitelist.account.list.fetch(this.list);

  /** What the vault holds beyond its own rent. */
  async vaultAmount() {
    if (this.token) return this.token.balance(this.vault);
    return BigInt(await this.cluster.balance(this.vault)) - BigInt(String((await this.state()).vaultRent));
  }
}

/** The instruction with one account changed: {signer, writable, key}. */
export function tamper(instruction, key, { signer, writable, replace }) {
  const at = instruction.keys.findIndex((k) => k.pubkey.equals(key.publicKey ?? key));
  if (at < 0) throw new Error(`no account ${key.publicKey ?? key}`);
  const keys = instruction.keys.map((k, i) => (i !== at ? k : { pubkey: replace ?? k.pubkey, isSigner: signer ?? k.isSigner, isWritable: writable ?? k.isWritable }));
  return Object.assign(Object.create(Object.getPrototypeOf(instruction)), { programId: instruction.programId, data: instruction.data, keys });
}

export { PublicKey };
