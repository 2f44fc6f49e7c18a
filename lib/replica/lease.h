// One lease as this process knows it. Its row is taken over only after its fence did not change for TAKE_MS,
// and every write expects the row's version, so a holder's renewal and a taker's write exclude each other. A
// holder counts from before it sent its renewal and stops after HELD_MS, so it has stopped before anybody
// takes over, whatever the wall clocks say. One thread, except for lease_held.
#ifndef LIB_REPLICA_LEASE_H
#define LIB_REPLICA_LEASE_H

#include <stdatomic.h>

#include "lib/store/store.h"

enum { LEASE_RENEW_MS = 1000, LEASE_HELD_MS = 3000, LEASE_TAKE_MS = 5000, LEASE_HOLDER = 33 };

struct lease {
    const char *name;
    struct store *store;
    const struct store_table *table;
    const char *self; // id of this process

    _Atomic int64_t until_ms;  // monotonic: held before this time
    char holder[LEASE_HOLDER]; // as last seen or written
    uint64_t fence, version;
    int64_t seen_ms; // monotonic: when this fence was first seen
    uint64_t ticket; // of the write under way; 0: none
    int64_t sent_ms; // monotonic: before that write, or the last one
    bool mine;       // the newest known row is ours
};

void lease_init(struct lease *lease);
// Renews, watches or takes, and learns of earlier writes. Call it often.
void lease_tend(struct lease *lease);
// Gives it back if it is held; others take it at once.
void lease_give_back(struct lease *lease);
bool lease_held(const struct lease *lease); // any thread

#endif
