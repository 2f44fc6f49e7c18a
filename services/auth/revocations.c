#include "services/auth/revocations.h"

#include <stdio.h>

#include "lib/stamp.h"

enum { PAGE = 100, ARENA = 1 << 20 };

// The notice as it is stored and as it travels.
static void publish(struct auth *auth, uint64_t seq, const Auth__Revocation *revocation,
                    ProtobufCBinaryData packed)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = REVOCATIONS_STREAM;
    notice.seq = seq;
    notice.time = revocation->time;
    notice.kind = REVOCATIONS_KIND;
    notice.payload = packed;
    bus_publish(auth->publisher, &notice, false);
}

// One writer at a time keeps the sequence; revocations are rare.
static bool append(struct auth *auth, const Auth__Revocation *revocation, struct err *err)
{
    uint8_t bytes[512];
    ProtobufCBinaryData packed = {protobuf_c_message_get_packed_size(&revocation->base), bytes};
    if (packed.len > sizeof bytes)
        return err_fail(err, INTERNAL_ERROR, "revocation of %zu bytes", packed.len);
    protobuf_c_message_pack(&revocation->base, bytes);

    pthread_mutex_lock(&auth->revocations_mutex);
    uint64_t head;
    bool ok = store_head(auth->store, REVOCATIONS_STREAM, &head, err) &&
              store_wait(auth->store,
                         store_append(auth->store, REVOCATIONS_STREAM, head + 1, &packed, 1,
                                      &(struct store_write){0}),
                         err);
    if (ok && auth->publisher) publish(auth, head + 1, revocation, packed);
    pthread_mutex_unlock(&auth->revocations_mutex);
    return ok;
}

static Google__Protobuf__Timestamp stamp_of(int64_t ms)
{
    Google__Protobuf__Timestamp stamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    stamp.seconds = ms / 1000;
    stamp.nanos = (int32_t)(ms % 1000) * 1000000;
    return stamp;
}

bool revocations_add_session(struct auth *auth, const char *session_id, const char *user_id, int64_t now_ms,
                             struct err *err)
{
    Google__Protobuf__Timestamp time = stamp_of(now_ms);
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.session_id = session_id;
    revocation.user_id = user_id;
    revocation.time = &time;
    return append(auth, &revocation, err);
}

bool revocations_add_user(struct auth *auth, const char *user_id, uint64_t generation, int64_t now_ms,
                          struct err *err)
{
    Google__Protobuf__Timestamp time = stamp_of(now_ms);
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.user_id = user_id;
    revocation.generation = generation;
    revocation.time = &time;
    return append(auth, &revocation, err);
}

static bool add_row(struct auth *auth, enum auth_table table, const ProtobufCMessage *row, struct err *err)
{
    if (table == AUTH_ACCOUNTS) {
        const Accounts__Account *account = (const Accounts__Account *)row;
        return revocations_add_user(auth, account->id, account->generation, stamp_ms(account->revoked_at),
                                    err);
    }
    const Accounts__Session *session = (const Accounts__Session *)row;
    return revocations_add_session(auth, session->id, session->user_id, stamp_ms(session->revoked_at), err);
}

static bool catch_up_page(struct auth *auth, enum auth_table table, int64_t since_ms, const char **page_token,
                          struct arena *arena, struct err *err)
{
    const struct store_value from = {.number = since_ms * 1000};
    const struct store_query query = {
        .index = "by_revoked", .from = &from, .limit = PAGE, .page_token = *page_token};
    struct store_rows rows;
    if (!store_find(auth->store, &auth_tables[table], &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!add_row(auth, table, rows.messages[i], err)) return false;
    *page_token = rows.next_page_token;
    return true;
}

bool revocations_catch_up(struct auth *auth, int64_t now_ms, struct err *err)
{
    static const enum auth_table tables[] = {AUTH_ACCOUNTS, AUTH_SESSIONS};
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (size_t i = 0; i < 2; i++) {
        char token[512] = "";
        const char *next = token;
        do {
            ok = catch_up_page(auth, tables[i], now_ms - auth->settings.access_ms, &next, &arena, err);
            snprintf(token, sizeof token, "%s", ok ? next : "");
            next = token;
            arena_reset(&arena);
        } while (ok && *token);
        if (!ok) break;
    }
    arena_finish(&arena);
    return ok;
}
