// The peers behind an address, or behind several joined by commas: tcp://name:port is resolved to all its
// addresses, again every few seconds with jitter; any other address stands for itself. A peer may have a
// second address, after a blank: "tcp://name:7451 tcp://name:7452" is two ports of each host behind the name.
// A thread of its own resolves names, so only open and close block.
#ifndef LIB_NET_PEERS_H
#define LIB_NET_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum { PEERS_MAX = 64, PEERS_ADDRESS = 256 };

struct peers;

struct peers_list {
    size_t count;
    size_t left_out; // peers beyond PEERS_MAX: not listed, which is logged and counted as an error
    char addresses[PEERS_MAX][PEERS_ADDRESS]; // sorted, none twice, so all see the same ones
};

// event_fd, an eventfd, is written when the list has changed.
MUST_CHECK bool peers_open(struct peers **peers, const char *addresses, int event_fd, struct err *err);
void peers_close(struct peers *peers); // NULL is fine
// True, with the new list, when it differs from that of *version. A name that can't be resolved keeps its
// last addresses.
bool peers_changed(struct peers *peers, uint64_t *version, struct peers_list *list);
// Peers that all lists of this process leave out, for a metric.
double peers_left_out(void);

#endif
