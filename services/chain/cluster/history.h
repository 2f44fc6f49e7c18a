// The transaction by which an account of a program came to be, which the account does not name.
#ifndef CHAIN_CLUSTER_HISTORY_H
#define CHAIN_CLUSTER_HISTORY_H

#include "services/chain/solana/rpc_landed.h"

// What an account had before a transaction and behind it, in lamports. False: it does not name the account.
struct history_balance {
    uint64_t before, after;
};
bool history_balance_of(const struct solana_landed *landed, const struct solana_key *account,
                        struct history_balance *balance);

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
