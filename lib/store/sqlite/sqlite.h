// The embedded backend: one SQLite file with a write-ahead log. One connection writes, used by the commit
// thread alone; a small pool of connections reads.
#ifndef LIB_STORE_SQLITE_SQLITE_H
#define LIB_STORE_SQLITE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "lib/store/backend.h"
#include "lib/store/sqlite/ballast.h"

enum { SQLITE_MAX_STATEMENTS = 48, SQLITE_MAX_READERS = 8, SQLITE_HEAD_SLOTS = 1024 };

struct sqlite_statement {
    uint64_t hash;
    sqlite3_stmt *stmt;
};

// Used by one thread at a time.
struct sqlite_connection {
    struct sqlite_connection *next;
    sqlite3 *db;
    struct sqlite_statement statements[SQLITE_MAX_STATEMENTS];
    size_t statement_count, victim;
};

// The SQL of a table's fixed statements.
struct sqlite_table {
    char *get, *insert, *update, *delete, *put_made, *delete_made;
};

struct sqlite_head; // a stream's newest sequence, remembered by the commit thread

// Moving the write-ahead log into the file; see wal.c.
enum sqlite_wal_state {
    SQLITE_WAL_IDLE,
    SQLITE_WAL_BULK, // the log's thread moves
    SQLITE_WAL_REST, // the commit thread shall move what is left
};

struct sqlite_wal {
    int frames, next_at; // the log's length, and the length at which it is moved; for the commit thread alone
    bool moving;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum sqlite_wal_state state;
    bool stopping, running;
    pthread_t thread;
    struct sqlite_connection connection;
};

// Why a job is refused; NULL when it was done. A job is undone whole: what can be refused comes first, as one
// statement.
struct sqlite_fault {
    Conse__Reason__Value reason;
    const char *why; // constant
};

struct sqlite_store {
    const struct store_model *models;
    size_t model_count;
    uint64_t generation;
    struct sqlite_table *tables; // as models
    char *path;
    int lock_fd;
    struct sqlite_connection writer;
    struct sqlite_head *heads[SQLITE_HEAD_SLOTS];
    struct sqlite_wal wal;
    struct sqlite_fault taken; // of the last job, when a unique index refused it
    struct ballast ballast;
    bool redacted;        // the log may have what was taken out of the file
    bool no_room;         // for a write of this group
    bool told;            // that there is no room
    pthread_mutex_t lock; // of the pool
    pthread_cond_t returned;
    struct sqlite_connection *readers;
    size_t reader_count;
};

// The key of an entry: its stream's number above its sequence, so that a stream's entries lie together.
enum { SQLITE_SEQ_BITS = 32 };
#define SQLITE_MAX_SEQ UINT32_MAX

// Whether an append may have that place, with this many entries in this many bytes.
bool sqlite_entries_fit(int64_t at, int64_t count, int64_t bytes);

// The name of a file beside the store: DATA/auth.lock for DATA/auth.db. NULL without memory.
char *sqlite_beside(const char *path, const char *suffix);
// The lock beside the file, held until *fd is closed; SERVICE_BUSY when another holds it.
MUST_CHECK bool sqlite_lock(const char *path, int *fd, struct err *err);
bool sqlite_connect(struct sqlite_connection *connection, const char *path, int flags, struct err *err);
void sqlite_disconnect(struct sqlite_connection *connection);
// True when the connection's last error is that the disk has no room.
bool sqlite_is_full(sqlite3 *db);
MUST_CHECK bool sqlite_run(sqlite3 *db, const char *sql, struct err *err);
// Fills err from the connection's last error; returns false.
bool sqlite_fail(sqlite3 *db, const char *what, struct err *err);

// A prepared statement without bindings, kept for the next use. Return it with sqlite3_reset.
sqlite3_stmt *sqlite_prepare(struct sqlite_connection *connection, const char *sql);
void sqlite_bind_text(sqlite3_stmt *stmt, int at, const char *text);
void sqlite_bind_bytes(sqlite3_stmt *stmt, int at, const void *bytes, size_t len);
void sqlite_bind_value(sqlite3_stmt *stmt, int at, enum store_kind kind, const struct store_value *value);
// A row's index values; the first of a unique index is NULL when empty, which leaves the row out.
void sqlite_bind_values(sqlite3_stmt *stmt, int at, const struct store_model *model,
                        const struct store_value *values);

const struct sqlite_table *sqlite_table_of(const struct sqlite_store *store, const struct store_model *model);
// Creates what is missing and builds changed indexes; the caller has the lock.
MUST_CHECK bool sqlite_schema(struct sqlite_store *store, struct err *err);
void sqlite_schema_forget(struct sqlite_store *store);
// Renames a complete file to its place, durably. CONFLICT when a log lies there that belongs to another file.
MUST_CHECK bool sqlite_put_in_place(const char *from, const char *path, struct err *err);
// Makes a new file, whole or not at all, so that an empty one is never ours.
MUST_CHECK bool sqlite_create(const char *path, struct err *err);
// STORE_CORRUPT when the file is a database of another program.
MUST_CHECK bool sqlite_check_application(sqlite3 *db, const char *path, struct err *err);
// Reads the generation; makes one when there is none, and a new one when it is to be renewed.
MUST_CHECK bool sqlite_generation(sqlite3 *db, bool renew, uint64_t *generation, struct err *err);

// Ends the process: after a failed write or sync the state of the file is unknown; the next start recovers
// it.
_Noreturn void sqlite_die(struct sqlite_store *store, sqlite3 *db, const char *what);

MUST_CHECK bool sqlite_wal_start(struct sqlite_store *store, struct err *err);
void sqlite_wal_stop(struct sqlite_store *store);
// Called by the commit thread after each group.
void sqlite_wal_turn(struct sqlite_store *store);

// After a redaction, by the commit thread, while the log is empty: makes unused bytes of the file zero.
void sqlite_scrub(struct sqlite_store *store);

bool sqlite_commit(void *backend, struct store_job *jobs, struct store_failures *failures);
void sqlite_forget_heads(struct sqlite_store *store);

MUST_CHECK bool sqlite_reader_take(struct sqlite_store *store, struct sqlite_connection **reader,
                                   struct err *err);
void sqlite_reader_return(struct sqlite_store *store, struct sqlite_connection *reader);

bool sqlite_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                ProtobufCMessage **message, uint64_t *version, struct err *err);
bool sqlite_find(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                 struct err *err);
bool sqlite_read(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                 struct store_entries *entries, struct err *err);
bool sqlite_attached(void *backend, const char *stream, uint64_t seq, struct arena *arena,
                     ProtobufCBinaryData *attached, struct err *err);
bool sqlite_read_snapshot(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                          ProtobufCBinaryData *state, struct err *err);
bool sqlite_read_head(void *backend, const char *stream, uint64_t *seq, struct err *err);
bool sqlite_read_oldest(void *backend, const char *stream, uint64_t *seq, struct err *err);
bool sqlite_read_heads(void *backend, const char *prefix, const char *after, size_t limit,
                       struct arena *arena, struct store_head **heads, size_t *count, struct err *err);
bool sqlite_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                         struct arena *arena, bool *found, struct store_command *command, struct err *err);
bool sqlite_each(void *backend, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                 void *arg, struct err *err);
bool sqlite_fill_begin(void **filling, const char *path, const char **place, struct err *err);
bool sqlite_fill_end(void *filling, bool keep, struct err *err);
bool sqlite_backup(const char *store_path, const char *path, const char *without, struct err *err);
bool sqlite_examine(const char *store_path, struct store_condition *condition, struct err *err);
bool sqlite_copy_hold(void **copy, const char *path, struct err *err);
bool sqlite_copy_note(void *copy, struct err *err);
bool sqlite_copy_go_on(void *copy, struct err *err);
bool sqlite_copy_write(void *copy, const char *path, const char *without, struct err *err);
void sqlite_copy_end(void *copy);

#endif
