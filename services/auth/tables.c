// The tables of auth, and their indexes.
#include "bus.pb-c.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/replica/replica.h"
#include "services/auth/auth.h"

enum { PAGE = 100, PAGE_ARENA = 1 << 20 };

const struct store_table
    auth_tables[] =
        {
            [AUTH_ACCOUNTS] =
                {
                    .name = "accounts",
                    .type = &accounts__account__descriptor,
                    .key = "id",
                    .version = 3,
                    .indexes =
                        {
                            {.name = "by_username",
                             .unique = true,
                             .fields = {"username_key"},
                             .reason = CONSE__REASON__VALUE__USERNAME_TAKEN},
                            {.name = "by_phone",
                             .unique = true,
                             .fields = {"phone"},
                             .reason = CONSE__REASON__VALUE__PHONE_TAKEN},
                            {.name = "by_wallet",
                             .unique = true,
                             .fields = {"wallet"},
                             .reason = CONSE__REASON__VALUE__WALLET_TAKEN},
                            {.name = "by_erasing", .fields = {"erasing_since"}},
                            {.name = "by_level", .fields = {"level", "username_key"}},
                            {.name = "by_revoked", .fields = {"revoked_at"}},
                            AUDIT_OWED,
                        },
                },
            [AUTH_SESSIONS] =
                {
                    .name = "sessions",
                    .type = &accounts__session__descriptor,
                    .key = "id",
                    .version = 3,
                    .indexes =
                        {
                            {.name = "by_expiry", .fields = {"expires_at"}},
                            {.name = "by_revoked", .fields = {"revoked_at"}},
                            {.name = "by_user", .fields = {"user_id", "epoch", "revoked_at", "rotated_at"}},
                        },
                },
            [AUTH_OTPS] =
                {
                    .name = "otps",
                    .type = &accounts__otp__descriptor,
                    .key = "phone",
                    .version = 1,
                    .indexes = {{.name = "by_expiry", .fields = {"expires_at"}}},
                },
            [AUTH_LOCKOUTS] =
                {
                    .name = "lockouts",
                    .type = &accounts__lockout__descriptor,
                    .key = "key",
                    .version = 1,
                    .indexes = {{.name = "by_last_failure", .fields = {"last_failure"}}},
                },
            [AUTH_CHALLENGES] =
                {
                    .name = "challenges",
                    .type = &accounts__challenge__descriptor,
                    .key = "id",
                    .version = 1,
                    .indexes = {{.name = "by_expiry", .fields = {"expires_at"}}},
                },
            [AUTH_RELEASED] =
                {
                    .name = "released",
                    .type = &accounts__released__descriptor,
                    .key = "username_key",
                    .version = 1,
                    .indexes =
                        {
                            {.name = "by_user", .fields = {"user_id", "until"}},
                            {.name = "by_expiry", .fields = {"until"}},
                        },
                },
            [AUTH_API_KEYS] =
                {
                    .name = "api_keys",
                    .type = &accounts__api_key__descriptor,
                    .key = "id",
                    .version = 1,
                    .indexes = {{.name = "by_user", .fields = {"user_id", "created_at"}}},
                },
            [AUTH_REPORTS] =
                {
                    .name = "reports",
                    .type = &accounts__report__descriptor,
                    .key = "id",
                    .version = 3,
                    .indexes =
                        {
                            {.name = "by_state", .fields = {"state", "created_at"}},
                            {.name = "by_reporter", .fields = {"reporter_id", "state"}},
                            // Unique, so that open ones, without a time, are left out.
                            {.name = "by_resolved", .unique = true, .fields = {"resolved_at", "id"}},
                            {.name = "by_open",
                             .unique = true,
                             .fields = {"open_for"},
                             .reason = CONSE__REASON__VALUE__ALREADY_REPORTED},
                            AUDIT_OWED,
                        },
                },
            [AUTH_BLOCKS] =
                {
                    .name = "blocks",
                    .type = &accounts__block__descriptor,
                    .key = "id",
                    .version = 1,
                    .indexes =
                        {
                            {.name = "by_user", .fields = {"user_id", "created_at"}},
                            {.name = "by_blocked", .fields = {"blocked_id"}},
                        },
                },
            [AUTH_LEASES] = REPLICA_LEASES,
            [AUTH_BEATS] = REPLICA_BEATS,
            [AUTH_KEYS] = KEYRING_TABLE,
            [AUTH_AUDITED] = {.name = "audited",
                              .type = &bus__consumed__descriptor,
                              .key = "stream",
                              .version = 1},
            [AUTH_TABLES] = {.name = NULL},
};

bool auth_save(struct auth *auth, enum auth_table table, const ProtobufCMessage *row, uint64_t version,
               struct err *err)
{
    return store_wait(auth->store,
                      store_put(auth->store, &auth_tables[table], row, version, &(struct store_write){0}),
                      err);
}

bool auth_bring_back(Google__Protobuf__Timestamp **stamp, int64_t latest_ms, struct arena *arena)
{
    Google__Protobuf__Timestamp *latest = stamp_ms(*stamp) > latest_ms ? stamp_new(arena, latest_ms) : NULL;
    if (latest) *stamp = latest;
    return latest != NULL;
}

bool auth_remove(struct auth *auth, enum auth_table table, const char *id, uint64_t version, struct err *err)
{
    return store_wait(auth->store,
                      store_delete(auth->store, &auth_tables[table], id, version, &(struct store_write){0}),
                      err);
}

static bool remove_added(struct auth *auth, const struct auth_room *room, const char *id, struct arena *arena,
                         struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    return store_get(auth->store, &auth_tables[room->table], id, arena, &row, &version, err) &&
           (!row || auth_remove(auth, room->table, id, version, err));
}

bool auth_add_within(struct auth *auth, const struct auth_room *room, const ProtobufCMessage *row,
                     struct arena *arena, struct err *err)
{
    struct err second;
    if (!room->within(auth, row, false, arena, err) || !auth_save(auth, room->table, row, 0, err))
        return false;
    if (room->within(auth, row, true, arena, err)) return true;
    if (!remove_added(auth, room, store_row_id(&auth_tables[room->table], row), arena, &second))
        log_err(LOG_WARN, "a row beyond a limit stays", &second);
    return false;
}

static bool remove_page(struct auth *auth, enum auth_table table, const struct store_query *query,
                        struct arena *arena, bool *more, struct err *err)
{
    struct store_rows rows;
    if (!store_find(auth->store, &auth_tables[table], query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!auth_remove(auth, table, store_row_id(&auth_tables[table], rows.messages[i]), rows.versions[i],
                         err) &&
            !err_is(err, CONFLICT))
            return false;
    *more = rows.count > 0;
    return true;
}

bool auth_remove_of(struct auth *auth, enum auth_table table, const char *index, const char *user_id,
                    struct err *err)
{
    const struct store_query query = {
        .index = index, .equal = {{.text = user_id}}, .equal_count = 1, .limit = PAGE, .page_token = ""};
    struct arena arena;
    bool ok = true;
    arena_init(&arena, PAGE_ARENA);
    for (bool more = true; ok && more; arena_reset(&arena))
        ok = remove_page(auth, table, &query, &arena, &more, err);
    arena_finish(&arena);
    return ok;
}
