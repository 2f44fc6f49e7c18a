// Events in memory while they are busy: each takes its commands one at a time under its lock, decided on the
// state and queued for the disk; nobody waits for the disk here. Bounded in bytes; the least recently used go
// first. Thread-safe.
#ifndef EVENTS_LIVE_AGGREGATES_H
#define EVENTS_LIVE_AGGREGATES_H

#include <pthread.h>
#include <stdatomic.h>

#include "services/events/events.h"
#include "services/events/live/reports.h"

struct aggregates;

// The rows made from an event, as they are once what is queued is stored; rows.h.
struct aggregate_rows {
    uint64_t ticket;       // of the newest write of a row
    uint64_t version, seq; // of the event's row
    uint64_t made_from;    // fingerprint
    int32_t upvotes, downvotes;
    int64_t starts_ms;                  // also in its seats' rows
    atomic_uint pending;                // writes of rows on their way
    atomic_bool stale;                  // to be made anew, as one could not be stored
    _Atomic(atomic_uint *) quota_place; // of who opens the event, until its row is stored; NULL then
};

// Locked between enter and leave.
struct aggregate {
    struct game game;
    uint64_t ticket; // of the newest entries decided here; what is read of the game rests on it
    bool gone;       // deleted; the stream's end is on its way to the disk
    struct events *events;

    pthread_mutex_t mutex;
    struct uuid id;
    bool loaded;
    int64_t corrupt_until_ms;         // monotonic: what is stored does not verify, and is not read before
    bool complained;                  // the log has what keeps its clock from going on
    atomic_bool failed;               // a write failed, the state is ahead of the disk
    atomic_uint pending;              // writes on their way
    atomic_uint_fast64_t durable_seq; // newest entry on disk
    uint64_t committed_seq;           // newest entry queued for the disk
    struct aggregate_rows rows;
    uint64_t snapshot_seq;
    struct {
        uint8_t *bytes; // packed events.Event as the public sees it
        size_t len;
        uint64_t seq;
    } shown;
    struct reports reports;
    struct game *late;            // as spectators see it, made on demand; late.h
    int64_t late_next_ms;         // time of the first entry that it has not taken in; 0: unknown
    struct deal_secrets *secrets; // opened on demand
    uint8_t (*signatures)[64];    // of checkpoints, made on demand
    size_t signatures_count;

    struct aggregate *next;          // in its bucket
    struct aggregate *newer, *older; // by use
    uint32_t users;                  // threads that hold or wait for it
    size_t bytes;
};

MUST_CHECK bool aggregates_open(struct aggregates **aggregates, struct events *events, struct err *err);
void aggregates_close(struct aggregates *aggregates); // after the store has committed what was queued

// NOT_FOUND, or SERVICE_BUSY while a failed write is being undone: *aggregate is NULL then. On true the
// caller leaves it.
MUST_CHECK bool aggregate_enter(struct aggregates *aggregates, const char *event_id,
                                struct aggregate **aggregate, struct err *err);
// One that does not exist yet, to be opened by the caller.
struct aggregate *aggregate_enter_new(struct aggregates *aggregates, const char *event_id);
void aggregate_leave(struct aggregates *aggregates, struct aggregate *aggregate);

// Queues the entries made under this lock, and the event's row when it changed. False with CALL_TOO_LARGE
// when making them failed; the state is loaded again then. write is the call's from rpc_seal with commit_done
// and the commit, or NULL.
struct commit;
struct commit *commit_create(struct aggregate *aggregate,
                             const struct entries *entries); // NULL without memory
void commit_done(void *commit, bool durable);
MUST_CHECK bool aggregate_append(struct aggregate *aggregate, const struct entries *entries,
                                 struct commit *commit, const struct store_write *write, struct err *err);
// For the store's done: one of the aggregate's writes has ended; on failure it will be loaded again.
void aggregate_written(void *aggregate, bool durable);

// Takes a stored entry into a game, hash and all; STORE_CORRUPT when it does not follow.
MUST_CHECK bool aggregate_apply(struct game *game, const ProtobufCBinaryData *link, struct err *err);

// The deal secrets, kept until the aggregate is evicted.
MUST_CHECK bool aggregate_secrets(struct aggregate *aggregate, struct arena *arena, struct err *err);

#endif
