#include "services/auth/former_names.h"

#include <string.h>

#include "lib/base/stamp.h"

static const struct store_table *const table = &auth_tables[AUTH_RELEASED];

enum { ARENA = 64 << 10 };

static bool released_get(struct auth *auth, const char *key, struct arena *arena, Accounts__Released **row,
                         uint64_t *version, struct err *err)
{
    return store_get(auth->store, table, key, arena, (ProtobufCMessage **)row, version, err);
}

// A name given up by a clock that was ahead waits as long as the rule gives from now, as the sweeper will set
// it.
static bool waits_for_other(const Accounts__Released *row, const char *user_id, int64_t now_ms)
{
    return row && stamp_ms(row->until) > now_ms && strcmp(row->user_id, user_id) != 0;
}

bool former_names_check(struct auth *auth, const char *key, const char *user_id, int64_t now_ms,
                        struct err *err)
{
    struct arena arena;
    Accounts__Released *row;
    uint64_t version;
    arena_init(&arena, ARENA);
    bool ok = released_get(auth, key, &arena, &row, &version, err);
    if (ok && waits_for_other(row, user_id, now_ms))
        ok = err_field(err, USERNAME_TAKEN, "username", "the username is taken");
    arena_finish(&arena);
    return ok;
}

static bool has_row_of(const struct store_rows *rows, const char *key)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(((const Accounts__Released *)rows->messages[i])->username_key, key) == 0) return true;
    return false;
}

// A name that is taken back leaves its row behind, so there may be one more.
static bool has_room(struct auth *auth, const struct username_change *change, struct arena *arena,
                     struct err *err)
{
    const struct store_value from = {.number = change->now_ms * 1000};
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = change->user_id}},
                                      .equal_count = 1,
                                      .from = &from,
                                      .limit = FORMER_NAMES_MOST + 1,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(auth->store, table, &query, arena, &rows, err)) return false;
    return change->last || rows.count < FORMER_NAMES_MOST || has_row_of(&rows, change->taken) ||
           err_field(err, TOO_MANY_CHANGES, "username", "%d earlier usernames still wait for their owner",
                     FORMER_NAMES_MOST);
}

static bool released_put(struct auth *auth, const struct username_change *change, struct arena *arena,
                         uint64_t *ticket, struct err *err)
{
    Accounts__Released row = ACCOUNTS__RELEASED__INIT, *before;
    uint64_t version;
    row.username_key = change->given_up;
    row.user_id = change->user_id;
    row.until = stamp_new(arena, change->now_ms + auth->settings.username_kept_ms);
    if (!row.until) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!has_room(auth, change, arena, err) ||
        !released_get(auth, row.username_key, arena, &before, &version, err))
        return false;
    *ticket =
        store_put(auth->store, table, &row.base, before ? version : 0, &(struct store_write){.after = 0});
    return true;
}

bool former_names_release(struct auth *auth, const struct username_change *change, uint64_t *ticket,
                          struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = released_put(auth, change, &arena, ticket, err);
    arena_finish(&arena);
    return ok;
}

bool former_names_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms,
                             struct arena *arena)
{
    return auth_bring_back(&((Accounts__Released *)row)->until, now_ms + auth->settings.username_kept_ms,
                           arena);
}
