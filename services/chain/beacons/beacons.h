// Deals of events that wait for a block of the cluster: rows of what events want, and of what they were told.
// Chain names a slot that has not come, and waits until the event says that it has it; then it tells of the
// first block at or after it, once that is finalized. Each is told once; who repeats it adds nothing.
#ifndef CHAIN_BEACONS_BEACONS_H
#define CHAIN_BEACONS_BEACONS_H

#include "ledger.pb-c.h"
#include "lib/bus/consumer.h"
#include "services/chain/chain.h"

enum {
    BEACONS_SINCE = 11, // CONSE_FORMAT: older programs don't know what events want
    BEACONS_AHEAD = 32, // slots, from the present one to the one that is named
    BEACONS_AT_ONCE = 100
};

enum beacon_state {
    BEACON_WANTED = 1, // a slot is to be named
    BEACON_OFFERED,    // events were told of one
    BEACON_NAMED,      // the event has a slot
    BEACON_TOLD,       // events were told of its block
    BEACON_LOST        // it was not there for a week
};

// Takes in what a page of events.money says of them; blocks until it is durable.
MUST_CHECK bool beacons_learn(struct chain *chain, const struct bus_batch *batch, struct err *err);

struct beacons {
    Ledger__BeaconRow **rows;
    uint64_t *versions;
    size_t count;
};
// Some that are in this state, in the arena.
MUST_CHECK bool beacons_find(struct chain *chain, enum beacon_state state, struct arena *arena,
                             struct beacons *found, struct err *err);

// Names a slot, or tells of the block at or after it. Blocks.
MUST_CHECK bool beacons_offer(struct chain *chain, const struct beacons *of, size_t i, uint64_t slot,
                              struct err *err);
struct beacon_block {
    uint64_t slot;
    uint8_t hash[32];
};
MUST_CHECK bool beacons_tell(struct chain *chain, const struct beacons *of, size_t i,
                             const struct beacon_block *block, struct err *err);
// Gives one up that was not found for a week. *lost is whether it was.
MUST_CHECK bool beacons_lose(struct chain *chain, const struct beacons *of, size_t i, int64_t now_ms,
                             bool *lost, struct err *err);

#endif
