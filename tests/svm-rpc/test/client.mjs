// What the tests share: a server, raw calls to it, and stock web3.js.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Connection, Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { startServer } from '../src/server.mjs';

export async function openClient(options) {
  const server = await startServer(options);
  let id = 0;
  const post = (body) => fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const call = async (method, ...params) => (await post(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }))).json();
  const ok = async (method, ...params) => {
    const { error, result } = await call(method, ...params);
    assert.equal(error, undefined, JSON.stringify(error));
    return result;
  };
  const connect = (commitment = 'confirmed') => new Connection(server.url, { commitment, disableRetryOnRateLimit: true });
  /** web3.js hangs up by itself half a second after its last subscription; cut earlier, it would reconnect for ever. */
  const close = async () => {
    while (server.subscriptions.sessions.size) await setTimeout(20);
    await server.close();
  };
  return { ...server, post, call, ok, connect, close };
}

export async function fundedKey(client, lamports = 10_000_000_000) {
  const key = Keypair.generate();
  await client.ok('requestAirdrop', key.publicKey.toBase58(), lamports);
  return key;
}

/** A signed transfer, not sent. */
export async function makeTransfer(client, from, to, lamports) {
  const { blockhash, lastValidBlockHeight } = (await client.ok('getLatestBlockhash')).value;
  const tx = new Transaction({ feePayer: from.publicKey, blockhash, lastValidBlockHeight });
  tx.add(SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports }));
  tx.sign(from);
  return tx;
}

/** Resolves with the arguments of the first call of the callback that it hands to `start`. */
export const firstCall = (start) => new Promise((resolve) => { start((...args) => resolve(args)); });
