#include "services/chain/book/lead.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"

enum { TRY_MS = 5000 };

// After a restart the newest entry may be from before.
static bool is_own(const struct book *book)
{
    const char *by = book->live.by;
    return !by[0] || (book->chain->self && strcmp(by, book->chain->self) == 0);
}

static bool is_silent(const struct book *book)
{
    return clock_mono_ms() - book->pace.mono_ms >= LEAD_SILENT_MS;
}

bool lead_is_ours(const struct book *book)
{
    return is_own(book) || (is_silent(book) && replica_holds(book->chain->replica, CHAIN_PROJECTS));
}

bool lead_may_decide(const struct book *book, struct live_need *need, struct err *err)
{
    if (!need->movable || is_own(book) || is_silent(book)) return true;
    memcpy(need->winner, book->live.by, sizeof need->winner);
    err_fail(err, WRONG_PEER, "another process writes the ledger");
    err->retry_after_s = 1;
    return false;
}

bool lead_may_write(struct chain *chain, struct err *err)
{
    int64_t now_ms = clock_mono_ms(), tried_ms = atomic_load(&chain->tried_ms);
    if (!store_is_full(chain->store)) return true;
    bool due = now_ms - tried_ms >= TRY_MS;
    if (due && atomic_compare_exchange_strong(&chain->tried_ms, &tried_ms, now_ms)) return true;
    return err_fail(err, STORE_FULL, "the disk is full");
}
