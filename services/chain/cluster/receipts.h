// Receipts of tickets get the signature of the transaction that made the ticket, once that is final.
#ifndef CHAIN_CLUSTER_RECEIPTS_H
#define CHAIN_CLUSTER_RECEIPTS_H

#include "services/chain/cluster/cluster.h"
#include "services/chain/cluster/tickets.h"
#include "services/chain/solana/rpc_landed.h"

enum { RECEIPTS_AT_ONCE = 16, RECEIPTS_NEW_S = 600 };

struct unsigned_receipt {
    struct watched watched;
    uint8_t slot; // of the payment's
};

// Those of tickets that are not older than RECEIPTS_NEW_S by the cluster's clock, as many as there is room
// for: what a node does not know by then, it has forgotten.
size_t receipts_gather(const struct book *book, int64_t clock_s,
                       struct unsigned_receipt out[RECEIPTS_AT_ONCE]);
// The account had nothing before the transaction, and has something behind it.
bool receipts_is_made(const struct solana_landed *landed, const struct solana_key *account);
// Between book_begin_own and book_commit. One that has a signature keeps it.
void receipts_sign(struct book_call *b, const struct unsigned_receipt *receipt,
                   const struct solana_signature *signature);

// Asks the node, whose client is finalized, and stores what it says. Blocks.
MUST_CHECK bool receipts_look(struct chain *chain, struct solana_rpc *rpc, int64_t clock_s,
                              struct arena *arena, struct err *err);

#endif
