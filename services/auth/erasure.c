#include "services/auth/erasure.h"

#include <stdlib.h>

#include "lib/base/stamp.h"
#include "services/auth/tokens/api_keys.h"
#include "services/auth/blocks.h"
#include "services/auth/lockout.h"
#include "services/auth/names.h"
#include "services/auth/reports.h"
#include "services/auth/tokens/sessions.h"

static const struct store_table *const table = &auth_tables[AUTH_ACCOUNTS];

enum { PAGE = 100, ARENA = 4 << 20, DAY_MS = 24 * 3600 * 1000 };

bool erasure_rows(struct auth *auth, const char *user_id, struct arena *arena, struct err *err)
{
    return sessions_erase(auth, user_id, err) && api_keys_remove(auth, user_id, err) &&
           blocks_forget(auth, user_id, err) && reports_forget_reporter(auth, user_id, err) &&
           lockout_clear_account(auth, user_id, arena, err);
}

static bool erasure_find(struct auth *auth, struct arena *arena, struct store_rows *rows, struct err *err)
{
    const struct store_value from = {.number = 1}; // set
    const struct store_query query = {.index = "by_erasing", .from = &from, .limit = PAGE, .page_token = ""};
    return store_find(auth->store, table, &query, arena, rows, err);
}

static bool erasure_end(struct auth *auth, Accounts__Account *row, uint64_t version, struct arena *arena,
                        struct err *err)
{
    if (!erasure_rows(auth, row->id, arena, err)) return false;
    row->erasing_since = NULL;
    return auth_save(auth, AUTH_ACCOUNTS, &row->base, version, err) || err_is(err, CONFLICT);
}

// A tombstone changes no more, so a page that is done leaves the index.
static bool erasure_pages(struct auth *auth, struct arena *arena, struct err *err)
{
    struct store_rows rows;
    do {
        arena_reset(arena);
        if (!erasure_find(auth, arena, &rows, err)) return false;
        for (size_t i = 0; i < rows.count; i++)
            if (!erasure_end(auth, (Accounts__Account *)rows.messages[i], rows.versions[i], arena, err))
                return false;
    } while (rows.count == PAGE);
    return true;
}

static bool erasure_work(struct auth *auth, struct arena *arena, int64_t now_ms, struct err *err)
{
    struct store_rows rows;
    if (!erasure_find(auth, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!erasure_rows(auth, ((Accounts__Account *)rows.messages[i])->id, arena, err)) return false;
    // Compacting reads and repeats the names of all accounts.
    if (!rows.count || llabs(now_ms - auth->names_cleaned_ms) < DAY_MS) return true;
    if (!names_compact_now(auth, err)) return false;
    auth->names_cleaned_ms = now_ms;
    return erasure_pages(auth, arena, err);
}

bool erasure_sweep(struct auth *auth, int64_t now_ms, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = erasure_work(auth, &arena, now_ms, err);
    arena_finish(&arena);
    return ok;
}
