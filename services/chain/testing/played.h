// Finished games for tests, as events would tell of them, with deals that are proved.
#ifndef CHAIN_TESTING_PLAYED_H
#define CHAIN_TESTING_PLAYED_H

#include "game.pb-c.h"
#include "lib/base/merkle.h"
#include "market.pb-c.h"
#include "services/chain/rewards/learn.h"
#include "services/chain/testing/house.h"

#define ROLE_ONE "01890000-0000-7000-8000-000000000031"
#define ROLE_TWO "01890000-0000-7000-8000-000000000032"

enum { PLAYED_MOST = 100, PLAYED_ROLES = 2, PLAYED_PHASES = 3, PLAYED_MS = 20 * 60000, PLAYED_SALT = 32 };

struct played {
    struct house *house;
    uint64_t told; // entries of events.games
    uint64_t generation;
    unsigned number; // of the game
    Game__FinishedGame game;
    Game__FinishedGame__Player players[PLAYED_MOST], *player_list[PLAYED_MOST];
    Game__FinishedGame__Proof proofs[PLAYED_MOST];
    Game__FinishedGame__Phase phases[PLAYED_PHASES], *phase_list[PLAYED_PHASES];
    Game__RoleFacts roles[PLAYED_ROLES], *role_list[PLAYED_ROLES];
    struct uuid event, ids[PLAYED_MOST], seats[PLAYED_MOST];
    struct merkle_hash root;
    struct merkle_proof paths[PLAYED_MOST];
    ProtobufCBinaryData siblings[PLAYED_MOST][MERKLE_PROOF_MAX];
    uint8_t salts[PLAYED_MOST][PLAYED_SALT];
};

// People, and guests of a game, have ids by their number.
static inline struct uuid played_person(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-0001%08x", number);
    return id;
}
static inline struct uuid played_guest(unsigned game, unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%04x%08x", 0x1000 + (game & 0xFFF), number);
    return id;
}

// Who has a phone is somebody.
static inline void played_know(struct house *house, unsigned number, bool verified)
{
    char name[32];
    const struct uuid id = played_person(number);
    snprintf(name, sizeof name, "person%u", number);
    house_teach(house, (struct name_news){
                           .user_id = id.text, .name = name, .level = LEVEL_PLAYER, .verified = verified});
}

static inline void played_settings(struct house *house)
{
    house->chain.settings.reward_players = 5;
    house->chain.settings.reward_phases = PLAYED_PHASES;
    house->chain.settings.reward_minutes = PLAYED_MS / 60000;
    house->chain.settings.reward_games = 3;
    house->chain.settings.reward_god_games = 5;
}

static inline void played_fill_table(struct played *played)
{
    static const char *const roles[] = {ROLE_ONE, ROLE_TWO};
    Game__FinishedGame *game = &played->game;
    for (size_t i = 0; i < PLAYED_ROLES; i++) {
        game__role_facts__init(&played->roles[i]);
        played->roles[i].role_id = roles[i];
        played->role_list[i] = &played->roles[i];
    }
    for (size_t i = 0; i < PLAYED_PHASES; i++) {
        game__finished_game__phase__init(&played->phases[i]);
        played->phases[i].closed_ms = played->house->now_ms;
        played->phase_list[i] = &played->phases[i];
    }
    game->roles = played->role_list;
    game->n_roles = PLAYED_ROLES;
    game->phases = played->phase_list;
    game->n_phases = PLAYED_PHASES;
}

// Everybody was there and keeps a role, ROLE_TWO of the odd ones. Guests come first.
static inline void played_fill_players(struct played *played, size_t count, size_t guests)
{
    for (unsigned i = 0; i < count; i++) {
        Game__FinishedGame__Player *player = played->player_list[i] = &played->players[i];
        game__finished_game__player__init(player);
        played->ids[i] = i < guests ? played_guest(played->number, i) : played_person(i);
        player->user_id = played->ids[i].text;
        player->guest = i < guests;
        player->seat = (int32_t)i + 1;
        player->role = player->dealt_role = 1 + (int32_t)i % PLAYED_ROLES;
        player->attendance = EVENTS__ATTENDANCE__VALUE__PRESENT;
    }
    played->game.players = played->player_list;
    played->game.n_players = count;
}

// The next game of the house, just over.
static inline void played_begin(struct played *played, size_t count, size_t guests)
{
    Game__FinishedGame *game = &played->game;
    game__finished_game__init(game);
    snprintf(played->event.text, sizeof played->event.text, "01890000-0000-7000-8000-0009%08x",
             ++played->number);
    game->event_id = played->event.text;
    game->god_id = GOD;
    game->finished_ms = played->house->now_ms;
    game->started_ms = game->finished_ms - PLAYED_MS;
    game->min_players = 1;
    played_fill_table(played);
    played_fill_players(played, count, guests);
}

static inline const char *played_seat(const Game__FinishedGame__Player *player)
{
    return *player->seat_id ? player->seat_id : player->user_id;
}

// As the players are dealt now.
static inline void played_deal(struct played *played)
{
    struct merkle_hash leaves[PLAYED_MOST];
    Game__FinishedGame *game = &played->game;
    for (size_t i = 0; i < game->n_players; i++) {
        uint8_t leaf[2 * UUID_LEN + PLAYED_SALT];
        memset(played->salts[i], (int)i + 1, PLAYED_SALT);
        memcpy(leaf, played_seat(game->players[i]), UUID_LEN);
        memcpy(leaf + UUID_LEN, game->roles[game->players[i]->dealt_role - 1]->role_id, UUID_LEN);
        memcpy(leaf + (size_t)2 * UUID_LEN, played->salts[i], PLAYED_SALT);
        leaves[i] = merkle_leaf(leaf, sizeof leaf);
    }
    played->root = merkle_root(leaves, (uint32_t)game->n_players);
    game->deal_root = (ProtobufCBinaryData){sizeof played->root, played->root.bytes};
    for (uint32_t i = 0; i < game->n_players; i++) {
        struct merkle_proof *path = &played->paths[i];
        Game__FinishedGame__Proof *proof = game->players[i]->proof = &played->proofs[i];
        game__finished_game__proof__init(proof);
        merkle_prove(leaves, (uint32_t)game->n_players, i, path);
        proof->index = i;
        proof->salt = (ProtobufCBinaryData){PLAYED_SALT, played->salts[i]};
        proof->siblings = played->siblings[i];
        proof->n_siblings = path->count;
        for (size_t k = 0; k < path->count; k++)
            proof->siblings[k] = (ProtobufCBinaryData){MERKLE_HASH_BYTES, path->siblings[k].bytes};
    }
}

// Entry `seq` of a generation, as the follower would hand it over.
static inline bool played_hand_over(struct played *played, struct bus_place place, struct err *err)
{
    struct arena arena;
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    arena_init(&arena, 1 << 20);
    notice.seq = place.seq;
    notice.payload.len = game__finished_game__get_packed_size(&played->game);
    notice.payload.data = arena_alloc(&arena, notice.payload.len + 1);
    game__finished_game__pack(&played->game, notice.payload.data);
    const struct bus_batch batch = {.notices = &notices, .count = 1, .place = place};
    bool ok = rewards_learn(&played->house->chain, &batch, played->house->now_ms, err);
    arena_finish(&arena);
    return ok;
}

// Without a deal that was made for the test.
static inline void played_say(struct played *played)
{
    struct err err = {0};
    if (!played_hand_over(played, (struct bus_place){played->generation, ++played->told}, &err))
        fail_msg("%s", err.message);
}
static inline void played_tell(struct played *played)
{
    played_deal(played);
    played_say(played);
}

// The next game of so many, told.
static inline void played_game(struct played *played, size_t count, size_t guests)
{
    played_begin(played, count, guests);
    played_tell(played);
}

// An account took the seat of a guest over.
static inline void played_claim(struct played *played, size_t place, unsigned person)
{
    Game__FinishedGame__Player *player = &played->players[place];
    if (!*player->seat_id) played->seats[place] = played->ids[place];
    played->ids[place] = played_person(person);
    player->seat_id = played->seats[place].text;
    player->user_id = played->ids[place].text;
    player->guest = false;
}

// How many cards a person has.
static inline size_t played_cards(struct played *played, unsigned person)
{
    const Chain__ListCardsReply *reply =
        house_must(played->house, played_person(person).text, "chain.ListCards", "{'page_size': 500}");
    return reply->n_cards;
}

static inline void played_init(struct played *played, struct house *house, unsigned people)
{
    *played = (struct played){.house = house, .generation = 1};
    played_settings(house);
    for (unsigned i = 0; i < people; i++) played_know(house, i, true);
}

#endif
