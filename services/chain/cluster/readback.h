// Reading back what the cluster has of the authority's events: each ticket is one that a payment knows, or
// will when events has told of it, or goes back; and who has a seat without a ticket got the money back. A
// ledger that was restored has forgotten some of both.
#ifndef CHAIN_CLUSTER_READBACK_H
#define CHAIN_CLUSTER_READBACK_H

#include "services/chain/cluster/parts.h"
#include "services/chain/cluster/reading.h"
#include "services/chain/wishes/wishes.h"

struct readback {
    struct cluster *cluster;
    struct solana_rpc *finalized;
    uint64_t slot, height; // of a finalized block that is read behind
};

// What no payment has, as wishes in their arena.
struct unknown {
    struct wishes *strays;    // tickets that are for nothing, whatever events tells
    struct wishes *strangers; // tickets and events that it may tell of yet
};

// What is known happens to its payment. Blocks until what happened is durable. CLUSTER_AWAY: the node does
// not answer.
MUST_CHECK bool readback_all(const struct readback *readback, const struct unknown *unknown, struct err *err);

#endif
