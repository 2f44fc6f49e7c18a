#include <stdio.h>
#include <stdlib.h>

#include "lib/base/new_file.h"
#include "lib/store/sqlite/read.h"

struct visitor {
    bool (*visit)(void *arg, const struct store_item *item, struct err *err);
    void *arg;
};

static bool each_row(struct sqlite_connection *reader, const struct store_table *table,
                     const struct visitor *visitor, struct err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT id,version,bytes FROM \"t_%s\" ORDER BY id", table->name);
    struct sqlite_reading read = {.reader = reader, .stmt = sqlite_prepare(reader, sql)};
    if (!read.stmt) return sqlite_fail(reader->db, "read", err);
    bool row = true, ok = true;
    while (ok && (ok = sqlite_read_row(&read, &row, err)) && row) {
        struct store_item item = {.table = table,
                                  .id = sqlite_column_text(read.stmt, 0),
                                  .version = (uint64_t)sqlite3_column_int64(read.stmt, 1),
                                  .bytes = sqlite_column_bytes(read.stmt, 2)};
        ok = visitor->visit(visitor->arg, &item, err);
    }
    sqlite3_reset(read.stmt);
    return ok;
}

static bool visit_ended(sqlite3_stmt *stmt, const struct visitor *visitor, struct err *err)
{
    struct store_item item = {
        .id = sqlite_column_text(stmt, 0), .version = (uint64_t)sqlite3_column_int64(stmt, 6), .ended = true};
    return visitor->visit(visitor->arg, &item, err);
}

static bool visit_entries(sqlite3_stmt *stmt, const struct visitor *visitor, struct err *err)
{
    const char *stream = sqlite_column_text(stmt, 0);
    if (sqlite3_column_type(stmt, 1) == SQLITE_NULL) return visit_ended(stmt, visitor, err);
    int64_t at = sqlite3_column_int64(stmt, 1), stored = sqlite3_column_int64(stmt, 2);
    uint64_t seq = (uint64_t)at & SQLITE_MAX_SEQ;
    ProtobufCBinaryData bytes = sqlite_column_bytes(stmt, 3);
    bool fits = sqlite_entries_fit(at, stored, (int64_t)bytes.len);
    size_t count = fits ? (size_t)stored : 0;
    ProtobufCBinaryData *entries = calloc(count + 1, sizeof *entries);
    bool ok = entries || err_fail(err, INTERNAL_ERROR, "out of memory");
    if (ok && (!fits || !store_entries_split(bytes.data, bytes.len, count, entries)))
        ok = err_fail(err, STORE_CORRUPT, "what stream %.80s has at %llu is no entries of it", stream,
                      (unsigned long long)seq);
    for (size_t i = 0; ok && entries && i < count; i++) {
        struct store_item item = {.id = stream, .version = seq + i, .bytes = entries[i]};
        if (i == 0 && sqlite3_column_type(stmt, 4) == SQLITE_TEXT)
            item.source =
                (struct store_source){sqlite_column_text(stmt, 4), (uint64_t)sqlite3_column_int64(stmt, 5),
                                      (uint64_t)sqlite3_column_int64(stmt, 7)};
        if (i == 0) item.attached = sqlite_column_bytes(stmt, 8);
        ok = visitor->visit(visitor->arg, &item, err);
    }
    free(entries);
    return ok;
}

static bool each_entry(struct sqlite_connection *reader, const struct visitor *visitor, struct err *err)
{
    struct sqlite_reading read = {
        .reader = reader,
        .stmt = sqlite_prepare(
            reader,
            "SELECT s.name,at,count,bytes,o.name,origin_seq,ended,origin_print,attached FROM stream s "
            "LEFT JOIN entry ON at BETWEEN s.id<<32 AND s.id<<32|0xffffffff LEFT JOIN "
            "origin o ON o.id=origin ORDER BY s.name,at")};
    if (!read.stmt) return sqlite_fail(reader->db, "read", err);
    bool row = true, ok = true;
    while (ok && (ok = sqlite_read_row(&read, &row, err)) && row) ok = visit_entries(read.stmt, visitor, err);
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

static bool vacuum_into(const char *store_path, const char *path, struct err *err)
{
    struct sqlite_connection connection;
    if (!sqlite_connect(&connection, store_path, SQLITE_OPEN_READWRITE, err)) return false;
    sqlite3_stmt *stmt = sqlite_prepare(&connection, "VACUUM INTO ?1");
    if (stmt) sqlite_bind_text(stmt, 1, path);
    bool ok = (stmt && sqlite3_step(stmt) == SQLITE_DONE) || sqlite_fail(connection.db, path, err);
    sqlite_disconnect(&connection);
    return ok;
}

// Writes to the copy are not writes to the store.
static bool renew_copy(const char *path, const char *without, struct err *err)
{
    struct sqlite_connection copy;
    uint64_t generation;
    char sql[96] = "";
    if (without) snprintf(sql, sizeof sql, "DELETE FROM \"t_%s\"", without);
    if (!sqlite_connect(&copy, path, SQLITE_OPEN_READWRITE, err)) return false;
    bool ok = sqlite_run(copy.db, sql, err) && sqlite_generation(copy.db, true, &generation, err);
    sqlite_disconnect(&copy);
    return ok;
}

bool sqlite_backup(const char *store_path, const char *path, const char *without, struct err *err)
{
    struct new_file copy;
    if (!new_file_begin(&copy, path, err)) return false;
    if (vacuum_into(store_path, copy.part, err) && renew_copy(copy.part, without, err))
        return new_file_keep(&copy, err);
    new_file_drop(&copy);
    return false;
}
