// Withdrawals that have landed and that the ledger does not know, because it was restored: the cluster has
// the transactions of all, by an address that each of them names. How far they were read is in the store, and
// restored with the ledger. Belongs to the thread that sends.
#ifndef CHAIN_CLUSTER_FORGOTTEN_H
#define CHAIN_CLUSTER_FORGOTTEN_H

#include "services/chain/cluster/readback.h"

enum { FORGOTTEN_PAGES = 64 }; // at once

struct forgotten {
    bool begun, has_newest, has_top;
    struct solana_signature newest;      // up to which all are known
    struct solana_signature top, before; // of a reading that is not over: where it began, and how far it is
};

// Takes them of their accounts. Blocks until that is durable. CLUSTER_AWAY: the node does not answer, or has
// not what it says that there is. SERVICE_BUSY: there are more, which the next call goes on with.
MUST_CHECK bool forgotten_read(struct forgotten *forgotten, const struct readback *readback,
                               struct arena *arena, struct err *err);

#endif
