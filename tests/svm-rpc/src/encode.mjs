// Accounts and transactions in the encodings that a caller may ask for.
import { encode58 } from './base58.mjs';
import { RpcError } from './errors.mjs';
import { readInteger } from './params.mjs';
import { parseTokenData } from './tokens.mjs';
import { isWritable } from './wire.mjs';

const MAX_BASE58_DATA = 128;
const MEMO = new Set(['Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo', 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr']);

function encode58Data(data, encoding) {
  if (data.length > MAX_BASE58_DATA)
    throw new RpcError(-32600, 'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.');
  return encoding === 'binary' ? encode58(data) : [encode58(data), 'base58'];
}

function slice(data, dataSlice) {
  if (dataSlice === undefined || dataSlice === null) return data;
  const offset = readInteger(dataSlice.offset, 'dataSlice.offset');
  return data.subarray(offset, offset + readInteger(dataSlice.length, 'dataSlice.length'));
}

function encodeData(cluster, account, { encoding = 'base64', dataSlice }) {
  if (encoding === 'jsonParsed') {
    const parsed = parseTokenData(account, (mint) => (cluster.vm.account(mint) ? cluster.decimals(mint) : null));
    if (parsed) return parsed;
  } else if (encoding === 'base58' || encoding === 'binary') {
    return encode58Data(slice(account.data, dataSlice), encoding);
  } else if (encoding !== 'base64') {
    throw RpcError.params(`encoding ${String(encoding)} is not supported by this server`);
  }
  return [slice(account.data, dataSlice).toString('base64'), 'base64'];
}

export function accountJson(cluster, account, config) {
  const { lamports, owner, executable, rentEpoch } = account;
  return { data: encodeData(cluster, account, config), executable, lamports, owner, rentEpoch, space: account.data.length };
}

function accountKeysJson({ tx, keys }) {
  return keys.all.map((pubkey, i) => ({
    pubkey, writable: isWritable(tx, i), signer: i < tx.signatures.length, source: i < tx.keys.length ? 'transaction' : 'lookupTable',
  }));
}

const lookupsJson = (tx) => tx.lookups.map((l) => ({ accountKey: encode58(l.table), writableIndexes: [...l.writable], readonlyIndexes: [...l.readonly] }));

function messageJson({ tx, keys }) {
  const instructions = tx.instructions.map((i) => ({ programIdIndex: i.programIdIndex, accounts: [...i.accounts], data: encode58(i.data), stackHeight: 1 }));
  const message = { header: tx.header, accountKeys: keys.fixed, recentBlockhash: encode58(tx.recentBlockhash), instructions };
  return tx.version === 0 ? { ...message, addressTableLookups: lookupsJson(tx) } : message;
}

/** jsonParsed of a transaction: accounts are named, instructions stay as bytes, as for a program a node does not know. */
function namedMessageJson(record) {
  const { tx, keys } = record;
  const named = (i) => ({ programId: keys.all[i.programIdIndex], accounts: [...i.accounts].map((a) => keys.all[a]), data: encode58(i.data), stackHeight: 1 });
  const message = { accountKeys: accountKeysJson(record), recentBlockhash: encode58(tx.recentBlockhash), instructions: tx.instructions.map(named) };
  return tx.version === 0 ? { ...message, addressTableLookups: lookupsJson(tx) } : message;
}

function transactionJson(record, encoding) {
  const signatures = record.tx.signatures.map(encode58);
  if (encoding === 'json') return { signatures, message: messageJson(record) };
  if (encoding === 'jsonParsed') return { signatures, message: namedMessageJson(record) };
  if (encoding === 'base64') return [record.tx.bytes.toString('base64'), 'base64'];
  if (encoding === 'base58') return [encode58(record.tx.bytes), 'base58'];
  if (encoding === 'accounts') return { signatures, accountKeys: accountKeysJson(record) };
  throw RpcError.params(`encoding ${String(encoding)} is not supported by this server`);
}

function innerJson(record, encoding) {
  if (encoding !== 'jsonParsed') return record.innerInstructions;
  const { all } = record.keys;
  return record.innerInstructions.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((i) => ({ programId: all[i.programIdIndex], accounts: i.accounts.map((a) => all[a]), data: i.data, stackHeight: i.stackHeight })),
  }));
}

function metaJson(record, encoding) {
  return {
    computeUnitsConsumed: record.unitsConsumed, err: record.err, fee: record.fee, innerInstructions: innerJson(record, encoding),
    loadedAddresses: encoding === 'jsonParsed' ? undefined : { readonly: record.keys.readonly, writable: record.keys.writable },
    logMessages: record.logs, preBalances: record.pre.lamports, postBalances: record.post.lamports,
    preTokenBalances: record.pre.tokens, postTokenBalances: record.post.tokens, returnData: record.returnData ?? undefined,
    rewards: [], status: record.err === null ? { Ok: null } : { Err: record.err },
  };
}

/** {transaction, meta, version}; refuses a v0 one to a caller who did not say that he can read it. */
export function landedJson(record, { encoding = 'json', maxSupportedTransactionVersion: max }) {
  const { version } = record.tx;
  if (version !== 'legacy' && max === undefined)
    throw new RpcError(-32015, 'Transaction version (0) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": 0');
  return { transaction: transactionJson(record, encoding), meta: metaJson(record, encoding), version: max === undefined ? undefined : version };
}

/** The memos of a transaction as signature lists show them, or null. */
export function memoOf({ tx, keys }) {
  const memos = tx.instructions.filter((i) => MEMO.has(keys.all[i.programIdIndex]));
  return memos.map((i) => `[${i.data.length}] ${i.data.toString('utf8')}`).join('; ') || null;
}
