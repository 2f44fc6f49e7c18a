import { landedJson } from '../encode.mjs';
import { RpcError } from '../errors.mjs';
import { readInteger, readLandedCommitment, readObject } from '../params.mjs';

const MAX_RANGE = 500_000;
const DETAILS = new Set(['full', 'accounts', 'signatures', 'none']);

export function blockMethods(cluster) {
  const { ledger } = cluster;

  /** A finished block at the asked commitment, or the error a node answers. */
  function find(slot, commitment) {
    if (slot < ledger.firstSlot) throw new RpcError(-32001, `Block ${slot} cleaned up, does not exist on node. First available block: ${ledger.firstSlot}`);
    if (!cluster.reached(slot, commitment)) throw new RpcError(-32004, `Block not available for slot ${slot}`);
    const block = ledger.block(slot);
    if (!block) throw new RpcError(-32009, `Slot ${slot} was skipped, or missing in long-term storage`);
    return block;
  }

  function contents(block, details, config) {
    if (details === 'none') return {};
    if (details === 'signatures') return { signatures: block.signatures };
    const encoding = details === 'accounts' ? 'accounts' : config.encoding;
    const kept = block.signatures.map((s) => ledger.get(s)).filter(Boolean);
    return { transactions: kept.map((record) => landedJson(record, { ...config, encoding })) };
  }

  /** The slots from `first` that have a block, up to `last`, no more than `limit`. */
  function slots(first, last, limit, commitment) {
    const found = [];
    for (const slot of ledger.blocks.keys()) {
      if (slot > last || found.length === limit) break;
      if (slot >= first && cluster.reached(slot, commitment)) found.push(slot);
    }
    return found;
  }

  const readSlot = (value, what = 'slot') => BigInt(readInteger(value, what));
  const confirmedCommitment = (config) => readLandedCommitment(readObject(config));

  return {
    getBlock: ([at, given]) => {
      const config = typeof given === 'string' ? { encoding: given } : readObject(given);
      const details = config.transactionDetails ?? 'full';
      if (!DETAILS.has(details)) throw RpcError.params(`unknown transactionDetails ${String(details)}`);
      const block = find(readSlot(at), confirmedCommitment(config));
      const { blockhash, previousBlockhash, parentSlot } = block;
      const rewards = config.rewards === false ? undefined : [];
      return { blockhash, previousBlockhash, parentSlot, blockHeight: block.height, blockTime: block.time, rewards, ...contents(block, details, config) };
    },
    getBlockTime: ([at]) => find(readSlot(at), 'processed').time,
    getBlocks: ([first, last, config]) => {
      const given = typeof last === 'object' ? last : config;
      const from = readSlot(first, 'first slot');
      const to = Number.isInteger(last) ? readSlot(last, 'last slot') : cluster.slot;
      if (to - from > BigInt(MAX_RANGE)) throw RpcError.params(`Slot range too large; max ${MAX_RANGE}`);
      return slots(from, to, MAX_RANGE, confirmedCommitment(given));
    },
    getBlocksWithLimit: ([first, limit, config]) =>
      slots(readSlot(first, 'first slot'), cluster.slot, readInteger(limit, 'limit', { max: MAX_RANGE }), confirmedCommitment(config)),
    getFirstAvailableBlock: () => ledger.firstSlot,
  };
}
