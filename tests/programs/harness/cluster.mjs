// A local Solana with the two programs loaded, and the ways the tests talk to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  ComputeBudgetProgram, Connection, Keypair, LAMPORTS_PER_SOL, PublicKey, SYSVAR_CLOCK_PUBKEY, SystemProgram, Transaction,
} from '@solana/web3.js';
import { TICKET_ID, WHITELIST_ID, errorName, programFile } from './programs.mjs';

const SERVER = fileURLToPath(new URL('../../svm-rpc/src/server.mjs', import.meta.url));

export class Cluster {
  static async start(version) {
    const programs = [[TICKET_ID, 'ticket'], [WHITELIST_ID, 'whitelist']].flatMap(([id, name]) => ['--program', `${id}=${programFile(name, version)}`]);
    const child = spawn(process.execPath, [SERVER, '--port', '0', ...programs], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(([code]) => { throw new Error(`the server ended: ${code}`); })]);
    const { url } = JSON.parse(line);
    const cluster = new Cluster(new Connection(url, { commitment: 'confirmed', disableRetryOnRateLimit: true }), child);
    cluster.payer = await cluster.wallet(10_000);
    return cluster;
  }

  constructor(connection, child) {
    this.connection = connection;
    this.child = child;
    this.sent = 0;
  }

  async stop() {
    this.child.kill();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  /** A new key: by chance, or after a call of repeatable always the same ones in the same order. */
  key() {
    return this.seed === undefined ? Keypair.generate() : Keypair.fromSeed(this.bytes(32));
  }

  bytes(count) {
    return this.seed === undefined ? randomBytes(count) : createHash('sha256').update(`${this.seed} ${this.made++}`).digest().subarray(0, count);
  }

  repeatable(seed) {
    Object.assign(this, { seed, made: 0 });
  }

  /** A new key with this many SOL. */
  async wallet(sol = 10) {
    const key = this.key();
    if (sol > 0) await this.connection.requestAirdrop(key.publicKey, sol * LAMPORTS_PER_SOL);
    return key;
  }

  /** An account with content that some other program owns. */
  async foreign() {
    const [account, programId] = [Keypair.generate(), Keypair.generate().publicKey];
    const lamports = await this.connection.getMinimumBalanceForRentExemption(248);
    await this.ok(SystemProgram.createAccount({ fromPubkey: this.payer.publicKey, newAccountPubkey: account.publicKey, lamports, space: 248, programId }), [account]);
    return account.publicKey;
  }

  /** Sends and answers with what the ledger says, whether it failed or not. A fee payer of its own keeps fees out of all sums. */
  async run(instructions, signers = []) {
    const list = [instructions].flat();
    const tx = new Transaction({ feePayer: this.payer.publicKey, recentBlockhash: (await this.connection.getLatestBlockhash()).blockhash });
    // the limit differs each time, so that a replayed instruction is a new transaction
    tx.add(ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000_000 + (this.sent++ % 400_000) }), ...list);
    tx.sign(this.payer, ...signers);
    return this.#landed(await this.connection.sendRawTransaction(tx.serialize(), { skipPreflight: true }));
  }

  async #landed(signature) {
    const record = await this.connection.getTransaction(signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
    assert.ok(record, 'the transaction landed');
    return { signature, ...record.meta };
  }

  /** Runs what must succeed. */
  async ok(instructions, signers = []) {
    const meta = await this.run(instructions, signers);
    assert.equal(meta.err, null, `${JSON.stringify(meta.err)}\n${meta.logMessages?.join('\n')}`);
    return meta;
  }

  /** Runs what must be refused with this error of the interface description, and must change nothing. */
  async refused(name, instructions, signers = []) {
    const list = [instructions].flat();
    const keys = [...new Set(list.flatMap((i) => [i.programId, ...i.keys.map((k) => k.pubkey)]).map(String))].filter((k) => k !== String(this.payer.publicKey));
    const before = await this.snapshot(keys);
    const meta = await this.run(list, signers);
    assert.notEqual(meta.err, null, `expected ${name}, but it was carried out`);
    assert.equal(refusal(meta), name, meta.logMessages?.join('\n'));
    assert.deepEqual(await this.snapshot(keys), before, 'a refused instruction changes nothing');
    return meta;
  }

  /** Writes an account as no transaction could: to see what the programs do in states that take too long to reach. */
  async setAccount(key, { lamports, data, owner, executable = false }) {
    const account = { lamports, data: data.toString('base64'), owner: String(owner), executable };
    await this.#control('svm_setAccount', String(key), account);
  }

  async #control(method, ...params) {
    const answer = await fetch(this.connection.rpcEndpoint, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    assert.equal((await answer.json()).error, undefined);
  }

  async snapshot(keys) {
    const accounts = await this.connection.getMultipleAccountsInfo(keys.map((k) => new PublicKey(k)));
    return keys.map((key, i) => (accounts[i] ? [key, accounts[i].lamports, String(accounts[i].owner), accounts[i].data.toString('base64')] : [key, null]));
  }

  /** The Unix time that programs read. */
  async now() {
    return Number((await this.connection.getAccountInfo(SYSVAR_CLOCK_PUBKEY)).data.readBigInt64LE(32));
  }

  async advance(seconds) {
    await this.#control('svm_advanceTime', seconds);
  }

  balance(key) {
    return this.connection.getBalance(key.publicKey ?? key);
  }

  exists(key) {
    return this.connection.getAccountInfo(key).then((a) => a !== null);
  }

  /** Somebody else's money arriving at an address. */
  gift(to, lamports) {
    return this.ok(SystemProgram.transfer({ fromPubkey: this.payer.publicKey, toPubkey: to, lamports }));
  }
}

/** The name of the error that ended a transaction. */
export function refusal(meta) {
  const detail = meta.err?.InstructionError?.[1];
  return detail?.Custom === undefined ? JSON.stringify(meta.err) : errorName(detail.Custom);
}
