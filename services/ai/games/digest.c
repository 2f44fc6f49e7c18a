#include "services/ai/games/digest.h"

#include <string.h>

#include "lib/base/ids.h"

enum { UNLIMITED = 100 }; // abilities

const char *digest_seat(const Game__FinishedGame__Player *player)
{
    return *player->seat_id ? player->seat_id : player->user_id;
}

uint32_t digest_uses_left(const Game__FinishedGame__Player *player)
{
    bool ends = player->abilities_left > 0 && player->abilities_left < UNLIMITED;
    return ends ? (uint32_t)player->abilities_left : 0;
}

bool digest_check(const Game__FinishedGame *game)
{
    bool whole = uuid_check(game->event_id) && (!*game->deck_id || uuid_check(game->deck_id));
    for (size_t i = 0; whole && i < game->n_sides; i++) whole = uuid_check(game->sides[i]);
    for (size_t i = 0; whole && i < game->n_players; i++)
        whole = uuid_check(game->players[i]->user_id) && uuid_check(digest_seat(game->players[i]));
    return whole;
}

ProtobufCBinaryData digest_id(const char *text, struct arena *arena)
{
    uint8_t *bytes = arena_alloc(arena, STANDINGS_ID);
    if (!bytes) return (ProtobufCBinaryData){0, NULL};
    uuid_bytes(text, bytes);
    return (ProtobufCBinaryData){STANDINGS_ID, bytes};
}

static bool has_won(const Game__FinishedGame *game, const char *side_id)
{
    for (size_t i = 0; i < game->n_winning_side_ids; i++)
        if (strcmp(game->winning_side_ids[i], side_id) == 0) return true;
    return false;
}

static bool has_played(const Game__FinishedGame *game, const Game__FinishedGame__Player *player)
{
    return player->side > 0 && (size_t)player->side <= game->n_sides &&
           player->attendance != EVENTS__ATTENDANCE__VALUE__ABSENT;
}

// The place in the digest of each side of the game, 0: of none that somebody was on.
static bool add_sides(const Game__FinishedGame *game, Standings__Game *digest, uint32_t *places,
                      struct arena *arena)
{
    Standings__Game__Side *sides = arena_array(arena, game->n_sides + 1, sizeof *sides);
    digest->sides = arena_array(arena, game->n_sides + 1, sizeof *digest->sides);
    if (!sides || !digest->sides) return false;
    for (size_t i = 0; i < game->n_players; i++)
        if (has_played(game, game->players[i])) places[game->players[i]->side - 1] = 1;
    for (size_t i = 0; i < game->n_sides; i++) {
        if (!places[i]) continue;
        Standings__Game__Side *side = digest->sides[digest->n_sides] = &sides[digest->n_sides];
        places[i] = (uint32_t)++digest->n_sides;
        standings__game__side__init(side);
        side->side_id = digest_id(game->sides[i], arena);
        side->won = has_won(game, game->sides[i]);
    }
    return true;
}

static bool add_players(const Game__FinishedGame *game, Standings__Game *digest, const uint32_t *places,
                        struct arena *arena)
{
    Standings__Game__Player *players = arena_array(arena, game->n_players + 1, sizeof *players);
    digest->players = arena_array(arena, game->n_players + 1, sizeof *digest->players);
    if (!players || !digest->players) return false;
    for (size_t i = 0; i < game->n_players; i++) {
        const Game__FinishedGame__Player *from = game->players[i];
        Standings__Game__Player *player = digest->players[digest->n_players++] = &players[i];
        standings__game__player__init(player);
        if (has_played(game, from)) player->side = places[from->side - 1];
        if (from->guest) player->seat = digest_id(digest_seat(from), arena);
    }
    return true;
}

Standings__Game *digest_make(const Game__FinishedGame *game, struct arena *arena)
{
    Standings__Game *digest = arena_new(arena, Standings__Game);
    uint32_t *places = arena_array(arena, game->n_sides + 1, sizeof *places);
    if (!digest || !places) return NULL;
    standings__game__init(digest);
    digest->event_id = digest_id(game->event_id, arena);
    if (*game->deck_id) digest->deck_id = digest_id(game->deck_id, arena);
    digest->finished_ms = game->finished_ms;
    if (!add_sides(game, digest, places, arena) || !add_players(game, digest, places, arena)) return NULL;
    return arena->failed ? NULL : digest;
}
