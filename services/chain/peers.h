// What the processes of this service tell each other at a shared store: that the ledger has an entry.
#ifndef CHAIN_PEERS_H
#define CHAIN_PEERS_H

#include "services/chain/chain.h"

struct peers_source {
    const char *bus; // the processes' addresses, ours among them
    struct bus_keys *bus_keys;
};
MUST_CHECK bool chain_peers_follow(struct chain *chain, const struct peers_source *source, struct err *err);
void chain_peers_unfollow(struct chain *chain); // also when it did not follow
// An entry is durable. Any thread; never blocks.
void chain_peers_tell(struct chain *chain, uint64_t seq);

#endif
