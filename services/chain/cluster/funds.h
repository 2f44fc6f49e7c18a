// What the authority's wallet has for the rents of events and for fees: a metric, and an error of the log
// while it is too little. Belongs to the thread that watches.
#ifndef CHAIN_CLUSTER_FUNDS_H
#define CHAIN_CLUSTER_FUNDS_H

#include "services/chain/cluster/parts.h"
#include "services/chain/solana/rpc.h"

struct metric;

struct funds {
    struct metric *metric;
    int64_t due_ms; // monotonic
    bool low;
};

void funds_init(struct funds *funds, const struct chain *chain);
// Asks the node now and then.
void funds_look(struct funds *funds, struct solana_rpc *rpc, const struct solana_key *authority);

#endif
