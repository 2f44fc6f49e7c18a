#include "services/ai/standings/read.h"

#include <inttypes.h>

#include "lib/replica/replica.h"
#include "services/ai/standings/state.h"

enum { PAGE = 500, PAGE_ARENA = 64 << 20, SNAPSHOT_ARENA = 256 << 20, SNAPSHOT_MOST = 7 << 20 };

static bool read_page(struct standings *standings, struct store *store, struct arena *arena, bool *more,
                      struct err *err)
{
    struct store_entries page;
    if (!store_read(store, STANDINGS_STREAM, standings->seq + 1, PAGE, arena, &page, err)) return false;
    for (size_t i = 0; i < page.count; i++) {
        const Standings__Entry *entry =
            standings__entry__unpack(&arena->allocator, page.entries[i].len, page.entries[i].data);
        if (!entry)
            return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is none",
                            page.first_seq + i);
        if (standings_apply(standings, page.first_seq + i, entry, err)) continue;
        standings_finish(standings);
        return false;
    }
    *more = page.count && page.more;
    return true;
}

bool standings_read_all(struct standings *standings, struct store *store, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, PAGE_ARENA);
    for (bool more = true; ok && more; arena_reset(&arena))
        ok = read_page(standings, store, &arena, &more, err);
    arena_finish(&arena);
    return ok;
}

static bool read_snapshot(struct standings *standings, struct store *store, struct err *err)
{
    struct arena arena;
    uint64_t seq;
    ProtobufCBinaryData state;
    arena_init(&arena, SNAPSHOT_ARENA);
    bool ok = store_read_snapshot(store, STANDINGS_STREAM, &arena, &seq, &state, err);
    if (ok && seq && standings_load(standings, state, &arena) && standings->seq != seq)
        standings_finish(standings);
    arena_finish(&arena);
    return ok;
}

bool standings_read_on(struct standings *standings, struct store *store, struct err *err)
{
    return (standings->seq || read_snapshot(standings, store, err)) &&
           standings_read_all(standings, store, err);
}

bool standings_keep(const struct standings *standings, const struct ai *ai, struct err *err)
{
    struct arena arena;
    ProtobufCBinaryData state;
    if (!standings->seq) return true;
    arena_init(&arena, SNAPSHOT_ARENA);
    bool ok = standings_save(standings, &arena, &state, err);
    bool readable = replica_all_know(ai->replica, STANDINGS_FORETELL_SINCE);
    if (ok && (state.len > SNAPSHOT_MOST || !readable)) state.len = 0; // none, rather than one of before
    ok = ok && store_wait(ai->store, store_snapshot(ai->store, STANDINGS_STREAM, standings->seq, state), err);
    arena_finish(&arena);
    return ok;
}
