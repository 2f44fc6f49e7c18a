#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/store/sqlite/sqlite.h"

enum { APPLICATION = 0x436f6e73, FORMAT = 5, MAX_SQL = 16384, MAX_DESCRIPTION = 4096 };

// The sources of entries; a stream has no two appends of one source.
#define ORIGINS "CREATE TABLE origin(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
#define PRINT "origin_print INTEGER NOT NULL DEFAULT 0"
#define ORIGIN_INDEX                                                                                         \
    "CREATE UNIQUE INDEX entry_origin ON entry(origin,origin_seq,origin_print,at>>32) WHERE origin IS NOT "  \
    "NULL;"

#define ATTACHED "attached BLOB"

// Of a deleted stream its name stays, with the number of the last entry that it had.
#define ENDED "ended INTEGER"

static const char CREATE[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE stream(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, " ENDED ");"
    "CREATE TABLE entry(at INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL,"
    " origin INTEGER, origin_seq INTEGER, " PRINT ", " ATTACHED ");" ORIGINS ORIGIN_INDEX
    "CREATE TABLE snapshot(stream INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL);"
    "CREATE TABLE command(at INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, request_hash BLOB NOT NULL,"
    " reply BLOB NOT NULL, time_ms INTEGER NOT NULL);"
    "PRAGMA application_id=0x436f6e73; PRAGMA user_version=5;";

// Format 1 had no sources, format 2 forgot a deleted stream's name, format 3 had no prints, format 4 nothing
// attached.
#define FROM_4 "ALTER TABLE entry ADD COLUMN " ATTACHED "; PRAGMA user_version=5;"
#define FROM_3                                                                                               \
    "ALTER TABLE entry ADD COLUMN " PRINT "; DROP INDEX IF EXISTS entry_origin;" ORIGIN_INDEX FROM_4
#define FROM_2 "ALTER TABLE stream ADD COLUMN " ENDED ";" FROM_3
#define FROM_1                                                                                               \
    "ALTER TABLE entry ADD COLUMN origin INTEGER;"                                                           \
    "ALTER TABLE entry ADD COLUMN origin_seq INTEGER;" ORIGINS FROM_2

static bool schema_number(sqlite3 *db, const char *sql, int64_t *value, struct err *err)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) return sqlite_fail(db, sql, err);
    bool ok = sqlite3_step(stmt) == SQLITE_ROW || sqlite_fail(db, sql, err);
    if (ok) *value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return ok;
}

bool sqlite_check_application(sqlite3 *db, const char *path, struct err *err)
{
    int64_t application = 0, tables = 0;
    if (!schema_number(db, "PRAGMA application_id", &application, err) ||
        !schema_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    return tables == 0 || application == APPLICATION ||
           err_fail(err, STORE_CORRUPT, "%s is not a store of Conse", path);
}

static bool check_format(struct sqlite_store *store, struct err *err)
{
    sqlite3 *db = store->writer.db;
    int64_t format = 0, tables = 0;
    if (!sqlite_check_application(db, store->path, err) ||
        !schema_number(db, "PRAGMA user_version", &format, err) ||
        !schema_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    static const char *const UPGRADES[FORMAT] = {[1] = FROM_1, [2] = FROM_2, [3] = FROM_3, [4] = FROM_4};
    if (tables == 0) return sqlite_run(db, CREATE, err);
    if (format > 0 && format < FORMAT) return sqlite_run(db, UPGRADES[format], err);
    if (format == FORMAT) return true;
    return err_fail(err, STORE_CORRUPT, "%s has format %lld, this program knows %d", store->path,
                    (long long)format, FORMAT);
}

// ---- The SQL of a table

static void schema_columns(struct buf *sql, const struct store_model *model, const char *format)
{
    for (size_t i = 0; i < model->index_count; i++)
        for (size_t k = 0; k < model->indexes[i].count; k++)
            buf_printf(sql, format, model->indexes[i].declared->name, k);
}

static char *insert_sql(const struct store_model *model, const char *table)
{
    struct buf sql;
    size_t len;
    buf_init(&sql, MAX_SQL);
    buf_printf(&sql, "INSERT INTO \"%s\" VALUES(?1,?2,?3", table);
    for (size_t i = 0; i < model->field_count; i++) buf_printf(&sql, ",?%zu", i + 4);
    buf_str(&sql, ")");
    return buf_take(&sql, &len);
}

static char *update_sql(const struct store_model *model)
{
    struct buf sql;
    size_t len, at = 4;
    buf_init(&sql, MAX_SQL);
    buf_printf(&sql, "UPDATE \"t_%s\" SET version=version+1,bytes=?3", model->table->name);
    for (size_t i = 0; i < model->index_count; i++)
        for (size_t k = 0; k < model->indexes[i].count; k++)
            buf_printf(&sql, ",\"%s_%zu\"=?%zu", model->indexes[i].declared->name, k, at++);
    buf_str(&sql, " WHERE id=?1 AND version=?2");
    return buf_take(&sql, &len);
}

static char *put_made_sql(const struct store_model *model, const char *table)
{
    struct buf sql;
    size_t len;
    char *insert = insert_sql(model, table);
    buf_init(&sql, MAX_SQL);
    buf_str(&sql, insert ? insert : "");
    buf_str(&sql, " ON CONFLICT(id) DO UPDATE SET version=excluded.version,bytes=excluded.bytes");
    for (size_t i = 0; i < model->index_count; i++)
        for (size_t k = 0; k < model->indexes[i].count; k++)
            buf_printf(&sql, ",\"%s_%zu\"=excluded.\"%s_%zu\"", model->indexes[i].declared->name, k,
                       model->indexes[i].declared->name, k);
    buf_printf(&sql, " WHERE excluded.version>=\"%s\".version", table);
    free(insert);
    return buf_take(&sql, &len);
}

static bool table_sql(struct sqlite_table *table, const struct store_model *model, struct err *err)
{
    const char *name = model->table->name;
    char full[80];
    snprintf(full, sizeof full, "t_%s", name);
    table->insert = insert_sql(model, full);
    table->update = update_sql(model);
    table->put_made = put_made_sql(model, full);
    bool ok = asprintf(&table->get, "SELECT bytes,version FROM \"t_%s\" WHERE id=?1", name) > 0 &&
              asprintf(&table->delete, "DELETE FROM \"t_%s\" WHERE id=?1 AND version=?2", name) > 0 &&
              asprintf(&table->delete_made, "DELETE FROM \"t_%s\" WHERE id=?1 AND version<=?2", name) > 0;
    return (ok && table->insert && table->update && table->put_made) ||
           err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool run_buf(sqlite3 *db, struct buf *sql, struct err *err)
{
    bool ok = sql->failed ? err_fail(err, INTERNAL_ERROR, "SQL too long") : sqlite_run(db, sql->bytes, err);
    buf_finish(sql);
    return ok;
}

static bool create_table(sqlite3 *db, const struct store_model *model, struct err *err)
{
    struct buf sql;
    buf_init(&sql, MAX_SQL);
    buf_printf(&sql,
               "CREATE TABLE new_rows(id TEXT PRIMARY KEY, version INTEGER NOT NULL, bytes BLOB NOT NULL");
    schema_columns(&sql, model, ",\"%s_%zu\"");
    buf_str(&sql, ") WITHOUT ROWID");
    return run_buf(db, &sql, err);
}

static bool create_index(sqlite3 *db, const struct store_model *model, const struct store_model_index *index,
                         struct err *err)
{
    const char *table = model->table->name, *name = index->declared->name;
    struct buf sql;
    buf_init(&sql, MAX_SQL);
    buf_printf(&sql, "CREATE %s INDEX \"i_%s_%s\" ON \"t_%s\"(", index->declared->unique ? "UNIQUE" : "",
               table, name, table);
    for (size_t k = 0; k < index->count; k++) buf_printf(&sql, "%s\"%s_%zu\"", k ? "," : "", name, k);
    buf_str(&sql, ")"); // the key follows by itself
    return run_buf(db, &sql, err);
}

// ---- Tables and their indexes

// A row that can't be read is copied too, as a row of which an index knows only that it exists.
static bool index_values(const struct store_model *model, sqlite3_stmt *from, struct arena *arena,
                         struct store_value *values, struct err *err)
{
    const ProtobufCBinaryData bytes = {(size_t)sqlite3_column_bytes(from, 2),
                                       (uint8_t *)sqlite3_column_blob(from, 2)};
    const char *id = (const char *)sqlite3_column_text(from, 0);
    ProtobufCMessage *message;
    bool ok = store_unpack(model, id ? id : "", bytes, arena, &message, err);
    if (!ok && !err_is(err, STORE_CORRUPT)) return false;
    if (!ok) log_err(LOG_ERROR, "store.row", err);
    for (size_t i = 0; i < model->field_count; i++)
        values[i] = ok ? store_field_value(&model->fields[i], message) : (struct store_value){.text = ""};
    return true;
}

static bool copy_row(struct sqlite_store *store, const struct store_model *model, sqlite3_stmt *from,
                     sqlite3_stmt *into, struct err *err)
{
    struct arena arena;
    struct store_value values[STORE_MAX_INDEXES * STORE_MAX_FIELDS];
    arena_init(&arena, 64 << 20);
    bool ok = index_values(model, from, &arena, values, err);
    if (ok) {
        for (int i = 0; i < 3; i++) sqlite3_bind_value(into, i + 1, sqlite3_column_value(from, i));
        sqlite_bind_values(into, 4, model, values);
        ok = sqlite3_step(into) == SQLITE_DONE || sqlite_fail(store->writer.db, model->table->name, err);
        sqlite3_reset(into);
    }
    arena_finish(&arena);
    return ok;
}

static bool copy_rows(struct sqlite_store *store, const struct store_model *model, struct err *err)
{
    sqlite3 *db = store->writer.db;
    sqlite3_stmt *from = NULL, *into = NULL;
    char select[128], *insert = insert_sql(model, "new_rows");
    snprintf(select, sizeof select, "SELECT id,version,bytes FROM \"t_%s\"", model->table->name);
    bool ok = insert && sqlite3_prepare_v2(db, select, -1, &from, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(db, insert, -1, &into, NULL) == SQLITE_OK;
    int step = ok ? SQLITE_ROW : SQLITE_ERROR;
    if (!ok) sqlite_fail(db, model->table->name, err);
    while (ok && (step = sqlite3_step(from)) == SQLITE_ROW) ok = copy_row(store, model, from, into, err);
    if (ok && step != SQLITE_DONE) ok = sqlite_fail(db, model->table->name, err);
    sqlite3_finalize(from);
    sqlite3_finalize(into);
    free(insert);
    return ok;
}

static bool run_format(sqlite3 *db, struct err *err, const char *format, const char *name)
{
    struct buf sql;
    buf_init(&sql, MAX_SQL);
    buf_printf(&sql, format, name);
    return run_buf(db, &sql, err);
}

static bool set_meta(sqlite3 *db, const char *name, const char *value, struct err *err)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO meta VALUES(?1,?2)", -1, &stmt, NULL) != SQLITE_OK)
        return sqlite_fail(db, "meta", err);
    sqlite_bind_text(stmt, 1, name);
    sqlite_bind_text(stmt, 2, value);
    bool ok = sqlite3_step(stmt) == SQLITE_DONE || sqlite_fail(db, "meta", err);
    sqlite3_finalize(stmt);
    return ok;
}

static bool get_meta(sqlite3 *db, const char *name, char *value, size_t size, struct err *err)
{
    sqlite3_stmt *stmt;
    *value = 0;
    if (sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name=?1", -1, &stmt, NULL) != SQLITE_OK)
        return sqlite_fail(db, "meta", err);
    sqlite_bind_text(stmt, 1, name);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) snprintf(value, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    bool ok = step == SQLITE_ROW || step == SQLITE_DONE || sqlite_fail(db, "meta", err);
    sqlite3_finalize(stmt);
    return ok;
}

bool sqlite_generation(sqlite3 *db, bool renew, uint64_t *generation, struct err *err)
{
    char text[24];
    if (!get_meta(db, "generation", text, sizeof text, err)) return false;
    *generation = renew ? 0 : strtoull(text, NULL, 16);
    if (*generation) return true;
    while (!*generation) sqlite3_randomness(sizeof *generation, generation);
    snprintf(text, sizeof text, "%llx", (unsigned long long)*generation);
    return set_meta(db, "generation", text, err);
}

// A new table with the columns as declared, filled from the old one when there is one.
static bool schema_rebuild(struct sqlite_store *store, const struct store_model *model, bool exists,
                           struct err *err)
{
    sqlite3 *db = store->writer.db;
    const char *name = model->table->name;
    if (!create_table(db, model, err)) return false;
    if (exists && !(copy_rows(store, model, err) && run_format(db, err, "DROP TABLE \"t_%s\"", name)))
        return false;
    if (!run_format(db, err, "ALTER TABLE new_rows RENAME TO \"t_%s\"", name)) return false;
    for (size_t i = 0; i < model->index_count; i++)
        if (!create_index(db, model, &model->indexes[i], err)) return false;
    return true;
}

static bool table_schema(struct sqlite_store *store, const struct store_model *model, struct err *err)
{
    char name[80], wanted[MAX_DESCRIPTION], found[MAX_DESCRIPTION];
    snprintf(name, sizeof name, "table %s", model->table->name);
    store_model_describe(model, wanted, sizeof wanted);
    if (!get_meta(store->writer.db, name, found, sizeof found, err)) return false;
    if (strcmp(wanted, found) == 0) return true;
    unsigned long version = strtoul(found, NULL, 10); // the description begins with it
    if (version > model->table->version)
        return err_fail(err, STORE_CORRUPT,
                        "%s has version %lu of table %s, this program knows %u: it is older than the store",
                        store->path, version, model->table->name, model->table->version);
    return schema_rebuild(store, model, *found, err) && set_meta(store->writer.db, name, wanted, err);
}

static bool all_tables(struct sqlite_store *store, struct err *err)
{
    for (size_t i = 0; i < store->model_count; i++) {
        if (!table_sql(&store->tables[i], &store->models[i], err)) return false;
        if (table_schema(store, &store->models[i], err)) continue;
        return err_is(err, STORE_CORRUPT) ? false : err_wrap(err, store->models[i].table->name);
    }
    return true;
}

void sqlite_schema_forget(struct sqlite_store *store)
{
    for (size_t i = 0; i < store->model_count; i++) {
        struct sqlite_table *table = &store->tables[i];
        free(table->get), free(table->insert), free(table->update), free(table->delete);
        free(table->put_made), free(table->delete_made);
        *table = (struct sqlite_table){0};
    }
}

static void remove_part(const char *part)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", part, suffixes[i]);
        unlink(path);
    }
}

// The file exists before SQLite opens it: what SQLite adds gets the same mode, which keeps others from
// reading secrets.
static bool create_part(const char *part, struct err *err)
{
    struct sqlite_connection connection;
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno(err, errno, part);
    close(fd);
    if (!sqlite_connect(&connection, part, SQLITE_OPEN_READWRITE, err)) return false;
    bool ok = sqlite_run(connection.db, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", err) &&
              sqlite_run(connection.db, CREATE, err) && sqlite_run(connection.db, "COMMIT", err);
    sqlite_disconnect(&connection);
    return ok;
}

bool sqlite_create(const char *path, struct err *err)
{
    char *part = sqlite_beside(path, "new");
    if (!part) return err_fail(err, INTERNAL_ERROR, "out of memory");
    remove_part(part); // left by a killed process
    bool ok = create_part(part, err) && sqlite_put_in_place(part, path, err);
    if (!ok) remove_part(part);
    free(part);
    return ok;
}

bool sqlite_schema(struct sqlite_store *store, struct err *err)
{
    sqlite3 *db = store->writer.db;
    if (!sqlite_run(db, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", err)) return false;
    if (check_format(store, err) && all_tables(store, err) &&
        sqlite_generation(db, false, &store->generation, err))
        return sqlite_run(db, "COMMIT", err);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
