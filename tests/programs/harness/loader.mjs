// Deploying and upgrading by the transactions of the upgradeable loader, as a deployment tool sends them.
import { Keypair, PublicKey, SYSVAR_CLOCK_PUBKEY, SYSVAR_RENT_PUBKEY, SystemProgram, TransactionInstruction } from '@solana/web3.js';

export const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111');
const BUFFER_META = 37, DATA_META = 45, PROGRAM_BYTES = 36, CHUNK = 860;
const TAG = { initializeBuffer: 0, write: 1, deploy: 2, upgrade: 3 };

const meta = (pubkey, isWritable = false, isSigner = false) => ({ pubkey, isWritable, isSigner });
const loader = (keys, data) => new TransactionInstruction({ programId: LOADER, keys, data });
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; };

export const programData = (program) => PublicKey.findProgramAddressSync([program.toBuffer()], LOADER)[0];

/** A buffer account with the file in it. */
async function upload(cluster, authority, file) {
  const buffer = Keypair.generate();
  const space = BUFFER_META + file.length;
  const lamports = await cluster.connection.getMinimumBalanceForRentExemption(space);
  await cluster.ok([
    SystemProgram.createAccount({ fromPubkey: authority.publicKey, newAccountPubkey: buffer.publicKey, lamports, space, programId: LOADER }),
    loader([meta(buffer.publicKey, true), meta(authority.publicKey)], u32(TAG.initializeBuffer)),
  ], [authority, buffer]);
  for (let at = 0; at < file.length; at += CHUNK) {
    const chunk = file.subarray(at, at + CHUNK);
    await cluster.ok(loader([meta(buffer.publicKey, true), meta(authority.publicKey, false, true)], Buffer.concat([u32(TAG.write), u32(at), u64(chunk.length), chunk])), [authority]);
  }
  return buffer.publicKey;
}

/** Deploys the file at a new address, and waits out the slot in which a program cannot be called yet. */
export async function deploy(cluster, authority, file) {
  const program = Keypair.generate();
  const buffer = await upload(cluster, authority, file);
  const lamports = await cluster.connection.getMinimumBalanceForRentExemption(PROGRAM_BYTES);
  await cluster.ok([
    SystemProgram.createAccount({ fromPubkey: authority.publicKey, newAccountPubkey: program.publicKey, lamports, space: PROGRAM_BYTES, programId: LOADER }),
    loader([meta(authority.publicKey, true, true), meta(programData(program.publicKey), true), meta(program.publicKey, true), meta(buffer, true), meta(SYSVAR_RENT_PUBKEY),
      meta(SYSVAR_CLOCK_PUBKEY), meta(SystemProgram.programId), meta(authority.publicKey, false, true)], Buffer.concat([u32(TAG.deploy), u64(2 * file.length)])),
  ], [authority, program]);
  return program.publicKey;
}

export async function upgrade(cluster, authority, program, file) {
  const buffer = await upload(cluster, authority, file);
  await cluster.ok(loader([meta(programData(program), true), meta(program, true), meta(buffer, true), meta(authority.publicKey, true), meta(SYSVAR_RENT_PUBKEY), meta(SYSVAR_CLOCK_PUBKEY),
    meta(authority.publicKey, false, true)], u32(TAG.upgrade)), [authority]);
}

/** Gives a program at a fixed address an upgrade authority, as its first deployment would have. */
export async function adopt(cluster, authority, program, file, slot = 0) {
  const data = Buffer.concat([u32(3), u64(slot), Buffer.from([1]), authority.publicKey.toBuffer(), file, Buffer.alloc(file.length)]);
  const lamports = await cluster.connection.getMinimumBalanceForRentExemption(DATA_META + 2 * file.length);
  await cluster.setAccount(programData(program), { lamports, data, owner: LOADER });
  await cluster.setAccount(program, { lamports, data: Buffer.concat([u32(2), programData(program).toBuffer()]), owner: LOADER, executable: true });
}
