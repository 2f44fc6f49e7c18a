#include "tools/consectl/deal_check.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/merkle.h"
#include "services/chain/solana/rpc_blocks.h"
#include "services/events/game/deal.h"

#define differs(...) err_fail(err, STORE_CORRUPT, __VA_ARGS__)

static bool is_hash(ProtobufCBinaryData bytes) { return bytes.len == DEAL_HASH; }

static bool deal_check_equal(ProtobufCBinaryData bytes, const uint8_t hash[DEAL_HASH])
{
    return is_hash(bytes) && memcmp(bytes.data, hash, DEAL_HASH) == 0;
}

// A secret that was opened, with the proof that the further ones have.
struct opened {
    int k;
    ProtobufCBinaryData secret, *siblings;
    size_t count;
};

static bool check_further(const Events__Deal *deal, const struct opened *opened, struct err *err)
{
    uint8_t siblings[DEAL_PROOF][DEAL_HASH];
    if (!is_hash(deal->further_root) || opened->count != DEAL_PROOF)
        return differs("deal %d has no proof", opened->k);
    for (size_t i = 0; i < DEAL_PROOF; i++) {
        if (!is_hash(opened->siblings[i])) return differs("the proof of deal %d is broken", opened->k);
        memcpy(siblings[i], opened->siblings[i].data, DEAL_HASH);
    }
    return deal_prove_check(deal->further_root.data, deal->event_id, (uint32_t)opened->k, opened->secret.data,
                            siblings) ||
           differs("the secret of deal %d is not one of those committed to", opened->k);
}

static bool check_secret(const Events__Deal *deal, const struct opened *opened, struct err *err)
{
    int k = opened->k;
    ProtobufCBinaryData secret = opened->secret;
    uint8_t commitment[DEAL_HASH];
    if (!is_hash(secret)) return differs("deal %d has no secret", k);
    if (k > DEAL_SECRETS) return check_further(deal, opened, err);
    if (k < 1 || (size_t)k > deal->n_commitments) return differs("deal %d has no commitment", k);
    deal_commitment(commitment, deal->event_id, (uint8_t)k, secret.data);
    return deal_check_equal(deal->commitments[k - 1], commitment) ||
           differs("the secret of deal %d is not the one committed to", k);
}

static bool check_nonces(const Events__Deal *deal, struct deal_seat seats[DEAL_MAX_SEATS], struct err *err)
{
    const Events__Deal__Opened *opened = deal->opened;
    for (size_t i = 0; i < opened->n_nonces; i++) {
        ProtobufCBinaryData nonce = opened->nonces[i]->nonce;
        uint8_t hash[DEAL_HASH];
        if (nonce.len != 0 && nonce.len != DEAL_NONCE)
            return differs("the nonce of seat %zu has %zu bytes", i + 1, nonce.len);
        crypto_hash_sha256(hash, nonce.data, nonce.len);
        bool frozen =
            nonce.len ? deal_check_equal(deal->nonce_hashes[i], hash) : deal->nonce_hashes[i].len == 0;
        if (!frozen) return differs("the nonce of seat %zu is not the one frozen at lock", i + 1);
        seats[i] = (struct deal_seat){opened->nonces[i]->user_id, nonce.data, (uint8_t)nonce.len};
    }
    return true;
}

static bool check_deck(const Events__Deal *deal, struct deal_role roles[], struct err *err)
{
    const Events__Deal__Opened *opened = deal->opened;
    uint8_t hash[DEAL_HASH];
    for (size_t i = 0; i < opened->n_deck; i++) {
        if (i && strcmp(opened->deck[i - 1]->role_id, opened->deck[i]->role_id) >= 0)
            return differs("the deck is not sorted");
        if (opened->deck[i]->copies < 1 || opened->deck[i]->copies > DEAL_MAX_CARDS)
            return differs("the deck has a bad count");
        roles[i] = (struct deal_role){opened->deck[i]->role_id, (uint32_t)opened->deck[i]->copies};
    }
    deal_deck_hash(hash, roles, opened->n_deck);
    return deal_check_equal(deal->deck_hash, hash) || differs("the deck is not the one frozen at lock");
}

static bool check_leaves(const Events__Deal *deal, const struct deal_terms *terms, struct err *err)
{
    const Events__Deal__Opened *opened = deal->opened;
    uint16_t role_of[DEAL_MAX_SEATS];
    struct merkle_hash leaves[DEAL_MAX_SEATS];
    uint8_t salt[DEAL_HASH];
    if (!deal_cards(terms, opened->secret.data, role_of))
        return differs("the deck has fewer cards than seats");
    for (size_t i = 0; i < opened->n_leaves; i++) {
        const Events__Deal__Leaf *leaf = opened->leaves[i];
        deal_salt(salt, opened->secret.data, (uint32_t)i);
        bool fits = strcmp(leaf->user_id, terms->seats[i].user_id) == 0 &&
                    strcmp(leaf->role_id, terms->roles[role_of[i]].role_id) == 0 &&
                    deal_check_equal(leaf->salt, salt);
        if (!fits) return differs("seat %zu did not get the card the seed gives it", i + 1);
        deal_leaf(leaves[i].bytes, leaf->user_id, leaf->role_id, salt);
    }
    struct merkle_hash root = merkle_root(leaves, (uint32_t)opened->n_leaves);
    return deal_check_equal(deal->root, root.bytes) ||
           differs("the root is not the one published at the reveal");
}

// The block's hash is in the seed exactly when the deal's assurance is BEACON.
static bool check_beacon(const Events__Deal *deal, struct err *err)
{
    const Events__Deal__Beacon *beacon = deal->beacon;
    ProtobufCBinaryData hash = deal->opened->beacon;
    bool promised = deal->assurance == EVENTS__DEAL__ASSURANCE__BEACON;
    if (!promised) return !hash.len || differs("the deal has a beacon that it does not promise");
    if (!beacon || beacon->k != deal->k || !beacon->slot || beacon->block_slot < beacon->slot ||
        beacon->given_up[0])
        return differs("the deal promises a beacon that it does not have");
    return (is_hash(hash) && deal_check_equal(beacon->hash, hash.data)) ||
           differs("the beacon is not the block that was found");
}

static bool check_opened(const Events__Deal *deal, struct err *err)
{
    enum { MAX_ROLES = 1000 };
    const Events__Deal__Opened *opened = deal->opened;
    struct deal_seat seats[DEAL_MAX_SEATS];
    struct deal_role roles[MAX_ROLES];
    if (opened->n_nonces > DEAL_MAX_SEATS || opened->n_deck > MAX_ROLES ||
        opened->n_leaves != opened->n_nonces || opened->n_nonces != deal->n_nonce_hashes)
        return differs("the numbers of seats, nonces and cards differ");
    const struct opened secret = {deal->k, opened->secret, opened->siblings, opened->n_siblings};
    if (!check_beacon(deal, err)) return false;
    if (!check_secret(deal, &secret, err) || !check_nonces(deal, seats, err) || !check_deck(deal, roles, err))
        return false;
    const struct deal_terms terms = {
        deal->event_id,      (uint32_t)deal->k, roles, opened->n_deck, seats, opened->n_nonces,
        opened->beacon.data, opened->beacon.len};
    return check_leaves(deal, &terms, err);
}

bool deal_check_block(const Events__Deal *deal, const char *node, struct err *err)
{
    struct solana_rpc *rpc;
    struct solana_block block;
    struct solana_fault fault = {.code = SOLANA_OK};
    const struct solana_rpc_options options = {.url = node, .commitment = SOLANA_FINALIZED};
    if (!solana_rpc_create(&rpc, &options, &fault)) return solana_fault_err(&fault, err);
    bool ok = solana_rpc_first_block(rpc, deal->beacon->slot, &block, &fault);
    solana_rpc_destroy(rpc);
    if (!ok) return solana_fault_err(&fault, err);
    return (block.found && block.slot == deal->beacon->block_slot &&
            deal_check_equal(deal->beacon->hash, block.hash.bytes)) ||
           differs("the first block at slot %" PRIu64 " or after it is another", deal->beacon->slot);
}

bool deal_check(const Events__Deal *deal, struct err *err)
{
    if (!deal) return err_fail(err, MALFORMED, "this is not a deal");
    if (!deal->opened)
        return err_fail(err, EVENT_NOT_REVEALED, "the deal is not open yet: it opens when the game ends");
    for (size_t i = 0; i < deal->n_burned; i++) {
        const Events__Deal__Burned *burned = deal->burned[i];
        const struct opened secret = {burned->k, burned->secret, burned->siblings, burned->n_siblings};
        if (!check_secret(deal, &secret, err)) return false;
    }
    return check_opened(deal, err);
}
