// Reading of parameters: each reader returns a checked value or throws the error a node would answer.
import { decode58 } from './base58.mjs';
import { LEVEL } from './cluster.mjs';
import { RpcError } from './errors.mjs';
import { PACKET_DATA_SIZE, WireError, parse, parseMessage } from './wire.mjs';

const MAX_BASE58 = 2048; // characters: decoding is quadratic
const TX = 'solana_transaction::versioned::VersionedTransaction';

export function readAddress(value) {
  const bytes = typeof value === 'string' && value.length <= 64 ? decode58(value) : null;
  if (!bytes) throw RpcError.params('Invalid');
  if (bytes.length !== 32) throw RpcError.params('WrongSize');
  return value;
}

export function readSignature(value) {
  const bytes = typeof value === 'string' && value.length <= 128 ? decode58(value) : null;
  if (!bytes) throw RpcError.params('Invalid');
  if (bytes.length !== 64) throw RpcError.params('WrongSize');
  return value;
}

export function readObject(value, what = 'config') {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw RpcError.params(`${what} must be an object`);
  return value;
}

export function readInteger(value, what, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw RpcError.params(`${what} must be an integer from ${min} to ${max}`);
  return value;
}

/** A u64 as a number or, so that it may pass 2^53, as a decimal text. */
export function readU64(value, what) {
  const text = typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : '';
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n) throw RpcError.params(`${what} must be a u64`);
  return BigInt(text);
}

export function readList(value, what, max, read) {
  if (!Array.isArray(value)) throw RpcError.params(`expected a list of ${what}`);
  if (value.length > max) throw RpcError.params(`Too many inputs provided; max ${max}`);
  return value.map((v) => read(v));
}

export function readCommitment(config, otherwise = 'finalized') {
  const value = config.commitment ?? otherwise;
  if (!Object.hasOwn(LEVEL, value)) throw RpcError.params(`unknown commitment ${String(value)}`);
  return value;
}

/** For the methods that a node refuses to answer at processed. */
export function readLandedCommitment(config) {
  const commitment = readCommitment(config);
  if (commitment === 'processed') throw RpcError.params('Method does not support commitment below `confirmed`');
  return commitment;
}

const DECODE = {
  base58: (text) => (text.length <= MAX_BASE58 ? decode58(text) : null),
  base64: (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, 'base64') : null),
};

export function readBytes(text, encoding, what) {
  if (typeof text !== 'string') throw RpcError.params(`${what} must be a string`);
  if (!Object.hasOwn(DECODE, encoding)) throw RpcError.params(`unsupported encoding: ${String(encoding)}. Supported encodings: base58, base64`);
  const bytes = DECODE[encoding](text);
  if (!bytes) throw RpcError.params(`invalid ${encoding} encoding`);
  return Buffer.from(bytes);
}

function parsing(parser, bytes, what) {
  try { return parser(bytes); } catch (e) {
    if (!(e instanceof WireError)) throw e;
    throw RpcError.params(`failed to deserialize ${what}: ${e.message}`);
  }
}

export function readTransaction(text, config) {
  const bytes = readBytes(text, config.encoding ?? 'base58', 'transaction');
  if (bytes.length > PACKET_DATA_SIZE) throw RpcError.params(`decoded ${TX} too large: ${bytes.length} bytes (max: ${PACKET_DATA_SIZE} bytes)`);
  return parsing(parse, bytes, TX);
}

export function readMessage(text) {
  const bytes = readBytes(text, 'base64', 'message');
  if (bytes.length > PACKET_DATA_SIZE) throw RpcError.params(`message too large: ${bytes.length} bytes`);
  return parsing(parseMessage, bytes, 'solana_message::versioned::VersionedMessage');
}
