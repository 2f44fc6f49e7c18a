#include "services/events/catalogue/acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "game.pb-c.h"
#include "lib/base/ids.h"

enum { ARENA = 1 << 20, SOURCE = 128, ACT_FIELD = 1000 }; // of game.CatalogueAct

bool act_row(const ProtobufCMessage *row, const Audit__Entry *act, struct arena *arena,
             const ProtobufCMessage **stored, struct err *err)
{
    Game__CatalogueAct carried = GAME__CATALOGUE_ACT__INIT;
    carried.act = (Audit__Entry *)act;
    size_t own = protobuf_c_message_get_packed_size(row);
    size_t len = own + game__catalogue_act__get_packed_size(&carried);
    uint8_t *bytes = arena_alloc(arena, len);
    if (!bytes) return err_fail(err, INTERNAL_ERROR, "out of memory");
    protobuf_c_message_pack(row, bytes);
    game__catalogue_act__pack(&carried, bytes + own);
    *stored = protobuf_c_message_unpack(row->descriptor, &arena->allocator, len, bytes);
    return *stored || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool has_act(const ProtobufCMessage *row)
{
    bool has = false;
    for (unsigned i = 0; !has && i < row->n_unknown_fields; i++)
        has = row->unknown_fields[i].tag == ACT_FIELD;
    return has;
}

static bool act_of(const ProtobufCMessage *row, struct arena *arena, const Audit__Entry **act,
                   struct err *err)
{
    size_t len = protobuf_c_message_get_packed_size(row);
    uint8_t *bytes = arena_alloc(arena, len);
    if (!bytes) return err_fail(err, INTERNAL_ERROR, "out of memory");
    protobuf_c_message_pack(row, bytes);
    const Game__CatalogueAct *carried = game__catalogue_act__unpack(&arena->allocator, len, bytes);
    *act = carried ? carried->act : NULL;
    return (*act && uuid_check((*act)->id)) || err_fail(err, STORE_CORRUPT, "a row's act can't be read");
}

// An older program that edits the row leaves the act there, so it is known by its own id.
static uint64_t print_of(const Audit__Entry *act)
{
    uint8_t bytes[16];
    uint64_t print;
    uuid_bytes(act->id, bytes);
    memcpy(&print, bytes + 8, sizeof print);
    return print;
}

bool act_settle(struct audit *audit, const struct store_table *table, const ProtobufCMessage *row,
                struct err *err)
{
    struct arena arena;
    const Audit__Entry *act;
    char stream[SOURCE];
    if (!audit || !has_act(row)) return true;
    arena_init(&arena, ARENA);
    bool ok = act_of(row, &arena, &act, err);
    snprintf(stream, sizeof stream, "%s/%s", table->name, store_row_id(table, row));
    if (ok) ok = audit_add(audit, act, &(struct store_source){stream, 1, print_of(act)}, err);
    arena_finish(&arena);
    return ok;
}

void act_strip(ProtobufCMessage *row)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < row->n_unknown_fields; i++)
        if (row->unknown_fields[i].tag == ACT_FIELD)
            free(row->unknown_fields[i].data);
        else
            row->unknown_fields[kept++] = row->unknown_fields[i];
    row->n_unknown_fields = kept;
}
