#include "services/events/edited.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/thread/periodic.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/names/groups.h"
#include "services/events/tables.h"

#define STREAM "catalogue"

enum { EVERY_MS = 200, ALL_MS = 300000, PAGE = 100, ARENA = 1 << 20, MOST_BYTES = 256, SOURCE = 160 };

struct edited {
    struct events *events;
    struct periodic *thread;
    uint64_t seen;  // of the stream
    int64_t all_ms; // monotonic, when all are looked at
};

void edited_tell(struct store *store, const struct store_table *table, const char *id, uint64_t version,
                 uint64_t after)
{
    uint8_t bytes[MOST_BYTES];
    char source[SOURCE];
    Game__RowEdit edited = GAME__ROW_EDIT__INIT;
    edited.table = table->name;
    edited.id = id;
    if (!store_is_shared(store) || game__row_edit__get_packed_size(&edited) > sizeof bytes) return;
    const ProtobufCBinaryData packed = {game__row_edit__pack(&edited, bytes), bytes};
    snprintf(source, sizeof source, "%s/%s", table->name, id);
    const struct store_write write = {.after = after, .source = {.stream = source, .seq = version}};
    store_append_next(store, STREAM, &packed, 1, &write);
}

// ---- Following

static bool take_edit(struct events *events, const ProtobufCBinaryData *bytes, struct err *err)
{
    Game__RowEdit *edited = game__row_edit__unpack(NULL, bytes->len, bytes->data);
    bool ok = edited || err_fail(err, STORE_CORRUPT, "an entry of %s is none", STREAM);
    if (edited && strcmp(edited->table, events_tables[EVENTS_GROUPS].name) == 0)
        group_names_forget(events->group_names, edited->id);
    for (int table = EVENTS_SIDES; edited && ok && table <= EVENTS_LAST_MOVES; table++)
        if (strcmp(edited->table, events_tables[table].name) == 0)
            ok = catalogue_refresh(events->catalogue, (enum events_table)table, edited->id, err);
    if (edited) game__row_edit__free_unpacked(edited, NULL);
    return ok;
}

static bool take_page(struct edited *edited, bool *more, struct arena *arena, struct err *err)
{
    struct store_entries page;
    if (!store_read(edited->events->store, STREAM, edited->seen + 1, PAGE, arena, &page, err)) return false;
    for (size_t i = 0; i < page.count; i++) {
        if (!take_edit(edited->events, &page.entries[i], err)) return false;
        edited->seen = page.first_seq + i;
    }
    *more = page.more;
    return true;
}

static bool take_all(struct edited *edited, struct err *err)
{
    if (clock_mono_ms() < edited->all_ms) return true;
    group_names_forget(edited->events->group_names, NULL);
    if (!catalogue_refresh_all(edited->events->catalogue, err)) return false;
    edited->all_ms = clock_mono_ms() + ALL_MS;
    return true;
}

bool edited_look(struct edited *edited, struct err *err)
{
    struct arena arena;
    bool ok = true, more = true;
    arena_init(&arena, ARENA);
    while (ok && more) {
        arena_reset(&arena);
        ok = take_page(edited, &more, &arena, err);
    }
    arena_finish(&arena);
    return ok && take_all(edited, err);
}

static int64_t edited_work(void *arg)
{
    struct edited *edited = arg;
    struct err err;
    if (!edited_look(edited, &err) && !err_is(&err, STORE_AWAY)) log_err(LOG_WARN, "events.edited", &err);
    return EVERY_MS;
}

// ---- Life

bool edited_open(struct edited **out, struct events *events, struct err *err)
{
    *out = NULL;
    if (!store_is_shared(events->store)) return true;
    struct edited *edited = calloc(1, sizeof *edited);
    if (!edited) return err_fail(err, INTERNAL_ERROR, "out of memory");
    edited->events = events;
    edited->all_ms = clock_mono_ms() + ALL_MS;
    *out = edited;
    return store_head(events->store, STREAM, &edited->seen, err);
}

bool edited_start(struct edited *edited, struct err *err)
{
    return !edited || periodic_start(&edited->thread, "events.edited", EVERY_MS, edited_work, edited, err);
}

void edited_stop(struct edited *edited)
{
    if (!edited) return;
    periodic_stop(edited->thread);
    free(edited);
}
