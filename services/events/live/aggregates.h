// Events in memory while they are used; lib/live loads and evicts them. Thread-safe.
#ifndef EVENTS_LIVE_AGGREGATES_H
#define EVENTS_LIVE_AGGREGATES_H

#include "lib/live/live.h"
#include "services/events/events.h"
#include "services/events/live/reports.h"
#include "services/events/live/tail.h"

// The rows made from an event, as they will be when the queued writes are stored; rows.h.
struct aggregate_rows {
    uint64_t ticket;    // of the newest write of a row
    uint64_t seq;       // of the event's row; 0: there is none
    uint64_t made_from; // fingerprint
    int32_t upvotes, downvotes;
    int64_t starts_ms; // also in its seats' rows, as is whether the game is done
    bool done;
    atomic_uint pending;                // writes of rows on their way
    atomic_bool stale;                  // to be rebuilt: one could not be stored, or others wrote the event
    _Atomic(atomic_uint *) quota_place; // of the event's opener, until its row is stored; NULL then
};

// Locked between enter and leave.
struct aggregate {
    struct live_object live; // ticket: of the newest entries decided here
    struct events *events;
    struct game game;
    atomic_uint_fast64_t durable_seq; // newest entry on disk
    uint64_t committed_seq;           // newest entry queued for the disk
    uint64_t snapshot_seq;
    uint32_t unchanged; // keys that were kept alone, while it was in memory
    bool complained;    // the log has the reason why its clock is stuck
    struct aggregate_rows rows;
    struct {
        uint8_t *bytes; // packed events.Event as the public sees it
        size_t len;
        uint64_t seq, names, catalogue, groups; // as of which they were packed
    } shown;
    struct reports reports;
    struct tail tail;
    struct {
        bool made;
        struct class_key key;
    } keys[CLASS_PERSON];         // of the classes that many are of, made on demand
    struct game *late;            // the game as spectators see it, made on demand; late.h
    int64_t late_next_ms;         // time of the first entry that it has not applied; 0: unknown
    struct deal_secrets *secrets; // opened on demand
    uint8_t (*signatures)[64];    // of checkpoints, made on demand
    size_t signatures_count;
    uint32_t signer; // the number of the key that made them
};

// For events->aggregates; live.h has the results.
MUST_CHECK bool aggregates_open(struct events *events, struct err *err);
// In any copy of it that there is.
MUST_CHECK bool aggregate_enter(struct events *events, const char *event_id, struct aggregate **aggregate,
                                struct err *err);
// In one as fresh as need says.
MUST_CHECK bool aggregate_enter_fresh(struct events *events, const char *event_id, struct live_need *need,
                                      struct aggregate **aggregate, struct err *err);
MUST_CHECK bool aggregate_enter_new(struct events *events, const char *event_id, struct live_need *need,
                                    struct aggregate **aggregate, struct err *err);
// Another process announced that it stored this entry of the event: the next to enter reads it. Never blocks.
void aggregates_note_head(struct events *events, const char *event_id, uint64_t seq);
void aggregate_leave(struct aggregate *aggregate);

// The time of its next entry. In a shared store the clock of the newest one's writer may be ahead of ours; an
// exclusive store has one clock, which may have been set back.
int64_t aggregate_time(const struct aggregate *aggregate, int64_t now_ms);

// Applies a stored entry to a game and checks its hash; STORE_CORRUPT when it does not follow.
MUST_CHECK bool aggregate_apply(struct game *game, const ProtobufCBinaryData *link, struct err *err);

// The deal secrets, kept until the aggregate is evicted.
MUST_CHECK bool aggregate_secrets(struct aggregate *aggregate, struct arena *arena, struct err *err);

#endif
