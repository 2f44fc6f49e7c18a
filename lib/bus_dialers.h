// A subscriber's connections: one dialer to each publisher behind an address, followed as the addresses
// change. One thread.
#ifndef LIB_BUS_DIALERS_H
#define LIB_BUS_DIALERS_H

#include <nng/nng.h>

#include "lib/peers.h"

struct bus_dialer {
    char address[PEERS_ADDRESS]; // "" when free
    nng_dialer dialer;
};

struct bus_dialers {
    nng_socket socket; // the owner's
    struct peers *addresses;
    uint64_t version;
    struct bus_dialer all[PEERS_MAX];
};

// event_fd, an eventfd, is written when bus_dialers_follow has something to do, at first at once.
MUST_CHECK bool bus_dialers_open(struct bus_dialers *dialers, nng_socket socket, const char *addresses,
                                 int event_fd, struct err *err);
void bus_dialers_close(struct bus_dialers *dialers);
void bus_dialers_follow(struct bus_dialers *dialers);

#endif
