// The connections of the coiniXerr protocol: how many there may be, and how long each may take. A peer has
// one message judged at a time, and nothing is read from it meanwhile. One thread. Private to the room.
#ifndef CHAIN_NODE_PEERS_H
#define CHAIN_NODE_PEERS_H

#include "lib/net/loop.h"
#include "services/chain/node/desk.h"

enum {
    PEERS_MOST = 512,         // one more: the one that has been silent the longest gives way
    PEERS_REFUSALS = 16,      // in a row; then the connection ends
    PEERS_MESSAGE_MS = 10000, // from a message's first byte to its last
    PEERS_ANSWER_MS = 10000,
    PEERS_IDLE_MS = 60000
};

struct peers;

// desk: NULL until it is set, before the first peer.
MUST_CHECK bool peers_create(struct peers **peers, struct loop *loop, struct err *err);
void peers_destroy(struct peers *peers); // when the desk has stopped; NULL is fine
void peers_set_desk(struct peers *peers, struct desk *desk);

// Takes a connection that does not block.
void peers_take(struct peers *peers, int fd);
// Gives a place back, also when every peer waits for its answer: then none. For who has no descriptors left.
bool peers_make_room(struct peers *peers);
void peers_answer(struct peers *peers); // the desk has answers
size_t peers_count(const struct peers *peers);

#endif
