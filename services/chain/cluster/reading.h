// What is asked of the node. A client belongs to one thread, and each call blocks, for some seconds at most.
#ifndef CHAIN_CLUSTER_READING_H
#define CHAIN_CLUSTER_READING_H

#include "services/chain/solana/programs.h"

enum { READING_KEYS_MAX = 100 };

// How the cluster is.
struct pulse {
    struct solana_key genesis;                 // of the cluster
    uint64_t finalized_slot, finalized_height; // of one block
    struct solana_blockhash newest;            // confirmed
    int64_t clock_s;
};
// The finalized and the confirmed client of the same node. False also while it says that it is behind.
MUST_CHECK bool reading_pulse(struct solana_rpc *finalized, struct solana_rpc *confirmed, struct pulse *pulse,
                              struct solana_fault *fault);

// Accounts in one state, of at least min_slot. They are the caller's to finish, after success.
struct reading {
    uint64_t slot;
    size_t count;
    struct solana_account accounts[READING_KEYS_MAX];
};
MUST_CHECK bool reading_accounts(struct solana_rpc *rpc, const struct solana_key *keys, size_t count,
                                 uint64_t min_slot, struct reading *reading, struct solana_fault *fault);
void reading_finish(struct reading *reading);

// The program's accounts that begin with a type and this key: events of an authority, tickets of an event.
// `each` gets them one after another.
struct reading_search {
    struct solana_key program, owner;
    uint64_t min_slot;
    void (*each)(void *arg, const struct solana_account *account);
    void *arg;
};
MUST_CHECK bool reading_program(struct solana_rpc *rpc, const struct reading_search *search,
                                struct solana_fault *fault);

#endif
