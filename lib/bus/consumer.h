// Follows one stream of another service permanently. Everything in it is applied, in order and at least once;
// the applying program stores the place reached together with the effect, so a crash of either side loses
// nothing. After a restore of the other side's store its numbers mean something else: the stream then comes
// again from its first entry, under another generation. Apply so that repeating is harmless.
#ifndef LIB_BUS_CONSUMER_H
#define LIB_BUS_CONSUMER_H

#include "lib/bus/bus.h"

// A table of places, for a service's list: one row for each stream that it takes in.
#define BUS_CONSUMED                                                                                         \
    {                                                                                                        \
        .name = "consumed", .type = &bus__consumed__descriptor, .key = "stream", .version = 1                \
    }

struct bus_consumer;

struct bus_place {
    uint64_t generation; // of the store that the number belongs to
    uint64_t seq;        // of the last applied entry
};

enum { BUS_BATCH_MOST = 500 };

struct bus_batch {
    Bus__Notice *const *notices; // with their bodies
    size_t count;
    struct bus_place place; // of the last one: store it in the same write as the effect, or in one behind it
    uint64_t lost;          // entries before or among these that the stream has dropped since the last batch
};

// On the consumer's thread; may block. True: the effect and the place are durable. False: it comes again
// after a pause that grows, up to 5 s, and err is logged.
typedef bool bus_apply(void *arg, const struct bus_batch *batch, struct err *err);

struct bus_consumer_options {
    Conse__Asker__Value self; // which program follows
    const char *stream;
    const char *address;      // the publisher's, as of a subscriber
    const char *feed_service; // whose Feed to read: "auth"
    const char *feed_address;
    struct bus_keys *bus_keys;
    struct bus_place from; // {0} at first
    bus_apply *apply;
    void *arg;
};

MUST_CHECK bool bus_consumer_start(struct bus_consumer **consumer, const struct bus_consumer_options *options,
                                   struct err *err);
void bus_consumer_stop(struct bus_consumer *consumer); // NULL is fine
// Milliseconds since the publisher was last heard, or said of an announced stream what is applied by now;
// INT64_MAX until all that it had at the start is applied, and while something that came is not. Any thread.
int64_t bus_consumer_age_ms(const struct bus_consumer *consumer);
// Of the process's consumers, of the one that is furthest behind: milliseconds since it had applied all of
// its stream that was known, or since its start. 0 without any. Any thread.
int64_t bus_consumers_lag_ms(void);

#endif
