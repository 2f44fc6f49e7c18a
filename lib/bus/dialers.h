// A subscriber's socket and its connections: one dialer to each publisher behind an address, updated as the
// addresses change. One thread.
#ifndef LIB_BUS_DIALERS_H
#define LIB_BUS_DIALERS_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "lib/net/peers.h"

struct bus_dialer {
    char address[PEERS_ADDRESS]; // "" when free
    nng_dialer dialer;
    _Atomic int id;    // of the dialer, as pipe events name it
    _Atomic int pipes; // connections, 0 or 1
    int64_t redial_ms; // monotonic: when to dial again if there is no connection by then
};

struct bus_dialers {
    nng_socket socket;
    int receive_fd;          // readable when there is a message
    int event_fd;            // the owner's
    atomic_uint connections; // made so far; counted by NNG's threads
    struct peers *addresses;
    uint64_t version;
    struct bus_dialer all[PEERS_MAX];
};

// Subscribes to heads. event_fd, an eventfd, is written when bus_dialers_follow has something to do, first
// immediately, and when a connection is made. Close it also after a failure.
MUST_CHECK bool bus_dialers_open(struct bus_dialers *dialers, const char *addresses, int event_fd,
                                 struct err *err);
void bus_dialers_close(struct bus_dialers *dialers);
// Receives messages of the pattern from now on, or stops; false without memory.
MUST_CHECK bool bus_dialers_subscribe(struct bus_dialers *dialers, const char *pattern, bool on);
// Follows the addresses. It dials again a dialer that has long had no connection (see rpc_link_redial), and
// all of them when no publisher was heard since heard_ms, more than a second ago: each announces something
// every 250 ms.
void bus_dialers_follow(struct bus_dialers *dialers, int64_t now_ms, int64_t heard_ms);

#endif
