// The way to a cluster of Solana, on which tickets pay for seats that cost LAMPORTS: the authority's key, a
// thread that watches what the cluster has, and one that sends what the outbox has. In each process both look
// at the node; of several, the one with the lease writes what follows. The node is not trusted: what it does
// not answer, or answers from behind, says nothing.
#ifndef CHAIN_CLUSTER_CLUSTER_H
#define CHAIN_CLUSTER_CLUSTER_H

#include "services/chain/chain.h"
#include "services/chain/till/stored.h"
#include "services/chain/solana/programs.h"

struct cluster;

// What the authority's wallet has to have beside all credit, for rents and fees: below, none pays for seats.
enum { CLUSTER_KEEPS = 24000000 };

// As it was at the last look, a second ago or less while the node answers.
struct cluster_now {
    bool healthy;                // the node answers, and is not behind
    bool takes_money;            // the same, and what it had when this process started is in the ledger
    const char *name;            // of the cluster, as people call it; NULL: the node has not answered yet
    struct solana_key blockhash; // confirmed
    uint64_t last_valid_height;  // up to which a transaction with it may land
    uint64_t finalized_height;
    int64_t clock_s;   // Unix time, by the cluster's clock
    uint64_t lamports; // of the authority's wallet, some seconds ago; 0 also while that is not known
    struct solana_key authority, pool, revenue;
    struct solana_programs programs;
};

// Reads the key and checks the settings. *cluster is NULL where no node is named.
MUST_CHECK bool cluster_open(struct cluster **cluster, const struct chain_settings *settings,
                             struct err *err);
// Starts the threads.
MUST_CHECK bool cluster_start(struct chain *chain, struct err *err);
// Stops the threads, which ask how far events was heard; NULL is fine, and twice too.
void cluster_stop(struct cluster *cluster);
// The same, and forgets the key; NULL is fine.
void cluster_close(struct cluster *cluster);

// Any thread; waits for no node. NULL: there is no cluster, and nothing is healthy.
void cluster_now(const struct cluster *cluster, struct cluster_now *now);
// Whether what the cluster had when this process started was read, and found in the ledger.
bool cluster_is_read_back(const struct cluster *cluster);
// Whether a ticket with this reference is there that no payment had when it was read.
bool cluster_has_stranger(const struct cluster *cluster, const struct payment_key *reference);
// The same of cards that are there.
bool cluster_knows_cards(const struct cluster *cluster);
// Whether they were read since the ledger was restored, so that nobody has a card here that is there.
bool cluster_has_found_cards(const struct cluster *cluster);
// What the ticket of a hold is found by, at this attempt: always the same, so a ledger that was restored
// finds what was paid meanwhile, and known to nobody who has not the authority's key.
struct payment_key cluster_reference(const struct cluster *cluster, const uint8_t event[TILL_ID_BYTES],
                                     const uint8_t hold[TILL_ID_BYTES], uint32_t attempt);
// The authority's key. Who signs with it has seen to what is signed.
const struct solana_signer *cluster_signer(const struct cluster *cluster);

#endif
