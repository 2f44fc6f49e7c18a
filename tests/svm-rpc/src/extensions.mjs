// Token-2022 extensions: a list of type, length and body after the account. Types without a reader here and
// bodies that do not fit are named unparseableExtension, as a node names what it does not know.
import { encode58 } from './base58.mjs';

const ZERO = '11111111111111111111111111111111';
const HEADER = 4;

const key = (b, at) => { const k = encode58(b.subarray(at, at + 32)); return k === ZERO ? null : k; };
const flag = (b, at) => b[at] === 1;
const fee = (b, at) => ({ epoch: b.readBigUInt64LE(at), maximumFee: b.readBigUInt64LE(at + 8), transferFeeBasisPoints: b.readUInt16LE(at + 16) });

function text(b, cursor) {
  const length = b.readUInt32LE(cursor.at);
  if (length > b.length - cursor.at - 4) throw new RangeError('string is longer than its extension');
  cursor.at += 4 + length;
  return b.toString('utf8', cursor.at - length, cursor.at);
}

function metadata(b) {
  const cursor = { at: 64 };
  const [name, symbol, uri] = [text(b, cursor), text(b, cursor), text(b, cursor)];
  const count = b.readUInt32LE(cursor.at);
  cursor.at += 4;
  const additionalMetadata = [];
  for (let i = 0; i < count; i++) additionalMetadata.push([text(b, cursor), text(b, cursor)]);
  return { updateAuthority: key(b, 0), mint: key(b, 32), name, symbol, uri, additionalMetadata };
}

const READERS = {
  1: ['transferFeeConfig', 108, (b) => ({ transferFeeConfigAuthority: key(b, 0), withdrawWithheldAuthority: key(b, 32), withheldAmount: b.readBigUInt64LE(64), olderTransferFee: fee(b, 72), newerTransferFee: fee(b, 90) })],
  2: ['transferFeeAmount', 8, (b) => ({ withheldAmount: b.readBigUInt64LE(0) })],
  3: ['mintCloseAuthority', 32, (b) => ({ closeAuthority: key(b, 0) })],
  6: ['defaultAccountState', 1, (b) => ({ accountState: ['uninitialized', 'initialized', 'frozen'][b[0]] ?? 'uninitialized' })],
  7: ['immutableOwner', 0, null],
  8: ['memoTransfer', 1, (b) => ({ requireIncomingTransferMemos: flag(b, 0) })],
  9: ['nonTransferable', 0, null],
  10: ['interestBearingConfig', 52, (b) => ({ rateAuthority: key(b, 0), initializationTimestamp: b.readBigInt64LE(32), preUpdateAverageRate: b.readInt16LE(40), lastUpdateTimestamp: b.readBigInt64LE(42), currentRate: b.readInt16LE(50) })],
  11: ['cpiGuard', 1, (b) => ({ lockCpi: flag(b, 0) })],
  12: ['permanentDelegate', 32, (b) => ({ delegate: key(b, 0) })],
  13: ['nonTransferableAccount', 0, null],
  14: ['transferHook', 64, (b) => ({ authority: key(b, 0), programId: key(b, 32) })],
  15: ['transferHookAccount', 1, (b) => ({ transferring: flag(b, 0) })],
  18: ['metadataPointer', 64, (b) => ({ authority: key(b, 0), metadataAddress: key(b, 32) })],
  19: ['tokenMetadata', 80, metadata],
  20: ['groupPointer', 64, (b) => ({ authority: key(b, 0), groupAddress: key(b, 32) })],
  22: ['groupMemberPointer', 64, (b) => ({ authority: key(b, 0), memberAddress: key(b, 32) })],
  26: ['pausableConfig', 33, (b) => ({ authority: key(b, 0), paused: flag(b, 32) })],
  27: ['pausableAccount', 0, null],
};

function parseOne(type, body) {
  const [extension, least, read] = READERS[type] ?? [];
  if (!extension || body.length < least) return { extension: 'unparseableExtension' };
  try {
    return read ? { extension, state: read(body) } : { extension };
  } catch (e) {
    if (e instanceof RangeError) return { extension: 'unparseableExtension' };
    throw e;
  }
}

export function parseExtensions(bytes) {
  const found = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const type = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (type === 0 || at + HEADER + length > bytes.length) break;
    found.push(parseOne(type, bytes.subarray(at + HEADER, at + HEADER + length)));
    at += HEADER + length;
  }
  return found;
}
