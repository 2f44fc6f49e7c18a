// Lock and deal.
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/merkle.h"
#include "services/events/game/rules/rules.h"

static size_t seats_of(const struct game *game, struct deal_seat seats[DEAL_MAX_SEATS])
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        seats[i] = (struct deal_seat){person->user_id.text, person->nonce, person->nonce_len};
    }
    return count;
}

static size_t roles_of(const struct game *game, struct deal_role roles[GAME_MAX_ROLES])
{
    for (size_t i = 0; i < game->deck_roles; i++)
        roles[i] = (struct deal_role){game->roles[i].id.text, (uint32_t)game->roles[i].copies};
    return game->deck_roles;
}

static bool used_up(const struct game *game, struct err *err)
{
    return err_fail(err, DEALS_USED_UP, "all %d deal secrets are used up", (int)game_deals(game));
}

bool rules_lockable(const struct game *game, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game->state != EVENTS__EVENT__STATE__OPEN)
        return err_fail(err, EVENT_NOT_OPEN, "the event is %s", rules_state_name(game->state));
    if (game->seats_taken < game->terms.min_players)
        return err_fail(err, TOO_FEW_PLAYERS, "%d seats are confirmed, %d are needed", game->seats_taken,
                        game->terms.min_players);
    return game->k <= game_deals(game) || used_up(game, err);
}

bool rules_lock(struct game *game, struct entries *entries, struct err *err)
{
    if (!rules_lockable(game, err) || !rules_seats_are_paid(game, err)) return false;
    struct deal_seat seats[DEAL_MAX_SEATS];
    const char *user_ids[DEAL_MAX_SEATS];
    uint8_t hashes[DEAL_MAX_SEATS][DEAL_HASH];
    ProtobufCBinaryData nonce_hashes[DEAL_MAX_SEATS];
    size_t count = seats_of(game, seats);
    for (size_t i = 0; i < count; i++) {
        user_ids[i] = seats[i].user_id;
        crypto_hash_sha256(hashes[i], seats[i].nonce, seats[i].nonce_len);
        nonce_hashes[i] = (ProtobufCBinaryData){seats[i].nonce_len ? DEAL_HASH : 0, hashes[i]};
    }
    ENTRY(entries, game, LOCKED, Locked, locked, .k = game->k, .n_user_ids = count, .user_ids = user_ids,
          .n_nonce_hashes = count, .nonce_hashes = nonce_hashes);
    if (game->terms.beacon && !entries->failed) rules_add_beacon(game, entries, game->k, "");
    return true;
}

// The secret in use in the form of an entry that opens it: with its proof, when it has no commitment of its
// own.
struct opening {
    uint8_t secret[DEAL_HASH], proof[DEAL_PROOF][DEAL_HASH];
    ProtobufCBinaryData siblings[DEAL_PROOF];
    size_t count;
};

static void fill_opening(struct opening *opening, const struct game *game, const struct deal_secrets *secrets)
{
    uint32_t k = (uint32_t)game->k;
    deal_secret(opening->secret, secrets, k);
    opening->count = k > DEAL_SECRETS ? DEAL_PROOF : 0;
    if (opening->count) deal_prove(opening->proof, game->id.text, secrets, k);
    for (size_t i = 0; i < opening->count; i++)
        opening->siblings[i] = (ProtobufCBinaryData){DEAL_HASH, opening->proof[i]};
}

static void deal_burn(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                      const char *reason)
{
    struct opening opening;
    fill_opening(&opening, game, secrets);
    ENTRY(entries, game, DEAL_BURNED, DealBurned, deal_burned, .k = game->k,
          .secret = {DEAL_HASH, opening.secret}, .reason = reason, .n_siblings = opening.count,
          .siblings = opening.siblings);
}

bool rules_unlock(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                  struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game->locking) return rules_give_lock_up(game, entries), true;
    if (game->state != EVENTS__EVENT__STATE__LOCKED)
        return err_fail(err, EVENT_NOT_LOCKED, "the event is %s", rules_state_name(game->state));
    deal_burn(game, entries, secrets, "the roster was opened again");
    ENTRY(entries, game, REOPENED, Reopened, reopened);
    if (!entries->failed) rules_free_ended(game, entries);
    return true;
}

struct dealing {
    struct deal_seat seats[DEAL_MAX_SEATS];
    struct deal_role roles[GAME_MAX_ROLES];
    uint16_t role_of[DEAL_MAX_SEATS];
    uint8_t salts[DEAL_MAX_SEATS][DEAL_HASH];
    struct merkle_hash leaves[DEAL_MAX_SEATS];
    size_t count;
};

static bool prepare_dealing(struct dealing *dealing, const struct game *game, int32_t k,
                            const struct deal_secrets *secrets)
{
    uint8_t secret[DEAL_HASH];
    deal_secret(secret, secrets, (uint32_t)k);
    const struct beacon *beacon = game_beacon(game, (uint32_t)k);
    struct deal_terms terms = {
        .event_id = game->id.text, .k = (uint32_t)k, .roles = dealing->roles, .seats = dealing->seats};
    if (beacon && beacon->block) {
        terms.beacon = beacon->hash;
        terms.beacon_len = sizeof beacon->hash;
    }
    terms.seats_count = dealing->count = seats_of(game, dealing->seats);
    terms.roles_count = roles_of(game, dealing->roles);
    if (!deal_cards(&terms, secret, dealing->role_of)) return false;
    for (size_t i = 0; i < dealing->count; i++) {
        const char *role_id = dealing->roles[dealing->role_of[i]].role_id;
        deal_salt(dealing->salts[i], secret, (uint32_t)i);
        deal_leaf(dealing->leaves[i].bytes, dealing->seats[i].user_id, role_id, dealing->salts[i]);
    }
    return true;
}

static void add_card(struct game *game, struct entries *entries, struct dealing *dealing, size_t index)
{
    struct merkle_proof proof;
    ProtobufCBinaryData siblings[MERKLE_PROOF_MAX];
    merkle_prove(dealing->leaves, (uint32_t)dealing->count, (uint32_t)index, &proof);
    for (size_t i = 0; i < proof.count; i++)
        siblings[i] = (ProtobufCBinaryData){MERKLE_HASH_BYTES, proof.siblings[i].bytes};
    struct role_facts role = game->roles[dealing->role_of[index]];
    struct uuid user_id;
    memcpy(user_id.text, dealing->seats[index].user_id, sizeof user_id.text);
    ENTRY(entries, game, CARD_DEALT, CardDealt, card_dealt, .user_id = user_id.text, .role_id = role.id.text,
          .side_id = role.side_id.text, .index = (int32_t)index, .salt = {DEAL_HASH, dealing->salts[index]},
          .n_siblings = proof.count, .siblings = siblings);
}

// The root goes first: it is public before any card is shown.
static void add_dealing(struct game *game, struct entries *entries, struct dealing *dealing)
{
    struct merkle_hash root = merkle_root(dealing->leaves, (uint32_t)dealing->count);
    ENTRY(entries, game, REVEALED, Revealed, revealed, .k = game->k, .root = {MERKLE_HASH_BYTES, root.bytes});
    for (size_t i = 0; i < dealing->count && !entries->failed; i++) add_card(game, entries, dealing, i);
}

static bool deck_too_small(const struct game *game, struct err *err)
{
    int64_t cards = 0;
    for (size_t i = 0; i < game->deck_roles; i++) cards += game->roles[i].copies;
    return err_fail(err, DECK_TOO_SMALL, "the deck has %lld cards for %d players", (long long)cards,
                    game->seats_taken);
}

bool rules_reveal(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                  struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game->state != EVENTS__EVENT__STATE__LOCKED)
        return err_fail(err, EVENT_NOT_LOCKED, "the event is %s", rules_state_name(game->state));
    if (!rules_need_beacon(&game->beacon, err)) return false;
    struct dealing dealing = {.count = 0};
    if (!prepare_dealing(&dealing, game, game->k, secrets)) return deck_too_small(game, err);
    add_dealing(game, entries, &dealing);
    sodium_memzero(&dealing, sizeof dealing);
    return true;
}

bool rules_redeal(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                  const char *reason, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game->phases_count) return err_fail(err, REDEAL_TOO_LATE, "the first phase has begun");
    if (game->state != EVENTS__EVENT__STATE__REVEALED)
        return err_fail(err, EVENT_NOT_REVEALED, "the event is %s", rules_state_name(game->state));
    if (game->k >= game_deals(game)) return used_up(game, err);
    if (game->terms.beacon && !game->next_beacon.k)
        return rules_add_beacon(game, entries, game->k + 1, reason), true;
    if (!rules_need_beacon(&game->next_beacon, err)) return false;
    struct dealing dealing = {.count = 0};
    if (!prepare_dealing(&dealing, game, game->k + 1, secrets)) return deck_too_small(game, err);
    deal_burn(game, entries, secrets, reason);
    add_dealing(game, entries, &dealing);
    sodium_memzero(&dealing, sizeof dealing);
    return true;
}

bool rules_show_card(struct game *game, struct entries *entries, const char *user_id, struct err *err)
{
    int player;
    if (!rules_need_playing(game, err) || !rules_need_player(game, user_id, &player, err)) return false;
    if (game->people[player].card_shown) return true;
    ENTRY(entries, game, CARD_SHOWN, CardShown, card_shown, .user_id = user_id);
    return true;
}

void rules_add_deal_opening(struct game *game, struct entries *entries, const struct deal_secrets *secrets)
{
    struct opening opening;
    if (!game->dealt) return;
    fill_opening(&opening, game, secrets);
    ENTRY(entries, game, DEAL_OPENED, DealOpened, deal_opened, .k = game->k,
          .secret = {DEAL_HASH, opening.secret}, .n_siblings = opening.count, .siblings = opening.siblings);
}
