#include "services/auth/retention.h"

#include "lib/base/stamp.h"
#include "services/auth/revocations.h"

enum { PAGE = 100, PAGES = 1000, ARENA = 1 << 20, KEPT_MS = 24 * 3600 * 1000 };

// How many of the entries, from the first on, were made before.
static bool count_older(const struct store_entries *entries, int64_t before_ms, struct arena *arena,
                        size_t *count, struct err *err)
{
    for (*count = 0; *count < entries->count; ++*count) {
        ProtobufCBinaryData bytes = entries->entries[*count];
        const Auth__Revocation *revocation =
            auth__revocation__unpack(&arena->allocator, bytes.len, bytes.data);
        if (!revocation)
            return err_fail(err, STORE_CORRUPT, "an entry of %s does not unpack", REVOCATIONS_STREAM);
        if (stamp_ms(revocation->time) >= before_ms) break;
    }
    return true;
}

// Moves *seq past the entries made before.
static bool skip_older(struct store *store, int64_t before_ms, uint64_t *seq, struct err *err)
{
    struct arena arena;
    size_t older = PAGE;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (int i = 0; ok && older == PAGE && i < PAGES; i++, arena_reset(&arena)) {
        struct store_entries entries;
        ok = store_read(store, REVOCATIONS_STREAM, *seq, PAGE, &arena, &entries, err) &&
             count_older(&entries, before_ms, &arena, &older, err);
        if (ok) *seq += older;
    }
    arena_finish(&arena);
    return ok;
}

bool retention_trim(struct auth *auth, int64_t now_ms, struct err *err)
{
    uint64_t oldest, kept;
    if (!store_oldest(auth->store, REVOCATIONS_STREAM, &oldest, err)) return false;
    kept = oldest;
    if (!skip_older(auth->store, now_ms - KEPT_MS, &kept, err)) return false;
    return kept == oldest || store_trim_stream(auth->store, REVOCATIONS_STREAM, kept, err);
}
