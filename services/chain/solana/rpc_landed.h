// What a node knows of transactions that have landed: their status, the signatures that name an address, the
// transaction itself.
#ifndef CHAIN_SOLANA_RPC_LANDED_H
#define CHAIN_SOLANA_RPC_LANDED_H

#include "services/chain/solana/rpc.h"

enum { SOLANA_STATUSES_MAX = 256, SOLANA_HISTORY_MAX = 1000 };

struct solana_status {
    bool found;
    enum solana_commitment reached;
    uint64_t slot;
    struct solana_tx_error error; // it landed, but failed
};

// One status for each of count (at most SOLANA_STATUSES_MAX) signatures, at whatever commitment they have
// reached.
MUST_CHECK bool solana_rpc_statuses(struct solana_rpc *rpc, const struct solana_signature *signatures,
                                    size_t count, struct solana_status *out, struct solana_fault *fault);

struct solana_history_query {
    struct solana_key address;
    const struct solana_signature *before, *until; // NULL: from the newest, to the oldest
    size_t limit;                                  // at most SOLANA_HISTORY_MAX
};

struct solana_history_entry {
    struct solana_signature signature;
    uint64_t slot;
    int64_t time_s; // 0: unknown
    struct solana_tx_error error;
};

// Newest first, failed ones too: a search for a payment must look at all of them. *count is how many came.
MUST_CHECK bool solana_rpc_history(struct solana_rpc *rpc, const struct solana_history_query *query,
                                   struct solana_history_entry *out, size_t *count,
                                   struct solana_fault *fault);

// A landed transaction. Accounts are in the order of its indexes: static, looked-up writable, looked-up
// readonly.
struct solana_landed {
    bool found;
    uint64_t slot;
    int64_t time_s; // 0: unknown
    uint64_t fee;
    struct solana_tx_error error;
    uint8_t *bytes; // the transaction, for solana_transaction_parse
    size_t len;
    struct solana_key *looked_up;
    size_t looked_up_count;
    uint64_t *before, *after; // lamports of each account
    size_t balance_count;
};

// A transaction that does not exist, or has not reached the commitment, is no fault; nor is one of a version
// that is not known here, which has an error and no bytes. Commitment is at least confirmed.
MUST_CHECK bool solana_rpc_transaction(struct solana_rpc *rpc, const struct solana_signature *signature,
                                       struct solana_landed *out, struct solana_fault *fault);
void solana_landed_finish(struct solana_landed *landed);

#endif
