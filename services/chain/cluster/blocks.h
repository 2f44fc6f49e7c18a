// The thread that looks for the blocks which deals of events wait for. Of several processes the one with the
// lease does.
#ifndef CHAIN_CLUSTER_BLOCKS_H
#define CHAIN_CLUSTER_BLOCKS_H

#include "services/chain/cluster/cluster.h"

struct blocks;

MUST_CHECK bool blocks_start(struct blocks **blocks, struct cluster *cluster, struct err *err);
void blocks_stop(struct blocks *blocks); // NULL is fine

#endif
