#include "lib/store/sqlite/read.h"

#include <string.h>

bool sqlite_read_begin(struct sqlite_reading *read, void *backend, const char *sql, struct err *err)
{
    read->store = backend;
    if (!sqlite_reader_take(backend, &read->reader, err)) return false;
    read->stmt = sqlite_prepare(read->reader, sql);
    if (read->stmt) return true;
    sqlite_fail(read->reader->db, "read", err);
    sqlite_reader_return(backend, read->reader);
    return false;
}

void sqlite_read_end(struct sqlite_reading *read)
{
    sqlite3_reset(read->stmt);
    sqlite3_clear_bindings(read->stmt);
    sqlite_reader_return(read->store, read->reader);
}

bool sqlite_read_row(struct sqlite_reading *read, bool *row, struct err *err)
{
    int step = sqlite3_step(read->stmt);
    *row = step == SQLITE_ROW;
    return *row || step == SQLITE_DONE || sqlite_fail(read->reader->db, "read", err);
}

ProtobufCBinaryData sqlite_column_bytes(sqlite3_stmt *stmt, int at)
{
    const void *bytes = sqlite3_column_blob(stmt, at);
    return (ProtobufCBinaryData){(size_t)sqlite3_column_bytes(stmt, at), (uint8_t *)bytes};
}

const char *sqlite_column_text(sqlite3_stmt *stmt, int at)
{
    const char *text = (const char *)sqlite3_column_text(stmt, at);
    return text ? text : "";
}

bool sqlite_entries_fit(int64_t at, int64_t count, int64_t bytes)
{
    int64_t seq = at & SQLITE_MAX_SEQ;
    return seq > 0 && count > 0 && count <= SQLITE_MAX_SEQ - seq + 1 &&
           store_entries_fit((size_t)bytes, count);
}

static bool read_corrupt(struct err *err, uint64_t seq)
{
    return err_fail(err, STORE_CORRUPT, "what is stored at %llu is no entries", (unsigned long long)seq);
}

static bool of_stream(bool ok, const char *stream, struct err *err)
{
    if (!ok && err_is(err, STORE_CORRUPT)) err_prefix(err, stream);
    return ok;
}

bool sqlite_copy_bytes(struct arena *arena, ProtobufCBinaryData *bytes, struct err *err)
{
    bytes->data = arena_copy(arena, bytes->data, bytes->len);
    return bytes->data || err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

// ---- Streams

// Entries being gathered in an arena.
struct gathering {
    struct arena *arena;
    struct store_entries *entries;
    size_t room;
};

static bool make_room(struct gathering *gathering, size_t more, struct err *err)
{
    struct store_entries *entries = gathering->entries;
    if (entries->count + more <= gathering->room) return true;
    gathering->room = (entries->count + more) * 2;
    ProtobufCBinaryData *grown = arena_array(gathering->arena, gathering->room, sizeof *grown);
    if (!grown) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    if (entries->count) memcpy(grown, entries->entries, entries->count * sizeof *grown);
    entries->entries = grown;
    return true;
}

// The entries of one append, but for those before `from`. Appends follow one another without a gap.
static bool read_gather(struct gathering *gathering, sqlite3_stmt *stmt, uint64_t from, struct err *err)
{
    struct store_entries *entries = gathering->entries;
    int64_t at = sqlite3_column_int64(stmt, 0), stored = sqlite3_column_int64(stmt, 1);
    ProtobufCBinaryData bytes = sqlite_column_bytes(stmt, 2);
    uint64_t seq = (uint64_t)at & SQLITE_MAX_SEQ;
    if (!sqlite_entries_fit(at, stored, (int64_t)bytes.len)) return read_corrupt(err, seq);
    size_t count = (size_t)stored, skip = seq < from ? (size_t)(from - seq) : 0;
    if (skip >= count) return true;
    if (entries->count && seq != entries->first_seq + entries->count) return read_corrupt(err, seq);
    if (!make_room(gathering, count, err) || !sqlite_copy_bytes(gathering->arena, &bytes, err)) return false;
    if (entries->count == 0) entries->first_seq = seq + skip;
    ProtobufCBinaryData *split = entries->entries + entries->count;
    if (!store_entries_split(bytes.data, bytes.len, count, split)) return read_corrupt(err, seq);
    if (skip) memmove(split, split + skip, (count - skip) * sizeof *split);
    entries->count += count - skip;
    return true;
}

static bool read_entries(struct sqlite_reading *read, uint64_t from, size_t limit, struct arena *arena,
                         struct store_entries *entries, struct err *err)
{
    struct gathering gathering = {arena, entries, 0};
    bool row = true;
    while (entries->count < limit) {
        if (!sqlite_read_row(read, &row, err)) return false;
        if (!row) return true;
        if (sqlite3_column_type(read->stmt, 0) == SQLITE_NULL) { // a stream without entries
            entries->ended = sqlite3_column_type(read->stmt, 3) != SQLITE_NULL;
            return true;
        }
        if (!read_gather(&gathering, read->stmt, from, err)) return false;
    }
    entries->more = true;
    return true;
}

bool sqlite_read(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                 struct store_entries *entries, struct err *err)
{
    struct sqlite_reading read;
    if (from > SQLITE_MAX_SEQ) return true;
    if (!sqlite_read_begin(
            &read, backend,
            "SELECT e.at,e.count,e.bytes,CASE WHEN e.at IS NULL THEN (SELECT ended FROM stream WHERE "
            "id=s.id) "
            "END FROM stream s LEFT JOIN entry e ON e.at>=ifnull("
            "(SELECT at FROM entry WHERE at BETWEEN s.id<<32 AND s.id<<32|?2 ORDER BY at DESC LIMIT "
            "1),s.id<<32|?2) "
            "AND e.at<=s.id<<32|0xffffffff WHERE s.name=?1 ORDER BY e.at LIMIT ?3",
            err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    sqlite3_bind_int64(read.stmt, 2, (int64_t)from);
    sqlite3_bind_int64(read.stmt, 3, limit < INT32_MAX ? (int64_t)limit + 1 : -1);
    bool ok = read_entries(&read, from, limit, arena, entries, err);
    sqlite_read_end(&read);
    return of_stream(ok, stream, err);
}

bool sqlite_attached(void *backend, const char *stream, uint64_t seq, struct arena *arena,
                     ProtobufCBinaryData *attached, struct err *err)
{
    struct sqlite_reading read;
    bool row;
    if (seq > SQLITE_MAX_SEQ) return true;
    if (!sqlite_read_begin(&read, backend,
                           "SELECT attached FROM stream s CROSS JOIN entry WHERE s.name=?1 AND "
                           "at=s.id<<32|?2 AND attached IS NOT NULL",
                           err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    sqlite3_bind_int64(read.stmt, 2, (int64_t)seq);
    bool ok = sqlite_read_row(&read, &row, err);
    if (ok && row) {
        *attached = sqlite_column_bytes(read.stmt, 0);
        ok = sqlite_copy_bytes(arena, attached, err);
    }
    sqlite_read_end(&read);
    return ok;
}

bool sqlite_read_snapshot(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                          ProtobufCBinaryData *state, struct err *err)
{
    struct sqlite_reading read;
    bool row;
    if (!sqlite_read_begin(&read, backend,
                           "SELECT seq,state FROM snapshot JOIN stream s ON s.id=stream WHERE s.name=?1",
                           err))
        return false;
    sqlite_bind_text(read.stmt, 1, stream);
    bool ok = sqlite_read_row(&read, &row, err);
    if (ok && row) {
        *seq = (uint64_t)sqlite3_column_int64(read.stmt, 0);
        *state = sqlite_column_bytes(read.stmt, 1);
        ok = sqlite_copy_bytes(arena, state, err);
    }
    sqlite_read_end(&read);
    return ok;
}

// The first or last append of a stream: its number and count. *found is false without the stream.
static bool read_append(void *backend, const char *sql, const char *stream, int64_t *at, int64_t *count,
                        bool *found, struct err *err)
{
    struct sqlite_reading read;
    if (!sqlite_read_begin(&read, backend, sql, err)) return false;
    sqlite_bind_text(read.stmt, 1, stream);
    bool ok = sqlite_read_row(&read, found, err);
    if (ok && *found) {
        *at = sqlite3_column_int64(read.stmt, 0);
        *count = sqlite3_column_int64(read.stmt, 1);
        ok = sqlite_entries_fit(*at, *count, sqlite3_column_int64(read.stmt, 2)) ||
             read_corrupt(err, (uint64_t)*at & SQLITE_MAX_SEQ);
    }
    sqlite_read_end(&read);
    return of_stream(ok, stream, err);
}

bool sqlite_read_head(void *backend, const char *stream, uint64_t *seq, struct err *err)
{
    int64_t at, count;
    bool found;
    if (!read_append(backend,
                     "SELECT at,count,length(bytes) FROM stream s CROSS JOIN entry WHERE s.name=?1 AND at "
                     "BETWEEN s.id<<32 AND s.id<<32|0xffffffff ORDER BY at DESC LIMIT 1",
                     stream, &at, &count, &found, err))
        return false;
    if (found) *seq = ((uint64_t)at & SQLITE_MAX_SEQ) + (uint64_t)count - 1;
    return true;
}

bool sqlite_read_oldest(void *backend, const char *stream, uint64_t *seq, struct err *err)
{
    int64_t at, count;
    bool found;
    if (!read_append(backend,
                     "SELECT at,count,length(bytes) FROM stream s CROSS JOIN entry WHERE s.name=?1 AND at "
                     "BETWEEN s.id<<32 AND s.id<<32|0xffffffff ORDER BY at LIMIT 1",
                     stream, &at, &count, &found, err))
        return false;
    if (found) *seq = (uint64_t)at & SQLITE_MAX_SEQ;
    return true;
}

static bool heads_add(struct sqlite_reading *read, struct arena *arena, struct store_head *head,
                      struct err *err)
{
    int64_t seq = sqlite3_column_int64(read->stmt, 1);
    head->stream = arena_str(arena, sqlite_column_text(read->stmt, 0));
    head->seq = seq > 0 && seq <= SQLITE_MAX_SEQ ? (uint64_t)seq : 0;
    return head->stream || err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

bool sqlite_read_heads(void *backend, const char *prefix, const char *after, size_t limit,
                       struct arena *arena, struct store_head **heads, size_t *count, struct err *err)
{
    struct sqlite_reading read;
    bool row = true;
    size_t len = strlen(prefix);
    *heads = arena_array(arena, limit, sizeof **heads);
    if (!*heads) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    if (!sqlite_read_begin(
            &read, backend,
            "SELECT name,(SELECT (at&0xffffffff)+count-1 FROM entry WHERE at BETWEEN s.id<<32 AND "
            "s.id<<32|0xffffffff ORDER BY at DESC LIMIT 1) FROM stream s WHERE name>=?1 AND name>?2 ORDER "
            "BY name",
            err))
        return false;
    sqlite_bind_text(read.stmt, 1, prefix);
    sqlite_bind_text(read.stmt, 2, after);
    bool ok = true;
    while (ok && *count < limit) {
        ok = sqlite_read_row(&read, &row, err);
        if (!ok || !row || strncmp(sqlite_column_text(read.stmt, 0), prefix, len) != 0) break;
        if (sqlite3_column_type(read.stmt, 1) == SQLITE_NULL) continue; // it was deleted
        ok = heads_add(&read, arena, &(*heads)[*count], err);
        if (ok) ++*count;
    }
    sqlite_read_end(&read);
    return ok;
}

// Commands of tables and streams are together.
bool sqlite_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                         struct arena *arena, bool *found, struct store_command *command, struct err *err)
{
    (void)model;
    struct sqlite_reading read;
    if (!sqlite_read_begin(&read, backend, "SELECT request_hash,reply,time_ms FROM command WHERE id=?1", err))
        return false;
    sqlite_bind_bytes(read.stmt, 1, id, 32);
    bool ok = sqlite_read_row(&read, found, err);
    if (ok && *found) {
        ProtobufCBinaryData hash = sqlite_column_bytes(read.stmt, 0);
        memcpy(command->id, id, sizeof command->id);
        command->reply = sqlite_column_bytes(read.stmt, 1);
        command->time_ms = sqlite3_column_int64(read.stmt, 2);
        ok = hash.len == sizeof command->request_hash ||
             err_fail(err, STORE_CORRUPT, "a command's hash has %zu bytes", hash.len);
        if (ok) memcpy(command->request_hash, hash.data, sizeof command->request_hash);
        ok = ok && sqlite_copy_bytes(arena, &command->reply, err);
    }
    sqlite_read_end(&read);
    return ok;
}
