// Whether what a node says of the cluster can follow what was finalized before. Pure.
#ifndef CHAIN_CLUSTER_PULSE_H
#define CHAIN_CLUSTER_PULSE_H

#include "services/chain/cluster/reading.h"

// What is wrong with it; NULL: nothing. before: the newest that was believed, NULL: there was none.
const char *pulse_check(const struct pulse *before, const struct pulse *now);

#endif
