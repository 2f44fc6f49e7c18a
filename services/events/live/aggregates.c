#include "services/events/live/aggregates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/events/game/known.h"
#include "services/events/live/rows.h"
#include "services/events/live/snapshot/snapshot.h"
#include "services/events/streams.h"

enum { LOAD_ARENA = 32 << 20 };

static struct aggregate *aggregate_of(const struct live_object *object) { return (struct aggregate *)object; }

// Whether the entry is as it was written, and holds what this program does not know. The game is as before
// it.
static bool is_newer(const struct game *game, const Game__Link *link)
{
    struct hash_chain chain = game->chain;
    uint8_t leaf[HASH_CHAIN_HASH];
    if (link->salt.len != HASH_CHAIN_SALT || link->hash.len != HASH_CHAIN_HASH) return false;
    hash_chain_leaf(leaf, link->salt.data, link->entry.data, link->entry.len);
    hash_chain_advance(&chain, leaf);
    if (memcmp(link->hash.data, chain.head, HASH_CHAIN_HASH) != 0) return false;
    Game__Entry *entry = game__entry__unpack(NULL, link->entry.len, link->entry.data);
    bool newer = entry && !entry_is_known(entry);
    if (entry) game__entry__free_unpacked(entry, NULL);
    return newer;
}

bool aggregate_apply(struct game *game, const ProtobufCBinaryData *bytes, struct err *err)
{
    Game__Link *link = game__link__unpack(NULL, bytes->len, bytes->data);
    bool ok = link && link->salt.len == HASH_CHAIN_SALT &&
              game_apply(game, link->salt.data, link->entry.data, link->entry.len) &&
              link->hash.len == HASH_CHAIN_HASH &&
              memcmp(link->hash.data, game->chain.head, HASH_CHAIN_HASH) == 0;
    bool newer = !ok && link && is_newer(game, link);
    if (link) game__link__free_unpacked(link, NULL);
    if (newer)
        return err_fail(err, STORE_NEWER, "a newer version of the program wrote entry %llu of event %s",
                        (unsigned long long)game->chain.seq + 1, game->id.text);
    return ok || err_fail(err, STORE_CORRUPT, "event %s does not verify at entry %llu", game->id.text,
                          (unsigned long long)game->chain.seq);
}

static bool apply_stored(void *aggregate, const ProtobufCBinaryData *entry, struct err *err)
{
    struct aggregate *a = aggregate;
    if (!aggregate_apply(&a->game, entry, err)) return false;
    tail_add(&a->tail, a->game.chain.seq, entry);
    return true;
}

// What is stored behind the game's newest entry.
static bool read_on(struct aggregate *a, struct arena *arena, struct err *err)
{
    struct stream_name stream = events_stream(a->live.id.text);
    bool ok = live_catch_up(&a->live, a->events->store, stream.text, a->game.chain.seq + 1, apply_stored, a,
                            arena, err);
    if (!ok) return false;
    atomic_store(&a->durable_seq, a->game.chain.seq);
    a->committed_seq = a->game.chain.seq;
    return true;
}

static bool load_with(struct aggregate *a, struct arena *arena, struct err *err)
{
    struct stream_name stream = events_stream(a->live.id.text);
    if (!snapshot_load(&a->game, a->events->store, stream.text, arena, err)) return false;
    a->snapshot_seq = a->game.chain.seq;
    if (!read_on(a, arena, err)) return false;
    arena_reset(arena);
    return rows_load(a, arena, err);
}

static void begin_aggregate(struct live_object *object, void *events)
{
    struct aggregate *a = aggregate_of(object);
    a->events = events;
    game_init(&a->game);
}

static bool load_aggregate(struct live_object *object, void *events, struct err *err)
{
    struct arena arena;
    arena_init(&arena, LOAD_ARENA);
    begin_aggregate(object, events);
    bool ok = load_with(aggregate_of(object), &arena, err);
    arena_finish(&arena);
    return ok;
}

// Whoever wrote the entries writes their rows too. What is kept of the game besides follows by its sequence.
static bool catch_up(struct live_object *object, void *context, struct err *err)
{
    struct aggregate *a = aggregate_of(object);
    struct arena arena;
    uint64_t seq = a->game.chain.seq;
    (void)context;
    arena_init(&arena, LOAD_ARENA);
    bool ok = read_on(a, &arena, err);
    arena_finish(&arena);
    if (a->game.chain.seq != seq) atomic_store(&a->rows.stale, true);
    return ok;
}

static uint64_t seq_of(const struct live_object *object) { return aggregate_of(object)->game.chain.seq; }

static void name_stream(const struct live_object *object, char out[LIVE_STREAM])
{
    snprintf(out, LIVE_STREAM, "%s", events_stream(object->id.text).text);
}

static void forget_state(struct live_object *object)
{
    struct aggregate *a = aggregate_of(object);
    game_finish(&a->game);
    if (a->late) game_finish(a->late);
    free(a->late);
    free(a->shown.bytes);
    free(a->secrets);
    free(a->signatures);
    tail_forget(&a->tail);
    memset(a->keys, 0, sizeof a->keys);
    reports_forget(&a->reports);
    a->late = NULL;
    a->late_next_ms = 0;
    a->shown.bytes = NULL;
    a->secrets = NULL;
    a->signatures = NULL;
    a->signatures_count = 0;
}

static void leave_quota(struct live_object *object) { rows_leave_quota(aggregate_of(object)); }

static bool has_entries(const struct live_object *object) { return aggregate_of(object)->game.state; }

static size_t weigh_aggregate(const struct live_object *object)
{
    const struct aggregate *a = aggregate_of(object);
    size_t tail = a->tail.links ? a->tail.bytes + TAIL_ENTRIES * sizeof *a->tail.links : 0;
    return game_bytes(&a->game) + a->shown.len + a->reports.bytes + tail +
           (a->late ? game_bytes(a->late) : 0);
}

static const struct live_kind kind = {
    .name = "event",
    .log = "events.load",
    .size = sizeof(struct aggregate),
    .load = load_aggregate,
    .catch_up = catch_up,
    .seq = seq_of,
    .stream = name_stream,
    .begin = begin_aggregate,
    .forget = forget_state,
    .destroy = leave_quota,
    .exists = has_entries,
    .weigh = weigh_aggregate,
};

bool aggregates_open(struct events *events, struct err *err)
{
    return live_open(&events->aggregates, &kind, events, events->store, (size_t)events->settings.memory_bytes,
                     err);
}

bool aggregate_enter_fresh(struct events *events, const char *event_id, struct live_need *need,
                           struct aggregate **aggregate, struct err *err)
{
    struct live_object *object;
    bool entered = live_enter(events->aggregates, event_id, need, &object, err);
    *aggregate = entered ? aggregate_of(object) : NULL;
    return entered;
}

bool aggregate_enter(struct events *events, const char *event_id, struct aggregate **aggregate,
                     struct err *err)
{
    return aggregate_enter_fresh(events, event_id, NULL, aggregate, err);
}

bool aggregate_enter_new(struct events *events, const char *event_id, struct live_need *need,
                         struct aggregate **aggregate, struct err *err)
{
    struct live_object *object;
    bool entered = live_enter_new(events->aggregates, event_id, need, &object, err);
    *aggregate = entered ? aggregate_of(object) : NULL;
    return entered;
}

int64_t aggregate_time(const struct aggregate *aggregate, int64_t now_ms)
{
    bool ahead = store_is_shared(aggregate->events->store) && aggregate->game.newest_ms > now_ms;
    return ahead ? aggregate->game.newest_ms : now_ms;
}

void aggregates_note_head(struct events *events, const char *event_id, uint64_t seq)
{
    live_note_head(events->aggregates, event_id, seq);
}

void aggregate_leave(struct aggregate *aggregate)
{
    live_leave(aggregate->events->aggregates, &aggregate->live);
}
