#include "services/chain/rewards/facts.h"

#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/merkle.h"

enum { SALT_BYTES = 32, LEAF_BYTES = 2 * UUID_LEN + SALT_BYTES };

bool facts_are_whole(const Game__FinishedGame *game)
{
    bool whole = uuid_check(game->event_id);
    for (size_t i = 0; whole && i < game->n_players; i++)
        whole = uuid_check(game->players[i]->user_id) && uuid_check(facts_seat(game->players[i]));
    return whole;
}

// ---- The game

static bool was_there(const Game__FinishedGame__Player *player)
{
    return player->attendance == EVENTS__ATTENDANCE__VALUE__PRESENT ||
           player->attendance == EVENTS__ATTENDANCE__VALUE__LATE;
}

struct merit_game_facts facts_game(const Game__FinishedGame *game)
{
    struct merit_game_facts facts = {.started_ms = game->started_ms,
                                     .ended_ms = game->finished_ms,
                                     .wanted = game->min_players > 0 ? (uint32_t)game->min_players : 0};
    for (size_t i = 0; i < game->n_players; i++) facts.players += was_there(game->players[i]);
    for (size_t i = 0; i < game->n_phases; i++) facts.phases += game->phases[i]->closed_ms > 0;
    return facts;
}

// ---- Its players

const char *facts_seat(const Game__FinishedGame__Player *player)
{
    return *player->seat_id ? player->seat_id : player->user_id;
}

const char *facts_role(const Game__FinishedGame *game, const Game__FinishedGame__Player *player)
{
    return game->roles[player->role - 1]->role_id;
}

static bool has_status(const Game__FinishedGame__Player *player, Events__Status__Value status)
{
    return player->statuses >> status & 1;
}

static bool keeps_role(const Game__FinishedGame *game, const Game__FinishedGame__Player *player)
{
    return player->role > 0 && (size_t)player->role <= game->n_roles && player->role == player->dealt_role &&
           uuid_check(facts_role(game, player)) && !has_status(player, EVENTS__STATUS__VALUE__KICKED) &&
           !has_status(player, EVENTS__STATUS__VALUE__EXITED);
}

static bool read_hash(const ProtobufCBinaryData *bytes, struct merkle_hash *hash)
{
    if (bytes->len != sizeof hash->bytes) return false;
    memcpy(hash->bytes, bytes->data, sizeof hash->bytes);
    return true;
}

// As docs/fairness.md has it.
static struct merkle_hash leaf_of(const Game__FinishedGame *game, const Game__FinishedGame__Player *player)
{
    uint8_t leaf[LEAF_BYTES];
    memcpy(leaf, facts_seat(player), UUID_LEN);
    memcpy(leaf + UUID_LEN, facts_role(game, player), UUID_LEN);
    memcpy(leaf + (size_t)2 * UUID_LEN, player->proof->salt.data, SALT_BYTES);
    return merkle_leaf(leaf, sizeof leaf);
}

static bool is_proved(const Game__FinishedGame *game, const Game__FinishedGame__Player *player)
{
    const Game__FinishedGame__Proof *proof = player->proof;
    struct merkle_proof path = {.count = 0};
    struct merkle_hash root;
    if (!proof || proof->salt.len != SALT_BYTES || proof->n_siblings > MERKLE_PROOF_MAX ||
        !read_hash(&game->deal_root, &root))
        return false;
    for (; path.count < proof->n_siblings; path.count++)
        if (!read_hash(&proof->siblings[path.count], &path.siblings[path.count])) return false;
    const struct merkle_hash leaf = leaf_of(game, player);
    return merkle_check(&root, (uint32_t)game->n_players, proof->index, &leaf, &path);
}

struct merit_player_facts facts_player(const Game__FinishedGame *game, size_t place)
{
    const Game__FinishedGame__Player *player = game->players[place];
    bool keeps = keeps_role(game, player);
    return (struct merit_player_facts){.keeps_role = keeps,
                                       .was_there = was_there(player),
                                       .is_proved = keeps && is_proved(game, player),
                                       .is_guest = player->guest};
}

Ledger__DealProof *facts_proof(const Game__FinishedGame *game, size_t place, struct arena *arena)
{
    const Game__FinishedGame__Proof *proof = game->players[place]->proof;
    Ledger__DealProof *deal = arena_new(arena, Ledger__DealProof);
    if (!deal) return NULL;
    ledger__deal_proof__init(deal);
    deal->root = game->deal_root;
    deal->count = (uint32_t)game->n_players;
    deal->index = proof->index;
    deal->salt = proof->salt;
    deal->siblings = proof->siblings;
    deal->n_siblings = proof->n_siblings;
    return deal;
}
