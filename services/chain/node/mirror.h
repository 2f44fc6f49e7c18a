// Sends sealed blocks to another node, which keeps them (docs/coinixerr.md): a copy that this installation
// can't change. It goes on from the number that the other one has reached. One thread; of several processes
// the one that makes rows does it.
#ifndef CHAIN_NODE_MIRROR_H
#define CHAIN_NODE_MIRROR_H

#include "services/chain/chain.h"

struct mirror;

// Starts it, if the settings name another node.
MUST_CHECK bool mirror_start(struct mirror **mirror, struct chain *chain, struct err *err);
void mirror_stop(struct mirror *mirror); // never waits for the other node; NULL is fine

#endif
