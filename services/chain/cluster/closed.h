// Events that were closed on the cluster, and whether their pot was divided before, by the transactions that
// name them. A ledger that was restored has forgotten that; what it knows by itself it never asks for.
#ifndef CHAIN_CLUSTER_CLOSED_H
#define CHAIN_CLUSTER_CLOSED_H

#include "services/chain/solana/rpc_landed.h"
#include "services/chain/solana/ticket_program.h"

struct closed_event {
    bool closed, settled;
};

// What a transaction did to the event. Anybody may name it; the program lets the authority alone do this.
void closed_note(struct closed_event *past, const struct solana_landed *landed,
                 const struct solana_programs *programs, const struct solana_key *event);

struct closed_search {
    struct solana_rpc *rpc; // finalized
    const struct solana_programs *programs;
    struct solana_key event;
};
// Blocks. page: SOLANA_HISTORY_MAX entries; of what is older than these nothing is said. False: the node does
// not answer.
MUST_CHECK bool closed_read(const struct closed_search *search, struct solana_history_entry *page,
                            struct closed_event *past);

#endif
