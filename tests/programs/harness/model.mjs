// What the programs are expected to do, in a few lines: the state of every event and the answer to every instruction.
// A holder is one ticket's; a wallet may have several. Time is counted in days.

const UNBEGUN = ['open', 'locked'];
const SETTLEMENT_DAYS = 30;
const EVENT_TAX = [90, 88, 48, 25, 0];

/** What the tax leaves of an amount goes to winners and pool. */
export function divide(paid, tax, share) {
  const half = Math.floor(paid / 2);
  const revenue = tax.custom ? Math.floor((paid * tax.custom.basisPoints) / 10_000) : Math.floor((half * 5) / 100) + Math.floor((half * EVENT_TAX[tax.preset.number]) / 100);
  const owed = Math.floor(((paid - revenue) * share) / 10_000);
  return { revenue, owed, pool: paid - revenue - owed };
}

export class Model {
  constructor({ price, capacity, escapeDay }) {
    Object.assign(this, { price, capacity, escapeDay, state: 'open', seats: new Set(), extra: 0, owed: 0 });
  }

  copy() {
    return Object.assign(new Model(this), this, { seats: new Set(this.seats) });
  }

  get vault() {
    return this.extra + this.owed + (['settling', 'settled'].includes(this.state) ? 0 : this.seats.size * this.price);
  }

  get wallets() {
    return new Set([...this.seats].map((holder) => String(holder.publicKey))).size;
  }

  /** null when it is carried out, otherwise the name of the refusal. */
  expect(name, args) {
    return this.state === 'closed' && name !== 'open' ? 'NotInitialized' : this[name](args);
  }

  open({ escapeDay }) {
    Object.assign(this, { state: 'open', extra: 0, escapeDay });
    return null;
  }

  reserve({ holder, expired }) {
    if (expired) return 'PermitExpired';
    if (this.state !== 'open') return 'NotOpen';
    if (this.seats.size >= this.capacity) return 'EventFull';
    if (this.seats.has(holder)) return 'AlreadyReserved';
    this.seats.add(holder);
    return null;
  }

  #release(holder, amount) {
    this.seats.delete(holder);
    if (this.state !== 'settling') return null;
    this.owed -= amount;
    if (this.owed === 0) this.state = 'settled';
    return null;
  }

  refund({ holder, byHolder, day }) {
    const escaped = day >= this.escapeDay;
    const rights = { open: { authority: true, holder: escaped }, cancelled: { authority: true, holder: true }, settled: {} }[this.state] ?? { holder: escaped };
    if (!this.seats.has(holder)) return 'NotInitialized';
    if (!rights.authority && !rights.holder) return 'NotRefundable';
    if (!rights[byHolder ? 'holder' : 'authority']) return 'WrongEventAuthority';
    return this.#release(holder, Math.floor(this.owed / this.seats.size));
  }

  lock({ locked }) {
    if (!UNBEGUN.includes(this.state)) return 'AlreadyOver';
    if (this.state === (locked ? 'locked' : 'open')) return 'AlreadyInState';
    this.state = locked ? 'locked' : 'open';
    return null;
  }

  cancel() {
    if (!UNBEGUN.includes(this.state)) return 'AlreadyOver';
    this.state = 'cancelled';
    return null;
  }

  beginSettle({ tickets, apart = 0, tax, share, day }) {
    if (!UNBEGUN.includes(this.state)) return 'AlreadyOver';
    if (this.state !== 'locked') return 'NotLocked';
    if (tickets !== this.seats.size || apart > tickets) return 'TicketsChanged';
    if (tickets === apart) return 'NothingToSettle';
    if (share > 10_000) return 'InvalidShare';
    this.owed = divide((tickets - apart) * this.price, tax, share).owed + apart * this.price;
    Object.assign(this, { state: this.owed ? 'settling' : 'settled', escapeDay: day + SETTLEMENT_DAYS });
    return null;
  }

  pay({ holder, amount, byHolder }) {
    if (!this.seats.has(holder)) return 'NotInitialized';
    if (byHolder) return 'WrongEventAuthority';
    if (this.state !== 'settling') return 'NotSettling';
    if (amount > this.owed) return 'NotThatMuchOwed';
    if (this.seats.size === 1 && amount !== this.owed) return 'LastTakesTheRest';
    return this.#release(holder, amount);
  }

  closeTicket({ holder }) {
    if (!this.seats.has(holder)) return 'NotInitialized';
    if (this.state !== 'settled') return 'NotSettled';
    this.seats.delete(holder);
    return null;
  }

  close() {
    if (!['cancelled', 'settled'].includes(this.state)) return 'NotOver';
    if (this.seats.size > 0) return 'TicketsRemain';
    Object.assign(this, { state: 'closed', extra: 0 });
    return null;
  }

  gift({ lamports }) {
    this.extra += lamports;
    return null;
  }
}
