#include "services/ai/games/learn.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/ai/games/page.h"
#include "services/ai/standings/board.h"
#include "services/ai/standings/read.h"

enum { ARENA = 64 << 20, TRIES = 20, LOOK_MS = 50, SILENT_MS = 2000, LOCKS_MS = 5 * SILENT_MS };
enum { REWARDS_SINCE = 15, FATES_SINCE = 16 }; // CONSE_FORMAT: what older programs don't make rows or sums of

// The standings are its own: what readers see is only what is durable.
struct games {
    struct ai *ai;
    struct bus_consumer *consumer, *locks;
    pthread_mutex_t mutex; // of all below: the followers of events and of auth write
    struct standings standings;
};

// One of several writes: who loses finds what the other has stored.
typedef bool games_work(struct games *games, struct page *page, void *arg, struct err *err);

static bool work_once(struct games *games, games_work *work, void *arg, int64_t now_ms, struct err *err)
{
    struct arena arena;
    struct page *page = calloc(1, sizeof *page);
    if (!page) return err_fail(err, INTERNAL_ERROR, "out of memory");
    arena_init(&arena, ARENA);
    *page = (struct page){.standings = &games->standings,
                          .store = games->ai->store,
                          .names = games->ai->names,
                          .arena = &arena,
                          .now_ms = now_ms,
                          .rewards = replica_all_know(games->ai->replica, REWARDS_SINCE),
                          .fates = replica_all_know(games->ai->replica, FATES_SINCE)};
    bool ok = standings_read_on(&games->standings, games->ai->store, err) && work(games, page, arg, err);
    if (!ok) standings_finish(&games->standings);
    arena_finish(&arena);
    free(page);
    return ok;
}

static void tell_head(const struct games *games)
{
    static const char *const streams[] = {STANDINGS_STREAM, STANDINGS_REWARDS};
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.seq = games->standings.seq;
    for (size_t i = 0; games->ai->publisher && i < sizeof streams / sizeof *streams; i++) {
        notice.stream = streams[i];
        bus_publish(games->ai->publisher, &notice);
    }
}

// A store that several share may show what was the newest a moment ago.
static bool work_on(struct games *games, games_work *work, void *arg, int64_t now_ms, struct err *err)
{
    bool ok = false;
    pthread_mutex_lock(&games->mutex);
    for (int tries = 0; !ok && tries < TRIES; tries++) {
        int64_t at_ms;
        ok = work_once(games, work, arg, now_ms, err);
        if (ok || !err_is(err, CONFLICT)) break;
        if (!store_barrier(games->ai->store, clock_mono_ms(), &at_ms, err)) break;
    }
    if (ok) tell_head(games);
    pthread_mutex_unlock(&games->mutex);
    board_wake(games->ai->board);
    return ok;
}

// ---- Games

// Of either stream.
static bool is_known(const struct games *games, const struct bus_batch *batch, uint64_t seq, bool locks)
{
    const struct standings *standings = &games->standings;
    const struct bus_place place = locks ? (struct bus_place){standings->locks_generation, standings->locks}
                                         : (struct bus_place){standings->generation, standings->followed};
    return place.generation == batch->place.generation && seq <= place.seq;
}

// A game is large, and what is kept of it is not.
static bool take_notice(struct page *page, const Bus__Notice *notice, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    const Game__FinishedGame *game =
        game__finished_game__unpack(&arena.allocator, notice->payload.len, notice->payload.data);
    bool ok = game ? page_take(page, game, err)
                   : err_fail(err, STORE_CORRUPT, "entry %llu of %s is none, or too large",
                              (unsigned long long)notice->seq, GAMES_STREAM);
    arena_finish(&arena);
    return ok;
}

static bool learn_some(struct page *page, const struct games *games, const struct bus_batch *batch,
                       size_t *next, struct err *err)
{
    uint64_t reached = 0;
    page_begin(page);
    for (; *next < batch->count && page->count < PAGE_ENTRIES_AT_ONCE; ++*next) {
        const Bus__Notice *notice = batch->notices[*next];
        if (is_known(games, batch, notice->seq, false)) continue;
        if (!take_notice(page, notice, err)) return false;
        reached = notice->seq;
    }
    return !reached || (page_reach(page, batch->place.generation, reached, err) && page_store(page, err));
}

static bool learn_batch(struct games *games, struct page *page, void *arg, struct err *err)
{
    const struct bus_batch *batch = arg;
    for (size_t next = 0; next < batch->count; arena_reset(page->arena))
        if (!learn_some(page, games, batch, &next, err)) return false;
    return true;
}

bool games_learn(struct games *games, const struct bus_batch *batch, int64_t now_ms, struct err *err)
{
    return work_on(games, learn_batch, (void *)batch, now_ms, err);
}

// ---- Games to be

static bool take_lock(struct page *page, const Bus__Notice *notice, struct err *err)
{
    const Game__LockedTable *table =
        game__locked_table__unpack(&page->arena->allocator, notice->payload.len, notice->payload.data);
    return table ? page_foretell(page, table, err)
                 : err_fail(err, STORE_CORRUPT, "entry %llu of %s is none, or too large",
                            (unsigned long long)notice->seq, LOCKS_STREAM);
}

static bool expect_some(struct page *page, const struct games *games, const struct bus_batch *batch,
                        size_t *next, struct err *err)
{
    uint64_t reached = 0;
    page_begin(page);
    for (; *next < batch->count && page->count < PAGE_ENTRIES_AT_ONCE; ++*next) {
        const Bus__Notice *notice = batch->notices[*next];
        if (is_known(games, batch, notice->seq, true)) continue;
        if (!take_lock(page, notice, err)) return false;
        reached = notice->seq;
    }
    return !reached ||
           (page_reach_locks(page, batch->place.generation, reached, err) && page_store(page, err));
}

static bool expect_batch(struct games *games, struct page *page, void *arg, struct err *err)
{
    const struct bus_batch *batch = arg;
    for (size_t next = 0; next < batch->count; arena_reset(page->arena))
        if (!expect_some(page, games, batch, &next, err)) return false;
    return true;
}

bool games_expect(struct games *games, const struct bus_batch *batch, int64_t now_ms, struct err *err)
{
    if (!replica_all_know(games->ai->replica, STANDINGS_FORETELL_SINCE))
        return err_fail(err, SERVICE_BUSY, "an older process does not know what is foretold");
    return work_on(games, expect_batch, (void *)batch, now_ms, err);
}

// ---- Accounts that are gone

static bool erase_id(struct games *games, uint64_t seq, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__PlayerMet met = STANDINGS__PLAYER_MET__INIT;
    uint8_t bytes[64];
    entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_MET;
    entry.player_met = &met;
    const ProtobufCBinaryData stub = {standings__entry__pack(&entry, bytes), bytes};
    const struct store_write write = {.done = NULL};
    return store_wait(games->ai->store, store_redact(games->ai->store, STANDINGS_STREAM, seq, stub, &write),
                      err);
}

// In this order, so that what is broken off is found again; the snapshot has the id until there is another.
static bool forget_player(struct games *games, struct page *page, void *arg, struct err *err)
{
    uint32_t number = standings_player(&games->standings, arg);
    if (!number) return true;
    page_begin(page);
    return erase_id(games, games->standings.players[number - 1].met, err) && page_let_go(page, number, err) &&
           page_store(page, err) && standings_keep(&games->standings, games->ai, err);
}

bool games_forget(struct games *games, const char *user_id, int64_t now_ms, struct err *err)
{
    return work_on(games, forget_player, (void *)user_id, now_ms, err);
}

// ---- Following

// *known says whether another process has taken it in.
static bool learn_look(struct games *games, const struct bus_batch *batch, bool locks, bool *known,
                       struct err *err)
{
    pthread_mutex_lock(&games->mutex);
    bool ok = standings_read_on(&games->standings, games->ai->store, err);
    *known = ok && is_known(games, batch, batch->notices[batch->count - 1]->seq, locks);
    pthread_mutex_unlock(&games->mutex);
    return ok;
}

// Who has the lease goes first: when two write, one of them reads all again.
static void let_lead(struct games *games, const struct bus_batch *batch, bool locks)
{
    struct err err = {0};
    bool known;
    const int64_t until_ms = clock_mono_ms() + SILENT_MS;
    while (!replica_holds(games->ai->replica, AI_LEARNS) && clock_mono_ms() < until_ms) {
        if (!learn_look(games, batch, locks, &known, &err) || known) return;
        usleep(LOOK_MS * 1000);
    }
}

static bool on_locks(void *arg, const struct bus_batch *batch, struct err *err)
{
    struct games *games = arg;
    let_lead(games, batch, true);
    return games_expect(games, batch, clock_unix_ms(), err);
}

static bool read_places(struct games *games, struct bus_place *of_games, struct bus_place *of_locks,
                        struct err *err)
{
    const struct standings *standings = &games->standings;
    pthread_mutex_lock(&games->mutex);
    bool ok = standings_read_on(&games->standings, games->ai->store, err);
    *of_games = (struct bus_place){standings->generation, standings->followed};
    *of_locks = (struct bus_place){standings->locks_generation, standings->locks};
    pthread_mutex_unlock(&games->mutex);
    return ok;
}

static uint64_t newest_lock(const struct bus_batch *batch)
{
    uint64_t newest = 0;
    struct arena arena;
    arena_init(&arena, ARENA);
    for (size_t i = 0; i < batch->count; i++, arena_reset(&arena)) {
        const ProtobufCBinaryData *payload = &batch->notices[i]->payload;
        const Game__FinishedGameLock *game =
            game__finished_game_lock__unpack(&arena.allocator, payload->len, payload->data);
        if (game && game->lock > newest) newest = game->lock;
    }
    arena_finish(&arena);
    return newest;
}

static bool knows_lock(struct games *games, const struct bus_place *lock)
{
    struct bus_place of_games, of_locks;
    struct err err = {0};
    return !read_places(games, &of_games, &of_locks, &err) ||
           (of_locks.generation == lock->generation && of_locks.seq >= lock->seq);
}

// What was locked before a game ended is learned first, or nothing that was foretold of it would count. After
// a while it goes on without.
static void hear_locks(struct games *games, const struct bus_batch *batch)
{
    const int64_t until_ms = clock_mono_ms() + LOCKS_MS;
    const struct bus_place lock = {batch->place.generation, newest_lock(batch)};
    while (lock.seq && replica_all_know(games->ai->replica, STANDINGS_FORETELL_SINCE) &&
           !knows_lock(games, &lock) && clock_mono_ms() < until_ms)
        usleep(LOOK_MS * 1000);
}

static bool on_games(void *arg, const struct bus_batch *batch, struct err *err)
{
    struct games *games = arg;
    hear_locks(games, batch);
    let_lead(games, batch, false);
    return games_learn(games, batch, clock_unix_ms(), err);
}

bool games_open(struct games **out, struct ai *ai, struct err *err)
{
    struct games *games = *out = calloc(1, sizeof *games);
    if (!games) return err_fail(err, INTERNAL_ERROR, "out of memory");
    games->ai = ai;
    standings_init(&games->standings);
    pthread_mutex_init(&games->mutex, NULL);
    return true;
}

void games_close(struct games *games)
{
    if (!games) return;
    standings_finish(&games->standings);
    pthread_mutex_destroy(&games->mutex);
    free(games);
}

bool games_follow(struct games *games, const struct games_source *source, struct err *err)
{
    struct bus_consumer_options options = {.self = CONSE__ASKER__VALUE__AI,
                                           .stream = LOCKS_STREAM,
                                           .address = source->bus,
                                           .feed_service = "events",
                                           .feed_address = source->feed,
                                           .bus_keys = source->bus_keys,
                                           .apply = on_locks,
                                           .arg = games};
    struct bus_place of_games;
    if (!read_places(games, &of_games, &options.from, err)) return false;
    if (!bus_consumer_start(&games->locks, &options, err)) return false;
    options.stream = GAMES_STREAM;
    options.apply = on_games;
    options.from = of_games;
    return bus_consumer_start(&games->consumer, &options, err);
}

void games_unfollow(struct games *games)
{
    if (!games) return;
    bus_consumer_stop(games->consumer);
    bus_consumer_stop(games->locks);
    games->consumer = games->locks = NULL;
}
