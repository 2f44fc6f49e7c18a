// The transaction by which an account of a program came to be, which the account does not name.
#ifndef CHAIN_CLUSTER_HISTORY_H
#define CHAIN_CLUSTER_HISTORY_H

#include "services/chain/solana/rpc_landed.h"

struct history_search {
    struct solana_rpc *rpc; // finalized
    struct solana_key address;
    bool (*made)(const void *arg, const struct solana_landed *landed);
    const void *arg;
};

// Blocks. page: for what names the address, SOLANA_HISTORY_MAX entries. False: the node does not answer.
// *found false: it does not know the transaction, or too much names the address.
MUST_CHECK bool history_find(const struct history_search *search, struct solana_history_entry *page,
                             struct solana_signature *signature, bool *found);

#endif
