// Events that were closed on the cluster, and whether their pot was divided before, by the transactions that
// name them. A ledger that was restored has forgotten that; what it knows by itself it never asks for.
#ifndef CHAIN_CLUSTER_CLOSED_H
#define CHAIN_CLUSTER_CLOSED_H

#include "services/chain/solana/rpc_landed.h"
#include "services/chain/solana/ticket_program.h"

struct closed_event {
    bool closed, settled;
    bool more;                      // there are older ones than
    struct solana_signature oldest; // which was looked into last
};

// What a transaction did to the event. Anybody may name it; the program lets the authority alone do this.
void closed_note(struct closed_event *past, const struct solana_landed *landed,
                 const struct solana_programs *programs, const struct solana_key *event);

struct closed_search {
    struct solana_rpc *rpc; // finalized
    const struct solana_programs *programs;
    struct solana_key event;
};
// Blocks, for the next of them, from the newest on: anybody may name an event, and what waits is not kept by
// all of that. past: zeros at first. False: the node does not answer.
enum { CLOSED_AT_ONCE = 32 };
MUST_CHECK bool closed_read(const struct closed_search *search, struct closed_event *past);

#endif
