#include "lib/names/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

enum { PAGE = 1000, ARENA = 8 << 20, FRESH_MS = 2000 };

// ---- In memory

// Hashed, since a map's keys are as long as ids, and so that nobody can choose where they fall.
static struct uuid text_key(const struct names *names, const char *text)
{
    struct uuid key = {{0}};
    uint8_t hash[UUID_LEN / 2];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)text, strlen(text), names->key, sizeof names->key);
    hex_encode(key.text, hash, sizeof hash);
    return key;
}

static struct uuid name_key(const struct names *names, const char *name)
{
    char folded[NAME_CHARS + 1];
    text_lower(folded, sizeof folded, name);
    return text_key(names, folded);
}

static struct bearer *bearer_find(const struct names *names, const char *user_id)
{
    const uint32_t *place = idmap_find(&names->by_user, user_id);
    return place ? &names->bearers[*place] : NULL;
}

static struct bearer *holder_find(const struct names *names, const char *name)
{
    if (strlen(name) > NAME_CHARS) return NULL;
    const struct uuid key = name_key(names, name);
    const uint32_t *place = idmap_find(&names->by_name, key.text);
    return place && *place ? &names->bearers[*place - 1] : NULL;
}

static struct bearer *owner_find(const struct names *names, const char *wallet)
{
    const struct uuid key = text_key(names, wallet);
    const uint32_t *place = *wallet ? idmap_find(&names->by_wallet, key.text) : NULL;
    return place && *place ? &names->bearers[*place - 1] : NULL;
}

static struct bearer *bearer_add(struct names *names, const char *user_id)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        struct bearer *more = realloc(names->bearers, room * sizeof *more);
        if (!more) return NULL;
        names->bearers = more;
        names->room = room;
    }
    uint32_t *place = idmap_add(&names->by_user, user_id);
    if (!place) return NULL;
    *place = (uint32_t)names->count;
    struct bearer *bearer = &names->bearers[names->count++];
    *bearer = (struct bearer){.level = 0};
    snprintf(bearer->user_id.text, sizeof bearer->user_id.text, "%s", user_id);
    return bearer;
}

static bool bearer_rename(struct names *names, struct bearer *bearer, const char *name)
{
    const struct uuid key = name_key(names, name);
    uint32_t *place = idmap_add(&names->by_name, key.text);
    if (!place) return false;
    if (holder_find(names, bearer->name) == bearer) {
        const struct uuid before = name_key(names, bearer->name);
        *idmap_find(&names->by_name, before.text) = 0;
    }
    uint32_t own = (uint32_t)(bearer - names->bearers) + 1;
    if (*place && *place != own) names->bearers[*place - 1].outdone = true;
    *place = own;
    bearer->outdone = false;
    bearer->change = atomic_fetch_add(&names->changes, 1) + 1;
    snprintf(bearer->name, sizeof bearer->name, "%s", name);
    return true;
}

static bool bearer_link(struct names *names, struct bearer *bearer, const char *wallet)
{
    const struct uuid before = text_key(names, bearer->wallet), key = text_key(names, wallet);
    if (strcmp(bearer->wallet, wallet) == 0) return true;
    if (owner_find(names, bearer->wallet) == bearer) *idmap_find(&names->by_wallet, before.text) = 0;
    uint32_t *place = *wallet ? idmap_add(&names->by_wallet, key.text) : NULL;
    if (*wallet && !place) return false;
    if (place) *place = (uint32_t)(bearer - names->bearers) + 1;
    snprintf(bearer->wallet, sizeof bearer->wallet, "%s", wallet);
    return true;
}

static int64_t suspension_end(const Names__Row *row)
{
    if (!row->suspended) return 0;
    return row->suspended_until_ms ? row->suspended_until_ms : INT64_MAX;
}

bool names_set(struct names *names, const Names__Row *row)
{
    struct bearer *bearer = bearer_find(names, row->user_id);
    if (!bearer) bearer = bearer_add(names, row->user_id);
    if (!bearer) return false;
    bearer->level = row->level;
    bearer->deleted = row->deleted;
    bearer->generation = row->generation;
    bearer->suspended_until_ms = suspension_end(row);
    bearer->verified = row->verified;
    if ((bearer->opted_out ^ row->opted_out) & NAMES_NO_RATING) atomic_fetch_add(&names->rating_changes, 1);
    bearer->opted_out = row->opted_out;
    if (!bearer_link(names, bearer, row->wallet)) return false;
    bool same = strcmp(bearer->name, row->username) == 0 && !bearer->outdone;
    return same || bearer_rename(names, bearer, row->username);
}

void names_set_leaving(struct names *names, const char *user_id)
{
    pthread_rwlock_wrlock(&names->lock);
    struct bearer *bearer = bearer_find(names, user_id);
    if (bearer) bearer->leaving = true;
    pthread_rwlock_unlock(&names->lock);
}

// ---- The table

bool names_row_is_good(const Names__Row *row)
{
    return uuid_check(row->user_id) && *row->username && strlen(row->username) <= NAME_CHARS &&
           strlen(row->wallet) < NAME_WALLET;
}

static bool load_page(struct names *names, char token[512], struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    if (!store_find(names->store, names->table, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Names__Row *row = (const Names__Row *)rows.messages[i];
        if (!names_row_is_good(row)) return err_fail(err, STORE_CORRUPT, "a row of names is none");
        if (!names_set(names, row)) return err_fail(err, INTERNAL_ERROR, "no memory for names");
    }
    snprintf(token, 512, "%s", rows.next_page_token);
    return true;
}

static bool load_place(struct names *names, struct arena *arena, struct err *err)
{
    Bus__Consumed *row;
    uint64_t version;
    if (!store_get(names->store, names->consumed, NAMES_STREAM, arena, (ProtobufCMessage **)&row, &version,
                   err))
        return false;
    if (row) names->place = (struct bus_place){row->generation, row->seq};
    return true;
}

static bool load_all(struct names *names, struct err *err)
{
    struct arena arena;
    char token[512] = "";
    arena_init(&arena, ARENA);
    bool ok = load_place(names, &arena, err);
    do {
        arena_reset(&arena);
        ok = ok && load_page(names, token, &arena, err);
    } while (ok && *token);
    arena_finish(&arena);
    return ok;
}

bool names_open(struct names **out, const struct names_options *options, struct err *err)
{
    struct names *names = calloc(1, sizeof *names);
    if (!names) return err_fail(err, INTERNAL_ERROR, "out of memory");
    names->store = options->store;
    names->table = options->table;
    names->consumed = options->consumed;
    names->wallets = options->wallets;
    atomic_init(&names->changes, 1);
    atomic_init(&names->rating_changes, 1);
    pthread_rwlock_init(&names->lock, NULL);
    randombytes_buf(names->key, sizeof names->key);
    if (load_all(names, err)) return *out = names, true;
    names_close(names);
    return false;
}

void names_close(struct names *names)
{
    if (!names) return;
    pthread_rwlock_destroy(&names->lock);
    idmap_finish(&names->by_user);
    idmap_finish(&names->by_name);
    idmap_finish(&names->by_wallet);
    free(names->bearers);
    free(names);
}

// ---- What is known

bool names_are_fresh(const struct names *names)
{
    return names->consumer && bus_consumer_age_ms(names->consumer) <= FRESH_MS;
}

// A user that another content of auth's store had, and this one does not, is nobody.
static bool is_current(const struct names *names, const struct bearer *bearer, bool fresh)
{
    return bearer && (!fresh || bearer->generation == names->place.generation);
}

static bool names_tell(struct names *names, struct bearer *(*find)(const struct names *, const char *),
                       const char *key, struct name_told *told)
{
    bool fresh = names_are_fresh(names);
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = find(names, key);
    bool known = is_current(names, bearer, fresh) && !bearer->deleted;
    if (known) {
        told->user_id = bearer->user_id;
        told->level = bearer->level;
        told->suspended_until_ms = bearer->suspended_until_ms;
        told->verified = bearer->verified;
        told->opted_out = bearer->opted_out;
        snprintf(told->wallet, sizeof told->wallet, "%s", bearer->wallet);
        snprintf(told->username, sizeof told->username, "%s", bearer->name);
    }
    pthread_rwlock_unlock(&names->lock);
    return known;
}

bool names_get(struct names *names, const char *user_id, struct name_told *told)
{
    return names_tell(names, bearer_find, user_id, told);
}

bool names_look_up(struct names *names, const char *username, struct name_told *told)
{
    return names_tell(names, holder_find, username, told);
}

bool names_by_wallet(struct names *names, const char *wallet, struct name_told *told)
{
    return names_tell(names, owner_find, wallet, told);
}

bool names_opted_out(struct names *names, const char *user_id, uint32_t of)
{
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = bearer_find(names, user_id);
    bool out = bearer && (bearer->deleted || bearer->opted_out & of);
    pthread_rwlock_unlock(&names->lock);
    return out;
}

bool names_is_deleted(struct names *names, const char *user_id)
{
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = bearer_find(names, user_id);
    bool deleted = bearer && bearer->deleted;
    pthread_rwlock_unlock(&names->lock);
    return deleted;
}

bool names_is_leaving(struct names *names, const char *user_id)
{
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = bearer_find(names, user_id);
    bool leaving = bearer && (bearer->leaving || bearer->deleted);
    pthread_rwlock_unlock(&names->lock);
    return leaving;
}

uint64_t names_changes(const struct names *names) { return atomic_load(&names->changes); }

uint64_t names_rating_changes(const struct names *names) { return atomic_load(&names->rating_changes); }

void names_hold(struct names *names) { pthread_rwlock_rdlock(&names->lock); }

void names_release(struct names *names) { pthread_rwlock_unlock(&names->lock); }

const struct bearer *names_bearer(const struct names *names, const char *user_id)
{
    return bearer_find(names, user_id);
}

const struct bearer *names_holder(const struct names *names, const char *name)
{
    return holder_find(names, name);
}
