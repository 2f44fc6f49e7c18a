#include "services/events/live/late.h"
#include "services/events/streams.h"

#include <stdlib.h>

enum { PAGE = 100, LATE_ARENA = 32 << 20 };

static bool late_begin(struct aggregate *aggregate, struct err *err)
{
    if (aggregate->late) return true;
    aggregate->late = malloc(sizeof *aggregate->late);
    if (!aggregate->late) return err_fail(err, INTERNAL_ERROR, "out of memory");
    game_init(aggregate->late);
    return true;
}

// Unix time of an entry, and whether it comes before the first phase and so is never late. False when it
// cannot be read: applying it then fails, with the reason.
static bool late_look(const struct game *late, const ProtobufCBinaryData *bytes, struct arena *arena,
                      int64_t *time_ms, bool *before)
{
    const Game__Link *link = game__link__unpack(&arena->allocator, bytes->len, bytes->data);
    const Game__Entry *entry =
        link ? game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return false;
    *before = late->phases_count == 0 && entry->body_case != GAME__ENTRY__BODY_PHASE_OPENED;
    *time_ms = entry->time_ms;
    return true;
}

// Which entries are due.
struct due {
    int64_t now_ms, until_ms;
    uint64_t newest; // this entry and those before are, whatever their times say
};

// Entries are in the order in which they were made. When a clock that was ahead has given them times in the
// future, each counts as no younger than those that follow it.
static bool find_newest(struct aggregate *aggregate, struct due *due, struct err *err)
{
    struct arena arena;
    bool ok = true;
    struct stream_name stream = events_stream(aggregate->live.id.text);
    uint64_t seq = aggregate->late->chain.seq + 1;
    arena_init(&arena, LATE_ARENA);
    for (struct store_entries page = {.more = true}; ok && page.more; seq += page.count) {
        arena_reset(&arena);
        ok = store_read(aggregate->events->store, stream.text, seq, PAGE, &arena, &page, err);
        for (size_t i = 0; ok && i < page.count; i++) {
            int64_t time_ms;
            bool before;
            if (late_look(aggregate->late, &page.entries[i], &arena, &time_ms, &before) &&
                time_ms <= due->until_ms)
                due->newest = seq + i;
        }
    }
    arena_finish(&arena);
    return ok;
}

static bool is_due(struct aggregate *aggregate, const ProtobufCBinaryData *bytes, struct due *due,
                   struct arena *arena, bool *is, struct err *err)
{
    int64_t time_ms;
    bool before;
    uint64_t seq = aggregate->late->chain.seq + 1;
    *is = !late_look(aggregate->late, bytes, arena, &time_ms, &before) || before ||
          time_ms <= due->until_ms || seq <= due->newest;
    if (*is) return true;
    aggregate->late_next_ms = time_ms;
    if (time_ms <= due->now_ms) return true;
    if (!find_newest(aggregate, due, err)) return false;
    *is = seq <= due->newest;
    return true;
}

static bool late_advance(struct aggregate *aggregate, struct due due, struct arena *arena, struct err *err)
{
    struct game *late = aggregate->late;
    struct stream_name stream = events_stream(aggregate->live.id.text);
    aggregate->late_next_ms = 0;
    for (struct store_entries page = {.more = true}; page.more;) {
        arena_reset(arena);
        if (!store_read(aggregate->events->store, stream.text, late->chain.seq + 1, PAGE, arena, &page, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            bool is;
            if (!is_due(aggregate, &page.entries[i], &due, arena, &is, err)) return false;
            if (!is) return true;
            if (!aggregate_apply(late, &page.entries[i], err)) return false;
        }
    }
    return true;
}

static void late_forget(struct aggregate *aggregate)
{
    game_finish(aggregate->late);
    free(aggregate->late);
    aggregate->late = NULL;
}

bool late_game(struct aggregate *aggregate, int64_t now_ms, struct game **game, struct err *err)
{
    struct arena arena;
    if (!late_begin(aggregate, err)) return false;
    *game = aggregate->late;
    struct due due = {now_ms, now_ms - aggregate->game.terms.spectator_delay_ms, 0};
    bool waits = aggregate->late_next_ms > due.until_ms && aggregate->late_next_ms <= now_ms;
    if (waits || aggregate->late->chain.seq == aggregate->game.chain.seq) return true;
    arena_init(&arena, LATE_ARENA);
    bool ok = late_advance(aggregate, due, &arena, err);
    arena_finish(&arena);
    if (!ok) late_forget(aggregate);
    return ok;
}
