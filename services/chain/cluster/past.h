// What a wish of a restored ledger waits for, and history knows: how a ticket ended that is gone, and whether
// the pot of an event was divided that is closed. Belongs to the thread that sends.
#ifndef CHAIN_CLUSTER_PAST_H
#define CHAIN_CLUSTER_PAST_H

#include "services/chain/solana/programs.h"
#include "services/chain/solana/rpc.h"
#include "services/chain/wishes/step.h"

enum { PAST_KEPT = 64 };

// Which addresses were asked for of late.
struct past {
    struct past_asked {
        struct solana_key address;
        int64_t again_ms; // monotonic
    } asked[PAST_KEPT];
    size_t next;
};

struct past_question {
    struct solana_rpc *rpc; // finalized
    const struct solana_programs *programs;
    const struct wish *wish;
};
// Completes the sight of a wish that step_asks_history. Blocks; a node is asked for an address every few
// minutes only. True: it was asked.
bool past_look(struct past *past, const struct past_question *question, struct arena *arena,
               struct sight *sight);

#endif
