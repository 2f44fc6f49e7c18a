#include "services/auth/retention.h"

#include "lib/base/stamp.h"
#include "services/auth/tokens/revocations.h"

enum { PAGE = 100, PAGES = 1000, ARENA = 1 << 20, KEPT_MS = 24 * 3600 * 1000 };

struct scan {
    int64_t before_ms, now_ms;
    uint64_t at;   // the entry that is read next
    uint64_t kept; // the oldest that stays
    bool ended;
};

// An entry is older when a later one is. An entry from the future was made by a clock that was ahead, and
// does not count.
static bool scan_entry(struct scan *scan, ProtobufCBinaryData bytes, struct arena *arena, struct err *err)
{
    const Auth__Revocation *revocation = auth__revocation__unpack(&arena->allocator, bytes.len, bytes.data);
    if (!revocation)
        return err_fail(err, STORE_CORRUPT, "an entry of %s does not unpack", REVOCATIONS_STREAM);
    int64_t made_ms = stamp_ms(revocation->time);
    scan->ended = made_ms >= scan->before_ms && made_ms <= scan->now_ms;
    scan->at++;
    if (made_ms < scan->before_ms) scan->kept = scan->at;
    return true;
}

static bool scan_page(struct store *store, struct scan *scan, struct err *err)
{
    struct arena arena;
    struct store_entries entries;
    arena_init(&arena, ARENA);
    bool ok = store_read(store, REVOCATIONS_STREAM, scan->at, PAGE, &arena, &entries, err);
    for (size_t i = 0; ok && !scan->ended && i < entries.count; i++)
        ok = scan_entry(scan, entries.entries[i], &arena, err);
    if (ok && !entries.more) scan->ended = true;
    arena_finish(&arena);
    return ok;
}

bool retention_trim(struct auth *auth, int64_t now_ms, struct err *err)
{
    uint64_t oldest;
    if (!store_oldest(auth->store, REVOCATIONS_STREAM, &oldest, err)) return false;
    struct scan scan = {.before_ms = now_ms - KEPT_MS, .now_ms = now_ms, .at = oldest, .kept = oldest};
    for (int i = 0; !scan.ended && i < PAGES; i++)
        if (!scan_page(auth->store, &scan, err)) return false;
    return scan.kept == oldest || store_trim_stream(auth->store, REVOCATIONS_STREAM, scan.kept, err);
}
