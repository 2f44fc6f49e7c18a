#include "services/auth/blocks.h"

#include <stdio.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"

static const struct store_table *const table = &auth_tables[AUTH_BLOCKS];

enum { BLOCK_ID = 2 * UUID_LEN + 2 };

static void block_id(char id[BLOCK_ID], const char *user_id, const char *blocked_id)
{
    snprintf(id, BLOCK_ID, "%.*s:%.*s", UUID_LEN, user_id, UUID_LEN, blocked_id);
}

static bool block_load(struct auth *auth, const char *id, struct arena *arena, bool *found, uint64_t *version,
                       struct err *err)
{
    ProtobufCMessage *row;
    bool ok = store_get(auth->store, table, id, arena, &row, version, err);
    *found = ok && row;
    return ok;
}

bool blocks_find(struct auth *auth, const char *user_id, uint32_t limit, const char *page_token,
                 struct arena *arena, struct store_rows *rows, struct err *err)
{
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .limit = limit,
                                      .page_token = page_token};
    return store_find(auth->store, table, &query, arena, rows, err);
}

static bool is_within(struct auth *auth, const ProtobufCMessage *row, bool added, struct arena *arena,
                      struct err *err)
{
    struct store_rows rows;
    return blocks_find(auth, ((const Accounts__Block *)row)->user_id, BLOCKS_MOST, "", arena, &rows, err) &&
           ((added ? !rows.more : rows.count < BLOCKS_MOST) ||
            err_fail(err, LIMIT_REACHED, "one person blocks at most %d others", BLOCKS_MOST));
}

static const struct auth_room room = {is_within, AUTH_BLOCKS};

static bool block_add(struct auth *auth, const Accounts__Block *row, struct arena *arena, struct err *err)
{
    bool found;
    uint64_t version;
    if (!block_load(auth, row->id, arena, &found, &version, err)) return false;
    return found || auth_add_within(auth, &room, &row->base, arena, err) || err_is(err, CONFLICT);
}

bool block_set(struct auth *auth, const char *user_id, const char *blocked_id, struct arena *arena,
               int64_t now_ms, struct err *err)
{
    char id[BLOCK_ID];
    Accounts__Block row = ACCOUNTS__BLOCK__INIT;
    Google__Protobuf__Timestamp time = stamp_of(now_ms);
    block_id(id, user_id, blocked_id);
    row.id = id;
    row.user_id = user_id;
    row.blocked_id = blocked_id;
    row.created_at = &time;
    return block_add(auth, &row, arena, err);
}

bool block_remove(struct auth *auth, const char *user_id, const char *blocked_id, struct arena *arena,
                  struct err *err)
{
    char id[BLOCK_ID];
    bool found;
    uint64_t version;
    block_id(id, user_id, blocked_id);
    if (!block_load(auth, id, arena, &found, &version, err)) return false;
    return !found || auth_remove(auth, AUTH_BLOCKS, id, version, err) || err_is(err, CONFLICT);
}

bool blocks_forget(struct auth *auth, const char *user_id, struct err *err)
{
    return auth_remove_of(auth, AUTH_BLOCKS, "by_user", user_id, err) &&
           auth_remove_of(auth, AUTH_BLOCKS, "by_blocked", user_id, err);
}
