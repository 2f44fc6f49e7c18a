// The heads of a service's announced streams (conse.stream), as its store has them, whoever wrote them: read
// every 250 ms on a thread of its own, and told; as `stored` only when the reading took no longer and
// followed a barrier. When they cannot be read, nothing is told.
#ifndef LIB_BUS_STORE_HEADS_H
#define LIB_BUS_STORE_HEADS_H

#include "lib/bus/bus.h"

struct bus_store_heads;

struct bus_store_heads_options {
    const char *service;
    const struct schema_stream *streams;
    struct store *store;
    void (*tell)(void *arg, Bus__Heads *heads); // on its thread
    void *arg;
};

// NULL, and true, when the service has no such stream.
MUST_CHECK bool bus_store_heads_start(struct bus_store_heads **heads,
                                      const struct bus_store_heads_options *options, struct err *err);
void bus_store_heads_stop(struct bus_store_heads *heads); // NULL is fine

#endif
