#include "services/events/live/late.h"
#include "services/events/streams.h"

#include <stdlib.h>

enum { PAGE = 100, LATE_ARENA = 32 << 20 };

static bool begin(struct aggregate *aggregate, struct err *err)
{
    if (aggregate->late) return true;
    aggregate->late = malloc(sizeof *aggregate->late);
    if (!aggregate->late) return err_fail(err, INTERNAL_ERROR, "out of memory");
    game_init(aggregate->late);
    return true;
}

// Whether the entry may be seen by then; *time_ms is when it was made.
static bool is_due(const struct game *late, const ProtobufCBinaryData *bytes, int64_t until_ms,
                   struct arena *arena, int64_t *time_ms)
{
    const Game__Link *link = game__link__unpack(&arena->allocator, bytes->len, bytes->data);
    const Game__Entry *entry =
        link ? game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return true; // taking it in fails, and says why
    bool before = late->phases_count == 0 && entry->body_case != GAME__ENTRY__BODY_PHASE_OPENED;
    *time_ms = entry->time_ms;
    return before || entry->time_ms <= until_ms;
}

static bool advance(struct aggregate *aggregate, int64_t until_ms, struct arena *arena, struct err *err)
{
    struct game *late = aggregate->late;
    struct stream_name stream = events_stream(aggregate->id.text);
    aggregate->late_next_ms = 0;
    for (struct store_entries page = {.count = PAGE}; page.count == PAGE;) {
        arena_reset(arena);
        if (!store_read(aggregate->events->store, stream.text, late->chain.seq + 1, PAGE, arena, &page, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            int64_t time_ms = 0;
            if (!is_due(late, &page.entries[i], until_ms, arena, &time_ms))
                return aggregate->late_next_ms = time_ms, true;
            if (!aggregate_apply(late, &page.entries[i], err)) return false;
        }
    }
    return true;
}

static void forget(struct aggregate *aggregate)
{
    game_finish(aggregate->late);
    free(aggregate->late);
    aggregate->late = NULL;
}

bool late_game(struct aggregate *aggregate, int64_t until_ms, struct game **game, struct err *err)
{
    struct arena arena;
    if (!begin(aggregate, err)) return false;
    *game = aggregate->late;
    bool idle = aggregate->late_next_ms > until_ms || aggregate->late->chain.seq == aggregate->game.chain.seq;
    if (idle) return true;
    arena_init(&arena, LATE_ARENA);
    bool ok = advance(aggregate, until_ms, &arena, err);
    arena_finish(&arena);
    if (!ok) forget(aggregate);
    return ok;
}
