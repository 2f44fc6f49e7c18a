// What rows owe to the stream. A row that changes carries the entry of its change, so one write stores both;
// then the entry goes into the stream, with the row and its count as source, and the row owes nothing more.
#include <stdio.h>
#include <string.h>

#include "lib/audit/state.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"

enum { PAGE = 50, ROWS_ARENA = 16 << 20, SOURCE = 128, MOST_OWED = 16 };

bool audit_owe(Audit__Owed **owed, const Audit__Entry *entry, struct arena *arena, struct err *err)
{
    Audit__Owed *before = *owed, *now = arena_new(arena, Audit__Owed);
    size_t count = before ? before->n_entries : 0;
    if (count >= MOST_OWED) return err_fail(err, SERVICE_BUSY, "too much of this is on its way to the audit");
    ProtobufCBinaryData packed = {audit__entry__get_packed_size(entry), NULL};
    ProtobufCBinaryData *entries = arena_array(arena, count + 1, sizeof *entries);
    packed.data = arena_alloc(arena, packed.len);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    audit__entry__pack(entry, packed.data);
    audit__owed__init(now);
    for (size_t i = 0; i < count; i++) entries[i] = before->entries[i];
    entries[count] = packed;
    now->entries = entries;
    now->n_entries = count + 1;
    now->made = (before ? before->made : 0) + 1;
    now->since = count ? before->since : entry->time;
    *owed = now;
    return true;
}

// The row's field; NULL when the table's rows have none.
static Audit__Owed **owed_of(const struct store_table *table, ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(table->type, "owed");
    bool ours =
        field && field->type == PROTOBUF_C_TYPE_MESSAGE && field->descriptor == &audit__owed__descriptor;
    return ours ? (Audit__Owed **)((char *)row + field->offset) : NULL;
}

static Audit__AuditKind__Value kind_of(ProtobufCBinaryData packed, struct arena *arena)
{
    const Audit__Entry *entry = audit__entry__unpack(&arena->allocator, packed.len, packed.data);
    return entry ? entry->kind : AUDIT__AUDIT_KIND__VALUE__KIND_UNSPECIFIED;
}

static bool settle_entries(struct audit *audit, const struct store_table *table, const char *id,
                           const Audit__Owed *owed, struct arena *arena, struct err *err)
{
    char stream[SOURCE];
    snprintf(stream, sizeof stream, "%s/%s", table->name, id);
    for (size_t i = 0; i < owed->n_entries; i++) {
        const struct store_source source = {stream, owed->made - owed->n_entries + 1 + i, 0};
        if (!audit_add_packed(audit, owed->entries[i], kind_of(owed->entries[i], arena), &source, err))
            return false;
    }
    return true;
}

// The row owes nothing more, unless it was changed meanwhile: whoever did that takes what it owes along, and
// comes here too.
static bool settle_row(struct audit *audit, const struct store_table *table, ProtobufCMessage *row,
                       uint64_t version, struct arena *arena, struct err *err)
{
    struct store *store = audit->options.store;
    Audit__Owed **owed = owed_of(table, row);
    if (!owed || !*owed || !(*owed)->n_entries) return true;
    if (!settle_entries(audit, table, store_row_id(table, row), *owed, arena, err)) return false;
    (*owed)->since = NULL;
    (*owed)->n_entries = 0;
    return store_wait(store, store_put(store, table, row, version, NULL), err) || err_is(err, CONFLICT);
}

static bool settle_one(struct audit *audit, const struct store_table *table, const char *id,
                       struct arena *arena, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    return store_get(audit->options.store, table, id, arena, &row, &version, err) &&
           (!row || settle_row(audit, table, row, version, arena, err));
}

void audit_settle(struct audit *audit, const struct store_table *table, const char *id)
{
    struct arena arena;
    struct err err;
    arena_init(&arena, ROWS_ARENA);
    if (!settle_one(audit, table, id, &arena, &err)) {
        log_err(LOG_WARN, "an entry of the audit is owed", &err);
        atomic_store(&audit->owed, true);
    }
    arena_finish(&arena);
}

static const struct store_index *owed_index(const struct store_table *table)
{
    for (const struct store_index *index = table->indexes;
         index < table->indexes + STORE_MAX_INDEXES && index->name; index++)
        if (strcmp(index->name, "by_owed") == 0) return index;
    return NULL;
}

static bool collect_page(struct audit *audit, const struct store_table *table, char token[512],
                         struct arena *arena, struct err *err)
{
    const struct store_query query = {.index = "by_owed", .limit = PAGE, .page_token = token};
    struct store_rows rows;
    if (!store_find(audit->options.store, table, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!settle_row(audit, table, rows.messages[i], rows.versions[i], arena, err)) return false;
    snprintf(token, 512, "%s", rows.next_page_token);
    return true;
}

static bool collect_table(struct audit *audit, const struct store_table *table, struct err *err)
{
    struct arena arena;
    char token[512] = "";
    bool ok;
    arena_init(&arena, ROWS_ARENA);
    do {
        ok = collect_page(audit, table, token, &arena, err);
        arena_reset(&arena);
    } while (ok && *token);
    arena_finish(&arena);
    return ok;
}

bool audit_collect(struct audit *audit, struct err *err)
{
    atomic_store(&audit->owed, false);
    for (const struct store_table *table = audit->options.tables; table->name; table++) {
        if (!owed_index(table) || collect_table(audit, table, err)) continue;
        atomic_store(&audit->owed, true);
        return false;
    }
    return true;
}

void audit_collect_now(struct audit *audit)
{
    struct err err;
    if (!audit_collect(audit, &err)) log_err(LOG_WARN, "entries of the audit are owed", &err);
}

bool audit_pay(struct audit *audit, struct err *err)
{
    return !atomic_load(&audit->owed) || audit_collect(audit, err);
}
