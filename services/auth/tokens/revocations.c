#include "services/auth/tokens/revocations.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"

enum { PAGE = 100, MOST_BYTES = 512, ARENA = 1 << 20 };

struct entry {
    Auth__Revocation revocation;
    Google__Protobuf__Timestamp time;
    uint64_t attempt; // 0, or what tells two revocations of the same session apart
};

// Whoever adds it first does: the call that revokes, or one that completes the stream, in whichever process.
static struct store_source source_of(const struct entry *entry)
{
    const Auth__Revocation *revocation = &entry->revocation;
    const uint64_t numbers[] = {revocation->generation, entry->attempt};
    uint64_t hash[2];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)revocation->user_id, strlen(revocation->user_id) + 1);
    crypto_generichash_update(&state, (const uint8_t *)revocation->session_id,
                              strlen(revocation->session_id) + 1);
    crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
    crypto_generichash_final(&state, (uint8_t *)hash, sizeof hash);
    return (struct store_source){.stream = "revoked", .seq = hash[0] >> 1, .print = hash[1]};
}

static bool revocation_append(struct auth *auth, const struct entry *entry, uint64_t *ticket, struct err *err)
{
    uint8_t bytes[MOST_BYTES];
    const size_t len = auth__revocation__get_packed_size(&entry->revocation);
    if (len > sizeof bytes) return err_fail(err, INTERNAL_ERROR, "revocation of %zu bytes", len);
    const ProtobufCBinaryData packed = {auth__revocation__pack(&entry->revocation, bytes), bytes};
    const struct store_write write = {.source = source_of(entry)};
    *ticket = store_append_next(auth->store, REVOCATIONS_STREAM, &packed, 1, &write);
    return true;
}

static bool revocations_append(struct auth *auth, const struct entry *entries, size_t count, struct err *err)
{
    uint64_t tickets[PAGE];
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        if (!revocation_append(auth, &entries[i], &tickets[i], err)) return false;
    for (size_t i = 0; i < count; i++) ok = store_wait(auth->store, tickets[i], err) && ok;
    return ok;
}

static bool revocations_add(struct auth *auth, const struct entry *entries, size_t count, struct err *err)
{
    bool ok = revocations_append(auth, entries, count, err);
    if (ok && count) auth_announce(auth, REVOCATIONS_STREAM);
    if (!ok) atomic_store(&auth->revocations_owed, true);
    return ok;
}

static void entry_init(struct entry *entry, const char *user_id, int64_t time_ms)
{
    entry->attempt = 0;
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

bool revocations_add_key(struct auth *auth, const char *key_id, const char *user_id, int64_t now_ms,
                         struct err *err)
{
    struct entry entry;
    entry_init(&entry, user_id, now_ms);
    entry.revocation.session_id = key_id;
    entry.attempt = (uint64_t)now_ms;
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
