#include "services/auth/usernames.h"

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

bool usernames_check(struct auth *auth, const char *key, const char *user_id, int64_t now_ms, struct err *err)
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

static bool has_room(struct auth *auth, const char *user_id, int64_t now_ms, struct arena *arena,
                     struct err *err)
{
    const struct store_value from = {.number = now_ms * 1000};
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .from = &from,
                                      .limit = USERNAMES_MOST,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(auth->store, table, &query, arena, &rows, err)) return false;
    return rows.count < USERNAMES_MOST ||
           err_field(err, TOO_MANY_CHANGES, "username", "%d earlier usernames still wait for their owner",
                     USERNAMES_MOST);
}

static bool released_put(struct auth *auth, Accounts__Released *row, int64_t now_ms, struct arena *arena,
                         uint64_t *ticket, struct err *err)
{
    Accounts__Released *before;
    uint64_t version;
    row->until = stamp_new(arena, now_ms + auth->settings.username_kept_ms);
    if (!row->until) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!has_room(auth, row->user_id, now_ms, arena, err) ||
        !released_get(auth, row->username_key, arena, &before, &version, err))
        return false;
    *ticket =
        store_put(auth->store, table, &row->base, before ? version : 0, &(struct store_write){.after = 0});
    return true;
}

bool usernames_release(struct auth *auth, const char *key, const char *user_id, int64_t now_ms,
                       uint64_t *ticket, struct err *err)
{
    struct arena arena;
    Accounts__Released row = ACCOUNTS__RELEASED__INIT;
    row.username_key = key;
    row.user_id = user_id;
    arena_init(&arena, ARENA);
    bool ok = released_put(auth, &row, now_ms, &arena, ticket, err);
    arena_finish(&arena);
    return ok;
}

bool usernames_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena)
{
    return auth_bring_back(&((Accounts__Released *)row)->until, now_ms + auth->settings.username_kept_ms,
                           arena);
}
