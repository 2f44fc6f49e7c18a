// What a stream tells, made once and shared by all to whom it is told; and rings of the newest of them. The
// loop's thread.
#ifndef GATEWAY_FEED_ITEM_H
#define GATEWAY_FEED_ITEM_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/shared.h"

struct feed_item {
    unsigned holders;
    uint64_t number;     // in its stream, of an entry
    uint64_t until;      // bytes of its ring up to it, since the ring began
    struct shared *json; // the object; its length is what the item counts for
    const ProtobufCMessageDescriptor *type;
    size_t len; // of the message as it came, packed: for who shows another selection of it
    uint8_t packed[];
};

// NULL without memory.
struct feed_item *feed_item_create(const ProtobufCMessage *message, uint64_t number);
struct feed_item *feed_item_hold(struct feed_item *item); // returns its argument
void feed_item_drop(struct feed_item *item);              // NULL is fine

enum { RING_ITEMS = 2048, RING_BYTES = 256 << 10 };

// The newest entries of a stream, without a gap, up to `head`, which may be told of before its entry is here.
struct ring {
    struct feed_item **items;
    size_t at, count, room; // room: a power of two
    uint64_t head;
    size_t bytes;
    uint64_t until; // all that were ever added
};

// Takes the item over when it is the next one; others are dropped. False: entries between are missing.
bool ring_add(struct ring *ring, struct feed_item *item);
struct feed_item *ring_find(const struct ring *ring, uint64_t number); // NULL: not here
size_t ring_bytes_after(const struct ring *ring, uint64_t number);     // of those that are here
void ring_finish(struct ring *ring);

#endif
