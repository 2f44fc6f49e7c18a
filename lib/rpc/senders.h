// From which senders messages were taken, and which, so that none is taken twice, whatever connection it
// comes by. Bounded. A counter may arrive late by up to 1024. Any thread.
#ifndef LIB_RPC_SENDERS_H
#define LIB_RPC_SENDERS_H

#include "lib/rpc/seal.h"

struct sender;

struct senders {
    pthread_mutex_t mutex;
    struct sender *all;
    size_t count, most;
    uint64_t turns; // messages taken
};

MUST_CHECK bool senders_init(struct senders *senders, size_t most, struct err *err);
void senders_finish(struct senders *senders);

// A server's. A greeting begins a connection in place of the sender's last one; its id is random, so that it
// means nothing to another server or after a restart. When there are too many, the one that was silent the
// longest has to greet again.
MUST_CHECK enum seal_fault senders_greet(struct senders *senders, const struct seal_head *greeting,
                                         uint8_t connection[SEAL_ID_BYTES]);
MUST_CHECK enum seal_fault senders_take(struct senders *senders, const struct seal_head *head);

// A subscriber's, which meets a publisher in the middle of its counting. A sender is remembered as long as
// its messages are timely; when there are too many, no new one is taken.
MUST_CHECK enum seal_fault senders_meet(struct senders *senders, const struct seal_head *head,
                                        int64_t now_ms);

#endif
