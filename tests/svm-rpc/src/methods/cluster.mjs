import { createHash } from 'node:crypto';
import { encode58 } from '../base58.mjs';
import { RpcError } from '../errors.mjs';
import { readCommitment, readInteger, readMessage, readObject } from '../params.mjs';

export const VERSION = { 'solana-core': '4.3.0', 'feature-set': 0 };
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';
const SLOTS_PER_EPOCH = 432_000n;
const LAMPORTS_PER_SIGNATURE = 5000n;
const DEFAULT_UNITS = 200_000;
const MAX_UNITS = 1_400_000;

/** A result with the slot it was read at. */
export const withContext = (cluster, value, slot = cluster.slot) => ({ context: { apiVersion: VERSION['solana-core'], slot }, value });

export function checkMinSlot(cluster, { minContextSlot }) {
  if (minContextSlot === undefined) return;
  if (BigInt(readInteger(minContextSlot, 'minContextSlot')) > cluster.slot)
    throw new RpcError(-32016, 'Minimum context slot has not been reached', { contextSlot: cluster.slot });
}

/** Compute units and their price in micro-lamports, as the compute-budget instructions of a transaction ask for. */
function computeBudget(tx) {
  const budget = { units: null, price: 0n };
  let others = 0;
  for (const { programIdIndex, data } of tx.instructions) {
    if (encode58(tx.keys[programIdIndex]) !== COMPUTE_BUDGET) others++;
    else if (data[0] === 2 && data.length === 5) budget.units = BigInt(data.readUInt32LE(1));
    else if (data[0] === 3 && data.length === 9) budget.price = data.readBigUInt64LE(1);
  }
  budget.units ??= BigInt(Math.min(others * DEFAULT_UNITS, MAX_UNITS));
  return budget;
}

function feeOf(tx) {
  const { units, price } = computeBudget(tx);
  return LAMPORTS_PER_SIGNATURE * BigInt(tx.header.numRequiredSignatures) + (price * units + 999_999n) / 1_000_000n;
}

export function clusterMethods(cluster) {
  const at = (read) => ([config]) => { checkMinSlot(cluster, readObject(config)); return read(readCommitment(readObject(config))); };
  return {
    getHealth: () => 'ok',
    getVersion: () => VERSION,
    getGenesisHash: () => encode58(createHash('sha256').update('svm-rpc genesis').digest()),
    getSlot: at((commitment) => cluster.slotAt(commitment)),
    getBlockHeight: at((commitment) => cluster.heightAt(commitment)),
    getTransactionCount: at(() => cluster.ledger.total),
    getEpochInfo: at((commitment) => {
      const slot = cluster.slotAt(commitment);
      return {
        absoluteSlot: slot, blockHeight: cluster.heightAt(commitment), epoch: slot / SLOTS_PER_EPOCH,
        slotIndex: slot % SLOTS_PER_EPOCH, slotsInEpoch: SLOTS_PER_EPOCH, transactionCount: cluster.ledger.total,
      };
    }),
    getLatestBlockhash: at(() => withContext(cluster, { blockhash: cluster.blockhash, lastValidBlockHeight: cluster.lastValidBlockHeight })),
    isBlockhashValid: ([hash, config]) => { checkMinSlot(cluster, readObject(config)); return withContext(cluster, cluster.isRecent(hash)); },
    getMinimumBalanceForRentExemption: ([bytes]) => cluster.vm.minimumBalance(readInteger(bytes, 'size', { max: 10 << 20 })),
    getRecentPrioritizationFees: () => [{ prioritizationFee: 0, slot: cluster.slot }],
    getFeeForMessage: ([message, config]) => {
      checkMinSlot(cluster, readObject(config));
      const tx = readMessage(message);
      return withContext(cluster, cluster.isRecent(encode58(tx.recentBlockhash)) ? feeOf(tx) : null);
    },
  };
}
