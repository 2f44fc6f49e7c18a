// Whether the cards of a finished game were dealt as was promised before it (docs/fairness.md). It needs nothing but the deal itself.
import { shuffle } from './chance.js';
import { bytesOf, climb, hmac, merkleRoot, same, sha256, u8, u32 } from './hash.js';

const FIRST = 8; // secrets with a commitment each
const PROOF = 10; // siblings that lead from a further one to the root
const HASH = 32;
const SEATS_MOST = 100;
const COPIES_MOST = 10_000;

/** What is wrong with a deal: words for `fair.fault.<code>`. */
export class Forged extends Error {
    /** @param {string} code @param {number} [n] of the deal, or the seat */
    constructor(code, n = 0) {
        super(code);
        this.code = code;
        this.n = n;
    }
}

/** @param {boolean} truth @param {string} code @param {number} [n] */
function check(truth, code, n) {
    if (!truth) throw new Forged(code, n);
}

/** @param {any} deal @param {{k: number, secret: string, siblings?: string[]}} opened */
async function checkSecret(deal, { k, secret, siblings = [] }) {
    const bytes = bytesOf(secret);
    check(bytes.length === HASH && k >= 1, 'SECRET', k);
    if (k <= FIRST) {
        const commitment = deal.commitments?.[k - 1];
        check(Boolean(commitment) && same(bytesOf(commitment), await sha256('conse/deal/secret/1', deal.event_id, u8(k), bytes)), 'SECRET', k);
        return;
    }
    check(siblings.length === PROOF && k - FIRST <= 2 ** PROOF, 'SECRET', k);
    const leaf = await sha256(u8(0), 'conse/deal/secret/2', deal.event_id, u32(k), bytes);
    check(same(bytesOf(deal.further_root), await climb(leaf, k - FIRST - 1, siblings.map(bytesOf))), 'SECRET', k);
}

// The block's hash is in the seed exactly when the deal promises it.
/** @param {any} deal */
function checkBeacon({ assurance, k, beacon, opened }) {
    const hash = bytesOf(opened.beacon);
    if (assurance !== 'BEACON') return check(!hash.length, 'BEACON');
    const named = beacon?.k === k && Number(beacon.slot) > 0 && Number(beacon.block_slot) >= Number(beacon.slot) && !beacon.given_up;
    return check(named && hash.length === HASH && same(bytesOf(beacon.hash), hash), 'BEACON');
}

/** @param {any} deal */
async function checkNonces({ nonce_hashes, opened }) {
    for (const [i, { nonce }] of opened.nonces.entries()) {
        const bytes = bytesOf(nonce);
        check(bytes.length === 0 || bytes.length === HASH, 'NONCE', i + 1);
        check(same(bytesOf(nonce_hashes[i]), bytes.length ? await sha256(bytes) : bytes), 'NONCE', i + 1);
    }
}

/** @param {any} deal */
async function checkDeck({ deck_hash, opened: { deck } }) {
    const sorted = deck.every((/** @type {any} */ role, /** @type {number} */ i) => i === 0 || deck[i - 1].role_id < role.role_id);
    const counted = deck.every((/** @type {any} */ { copies }) => copies >= 1 && copies <= COPIES_MOST);
    const parts = deck.flatMap((/** @type {any} */ { role_id, copies }) => [role_id, u32(copies)]);
    check(sorted && counted && same(bytesOf(deck_hash), await sha256('conse/deal/deck/1', ...parts)), 'DECK');
}

/** @param {any} deal */
async function seedOf({ event_id, k, deck_hash, opened }) {
    const number = k <= FIRST ? u8(k) : u32(k);
    const seats = opened.nonces.flatMap((/** @type {any} */ { user_id, nonce }) => [user_id, u8(bytesOf(nonce).length), bytesOf(nonce)]);
    return sha256(`conse/deal/seed/${k <= FIRST ? 1 : 2}`, event_id, number, bytesOf(deck_hash), bytesOf(opened.secret), ...seats, bytesOf(opened.beacon));
}

/** @param {any} deal */
async function checkCards(deal) {
    const { opened } = deal;
    const cards = opened.deck.flatMap((/** @type {any} */ { role_id, copies }) => Array(copies).fill(role_id));
    check(cards.length >= opened.nonces.length, 'DECK');
    const dealt = shuffle(await seedOf(deal), cards);
    const secret = bytesOf(opened.secret);
    const leaves = [];
    for (const [i, leaf] of opened.leaves.entries()) {
        const salt = await hmac(secret, 'leaf', u32(i));
        check(leaf.user_id === opened.nonces[i].user_id && leaf.role_id === dealt[i] && same(bytesOf(leaf.salt), salt), 'CARD', i + 1);
        leaves.push(await sha256(u8(0), leaf.user_id, leaf.role_id, salt));
    }
    check(same(bytesOf(deal.root), await merkleRoot(leaves)), 'ROOT');
}

/** @param {any} deal */
async function checkAll(deal) {
    check(Boolean(deal?.event_id), 'NONE');
    check(Boolean(deal.opened), 'CLOSED');
    const { nonces, leaves, deck } = deal.opened;
    for (const burned of deal.burned ?? []) await checkSecret(deal, burned);
    check(nonces.length <= SEATS_MOST && deck.length <= 1000 && leaves.length === nonces.length && nonces.length === deal.nonce_hashes.length, 'COUNTS');
    checkBeacon(deal);
    await checkSecret(deal, { ...deal.opened, k: deal.k });
    await checkNonces(deal);
    await checkDeck(deal);
    await checkCards(deal);
}

/** Throws Forged. @param {any} deal as GET /events/{id}/deal tells it @returns {Promise<void>} */
export async function checkDeal(deal) {
    try {
        await checkAll(deal);
    } catch (fault) {
        throw fault instanceof Forged ? fault : new Forged('NONE'); // something is not what it should be at all
    }
}
