#include "lib/store/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"

enum { BUSY_TIMEOUT_MS = 5000 };

// ---- Connections

// A failed sync is not among them: nothing is known of the file then.
bool sqlite_is_full(sqlite3 *db)
{
    int code = sqlite3_extended_errcode(db), kind = code & 0xff, error = sqlite3_system_errno(db);
    if (kind == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
    bool may = kind == SQLITE_CANTOPEN || (kind == SQLITE_IOERR && code != SQLITE_IOERR_FSYNC);
    return may && (error == ENOSPC || error == EDQUOT);
}

bool sqlite_fail(sqlite3 *db, const char *what, struct err *err)
{
    if (sqlite_is_full(db)) return err_fail(err, STORE_FULL, "%s: the disk is full", what);
    switch (sqlite3_errcode(db)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_fail(err, STORE_CORRUPT, "%s: %s", what, sqlite3_errmsg(db));
    case SQLITE_BUSY:
        return err_fail(err, SERVICE_BUSY, "%s: %s", what, sqlite3_errmsg(db));
    default:
        return err_fail(err, INTERNAL_ERROR, "%s: %s", what, sqlite3_errmsg(db));
    }
}

bool sqlite_run(sqlite3 *db, const char *sql, struct err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_fail(db, sql, err);
}

bool sqlite_connect(struct sqlite_connection *connection, const char *path, int flags, struct err *err)
{
    *connection = (struct sqlite_connection){0};
    if (sqlite3_open_v2(path, &connection->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        sqlite_fail(connection->db, path, err);
        return sqlite_disconnect(connection), false;
    }
    sqlite3 *db = connection->db;
    sqlite3_extended_result_codes(db, 0);
    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 256, 64);
    if (sqlite_run(db,
                   "PRAGMA trusted_schema=0; PRAGMA cache_size=-384; PRAGMA temp_store=MEMORY; PRAGMA "
                   "synchronous=FULL",
                   err))
        return true;
    return sqlite_disconnect(connection), false;
}

void sqlite_disconnect(struct sqlite_connection *connection)
{
    for (size_t i = 0; i < connection->statement_count; i++) sqlite3_finalize(connection->statements[i].stmt);
    sqlite3_close(connection->db);
    *connection = (struct sqlite_connection){0};
}

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *text; text++) hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
    return hash;
}

static struct sqlite_statement *slot_for(struct sqlite_connection *connection)
{
    if (connection->statement_count < SQLITE_MAX_STATEMENTS)
        return &connection->statements[connection->statement_count++];
    struct sqlite_statement *slot = &connection->statements[connection->victim++ % SQLITE_MAX_STATEMENTS];
    sqlite3_finalize(slot->stmt);
    return slot;
}

sqlite3_stmt *sqlite_prepare(struct sqlite_connection *connection, const char *sql)
{
    uint64_t hash = hash_of(sql);
    for (size_t i = 0; i < connection->statement_count; i++)
        if (connection->statements[i].hash == hash) return connection->statements[i].stmt;
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        return NULL;
    struct sqlite_statement *slot = slot_for(connection);
    *slot = (struct sqlite_statement){hash, stmt};
    return stmt;
}

void sqlite_bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

void sqlite_bind_bytes(sqlite3_stmt *stmt, int at, const void *bytes, size_t len)
{
    sqlite3_bind_blob64(stmt, at, bytes && len ? bytes : "", len, SQLITE_STATIC);
}

void sqlite_bind_value(sqlite3_stmt *stmt, int at, enum store_kind kind, const struct store_value *value)
{
    size_t len = store_value_len(value);
    if (kind == STORE_NUMBER)
        sqlite3_bind_int64(stmt, at, value->number);
    else if (kind == STORE_BYTES)
        sqlite_bind_bytes(stmt, at, value->text, len);
    else
        sqlite3_bind_text64(stmt, at, value->text ? value->text : "", len, SQLITE_STATIC, SQLITE_UTF8);
}

void sqlite_bind_values(sqlite3_stmt *stmt, int at, const struct store_model *model,
                        const struct store_value *values)
{
    for (size_t i = 0; i < model->field_count; i++)
        sqlite_bind_value(stmt, at + (int)i, model->fields[i].kind, &values[i]);
    for (size_t i = 0; i < model->index_count; i++) {
        size_t first = model->indexes[i].first;
        if (model->indexes[i].declared->unique &&
            store_value_empty(model->fields[first].kind, &values[first]))
            sqlite3_bind_null(stmt, at + (int)first);
    }
}

const struct sqlite_table *sqlite_table_of(const struct sqlite_store *store, const struct store_model *model)
{
    return &store->tables[model - store->models];
}

_Noreturn void sqlite_die(struct sqlite_store *store, sqlite3 *db, const char *what)
{
    log_error("store_failed", F_STR("path", store->path), F_STR("what", what),
              F_STR("error", sqlite3_errmsg(db)));
    _exit(1);
}

// ---- The pool of readers

static bool reader_open(struct sqlite_store *store, struct sqlite_connection **reader, struct err *err)
{
    *reader = malloc(sizeof **reader);
    if (!*reader) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (sqlite_connect(*reader, store->path, SQLITE_OPEN_READWRITE, err) &&
        sqlite_run((*reader)->db, "PRAGMA query_only=1", err))
        return true;
    sqlite_disconnect(*reader);
    free(*reader);
    return false;
}

bool sqlite_reader_take(struct sqlite_store *store, struct sqlite_connection **reader, struct err *err)
{
    pthread_mutex_lock(&store->lock);
    while (!store->readers && store->reader_count == SQLITE_MAX_READERS)
        pthread_cond_wait(&store->returned, &store->lock);
    *reader = store->readers;
    if (*reader)
        store->readers = (*reader)->next;
    else
        store->reader_count++;
    pthread_mutex_unlock(&store->lock);
    if (*reader || reader_open(store, reader, err)) return true;
    pthread_mutex_lock(&store->lock);
    store->reader_count--;
    pthread_cond_signal(&store->returned);
    pthread_mutex_unlock(&store->lock);
    return false;
}

void sqlite_reader_return(struct sqlite_store *store, struct sqlite_connection *reader)
{
    pthread_mutex_lock(&store->lock);
    reader->next = store->readers;
    store->readers = reader;
    pthread_cond_signal(&store->returned);
    pthread_mutex_unlock(&store->lock);
}

// ---- Open and close

char *sqlite_beside(const char *path, const char *suffix)
{
    char *name;
    size_t len = strlen(path);
    bool has_suffix = len > 3 && strcmp(path + len - 3, ".db") == 0;
    return asprintf(&name, "%.*s.%s", (int)(has_suffix ? len - 3 : len), path, suffix) < 0 ? NULL : name;
}

bool sqlite_lock(const char *path, int *fd, struct err *err)
{
    char *name = sqlite_beside(path, "lock");
    if (!name) return err_fail(err, INTERNAL_ERROR, "out of memory");
    *fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool ok = *fd >= 0 || err_errno(err, errno, name);
    if (ok && flock(*fd, LOCK_EX | LOCK_NB) != 0)
        ok = errno == EWOULDBLOCK ? err_fail(err, SERVICE_BUSY, "%s is held by another process", name)
                                  : err_errno(err, errno, name);
    free(name);
    return ok;
}

// SQLite takes an empty file for a new store, which would hide that another store was there.
static bool check_file(const char *path, struct err *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return errno == ENOENT ? sqlite_create(path, err) : err_errno(err, errno, path);
    return info.st_size > 0 || err_fail(err, STORE_CORRUPT,
                                        "%s is empty, which no store ever is: it was cut; put it back from a "
                                        "backup, or remove it to begin anew",
                                        path);
}

static void close_content(struct sqlite_store *store)
{
    sqlite_wal_stop(store);
    sqlite_disconnect(&store->writer);
    if (store->tables) sqlite_schema_forget(store);
}

static void sqlite_close(void *backend)
{
    struct sqlite_store *store = backend;
    while (store->readers) {
        struct sqlite_connection *reader = store->readers;
        store->readers = reader->next;
        sqlite_disconnect(reader);
        free(reader);
    }
    close_content(store);
    sqlite_forget_heads(store);
    free(store->tables);
    ballast_finish(&store->ballast);
    if (store->lock_fd >= 0) close(store->lock_fd);
    pthread_cond_destroy(&store->wal.changed);
    pthread_mutex_destroy(&store->wal.lock);
    pthread_cond_destroy(&store->returned);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

static bool open_content(struct sqlite_store *store, struct err *err)
{
    return check_file(store->path, err) &&
           sqlite_connect(&store->writer, store->path, SQLITE_OPEN_READWRITE, err) &&
           sqlite_schema(store, err) && sqlite_wal_start(store, err);
}

// Acknowledged writes in the log need a little room to be recovered.
static bool open_with_ballast(struct sqlite_store *store, struct err *err)
{
    while (!open_content(store, err)) {
        close_content(store);
        if (!err_is(err, STORE_FULL)) return false;
        if (!ballast_give(&store->ballast))
            return err_fail(err, STORE_FULL, "%s: the disk is full and there is no ballast to give up",
                            store->path);
    }
    return true;
}

static bool open_file(struct sqlite_store *store, bool ballast, struct err *err)
{
    char *beside = store->path ? sqlite_beside(store->path, "ballast") : NULL;
    if (!beside || !store->tables) return free(beside), err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!ballast_find(&store->ballast, beside, err) || !sqlite_lock(store->path, &store->lock_fd, err) ||
        !open_with_ballast(store, err))
        return false;
    if (ballast) ballast_make(&store->ballast);
    return true;
}

static void sqlite_configure(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static bool sqlite_open(void **backend, const struct store_opening *opening, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sqlite_configure);
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (!store) return err_fail(err, INTERNAL_ERROR, "out of memory");
    store->models = opening->models;
    store->model_count = opening->model_count;
    store->lock_fd = -1;
    store->path = strdup(opening->path);
    store->tables = calloc(opening->model_count + 1, sizeof *store->tables);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->returned, NULL);
    pthread_mutex_init(&store->wal.lock, NULL);
    pthread_cond_init(&store->wal.changed, NULL);
    if (!open_file(store, opening->ballast, err)) return sqlite_close(store), err_wrap(err, "store");
    *backend = store;
    return true;
}

static uint64_t generation_of(void *backend) { return ((const struct sqlite_store *)backend)->generation; }

const struct store_backend store_sqlite = {
    .scheme = "sqlite:",
    .open = sqlite_open,
    .close = sqlite_close,
    .generation = generation_of,
    .commit = sqlite_commit,
    .get = sqlite_get,
    .find = sqlite_find,
    .read = sqlite_read,
    .attached = sqlite_attached,
    .read_snapshot = sqlite_read_snapshot,
    .head = sqlite_read_head,
    .oldest = sqlite_read_oldest,
    .heads = sqlite_read_heads,
    .command_find = sqlite_command_find,
    .fill_begin = sqlite_fill_begin,
    .fill_end = sqlite_fill_end,
    .backup = sqlite_backup,
    .examine = sqlite_examine,
    .copy_hold = sqlite_copy_hold,
    .copy_note = sqlite_copy_note,
    .copy_go_on = sqlite_copy_go_on,
    .copy_write = sqlite_copy_write,
    .copy_end = sqlite_copy_end,
    .each = sqlite_each,
};
