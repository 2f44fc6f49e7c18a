// A subscriber's socket and its connections: one dialer to each publisher behind an address, updated as the
// addresses change. A connection is ended at the kernel's socket: NNG 1.5.2 frees no pipe any more, of the
// whole process, once one was closed by its owner between a message's head and body. One thread.
#ifndef LIB_BUS_DIALERS_H
#define LIB_BUS_DIALERS_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "lib/net/peers.h"
#include "lib/rpc/tls/identity.h"

struct bus_dialer {
    char address[PEERS_ADDRESS]; // "" when free
    nng_dialer dialer;           // 0: nobody is there
    _Atomic int id;              // of the dialer, as pipe events name it
    _Atomic uint32_t pipe;       // its connection; 0: none
    uint32_t held_pipe;          // the connection of which there is a copy
    int held_fd;                 // of its socket; -1: none
    int64_t redial_ms;           // monotonic: when to dial again if it is not heard by then
    int64_t heard_ms;            // monotonic
    int64_t away_ms; // monotonic: since when nobody is there, 0 when somebody was at the last look
    uint32_t silent; // connections in a row that were given up unheard
};

struct bus_dialers {
    nng_socket socket;
    char program[IDENTITY_NAME]; // which publishes; by TLS no other is taken
    int receive_fd;              // readable when there is a message
    int event_fd;                // the owner's
    atomic_uint connections;     // made so far; counted by NNG's threads
    struct peers *addresses;
    uint64_t version;
    uint32_t heard_pipe; // of the last message, and its dialer
    struct bus_dialer *heard;
    struct bus_dialer all[PEERS_MAX];
};

// Subscribes to heads of a service ("auth"). event_fd, an eventfd, is written when bus_dialers_follow has
// something to do, first immediately, and when a connection is made. Close it also after a failure.
MUST_CHECK bool bus_dialers_open(struct bus_dialers *dialers, const char *service, const char *addresses,
                                 int event_fd, struct err *err);
void bus_dialers_close(struct bus_dialers *dialers);
// Receives messages of the pattern from now on, or stops; false without memory.
MUST_CHECK bool bus_dialers_subscribe(struct bus_dialers *dialers, const char *pattern, bool on);
// Notes whose message it was.
void bus_dialers_heard(struct bus_dialers *dialers, nng_pipe pipe, int64_t now_ms);
// Follows the addresses. It dials again a dialer that has long had no connection (see rpc_link_redial), or
// whose publisher was not heard for more than a second: each announces something every 250 ms. One that stays
// silent, as of another version, is dialled less and less often. Returns when to follow again at the latest.
int64_t bus_dialers_follow(struct bus_dialers *dialers, int64_t now_ms);

#endif
