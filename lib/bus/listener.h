// Hears what the processes of a service tell each other (bus_tell_peers), its own process among them: a
// stream and its number. It reads nothing and remembers nothing, and what is lost is lost; so it is for
// hints.
#ifndef LIB_BUS_LISTENER_H
#define LIB_BUS_LISTENER_H

#include "lib/bus/bus.h"

struct bus_listener;

struct bus_listener_options {
    const char *service; // "events"
    const char *address; // the publishers', as of a subscriber
    struct bus_keys *bus_keys;
    void (*hear)(void *arg, const char *stream, uint64_t seq); // on the listener's thread
    void *arg;
};

MUST_CHECK bool bus_listener_start(struct bus_listener **listener, const struct bus_listener_options *options,
                                   struct err *err);
void bus_listener_stop(struct bus_listener *listener); // NULL is fine

#endif
