// What operators do with keys: looking, rotating, sealing them anew; and removing those that have served.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/keys/ring.h"

enum { TRIES = 5 };

static bool need_rows(const struct keyring *ring, struct err *err)
{
    return keyring_has_rows(ring) ||
           err_field(err, INVALID_FIELD, "name",
                     "keys are files here; with CONSE_MASTER_KEY_FILE the store keeps them, and they can be "
                     "rotated");
}

// ---- Rotating

static void ring_forget(struct keyring *ring, const char *id)
{
    pthread_rwlock_wrlock(&ring->lock);
    struct kept *kept = kept_list_find(&ring->kept, id);
    if (kept) {
        struct kept *last = &ring->kept.all[--ring->kept.count];
        *kept = *last;
        sodium_memzero(last, sizeof *last);
    }
    pthread_rwlock_unlock(&ring->lock);
}

static bool key_drop(struct keyring *ring, const char *id, struct err *err)
{
    if (!ring_remove(ring, id, err)) return false;
    ring_forget(ring, id);
    return true;
}

static bool insert_next(struct keyring *ring, const char *name, uint32_t number,
                        const struct rotation *rotation, char id[RING_ID], struct err *err)
{
    AUTO_KEY struct key key = {.number = number, .made_ms = rotation->now_ms, .alone = rotation->at_once};
    randombytes_buf(key.bytes, sizeof key.bytes);
    return ring_id_of(id, name, number, err) && ring_insert(ring, name, &key, rotation->act, err) &&
           ring_read_rows(ring, err);
}

// The newest of those before has served only when a key was stolen.
static bool has_served(const struct key_set *before, size_t at, const struct rotation *rotation)
{
    return rotation->at_once ||
           (rotation->life_ms && !key_serves(before, at, rotation->life_ms, rotation->now_ms));
}

static bool rotate_rows(struct keyring *ring, const char *name, const struct rotation *rotation,
                        char id[RING_ID], struct err *err)
{
    AUTO_KEYS struct key_set before = {.count = 0};
    if (!ring_read_rows(ring, err)) return false;
    ring_set_of(ring, name, &before);
    if (!before.count) return err_field(err, INVALID_FIELD, "name", "there is no key %s", name);
    bool ok = insert_next(ring, name, before.keys[0].number + 1, rotation, id, err);
    for (size_t i = 0; ok && i < before.count; i++) {
        char old[RING_ID];
        if (has_served(&before, i, rotation))
            ok = ring_id_of(old, name, before.keys[i].number, err) && key_drop(ring, old, err);
    }
    return ok;
}

bool keyring_rotate(struct keyring *ring, const char *name, const struct rotation *rotation, char id[RING_ID],
                    struct err *err)
{
    if (!need_rows(ring, err)) return false;
    pthread_mutex_lock(&ring->writing);
    bool ok = rotate_rows(ring, name, rotation, id, err);
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

// ---- Removing

// The first id of the prefix with a number below least; "" when there is none.
static void find_below(struct keyring *ring, const char *prefix, int64_t least, char id[RING_ID])
{
    size_t len = strlen(prefix);
    *id = 0;
    pthread_rwlock_rdlock(&ring->lock);
    for (size_t i = 0; !*id && i < ring->kept.count; i++) {
        const struct kept *kept = &ring->kept.all[i];
        if (strncmp(kept->name, prefix, len) == 0 && atoll(kept->name + len) < least)
            memcpy(id, kept->id, RING_ID);
    }
    pthread_rwlock_unlock(&ring->lock);
}

bool keyring_drop_below(struct keyring *ring, const char *prefix, int64_t least, struct err *err)
{
    char id[RING_ID];
    bool ok = true;
    if (!keyring_has_rows(ring)) return true;
    pthread_mutex_lock(&ring->writing);
    for (find_below(ring, prefix, least, id); ok && *id; find_below(ring, prefix, least, id))
        ok = key_drop(ring, id, err);
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

// ---- Sealing anew

typedef bool change_kept(struct keyring *ring, struct kept *kept, const void *arg);

// Reads a row, changes it and writes it, again when another process was quicker. `changed` when `change` said
// that there is something to write.
static bool change_row(struct keyring *ring, const char *id, change_kept *change, const void *arg,
                       const Audit__Entry *act, bool *changed, struct err *err)
{
    bool ok = false;
    for (int tries = 0; !ok && tries < TRIES; tries++) {
        struct kept kept;
        if (!ring_read_row(ring, id, &kept, err)) return false;
        *changed = *kept.id && change(ring, &kept, arg);
        ok = !*changed || ring_put(ring, &kept, act, err);
        sodium_memzero(&kept, sizeof kept);
        if (!ok && !err_is(err, CONFLICT)) return false;
    }
    return ok;
}

// One that no given master key opens cannot be sealed anew.
static bool needs_wrap(struct keyring *ring, struct kept *kept, const void *arg)
{
    (void)arg;
    return !kept->closed && strcmp(kept->master, ring->masters.all[0].id) != 0;
}

// The fingerprint last: without it, a master key that is still needed could be taken away.
static bool rewrap_kept(struct keyring *ring, bool fingerprint, const Audit__Entry *act, uint32_t *count,
                        struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < ring->kept.count; i++) {
        bool changed = false;
        char id[RING_ID];
        if ((ring->kept.all[i].key.number == 0) != fingerprint) continue;
        if (ring->kept.all[i].closed)
            return err_fail(err, STORE_CORRUPT, "the key %s is sealed by a master key that is not given",
                            ring->kept.all[i].id);
        memcpy(id, ring->kept.all[i].id, sizeof id);
        ok = change_row(ring, id, needs_wrap, NULL, act, &changed, err);
        *count += changed;
    }
    return ok;
}

bool keyring_rewrap(struct keyring *ring, const Audit__Entry *act, uint32_t *count, struct err *err)
{
    *count = 0;
    if (!need_rows(ring, err)) return false;
    pthread_mutex_lock(&ring->writing);
    bool ok = ring_read_rows(ring, err) && rewrap_kept(ring, false, act, count, err) &&
              rewrap_kept(ring, true, NULL, count, err) && ring_read_rows(ring, err);
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

// ---- Certificates

static bool take_certificate(struct keyring *ring, struct kept *kept, const void *certificate)
{
    (void)ring;
    bool new = !kept->key.certified || memcmp(kept->key.certificate, certificate, KEY_CERTIFICATE) != 0;
    kept->key.certified = true;
    memcpy(kept->key.certificate, certificate, KEY_CERTIFICATE);
    return new && !kept->closed;
}

bool keyring_certify(struct keyring *ring, const char *name, uint32_t number,
                     const uint8_t certificate[KEY_CERTIFICATE], struct err *err)
{
    char id[RING_ID];
    bool changed;
    if (!ring_id_of(id, name, number, err)) return false;
    pthread_mutex_lock(&ring->writing);
    bool ok =
        change_row(ring, id, take_certificate, certificate, NULL, &changed, err) && ring_read_rows(ring, err);
    pthread_mutex_unlock(&ring->writing);
    return ok;
}

// ---- Looking

static bool is_in_use(struct keyring *ring, const struct kept *kept)
{
    AUTO_KEYS struct key_set set;
    ring_set_of(ring, kept->name, &set);
    return set.count && key_in_use(&set)->number == kept->key.number;
}

static bool status_key(struct keyring *ring, const struct kept *kept, struct arena *arena,
                       Keys__Status__Key *shown)
{
    keys__status__key__init(shown);
    shown->id = arena_str(arena, kept->id);
    shown->master = arena_str(arena, kept->version ? kept->master : "");
    shown->made_at = kept->key.made_ms ? stamp_new(arena, kept->key.made_ms) : NULL;
    shown->closed = kept->closed;
    shown->in_use = !kept->closed && is_in_use(ring, kept);
    return !arena->failed;
}

static bool status_keys(struct keyring *ring, struct arena *arena, Keys__Status *status)
{
    Keys__Status__Key *shown = arena_array(arena, ring->kept.count + 1, sizeof *shown);
    status->keys = arena_array(arena, ring->kept.count + 1, sizeof *status->keys);
    if (!shown || !status->keys) return false;
    for (size_t i = 0; i < ring->kept.count; i++) {
        if (ring->kept.all[i].key.number == 0) continue; // the fingerprint
        if (!status_key(ring, &ring->kept.all[i], arena, &shown[status->n_keys])) return false;
        status->keys[status->n_keys] = &shown[status->n_keys];
        status->n_keys++;
    }
    return true;
}

static uint32_t sealed_by(const struct keyring *ring, const char *master)
{
    uint32_t count = 0;
    for (size_t i = 0; i < ring->kept.count; i++) count += strcmp(ring->kept.all[i].master, master) == 0;
    return count;
}

static bool status_masters(struct keyring *ring, struct arena *arena, Keys__Status *status)
{
    Keys__Status__Master *shown = arena_array(arena, MASTERS_MOST, sizeof *shown);
    status->masters = arena_array(arena, MASTERS_MOST, sizeof *status->masters);
    if (!shown || !status->masters) return false;
    for (size_t i = 0; i < ring->masters.count; i++) {
        keys__status__master__init(&shown[i]);
        shown[i].id = arena_str(arena, ring->masters.all[i].id);
        shown[i].keys = sealed_by(ring, ring->masters.all[i].id);
        status->masters[status->n_masters++] = &shown[i];
    }
    return !arena->failed;
}

bool keyring_status(struct keyring *ring, struct arena *arena, Keys__Status *status, struct err *err)
{
    pthread_mutex_lock(&ring->writing);
    bool read = !keyring_has_rows(ring) || ring_read_rows(ring, err);
    bool filled = read && status_keys(ring, arena, status) && status_masters(ring, arena, status);
    pthread_mutex_unlock(&ring->writing);
    return filled || (read && err_fail(err, CALL_TOO_LARGE, "there are more keys than a call may show"));
}
