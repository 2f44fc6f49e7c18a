import { encode58 } from '../base58.mjs';
import { LEVEL } from '../cluster.mjs';
import { accountJson, landedJson, memoOf } from '../encode.mjs';
import { RpcError, txErrorText } from '../errors.mjs';
import { readAddress, readInteger, readLandedCommitment, readList, readObject, readSignature, readTransaction, readU64 } from '../params.mjs';
import { checkMinSlot, withContext } from './cluster.mjs';

const MAX_SIGNATURES = 256;
const MAX_LISTED = 1000;
const MAX_SIMULATED_ACCOUNTS = 64;

/** The error of a failed preflight; null is no failure. */
function preflightError(sim) {
  if (sim.err === null) return null;
  if (sim.err === 'SanitizeFailure') return RpcError.params(txErrorText(sim.err));
  if (sim.err === 'SignatureFailure') return new RpcError(-32003, 'Transaction signature verification failure');
  return new RpcError(-32002, `Transaction simulation failed: ${txErrorText(sim.err)}`, {
    accounts: null, err: sim.err, innerInstructions: null, loadedAccountsDataSize: 0, logs: sim.logs,
    replacementBlockhash: null, returnData: sim.returnData, unitsConsumed: sim.unitsConsumed,
  });
}

export function transactionMethods(cluster, faults) {
  function simulatedAccounts(sim, given) {
    if (given === undefined || given === null) return null;
    const config = readObject(given, 'accounts');
    const addresses = readList(config.addresses, 'addresses', MAX_SIMULATED_ACCOUNTS, readAddress);
    const after = new Map(sim.postAccounts.map((a) => [a.address, a]));
    return addresses.map((address) => {
      const account = sim.err ? null : after.get(address) ?? cluster.vm.account(address);
      return account && accountJson(cluster, account, config);
    });
  }

  function find(signature, config) {
    const record = cluster.ledger.get(readSignature(signature));
    return record && LEVEL[cluster.commitmentOf(record.slot)] >= LEVEL[readLandedCommitment(config)] ? record : null;
  }

  function listed(record) {
    const { confirmationStatus } = cluster.status(record);
    return { blockTime: record.blockTime, confirmationStatus, err: record.err, memo: memoOf(record), signature: record.signature, slot: record.slot };
  }

  /** The part of a newest-first list after `before` and ahead of `until`; a signature that is not in it cuts nothing. */
  function between(list, { before, until }) {
    const from = before === undefined ? 0 : list.indexOf(readSignature(before)) + 1;
    const to = until === undefined ? -1 : list.indexOf(readSignature(until));
    return list.slice(from, to < 0 ? undefined : to);
  }

  return {
    requestAirdrop: ([address, lamports]) => {
      const record = cluster.airdrop(readAddress(address), readU64(lamports, 'lamports'));
      if (record.err) throw new RpcError(-32603, `airdrop failed: ${txErrorText(record.err)}`);
      return record.signature;
    },
    /** Without a preflight a node answers with the signature, whatever comes of the transaction. */
    sendTransaction: ([text, given]) => {
      const config = readObject(given);
      const tx = readTransaction(text, config);
      checkMinSlot(cluster, config);
      const failure = config.skipPreflight ? null : preflightError(cluster.simulate(tx));
      if (failure) throw failure;
      if (!faults.takeDrop()) cluster.send(tx);
      return encode58(tx.signatures[0]);
    },
    simulateTransaction: ([text, given]) => {
      const config = readObject(given);
      const tx = readTransaction(text, config);
      const { sigVerify = false, replaceRecentBlockhash = false } = config;
      if (sigVerify && replaceRecentBlockhash) throw RpcError.params('sigVerify may not be used with replaceRecentBlockhash');
      const sim = cluster.simulate(tx, { sigVerify: sigVerify === true, anyBlockhash: replaceRecentBlockhash === true });
      if (sim.err === 'SanitizeFailure') throw preflightError(sim);
      return withContext(cluster, {
        accounts: simulatedAccounts(sim, config.accounts), err: sim.err, innerInstructions: config.innerInstructions ? sim.innerInstructions : null, logs: sim.logs,
        replacementBlockhash: replaceRecentBlockhash ? { blockhash: cluster.blockhash, lastValidBlockHeight: cluster.lastValidBlockHeight } : null,
        returnData: sim.returnData, unitsConsumed: sim.unitsConsumed,
      });
    },
    getSignatureStatuses: ([list]) => withContext(cluster, readList(list, 'signatures', MAX_SIGNATURES, readSignature).map((s) => {
      const record = cluster.ledger.get(s);
      return record && cluster.status(record);
    })),
    getSignaturesForAddress: ([address, given]) => {
      const config = readObject(given);
      readLandedCommitment(config);
      const limit = readInteger(config.limit ?? MAX_LISTED, 'limit', { min: 1, max: MAX_LISTED });
      const found = between(cluster.ledger.signaturesOf(readAddress(address)), config).filter((s) => find(s, config));
      return found.slice(0, limit).map((s) => listed(cluster.ledger.get(s)));
    },
    getTransaction: ([signature, given]) => {
      const config = typeof given === 'string' ? { encoding: given } : readObject(given);
      const record = find(signature, config);
      return record && { blockTime: record.blockTime, slot: record.slot, ...landedJson(record, config) };
    },
  };
}
