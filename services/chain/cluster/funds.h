// What the authority's wallet has for the rents of events, for fees, and for credit in LAMPORTS, which may be
// withdrawn: metrics, and errors of the log while it is too little. Belongs to the thread that watches.
#ifndef CHAIN_CLUSTER_FUNDS_H
#define CHAIN_CLUSTER_FUNDS_H

#include "services/chain/cluster/parts.h"
#include "services/chain/solana/rpc.h"

struct metric;

struct funds {
    struct chain *chain;
    struct metric *metric, *credit;
    int64_t due_ms; // monotonic
    bool little;    // the last look found too little
    bool low;       // it was told that there is too little
    bool uncovered; // and that credit is not covered
};

void funds_init(struct funds *funds, struct chain *chain);
// Asks the node now and then. Too little is told when a second look finds it too: what a wallet was just
// given is not confirmed at once.
void funds_look(struct funds *funds, struct solana_rpc *rpc, const struct solana_key *authority);

#endif
