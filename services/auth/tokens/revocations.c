#include "services/auth/tokens/revocations.h"

#include <stdio.h>

#include "lib/base/stamp.h"

enum { PAGE = 100, MOST_BYTES = 512, ARENA = 1 << 20 };

// The notice in its stored and sent form.
static void revocations_publish(struct auth *auth, uint64_t seq, const Auth__Revocation *revocation,
                                ProtobufCBinaryData packed)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = REVOCATIONS_STREAM;
    notice.seq = seq;
    notice.time = revocation->time;
    notice.kind = REVOCATIONS_KIND;
    notice.payload = packed;
    bus_publish(auth->publisher, &notice);
}

struct entry {
    Auth__Revocation revocation;
    Google__Protobuf__Timestamp time;
    uint8_t bytes[MOST_BYTES];
};

static bool revocations_append(struct auth *auth, const struct entry *entries,
                               const ProtobufCBinaryData *packed, size_t count, struct err *err)
{
    uint64_t head;
    bool ok = store_head(auth->store, REVOCATIONS_STREAM, &head, err) &&
              store_wait(auth->store,
                         store_append(auth->store, REVOCATIONS_STREAM, head + 1, packed, count,
                                      &(struct store_write){0}),
                         err);
    for (size_t i = 0; ok && auth->publisher && i < count; i++)
        revocations_publish(auth, head + 1 + i, &entries[i].revocation, packed[i]);
    return ok;
}

// One writer at a time keeps the sequence; revocations are rare.
static bool revocations_add(struct auth *auth, struct entry *entries, size_t count, struct err *err)
{
    ProtobufCBinaryData packed[PAGE];
    for (size_t i = 0; i < count; i++) {
        packed[i] = (ProtobufCBinaryData){protobuf_c_message_get_packed_size(&entries[i].revocation.base),
                                          entries[i].bytes};
        if (packed[i].len > MOST_BYTES)
            return err_fail(err, INTERNAL_ERROR, "revocation of %zu bytes", packed[i].len);
        protobuf_c_message_pack(&entries[i].revocation.base, entries[i].bytes);
    }
    pthread_mutex_lock(&auth->revocations_mutex);
    bool ok = count == 0 || revocations_append(auth, entries, packed, count, err);
    pthread_mutex_unlock(&auth->revocations_mutex);
    if (!ok) atomic_store(&auth->revocations_owed, true);
    return ok;
}

static void entry_init(struct entry *entry, const char *user_id, int64_t time_ms)
{
    auth__revocation__init(&entry->revocation);
    entry->time = stamp_of(time_ms);
    entry->revocation.user_id = user_id;
    entry->revocation.time = &entry->time;
}

bool revocations_add_session(struct auth *auth, const char *session_id, const char *user_id, int64_t now_ms,
                             struct err *err)
{
    struct entry entry;
    entry_init(&entry, user_id, now_ms);
    entry.revocation.session_id = session_id;
    return revocations_add(auth, &entry, 1, err);
}

bool revocations_add_user(struct auth *auth, const char *user_id, uint64_t generation, int64_t now_ms,
                          struct err *err)
{
    struct entry entry;
    entry_init(&entry, user_id, now_ms);
    entry.revocation.generation = generation;
    return revocations_add(auth, &entry, 1, err);
}

static void entry_of_row(struct entry *entry, enum auth_table table, const ProtobufCMessage *row)
{
    if (table == AUTH_ACCOUNTS) {
        const Accounts__Account *account = (const Accounts__Account *)row;
        entry_init(entry, account->id, stamp_ms(account->revoked_at));
        entry->revocation.generation = account->generation;
    } else {
        const Accounts__Session *session = (const Accounts__Session *)row;
        entry_init(entry, session->user_id, stamp_ms(session->revoked_at));
        entry->revocation.session_id = session->id;
    }
}

static bool catch_up_page(struct auth *auth, enum auth_table table, int64_t since_ms, const char **page_token,
                          struct arena *arena, struct err *err)
{
    const struct store_value from = {.number = since_ms * 1000};
    const struct store_query query = {
        .index = "by_revoked", .from = &from, .limit = PAGE, .page_token = *page_token};
    struct store_rows rows;
    struct entry entries[PAGE];
    if (!store_find(auth->store, &auth_tables[table], &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) entry_of_row(&entries[i], table, rows.messages[i]);
    *page_token = rows.next_page_token;
    return revocations_add(auth, entries, rows.count, err);
}

static bool catch_up(struct auth *auth, enum auth_table table, int64_t since_ms, struct arena *arena,
                     struct err *err)
{
    char token[512] = "";
    const char *next = token;
    do {
        if (!catch_up_page(auth, table, since_ms, &next, arena, err)) return false;
        snprintf(token, sizeof token, "%s", next);
        next = token;
        arena_reset(arena);
    } while (*token);
    return true;
}

bool revocations_catch_up(struct auth *auth, int64_t now_ms, struct err *err)
{
    struct arena arena;
    const int64_t since_ms = now_ms - auth->settings.access_ms;
    arena_init(&arena, ARENA);
    atomic_store(&auth->revocations_owed, false);
    bool ok = catch_up(auth, AUTH_ACCOUNTS, since_ms, &arena, err) &&
              catch_up(auth, AUTH_SESSIONS, since_ms, &arena, err);
    arena_finish(&arena);
    if (!ok) atomic_store(&auth->revocations_owed, true);
    return ok;
}

bool revocations_pay(struct auth *auth, int64_t now_ms, struct err *err)
{
    return !atomic_load(&auth->revocations_owed) || revocations_catch_up(auth, now_ms, err);
}
