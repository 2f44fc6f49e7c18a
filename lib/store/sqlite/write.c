#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/store/sqlite/sqlite.h"

static const struct sqlite_fault EXISTS = {CONSE__REASON__VALUE__CONFLICT, "a row with this id exists"};
static const struct sqlite_fault VERSION = {CONSE__REASON__VALUE__CONFLICT, "the row changed or is gone"};
static const struct sqlite_fault SEQUENCE = {CONSE__REASON__VALUE__CONFLICT, "the stream has other entries"};
static const struct sqlite_fault SNAPSHOT = {CONSE__REASON__VALUE__CONFLICT,
                                             "the stream does not reach to the snapshot"};
static const struct sqlite_fault RUNNING = {CONSE__REASON__VALUE__IDEMPOTENCY_RUNNING,
                                            "the command was carried out by another call"};
static const struct sqlite_fault CORRUPT = {CONSE__REASON__VALUE__STORE_CORRUPT,
                                            "the stream's newest entries are none"};
static const struct sqlite_fault ENDED = {CONSE__REASON__VALUE__CONFLICT, "the stream was deleted"};
static const struct sqlite_fault LONG = {CONSE__REASON__VALUE__LIMIT_REACHED, "the stream is full"};
static const struct sqlite_fault BUSY = {CONSE__REASON__VALUE__SERVICE_BUSY, "too many writes are waiting"};
static const struct sqlite_fault FULL = {CONSE__REASON__VALUE__STORE_FULL, "the disk is full"};

static sqlite3_stmt *write_prepare(struct sqlite_store *store, const char *sql)
{
    sqlite3_stmt *stmt = sqlite_prepare(&store->writer, sql);
    if (!stmt) sqlite_die(store, store->writer.db, sql);
    return stmt;
}

// Runs a statement without rows: true when done, false when a constraint or the disk's size refused it.
static bool write_run(struct sqlite_store *store, sqlite3_stmt *stmt)
{
    int step = sqlite3_step(stmt);
    bool refused = step != SQLITE_DONE && step != SQLITE_CONSTRAINT;
    if (refused && sqlite_is_full(store->writer.db))
        store->no_room = true;
    else if (refused)
        sqlite_die(store, store->writer.db, sqlite3_sql(stmt));
    sqlite3_reset(stmt);
    return step == SQLITE_DONE;
}

// ---- Heads of streams, remembered

enum {
    SEQ_CORRUPT = -1, // what is stored does not tell it
    SEQ_ENDED = -2,   // the stream was deleted
};

struct sqlite_head {
    int64_t id;
    int64_t seq;
    char stream[];
};

static struct sqlite_head **head_slot(struct sqlite_store *store, const char *stream)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *stream; stream++) hash = (hash ^ (uint8_t)*stream) * 0x100000001b3;
    return &store->heads[(hash ^ hash >> 32) % SQLITE_HEAD_SLOTS];
}

static void forget_head(struct sqlite_head **slot)
{
    free(*slot);
    *slot = NULL;
}

void sqlite_forget_heads(struct sqlite_store *store)
{
    for (size_t i = 0; i < SQLITE_HEAD_SLOTS; i++) forget_head(&store->heads[i]);
}

static struct sqlite_head *write_remember(struct sqlite_head **slot, const char *stream, int64_t id,
                                          int64_t seq)
{
    size_t len = strlen(stream) + 1;
    forget_head(slot);
    *slot = malloc(sizeof **slot + len);
    if (!*slot) abort();
    (*slot)->id = id;
    (*slot)->seq = seq;
    memcpy((*slot)->stream, stream, len);
    return *slot;
}

static bool write_query(struct sqlite_store *store, sqlite3_stmt *stmt)
{
    int step = sqlite3_step(stmt);
    if (step != SQLITE_ROW && step != SQLITE_DONE) sqlite_die(store, store->writer.db, sqlite3_sql(stmt));
    return step == SQLITE_ROW;
}

static int64_t load_seq(struct sqlite_store *store, int64_t id)
{
    sqlite3_stmt *stmt = write_prepare(
        store,
        "SELECT at,count,length(bytes) FROM entry WHERE at BETWEEN ?1 AND ?2 ORDER BY at DESC LIMIT 1");
    sqlite3_bind_int64(stmt, 1, id << SQLITE_SEQ_BITS);
    sqlite3_bind_int64(stmt, 2, id << SQLITE_SEQ_BITS | SQLITE_MAX_SEQ);
    int64_t seq = 0;
    if (write_query(store, stmt)) {
        int64_t at = sqlite3_column_int64(stmt, 0), count = sqlite3_column_int64(stmt, 1);
        seq = sqlite_entries_fit(at, count, sqlite3_column_int64(stmt, 2)) ? (at & SQLITE_MAX_SEQ) + count - 1
                                                                           : SEQ_CORRUPT;
    }
    sqlite3_reset(stmt);
    return seq;
}

static bool is_ended(struct sqlite_store *store, int64_t id)
{
    sqlite3_stmt *stmt = write_prepare(store, "SELECT 1 FROM stream WHERE id=?1 AND ended IS NOT NULL");
    sqlite3_bind_int64(stmt, 1, id);
    bool ended = write_query(store, stmt);
    sqlite3_reset(stmt);
    return ended;
}

// NULL when the stream never was.
static struct sqlite_head *head_of(struct sqlite_store *store, const char *stream)
{
    struct sqlite_head **slot = head_slot(store, stream);
    if (*slot && strcmp((*slot)->stream, stream) == 0) return *slot;
    sqlite3_stmt *stmt = write_prepare(store, "SELECT id FROM stream WHERE name=?1");
    sqlite_bind_text(stmt, 1, stream);
    int64_t id = write_query(store, stmt) ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    if (!id) return NULL;
    int64_t seq = load_seq(store, id);
    return write_remember(slot, stream, id, seq == 0 && is_ended(store, id) ? SEQ_ENDED : seq);
}

static struct sqlite_head *stream_create(struct sqlite_store *store, const char *stream)
{
    sqlite3_stmt *stmt = write_prepare(store, "INSERT INTO stream(name) VALUES(?1)");
    sqlite_bind_text(stmt, 1, stream);
    if (!write_run(store, stmt)) return NULL;
    return write_remember(head_slot(store, stream), stream, sqlite3_last_insert_rowid(store->writer.db), 0);
}

// ---- Sources

// The number of a source's stream; 0 when the disk is full.
static int64_t origin_of(struct sqlite_store *store, const char *stream)
{
    sqlite3_stmt *stmt = write_prepare(store, "SELECT id FROM origin WHERE name=?1");
    sqlite_bind_text(stmt, 1, stream);
    int64_t id = write_query(store, stmt) ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    if (id) return id;
    stmt = write_prepare(store, "INSERT INTO origin(name) VALUES(?1)");
    sqlite_bind_text(stmt, 1, stream);
    return write_run(store, stmt) ? sqlite3_last_insert_rowid(store->writer.db) : 0;
}

static bool has_source(struct sqlite_store *store, const struct sqlite_head *head, int64_t origin,
                       const struct store_job *job)
{
    sqlite3_stmt *stmt =
        write_prepare(store, "SELECT 1 FROM entry WHERE origin=?1 AND origin_seq=?2 AND origin_print=?3 AND "
                             "at>>32=?4");
    sqlite3_bind_int64(stmt, 1, origin);
    sqlite3_bind_int64(stmt, 2, (int64_t)job->source.seq);
    sqlite3_bind_int64(stmt, 3, (int64_t)job->source.print);
    sqlite3_bind_int64(stmt, 4, head->id);
    bool has = write_query(store, stmt);
    sqlite3_reset(stmt);
    return has;
}

// ---- Jobs

static const struct sqlite_fault *insert_entries(struct sqlite_store *store, struct sqlite_head *head,
                                                 int64_t seq, int64_t origin, const struct store_job *job)
{
    sqlite3_stmt *stmt = write_prepare(store, "INSERT INTO entry VALUES(?1,?2,?3,?4,?5,?6,?7)");
    sqlite3_bind_int64(stmt, 1, head->id << SQLITE_SEQ_BITS | seq);
    sqlite3_bind_int64(stmt, 2, job->count);
    sqlite_bind_bytes(stmt, 3, job->body.data, job->body.len);
    if (origin) {
        sqlite3_bind_int64(stmt, 4, origin);
        sqlite3_bind_int64(stmt, 5, (int64_t)job->source.seq);
    } else {
        sqlite3_bind_null(stmt, 4);
        sqlite3_bind_null(stmt, 5);
    }
    sqlite3_bind_int64(stmt, 6, (int64_t)job->source.print);
    if (job->attached.len)
        sqlite_bind_bytes(stmt, 7, job->attached.data, job->attached.len);
    else
        sqlite3_bind_null(stmt, 7);
    if (!write_run(store, stmt)) return store->no_room ? &FULL : &SEQUENCE;
    head->seq = seq + job->count - 1;
    return NULL;
}

static const struct sqlite_fault *write_append(struct sqlite_store *store, const struct store_job *job)
{
    struct sqlite_head *head = head_of(store, job->name);
    if (head && head->seq == SEQ_CORRUPT) return &CORRUPT;
    if (head && head->seq == SEQ_ENDED) return &ENDED;
    uint64_t next = head ? (uint64_t)head->seq + 1 : 1, seq = job->at_end ? next : job->version;
    int64_t origin = job->source.stream ? origin_of(store, job->source.stream) : 0;
    if (job->source.stream && !origin) return &FULL;
    if (origin && head && has_source(store, head, origin, job)) return NULL;
    if (seq != next && (head || !job->begins)) return &SEQUENCE;
    if (seq + job->count > SQLITE_MAX_SEQ) return &LONG;
    if (!head) head = stream_create(store, job->name);
    return head ? insert_entries(store, head, (int64_t)seq, origin, job) : &FULL;
}

static const struct sqlite_fault *end_stream(struct sqlite_store *store, struct sqlite_head *head,
                                             int64_t last_seq)
{
    static const char *const SQL[] = {"DELETE FROM entry WHERE at BETWEEN ?1<<32 AND ?1<<32|0xffffffff",
                                      "DELETE FROM snapshot WHERE stream=?1",
                                      "UPDATE stream SET ended=?2 WHERE id=?1"};
    for (size_t i = 0; i < sizeof SQL / sizeof *SQL; i++) {
        sqlite3_stmt *stmt = write_prepare(store, SQL[i]);
        sqlite3_bind_int64(stmt, 1, head->id);
        if (i == 2) sqlite3_bind_int64(stmt, 2, last_seq > 0 ? last_seq : 0);
        if (!write_run(store, stmt)) return &FULL;
    }
    head->seq = SEQ_ENDED;
    return NULL;
}

static const struct sqlite_fault *begin_ended(struct sqlite_store *store, const struct store_job *job)
{
    if (job->version >= SQLITE_MAX_SEQ) return &LONG;
    struct sqlite_head *head = stream_create(store, job->name);
    return head ? end_stream(store, head, (int64_t)job->version) : &FULL;
}

static const struct sqlite_fault *delete_stream(struct sqlite_store *store, const struct store_job *job)
{
    struct sqlite_head *head = head_of(store, job->name);
    if (!head && job->begins) return begin_ended(store, job);
    if (job->version && (!head || head->seq != (int64_t)job->version)) return &SEQUENCE;
    return head && head->seq != SEQ_ENDED ? end_stream(store, head, head->seq) : NULL;
}

// The newest append ends at the head, so limiting the trim to the head never drops it.
static const struct sqlite_fault *trim_stream(struct sqlite_store *store, const struct store_job *job)
{
    const struct sqlite_head *head = head_of(store, job->name);
    if (!head || head->seq == SEQ_ENDED) return NULL;
    if (head->seq == SEQ_CORRUPT) return &CORRUPT;
    int64_t wanted = job->version < SQLITE_MAX_SEQ ? (int64_t)job->version : SQLITE_MAX_SEQ;
    int64_t before = wanted < head->seq ? wanted : head->seq;
    sqlite3_stmt *stmt = write_prepare(
        store, "DELETE FROM entry WHERE at IN (SELECT at FROM entry WHERE at BETWEEN ?1<<32 AND "
               "?1<<32|?2 AND (at&0xffffffff)+count<=?2 ORDER BY at LIMIT ?3)");
    sqlite3_bind_int64(stmt, 1, head->id);
    sqlite3_bind_int64(stmt, 2, before);
    sqlite3_bind_int64(stmt, 3, STORE_DROP_AT_ONCE);
    if (!write_run(store, stmt)) return &FULL;
    *job->more = sqlite3_changes(store->writer.db) == STORE_DROP_AT_ONCE;
    return NULL;
}

// The append that has the entry: its place, and its entries in *bytes, which the caller frees. 0 when there
// is none.
static int64_t find_append(struct sqlite_store *store, int64_t id, uint64_t seq, int64_t *count,
                           ProtobufCBinaryData *bytes)
{
    int64_t at = 0;
    sqlite3_stmt *stmt = write_prepare(
        store,
        "SELECT at,count,bytes FROM entry WHERE at BETWEEN ?1<<32 AND ?1<<32|?2 ORDER BY at DESC LIMIT 1");
    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_int64(stmt, 2, (int64_t)seq);
    if (write_query(store, stmt)) {
        at = sqlite3_column_int64(stmt, 0);
        *count = sqlite3_column_int64(stmt, 1);
        *bytes = (ProtobufCBinaryData){(size_t)sqlite3_column_bytes(stmt, 2), NULL};
        if (!(bytes->data = malloc(bytes->len + 1))) abort();
        memcpy(bytes->data, sqlite3_column_blob(stmt, 2), bytes->len);
    }
    sqlite3_reset(stmt);
    return at;
}

static const struct sqlite_fault *put_entries(struct sqlite_store *store, int64_t at,
                                              const ProtobufCBinaryData *entries, size_t count)
{
    size_t len = store_entries_size(entries, count);
    uint8_t *bytes = malloc(len + 1);
    if (!bytes) abort();
    store_entries_pack(bytes, entries, count);
    sqlite3_stmt *stmt = write_prepare(store, "UPDATE entry SET bytes=?2 WHERE at=?1");
    sqlite3_bind_int64(stmt, 1, at);
    sqlite_bind_bytes(stmt, 2, bytes, len);
    bool done = write_run(store, stmt);
    free(bytes);
    store->redacted = true;
    return done ? NULL : &FULL;
}

static const struct sqlite_fault *redact_in(struct sqlite_store *store, int64_t at, int64_t count,
                                            const ProtobufCBinaryData *bytes, const struct store_job *job)
{
    const struct sqlite_fault *fault = &CORRUPT;
    uint64_t place = job->version - (uint64_t)(at & SQLITE_MAX_SEQ);
    if (!sqlite_entries_fit(at, count, (int64_t)bytes->len)) return fault;
    if (place >= (uint64_t)count) return NULL;
    ProtobufCBinaryData *entries = calloc((size_t)count, sizeof *entries);
    if (!entries) abort();
    if (store_entries_split(bytes->data, bytes->len, (size_t)count, entries)) {
        entries[place] = job->body;
        fault = put_entries(store, at, entries, (size_t)count);
    }
    free(entries);
    return fault;
}

static const struct sqlite_fault *redact_entry(struct sqlite_store *store, const struct store_job *job)
{
    const struct sqlite_head *head = head_of(store, job->name);
    ProtobufCBinaryData bytes = {0, NULL};
    int64_t count = 0;
    if (!head || head->seq == SEQ_ENDED || job->version > SQLITE_MAX_SEQ) return NULL;
    int64_t at = find_append(store, head->id, job->version, &count, &bytes);
    const struct sqlite_fault *fault = at ? redact_in(store, at, count, &bytes, job) : NULL;
    free(bytes.data);
    return fault;
}

static const struct sqlite_fault *write_snapshot(struct sqlite_store *store, const struct store_job *job)
{
    struct sqlite_head *head = head_of(store, job->name);
    if (!head || head->seq < 0 || (uint64_t)head->seq < job->version) return &SNAPSHOT;
    sqlite3_stmt *stmt = write_prepare(store, "INSERT OR REPLACE INTO snapshot VALUES(?1,?2,?3)");
    sqlite3_bind_int64(stmt, 1, head->id);
    sqlite3_bind_int64(stmt, 2, (int64_t)job->version);
    sqlite_bind_bytes(stmt, 3, job->body.data, job->body.len);
    return write_run(store, stmt) ? NULL : &FULL;
}

static bool row_exists(struct sqlite_store *store, const struct store_job *job)
{
    sqlite3_stmt *stmt = write_prepare(store, sqlite_table_of(store, job->model)->get);
    sqlite_bind_text(stmt, 1, job->name);
    bool exists = write_query(store, stmt);
    sqlite3_reset(stmt);
    return exists;
}

// The unique index that SQLite's message names: "UNIQUE constraint failed: t_user.by_phone_0".
static const struct store_index *broken_index(const struct store_model *model, const char *message)
{
    char column[160];
    for (size_t i = 0; i < model->index_count; i++) {
        const struct store_index *index = model->indexes[i].declared;
        snprintf(column, sizeof column, "t_%s.%s_0", model->table->name, index->name);
        if (index->unique && strstr(message, column)) return index;
    }
    return NULL;
}

static const struct sqlite_fault *row_fault(struct sqlite_store *store, const struct store_job *job)
{
    if (store->no_room) return &FULL;
    const struct store_index *index = broken_index(job->model, sqlite3_errmsg(store->writer.db));
    if (!index || (job->version == 0 && row_exists(store, job))) return &EXISTS;
    store->taken.reason = index->reason ? index->reason : CONSE__REASON__VALUE__CONFLICT;
    store->taken.why = "another one has this value";
    return &store->taken;
}

static const struct sqlite_fault *write_put(struct sqlite_store *store, const struct store_job *job)
{
    const struct sqlite_table *table = sqlite_table_of(store, job->model);
    const char *sql = job->made ? table->put_made : job->version ? table->update : table->insert;
    sqlite3_stmt *stmt = write_prepare(store, sql);
    sqlite_bind_text(stmt, 1, job->name);
    sqlite3_bind_int64(stmt, 2, job->version ? (int64_t)job->version : 1);
    sqlite_bind_bytes(stmt, 3, job->body.data, job->body.len);
    sqlite_bind_values(stmt, 4, job->model, job->values);
    if (!write_run(store, stmt)) return row_fault(store, job);
    return job->made || sqlite3_changes(store->writer.db) ? NULL : &VERSION;
}

static const struct sqlite_fault *delete_row(struct sqlite_store *store, const struct store_job *job)
{
    const struct sqlite_table *table = sqlite_table_of(store, job->model);
    sqlite3_stmt *stmt = write_prepare(store, job->made ? table->delete_made : table->delete);
    sqlite_bind_text(stmt, 1, job->name);
    sqlite3_bind_int64(stmt, 2, (int64_t)job->version);
    if (!write_run(store, stmt)) return &FULL;
    return job->made || sqlite3_changes(store->writer.db) ? NULL : &VERSION;
}

// Rows lie in order of arrival, so the oldest are at the front.
static const struct sqlite_fault *expire_commands(struct sqlite_store *store, const struct store_job *job)
{
    sqlite3_stmt *stmt =
        write_prepare(store, "DELETE FROM command WHERE time_ms<?1 AND at<(SELECT min(at)+?2 FROM command)");
    sqlite3_bind_int64(stmt, 1, job->expire_before_ms);
    sqlite3_bind_int64(stmt, 2, STORE_DROP_AT_ONCE);
    if (!write_run(store, stmt)) return &FULL;
    *job->more = sqlite3_changes(store->writer.db) == STORE_DROP_AT_ONCE;
    return NULL;
}

typedef const struct sqlite_fault *work(struct sqlite_store *store, const struct store_job *job);

static work *const WORK[] = {
    [STORE_PUT] = write_put,           [STORE_DELETE] = delete_row,
    [STORE_APPEND] = write_append,     [STORE_DELETE_STREAM] = delete_stream,
    [STORE_SNAPSHOT] = write_snapshot, [STORE_EXPIRE_COMMANDS] = expire_commands,
    [STORE_TRIM_STREAM] = trim_stream, [STORE_REDACT] = redact_entry,
};

// ---- Commands

static bool insert_command(struct sqlite_store *store, const struct store_command *command)
{
    sqlite3_stmt *stmt =
        write_prepare(store, "INSERT INTO command(id,request_hash,reply,time_ms) VALUES(?1,?2,?3,?4)");
    sqlite_bind_bytes(stmt, 1, command->id, sizeof command->id);
    sqlite_bind_bytes(stmt, 2, command->request_hash, sizeof command->request_hash);
    sqlite_bind_bytes(stmt, 3, command->reply.data, command->reply.len);
    sqlite3_bind_int64(stmt, 4, command->time_ms);
    return write_run(store, stmt);
}

static bool remove_expired(struct sqlite_store *store, const struct store_command *command)
{
    sqlite3_stmt *stmt = write_prepare(store, "DELETE FROM command WHERE id=?1 AND time_ms<?2");
    sqlite_bind_bytes(stmt, 1, command->id, sizeof command->id);
    sqlite3_bind_int64(stmt, 2, command->time_ms - STORE_COMMAND_LIFE_MS);
    return write_run(store, stmt) && sqlite3_changes(store->writer.db) > 0;
}

static const struct sqlite_fault *add_command(struct sqlite_store *store, const struct store_command *command)
{
    if (insert_command(store, command)) return NULL;
    if (store->no_room) return &FULL;
    if (remove_expired(store, command) && insert_command(store, command)) return NULL;
    return store->no_room ? &FULL : &RUNNING;
}

static void remove_command(struct sqlite_store *store, const struct store_command *command)
{
    sqlite3_stmt *stmt = write_prepare(store, "DELETE FROM command WHERE id=?1");
    sqlite_bind_bytes(stmt, 1, command->id, sizeof command->id);
    write_run(store, stmt);
}

static const struct sqlite_fault *write_apply(struct sqlite_store *store, const struct store_job *job)
{
    if (job->kind == STORE_REFUSED) return &BUSY;
    const struct sqlite_fault *fault = job->command ? add_command(store, job->command) : NULL;
    if (fault) return fault;
    fault = WORK[job->kind](store, job);
    if (fault && fault != &FULL && job->command) remove_command(store, job->command);
    return fault;
}

// ---- Groups

// False when the disk is full.
static bool apply_all(struct sqlite_store *store, struct store_job *jobs, struct store_failures *failures)
{
    write_run(store, write_prepare(store, "BEGIN IMMEDIATE"));
    for (struct store_job *job = jobs; job; job = job->next) {
        if (store_failures_doomed(failures, job)) continue;
        const struct sqlite_fault *fault = write_apply(store, job);
        if (fault == &FULL) return false;
        if (fault) store_failures_add(failures, job, fault->reason, fault->why);
    }
    return write_run(store, write_prepare(store, "COMMIT"));
}

// In the log when it begins and when it ends.
static void tell_room(struct sqlite_store *store, bool has)
{
    if (has && store->told) log_info("the disk has room again", F_STR("path", store->path));
    if (!has && !store->told) log_error("the disk is full: writes are refused", F_STR("path", store->path));
    store->told = !has;
}

bool sqlite_commit(void *backend, struct store_job *jobs, struct store_failures *failures)
{
    struct sqlite_store *store = backend;
    store->no_room = false;
    bool stored = ballast_fill(&store->ballast) && apply_all(store, jobs, failures);
    tell_room(store, stored);
    if (stored) return sqlite_wal_turn(store), true;
    if (!sqlite3_get_autocommit(store->writer.db)) write_run(store, write_prepare(store, "ROLLBACK"));
    sqlite_forget_heads(store);
    for (struct store_job *job = jobs; job; job = job->next)
        if (!job->failed) store_failures_add(failures, job, FULL.reason, FULL.why);
    return false;
}
