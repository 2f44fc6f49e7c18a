// The same conversations with solana-bankrun: a Bank of the validator 1.18, whose loader is stricter. It takes SBPF v0 only.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComputeBudgetProgram, LAMPORTS_PER_SOL, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import { Clock, start } from 'solana-bankrun';
import { Cluster } from './cluster.mjs';
import { TICKET_ID, WHITELIST_ID, programFile } from './programs.mjs';

export class Bank extends Cluster {
  static async start() {
    const folder = mkdtempSync(join(tmpdir(), 'bank-'));
    for (const name of ['ticket', 'whitelist']) copyFileSync(programFile(name, 'v0'), join(folder, `${name}.so`));
    process.env.BPF_OUT_DIR = folder;
    process.env.RUST_LOG ??= 'error';
    const context = await start([{ name: 'ticket', programId: TICKET_ID }, { name: 'whitelist', programId: WHITELIST_ID }], []);
    rmSync(folder, { recursive: true });
    return new Bank(context);
  }

  constructor(context) {
    super(reader(context.banksClient), null);
    Object.assign(this, { context, client: context.banksClient, payer: context.payer, last: Promise.resolve() });
  }

  async wallet(sol = 10) {
    const key = this.key();
    if (sol > 0) await this.ok(SystemProgram.transfer({ fromPubkey: this.payer.publicKey, toPubkey: key.publicKey, lamports: sol * LAMPORTS_PER_SOL }));
    return key;
  }

  /** One after the other: all are paid by one account, which the Bank refuses as in use to a second one at a time. */
  run(instructions, signers = []) {
    const mine = this.last.then(() => this.#process(instructions, signers));
    this.last = mine.catch(() => {});
    return mine;
  }

  async #process(instructions, signers) {
    const [blockhash] = await this.client.getLatestBlockhash();
    const tx = new Transaction({ feePayer: this.payer.publicKey, recentBlockhash: blockhash });
    tx.add(ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000_000 + (this.sent++ % 400_000) }), ...[instructions].flat());
    tx.sign(this.payer, ...signers);
    const { result, meta } = await this.client.tryProcessTransaction(tx);
    return { err: parseError(result), logMessages: meta?.logMessages ?? [], computeUnitsConsumed: Number(meta?.computeUnitsConsumed ?? 0) };
  }

  async advance(seconds) {
    const clock = await this.client.getClock();
    this.context.setClock(new Clock(clock.slot, clock.epochStartTimestamp, clock.epoch, clock.leaderScheduleEpoch, clock.unixTimestamp + BigInt(seconds)));
  }

  async setAccount(key, { lamports, data, owner, executable = false }) {
    this.context.setAccount(key, { lamports, data, owner: new PublicKey(owner), executable });
  }
}

function parseError(text) {
  if (!text) return null;
  const custom = /Error processing Instruction (\d+): custom program error: 0x([0-9a-f]+)/.exec(text);
  return custom ? { InstructionError: [Number(custom[1]), { Custom: parseInt(custom[2], 16) }] } : text;
}

/** As much of a connection as Anchor's clients and the harness read from. */
function reader(client) {
  const info = async (key) => {
    const a = await client.getAccount(key);
    return a && { lamports: Number(a.lamports), owner: new PublicKey(a.owner), data: Buffer.from(a.data), executable: a.executable };
  };
  return {
    getAccountInfo: info,
    getAccountInfoAndContext: async (key) => ({ context: { slot: 0 }, value: await info(key) }),
    getMultipleAccountsInfo: (keys) => Promise.all(keys.map(info)),
    getBalance: async (key) => Number(await client.getBalance(key)),
    getMinimumBalanceForRentExemption: async (bytes) => Number((await client.getRent()).minimumBalance(BigInt(bytes))),
  };
}
