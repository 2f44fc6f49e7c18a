// Withdrawals that have landed and that the ledger does not know, because it was restored: the cluster has
// the transactions of all, by an address that each of them names. Belongs to the thread that sends.
#ifndef CHAIN_CLUSTER_FORGOTTEN_H
#define CHAIN_CLUSTER_FORGOTTEN_H

#include "services/chain/cluster/readback.h"

struct forgotten {
    bool has_newest;
    struct solana_signature newest; // up to which all are known, in this process
};

// Takes them of their accounts. Blocks until that is durable. CLUSTER_AWAY: the node does not answer, or has
// not what it says that there is.
MUST_CHECK bool forgotten_read(struct forgotten *forgotten, const struct readback *readback,
                               struct arena *arena, struct err *err);

#endif
