// The rows of keys: reading, opening, sealing, writing.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/keys/ring.h"

#define FINGERPRINT "fingerprint"

enum { PAGE = 100, SETTLE_MS = 10000 };

bool ring_id_of(char id[RING_ID], const char *name, uint32_t number, struct err *err)
{
    if (strlen(name) >= RING_NAME) return err_fail(err, INTERNAL_ERROR, "%s: a long name of a key", name);
    snprintf(id, RING_ID, number > 1 ? "%s/%u" : "%s", name, number);
    return true;
}

static void place_of(const struct keyring *ring, const char *id, char place[RING_ID + 32])
{
    snprintf(place, RING_ID + 32, "%s/%s", ring->service, id);
}

// The fingerprint's number is 0.
static struct kept kept_of(const Keys__Row *row, uint64_t version)
{
    struct kept kept = {.version = version,
                        .key = {.number = row->number, .made_ms = row->made_ms, .alone = row->alone}};
    snprintf(kept.id, sizeof kept.id, "%s", row->id);
    snprintf(kept.name, sizeof kept.name, "%s", row->name);
    snprintf(kept.master, sizeof kept.master, "%s", row->master);
    kept.key.certified = row->certificate.len == KEY_CERTIFICATE;
    if (kept.key.certified) memcpy(kept.key.certificate, row->certificate.data, KEY_CERTIFICATE);
    return kept;
}

static bool row_open(struct keyring *ring, const Keys__Row *row, struct kept *kept, struct err *err)
{
    char place[RING_ID + 32];
    const struct master *master = master_find(&ring->masters, row->master);
    place_of(ring, row->id, place);
    kept->closed = master == NULL;
    if (!master) return true;
    return (row->box.len == MASTER_BOX && master_open(master, place, row->box.data, kept->key.bytes)) ||
           err_fail(err, STORE_CORRUPT, "the stored key %s does not open", row->id);
}

static int64_t ready_from(const struct keyring *ring)
{
    return ring->shared ? clock_mono_ms() + SETTLE_MS : 0;
}

// A key that is known stays known, whatever becomes of its row.
static void stay_open(struct kept *kept, const struct kept *known)
{
    memcpy(kept->key.bytes, known->key.bytes, KEY_BYTES);
    kept->closed = false;
}

static bool take_row(struct keyring *ring, const Keys__Row *row, uint64_t version, struct kept *kept,
                     struct err *err)
{
    const struct kept *known = kept_list_find(&ring->kept, row->id);
    if (known && known->version == version) return *kept = *known, true;
    *kept = kept_of(row, version);
    kept->key.ready_ms = known ? known->key.ready_ms : ready_from(ring);
    if (!row_open(ring, row, kept, err)) return false;
    if (kept->closed && kept->key.number)
        log_warn("a key is sealed by a master key that CONSE_MASTER_KEY_FILE does not have",
                 F_STR("key", kept->id), F_STR("master", kept->master));
    if (kept->closed && known && !known->closed) stay_open(kept, known);
    return true;
}

static bool read_page(struct keyring *ring, char token[512], struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    bool ok = store_find(ring->store, ring->table, &query, arena, &rows, err);
    for (size_t i = 0; ok && i < rows.count; i++) {
        struct kept kept;
        ok = take_row(ring, (const Keys__Row *)rows.messages[i], rows.versions[i], &kept, err) &&
             ring_keep(ring, &kept, err);
        sodium_memzero(&kept, sizeof kept);
    }
    if (ok) snprintf(token, 512, "%s", rows.next_page_token);
    return ok;
}

bool ring_read_rows(struct keyring *ring, struct err *err)
{
    struct arena arena;
    char token[512] = "";
    bool ok;
    arena_init(&arena, RING_ARENA);
    do {
        ok = read_page(ring, token, &arena, err);
        arena_reset(&arena);
    } while (ok && *token);
    arena_finish(&arena);
    return ok;
}

bool ring_read_row(struct keyring *ring, const char *id, struct kept *kept, struct err *err)
{
    struct arena arena;
    ProtobufCMessage *row;
    uint64_t version;
    *kept = (struct kept){0};
    arena_init(&arena, RING_ARENA);
    bool ok = store_get(ring->store, ring->table, id, &arena, &row, &version, err) &&
              (!row || take_row(ring, (const Keys__Row *)row, version, kept, err));
    arena_finish(&arena);
    return ok;
}

// What the stored row owes, and the act.
static bool row_owes(struct keyring *ring, const struct kept *kept, const Audit__Entry *act,
                     struct arena *arena, Audit__Owed **owed, struct err *err)
{
    Keys__Row *stored = NULL;
    uint64_t version;
    *owed = NULL;
    if (kept->version &&
        !store_get(ring->store, ring->table, kept->id, arena, (ProtobufCMessage **)&stored, &version, err))
        return false;
    if (stored) *owed = stored->owed;
    if (!act) return true;
    const struct uuid id = uuid_new(stamp_ms(act->time));
    Audit__Entry own = *act;
    own.id = id.text;
    own.target = kept->id;
    return audit_owe(owed, &own, arena, err);
}

static bool put_owing(struct keyring *ring, const struct kept *kept, Audit__Owed *owed, struct err *err)
{
    uint8_t box[MASTER_BOX];
    char place[RING_ID + 32];
    Keys__Row row = KEYS__ROW__INIT;
    place_of(ring, kept->id, place);
    master_seal(&ring->masters.all[0], place, kept->key.bytes, box);
    row.id = kept->id;
    row.name = kept->name;
    row.number = kept->key.number;
    row.master = ring->masters.all[0].id;
    row.box = (ProtobufCBinaryData){sizeof box, box};
    row.made_ms = kept->key.made_ms;
    row.alone = kept->key.alone;
    row.owed = owed;
    if (kept->key.certified)
        row.certificate = (ProtobufCBinaryData){KEY_CERTIFICATE, (uint8_t *)kept->key.certificate};
    return store_wait(ring->store,
                      store_put(ring->store, ring->table, &row.base, kept->version, &(struct store_write){0}),
                      err);
}

bool ring_put(struct keyring *ring, const struct kept *kept, const Audit__Entry *act, struct err *err)
{
    struct arena arena;
    Audit__Owed *owed;
    arena_init(&arena, RING_ARENA);
    bool ok = row_owes(ring, kept, act, &arena, &owed, err) && put_owing(ring, kept, owed, err);
    arena_finish(&arena);
    return ok;
}

bool ring_insert(struct keyring *ring, const char *name, const struct key *key, const Audit__Entry *act,
                 struct err *err)
{
    struct kept kept = {.key = *key};
    bool ok = ring_id_of(kept.id, name, key->number, err);
    snprintf(kept.name, sizeof kept.name, "%s", name);
    ok = ok && ring_put(ring, &kept, act, err);
    sodium_memzero(&kept, sizeof kept);
    return ok;
}

bool ring_remove(struct keyring *ring, const char *id, struct err *err)
{
    struct kept kept;
    bool ok = ring_read_row(ring, id, &kept, err);
    if (ok && *kept.id)
        ok = store_wait(ring->store,
                        store_delete(ring->store, ring->table, id, kept.version, &(struct store_write){0}),
                        err) ||
             err_is(err, CONFLICT); // another process removes it
    sodium_memzero(&kept, sizeof kept);
    return ok;
}

static bool refuse_master(const char *master, struct err *err)
{
    return err_fail(
        err, STORE_CORRUPT,
        "CONSE_MASTER_KEY_FILE does not have the master key %s, with which this service's keys are "
        "sealed",
        master);
}

// Of the first process; a later one with other master keys finds it and refuses to start.
static bool note_fingerprint(struct keyring *ring, struct err *err)
{
    return ring_insert(ring, FINGERPRINT, &(struct key){.number = 0}, NULL, err) || err_is(err, CONFLICT);
}

bool ring_check_master(struct keyring *ring, struct err *err)
{
    struct kept kept;
    if (!ring_read_row(ring, FINGERPRINT, &kept, err)) return false;
    if (!*kept.id && (!note_fingerprint(ring, err) || !ring_read_row(ring, FINGERPRINT, &kept, err)))
        return false;
    return !kept.closed || refuse_master(kept.master, err);
}
