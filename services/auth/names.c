#include "services/auth/names.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"

enum {
    PAGE = 500,
    ARENA = 8 << 20,
    NAME_BYTES = 192, // of a packed entry, at most
    SLACK = 1000,     // entries more than twice the users before they are compacted
};

static Auth__Name name_of_row(const Accounts__Account *row, uint64_t version)
{
    Auth__Name name = AUTH__NAME__INIT;
    name.user_id = row->id;
    name.username = row->user->username;
    name.level = row->level;
    name.version = version;
    name.deleted = row->deleted_at != NULL;
    name.wallet = row->wallet;
    name.verified = row->phone_verified;
    name.suspended = row->suspension != NULL;
    name.suspended_until = row->suspension ? row->suspension->until : NULL;
    name.opted_out = row->opted_out;
    return name;
}

static uint64_t names_append(struct auth *auth, const Accounts__Account *row, uint64_t version,
                             uint64_t after)
{
    uint8_t bytes[NAME_BYTES];
    char source[sizeof "accounts/" + UUID_LEN];
    const Auth__Name name = name_of_row(row, version);
    if (auth__name__get_packed_size(&name) > sizeof bytes) abort(); // names have at most 32 characters
    const ProtobufCBinaryData packed = {auth__name__pack(&name, bytes), bytes};
    snprintf(source, sizeof source, "accounts/%s", row->id);
    const struct store_write write = {.after = after, .source = {source, version, 0}};
    return store_append_next(auth->store, NAMES_STREAM, &packed, 1, &write);
}

uint64_t names_add(struct auth *auth, const Accounts__Account *row, uint64_t version, uint64_t after)
{
    return names_append(auth, row, version, after);
}

void names_finish(struct auth *auth, uint64_t ticket)
{
    struct err err;
    if (store_wait(auth->store, ticket, &err)) return auth_announce(auth, NAMES_STREAM);
    log_err(LOG_WARN, "a name is owed", &err);
    atomic_store(&auth->names_owed, true);
}

// ---- What the stream says

// Of one user, as the newest entry has it.
struct told {
    struct uuid user_id;
    uint64_t version, seq, face;
};

struct register_of_names {
    struct told *all; // by user, once sorted
    size_t count, room;
    uint64_t head, entries; // of the stream
    uint8_t key[crypto_shorthash_KEYBYTES];
};

static unsigned opted_out(const Auth__OptOuts *of)
{
    return of ? (unsigned)(of->rating | of->tips << 1 | of->suggestions << 2 | of->llm << 3) : 0;
}

// A short stand-in for what is told of a user.
static uint64_t face_of(const struct register_of_names *names, const Auth__Name *name)
{
    char text[160];
    uint64_t face;
    int len = snprintf(text, sizeof text, "%d %d %d %u %lld %s %s", (int)name->level, name->suspended,
                       name->verified, opted_out(name->opted_out), (long long)stamp_ms(name->suspended_until),
                       name->username, name->wallet);
    crypto_shorthash((uint8_t *)&face, (const uint8_t *)text, (size_t)len, names->key);
    return face;
}

static bool register_add(struct register_of_names *names, const Auth__Name *name, uint64_t seq,
                         struct err *err)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : PAGE;
        struct told *all = realloc(names->all, room * sizeof *all);
        if (!all) return err_fail(err, INTERNAL_ERROR, "no memory for %zu names", room);
        names->all = all;
        names->room = room;
    }
    struct told *told = &names->all[names->count++];
    *told = (struct told){.version = name->version, .seq = seq, .face = face_of(names, name)};
    snprintf(told->user_id.text, sizeof told->user_id.text, "%s", name->user_id);
    return true;
}

static bool is_name(const Auth__Name *name)
{
    return name && uuid_check(name->user_id) && strlen(name->username) <= 32 && strlen(name->wallet) <= 64;
}

static bool register_page(struct auth *auth, struct register_of_names *names, uint64_t from, size_t *count,
                          struct arena *arena, struct err *err)
{
    struct store_entries page;
    if (!store_read(auth->store, NAMES_STREAM, from, PAGE, arena, &page, err)) return false;
    for (size_t i = 0; i < page.count; i++) {
        const Auth__Name *name =
            auth__name__unpack(&arena->allocator, page.entries[i].len, page.entries[i].data);
        if (!is_name(name)) return err_fail(err, STORE_CORRUPT, "an entry of %s is no name", NAMES_STREAM);
        if (!register_add(names, name, page.first_seq + i, err)) return false;
    }
    *count = page.count;
    if (page.count) names->head = page.first_seq + page.count - 1;
    return true;
}

static int by_user_and_version(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    int order = strcmp(x->user_id.text, y->user_id.text);
    if (order) return order;
    if (x->version != y->version) return x->version < y->version ? 1 : -1;
    return x->seq < y->seq ? 1 : -1; // told once more, it says more
}

static void keep_newest(struct register_of_names *names)
{
    size_t kept = 0;
    names->entries = names->count;
    if (names->count) qsort(names->all, names->count, sizeof *names->all, by_user_and_version);
    for (size_t i = 0; i < names->count; i++)
        if (kept == 0 || strcmp(names->all[kept - 1].user_id.text, names->all[i].user_id.text) != 0)
            names->all[kept++] = names->all[i];
    names->count = kept;
}

// free(names->all) also after a failure.
static bool register_read(struct auth *auth, struct register_of_names *names, struct err *err)
{
    struct arena arena;
    *names = (struct register_of_names){0};
    randombytes_buf(names->key, sizeof names->key);
    bool ok = store_oldest(auth->store, NAMES_STREAM, &names->head, err);
    if (names->head) names->head--;
    arena_init(&arena, ARENA);
    for (size_t count = PAGE; ok && count; arena_reset(&arena))
        ok = register_page(auth, names, names->head + 1, &count, &arena, err);
    arena_finish(&arena);
    keep_newest(names);
    return ok;
}

static int by_user(const void *key, const void *at)
{
    return strcmp(key, ((const struct told *)at)->user_id.text);
}

static bool is_told(const struct register_of_names *names, const Accounts__Account *row)
{
    const struct told *told =
        names->count ? bsearch(row->id, names->all, names->count, sizeof *names->all, by_user) : NULL;
    const Auth__Name name = name_of_row(row, 0);
    return told && told->face == face_of(names, &name);
}

// ---- Completing

static bool complete_page(struct auth *auth, const struct register_of_names *names, char token[512],
                          struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    uint64_t ticket = 0;
    if (!store_find(auth->store, &auth_tables[AUTH_ACCOUNTS], &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__Account *row = (const Accounts__Account *)rows.messages[i];
        if (!is_told(names, row)) ticket = names_append(auth, row, rows.versions[i], ticket);
    }
    if (ticket && !store_wait(auth->store, ticket, err)) return false;
    snprintf(token, 512, "%s", rows.next_page_token);
    return true;
}

static bool complete_all(struct auth *auth, const struct register_of_names *names, struct err *err)
{
    struct arena arena;
    char token[512] = "";
    bool ok = true;
    arena_init(&arena, ARENA);
    do {
        ok = complete_page(auth, names, token, &arena, err);
        arena_reset(&arena);
    } while (ok && *token);
    arena_finish(&arena);
    return ok;
}

bool names_catch_up(struct auth *auth, struct err *err)
{
    struct register_of_names names;
    atomic_store(&auth->names_owed, false);
    bool ok = register_read(auth, &names, err) && complete_all(auth, &names, err);
    free(names.all);
    if (ok) auth_announce(auth, NAMES_STREAM);
    if (!ok) atomic_store(&auth->names_owed, true);
    return ok;
}

bool names_pay(struct auth *auth, struct err *err)
{
    return !atomic_load(&auth->names_owed) || names_catch_up(auth, err);
}

// ---- Compacting

static bool read_told(struct auth *auth, const struct told *told, struct arena *arena,
                      ProtobufCBinaryData *entry, struct err *err)
{
    struct store_entries page;
    if (!store_read(auth->store, NAMES_STREAM, told->seq, 1, arena, &page, err)) return false;
    if (page.count == 0 || page.first_seq != told->seq)
        return err_fail(err, STORE_CORRUPT, "entry %llu of %s is gone", (unsigned long long)told->seq,
                        NAMES_STREAM);
    *entry = page.entries[0];
    return true;
}

// Again at the end, a page in one append.
static bool repeat_page(struct auth *auth, const struct register_of_names *names, size_t from,
                        struct arena *arena, struct err *err)
{
    ProtobufCBinaryData entries[PAGE];
    size_t count = 0;
    for (; count < PAGE && from + count < names->count; count++)
        if (!read_told(auth, &names->all[from + count], arena, &entries[count], err)) return false;
    return store_wait(auth->store,
                      store_append_next(auth->store, NAMES_STREAM, entries, count, &(struct store_write){0}),
                      err);
}

static bool repeat_all(struct auth *auth, const struct register_of_names *names, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (size_t at = 0; ok && at < names->count; at += PAGE, arena_reset(&arena))
        ok = repeat_page(auth, names, at, &arena, err);
    arena_finish(&arena);
    return ok;
}

static bool is_long(const struct register_of_names *names)
{
    return names->entries > 2 * names->count + SLACK;
}

static bool compact_read(struct auth *auth, struct register_of_names *names, bool now, struct err *err)
{
    if (!register_read(auth, names, err)) return false;
    if (now || is_long(names)) {
        if (!repeat_all(auth, names, err)) return false;
        auth_announce(auth, NAMES_STREAM);
        if (!store_trim_stream(auth->store, NAMES_STREAM, names->head + 1, err)) return false;
        names->entries = names->count;
    }
    auth->names_look_at = names->head + names->count + SLACK;
    return true;
}

bool names_compact(struct auth *auth, struct err *err)
{
    struct register_of_names names;
    uint64_t head;
    if (!store_head(auth->store, NAMES_STREAM, &head, err)) return false;
    if (head < auth->names_look_at) return true;
    bool ok = compact_read(auth, &names, false, err);
    free(names.all);
    return ok;
}

bool names_compact_now(struct auth *auth, struct err *err)
{
    struct register_of_names names;
    bool ok = compact_read(auth, &names, true, err);
    free(names.all);
    return ok;
}
