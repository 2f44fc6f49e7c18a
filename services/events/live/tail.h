// The newest entries of an event as they are stored, in memory while somebody follows it: so what was just
// written is given to viewers without reading the store. Under the aggregate's lock. Without memory it is
// empty, and the store is read.
#ifndef EVENTS_LIVE_TAIL_H
#define EVENTS_LIVE_TAIL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

struct aggregate;
struct err;

enum { TAIL_ENTRIES = 1024, TAIL_BYTES = 1 << 20 };

struct tail {
    ProtobufCBinaryData *links; // a ring of packed Links; NULL: nobody follows
    uint64_t first;             // seq of the oldest one
    size_t at, count;           // its place in the ring
    size_t bytes;
    bool filled; // what was stored before the tail began was read into it
};

// For the next entry of the event. Does nothing when nobody follows.
void tail_add(struct tail *tail, uint64_t seq, const ProtobufCBinaryData *link);
// NULL when it is not there. Valid until the lock is left.
const ProtobufCBinaryData *tail_find(const struct tail *tail, uint64_t seq);
void tail_forget(struct tail *tail);
// Begins it, and reads what is stored already from the store, once.
bool tail_follow(struct aggregate *aggregate, struct err *err);

#endif
