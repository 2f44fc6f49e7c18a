// The work of tools/bench/solana_bench.c done by @solana/web3.js: the same reservation composed, signed and read again.
import { ComputeBudgetProgram, Keypair, PublicKey, SystemProgram, TransactionInstruction, TransactionMessage, VersionedTransaction } from '@solana/web3.js';

const TICKET = new PublicKey('bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk');
const WHITELIST = new PublicKey('2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p');
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const key = (first) => new PublicKey(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0 : first)));
const signer = (first) => Keypair.fromSeed(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0 : first)));
const [player, authority] = [signer(1), signer(7)];
const [reference, event, whitelist, blockhash] = [key(3), key(5), key(6), key(0).toBase58()];
const find = (program, word, ...keys) => PublicKey.findProgramAddressSync([Buffer.from(word), ...keys.map((k) => k.toBuffer())], program)[0];
const meta = (pubkey, isSigner, isWritable) => ({ pubkey, isSigner, isWritable });

function reserve() {
  const keys = [
    meta(player.publicKey, true, true), meta(authority.publicKey, true, false), meta(event, false, true), meta(find(TICKET, 'vault', event), false, true),
    meta(find(TICKET, 'ticket', event, reference), false, true), meta(reference, false, false), meta(whitelist, false, true),
    meta(find(WHITELIST, 'entry', whitelist, player.publicKey), false, true), meta(WHITELIST, false, false), meta(SystemProgram.programId, false, false),
    ...Array.from({ length: 3 }, () => meta(TICKET, false, false)),
  ];
  return new TransactionInstruction({ programId: TICKET, keys, data: Buffer.from([92, 99, 244, 209, 28, 65, 213, 157, 0, 210, 73, 107, 0, 0, 0, 0]) });
}

function compose() {
  const memo = new TransactionInstruction({ programId: MEMO, keys: [meta(player.publicKey, true, false)], data: Buffer.from('event 7, seat 3, attempt 1') });
  const instructions = [ComputeBudgetProgram.setComputeUnitLimit({ units: 60_000 }), ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1000 }), reserve(), memo];
  return new VersionedTransaction(new TransactionMessage({ payerKey: player.publicKey, recentBlockhash: blockhash, instructions }).compileToV0Message());
}

function median(run) {
  const rounds = [];
  for (let round = 0; round < 5; round++) {
    const start = process.cpuUsage();
    let count = 0;
    let spent;
    do {
      for (let i = 0; i < 16; i++) run();
      count += 16;
      const { user, system } = process.cpuUsage(start);
      spent = user + system;
    } while (spent < 300_000);
    rounds.push(spent / count);
  }
  return rounds.sort((a, b) => a - b)[2];
}

const tx = compose();
tx.sign([player, authority]);
const bytes = tx.serialize();
console.log(`web3.js compose reservation ${median(compose).toFixed(2)} us`);
console.log(`web3.js sign                ${median(() => tx.sign([player])).toFixed(2)} us (${bytes.length} bytes)`);
console.log(`web3.js parse               ${median(() => VersionedTransaction.deserialize(bytes)).toFixed(3)} us`);
