#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/acts.h"
#include "services/events/catalogue/older.h"
#include "services/events/tables.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>

#include "lib/base/log.h"
#include "services/events/edited.h"

// MOST_BYTES, of a table's rows: a list is one reply.
enum { TABLES = EVENTS_LAST_MOVES + 1, ARENA = 16 << 20, MOST_ROWS = 2000, MOST_BYTES = 1 << 20, TRIES = 5 };

struct catalogue_room {
    ProtobufCMessage **rows;
    uint64_t *versions;
    size_t count;
    struct idmap by_id; // places
};

struct catalogue {
    struct store *store;
    struct audit *audit;    // or NULL
    atomic_bool untold;     // an act could not be told
    pthread_mutex_t writer; // one change of this process at a time, held over the disk
    pthread_rwlock_t lock;  // of the rows
    struct catalogue_room rooms[TABLES];
    atomic_uint_fast64_t version; // grows with every change
};

static const char *id_of(const ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *id =
        protobuf_c_message_descriptor_get_field_by_name(row->descriptor, "id");
    return *(const char *const *)((const char *)row + id->offset);
}

static bool catalogue_disabled(const ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(row->descriptor, "disabled");
    return *(const protobuf_c_boolean *)((const char *)row + field->offset);
}

static ProtobufCMessage *catalogue_copy(const ProtobufCMessage *row, ProtobufCAllocator *allocator)
{
    size_t len = protobuf_c_message_get_packed_size(row);
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return NULL;
    protobuf_c_message_pack(row, bytes);
    ProtobufCMessage *message = protobuf_c_message_unpack(row->descriptor, allocator, len, bytes);
    free(bytes);
    return message;
}

static long place_of(const struct catalogue_room *room, const char *id)
{
    const uint32_t *place = idmap_find(&room->by_id, id);
    return place ? (long)*place : -1;
}

// Cards by their number, the others by their slug.
static int catalogue_compare(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    if (a->descriptor == &events__last_move__descriptor)
        return ((const Events__LastMove *)a)->number - ((const Events__LastMove *)b)->number;
    const ProtobufCFieldDescriptor *slug =
        protobuf_c_message_descriptor_get_field_by_name(a->descriptor, "slug");
    return strcmp(*(const char *const *)((const char *)a + slug->offset),
                  *(const char *const *)((const char *)b + slug->offset));
}

// Room for one more row where it belongs; -1 without memory.
static long make_place(struct catalogue_room *room, const ProtobufCMessage *row)
{
    size_t versions = room->count, at = room->count;
    if (!array_add(&room->versions, &versions, sizeof *room->versions)) return -1;
    if (!array_add(&room->rows, &room->count, sizeof(ProtobufCMessage *))) return -1;
    uint32_t *place = idmap_add(&room->by_id, id_of(row));
    if (!place) return room->count--, -1;
    for (; at > 0 && catalogue_compare(room->rows[at - 1], row) > 0; at--) {
        room->rows[at] = room->rows[at - 1];
        room->versions[at] = room->versions[at - 1];
        *idmap_find(&room->by_id, id_of(room->rows[at])) = (uint32_t)at;
    }
    *place = (uint32_t)at;
    return (long)at;
}

static bool keep_row(struct catalogue_room *room, const ProtobufCMessage *row, uint64_t version)
{
    long place = place_of(room, id_of(row));
    ProtobufCMessage *kept = catalogue_copy(row, NULL);
    if (!kept) return false;
    act_strip(kept);
    if (place >= 0)
        protobuf_c_message_free_unpacked(room->rows[place], NULL);
    else
        place = make_place(room, kept);
    if (place < 0) return protobuf_c_message_free_unpacked(kept, NULL), false;
    room->rows[place] = kept;
    room->versions[place] = version;
    return true;
}

// What is not told is told at the next edit, or at the next start.
static void settle_own(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row)
{
    struct err err;
    if (act_settle(catalogue->audit, &events_tables[table], row, &err)) return;
    log_err(LOG_WARN, "an edit of the catalogue is owed to the audit", &err);
    atomic_store(&catalogue->untold, true);
}

static bool load_table(struct catalogue *catalogue, enum events_table table, struct arena *arena,
                       struct err *err)
{
    char token[512] = "";
    do {
        struct store_rows rows;
        const struct store_query query = {.limit = 500, .page_token = token};
        if (!store_find(catalogue->store, &events_tables[table], &query, arena, &rows, err)) return false;
        for (size_t i = 0; i < rows.count; i++) {
            settle_own(catalogue, table, rows.messages[i]);
            if (!keep_row(&catalogue->rooms[table], rows.messages[i], rows.versions[i]))
                return err_fail(err, INTERNAL_ERROR, "out of memory");
        }
        if (strlen(rows.next_page_token) >= sizeof token)
            return err_fail(err, INTERNAL_ERROR, "page token too long");
        strcpy(token, rows.next_page_token);
        arena_reset(arena);
    } while (token[0]);
    return true;
}

static bool load_tables(struct catalogue *catalogue, struct arena *arena, struct err *err)
{
    bool ok = true;
    for (int table = EVENTS_SIDES; ok && table < TABLES; table++)
        ok = load_table(catalogue, (enum events_table)table, arena, err);
    return ok;
}

// Of the row with this unique slug or number, or with this id.
static long place_like(const struct catalogue_room *room, const ProtobufCMessage *row)
{
    for (size_t i = 0; i < room->count; i++)
        if (catalogue_compare(room->rows[i], row) == 0) return (long)i;
    return place_of(room, id_of(row));
}

struct planting {
    struct catalogue *catalogue;
    struct arena *arena;
    uint64_t ticket; // of the last row that was written; 0: the store had all of them
};

// Each write rests on the one before, so that the last one's outcome is that of all. Until it is known, the
// row in memory has the version in the store: an edit of it writes what the seed did not.
static bool plant_row(struct planting *planting, enum events_table table, const ProtobufCMessage *row,
                      uint64_t version, struct err *err)
{
    struct catalogue *catalogue = planting->catalogue;
    const struct store_write write = {.after = planting->ticket};
    planting->ticket = store_put(catalogue->store, &events_tables[table], row, version, &write);
    return keep_row(&catalogue->rooms[table], row, version) || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool catalogue_plant(void *arg, enum events_table table, const ProtobufCMessage *seed, struct err *err)
{
    struct planting *planting = arg;
    const struct catalogue_room *room = &planting->catalogue->rooms[table];
    long place = place_like(room, seed);
    if (place < 0) return plant_row(planting, table, seed, 0, err);
    ProtobufCMessage *row = catalogue_copy(room->rows[place], &planting->arena->allocator);
    if (!row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return !older_complete(row, seed) || plant_row(planting, table, row, room->versions[place], err);
}

static bool sow_once(struct catalogue *catalogue, struct arena *arena, struct err *err)
{
    struct planting planting = {catalogue, arena, 0};
    return seed_each(catalogue_plant, &planting, err) &&
           (!planting.ticket || store_wait(catalogue->store, planting.ticket, err));
}

// Another process may sow at the same time: what it has sown is there then. Without room the next start
// writes them.
static bool catalogue_sow(struct catalogue *catalogue, struct arena *arena, struct err *err)
{
    bool sown = false;
    for (int i = 0; !sown && i < TRIES; i++) {
        sown = sow_once(catalogue, arena, err);
        if (!sown && !err_is(err, CONFLICT)) break;
        if (!load_tables(catalogue, arena, err)) return false;
    }
    if (sown || !err_is(err, STORE_FULL)) return sown;
    log_err(LOG_WARN, "new rows of the catalogue are not stored yet", err);
    return true;
}

bool catalogue_open(struct catalogue **opened, struct store *store, struct audit *audit, struct err *err)
{
    struct catalogue *catalogue = *opened = calloc(1, sizeof *catalogue);
    if (!catalogue) return err_fail(err, INTERNAL_ERROR, "out of memory");
    catalogue->store = store;
    catalogue->audit = audit;
    atomic_init(&catalogue->version, 1);
    pthread_mutex_init(&catalogue->writer, NULL);
    pthread_rwlock_init(&catalogue->lock, NULL);
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = load_tables(catalogue, &arena, err) && catalogue_sow(catalogue, &arena, err);
    arena_finish(&arena);
    return ok;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (!catalogue) return;
    for (int table = 0; table < TABLES; table++) {
        struct catalogue_room *room = &catalogue->rooms[table];
        for (size_t i = 0; i < room->count; i++) protobuf_c_message_free_unpacked(room->rows[i], NULL);
        free(room->rows);
        free(room->versions);
        idmap_finish(&room->by_id);
    }
    pthread_rwlock_destroy(&catalogue->lock);
    pthread_mutex_destroy(&catalogue->writer);
    free(catalogue);
}

size_t catalogue_list(struct catalogue *catalogue, enum events_table table, bool include_disabled,
                      struct arena *arena, ProtobufCMessage ***rows)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&catalogue->lock);
    const struct catalogue_room *room = &catalogue->rooms[table];
    *rows = arena_array(arena, room->count + 1, sizeof **rows);
    for (size_t i = 0; *rows && i < room->count; i++) {
        if (catalogue_disabled(room->rows[i]) && !include_disabled) continue;
        (*rows)[count] = catalogue_copy(room->rows[i], &arena->allocator);
        if (!(*rows)[count]) break;
        count++;
    }
    pthread_rwlock_unlock(&catalogue->lock);
    return count;
}

static ProtobufCMessage *find_copy(struct catalogue *catalogue, enum events_table table, const char *id,
                                   struct arena *arena)
{
    pthread_rwlock_rdlock(&catalogue->lock);
    const struct catalogue_room *room = &catalogue->rooms[table];
    long place = place_of(room, id);
    ProtobufCMessage *found = place < 0 ? NULL : catalogue_copy(room->rows[place], &arena->allocator);
    pthread_rwlock_unlock(&catalogue->lock);
    return found;
}

static bool catalogue_has_room(const struct catalogue_room *room, long place, const ProtobufCMessage *row)
{
    size_t before = 0, size = protobuf_c_message_get_packed_size(row);
    for (size_t i = 0; i < room->count; i++) before += protobuf_c_message_get_packed_size(room->rows[i]);
    size_t old = place < 0 ? 0 : protobuf_c_message_get_packed_size(room->rows[place]);
    return size <= old || (room->count + (place < 0) <= MOST_ROWS && before - old + size <= MOST_BYTES);
}

uint64_t catalogue_version(const struct catalogue *catalogue) { return atomic_load(&catalogue->version); }

// Copies of what a row is called; nothing of what a card does, which may be long.
static void copy_names(Events__Title *title, const char *name, const char *name_fa, struct arena *arena)
{
    title->name = arena_str(arena, name);
    title->name_fa = arena_str(arena, name_fa);
}

static void copy_title(const struct title_place *place, const ProtobufCMessage *row, struct arena *arena)
{
    if (row->descriptor == &events__side__descriptor) {
        const Events__Side *side = (const Events__Side *)row;
        copy_names(*place->title, side->name, side->name_fa, arena);
    } else if (row->descriptor == &events__role__descriptor) {
        const Events__Role *role = (const Events__Role *)row;
        copy_names(*place->title, role->name, role->name_fa, arena);
        if (place->side_id) *place->side_id = arena_str(arena, role->side_id);
    } else {
        const Events__LastMove *move = (const Events__LastMove *)row;
        copy_names(*place->title, move->name, move->name_fa, arena);
        if (place->number) *place->number = move->number;
    }
}

bool catalogue_titles(struct catalogue *catalogue, const struct title_place *places, size_t count,
                      struct arena *arena)
{
    pthread_rwlock_rdlock(&catalogue->lock);
    for (size_t i = 0; i < count && !arena->failed; i++) {
        const struct catalogue_room *room = &catalogue->rooms[places[i].table];
        long at = place_of(room, places[i].id);
        Events__Title *title = *places[i].title = arena_new(arena, Events__Title);
        if (!title) break;
        events__title__init(title);
        title->id = places[i].id;
        if (at >= 0) copy_title(&places[i], room->rows[at], arena);
    }
    pthread_rwlock_unlock(&catalogue->lock);
    return !arena->failed;
}

static bool take_row(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row,
                     uint64_t version, struct err *err)
{
    pthread_rwlock_wrlock(&catalogue->lock);
    struct catalogue_room *room = &catalogue->rooms[table];
    long place = place_of(room, id_of(row));
    bool newer = place < 0 || room->versions[place] < version;
    bool kept = !newer || keep_row(room, row, version);
    if (newer) atomic_fetch_add(&catalogue->version, 1);
    pthread_rwlock_unlock(&catalogue->lock);
    return kept || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// A row that another process has edited: its act comes first, so that what is known is told.
static bool take_told(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row,
                      uint64_t version, struct err *err)
{
    pthread_rwlock_rdlock(&catalogue->lock);
    const struct catalogue_room *room = &catalogue->rooms[table];
    long place = place_of(room, id_of(row));
    bool newer = place < 0 || room->versions[place] < version;
    pthread_rwlock_unlock(&catalogue->lock);
    return !newer || (act_settle(catalogue->audit, &events_tables[table], row, err) &&
                      take_row(catalogue, table, row, version, err));
}

static bool refresh_row(struct catalogue *catalogue, enum events_table table, const char *id,
                        struct arena *arena, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    return store_get(catalogue->store, &events_tables[table], id, arena, &row, &version, err) &&
           (!row || take_told(catalogue, table, row, version, err));
}

bool catalogue_refresh(struct catalogue *catalogue, enum events_table table, const char *id, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = refresh_row(catalogue, table, id, &arena, err);
    arena_finish(&arena);
    return ok;
}

// Another process may have made it a moment ago: nothing is refused for a row that the copy alone lacks.
ProtobufCMessage *catalogue_find(struct catalogue *catalogue, enum events_table table, const char *id,
                                 struct arena *arena)
{
    struct err err;
    ProtobufCMessage *found = find_copy(catalogue, table, id, arena);
    if (found || arena->failed || !store_is_shared(catalogue->store)) return found;
    return catalogue_refresh(catalogue, table, id, &err) ? find_copy(catalogue, table, id, arena) : NULL;
}

static bool refresh_table(struct catalogue *catalogue, enum events_table table, struct arena *arena,
                          struct err *err)
{
    struct store_rows rows;
    char token[512] = "";
    do {
        const struct store_query query = {.limit = 500, .page_token = token};
        if (!store_find(catalogue->store, &events_tables[table], &query, arena, &rows, err)) return false;
        for (size_t i = 0; i < rows.count; i++)
            if (!take_told(catalogue, table, rows.messages[i], rows.versions[i], err)) return false;
        snprintf(token, sizeof token, "%s", rows.next_page_token);
        arena_reset(arena);
    } while (token[0]);
    return true;
}

bool catalogue_refresh_all(struct catalogue *catalogue, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (int table = EVENTS_SIDES; ok && table < TABLES; table++)
        ok = refresh_table(catalogue, (enum events_table)table, &arena, err);
    arena_finish(&arena);
    return ok;
}

static bool put_row(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row,
                    const struct store_write *write, struct err *err)
{
    struct catalogue_room *room = &catalogue->rooms[table];
    long place = place_of(room, id_of(row));
    uint64_t version = place < 0 ? 0 : room->versions[place];
    if (!catalogue_has_room(room, place, row))
        return err_fail(err, LIMIT_REACHED, "the catalogue has all the rows it takes");
    uint64_t ticket = store_put(catalogue->store, &events_tables[table], row, version, write);
    edited_tell(catalogue->store, &events_tables[table], id_of(row), version + 1, ticket);
    if (!store_wait(catalogue->store, ticket, err)) return false;
    settle_own(catalogue, table, row);
    return take_row(catalogue, table, row, version + 1, err);
}

// An edit replaces the act of the one before, which must have been told.
static bool tell_untold(struct catalogue *catalogue, struct err *err)
{
    struct arena arena;
    bool ok = true;
    if (!atomic_exchange(&catalogue->untold, false)) return true;
    arena_init(&arena, ARENA);
    for (int table = EVENTS_SIDES; ok && table < TABLES; table++) {
        const struct store_query query = {.limit = 1000, .page_token = ""};
        struct store_rows rows;
        ok = store_find(catalogue->store, &events_tables[table], &query, &arena, &rows, err);
        for (size_t i = 0; ok && i < rows.count; i++)
            ok = act_settle(catalogue->audit, &events_tables[table], rows.messages[i], err);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    if (!ok) atomic_store(&catalogue->untold, true);
    return ok;
}

static bool put_with_act(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row,
                         const Audit__Entry *act, const struct store_write *write, struct err *err)
{
    struct arena arena;
    if (!act) return put_row(catalogue, table, row, write, err);
    if (!tell_untold(catalogue, err)) return false;
    arena_init(&arena, ARENA);
    bool ok = act_row(row, act, &arena, &row, err) && put_row(catalogue, table, row, write, err);
    arena_finish(&arena);
    return ok;
}

bool catalogue_save(struct catalogue *catalogue, enum events_table table, const ProtobufCMessage *row,
                    const Audit__Entry *act, const struct store_write *write, struct err *err)
{
    pthread_mutex_lock(&catalogue->writer);
    bool ok = put_with_act(catalogue, table, row, act, write, err);
    pthread_mutex_unlock(&catalogue->writer);
    return ok;
}

static bool change_row(struct catalogue *catalogue, const struct catalogue_change *change, struct err *err)
{
    ProtobufCMessage *row = catalogue_find(catalogue, change->table, change->id, change->arena);
    if (!row) return err_fail(err, NOT_FOUND, "there is no such entry");
    const struct store_write *write = change->edit(change->arg, row, err);
    return write && put_with_act(catalogue, change->table, row, change->act, write, err);
}

// Who was edited by another process meanwhile is read again, and the change is decided on that.
static bool change_until_done(struct catalogue *catalogue, const struct catalogue_change *change,
                              struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        struct err second;
        if (change_row(catalogue, change, err)) return true;
        if (!err_is(err, CONFLICT)) return false;
        if (!catalogue_refresh(catalogue, change->table, change->id, &second)) return *err = second, false;
    }
    return false;
}

bool catalogue_update(struct catalogue *catalogue, const struct catalogue_change *change, struct err *err)
{
    pthread_mutex_lock(&catalogue->writer);
    bool ok = change_until_done(catalogue, change, err);
    pthread_mutex_unlock(&catalogue->writer);
    return ok;
}
