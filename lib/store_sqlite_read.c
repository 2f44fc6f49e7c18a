#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/store_sqlite.h"

// A statement on a reader of the pool, from read_begin to read_end.
struct read {
    struct sqlite_store *store;
    struct sqlite_connection *reader;
    sqlite3_stmt *stmt;
};

static bool read_begin(struct read *read, void *backend, const char *sql, struct err *err)
{
    read->store = backend;
    if (!sqlite_reader_take(backend, &read->reader, err)) return false;
    read->stmt = sqlite_prepare(read->reader, sql);
    if (read->stmt) return true;
    sqlite_fail(read->reader->db, "read", err);
    sqlite_reader_return(backend, read->reader);
    return false;
}

static void read_end(struct read *read)
{
    sqlite3_reset(read->stmt);
    sqlite3_clear_bindings(read->stmt);
    sqlite_reader_return(read->store, read->reader);
}

// Whether there is a row, or the read failed.
static bool read_row(struct read *read, bool *row, struct err *err)
{
    int step = sqlite3_step(read->stmt);
    *row = step == SQLITE_ROW;
    return *row || step == SQLITE_DONE || sqlite_fail(read->reader->db, "read", err);
}

static ProtobufCBinaryData column_bytes(sqlite3_stmt *stmt, int at)
{
    const void *bytes = sqlite3_column_blob(stmt, at);
    return (ProtobufCBinaryData){(size_t)sqlite3_column_bytes(stmt, at), (uint8_t *)bytes};
}

static bool copy_bytes(struct arena *arena, ProtobufCBinaryData *bytes, struct err *err)
{
    bytes->data = arena_copy(arena, bytes->data, bytes->len);
    return bytes->data || err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

// ---- Rows

static bool unpack_row(sqlite3_stmt *stmt, const struct store_model *model, struct arena *arena,
                       ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    ProtobufCBinaryData bytes = column_bytes(stmt, 0);
    *version = (uint64_t)sqlite3_column_int64(stmt, 1);
    return store_unpack(model, bytes.data, bytes.len, arena, message, err);
}

bool sqlite_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    struct read read;
    bool row;
    if (!read_begin(&read, backend, sqlite_table_of(backend, model)->get, err)) return false;
    sqlite_bind_text(read.stmt, 1, id);
    bool ok = read_row(&read, &row, err);
    if (ok && row) ok = unpack_row(read.stmt, model, arena, message, version, err);
    read_end(&read);
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

// What sorts behind every text with this prefix. UTF-8 has no byte 0xff, so the last byte can grow.
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

// On a further page the position it begins at is what the index is searched by; the bound behind it, already
// passed, is only checked (the unary plus keeps SQLite from searching by it, which would walk all earlier
// pages).
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
    size_t at = scan->query->equal_count, count = scan->index ? scan->index->count : 0;
    if (!scan->after) return;
    buf_str(&find->sql, " AND (");
    ordering_columns(find, at, "");
    buf_str(&find->sql, scan->query->descending ? ")<(" : ")>(");
    for (size_t i = at; i < count; i++) {
        buf_str(&find->sql, "?,");
        find_bind(find, scan->model->fields[scan->index->first + i].kind, scan->after[i - at]);
    }
    buf_str(&find->sql, "?)");
    find_bind(find, STORE_TEXT, (struct store_value){.text = scan->after_id});
}

static bool find_sql(struct find *find, struct arena *arena, struct err *err)
{
    const struct store_scan *scan = find->scan;
    const struct store_query *query = scan->query;
    const char *table = scan->model->table->name, *name = scan->index ? scan->index->declared->name : NULL;
    buf_printf(&find->sql, "SELECT bytes,version FROM \"t_%s\"", table);
    if (name) buf_printf(&find->sql, " INDEXED BY \"i_%s_%s\"", table, name);
    buf_str(&find->sql, " WHERE 1");
    if (name && scan->index->declared->unique) buf_printf(&find->sql, " AND \"%s_0\" IS NOT NULL", name);
    for (size_t i = 0; i < query->equal_count; i++) {
        buf_printf(&find->sql, " AND \"%s_%zu\"=?", name, i);
        find_bind(find, scan->model->fields[scan->index->first + i].kind, query->equal[i]);
    }
    if (!find_bounds(find, arena, err)) return false;
    find_after(find);
    buf_str(&find->sql, " ORDER BY ");
    ordering_columns(find, query->equal_count, query->descending ? " DESC" : "");
    buf_str(&find->sql, " LIMIT ?");
    find_bind(find, STORE_NUMBER, (struct store_value){.number = scan->limit});
    return !find->sql.failed || err_fail(err, INTERNAL_ERROR, "SQL too long");
}

static bool find_rows(struct find *find, struct read *read, struct arena *arena, struct store_rows *rows,
                      struct err *err)
{
    const struct store_scan *scan = find->scan;
    bool row;
    for (int i = 0; i < find->count; i++)
        sqlite_bind_value(read->stmt, i + 1, find->kinds[i], &find->values[i]);
    rows->messages = arena_array(arena, scan->limit, sizeof *rows->messages);
    rows->versions = arena_array(arena, scan->limit, sizeof *rows->versions);
    if (arena->failed) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    while (rows->count < scan->limit) {
        if (!read_row(read, &row, err)) return false;
        if (!row) return true;
        if (!unpack_row(read->stmt, scan->model, arena, &rows->messages[rows->count],
                        &rows->versions[rows->count], err))
            return false;
        rows->count++;
    }
    return true;
}

bool sqlite_find(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                 struct err *err)
{
    struct find find = {.scan = scan};
    struct read read;
    buf_init(&find.sql, 4096);
    bool ok = find_sql(&find, arena, err) && read_begin(&read, backend, find.sql.bytes, err);
    if (ok) {
        ok = find_rows(&find, &read, arena, rows, err);
        read_end(&read);
    }
    buf_finish(&find.sql);
    return ok;
}

// ---- Streams

static bool read_entries(struct read *read, uint64_t from, size_t limit, struct arena *arena,
                         struct store_entries *entries, struct err *err)
{
    size_t room = 0;
    bool row;
    while (entries->count < limit) {
        if (!read_row(read, &row, err)) return false;
        if (!row) return true;
        uint64_t seq = (uint64_t)sqlite3_column_int64(read->stmt, 0) & SQLITE_MAX_SEQ;
        size_t count = (size_t)sqlite3_column_int64(read->stmt, 1);
        ProtobufCBinaryData bytes = column_bytes(read->stmt, 2);
        if (seq + count <= from) continue;
        if (entries->count + count > room) {
            ProtobufCBinaryData *old = entries->entries;
            room = (entries->count + count) * 2;
            entries->entries = arena_array(arena, room, sizeof *old);
            if (entries->entries && old) memcpy(entries->entries, old, entries->count * sizeof *old);
        }
        if (!copy_bytes(arena, &bytes, err)) return false;
        if (arena->failed) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
        ProtobufCBinaryData *split = entries->entries + entries->count;
        if (!store_entries_split(bytes.data, bytes.len, count, split))
            return err_fail(err, STORE_CORRUPT, "entry %llu does not unpack", (unsigned long long)seq);
        size_t skip = seq < from ? (size_t)(from - seq) : 0;
        if (skip) memmove(split, split + skip, (count - skip) * sizeof *split);
        entries->count += count - skip;
    }
    entries->count = limit;
    return true;
}

bool sqlite_read(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                 struct store_entries *entries, struct err *err)
{
    struct read read;
    if (from > SQLITE_MAX_SEQ) return true;
    if (!read_begin(
            &read, backend,
            "SELECT e.at,e.count,e.bytes FROM stream s CROSS JOIN entry e WHERE s.name=?1 AND e.at>=ifnull("
            "(SELECT at FROM entry WHERE at BETWEEN s.id<<32 AND s.id<<32|?2 ORDER BY at DESC LIMIT "
            "1),s.id<<32|?2) "
            "AND e.at<=s.id<<32|0xffffffff ORDER BY e.at LIMIT ?3",
            err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    sqlite3_bind_int64(read.stmt, 2, (int64_t)from);
    sqlite3_bind_int64(read.stmt, 3, limit < INT32_MAX ? (int64_t)limit + 1 : -1);
    bool ok = read_entries(&read, from, limit, arena, entries, err);
    read_end(&read);
    return ok;
}

bool sqlite_read_snapshot(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                          ProtobufCBinaryData *state, struct err *err)
{
    struct read read;
    bool row;
    if (!read_begin(&read, backend,
                    "SELECT seq,state FROM snapshot JOIN stream s ON s.id=stream WHERE s.name=?1", err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    bool ok = read_row(&read, &row, err);
    if (ok && row) {
        *seq = (uint64_t)sqlite3_column_int64(read.stmt, 0);
        *state = column_bytes(read.stmt, 1);
        ok = copy_bytes(arena, state, err);
    }
    read_end(&read);
    return ok;
}

bool sqlite_read_head(void *backend, const char *stream, uint64_t *seq, struct err *err)
{
    struct read read;
    bool row;
    if (!read_begin(&read, backend,
                    "SELECT (at&0xffffffff)+count-1 FROM stream s CROSS JOIN entry WHERE s.name=?1 AND at "
                    "BETWEEN s.id<<32 AND "
                    "s.id<<32|0xffffffff ORDER BY at DESC LIMIT 1",
                    err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    bool ok = read_row(&read, &row, err);
    if (ok && row) *seq = (uint64_t)sqlite3_column_int64(read.stmt, 0);
    read_end(&read);
    return ok;
}

static bool heads_add(struct read *read, struct arena *arena, struct store_head *head, struct err *err)
{
    head->stream = arena_str(arena, (const char *)sqlite3_column_text(read->stmt, 0));
    head->seq = (uint64_t)sqlite3_column_int64(read->stmt, 1);
    return head->stream || err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

bool sqlite_read_heads(void *backend, const char *prefix, const char *after, size_t limit,
                       struct arena *arena, struct store_head **heads, size_t *count, struct err *err)
{
    struct read read;
    bool row = true;
    size_t len = strlen(prefix);
    *heads = arena_array(arena, limit, sizeof **heads);
    if (!*heads) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    if (!read_begin(
            &read, backend,
            "SELECT name,ifnull((SELECT (at&0xffffffff)+count-1 FROM entry WHERE at BETWEEN s.id<<32 AND "
            "s.id<<32|0xffffffff ORDER BY at DESC LIMIT 1),0) FROM stream s WHERE name>=?1 AND name>?2 ORDER "
            "BY name",
            err))
        return false;
    sqlite_bind_text(read.stmt, 1, prefix);
    sqlite_bind_text(read.stmt, 2, after);
    bool ok = true;
    while (ok && *count < limit) {
        ok = read_row(&read, &row, err);
        if (!ok || !row || strncmp((const char *)sqlite3_column_text(read.stmt, 0), prefix, len) != 0) break;
        ok = heads_add(&read, arena, &(*heads)[*count], err);
        if (ok) ++*count;
    }
    read_end(&read);
    return ok;
}

bool sqlite_command_find(void *backend, const uint8_t id[32], struct arena *arena, bool *found,
                         struct store_command *command, struct err *err)
{
    struct read read;
    if (!read_begin(&read, backend, "SELECT request_hash,reply,time_ms FROM command WHERE id=?1", err))
        return false;
    sqlite_bind_bytes(read.stmt, 1, id, 32);
    bool ok = read_row(&read, found, err);
    if (ok && *found) {
        ProtobufCBinaryData hash = column_bytes(read.stmt, 0);
        memcpy(command->id, id, sizeof command->id);
        memcpy(command->request_hash, hash.data, hash.len < 32 ? hash.len : 32);
        command->reply = column_bytes(read.stmt, 1);
        command->time_ms = sqlite3_column_int64(read.stmt, 2);
        ok = copy_bytes(arena, &command->reply, err);
    }
    read_end(&read);
    return ok;
}

// ---- Whole content

struct visitor {
    bool (*visit)(void *arg, const struct store_item *item, struct err *err);
    void *arg;
};

static bool each_row(struct sqlite_connection *reader, const struct store_table *table,
                     const struct visitor *visitor, struct err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT id,version,bytes FROM \"t_%s\" ORDER BY id", table->name);
    struct read read = {.reader = reader, .stmt = sqlite_prepare(reader, sql)};
    if (!read.stmt) return sqlite_fail(reader->db, "read", err);
    bool row = true, ok = true;
    while (ok && (ok = read_row(&read, &row, err)) && row) {
        struct store_item item = {table, (const char *)sqlite3_column_text(read.stmt, 0),
                                  (uint64_t)sqlite3_column_int64(read.stmt, 1), column_bytes(read.stmt, 2)};
        ok = visitor->visit(visitor->arg, &item, err);
    }
    sqlite3_reset(read.stmt);
    return ok;
}

static bool visit_entries(sqlite3_stmt *stmt, const struct visitor *visitor, struct err *err)
{
    uint64_t seq = (uint64_t)sqlite3_column_int64(stmt, 1) & SQLITE_MAX_SEQ;
    size_t count = (size_t)sqlite3_column_int64(stmt, 2);
    ProtobufCBinaryData bytes = column_bytes(stmt, 3), *entries = calloc(count + 1, sizeof *entries);
    bool ok = entries || err_fail(err, INTERNAL_ERROR, "out of memory");
    if (ok && !store_entries_split(bytes.data, bytes.len, count, entries))
        ok = err_fail(err, STORE_CORRUPT, "entry %llu does not unpack", (unsigned long long)seq);
    for (size_t i = 0; ok && i < count; i++) {
        struct store_item item = {NULL, (const char *)sqlite3_column_text(stmt, 0), seq + i, entries[i]};
        ok = visitor->visit(visitor->arg, &item, err);
    }
    free(entries);
    return ok;
}

static bool each_entry(struct sqlite_connection *reader, const struct visitor *visitor, struct err *err)
{
    struct read read = {
        .reader = reader,
        .stmt = sqlite_prepare(reader, "SELECT name,at,count,bytes FROM stream JOIN entry ON at BETWEEN "
                                       "stream.id<<32 AND stream.id<<32|0xffffffff ORDER BY name,at")};
    if (!read.stmt) return sqlite_fail(reader->db, "read", err);
    bool row = true, ok = true;
    while (ok && (ok = read_row(&read, &row, err)) && row) ok = visit_entries(read.stmt, visitor, err);
    sqlite3_reset(read.stmt);
    return ok;
}

bool sqlite_each(void *backend, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                 void *arg, struct err *err)
{
    struct sqlite_store *store = backend;
    struct sqlite_connection *reader;
    struct visitor visitor = {visit, arg};
    if (!sqlite_reader_take(store, &reader, err)) return false;
    bool ok = sqlite_run(reader->db, "BEGIN", err);
    for (size_t i = 0; ok && i < store->model_count; i++)
        ok = each_row(reader, store->models[i].table, &visitor, err);
    ok = ok && each_entry(reader, &visitor, err);
    sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
    sqlite_reader_return(store, reader);
    return ok;
}

static bool sync_path(const char *path, int flags, struct err *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok) err_errno(err, errno, path);
    if (fd >= 0) close(fd);
    return ok;
}

static bool vacuum_into(const char *store_path, const char *path, struct err *err)
{
    struct sqlite_connection connection;
    if (!sqlite_connect(&connection, store_path, SQLITE_OPEN_READWRITE, err)) return false;
    sqlite3_stmt *stmt = sqlite_prepare(&connection, "VACUUM INTO ?1");
    if (stmt) sqlite_bind_text(stmt, 1, path);
    bool ok = (stmt && sqlite3_step(stmt) == SQLITE_DONE) || sqlite_fail(connection.db, path, err);
    sqlite_disconnect(&connection);
    return ok && sync_path(path, O_RDONLY, err);
}

// Written beside the path and linked to it when whole.
bool sqlite_backup(const char *store_path, const char *path, struct err *err)
{
    char *part = NULL, *folder = strdup(path);
    if (asprintf(&part, "%s.part", path) < 0 || !folder)
        return free(folder), err_fail(err, INTERNAL_ERROR, "out of memory");
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = 0;
    unlink(part);
    bool ok = vacuum_into(store_path, part, err);
    if (ok && link(part, path) != 0)
        ok = errno == EEXIST ? err_fail(err, CONFLICT, "%s exists", path) : err_errno(err, errno, path);
    unlink(part);
    ok = ok && sync_path(slash ? folder : ".", O_RDONLY | O_DIRECTORY, err);
    free(part);
    free(folder);
    return ok;
}
