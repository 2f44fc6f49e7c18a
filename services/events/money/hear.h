// What chain says of payments, by its stream chain.payments: each entry is a command on its event. Chain may
// be away: then holds stay as they are.
#ifndef EVENTS_MONEY_HEAR_H
#define EVENTS_MONEY_HEAR_H

#include "lib/bus/consumer.h"
#include "services/events/events.h"

#define PAYMENTS_STREAM "chain.payments"

struct bus_keys;

struct payments_source {
    const char *bus, *feed; // chain's addresses
    struct bus_keys *bus_keys;
};

// Follows chain, whether it is running or not, on a thread of its own.
MUST_CHECK bool payments_follow(struct events *events, const struct payments_source *source, struct err *err);
void payments_unfollow(struct events *events); // also when it did not follow
// Takes in a page of the stream; blocks until it is durable. Repeated, it does nothing more. The follower
// calls it.
MUST_CHECK bool payments_hear(struct events *events, const struct bus_batch *batch, struct err *err);

// What chain has a cluster for, as it said last.
struct chain_offers {
    bool lamports; // seats may cost LAMPORTS
    bool beacons;  // deals may wait for its blocks
};
MUST_CHECK bool payments_offers(const struct events *events, struct arena *arena, struct chain_offers *offers,
                                struct err *err);

#endif
