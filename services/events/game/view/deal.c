// What anybody may see of the deal, and the proof of a card.
#include "services/events/game/view/view.h"

#include <sodium.h>

#include "lib/base/merkle.h"
#include "lib/base/stamp.h"

static ProtobufCBinaryData bytes_of(struct arena *arena, const void *bytes, size_t len)
{
    void *copy = arena_copy(arena, bytes, len);
    return (ProtobufCBinaryData){copy ? len : 0, copy};
}

static void fill_nonce_hashes(Events__Deal *deal, const struct game *game, const uint16_t *roster,
                              size_t count, struct arena *arena)
{
    deal->nonce_hashes = arena_array(arena, count + 1, sizeof *deal->nonce_hashes);
    for (size_t i = 0; deal->nonce_hashes && i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        uint8_t hash[DEAL_HASH];
        crypto_hash_sha256(hash, person->nonce, person->nonce_len);
        if (person->nonce_len) deal->nonce_hashes[i] = bytes_of(arena, hash, sizeof hash);
        deal->n_nonce_hashes++;
    }
}

static bool fill_seats(Events__Deal__Opened *opened, const struct game *game, const uint16_t *roster,
                       size_t count, struct arena *arena)
{
    opened->nonces = arena_array(arena, count + 1, sizeof *opened->nonces);
    opened->leaves = arena_array(arena, count + 1, sizeof *opened->leaves);
    for (size_t i = 0; opened->nonces && opened->leaves && i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        Events__Deal__Seat *seat = arena_new(arena, Events__Deal__Seat);
        Events__Deal__Leaf *leaf = arena_new(arena, Events__Deal__Leaf);
        if (!seat || !leaf) return false;
        events__deal__seat__init(seat);
        events__deal__leaf__init(leaf);
        seat->user_id = leaf->user_id = arena_str(arena, person->user_id.text);
        seat->nonce = bytes_of(arena, person->nonce, person->nonce_len);
        leaf->role_id = arena_str(arena, game_role_id(game, person->card));
        uint8_t salt[DEAL_HASH];
        deal_salt(salt, game->secret.bytes, (uint32_t)i);
        leaf->salt = bytes_of(arena, salt, sizeof salt);
        opened->nonces[opened->n_nonces++] = seat;
        opened->leaves[opened->n_leaves++] = leaf;
    }
    return opened->nonces && opened->leaves;
}

static Events__DeckRole **deck_roles(const struct game *game, size_t *count, struct arena *arena)
{
    Events__DeckRole **roles = arena_array(arena, game->deck_roles + 1, sizeof *roles);
    for (size_t i = 0; roles && i < game->deck_roles; i++) {
        roles[i] = arena_new(arena, Events__DeckRole);
        if (!roles[i]) return NULL;
        events__deck_role__init(roles[i]);
        roles[i]->role_id = arena_str(arena, game->roles[i].id.text);
        roles[i]->copies = game->roles[i].copies;
    }
    *count = roles ? game->deck_roles : 0;
    return roles;
}

// None without a proof; a full arena shows in later steps.
static ProtobufCBinaryData *siblings_of(const struct opened_secret *secret, size_t *count,
                                        struct arena *arena)
{
    ProtobufCBinaryData *siblings =
        secret->siblings ? arena_array(arena, DEAL_PROOF, sizeof *siblings) : NULL;
    for (size_t i = 0; siblings && i < DEAL_PROOF; i++)
        siblings[i] = bytes_of(arena, secret->siblings[i], DEAL_HASH);
    *count = siblings ? DEAL_PROOF : 0;
    return siblings;
}

static Events__Deal__Opened *opened_deal(const struct game *game, const uint16_t *roster, size_t count,
                                         struct arena *arena)
{
    Events__Deal__Opened *opened = arena_new(arena, Events__Deal__Opened);
    if (!opened) return NULL;
    events__deal__opened__init(opened);
    opened->secret = bytes_of(arena, game->secret.bytes, DEAL_HASH);
    opened->siblings = siblings_of(&game->secret, &opened->n_siblings, arena);
    opened->deck = deck_roles(game, &opened->n_deck, arena);
    if (game->beacon.block) opened->beacon = bytes_of(arena, game->beacon.hash, DEAL_HASH);
    return fill_seats(opened, game, roster, count, arena) ? opened : NULL;
}

static bool fill_burned(Events__Deal *deal, const struct game *game, struct arena *arena)
{
    deal->burned = arena_array(arena, game->burned_count + 1, sizeof *deal->burned);
    for (size_t i = 0; deal->burned && i < game->burned_count; i++) {
        Events__Deal__Burned *burned = arena_new(arena, Events__Deal__Burned);
        if (!burned) return false;
        events__deal__burned__init(burned);
        burned->k = game->burned[i].k;
        burned->secret = bytes_of(arena, game->burned[i].secret.bytes, DEAL_HASH);
        burned->siblings = siblings_of(&game->burned[i].secret, &burned->n_siblings, arena);
        burned->reason = arena_str(arena, game->burned[i].reason);
        deal->burned[deal->n_burned++] = burned;
    }
    return deal->burned;
}

// One that was not wanted has none.
static Events__Deal__Beacon *beacon_of(const struct beacon *beacon, struct arena *arena)
{
    Events__Deal__Beacon *shown = beacon->k ? arena_new(arena, Events__Deal__Beacon) : NULL;
    if (!shown) return NULL;
    events__deal__beacon__init(shown);
    shown->k = beacon->k;
    shown->wanted_at = stamp_new(arena, beacon->wanted_ms);
    shown->slot = beacon->slot;
    shown->block_slot = beacon->block;
    if (beacon->block) shown->hash = bytes_of(arena, beacon->hash, DEAL_HASH);
    if (beacon->given_up) shown->given_up = arena_str(arena, beacon->given_up);
    return shown;
}

static Events__Deal__Assurance assurance_of(const struct game *game)
{
    bool open = game->state == EVENTS__EVENT__STATE__OPEN;
    bool has = open ? game->terms.beacon : game->beacon.k && !game->beacon.given_up;
    return has ? EVENTS__DEAL__ASSURANCE__BEACON : EVENTS__DEAL__ASSURANCE__OPERATOR_TRUSTED;
}

Events__Deal *view_deal(const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    Events__Deal *deal = arena_new(arena, Events__Deal);
    if (!deal) return NULL;
    events__deal__init(deal);
    deal->event_id = arena_str(arena, game->id.text);
    deal->k = game->k;
    deal->assurance = assurance_of(game);
    deal->beacon = beacon_of(&game->beacon, arena);
    deal->next_beacon = beacon_of(&game->next_beacon, arena);
    deal->deck_hash = bytes_of(arena, game->deck_hash, DEAL_HASH);
    deal->commitments = arena_array(arena, DEAL_SECRETS, sizeof *deal->commitments);
    for (int i = 0; deal->commitments && i < DEAL_SECRETS; i++, deal->n_commitments++)
        deal->commitments[i] = bytes_of(arena, game->commitments.first[i], DEAL_HASH);
    if (game->further) deal->further_root = bytes_of(arena, game->commitments.further_root, DEAL_HASH);
    if (game->state == EVENTS__EVENT__STATE__LOCKED || game->dealt)
        fill_nonce_hashes(deal, game, roster, count, arena);
    if (game->dealt) deal->root = bytes_of(arena, game->root, DEAL_HASH);
    if (game->opened) deal->opened = opened_deal(game, roster, count, arena);
    return fill_burned(deal, game, arena) ? deal : NULL;
}

static bool fill_cards(Events__Deck *deck, const struct game *game, struct arena *arena)
{
    deck->cards = arena_array(arena, game->deck_roles + 1, sizeof *deck->cards);
    for (size_t i = 0; deck->cards && i < game->deck_roles; i++) {
        Events__DeckCard *card = arena_new(arena, Events__DeckCard);
        if (!card) return false;
        events__deck_card__init(card);
        card->role_id = arena_str(arena, game->roles[i].id.text);
        card->side_id = arena_str(arena, game->roles[i].side_id.text);
        card->copies = game->roles[i].copies;
        deck->cards[deck->n_cards++] = card;
    }
    return deck->cards;
}

Events__Deck *view_deck(const struct game *game, struct arena *arena)
{
    Events__Deck *deck = arena_new(arena, Events__Deck);
    if (!deck) return NULL;
    events__deck__init(deck);
    deck->id = arena_str(arena, game->deck_id.text);
    deck->group_id = arena_str(arena, game->group_id.text);
    deck->name = arena_str(arena, game->deck_name);
    deck->version = game->deck_version;
    deck->roles = deck_roles(game, &deck->n_roles, arena);
    deck->last_moves = arena_array(arena, game->moves_count + 1, sizeof *deck->last_moves);
    for (size_t i = 0; deck->last_moves && i < game->moves_count; i++) {
        Events__DeckLastMove *move = arena_new(arena, Events__DeckLastMove);
        if (!move) return NULL;
        events__deck_last_move__init(move);
        move->last_move_id = arena_str(arena, game->moves[i].id.text);
        move->copies = game->moves[i].copies;
        deck->last_moves[deck->n_last_moves++] = move;
    }
    return fill_cards(deck, game, arena) ? deck : NULL;
}

// The cards as they were dealt; later changes of a role do not touch them.
Events__Proof *view_proof(const struct game *game, int person, const uint8_t secret[DEAL_HASH],
                          struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    struct merkle_hash leaves[DEAL_MAX_SEATS];
    struct merkle_proof path;
    uint8_t salt[DEAL_HASH];
    size_t count = game_roster(game, roster), index = 0;
    Events__Proof *proof = arena_new(arena, Events__Proof);
    if (!proof || !game->dealt) return NULL;
    events__proof__init(proof);
    for (size_t i = 0; i < count; i++) {
        const struct person *at = &game->people[roster[i]];
        deal_salt(salt, secret, (uint32_t)i);
        deal_leaf(leaves[i].bytes, at->user_id.text, game_role_id(game, at->card), salt);
        if (roster[i] == person) index = i;
    }
    deal_salt(salt, secret, (uint32_t)index);
    proof->index = (int32_t)index;
    proof->salt = bytes_of(arena, salt, sizeof salt);
    merkle_prove(leaves, (uint32_t)count, (uint32_t)index, &path);
    proof->n_siblings = path.count;
    proof->siblings = arena_array(arena, MERKLE_PROOF_MAX, sizeof *proof->siblings);
    if (!proof->siblings) return NULL;
    for (size_t i = 0; i < path.count; i++)
        proof->siblings[i] = bytes_of(arena, path.siblings[i].bytes, MERKLE_HASH_BYTES);
    return proof;
}
