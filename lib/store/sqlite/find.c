#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/store/sqlite/read.h"

static bool unpack_row(sqlite3_stmt *stmt, const char *id, const struct store_model *model,
                       struct arena *arena, ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    *version = (uint64_t)sqlite3_column_int64(stmt, 1);
    return store_unpack(model, id, sqlite_column_bytes(stmt, 0), arena, message, err);
}

bool sqlite_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    struct sqlite_reading read;
    bool row;
    if (!sqlite_read_begin(&read, backend, sqlite_table_of(backend, model)->get, err)) return false;
    sqlite_bind_text(read.stmt, 1, id);
    bool ok = sqlite_read_row(&read, &row, err);
    if (ok && row) ok = unpack_row(read.stmt, id, model, arena, message, version, err);
    sqlite_read_end(&read);
    return ok;
}

// A find's SQL and what is bound to it, in order.
struct find {
    const struct store_scan *scan;
    struct buf sql;
    struct store_value values[3 * STORE_MAX_FIELDS + 4];
    enum store_kind kinds[3 * STORE_MAX_FIELDS + 4];
    int count;
};

static void find_bind(struct find *find, enum store_kind kind, struct store_value value)
{
    find->kinds[find->count] = kind;
    find->values[find->count++] = value;
}

// The fields of the index from the one at `at`, and the id; "a,b,id".
static void ordering_columns(struct find *find, size_t at, const char *suffix)
{
    const struct store_model_index *index = find->scan->index;
    for (; index && at < index->count; at++)
        buf_printf(&find->sql, "\"%s_%zu\"%s,", index->declared->name, at, suffix);
    buf_printf(&find->sql, "id%s", suffix);
}

static enum store_kind ordering_column(struct find *find, size_t at, char name[80])
{
    const struct store_model_index *index = find->scan->index;
    bool field = index && at < index->count;
    if (field)
        snprintf(name, 80, "\"%s_%zu\"", index->declared->name, at);
    else
        snprintf(name, 80, "id");
    return field ? find->scan->model->fields[index->first + at].kind : STORE_TEXT;
}

// A bound behind every text with this prefix. UTF-8 has no byte 0xff, so the last byte can grow.
static bool prefix_end(struct arena *arena, const struct store_value *prefix, struct store_value *end,
                       struct err *err)
{
    size_t len = store_value_len(prefix);
    char *text = arena_strn(arena, prefix->text, len);
    if (!text) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    if ((uint8_t)text[len - 1] == 0xff) return err_fail(err, INVALID_FIELD, "a prefix must be UTF-8");
    text[len - 1]++;
    *end = (struct store_value){.text = text, .len = len};
    return true;
}

static void find_bound(struct find *find, const char *column, const char *operator, enum store_kind kind,
                       struct store_value value)
{
    buf_printf(&find->sql, " AND %s%s?", column, operator);
    find_bind(find, kind, value);
}

// On a further page SQLite searches the index by the position where the page begins. The bound behind it,
// already passed, is only checked (the unary plus keeps SQLite from searching by it, which would walk all
// earlier pages).
static bool find_bounds(struct find *find, struct arena *arena, struct err *err)
{
    const struct store_query *query = find->scan->query;
    bool descending = query->descending, further = find->scan->after;
    char plain[80], checked[81] = "+";
    enum store_kind kind = ordering_column(find, query->equal_count, plain);
    struct store_value end = {0};
    memcpy(checked + 1, plain, sizeof plain);
    const char *low = further && !descending ? checked : plain,
               *high = further && descending ? checked : plain;
    if (query->from) find_bound(find, low, ">=", kind, *query->from);
    if (query->to) find_bound(find, high, "<=", kind, *query->to);
    if (!query->prefix || !query->from || !store_value_len(query->from)) return true;
    if (!prefix_end(arena, query->from, &end, err)) return false;
    find_bound(find, high, "<", kind, end);
    return true;
}

static void find_after(struct find *find)
{
    const struct store_scan *scan = find->scan;
    const struct store_model_index *index = scan->index;
    size_t at = scan->query->equal_count;
    if (!scan->after) return;
    buf_str(&find->sql, " AND (");
    ordering_columns(find, at, "");
    buf_str(&find->sql, scan->query->descending ? ")<(" : ")>(");
    for (size_t i = at; index && i < index->count; i++) {
        buf_str(&find->sql, "?,");
        find_bind(find, scan->model->fields[index->first + i].kind, scan->after[i - at]);
    }
    buf_str(&find->sql, "?)");
    find_bind(find, STORE_TEXT, (struct store_value){.text = scan->after_id});
}

static bool find_sql(struct find *find, struct arena *arena, struct err *err)
{
    const struct store_scan *scan = find->scan;
    const struct store_query *query = scan->query;
    const char *table = scan->model->table->name, *name = scan->index ? scan->index->declared->name : NULL;
    buf_printf(&find->sql, "SELECT bytes,version,id FROM \"t_%s\"", table);
    if (name) buf_printf(&find->sql, " INDEXED BY \"i_%s_%s\"", table, name);
    buf_str(&find->sql, " WHERE 1");
    if (name && scan->index->declared->unique) buf_printf(&find->sql, " AND \"%s_0\" IS NOT NULL", name);
    for (size_t i = 0; name && i < query->equal_count; i++) {
        buf_printf(&find->sql, " AND \"%s_%zu\"=?", name, i);
        find_bind(find, scan->model->fields[scan->index->first + i].kind, query->equal[i]);
    }
    if (!find_bounds(find, arena, err)) return false;
    find_after(find);
    buf_str(&find->sql, " ORDER BY ");
    ordering_columns(find, query->equal_count, query->descending ? " DESC" : "");
    return !find->sql.failed || err_fail(err, INTERNAL_ERROR, "SQL too long");
}

// Of many, only the 1st, 2nd, 4th, 8th ... are logged.
static void tell_corrupt(const struct err *err)
{
    static atomic_uint told;
    unsigned count = atomic_fetch_add(&told, 1) + 1;
    if ((count & (count - 1)) == 0) log_err(LOG_ERROR, "store.row", err);
}

// Nothing is sorted, so the statement needs no limit: it is stepped as often as rows are wanted. A row that
// can't be read is left out, because it would fail all lists.
static bool find_rows(struct find *find, struct sqlite_reading *read, struct arena *arena,
                      struct store_rows *rows, struct err *err)
{
    const struct store_scan *scan = find->scan;
    size_t bytes = 0, most_bytes = scan->query->most_bytes ? scan->query->most_bytes : SIZE_MAX;
    for (int i = 0; i < find->count; i++)
        sqlite_bind_value(read->stmt, i + 1, find->kinds[i], &find->values[i]);
    rows->messages = arena_array(arena, scan->limit, sizeof(ProtobufCMessage *));
    rows->versions = arena_array(arena, scan->limit, sizeof *rows->versions);
    if (arena->failed) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    for (;;) {
        if (!sqlite_read_row(read, &rows->more, err)) return false;
        if (!rows->more || rows->count == scan->limit || bytes >= most_bytes) return true;
        size_t at = rows->count;
        if (unpack_row(read->stmt, sqlite_column_text(read->stmt, 2), scan->model, arena, &rows->messages[at],
                       &rows->versions[at], err)) {
            bytes += (size_t)sqlite3_column_bytes(read->stmt, 0);
            rows->count++;
        } else if (err_is(err, STORE_CORRUPT)) {
            tell_corrupt(err);
        } else {
            return false;
        }
    }
}

bool sqlite_find(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                 struct err *err)
{
    struct find find = {.scan = scan};
    struct sqlite_reading read;
    buf_init(&find.sql, 4096);
    bool ok = find_sql(&find, arena, err) && sqlite_read_begin(&read, backend, find.sql.bytes, err);
    if (ok) {
        ok = find_rows(&find, &read, arena, rows, err);
        sqlite_read_end(&read);
    }
    buf_finish(&find.sql);
    return ok;
}
