// The thread that reads back what wallets have burned for whitelists, and by which transactions they paid for
// seats, and enters it. Of several processes the one with the lease does.
#ifndef CHAIN_CLUSTER_BURNS_H
#define CHAIN_CLUSTER_BURNS_H

#include "services/chain/cluster/cluster.h"

struct burns;

MUST_CHECK bool burns_start(struct burns **burns, struct cluster *cluster, struct err *err);
void burns_stop(struct burns *burns); // NULL is fine

#endif
