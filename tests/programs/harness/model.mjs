// What the programs are expected to do, in a few lines: the state of every event and the answer to every instruction.

const OVER = ['cancelled', 'settled'];

export class Model {
  constructor({ price, capacity }) {
    Object.assign(this, { price, capacity, state: 'open', seats: new Set(), extra: 0 });
  }

  copy() {
    return Object.assign(new Model(this), this, { seats: new Set(this.seats) });
  }

  get vault() {
    return this.state === 'settled' ? this.extra : this.seats.size * this.price + this.extra;
  }

  /** null when it is carried out, otherwise the name of the refusal. */
  expect(name, args) {
    return this.state === 'closed' && name !== 'open' ? 'NotInitialized' : this[name](args);
  }

  open() {
    Object.assign(this, { state: 'open', extra: 0 });
    return null;
  }

  reserve({ player }) {
    if (this.state !== 'open') return 'NotOpen';
    if (this.seats.size >= this.capacity) return 'EventFull';
    if (this.seats.has(player)) return 'AlreadyReserved';
    this.seats.add(player);
    return null;
  }

  refund({ player, byHolder }) {
    if (!this.seats.has(player)) return 'NotInitialized';
    if (this.state !== 'open' && this.state !== 'cancelled') return 'NotRefundable';
    if (byHolder && this.state === 'open') return 'WrongEventAuthority';
    this.seats.delete(player);
    return null;
  }

  lock({ locked }) {
    if (OVER.includes(this.state)) return 'AlreadyOver';
    if (this.state === (locked ? 'locked' : 'open')) return 'AlreadyInState';
    this.state = locked ? 'locked' : 'open';
    return null;
  }

  cancel() {
    if (OVER.includes(this.state)) return 'AlreadyOver';
    this.state = 'cancelled';
    return null;
  }

  settle({ winners }) {
    if (OVER.includes(this.state)) return 'AlreadyOver';
    if (this.state !== 'locked') return 'NotLocked';
    if (this.vault === 0) return 'NothingToSettle';
    if (winners.reduce((sum, w) => sum + w.share, 0) > 10_000) return 'InvalidShares';
    const seen = new Set();
    for (const { player } of winners) {
      if (!this.seats.has(player)) return 'NotInitialized';
      if (seen.has(player)) return 'DuplicateWinner';
      seen.add(player);
    }
    Object.assign(this, { state: 'settled', extra: 0 });
    return null;
  }

  closeTicket({ player }) {
    if (!this.seats.has(player)) return 'NotInitialized';
    if (this.state !== 'settled') return 'NotSettled';
    this.seats.delete(player);
    return null;
  }

  close() {
    if (!OVER.includes(this.state)) return 'NotOver';
    if (this.seats.size > 0) return 'TicketsRemain';
    Object.assign(this, { state: 'closed', extra: 0 });
    return null;
  }

  gift({ lamports }) {
    this.extra += lamports;
    return null;
  }
}
