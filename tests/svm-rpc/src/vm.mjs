// The native virtual machine with its classes turned into plain values: addresses as base58, errors as a node's JSON.
import { createHash } from 'node:crypto';
import native from './native.mjs';
import { decode58, encode58 } from './base58.mjs';
import { txErrorJson } from './errors.mjs';
import { wrapUnsigned } from './wire.mjs';

const NEVER = (1n << 64n) - 1n; // rent epoch of an account that pays no rent
const HISTORY = 0n; // signatures that the native part remembers: duplicates are found by the cluster, which can forget them again

function plainAccount(a) {
  return { lamports: a.lamports(), data: Buffer.from(a.data()), owner: encode58(a.owner()), executable: a.executable(), rentEpoch: a.rentEpoch() };
}

function plainInner(lists) {
  return lists.map((list, index) => ({
    index,
    instructions: list.map((entry) => {
      const i = entry.instruction();
      return { programIdIndex: i.programIdIndex(), accounts: [...i.accounts()], data: encode58(i.data()), stackHeight: entry.stackHeight() };
    }),
  })).filter((x) => x.instructions.length);
}

function plainReturn(r) {
  return r.data().length ? { programId: encode58(r.programId()), data: [Buffer.from(r.data()).toString('base64'), 'base64'] } : null;
}

function plainOutcome(result) {
  const failed = result instanceof native.FailedTransactionMetadata;
  const meta = result instanceof native.TransactionMetadata ? result : result.meta();
  return {
    err: failed ? txErrorJson(result.err()) : null,
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    returnData: plainReturn(meta.returnData()),
    innerInstructions: plainInner(meta.innerInstructions()),
    postAccounts: !failed && result.postAccounts ? result.postAccounts().map((p) => ({ address: encode58(p.address), ...plainAccount(p.account()) })) : [],
  };
}

export class Vm {
  /** The machine's blockhashes are the same in every run. With a salt, those that it tells are not. */
  constructor(salt) {
    this.salt = salt;
    this.native = new native.LiteSvm();
    this.native.setTransactionHistory(HISTORY);
    this.native.withNativeMints();
  }

  get slot() { return this.native.getClock().slot; }
  get latestBlockhash() {
    const hash = this.native.latestBlockhash();
    return this.salt ? encode58(createHash('sha256').update(this.salt).update(decode58(hash)).digest()) : hash;
  }
  minimumBalance(bytes) { return this.native.minimumBalanceForRentExemption(BigInt(bytes)); }

  /** Ends the block: a new blockhash, the clock at `slot`, and the hashes of finished slots, newest first. */
  turn(slot, unixTime, finished) {
    const clock = this.native.getClock();
    clock.slot = slot;
    clock.epoch = slot / 432_000n;
    clock.unixTimestamp = BigInt(unixTime);
    this.native.setClock(clock);
    this.native.expireBlockhash();
    this.native.setSlotHashes(finished);
  }

  /** The account, or null for one that holds nothing. */
  account(address) {
    const found = this.native.getAccount(decode58(address));
    return found && (found.lamports() > 0n || found.data().length) ? plainAccount(found) : null;
  }

  setAccount(address, { lamports, data, owner, executable }) {
    this.native.setAccount(decode58(address), new native.Account(lamports, data, decode58(owner), executable, NEVER));
  }

  /** [{address, ...account}] of a program. */
  accountsOf(program) {
    return this.native.getProgramAccounts(decode58(program)).map((p) => ({ address: encode58(p.address), ...plainAccount(p.account()) }))
      .filter((a) => a.lamports > 0n);
  }

  addProgram(address, elf, loader) {
    if (loader) this.native.addProgramWithLoader(decode58(address), elf, decode58(loader));
    else this.native.addProgram(decode58(address), elf);
  }

  /** tx came out of parse(): other bytes would abort the process. */
  send(tx, { blockhashKnown }) {
    return this.#checking({ sigVerify: true, blockhash: !blockhashKnown }, () => plainOutcome(this.native.sendVersionedTransaction(tx.bytes)));
  }

  simulate(tx, { blockhashKnown, sigVerify }) {
    const bytes = sigVerify ? tx.bytes : wrapUnsigned(tx.message, tx.signatures.length);
    return this.#checking({ sigVerify, blockhash: !blockhashKnown }, () => plainOutcome(this.native.simulateVersionedTransaction(bytes)));
  }

  /** The native blockhash check knows only the newest one; it stays on for unknown ones, which may be durable nonces. */
  #checking({ sigVerify, blockhash }, run) {
    this.native.setSigverify(sigVerify);
    this.native.setBlockhashCheck(blockhash);
    try { return run(); } finally { this.native.setSigverify(true); this.native.setBlockhashCheck(true); }
  }
}
