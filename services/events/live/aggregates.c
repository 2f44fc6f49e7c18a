#include "services/events/live/aggregates.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/events/live/rows.h"
#include "services/events/live/snapshot.h"
#include "services/events/streams.h"

enum { BUCKETS = 4096, LOAD_PAGE = 500, LOAD_ARENA = 32 << 20, CORRUPT_MS = 10000 };

struct aggregates {
    struct events *events;
    pthread_mutex_t mutex; // of the map and the order of use; never taken while an aggregate's lock is wanted
    struct aggregate *buckets[BUCKETS];
    struct aggregate *newest, *oldest;
    size_t bytes;
};

bool aggregates_open(struct aggregates **aggregates, struct events *events, struct err *err)
{
    *aggregates = calloc(1, sizeof **aggregates);
    if (!*aggregates) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*aggregates)->events = events;
    pthread_mutex_init(&(*aggregates)->mutex, NULL);
    return true;
}

static void forget_state(struct aggregate *aggregate)
{
    game_finish(&aggregate->game);
    if (aggregate->late) game_finish(aggregate->late);
    free(aggregate->late);
    free(aggregate->shown.bytes);
    free(aggregate->secrets);
    free(aggregate->signatures);
    reports_forget(&aggregate->reports);
    aggregate->late = NULL;
    aggregate->late_next_ms = 0;
    aggregate->shown.bytes = NULL;
    aggregate->secrets = NULL;
    aggregate->signatures = NULL;
    aggregate->signatures_count = 0;
    aggregate->loaded = false;
}

static void aggregates_destroy(struct aggregate *aggregate)
{
    forget_state(aggregate);
    rows_leave_quota(aggregate);
    pthread_mutex_destroy(&aggregate->mutex);
    free(aggregate);
}

void aggregates_close(struct aggregates *aggregates)
{
    if (!aggregates) return;
    for (struct aggregate *a = aggregates->newest, *older; a; a = older) {
        older = a->older;
        aggregates_destroy(a);
    }
    pthread_mutex_destroy(&aggregates->mutex);
    free(aggregates);
}

static struct aggregate **bucket_of(struct aggregates *aggregates, const char *id)
{
    uint32_t tail;
    memcpy(&tail, id + UUID_LEN - sizeof tail, sizeof tail);
    return &aggregates->buckets[tail * 2654435761U >> 20];
}

static void unlink_use(struct aggregates *aggregates, struct aggregate *a)
{
    *(a->newer ? &a->newer->older : &aggregates->newest) = a->older;
    *(a->older ? &a->older->newer : &aggregates->oldest) = a->newer;
    a->newer = a->older = NULL;
}

static void link_newest(struct aggregates *aggregates, struct aggregate *a)
{
    a->older = aggregates->newest;
    *(aggregates->newest ? &aggregates->newest->newer : &aggregates->oldest) = a;
    aggregates->newest = a;
}

static void remove_from_map(struct aggregates *aggregates, struct aggregate *a)
{
    struct aggregate **at = bucket_of(aggregates, a->id.text);
    while (*at != a) at = &(*at)->next;
    *at = a->next;
    unlink_use(aggregates, a);
    aggregates->bytes -= a->bytes;
}

static bool aggregates_idle(const struct aggregate *a)
{
    return a->users == 0 && atomic_load(&a->pending) == 0;
}

// Takes out the least recently used; returns them as a list by `next`, to be destroyed outside the lock.
static struct aggregate *aggregates_evict(struct aggregates *aggregates)
{
    struct aggregate *victims = NULL;
    size_t most = (size_t)aggregates->events->settings.memory_bytes;
    for (struct aggregate *a = aggregates->oldest, *newer; a && aggregates->bytes > most; a = newer) {
        newer = a->newer;
        if (!aggregates_idle(a)) continue;
        remove_from_map(aggregates, a);
        a->next = victims;
        victims = a;
    }
    return victims;
}

// The aggregate with one more user, made when it is not in memory. NULL without memory.
static struct aggregate *aggregates_take(struct aggregates *aggregates, const char *id)
{
    pthread_mutex_lock(&aggregates->mutex);
    struct aggregate **bucket = bucket_of(aggregates, id), *a = *bucket;
    while (a && memcmp(a->id.text, id, UUID_LEN) != 0) a = a->next;
    if (!a && (a = calloc(1, sizeof *a))) {
        memcpy(a->id.text, id, UUID_LEN);
        pthread_mutex_init(&a->mutex, NULL);
        a->events = aggregates->events;
        a->next = *bucket;
        *bucket = a;
        link_newest(aggregates, a);
    } else if (a && a != aggregates->newest) {
        unlink_use(aggregates, a);
        link_newest(aggregates, a);
    }
    if (a) a->users++;
    pthread_mutex_unlock(&aggregates->mutex);
    return a;
}

static void give_back(struct aggregates *aggregates, struct aggregate *a, bool empty, size_t bytes)
{
    pthread_mutex_lock(&aggregates->mutex);
    aggregates->bytes += bytes - a->bytes;
    a->bytes = bytes;
    a->users--;
    struct aggregate *victims = NULL;
    if (empty && aggregates_idle(a)) {
        remove_from_map(aggregates, a);
        a->next = NULL;
        victims = a;
    } else if (aggregates->bytes > (size_t)aggregates->events->settings.memory_bytes) {
        victims = aggregates_evict(aggregates);
    }
    pthread_mutex_unlock(&aggregates->mutex);
    for (struct aggregate *next; victims; victims = next) {
        next = victims->next;
        aggregates_destroy(victims);
    }
}

bool aggregate_apply(struct game *game, const ProtobufCBinaryData *bytes, struct err *err)
{
    Game__Link *link = game__link__unpack(NULL, bytes->len, bytes->data);
    bool ok = link && link->salt.len == HASH_CHAIN_SALT &&
              game_apply(game, link->salt.data, link->entry.data, link->entry.len) &&
              link->hash.len == HASH_CHAIN_HASH &&
              memcmp(link->hash.data, game->chain.head, HASH_CHAIN_HASH) == 0;
    if (link) game__link__free_unpacked(link, NULL);
    return ok || err_fail(err, STORE_CORRUPT, "event %s does not verify at entry %llu", game->id.text,
                          (unsigned long long)game->chain.seq);
}

static bool apply_rest(struct game *game, struct store *store, const char *stream, struct arena *arena,
                       struct err *err)
{
    for (struct store_entries page = {.count = LOAD_PAGE}; page.count == LOAD_PAGE;) {
        arena_reset(arena);
        if (!store_read(store, stream, game->chain.seq + 1, LOAD_PAGE, arena, &page, err)) return false;
        for (size_t i = 0; i < page.count; i++)
            if (!aggregate_apply(game, &page.entries[i], err)) return false;
    }
    return true;
}

static bool load_with(struct aggregate *a, struct arena *arena, struct err *err)
{
    struct store *store = a->events->store;
    struct stream_name stream = events_stream(a->id.text);
    if (!snapshot_load(&a->game, store, stream.text, arena, err)) return false;
    a->snapshot_seq = a->game.chain.seq;
    if (!apply_rest(&a->game, store, stream.text, arena, err)) return false;
    atomic_store(&a->durable_seq, a->game.chain.seq);
    a->committed_seq = a->game.chain.seq;
    arena_reset(arena);
    return rows_load(a, arena, err);
}

static bool aggregates_load(struct aggregate *a, struct err *err)
{
    struct arena arena;
    arena_init(&arena, LOAD_ARENA);
    forget_state(a);
    game_init(&a->game);
    a->gone = false;
    a->ticket = 0;
    atomic_store(&a->failed, false);
    a->corrupt_until_ms = 0;
    a->loaded = load_with(a, &arena, err);
    arena_finish(&arena);
    if (a->loaded) return true;
    game_finish(&a->game);
    if (!err_is(err, STORE_CORRUPT)) return false;
    log_err(LOG_ERROR, "events.load", err);
    a->corrupt_until_ms = clock_mono_ms() + CORRUPT_MS;
    return false;
}

static bool may_load(const struct aggregate *a, struct err *err)
{
    return a->corrupt_until_ms <= clock_mono_ms() ||
           err_fail(err, STORE_CORRUPT, "event %s did not verify when it was loaded", a->id.text);
}

static bool make_ready(struct aggregate *a, struct err *err)
{
    bool failed = atomic_load(&a->failed);
    if (failed && atomic_load(&a->pending)) {
        err_fail(err, SERVICE_BUSY, "a failed write is being undone");
        err->retry_after_s = 1;
        return false;
    }
    return (a->loaded && !failed) || (may_load(a, err) && aggregates_load(a, err));
}

static bool aggregates_exists(const struct aggregate *a, struct err *err)
{
    return (a->game.state && !a->gone) || err_fail(err, NOT_FOUND, "there is no such event");
}

bool aggregate_enter(struct aggregates *aggregates, const char *event_id, struct aggregate **aggregate,
                     struct err *err)
{
    struct aggregate *a = aggregates_take(aggregates, event_id);
    *aggregate = NULL;
    if (!a) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_lock(&a->mutex);
    if (make_ready(a, err) && aggregates_exists(a, err)) return *aggregate = a, true;
    aggregate_leave(aggregates, a);
    return false;
}

struct aggregate *aggregate_enter_new(struct aggregates *aggregates, const char *event_id)
{
    struct aggregate *a = aggregates_take(aggregates, event_id);
    if (!a) return NULL;
    pthread_mutex_lock(&a->mutex);
    game_init(&a->game);
    a->loaded = true;
    return a;
}

void aggregate_leave(struct aggregates *aggregates, struct aggregate *a)
{
    bool empty = !a->corrupt_until_ms && (!a->loaded || !a->game.state || a->gone);
    size_t bytes = sizeof *a + game_bytes(&a->game) + a->shown.len + a->reports.bytes;
    if (a->late) bytes += game_bytes(a->late);
    pthread_mutex_unlock(&a->mutex);
    give_back(aggregates, a, empty, bytes);
}
