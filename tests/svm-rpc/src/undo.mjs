// What accounts were before the slots that changed them, so that the newest slots can be undone and older states read. An account is
// remembered once a slot, as it was before the slot's first change.
const NOTHING = { lamports: 0n, data: Buffer.alloc(0), owner: '1'.repeat(32), executable: false }; // an account that does not exist

export class Undo {
  constructor(vm) {
    this.vm = vm;
    this.slots = new Map(); // slot → Map(address → account or null), oldest slot first
  }

  note(slot, address, account) {
    if (!this.slots.has(slot)) this.slots.set(slot, new Map());
    const before = this.slots.get(slot);
    if (!before.has(address)) before.set(address, account);
  }

  /** Addresses that changed after this slot. */
  changedAfter(slot) {
    return new Set([...this.slots].filter(([changed]) => changed > slot).flatMap(([, before]) => [...before.keys()]));
  }

  /** The account as it was when this slot ended. */
  accountAfter(slot, address) {
    for (const [changed, before] of this.slots) if (changed > slot && before.has(address)) return before.get(address);
    return this.vm.account(address);
  }

  /** The slots before this one can't be undone any more. */
  forget(slot) {
    for (const old of this.slots.keys()) {
      if (old >= slot) break;
      this.slots.delete(old);
    }
  }

  /** Puts the accounts back as they were when this slot began. */
  revert(slot) {
    for (const [undone, before] of [...this.slots].reverse()) {
      if (undone < slot) break;
      for (const [address, account] of before) this.vm.setAccount(address, account ?? NOTHING);
      this.slots.delete(undone);
    }
  }
}
