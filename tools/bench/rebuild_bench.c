// Makes ratings anew from ai.games, as `consectl ai rebuild` does: 100 000 games of twelve, of 5000 people,
// on a store on disk. The standings must have the bytes that they had when the games were taken in. Usage:
// rebuild_bench [GAMES]; it fails when they are other bytes, and when fewer than 5000 games a second are
// read.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "services/ai/ai.h"
#include "services/ai/rows/rows.h"
#include "services/ai/standings/rate.h"
#include "services/ai/standings/read.h"
#include "services/ai/standings/state.h"

enum {
    GAMES = 100000,
    PEOPLE = 5000,
    SEATS = 12,
    WOLVES = 4,
    SIDES = 2,
    DECKS = 40,
    AT_ONCE = 500,
    PHASES = 9,
    LEAST_PER_S = 5000,
    STATE_BYTES = 256 << 20,
    PAGE_BYTES = 64 << 20
};

struct league {
    struct ai ai;
    struct standings standings;
    struct arena arena; // of what is appended at once
    ProtobufCBinaryData entries[AT_ONCE + 1];
    size_t count;
    uint64_t first;
    unsigned short seed[3];
};

static void bench_must(bool done, const struct err *err)
{
    if (done) return;
    fprintf(stderr, "rebuild_bench: %s\n", err->message);
    exit(1);
}

static double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t random_below(struct league *league, uint32_t n)
{
    return (uint32_t)(erand48(league->seed) * n);
}

static ProtobufCBinaryData id_of(struct league *league, unsigned kind, uint32_t number)
{
    uint8_t id[STANDINGS_ID] = {(uint8_t)kind};
    memcpy(id + sizeof id - sizeof number, &number, sizeof number); // where ids are random
    return (ProtobufCBinaryData){sizeof id, arena_copy(&league->arena, id, sizeof id)};
}

// ---- Games are taken in

static void store_all(struct league *league)
{
    struct err err = {0};
    const struct store_write write = {.done = NULL};
    if (!league->count) return;
    uint64_t id = store_append(league->ai.store, STANDINGS_STREAM, league->first, league->entries,
                               league->count, &write);
    bench_must(store_wait(league->ai.store, id, &err), &err);
    arena_reset(&league->arena);
    league->count = 0;
}

static void league_add(struct league *league, const Standings__Entry *entry)
{
    struct err err = {0};
    uint64_t seq = league->standings.seq + 1;
    size_t len = standings__entry__get_packed_size(entry);
    uint8_t *bytes = arena_alloc(&league->arena, len);
    bench_must(bytes && standings_apply(&league->standings, seq, entry, &err), &err);
    if (!league->count) league->first = seq;
    league->entries[league->count++] = (ProtobufCBinaryData){standings__entry__pack(entry, bytes), bytes};
    if (league->count >= AT_ONCE) store_all(league);
}

static void meet_all(struct league *league)
{
    for (uint32_t i = 0; i < PEOPLE; i++) {
        Standings__Entry entry = STANDINGS__ENTRY__INIT;
        Standings__PlayerMet met = STANDINGS__PLAYER_MET__INIT;
        met.user_id = id_of(league, 1, i);
        entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_MET;
        entry.player_met = &met;
        league_add(league, &entry);
    }
}

static Standings__Game__Part *part_of(struct league *league)
{
    Standings__Game__Part *part = arena_new(&league->arena, Standings__Game__Part);
    standings__game__part__init(part);
    part->phases = PHASES;
    part->phases_present = PHASES - random_below(league, 3);
    part->acts_offered = PHASES;
    part->acts_done = random_below(league, PHASES + 1);
    part->score = random_below(league, 11);
    return part;
}

// From any place of the circle, so that nobody sits twice.
static void seat_all(struct league *league, Standings__Game *game)
{
    uint32_t first = random_below(league, PEOPLE), step = 1 + random_below(league, PEOPLE / SEATS - 1);
    game->players = arena_array(&league->arena, SEATS, sizeof *game->players);
    for (uint32_t i = 0; i < SEATS; i++) {
        Standings__Game__Player *player = arena_new(&league->arena, Standings__Game__Player);
        standings__game__player__init(player);
        player->player = (first + i * step) % PEOPLE + 1;
        player->side = i < WOLVES ? 1 : 2;
        player->part = part_of(league);
        game->players[game->n_players++] = player;
    }
}

static void league_play(struct league *league, uint32_t number)
{
    struct err err = {0};
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Game game = STANDINGS__GAME__INIT;
    Standings__Game__Side sides[SIDES], *list[SIDES];
    uint32_t winner = random_below(league, SIDES);
    for (uint32_t i = 0; i < SIDES; i++) {
        standings__game__side__init(list[i] = &sides[i]);
        sides[i].side_id = id_of(league, 2, i);
        sides[i].won = i == winner;
    }
    game.event_id = id_of(league, 3, number);
    game.deck_id = id_of(league, 4, random_below(league, DECKS));
    game.finished_ms = (int64_t)number * 60000;
    game.sides = list;
    game.n_sides = SIDES;
    seat_all(league, &game);
    err_fail(&err, INTERNAL_ERROR, "out of memory");
    bench_must(rate_game(&league->standings, &game, &league->arena) &&
                   rate_parts(&league->standings, &game, &league->arena),
               &err);
    entry.body_case = STANDINGS__ENTRY__BODY_GAME;
    entry.game = &game;
    league_add(league, &entry);
}

// ---- And made anew

static ProtobufCBinaryData bytes_of(const struct standings *standings, struct arena *arena)
{
    struct err err = {0};
    ProtobufCBinaryData bytes;
    arena_init(arena, STATE_BYTES);
    bench_must(standings_save(standings, arena, &bytes, &err), &err);
    return bytes;
}

static void must_be_equal(const struct standings *first, const struct standings *again)
{
    struct arena arenas[2];
    struct err err = {0};
    ProtobufCBinaryData one = bytes_of(first, &arenas[0]), other = bytes_of(again, &arenas[1]);
    err_fail(&err, STORE_CORRUPT, "the standings that were made anew are others");
    bench_must(one.len == other.len && memcmp(one.data, other.data, one.len) == 0, &err);
    printf("equal bytes: %zu\n", one.len);
    arena_finish(&arenas[0]);
    arena_finish(&arenas[1]);
}

static double bench_tell(const char *what, uint32_t games, double begin_s)
{
    double seconds = wall_s() - begin_s;
    printf("%-40s %8.0f games/s\n", what, games / seconds);
    return games / seconds;
}

static double league_rebuild(struct league *league, uint32_t games)
{
    struct standings again;
    struct err err = {0};
    double begin_s = wall_s();
    standings_init(&again);
    bench_must(standings_read_all(&again, league->ai.store, &err), &err);
    double per_s = bench_tell("standings from the stream", games, begin_s);
    must_be_equal(&league->standings, &again);
    standings_finish(&again);
    begin_s = wall_s();
    bench_must(rows_catch_up(&league->ai, &err), &err);
    bench_tell("histories of all players, as rows", games, begin_s);
    return per_s;
}

int main(int argc, char **argv)
{
    static struct league league = {.seed = {1, 2, 3}};
    uint32_t games = argc > 1 ? (uint32_t)atoi(argv[1]) : GAMES;
    char folder[] = "/tmp/rebuild-bench-XXXXXX", url[128];
    struct err err = {0};
    if (!mkdtemp(folder)) return perror(folder), 1;
    snprintf(url, sizeof url, "sqlite:%s/ai.db", folder);
    bench_must(ai_open(&league.ai, &(struct ai_options){.store_url = url}, &err), &err);
    arena_init(&league.arena, PAGE_BYTES);
    standings_init(&league.standings);
    double begin_s = wall_s();
    meet_all(&league);
    for (uint32_t i = 0; i < games; i++) league_play(&league, i);
    store_all(&league);
    bench_tell("taken in, rated and stored", games, begin_s);
    double per_s = league_rebuild(&league, games);
    standings_finish(&league.standings);
    arena_finish(&league.arena);
    ai_close(&league.ai);
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) return 1;
    printf("gate %d games/s: %s\n", LEAST_PER_S, per_s >= LEAST_PER_S ? "yes" : "NO");
    return per_s >= LEAST_PER_S ? 0 : 1;
}
