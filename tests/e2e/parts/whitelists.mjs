// A second implementation of docs/whitelists.md, written from the document alone.
import { createHash, verify } from 'node:crypto';
import { base58, bytes, keyOf, provenRoot, rootOf } from './ledger.mjs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const little = (size) => (n) => Buffer.from(Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, BigInt(n)) >> BigInt(8 * i)) & 255n)));
const u8 = little(1), u32 = little(4), u64 = little(8), i64 = little(8);
const WAYS = { APPROVED: 1, BURNED: 2 };

const entryOf = ({ mint, way, points, time, signature }) =>
    Buffer.concat([base58(mint), u8(WAYS[way]), u32(points), i64(Date.parse(time)), way === 'BURNED' ? base58(signature) : Buffer.alloc(64)]);

export const leafOf = ({ wallet, score, entries }) =>
    sha256(u8(0), 'conse/whitelist/owner/1', base58(wallet), u64(score), u32(entries.length), ...entries.map(entryOf));

export const rootOfOwners = (owners) => {
    const leaves = owners.toSorted((a, b) => Buffer.compare(base58(a.wallet), base58(b.wallet))).map(leafOf);
    return leaves.length ? rootOf(leaves) : sha256('');
};

const statementOf = (name, { chain, version, time, owners, entries, root }) =>
    Buffer.concat([Buffer.from('conse/whitelist/1'), bytes(chain), u8(name.length), Buffer.from(name), u64(version), i64(Date.parse(time)), u32(owners), u32(entries), bytes(root)]);

// Whether a key that the identity certified signed this root for this list. identity: its 32 bytes.
export const isSigned = (name, root, identity) =>
    statementOf(name, root).equals(bytes(root.statement)) &&
    verify(null, bytes(root.statement), keyOf(bytes(root.key)), bytes(root.signature)) &&
    verify(null, Buffer.concat([Buffer.from('conse/ledger-key/1'), bytes(root.key)]), keyOf(identity), bytes(root.certificate));

// Whether what is shown of a wallet is on the list with this root.
export const isOn = ({ owner, place, leaf, siblings, root }) =>
    owner.entries.reduce((sum, { points }) => sum + BigInt(points), 0n) === BigInt(owner.score) &&
    leafOf(owner).equals(bytes(leaf)) &&
    Boolean(provenRoot(bytes(leaf), place, root.owners, siblings.map(bytes))?.equals(bytes(root.root)));
