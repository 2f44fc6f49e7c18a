// The streams that each loop listens to, and the bus that is followed for them. Wanted notices are made into
// news, once for all loops; all others are dropped. Any thread, except for create, join, start, stop and
// destroy.
#ifndef GATEWAY_STREAM_TOPICS_H
#define GATEWAY_STREAM_TOPICS_H

#include <stddef.h>
#include <stdint.h>

#include "bus.pb-c.h"
#include "lib/base/err.h"

struct bus_keys;
struct hub;
struct news;
struct topics;

enum { TOPICS_LOOPS_MOST = 64 };

// Of a service: where it publishes, and where it is asked.
struct topics_place {
    const char *bus, *feed;
};
struct topics_options {
    struct topics_place events;
    struct topics_place chain; // without addresses: it is not followed
    struct bus_keys *bus_keys; // NULL: none
};

MUST_CHECK bool topics_create(struct topics **topics, struct err *err);
// Follows events and chain; every hub must exist by then and stays until topics_stop.
MUST_CHECK bool topics_start(struct topics *topics, const struct topics_options *options, struct err *err);
void topics_stop(struct topics *topics);    // NULL is fine
void topics_destroy(struct topics *topics); // when all hubs are destroyed; NULL is fine

// For the follower of the bus: to every loop that listens to the notice's stream.
void topics_publish(struct topics *topics, const Bus__Notice *notice);

// For hubs.
void topics_join(struct topics *topics, struct hub *hub, size_t index);
uint64_t topics_hash(const struct topics *topics, const char *stream);
// When it returns, the loop listens to the stream; false without memory.
MUST_CHECK bool topics_want(struct topics *topics, const char *stream, uint64_t hash, size_t index);
void topics_unwant(struct topics *topics, const char *stream, uint64_t hash, size_t index);
// Held once by the caller; NULL without memory.
struct news *topics_news(const Bus__Notice *notice, uint64_t hash);

#endif
