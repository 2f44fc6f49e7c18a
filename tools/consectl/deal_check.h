// Recomputes an opened deal from what the server published.
#ifndef CONSECTL_DEAL_CHECK_H
#define CONSECTL_DEAL_CHECK_H

#include "events.pb-c.h"
#include "lib/base/err.h"

// True when commitments, deck, nonces, cards, salts and root all fit; else err says which does not.
MUST_CHECK bool deal_check(const Events__Deal *deal, struct err *err);
// Of one that was checked and has a beacon: that it is the cluster's, as this node has it. Blocks.
MUST_CHECK bool deal_check_block(const Events__Deal *deal, const char *node, struct err *err);

#endif
