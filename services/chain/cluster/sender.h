// The thread that has wishes come true: it composes what is wanted, stores the bytes before it sends them,
// and sends the same again each second until what they are for is so, or they can't land any more.
#ifndef CHAIN_CLUSTER_SENDER_H
#define CHAIN_CLUSTER_SENDER_H

#include "services/chain/cluster/parts.h"

struct sender;

MUST_CHECK bool sender_start(struct sender **sender, struct cluster *cluster, struct err *err);
void sender_stop(struct sender *sender); // NULL is fine

#endif
