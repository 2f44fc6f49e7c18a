// A turn of the sender: what it asks, and what it saw. Private to the room.
#ifndef CHAIN_CLUSTER_TURN_H
#define CHAIN_CLUSTER_TURN_H

#include "lib/base/metrics.h"
#include "lib/thread/periodic.h"
#include "services/chain/cluster/forgotten.h"
#include "services/chain/cluster/past.h"
#include "services/chain/cluster/reading.h"
#include "services/chain/cluster/sender.h"
#include "services/chain/wishes/compose.h"

enum {
    TURN_WISHES = READING_KEYS_MAX / 2, // two accounts each
    TURN_LAG_SLOTS = 150                // a node that is further behind does not call itself healthy
};

struct sender {
    struct cluster *cluster;
    struct periodic *thread;
    struct solana_rpc *finalized, *confirmed;
    int64_t read_back_ms; // monotonic, when all is read again
    uint64_t since_slot;  // finalized, from when this process sends; 0: it does not
    uint64_t read_slot;   // the newest that was read of wishes
    struct metric *set_apart, *stuck;
    struct forgotten forgotten;
    struct past past;
    bool complained;
    bool unread; // it was told that reading back fails
};

// Some wishes on their way through a turn.
struct turn {
    struct sender *sender;
    struct arena *arena;
    struct cluster_now now;
    bool asked;              // history
    uint64_t finalized_slot; // of the block with now.finalized_height
    uint64_t ticket;         // of the newest append that a step rests on
    struct wish *wishes;
    size_t first, count; // the number of the first one among all
    struct reading reading;
    struct sight sights[TURN_WISHES];
    enum step steps[TURN_WISHES];
    struct composed composed[TURN_WISHES];
    bool stored[TURN_WISHES]; // what was composed
};

// Asks what the cluster has of the turn's wishes. False: the node does not answer.
bool turn_look(struct turn *turn);

#endif
