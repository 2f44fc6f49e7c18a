#include "services/auth/tokens/revocations.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"

enum { PAGE = 100, READ = 500, MOST_BYTES = 512, ARENA = 4 << 20 };

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

static bool revocation_pack(const struct entry *entry, uint8_t bytes[MOST_BYTES], ProtobufCBinaryData *packed,
                            struct err *err)
{
    const size_t len = auth__revocation__get_packed_size(&entry->revocation);
    if (len > MOST_BYTES) return err_fail(err, INTERNAL_ERROR, "revocation of %zu bytes", len);
    *packed = (ProtobufCBinaryData){auth__revocation__pack(&entry->revocation, bytes), bytes};
    return true;
}

// Gateways that hear it need not wait for the stream, nor read the store: it holds already.
static void revocation_hint(struct auth *auth, const struct entry *entry)
{
    struct err err;
    uint8_t bytes[MOST_BYTES];
    Bus__Notice hint = BUS__NOTICE__INIT;
    hint.stream = REVOCATIONS_STREAM;
    hint.kind = REVOCATIONS_KIND;
    if (revocation_pack(entry, bytes, &hint.payload, &err)) bus_hint(auth->publisher, &hint);
}

static bool revocation_append(struct auth *auth, const struct entry *entry, uint64_t *ticket, struct err *err)
{
    uint8_t bytes[MOST_BYTES];
    ProtobufCBinaryData packed;
    if (!revocation_pack(entry, bytes, &packed, err)) return false;
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

// The row that says so is stored already, whatever becomes of this: a store that is away now has done a part.
static bool revocation_tell(struct auth *auth, const struct entry *entry, struct err *err)
{
    revocation_hint(auth, entry);
    if (revocations_add(auth, entry, 1, err)) return true;
    return err_is(err, STORE_AWAY) ? err_fail(err, OUTCOME_UNKNOWN,
                                              "tokens are ended in the store; gateways hear of it when its "
                                              "server answers again")
                                   : false;
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
    return revocation_tell(auth, &entry, err);
}

bool revocations_add_key(struct auth *auth, const char *key_id, const char *user_id, int64_t now_ms,
                         struct err *err)
{
    struct entry entry;
    entry_init(&entry, user_id, now_ms);
    entry.revocation.session_id = key_id;
    entry.attempt = (uint64_t)now_ms;
    return revocations_add(auth, &entry, 1, err); // nothing is stored yet
}

bool revocations_add_user(struct auth *auth, const char *user_id, uint64_t generation, int64_t now_ms,
                          struct err *err)
{
    struct entry entry;
    entry_init(&entry, user_id, now_ms);
    entry.revocation.generation = generation;
    return revocation_tell(auth, &entry, err);
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

// ---- What the stream says

// The prints of what it tells, sorted. One that is missed, because another process adds it just now, costs an
// append that its source refuses.
struct told {
    uint64_t *prints;
    size_t count, room;
};

static bool told_add(struct told *told, const Auth__Revocation *revocation, struct err *err)
{
    const struct entry entry = {.revocation = *revocation};
    if (told->count == told->room) {
        size_t room = told->room ? 2 * told->room : READ;
        uint64_t *prints = realloc(told->prints, room * sizeof *prints);
        if (!prints) return err_fail(err, INTERNAL_ERROR, "no memory for %zu revocations", room);
        told->prints = prints;
        told->room = room;
    }
    told->prints[told->count++] = source_of(&entry).print;
    return true;
}

static bool told_page(struct auth *auth, struct told *told, uint64_t *from, struct arena *arena,
                      struct err *err)
{
    struct store_entries page;
    if (!store_read(auth->store, REVOCATIONS_STREAM, *from, READ, arena, &page, err)) return false;
    for (size_t i = 0; i < page.count; i++) {
        const Auth__Revocation *revocation =
            auth__revocation__unpack(&arena->allocator, page.entries[i].len, page.entries[i].data);
        if (!revocation)
            return err_fail(err, STORE_CORRUPT, "an entry of %s is no revocation", REVOCATIONS_STREAM);
        if (!told_add(told, revocation, err)) return false;
    }
    *from = page.count ? page.first_seq + page.count : 0;
    return true;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// free(told->prints) also after a failure.
static bool told_read(struct auth *auth, struct told *told, struct arena *arena, struct err *err)
{
    uint64_t from;
    *told = (struct told){0};
    bool ok = store_oldest(auth->store, REVOCATIONS_STREAM, &from, err);
    for (; ok && from; arena_reset(arena)) ok = told_page(auth, told, &from, arena, err);
    if (told->count) qsort(told->prints, told->count, sizeof *told->prints, by_value);
    return ok;
}

static bool is_told(const struct told *told, const struct entry *entry)
{
    uint64_t print = source_of(entry).print;
    return told->count && bsearch(&print, told->prints, told->count, sizeof print, by_value);
}

// ---- Completing

static bool catch_up_page(struct auth *auth, const struct told *told, enum auth_table table, int64_t since_ms,
                          const char **page_token, struct arena *arena, struct err *err)
{
    size_t count = 0;
    const struct store_value from = {.number = since_ms * 1000};
    const struct store_query query = {
        .index = "by_revoked", .from = &from, .limit = PAGE, .page_token = *page_token};
    struct store_rows rows;
    struct entry entries[PAGE];
    if (!store_find(auth->store, &auth_tables[table], &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        entry_of_row(&entries[count], table, rows.messages[i]);
        if (!is_told(told, &entries[count])) count++;
    }
    *page_token = rows.next_page_token;
    return revocations_add(auth, entries, count, err);
}

static bool catch_up(struct auth *auth, const struct told *told, enum auth_table table, int64_t since_ms,
                     struct arena *arena, struct err *err)
{
    char token[512] = "";
    const char *next = token;
    do {
        if (!catch_up_page(auth, told, table, since_ms, &next, arena, err)) return false;
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
    struct told told;
    bool ok = told_read(auth, &told, &arena, err) &&
              catch_up(auth, &told, AUTH_ACCOUNTS, since_ms, &arena, err) &&
              catch_up(auth, &told, AUTH_SESSIONS, since_ms, &arena, err);
    free(told.prints);
    arena_finish(&arena);
    if (!ok) atomic_store(&auth->revocations_owed, true);
    return ok;
}

bool revocations_pay(struct auth *auth, int64_t now_ms, struct err *err)
{
    return !atomic_load(&auth->revocations_owed) || revocations_catch_up(auth, now_ms, err);
}
