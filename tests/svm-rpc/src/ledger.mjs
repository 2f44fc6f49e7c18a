// What has landed: transactions by signature and by address, oldest first, and the blocks they are in.
// Bounded: beyond `limit` the oldest transaction, and beyond as many blocks the oldest block, is forgotten.
export class Ledger {
  constructor(limit) {
    this.limit = limit;
    this.total = 0;
    this.records = new Map();
    this.order = []; // signatures, oldest first
    this.byAddress = new Map();
    this.blocks = new Map();
  }

  /** Numbers the record; records are numbered without gaps from 0. */
  append(record) {
    record.number = this.total++;
    this.records.set(record.signature, record);
    this.order.push(record.signature);
    this.blocks.get(record.slot)?.signatures.push(record.signature);
    for (const address of new Set(record.keys.all)) this.#of(address).push(record.signature);
    if (this.records.size > this.limit) this.#forget(this.records.get(this.order[0]));
  }

  openBlock(block) {
    this.blocks.set(block.slot, { ...block, blockhash: null, signatures: [] });
    if (this.blocks.size > this.limit) this.blocks.delete(this.blocks.keys().next().value);
  }

  /** The hash that the next block begins with is the one this block ended with. */
  closeBlock(slot, blockhash) {
    const block = this.blocks.get(slot);
    if (block) block.blockhash = blockhash;
  }

  /** Forgets the blocks from slot `first` on and what is in them; answers with the records, newest first. */
  undo(first) {
    const undone = [];
    while (this.records.get(this.order.at(-1))?.slot >= first) undone.push(this.#undoNewest());
    for (const slot of this.blocks.keys()) if (slot >= first) this.blocks.delete(slot);
    return undone;
  }

  /** The newest block before a slot, or null. */
  blockBefore(slot) {
    const found = [...this.blocks.keys()].findLast((s) => s < slot);
    return found === undefined ? null : this.blocks.get(found);
  }

  get(signature) { return this.records.get(signature) ?? null; }
  block(slot) { return this.blocks.get(slot) ?? null; }
  get firstSlot() { return this.blocks.keys().next().value; }

  /** Records from number `next` on, oldest first. */
  *since(next) {
    const forgotten = this.total - this.order.length;
    for (let i = Math.max(0, next - forgotten); i < this.order.length; i++) yield this.records.get(this.order[i]);
  }

  /** Signatures that name an address, newest first. */
  signaturesOf(address) { return [...(this.byAddress.get(address) ?? [])].reverse(); }

  #of(address) {
    if (!this.byAddress.has(address)) this.byAddress.set(address, []);
    return this.byAddress.get(address);
  }

  #undoNewest() {
    const record = this.records.get(this.order.pop());
    this.records.delete(record.signature);
    this.total--;
    for (const address of new Set(record.keys.all)) {
      const list = this.byAddress.get(address);
      list.pop();
      if (!list.length) this.byAddress.delete(address);
    }
    return record;
  }

  #forget(record) {
    this.records.delete(record.signature);
    this.order.shift();
    for (const address of new Set(record.keys.all)) {
      const list = this.byAddress.get(address);
      list.shift();
      if (!list.length) this.byAddress.delete(address);
    }
  }
}
