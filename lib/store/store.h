// Durable storage of one service: tables of protobuf messages with declared indexes, and streams of entries.
// Writes are queued and committed in groups by one thread; a write returns a ticket at once and is durable
// when the ticket is. Reads see committed writes only. Thread-safe. Backends: "sqlite:PATH".
#ifndef LIB_STORE_STORE_H
#define LIB_STORE_STORE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"

enum { STORE_MAX_FIELDS = 4, STORE_MAX_INDEXES = 8 };

// An index over up to four fields of the table's message (string, bytes, bool, enum or integer, or
// google.protobuf.Timestamp, which sorts by time). A unique index leaves out rows whose first indexed field
// is empty or unset.
struct store_index {
    const char *name; // "by_username"; NULL ends the list
    bool unique;
    const char *fields[STORE_MAX_FIELDS]; // "starts_at", or "starts_at.utc" inside a message
    Conse__Reason__Value reason;          // of a write that breaks a unique index; CONFLICT when 0
};

struct store_table {
    const char *name; // NULL ends the list of tables
    const ProtobufCMessageDescriptor *type;
    const char *key; // the string field that is the row's id
    struct store_index indexes[STORE_MAX_INDEXES];
    uint32_t version; // increased when indexes change: they are then rebuilt at open
};

// Borrowed from the row.
const char *store_row_id(const struct store_table *table, const ProtobufCMessage *row);

struct store;

struct store_options {
    const char *url; // sqlite:PATH of a file; its folder must exist
    const struct store_table *tables;
    bool ballast; // keeps 32 MiB beside the file, with which it opens when the disk is full
    // Called by the commit thread after each group became durable (or failed); must not block. May be NULL.
    void (*on_commit)(void *arg, uint64_t durable);
    void *arg;
};

// Takes the lock beside the file (auth.db: auth.lock), held until close; SERVICE_BUSY when another process
// holds it. Creates what is missing and builds changed indexes. Refuses a file that is empty or of a newer
// program (STORE_CORRUPT). On a full disk it gives up ballast; then reads work, and writes fail with
// STORE_FULL until there is clearly more room again.
MUST_CHECK bool store_open(struct store **store, const struct store_options *options, struct err *err);
// Commits what is queued, then closes. NULL is fine.
void store_close(struct store *store);
// Identifies the stored content; random and never 0. It is drawn when the store is made, and anew when other
// content takes its place, by a restore or from a backup. Numbers of streams have a meaning within one
// generation alone.
uint64_t store_generation(const struct store *store);
// Changes the commit listener; NULL: none. When it returns, the earlier one is no longer running. Must not be
// called from within the listener.
void store_listen(struct store *store, void (*on_commit)(void *arg, uint64_t durable), void *arg);

// ---- Tickets: grow by one per write, become durable in order.

enum store_outcome { STORE_PENDING, STORE_DURABLE, STORE_FAILED };

uint64_t store_durable(const struct store *store); // every ticket up to this one is decided
// On STORE_FAILED *err says why (CONFLICT, or the reason named by the write for its unique index). err may be
// NULL.
enum store_outcome store_outcome(const struct store *store, uint64_t ticket, struct err *err);
// Blocks until decided. Must not be called by the commit thread.
MUST_CHECK bool store_wait(struct store *store, uint64_t ticket, struct err *err);
// True while the commit queue has no room: refuse work with SERVICE_BUSY before deciding anything.
bool store_busy(const struct store *store);
// True while the newest writes found no room: work that can wait should try less often.
bool store_is_full(const struct store *store);

// ---- Writes. Bytes are copied before the call returns. A write never blocks and never fails at once; its
// ticket reports the outcome. A write that finds twice as much queued as store_busy allows fails with
// SERVICE_BUSY.

enum { STORE_COMMAND_LIFE_MS = 24 * 3600 * 1000 }; // how long a command is remembered

// Makes a retry of a command find its first reply, for 24 h. It is part of the write that carries it.
struct store_command {
    uint8_t id[32]; // hash of (user, method, key)
    uint8_t request_hash[32];
    ProtobufCBinaryData reply; // packed
    int64_t time_ms;           // unix
};

// What an entry was made from: an entry of another stream, or the version of a row.
struct store_source {
    const char *stream; // NULL: nothing
    uint64_t seq;
};

struct store_write {
    const struct store_command *command; // or NULL
    void (*done)(void *arg,
                 bool durable); // in the commit thread, in ticket order, before waiters learn of it; or NULL
    void *arg;
    uint64_t after; // a ticket that this write was decided on: it fails when that one fails; 0: none
    bool begins;    // for restoring: an append to a stream that does not exist may have any number
    struct store_source source; // of an append
};

// Version 0 inserts (the id must be new); otherwise the row must have exactly this version and gets the next
// one.
uint64_t store_put(struct store *store, const struct store_table *table, const ProtobufCMessage *message,
                   uint64_t version, const struct store_write *write);
uint64_t store_delete(struct store *store, const struct store_table *table, const char *id, uint64_t version,
                      const struct store_write *write);
// Appends entries first_seq, first_seq + 1, ... to a stream whose newest entry must be first_seq - 1
// (sequences begin at 1). A failed append fails every later write to that stream that was queued before the
// failure was published.
uint64_t store_append(struct store *store, const char *stream, uint64_t first_seq,
                      const ProtobufCBinaryData *entries, size_t count, const struct store_write *write);

// Appends behind the stream's newest entry, whatever that is, so another append's failure does not fail this
// one. With a source it takes effect once: when the stream already has an append of the same source, the
// write is durable and adds nothing. Trimming and deleting forget the sources of what they drop.
uint64_t store_append_next(struct store *store, const char *stream, const ProtobufCBinaryData *entries,
                           size_t count, const struct store_write *write);
uint64_t store_delete_stream(struct store *store, const char *stream, const struct store_write *write);
// Drops a stream's oldest entries: every append that is wholly below before_seq, but never the newest one, so
// that the head stays known. It works in steps, between which other writes pass; blocks.
MUST_CHECK bool store_trim_stream(struct store *store, const char *stream, uint64_t before_seq,
                                  struct err *err);
// Keeps `state` as the fold of a stream up to seq. Best effort; replaces an older one.
uint64_t store_snapshot(struct store *store, const char *stream, uint64_t seq, ProtobufCBinaryData state);

// ---- Reads. Results live in the arena. Absence is not an error: *message is NULL, the count 0.

MUST_CHECK bool store_get(struct store *store, const struct store_table *table, const char *id,
                          struct arena *arena, ProtobufCMessage **message, uint64_t *version,
                          struct err *err);

// Rows of an index: `equal` has the values of its first fields (each as text for strings, as bytes for bytes,
// or as integer), from/to bound the next one (both inclusive, unbounded when NULL). Ordered by the fields
// after the equal ones, then by id.
struct store_value {
    const char *text; // or NULL
    size_t len;       // of bytes; 0: text ends at its NUL
    int64_t number;   // integers, enums, bools; timestamps in microseconds
};

struct store_query {
    const char *index; // NULL: by id
    struct store_value equal[STORE_MAX_FIELDS];
    size_t equal_count;
    const struct store_value *from, *to;
    bool prefix; // `from` is a text prefix of the next field
    bool descending;
    uint32_t limit;         // at most 1000; 100 when 0
    size_t most_bytes;      // a page ends with the row that passes this size; 0: no bound
    const char *page_token; // "" or the token from an earlier find
};

struct store_rows {
    ProtobufCMessage **messages;
    uint64_t *versions;
    size_t count;
    bool more;                   // rows follow
    const char *next_page_token; // "" when none follow
};

// BAD_PAGE_TOKEN when the token does not belong to this query's index.
MUST_CHECK bool store_find(struct store *store, const struct store_table *table,
                           const struct store_query *query, struct arena *arena, struct store_rows *rows,
                           struct err *err);

struct store_entries {
    ProtobufCBinaryData *entries;
    uint64_t first_seq; // `from`, or the oldest entry's number when that is later
    size_t count;
};

MUST_CHECK bool store_read(struct store *store, const char *stream, uint64_t from, size_t limit,
                           struct arena *arena, struct store_entries *entries, struct err *err);
// The newest snapshot at or before the newest entry; seq 0 when there is none.
MUST_CHECK bool store_read_snapshot(struct store *store, const char *stream, struct arena *arena,
                                    uint64_t *seq, ProtobufCBinaryData *state, struct err *err);
// The number of the newest entry, and of the oldest that is kept; 0 when the stream does not exist.
MUST_CHECK bool store_head(struct store *store, const char *stream, uint64_t *seq, struct err *err);
MUST_CHECK bool store_oldest(struct store *store, const char *stream, uint64_t *seq, struct err *err);

struct store_head {
    const char *stream;
    uint64_t seq;
};

// Streams whose name begins with prefix, by name after `after`; at most limit.
MUST_CHECK bool store_heads(struct store *store, const char *prefix, const char *after, size_t limit,
                            struct arena *arena, struct store_head **heads, size_t *count, struct err *err);

// The reply of an earlier command with this id and its request hash; found is false when there is none.
MUST_CHECK bool store_command_find(struct store *store, const uint8_t id[32], struct arena *arena,
                                   bool *found, struct store_command *command, struct err *err);
// Drops commands older than 24 h. Call it from time to time.
MUST_CHECK bool store_expire_commands(struct store *store, int64_t now_ms, struct err *err);

// ---- Whole content, for dump, restore and backup.

// Fills a store that does not exist or is empty. What `fill` writes is there when this returns true, and
// nothing of it when it fails or the process is killed. CONFLICT when the store has content, SERVICE_BUSY
// while it is open. fill waits for what it writes.
MUST_CHECK bool store_fill(const struct store_options *options,
                           bool (*fill)(void *arg, struct store *store, struct err *err), void *arg,
                           struct err *err);

// A consistent copy of the store at url into a new file, also while a service has it open.
MUST_CHECK bool store_backup(const char *url, const char *path, struct err *err);
// Calls visit for each table row and each stream entry, in a stable order. When visit returns false, the walk
// stops with its err.
struct store_item {
    const struct store_table *table; // NULL for a stream entry
    const char *id;                  // row id, or stream name
    uint64_t version;                // row version, or entry sequence
    ProtobufCBinaryData bytes;       // packed message, or entry
    struct store_source source;      // of an append's first entry
};
MUST_CHECK bool store_each(struct store *store,
                           bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                           void *arg, struct err *err);

#endif
