#include "lib/keys/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/keys/ring.h"
#include "lib/thread/periodic.h"

enum { POLL_MS = 2000, AGAIN_MS = 1000, ROOM = 16 };

// ---- Sets

const struct key *key_in_use(const struct key_set *set)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i + 1 < set->count; i++)
        if (set->keys[i].ready_ms <= now_ms || set->keys[i].alone) return &set->keys[i];
    return &set->keys[set->count - 1];
}

// A minute more: the successor is used a little after it is made, and clocks differ.
bool key_serves(const struct key_set *set, size_t at, int64_t life_ms, int64_t now_ms)
{
    enum { SLACK_MS = 60000 };
    return at == 0 || set->keys[at - 1].made_ms + life_ms + SLACK_MS > now_ms;
}

void key_set_forget(struct key_set *set) { sodium_memzero(set, sizeof *set); }

void key_forget(struct key *key) { sodium_memzero(key, sizeof *key); }

// ---- Memory

void kept_list_forget(struct kept_list *list)
{
    if (list->all) sodium_memzero(list->all, list->count * sizeof *list->all);
    free(list->all);
    *list = (struct kept_list){0};
}

// A list that grows leaves no copy of keys behind.
static bool kept_list_grow(struct kept_list *list, struct err *err)
{
    struct kept_list larger = {.count = list->count, .room = list->room ? 2 * list->room : ROOM};
    larger.all = calloc(larger.room, sizeof *larger.all);
    if (!larger.all) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (list->count) memcpy(larger.all, list->all, list->count * sizeof *list->all);
    kept_list_forget(list);
    *list = larger;
    return true;
}

bool kept_list_add(struct kept_list *list, const struct kept *kept, struct err *err)
{
    if (list->count == list->room && !kept_list_grow(list, err)) return false;
    list->all[list->count++] = *kept;
    return true;
}

struct kept *kept_list_find(const struct kept_list *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->all[i].id, id) == 0) return &list->all[i];
    return NULL;
}

bool ring_keep(struct keyring *ring, const struct kept *kept, struct err *err)
{
    pthread_rwlock_wrlock(&ring->lock);
    struct kept *before = kept_list_find(&ring->kept, kept->id);
    bool new = !before || before->version != kept->version;
    if (before) *before = *kept;
    bool ok = before || kept_list_add(&ring->kept, kept, err);
    pthread_rwlock_unlock(&ring->lock);
    if (new) atomic_fetch_add(&ring->changes, 1);
    return ok;
}

// In its place by number; the oldest gives way.
static void set_insert(struct key_set *set, const struct key *key)
{
    size_t at = 0;
    while (at < set->count && set->keys[at].number > key->number) at++;
    if (at == KEYS_MOST) return;
    if (set->count < KEYS_MOST) set->count++;
    memmove(&set->keys[at + 1], &set->keys[at], (set->count - 1 - at) * sizeof *set->keys);
    set->keys[at] = *key;
}

void ring_set_of(struct keyring *ring, const char *name, struct key_set *set)
{
    *set = (struct key_set){0};
    pthread_rwlock_rdlock(&ring->lock);
    for (size_t i = 0; i < ring->kept.count; i++) {
        const struct kept *kept = &ring->kept.all[i];
        if (!kept->closed && strcmp(kept->name, name) == 0) set_insert(set, &kept->key);
    }
    pthread_rwlock_unlock(&ring->lock);
    for (size_t i = 0; i + 1 < set->count; i++)
        if (set->keys[i].alone) set->count = i + 1;
}

void keyring_get(struct keyring *ring, const char *name, struct key_set *set)
{
    ring_set_of(ring, name, set);
    if (set->count == 0) abort(); // it was not loaded
}

void keyring_in_use(struct keyring *ring, const char *name, struct key *key)
{
    AUTO_KEYS struct key_set set;
    keyring_get(ring, name, &set);
    *key = *key_in_use(&set);
}

uint64_t keyring_changes(const struct keyring *ring) { return atomic_load(&ring->changes); }

bool keyring_has_rows(const struct keyring *ring) { return ring->masters.count > 0; }

// ---- Making and reading

// What a file of older days has becomes the row.
static bool first_key(struct keyring *ring, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    if (key_file_read(ring->folder, name, key, err)) return true;
    if (!err_is(err, NOT_FOUND)) return false;
    randombytes_buf(key, KEY_BYTES);
    return true;
}

static bool insert_first(struct keyring *ring, const char *name, struct err *err)
{
    AUTO_KEY struct key key = {.number = 1, .made_ms = clock_unix_ms()};
    return first_key(ring, name, key.bytes, err) &&
           (ring_insert(ring, name, &key, NULL, err) || err_is(err, CONFLICT)); // another's is as good
}

static bool is_readable(const struct kept *kept, struct err *err)
{
    if (!*kept->id) return err_fail(err, STORE_CORRUPT, "a key that was stored is not there");
    return !kept->closed || err_fail(err, STORE_CORRUPT,
                                     "the key %s is sealed by the master key %s, which CONSE_MASTER_KEY_FILE "
                                     "does not have",
                                     kept->id, kept->master);
}

// The file was moved into the row; where it cannot be removed, it is only another copy.
static bool leave_file(struct keyring *ring, const struct kept *kept, struct err *err)
{
    uint8_t key[KEY_BYTES];
    if (!key_file_read(ring->folder, kept->id, key, err)) return err_is(err, NOT_FOUND);
    bool same = sodium_memcmp(key, kept->key.bytes, KEY_BYTES) == 0;
    sodium_memzero(key, sizeof key);
    if (!same)
        return err_fail(err, STORE_CORRUPT,
                        "the key %s in %s is not the one in the store: remove the wrong one", kept->id,
                        ring->folder);
    if (key_file_remove(ring->folder, kept->id, err))
        log_info("a key file was moved into the store", F_STR("key", kept->id));
    else
        log_err(LOG_WARN, "a key file that is in the store stays", err);
    return true;
}

// A name whose keys are all closed gets no other. The caller holds `writing`.
static const struct kept *kept_named(const struct keyring *ring, const char *name)
{
    for (size_t i = 0; i < ring->kept.count; i++)
        if (strcmp(ring->kept.all[i].name, name) == 0) return &ring->kept.all[i];
    return NULL;
}

static bool load_row(struct keyring *ring, const char *name, struct err *err)
{
    struct kept kept;
    const struct kept *known = kept_named(ring, name);
    if (known) return is_readable(known, err);
    bool ok = ring_read_row(ring, name, &kept, err);
    if (ok && !*kept.id) ok = insert_first(ring, name, err) && ring_read_row(ring, name, &kept, err);
    ok = ok && is_readable(&kept, err) && leave_file(ring, &kept, err) && ring_keep(ring, &kept, err);
    sodium_memzero(&kept, sizeof kept);
    return ok;
}

static bool load_file(struct keyring *ring, const char *name, struct err *err)
{
    struct kept kept = {.key = {.number = 1}};
    if (!ring_id_of(kept.id, name, 1, err)) return false;
    snprintf(kept.name, sizeof kept.name, "%s", name);
    bool ok = key_file_load(ring->folder, name, kept.key.bytes, err) && ring_keep(ring, &kept, err);
    sodium_memzero(&kept, sizeof kept);
    return ok;
}

bool keyring_load(struct keyring *ring, const char *name, struct key_set *set, struct err *err)
{
    ring_set_of(ring, name, set);
    if (set->count && keyring_has_rows(ring)) return true;
    pthread_mutex_lock(&ring->writing);
    bool ok = keyring_has_rows(ring) ? load_row(ring, name, err) : load_file(ring, name, err);
    pthread_mutex_unlock(&ring->writing);
    if (ok) ring_set_of(ring, name, set);
    return ok;
}

bool keyring_read(struct keyring *ring, struct err *err)
{
    if (!keyring_has_rows(ring)) return true;
    pthread_mutex_lock(&ring->writing);
    bool ok = ring_read_rows(ring, err);
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

// Whether a later key of the name stands alone.
static bool is_void(const struct kept_list *list, const struct kept *kept)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->all[i].key.alone && list->all[i].key.number > kept->key.number &&
            strcmp(list->all[i].name, kept->name) == 0)
            return true;
    return false;
}

static bool find_known(struct keyring *ring, const char *id, struct key *key)
{
    pthread_rwlock_rdlock(&ring->lock);
    const struct kept *kept = kept_list_find(&ring->kept, id);
    bool found = kept && !kept->closed && !is_void(&ring->kept, kept);
    if (found) *key = kept->key;
    pthread_rwlock_unlock(&ring->lock);
    return found;
}

// Whoever asks for keys that do not exist makes it read once a second.
static bool read_for(struct keyring *ring, struct err *err)
{
    pthread_mutex_lock(&ring->writing);
    int64_t now_ms = clock_mono_ms();
    bool soon = now_ms - ring->read_ms < AGAIN_MS;
    bool ok = soon || ring_read_rows(ring, err);
    if (ok && !soon) ring->read_ms = now_ms;
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

bool keyring_find(struct keyring *ring, const char *name, uint32_t number, struct key *key, struct err *err)
{
    char id[RING_ID];
    if (!ring_id_of(id, name, number, err)) return false;
    if (find_known(ring, id, key)) return true;
    if (keyring_has_rows(ring) && !read_for(ring, err)) return false;
    return find_known(ring, id, key) || err_fail(err, NOT_FOUND, "there is no key %s", id);
}

// Another process may have made it, and what rests on it, since the rows were read.
static bool knows_name(struct keyring *ring, const char *name, bool *known, struct err *err)
{
    pthread_mutex_lock(&ring->writing);
    *known = kept_named(ring, name) != NULL;
    bool ok = *known || !keyring_has_rows(ring) || ring_read_rows(ring, err);
    *known = *known || (ok && kept_named(ring, name));
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

bool keyring_expect(struct keyring *ring, const char *name, const char *what, struct err *err)
{
    char path[KEY_FILE_PATH];
    bool known;
    if (!knows_name(ring, name, &known, err)) return false;
    if (known) return true;
    if (!key_file_path(path, ring->folder, name, err)) return false;
    if (access(path, F_OK) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) return err_errno(err, errno, path);
    return err_fail(err, STORE_CORRUPT, "%s is lost, and %s: put it back from a backup", path, what);
}

// ---- Opening

static bool has_any_row(struct keyring *ring, bool *has, struct err *err)
{
    const struct store_query query = {.limit = 1, .page_token = ""};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, RING_ARENA);
    bool ok = store_find(ring->store, ring->table, &query, &arena, &rows, err);
    *has = ok && rows.count;
    arena_finish(&arena);
    return ok;
}

static bool open_files(struct keyring *ring, struct err *err)
{
    bool has;
    if (ring->shared)
        return err_fail(err, INVALID_FIELD,
                        "CONSE_MASTER_KEY_FILE must be set: a store that several processes share keeps their "
                        "keys, sealed");
    return has_any_row(ring, &has, err) &&
           (!has || err_fail(err, STORE_CORRUPT,
                             "this service's keys are sealed in its store: CONSE_MASTER_KEY_FILE must name "
                             "their master key"));
}

static bool leave_files(struct keyring *ring, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < ring->kept.count; i++) {
        const struct kept *kept = &ring->kept.all[i];
        ok = kept->closed || !kept->key.number || leave_file(ring, kept, err);
    }
    return ok;
}

bool keyring_open(struct keyring **opened, const struct keyring_options *options, struct err *err)
{
    struct keyring *ring = calloc(1, sizeof *ring);
    if (!ring) return err_fail(err, INTERNAL_ERROR, "out of memory");
    ring->store = options->store;
    ring->table = options->table;
    ring->shared = options->shared;
    ring->read_ms = INT64_MIN / 2;
    snprintf(ring->service, sizeof ring->service, "%s", options->service);
    snprintf(ring->folder, sizeof ring->folder, "%s", options->folder);
    pthread_mutex_init(&ring->writing, NULL);
    pthread_rwlock_init(&ring->lock, NULL);
    bool ok = masters_load(&ring->masters, options->masters, err);
    if (ok && !keyring_has_rows(ring))
        ok = open_files(ring, err);
    else if (ok)
        ok = ring_check_master(ring, err) && ring_read_rows(ring, err) && leave_files(ring, err);
    if (ok) return *opened = ring, true;
    keyring_close(ring);
    return false;
}

void keyring_close(struct keyring *ring)
{
    if (!ring) return;
    keyring_unfollow(ring);
    kept_list_forget(&ring->kept);
    masters_forget(&ring->masters);
    pthread_mutex_destroy(&ring->writing);
    pthread_rwlock_destroy(&ring->lock);
    free(ring);
}

static int64_t keyring_work(void *arg)
{
    struct err err;
    if (!keyring_read(arg, &err)) log_err(LOG_WARN, "keys are not read again", &err);
    return POLL_MS;
}

bool keyring_follow(struct keyring *ring, struct err *err)
{
    return !ring->shared || periodic_start(&ring->thread, "keys", POLL_MS, keyring_work, ring, err);
}

void keyring_unfollow(struct keyring *ring)
{
    if (!ring) return;
    periodic_stop(ring->thread);
    ring->thread = NULL;
}
