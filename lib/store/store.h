// Durable storage of one service: tables of protobuf messages with declared indexes, and streams of entries.
// Writes are queued and committed in groups by one thread; a write returns a ticket at once and is durable
// when the ticket is. Reads see committed writes only. Thread-safe. Backends: "sqlite:PATH".
//
// A store is exclusive, when one process has it alone (sqlite), or shared: then others write the same rows
// and streams at the same time, and only a write's expected version or sequence tells that nobody came
// between.
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

struct metrics;
struct store;

struct store_options {
    const char *url; // sqlite:PATH of a file; its folder must exist
    const struct store_table *tables;
    bool ballast; // keeps 32 MiB beside the file, with which it opens when the disk is full
    // Where other processes find this one; a shared store keeps it with each append. NULL: nowhere.
    const char *self;
    struct metrics *metrics; // of reads and commits, and what a shared store sends; or NULL
    // Called by the commit thread after each group became durable (or failed); must not block. May be NULL.
    void (*on_commit)(void *arg, uint64_t durable);
    void *arg;
};

// Takes the lock beside the file (auth.db: auth.lock), held until close; SERVICE_BUSY when another process
// holds it. Creates what is missing and builds changed indexes. Refuses a file that is empty or of a newer
// program (STORE_CORRUPT). On a full disk it gives up ballast; then reads work, and writes fail with
// STORE_FULL until there is clearly more room again.
MUST_CHECK bool store_open(struct store **store, const struct store_options *options, struct err *err);
// Commits what is queued, then closes. A write whose outcome a shared store can't tell by then fails with
// OUTCOME_UNKNOWN. NULL is fine.
void store_close(struct store *store);
// Whether other processes may write to it at the same time.
bool store_is_shared(const struct store *store);
// Identifies the stored content; random and never 0. It is drawn when the store is made, and anew when other
// content takes its place, by a restore or from a backup. Numbers of streams have a meaning within one
// generation alone.
uint64_t store_generation(const struct store *store);
// Changes the commit listener; NULL: none. When it returns, the earlier one is no longer running. Must not be
// called from within the listener.
void store_listen(struct store *store, void (*on_commit)(void *arg, uint64_t durable), void *arg);

// ---- Tickets: grow by one per write, become durable in order. A write that a shared store sent without
// learning its outcome stays pending: it is sent again until that is known.

enum store_outcome { STORE_PENDING, STORE_DURABLE, STORE_FAILED };

uint64_t store_durable(const struct store *store); // every ticket up to this one is decided
// On STORE_FAILED *err says why (CONFLICT, or the reason named by the write for its unique index). err may be
// NULL.
enum store_outcome store_outcome(const struct store *store, uint64_t ticket, struct err *err);
// Blocks until decided. Must not be called by the commit thread.
MUST_CHECK bool store_wait(struct store *store, uint64_t ticket, struct err *err);
// Asked before anything is decided. False while the commit queue has no room (SERVICE_BUSY), or a shared
// store's server can't be reached (STORE_AWAY), both with a time to come again. Does not block. err may be
// NULL.
bool store_accepts(const struct store *store, struct err *err);
// True while the newest writes found no room: work that can wait should try less often.
bool store_is_full(const struct store *store);

// ---- Writes. Bytes are copied before the call returns. A write never blocks and never fails at once; its
// ticket reports the outcome. A write that finds twice as much queued as store_accepts allows fails with
// SERVICE_BUSY; one that could not be sent to a shared store's server, with STORE_AWAY.

enum { STORE_COMMAND_LIFE_MS = 24 * 3600 * 1000 }; // how long a command is remembered

// Makes a retry of a command find its first reply, for 24 h. It is part of the write that carries it, and
// kept with what that changes: a row's table, or the stream. An exclusive store refuses a second write with
// it (IDEMPOTENCY_RUNNING). In a shared one, another process that carries it out at the same time meets a
// CONFLICT, because both expect the same version or sequence, and then finds the first reply. A write that
// adds nothing, because its source was there, need not keep it.
struct store_command {
    uint8_t id[32]; // hash of (user, method, key)
    uint8_t request_hash[32];
    ProtobufCBinaryData reply; // packed
    int64_t time_ms;           // unix
};

// What an entry was made from: an entry of another stream, or the version of a row. Sources are the same when
// all three are.
struct store_source {
    const char *stream; // NULL: nothing
    uint64_t seq;
    // 0 when the source is in the same store. One that is restored without the target may come to another
    // entry under a number: then this is 8 bytes of hash of the entry's content.
    uint64_t print;
};

enum { STORE_MOST_ATTACHED = 4096 };

struct store_write {
    const struct store_command *command; // or NULL
    void (*done)(void *arg,
                 bool durable); // in the commit thread, in ticket order, before waiters learn of it; or NULL
    void *arg;
    uint64_t after; // a ticket that this write was decided on: it fails when that one fails; 0: none
    bool begins;    // for restoring: what is written to a stream that does not exist may have any number
    struct store_source source; // of an append
    // Bytes that an append carries beside its entries, at most STORE_MOST_ATTACHED: stored when these are,
    // seen by no reader of these, and gone with them. See store_attached.
    ProtobufCBinaryData attached;
};

// Version 0 inserts (the id must be new); otherwise the row must have exactly this version and gets the next
// one.
uint64_t store_put(struct store *store, const struct store_table *table, const ProtobufCMessage *message,
                   uint64_t version, const struct store_write *write);
uint64_t store_delete(struct store *store, const struct store_table *table, const char *id, uint64_t version,
                      const struct store_write *write);
// A row that is made from a stream, by whichever process: `version` grows with the entry that it is made of,
// and is the row's from then on. Written unless the stored row has a later version, or was removed as of one;
// that is no failure. With the same version the last one counts.
uint64_t store_put_made(struct store *store, const struct store_table *table, const ProtobufCMessage *message,
                        uint64_t version, const struct store_write *write);
// Removes such a row, unless it has a later version.
uint64_t store_delete_made(struct store *store, const struct store_table *table, const char *id,
                           uint64_t version, const struct store_write *write);
// Appends entries first_seq, first_seq + 1, ... to a stream whose newest entry must be first_seq - 1
// (sequences begin at 1). A failed append fails every later write to that stream that was queued before the
// failure was published. A shared store may make one append of several that wait together.
uint64_t store_append(struct store *store, const char *stream, uint64_t first_seq,
                      const ProtobufCBinaryData *entries, size_t count, const struct store_write *write);

// Appends behind the stream's newest entry, whatever that is, so another append's failure does not fail this
// one. With a source it takes effect once: when the stream already has an append of the same source, the
// write is durable and adds nothing. Trimming and deleting forget the sources of what they drop.
uint64_t store_append_next(struct store *store, const char *stream, const ProtobufCBinaryData *entries,
                           size_t count, const struct store_write *write);
// Ends a stream whose newest entry must be last_seq (0: whatever that is), for good: its entries, sources and
// snapshot go, and an append to its name fails with CONFLICT. Without such a stream it does nothing, unless
// it `begins`: then the name is used up.
uint64_t store_delete_stream(struct store *store, const char *stream, uint64_t last_seq,
                             const struct store_write *write);
// Drops a stream's oldest entries: every append that is wholly below before_seq, but never the newest one, so
// that the head stays known. It works in steps, between which other writes pass; blocks.
MUST_CHECK bool store_trim_stream(struct store *store, const char *stream, uint64_t before_seq,
                                  struct err *err);
// Replaces what one entry says, for good: every reader gets the stub from then on. Its number, the entries
// beside it, and what its append carries stay. What it said is nowhere in the store's own files once the
// write is durable and nobody reads from before it: not in the file, nor in its log. (A server's log of
// changes, and backups, are the server's and the operator's.) An entry that is not there, or no more, is no
// failure; the same again does nothing.
uint64_t store_redact(struct store *store, const char *stream, uint64_t seq, ProtobufCBinaryData stub,
                      const struct store_write *write);
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

// A command that a stream carries.
struct store_known {
    uint8_t id[32], request_hash[32];
    uint64_t seq; // a reader of the stream up to here has read what the command did
    int64_t time_ms;
};

// A page of a stream. It ends with a whole append, so it may hold more entries than were asked for.
struct store_entries {
    ProtobufCBinaryData *entries;
    uint64_t first_seq; // `from`, or the oldest entry's number when that is later
    size_t count;
    bool more;  // entries may follow: read on; otherwise the page reaches to the newest one
    bool ended; // the stream was deleted, behind these entries when there still are any
    // Of a shared store: the commands of the page's appends (and of the deletion), and the `self` of the
    // process that made the last one ("" when it said none).
    const struct store_known *commands;
    size_t command_count;
    const char *by;
};

MUST_CHECK bool store_read(struct store *store, const char *stream, uint64_t from, size_t limit,
                           struct arena *arena, struct store_entries *entries, struct err *err);
// What the append carries whose first entry is seq; no bytes when there is no such append, or nothing
// attached.
MUST_CHECK bool store_attached(struct store *store, const char *stream, uint64_t seq, struct arena *arena,
                               ProtobufCBinaryData *attached, struct err *err);
// The newest snapshot at or before the newest entry; seq 0 when there is none.
MUST_CHECK bool store_read_snapshot(struct store *store, const char *stream, struct arena *arena,
                                    uint64_t *seq, ProtobufCBinaryData *state, struct err *err);
// The number of the newest entry, and of the oldest that is kept; 0 when the stream does not exist, or no
// more.
MUST_CHECK bool store_head(struct store *store, const char *stream, uint64_t *seq, struct err *err);
MUST_CHECK bool store_oldest(struct store *store, const char *stream, uint64_t *seq, struct err *err);

struct store_head {
    const char *stream;
    uint64_t seq;
};

// Everything that was acknowledged before *at_ms (monotonic, not before since_ms), or before the call when
// since_ms is the present, is seen by reads that begin after this returned. Other reads of a shared store may
// be as old as a server that was cut off takes to notice it. Exclusive: at once. Else one linearizable read
// of the store's generation per process at a time, shared by all that wait and were there when it was sent;
// STORE_AWAY when it does not answer in 500 ms. Blocks. Another generation than that which was opened, after
// a restore, ends the process.
MUST_CHECK bool store_barrier(struct store *store, int64_t since_ms, int64_t *at_ms, struct err *err);
// Whether the stream's newest entry still is `seq` (0: it never had any), as a read sees it. An exclusive
// store knows.
MUST_CHECK bool store_probe(struct store *store, const char *stream, uint64_t seq, bool *current,
                            struct err *err);

// Streams that were not deleted, whose name begins with prefix, by name after `after`; at most limit.
MUST_CHECK bool store_heads(struct store *store, const char *prefix, const char *after, size_t limit,
                            struct arena *arena, struct store_head **heads, size_t *count, struct err *err);

// The reply of an earlier command with this id and its request hash; found is false when there is none.
// `table` is that of the rows that carry it, NULL for streams.
MUST_CHECK bool store_command_find(struct store *store, const char *table, const uint8_t id[32],
                                   struct arena *arena, bool *found, struct store_command *command,
                                   struct err *err);
// The commands since a time that a stream of a shared store carries, by seq. An exclusive store answers none:
// there store_command_find is cheap.
MUST_CHECK bool store_commands(struct store *store, const char *stream, int64_t since_ms, struct arena *arena,
                               struct store_known **commands, size_t *count, struct err *err);
// Drops commands older than 24 h. Call it from time to time.
MUST_CHECK bool store_expire_commands(struct store *store, int64_t now_ms, struct err *err);

// ---- Whole content, for dump, restore and backup.

// Fills a store that does not exist or is empty. What `fill` writes is there when this returns true, and
// nothing of it when it fails or the process is killed. CONFLICT when the store has content, SERVICE_BUSY
// while it is open. fill waits for what it writes.
MUST_CHECK bool store_fill(const struct store_options *options,
                           bool (*fill)(void *arg, struct store *store, struct err *err), void *arg,
                           struct err *err);

// A consistent copy of the store at url into a new file, also while a service has it open; without a table's
// rows, unless that is NULL.
MUST_CHECK bool store_backup(const char *url, const char *path, const struct store_table *without,
                             struct err *err);
// How the files of a store do whose URL this is, also while a service has it open. Reads all of it. False
// when it has none (a server's), or they can't be read; a file that is damaged is a finding.
enum { STORE_FAULT = 200 };
struct store_condition {
    int64_t bytes, free_bytes,
        ballast_bytes;           // of the file and its log; of its disk; of what is kept in reserve
    int64_t ballast_whole_bytes; // what there should be
    char fault[STORE_FAULT];     // the first one that was found, "" when the file is sound
};
MUST_CHECK bool store_examine(const char *url, struct store_condition *condition, struct err *err);
// Whether stores of this kind can be copied together.
bool store_copies(const char *url);
// Consistent copies of several stores as all were at one moment, into new files, also while services have
// them open: their writes wait for some milliseconds. *moment_ms: unix. What was copied before a failure
// stays.
struct store_copy {
    const char *url, *path;
    const struct store_table *without; // or NULL
};
enum { STORE_COPIES_MOST = 8 };
MUST_CHECK bool store_backup_together(const struct store_copy *copies, size_t count, int64_t *moment_ms,
                                      struct err *err);
// Calls visit for each table row, each stream entry and each deleted stream, in a stable order. When visit
// returns false, the walk stops with its err.
struct store_item {
    const struct store_table *table; // NULL for a stream
    const char *id;                  // row id, or stream name
    uint64_t version;                // row version, or entry sequence; of a deleted stream its last one
    ProtobufCBinaryData bytes;       // packed message, or entry
    struct store_source source;      // of an append's first entry
    ProtobufCBinaryData attached;    // to the append, with its first entry
    bool ended;                      // a deleted stream
};
MUST_CHECK bool store_each(struct store *store,
                           bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                           void *arg, struct err *err);

#endif
