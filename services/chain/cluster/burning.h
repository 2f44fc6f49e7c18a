// What a wallet signs to burn for a whitelist, as the cluster is now. Asks the node, so it waits for some
// seconds at most; not to be called with the ledger locked.
#ifndef CHAIN_CLUSTER_BURNING_H
#define CHAIN_CLUSTER_BURNING_H

#include "services/chain/burn/burn.h"
#include "services/chain/cluster/cluster.h"

struct burning {
    struct burn_terms terms;    // list, account, unit price, mints without their programs: the caller's
    struct burn_bytes bytes;    // what comes of them, with units from a simulation
    uint64_t last_valid_height; // up to which they may land
};

// ACCOUNT_FORBIDDEN: it is one of ours, or no wallet's. INVALID_FIELD: there is no such mint. MINT_NOT_HELD:
// the wallet has no token of it. MINT_TAKEN: it was burned for the list. BURN_REFUSED: the cluster would not
// take it.
MUST_CHECK bool burning_compose(const struct chain *chain, struct burning *burning, struct err *err);

#endif
