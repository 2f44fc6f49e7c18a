// Accounts of spl-token and token-2022, raw and as a node's jsonParsed.
import { encode58 } from './base58.mjs';
import { parseExtensions } from './extensions.mjs';

export const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const PROGRAM_NAME = { [TOKEN]: 'spl-token', [TOKEN_2022]: 'spl-token-2022' };
const ACCOUNT_BYTES = 165;
const MINT_BYTES = 82;
const MULTISIG_BYTES = 355;
const TYPE_AT = 165; // token-2022 pads a mint to the size of an account, then says which it is
const STATES = ['uninitialized', 'initialized', 'frozen'];

const key = (data, at) => encode58(data.subarray(at, at + 32));
const option = (data, at, read) => (data.readUInt32LE(at) === 1 ? read(data, at + 4) : null);
const u64 = (data, at) => data.readBigUInt64LE(at);

/** 'account', 'mint', 'multisig' or null: by owner, size and, with extensions, the type byte. */
function kindOf(account) {
  const name = account && PROGRAM_NAME[account.owner];
  const size = account?.data.length;
  if (!name) return null;
  if (size === MULTISIG_BYTES) return 'multisig';
  if (size === ACCOUNT_BYTES) return 'account';
  if (size === MINT_BYTES) return 'mint';
  if (account.owner === TOKEN || size <= TYPE_AT) return null;
  return { 1: 'mint', 2: 'account' }[account.data[TYPE_AT]] ?? null;
}

/** {mint, owner, amount, ...} of a token account, or null for anything else. */
export function decodeTokenAccount(account) {
  if (kindOf(account) !== 'account') return null;
  const { data } = account;
  const native = option(data, 109, u64);
  return {
    mint: key(data, 0), owner: key(data, 32), amount: u64(data, 64), delegate: option(data, 72, key), state: STATES[data[108]] ?? 'uninitialized',
    rentExemptReserve: native, delegatedAmount: u64(data, 121), closeAuthority: option(data, 129, key),
  };
}

export function decodeMint(account) {
  if (kindOf(account) !== 'mint') return null;
  const { data } = account;
  return { mintAuthority: option(data, 0, key), supply: u64(data, 36), decimals: data[44], isInitialized: data[45] === 1, freezeAuthority: option(data, 46, key) };
}

/** An amount as nodes write it: raw, decimals, number, text without trailing zeros. */
export function amountOf(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals ? digits.slice(-decimals).replace(/0+$/, '') : '';
  const text = fraction ? `${whole}.${fraction}` : whole;
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}

function accountInfo(t, decimals) {
  return {
    isNative: t.rentExemptReserve !== null, mint: t.mint, owner: t.owner, state: t.state, tokenAmount: amountOf(t.amount, decimals),
    ...(t.delegate && { delegate: t.delegate, delegatedAmount: amountOf(t.delegatedAmount, decimals) }),
    ...(t.rentExemptReserve !== null && { rentExemptReserve: amountOf(t.rentExemptReserve, decimals) }),
    ...(t.closeAuthority && { closeAuthority: t.closeAuthority }),
  };
}

function multisigInfo(data) {
  const numValidSigners = Math.min(data[1], 11);
  return {
    numRequiredSigners: data[0], numValidSigners, isInitialized: data[2] === 1,
    signers: Array.from({ length: numValidSigners }, (_, i) => key(data, 3 + 32 * i)),
  };
}

/** decimalsOf(mint) answers null for an unknown mint; then, and for what is not initialised, the result is null. */
function parsedInfo(account, kind, decimalsOf) {
  if (kind === 'multisig') return account.data[2] === 1 ? multisigInfo(account.data) : null;
  if (kind === 'mint') {
    const mint = decodeMint(account);
    return mint.isInitialized ? { ...mint, supply: mint.supply.toString() } : null;
  }
  const t = decodeTokenAccount(account);
  const decimals = t.state === 'uninitialized' ? null : decimalsOf(t.mint);
  return decimals === null ? null : accountInfo(t, decimals);
}

/** The `data` of jsonParsed, or null when a node would fall back to base64. */
export function parseTokenData(account, decimalsOf) {
  const kind = kindOf(account);
  const info = kind && parsedInfo(account, kind, decimalsOf);
  if (!info) return null;
  if (kind !== 'multisig' && account.data.length > TYPE_AT) info.extensions = parseExtensions(account.data.subarray(TYPE_AT + 1));
  return { program: PROGRAM_NAME[account.owner], parsed: { info, type: kind }, space: account.data.length };
}
