// Recomputes an opened deal from what the server published. Pure.
#ifndef CONSECTL_DEAL_CHECK_H
#define CONSECTL_DEAL_CHECK_H

#include "events.pb-c.h"
#include "lib/base/err.h"

// True when commitments, deck, nonces, cards, salts and root all fit; else err says which does not.
MUST_CHECK bool deal_check(const Events__Deal *deal, struct err *err);

#endif
