// One event with its whitelist, as a game master sets it up, and the instructions that people send to it. Every builder takes
// other accounts by name, so that a test can put a wrong one in.
import anchor from '@coral-xyz/anchor';
import { LAMPORTS_PER_SOL, PublicKey } from '@solana/web3.js';
import { address, clients } from './programs.mjs';

const { BN } = anchor;
export const bn = (n) => new BN(String(n));
export const DAY = 86_400;
const ESCAPE_DAYS = 60;
const FAR = 4_102_444_800; // the year 2100: a permit that does not end

/** The same wallet for a ticket more. */
export const again = (player) => Object.create(player);

export class Game {
  /** Lamports unless a token {mint, program} is given. */
  static async open(cluster, { price = LAMPORTS_PER_SOL, capacity = 3, token = null, escapeAt, ids } = {}) {
    const game = new Game(cluster, { price, capacity, token, escapeAt, ids });
    [game.god, game.pool, game.revenue] = await Promise.all([cluster.wallet(), cluster.wallet(1), cluster.wallet(1)]);
    game.#derive();
    if (token) for (const { publicKey } of [game.pool, game.revenue]) await token.fund(publicKey, 0);
    await cluster.ok(await game.initList(), [game.god]);
    game.opened = await cluster.ok(await game.initEvent(), [game.god]);
    return game;
  }

  constructor(cluster, { price, capacity, token, escapeAt, ids }) {
    Object.assign(this, { cluster, price, capacity, token, escapeAt, id: cluster.bytes(16), listName: 'seats', ids, references: new Map() });
    this.programs = clients(cluster.connection, ids);
  }

  #derive() {
    this.event = address.event(this.god.publicKey, this.id, this.ids?.ticket);
    this.vault = address.vault(this.event, this.ids?.ticket);
    this.list = address.list(this.event, this.listName);
  }

  /** Of the hold of a player: each player has one, and again(player) another. */
  referenceOf(player) {
    if (!this.references.has(player)) this.references.set(player, this.cluster.key().publicKey);
    return this.references.get(player);
  }

  ticketAt = (reference) => address.ticket(this.event, reference, this.ids?.ticket);
  ticketOf = (player) => this.ticketAt(this.referenceOf(player));
  entryOf = (player) => address.entry(this.list, player.publicKey ?? player);
  #token = (account) => (this.token ? { mint: this.token.mint, tokenProgram: this.token.program, ...account } : { mint: null, tokenProgram: null, ...(account && { playerToken: null }) });

  initList(accounts = {}) {
    return this.programs.whitelist.methods.initList(this.listName).accountsPartial({ payer: this.god.publicKey, authority: this.event, list: this.list, ...accounts }).instruction();
  }

  async initEvent(accounts = {}, { id = this.id, price = this.price, capacity = this.capacity, escapeAt = this.escapeAt } = {}) {
    const escape = escapeAt ?? await this.cluster.now() + ESCAPE_DAYS * DAY;
    return this.programs.ticket.methods.initEvent([...id], bn(price), capacity, bn(escape))
      .accountsPartial({ authority: this.god.publicKey, event: this.event, vault: this.vault, pool: this.pool.publicKey, revenue: this.revenue.publicKey, whitelist: this.list, ...this.#token(), ...accounts }).instruction();
  }

  reserve(player, accounts = {}, { notAfter = FAR } = {}) {
    const reference = accounts.reference ?? this.referenceOf(player);
    return this.programs.ticket.methods.reserve(bn(notAfter))
      .accountsPartial({ player: player.publicKey, authority: this.god.publicKey, event: this.event, vault: this.vault, ticket: this.ticketAt(reference), reference, whitelist: this.list, entry: this.entryOf(player), ...this.#token({ playerToken: this.token?.account(player.publicKey) }), ...accounts }).instruction();
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

  #paid(player) {
    return { vault: this.vault, ...this.#token({ playerToken: this.token?.account(player.publicKey) }) };
  }

  refund(player, accounts = {}) {
    return this.programs.ticket.methods.refund().accountsPartial({ ...this.#release(player), ...this.#paid(player), ...accounts }).instruction();
  }

  pay(player, amount, accounts = {}) {
    const { caller, ...release } = this.#release(player);
    return this.programs.ticket.methods.payTicket(bn(amount)).accountsPartial({ authority: caller, ...release, ...this.#paid(player), ...accounts }).instruction();
  }

  closeTicket(player, accounts = {}) {
    return this.programs.ticket.methods.closeTicket().accountsPartial({ ...this.#release(player), ...accounts }).instruction();
  }

  /** Of what is left of the tax, share is the winners' in basis points. Those apart are owed their price. */
  async beginSettle({ tax = { preset: { number: 0 } }, share = 10_000, tickets, apart = 0 } = {}, accounts = {}) {
    const wallet = (key) => (this.token ? this.token.account(key) : key);
    return this.programs.ticket.methods.beginSettle(tickets ?? (await this.state()).reserved, apart, tax, share)
      .accountsPartial({ authority: this.god.publicKey, event: this.event, vault: this.vault, revenue: wallet(this.revenue.publicKey), pool: wallet(this.pool.publicKey), ...this.#token(), ...accounts }).instruction();
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
      await this.cluster.ok(await this.reserve(player), [player, this.god]);
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
