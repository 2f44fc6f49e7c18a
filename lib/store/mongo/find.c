// Lists of rows by an index, and of streams.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/store/mongo/mongo.h"

enum { NAME = 96 };

// The place of an ordering field in documents; `at` behind the last one is the id. The first field of a
// unique index is the one that the index is made of, so that a find and the uniqueness need one index.
static enum store_kind find_column(const struct store_scan *scan, size_t at, char name[NAME])
{
    const struct store_model_index *index = scan->index;
    if (!index || at >= index->count) {
        snprintf(name, NAME, "_id");
        return STORE_TEXT;
    }
    if (at == 0 && index->declared->unique)
        snprintf(name, NAME, "u.%s", index->declared->name);
    else
        snprintf(name, NAME, "f.%s_%zu", index->declared->name, at);
    return scan->model->fields[index->first + at].kind;
}

static void append_bound(bson_t *range, const char *operator, enum store_kind kind,
                         const struct store_value *value)
{
    mongo_append_value(range, operator, kind, value);
}

// A bound behind every text with this prefix. UTF-8 has no byte 0xff, so the last byte can grow.
static bool append_prefix_end(bson_t *range, struct arena *arena, const struct store_value *prefix,
                              struct err *err)
{
    size_t len = store_value_len(prefix);
    char *text = arena_strn(arena, prefix->text, len);
    if (!text) return mongo_too_large(err);
    if ((uint8_t)text[len - 1] == 0xff) return err_fail(err, INVALID_FIELD, "a prefix must be UTF-8");
    text[len - 1]++;
    append_bound(range, "$lt", STORE_TEXT, &(struct store_value){.text = text, .len = len});
    return true;
}

// Rows whose value is empty have another one in a unique index, which sorts before all others.
static void append_not_empty(bson_t *range, enum store_kind kind)
{
    if (kind == STORE_NUMBER)
        bson_append_int64(range, "$gte", -1, INT64_MIN);
    else
        bson_append_utf8(range, "$gte", -1, "\x01", 1);
}

static bool append_range(bson_t *filter, const struct store_scan *scan, struct arena *arena, struct err *err)
{
    const struct store_query *query = scan->query;
    char name[NAME];
    bson_t range;
    enum store_kind kind = find_column(scan, query->equal_count, name);
    bool from = query->from && (kind == STORE_NUMBER || store_value_len(query->from));
    bool prefix = query->prefix && from, ok = true;
    bool unique = scan->index && scan->index->declared->unique && query->equal_count == 0;
    if (!from && !query->to && !unique) return true;
    bson_append_document_begin(filter, name, -1, &range);
    if (from)
        append_bound(&range, "$gte", kind, query->from);
    else if (unique)
        append_not_empty(&range, kind);
    if (query->to) append_bound(&range, "$lte", kind, query->to);
    if (prefix) ok = append_prefix_end(&range, arena, query->from, err);
    bson_append_document_end(filter, &range);
    return ok;
}

static struct store_value after_value(const struct store_scan *scan, size_t at)
{
    bool field = scan->index && at < scan->index->count;
    return field ? scan->after[at - scan->query->equal_count] : (struct store_value){.text = scan->after_id};
}

// Rows that agree with the last one in the fields before `at` and follow it there.
static void append_alternative(bson_t *array, const struct store_scan *scan, size_t at)
{
    size_t first = scan->query->equal_count;
    char key[24], name[NAME];
    bson_t alternative, range;
    snprintf(key, sizeof key, "%zu", at - first);
    bson_append_document_begin(array, key, -1, &alternative);
    for (size_t i = first; i <= at; i++) {
        struct store_value value = after_value(scan, i);
        enum store_kind kind = find_column(scan, i, name);
        if (i < at) {
            mongo_append_value(&alternative, name, kind, &value);
            continue;
        }
        bson_append_document_begin(&alternative, name, -1, &range);
        append_bound(&range, scan->query->descending ? "$lt" : "$gt", kind, &value);
        bson_append_document_end(&alternative, &range);
    }
    bson_append_document_end(array, &alternative);
}

static void append_after(bson_t *filter, const struct store_scan *scan)
{
    bson_t array;
    size_t last = scan->index ? scan->index->count : 0;
    if (!scan->after) return;
    bson_append_array_begin(filter, "$or", -1, &array);
    for (size_t at = scan->query->equal_count; at <= last; at++) append_alternative(&array, scan, at);
    bson_append_array_end(filter, &array);
}

static bool find_filter(bson_t *filter, const struct store_scan *scan, struct arena *arena, struct err *err)
{
    char name[NAME];
    for (size_t i = 0; i < scan->query->equal_count; i++) {
        const struct store_value *value = &scan->query->equal[i];
        enum store_kind kind = find_column(scan, i, name);
        mongo_append_value(filter, name, kind, value);
    }
    append_after(filter, scan);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    return append_range(filter, scan, arena, err);
}

static bson_t *find_options(const struct store_scan *scan)
{
    char name[NAME];
    bson_t sort, *options = BCON_NEW("limit", BCON_INT64((int64_t)scan->limit + 1), "projection", "{", "v",
                                     BCON_INT32(1), "p", BCON_INT32(1), "}");
    size_t last = scan->index ? scan->index->count : 0;
    bson_append_document_begin(options, "sort", -1, &sort);
    for (size_t at = scan->query->equal_count; at <= last; at++) {
        find_column(scan, at, name);
        bson_append_int32(&sort, name, -1, scan->query->descending ? -1 : 1);
    }
    bson_append_document_end(options, &sort);
    return options;
}

// Of many, only the 1st, 2nd, 4th, 8th ... are logged.
static void tell_corrupt(const struct err *err)
{
    static atomic_uint told;
    unsigned count = atomic_fetch_add(&told, 1) + 1;
    if ((count & (count - 1)) == 0) log_err(LOG_ERROR, "store.row", err);
}

// A row that can't be read is left out, because it would fail all lists.
static bool find_rows(struct mongo_cursor *cursor, const struct store_scan *scan, struct arena *arena,
                      struct store_rows *rows, struct err *err)
{
    const bson_t *row;
    size_t bytes = 0, most_bytes = scan->query->most_bytes ? scan->query->most_bytes : SIZE_MAX;
    rows->messages = arena_array(arena, scan->limit, sizeof(ProtobufCMessage *));
    rows->versions = arena_array(arena, scan->limit, sizeof *rows->versions);
    if (arena->failed) return mongo_too_large(err);
    for (;;) {
        if (!mongo_next(cursor, &row, err)) return false;
        rows->more = row;
        if (!row || rows->count == scan->limit || bytes >= most_bytes) return true;
        ProtobufCBinaryData packed = mongo_bytes(row, "p");
        rows->versions[rows->count] = (uint64_t)mongo_number(row, "v");
        if (store_unpack(scan->model, mongo_text(row, "_id"), packed, arena, &rows->messages[rows->count],
                         err)) {
            bytes += packed.len;
            rows->count++;
        } else if (err_is(err, STORE_CORRUPT)) {
            tell_corrupt(err);
        } else {
            return false;
        }
    }
}

bool mongo_find(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                struct err *err)
{
    struct mongo_cursor cursor;
    char table[64];
    bson_t *filter = bson_new();
    if (!find_filter(filter, scan, arena, err)) return bson_destroy(filter), false;
    mongo_table_name(backend, table, scan->model->table);
    if (!mongo_query(&cursor, backend, table, filter, find_options(scan), err)) return false;
    bool ok = find_rows(&cursor, scan, arena, rows, err);
    mongo_cursor_end(&cursor);
    return ok;
}

// ---- Streams by name

// Streams have their name, and whether they go on, in their first document, which stays.
bson_t *mongo_streams_filter(const char *prefix, const char *after)
{
    bson_t *filter = bson_new(), range;
    bson_append_document_begin(filter, "s", -1, &range);
    bson_append_utf8(&range, "$gte", -1, prefix, -1);
    bson_append_utf8(&range, "$gt", -1, after, -1);
    bson_append_document_end(filter, &range);
    return filter;
}

static bool heads_add(struct mongo_store *store, const char *stream, struct arena *arena,
                      struct store_head *heads, size_t *count, struct err *err)
{
    struct mongo_end end;
    if (!mongo_read_end(store, stream, &end, err)) return false;
    if (!end.seq || end.ended) return true;
    heads[*count] = (struct store_head){arena_str(arena, stream), end.seq};
    return heads[(*count)++].stream || mongo_too_large(err);
}

static bool heads_list(struct mongo_cursor *cursor, const char *prefix, size_t limit, struct arena *arena,
                       struct store_head *heads, size_t *count, struct err *err)
{
    const bson_t *first;
    size_t len = strlen(prefix);
    while (*count < limit) {
        if (!mongo_next(cursor, &first, err)) return false;
        if (!first || strncmp(mongo_text(first, "s"), prefix, len) != 0) return true;
        if (!heads_add(cursor->store, mongo_text(first, "s"), arena, heads, count, err)) return false;
    }
    return true;
}

bool mongo_read_heads(void *backend, const char *prefix, const char *after, size_t limit, struct arena *arena,
                      struct store_head **heads, size_t *count, struct err *err)
{
    struct mongo_store *store = backend;
    struct mongo_cursor cursor;
    *heads = arena_array(arena, limit, sizeof **heads);
    if (!*heads) return mongo_too_large(err);
    bson_t *filter = mongo_streams_filter(prefix, after);
    bson_append_bool(filter, "b", -1, true);
    if (!mongo_query(
            &cursor, store, store->entries, filter,
            BCON_NEW("sort", "{", "s", BCON_INT32(1), "}", "projection", "{", "s", BCON_INT32(1), "}"), err))
        return false;
    bool ok = heads_list(&cursor, prefix, limit, arena, *heads, count, err);
    mongo_cursor_end(&cursor);
    return ok;
}
