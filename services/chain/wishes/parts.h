// What winners get of a pot that is being paid, by what the cluster owes. A ledger that was restored may have
// forgotten seats that were in it: then the parts are larger than it says, and the cluster has what is owed.
// Pure.
#ifndef CHAIN_WISHES_PARTS_H
#define CHAIN_WISHES_PARTS_H

#include "services/chain/wishes/step.h"

// Sets `more` and `waits` of the winners' wishes among these, each with its sight, all of one finalized
// state. What is owed above their parts is shared as the parts are, a unit more for the first ones. While one
// of them, or of what is owed beside them, is on its way, or gone and not in the ledger, the others wait; and
// while the state may be older than one that the ledger has a payment from (newest is false).
void parts_adjust(struct wish *wishes, const struct sight *sights, size_t count, bool newest);

#endif
