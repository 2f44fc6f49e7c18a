// The thread that looks at the node about twice a second: how the cluster is, and what became of the tickets
// that are watched.
#ifndef CHAIN_CLUSTER_WATCH_H
#define CHAIN_CLUSTER_WATCH_H

#include "services/chain/cluster/parts.h"
#include "services/chain/cluster/pulse.h"

struct watch;

MUST_CHECK bool watch_start(struct watch **watch, struct cluster *cluster, struct err *err);
void watch_stop(struct watch *watch); // NULL is fine

#endif
