// A second implementation of docs/fairness.md, written from the document alone: the deal and the hash chain of an event's log.
import { createCipheriv, createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { base58 as fromBase58 } from './ledger.mjs';

const sha256 = (...parts) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
};
const u8 = (n) => Buffer.from([n]);
const u32 = (n) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
};
const u64 = (n) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(n));
    return bytes;
};
const bytes = (base64) => Buffer.from(base64 ?? '', 'base64');

// ---- The deal

export const commitment = (eventId, k, secret) => sha256('conse/deal/secret/1', eventId, u8(k), secret);

// The first secrets have a commitment each, the further ones a place under one root.
const FIRST = 8, FURTHER = 1024;
export const furtherLeaf = (eventId, k, secret) => sha256(u8(0), 'conse/deal/secret/2', eventId, u32(k), secret);
export function committed(d, k, secret, siblings) {
    if (k <= FIRST) return siblings.length === 0 && commitment(d.event_id, k, secret).equals(bytes(d.commitments[k - 1]));
    return k <= FIRST + FURTHER && isUnder(bytes(d.further_root), furtherLeaf(d.event_id, k, secret), k - FIRST - 1, FURTHER, siblings.map(bytes));
}

const sortedDeck = (deck) => [...deck].sort((a, b) => (a.role_id < b.role_id ? -1 : 1));

export const deckHash = (deck) => sha256('conse/deal/deck/1', ...sortedDeck(deck).flatMap((role) => [role.role_id, u32(role.copies)]));

// seats: [{user_id, nonce: Buffer}] in seat order
export const seed = (eventId, k, deck, secret, seats, beacon = Buffer.alloc(0)) =>
    sha256(k <= FIRST ? 'conse/deal/seed/1' : 'conse/deal/seed/2', eventId, k <= FIRST ? u8(k) : u32(k), deckHash(deck), secret,
        ...seats.flatMap((seat) => [seat.user_id, u8(seat.nonce.length), seat.nonce]), beacon);

function* numbers(key) {
    const stream = createCipheriv('chacha20', key, Buffer.alloc(16));
    for (;;) {
        const block = stream.update(Buffer.alloc(64));
        for (let at = 0; at < 64; at += 4) yield block.readUInt32LE(at);
    }
}

function below(source, n) {
    const limit = Math.floor(2 ** 32 / n) * n;
    for (;;) {
        const { value } = source.next();
        if (value < limit) return value % n;
    }
}

export function shuffle(key, cards) {
    const dealt = [...cards], source = numbers(key);
    for (let i = dealt.length; i > 1; i--) {
        const j = below(source, i);
        [dealt[i - 1], dealt[j]] = [dealt[j], dealt[i - 1]];
    }
    return dealt;
}

// The role id of each seat.
export function deal(eventId, k, deck, secret, seats, beacon) {
    const cards = sortedDeck(deck).flatMap((role) => Array(role.copies).fill(role.role_id));
    return shuffle(seed(eventId, k, deck, secret, seats, beacon), cards).slice(0, seats.length);
}

export const cardSalt = (secret, index) => createHmac('sha256', secret).update('leaf').update(u32(index)).digest();
export const cardLeaf = (userId, roleId, salt) => sha256(u8(0), userId, roleId, salt);
const node = (left, right) => sha256(u8(1), left, right);

export function merkleRoot(leaves) {
    if (leaves.length === 0) return sha256();
    if (leaves.length === 1) return leaves[0];
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return node(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

// Is this leaf at this index of the tree of so many leaves with this root?
function isUnder(root, leaf, index, count, siblings) {
    let at = leaf, last = count - 1;
    for (const sibling of siblings) {
        if (last === 0) return false;
        if (index % 2 === 1 || index === last) {
            at = node(sibling, at);
            while (index % 2 === 0 && index !== 0) [index, last] = [index >> 1, last >> 1];
        } else {
            at = node(at, sibling);
        }
        [index, last] = [index >> 1, last >> 1];
    }
    return last === 0 && at.equals(root);
}

// What a player checks with his own card, the public root and the number of players.
export const checkProof = (root, userId, roleId, proof, count) =>
    isUnder(root, cardLeaf(userId, roleId, bytes(proof.salt)), proof.index, count, proof.siblings.map(bytes));

// Everything that can be checked of an opened deal (the JSON of GET /events/{id}/deal); throws what is wrong.
export function verifyDeal(d) {
    const check = (truth, what) => {
        if (!truth) throw new Error(`deal: ${what}`);
    };
    const secret = bytes(d.opened.secret);
    const seats = d.opened.nonces.map((seat) => ({ user_id: seat.user_id, nonce: bytes(seat.nonce) }));
    check(d.commitments.length === 8, 'eight commitments');
    check(committed(d, d.k, secret, d.opened.siblings), 'the secret was committed to');
    for (const burned of d.burned) check(committed(d, burned.k, bytes(burned.secret), burned.siblings), `burned secret ${burned.k}`);
    check(deckHash(d.opened.deck).equals(bytes(d.deck_hash)), 'the deck is the one published');
    seats.forEach((seat, i) => check(bytes(d.nonce_hashes[i]).equals(seat.nonce.length ? sha256(seat.nonce) : Buffer.alloc(0)), `nonce ${i}`));
    const beacon = bytes(d.opened.beacon), promised = d.assurance === 'BEACON';
    check(beacon.length === (promised ? 32 : 0), 'the beacon that the assurance promises');
    check(!promised || (d.beacon.k === d.k && bytes(d.beacon.hash).equals(beacon)), 'the beacon that was waited for');
    const roles = deal(d.event_id, d.k, d.opened.deck, secret, seats, beacon);
    const leaves = seats.map((seat, i) => cardLeaf(seat.user_id, roles[i], cardSalt(secret, i)));
    check(d.opened.leaves.length === seats.length, 'a card for each seat');
    d.opened.leaves.forEach((leaf, i) => {
        check(leaf.user_id === seats[i].user_id && leaf.role_id === roles[i], `card ${i}`);
        check(bytes(leaf.salt).equals(cardSalt(secret, i)), `salt ${i}`);
    });
    check(merkleRoot(leaves).equals(bytes(d.root)), 'the root covers these cards');
    return roles;
}

// Whether the beacon is the cluster's: call(method, ...params) asks a node of it.
export async function verifyBeacon({ beacon }, call) {
    const [first] = await call('getBlocksWithLimit', Number(beacon.slot), 1, { commitment: 'finalized' });
    const { blockhash } = await call('getBlock', first, { commitment: 'finalized', transactionDetails: 'none', rewards: false });
    if (String(first) !== beacon.block_slot || !fromBase58(blockhash).equals(bytes(beacon.hash))) throw new Error(`beacon: the first block is ${first}, ${blockhash}`);
}

// ---- The chain

export const entryLeaf = (salt, payload) => sha256(u8(0), salt, payload);
export const chainHash = (previous, seq, leaf) => sha256(u8(1), previous, u64(seq), leaf);

// An open log: every entry or its leaf, in order. Returns the hash after each entry; the last must be `head`.
export function verifyChain(entries, head) {
    let hash = Buffer.alloc(32);
    const hashes = entries.map((entry, i) => {
        if (entry.seq !== String(i + 1)) throw new Error(`chain: entry ${i + 1} has seq ${entry.seq}`);
        const leaf = entry.leaf ? bytes(entry.leaf) : entryLeaf(bytes(entry.salt), bytes(entry.payload));
        return (hash = chainHash(hash, i + 1, leaf));
    });
    if (!hash.equals(bytes(head))) throw new Error('chain: the head is another');
    return hashes;
}

function signedBy(publicKey, message, signature) {
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}

// By the server's identity, or by a key that the identity has certified: the log's `signer`.
export function verifyCheckpoint(eventId, checkpoint, identity, signer) {
    const message = Buffer.concat([Buffer.from('conse/checkpoint/1'), Buffer.from(eventId), u32(checkpoint.phase_number), bytes(checkpoint.hash)]);
    if (!signer) return signedBy(identity, message, bytes(checkpoint.signature));
    const key = bytes(signer.public_key);
    return signedBy(identity, Buffer.concat([Buffer.from('conse/checkpoint-key/1'), key]), bytes(signer.certificate)) && signedBy(key, message, bytes(checkpoint.signature));
}
