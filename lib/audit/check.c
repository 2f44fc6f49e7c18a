// The chain is read over and over, a part at a time, by a thread that comes by anyway.
#include <inttypes.h>

#include "lib/audit/record.h"
#include "lib/audit/state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { EVERY_MS = 10000, STEP = 500, ARENA = 8 << 20 };

static bool check_entries(struct audit_check *check, const struct store_entries *page, struct arena *arena,
                          struct err *err)
{
    Audit__Record *record;
    Audit__Entry *entry;
    for (size_t i = 0; i < page->count && i < STEP; i++)
        if (!audit_record_read(page->entries[i], page->first_seq + i, arena, &record, &entry, err) ||
            !audit_record_follow(&check->chain, record, err))
            return false;
    return true;
}

// *whole when the newest entry was reached, so that all of it holds.
static bool check_step(struct audit *audit, struct arena *arena, bool *whole, struct err *err)
{
    struct audit_check *check = &audit->check;
    struct store_entries page;
    uint64_t head;
    if (!store_head(audit->options.store, audit->stream, &head, err) ||
        !store_read(audit->options.store, audit->stream, check->chain.seq + 1, STEP, arena, &page, err))
        return false;
    if (page.count && page.first_seq != check->chain.seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the audit is gone", check->chain.seq + 1);
    if (!check_entries(check, &page, arena, err)) return false;
    *whole = check->chain.seq >= head;
    if (*whole || page.count) return true;
    return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the audit is gone", check->chain.seq + 1);
}

void audit_check_some(struct audit *audit)
{
    struct audit_check *check = &audit->check;
    struct arena arena;
    struct err err;
    bool whole = false;
    if (clock_mono_ms() < check->next_ms) return;
    check->next_ms = clock_mono_ms() + EVERY_MS;
    arena_init(&arena, ARENA);
    bool ok = check_step(audit, &arena, &whole, &err);
    arena_finish(&arena);
    const bool broken = !ok && err_is(&err, STORE_CORRUPT);
    if (broken && !check->broken) log_err(LOG_ERROR, "the chain of the audit is broken", &err);
    if (!ok && !broken) return; // the store is away: the same part again
    if (broken || whole) {
        check->broken = broken;
        check->chain = (struct hash_chain){0};
        metric_set(check->gauge, broken);
    }
}
