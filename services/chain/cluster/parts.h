// Parts of the way to the cluster. Private to the room.
#ifndef CHAIN_CLUSTER_PARTS_H
#define CHAIN_CLUSTER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "services/chain/cluster/cluster.h"
#include "services/chain/cluster/strangers.h"

enum { CLUSTER_FRESH_MS = 10000 }; // how long what was seen counts

struct blocks;
struct burns;
struct sender;
struct watch;

struct cluster {
    struct chain *chain;
    struct solana_signer signer; // wiped at the end
    pthread_mutex_t lock;        // of what follows, to seen_ms
    struct cluster_now now;
    uint64_t finalized_slot; // of the block whose height `now` has
    int64_t seen_ms;         // monotonic
    atomic_bool read_back;
    atomic_bool cards_read;
    atomic_bool cards_known; // they were read since the store was restored, by whichever process
    struct strangers strangers;
    struct watch *watch;
    struct sender *sender;
    struct blocks *blocks;
    struct burns *burns;
};

#endif
