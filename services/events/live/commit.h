// Writing a command's entries, and the reports once they are on the disk.
#ifndef EVENTS_LIVE_COMMIT_H
#define EVENTS_LIVE_COMMIT_H

#include "services/events/game/entries.h"
#include "services/events/live/aggregates.h"

// The notice of one entry, for the event's two topics.
struct notice {
    Game__Entry__BodyCase which;
    int64_t time_ms;
    uint64_t public_index, god_index;   // 0: not among the entries they see
    ProtobufCBinaryData public_payload; // packed LogEntry
};

struct commit {
    struct aggregate *aggregate;
    uint64_t last_seq;
    bool personal; // it concerns somebody's own topic, or chain
    size_t count;
    struct notice notices[];
};

// NULL without memory.
struct commit *commit_create(struct aggregate *aggregate, const struct entries *entries);
// The done of a commit's write: reports the entries, and frees the commit.
void commit_done(void *commit, bool durable);
// Queues the entries made under the aggregate's lock, and the event's rows when they changed. write is the
// call's from rpc_seal with commit_done and the commit, or NULL. False with CALL_TOO_LARGE when making them
// failed; the state is loaded again then.
MUST_CHECK bool commit_queue(struct aggregate *aggregate, const struct entries *entries,
                             struct commit *commit, const struct store_write *write, struct err *err);
// True for public entries that are told to everyone in the event.
bool commit_tells_everyone(Game__Entry__BodyCase which);

#endif
