// Which cluster it is, as people call it. Pure.
#ifndef CHAIN_CLUSTER_GENESIS_H
#define CHAIN_CLUSTER_GENESIS_H

#include "services/chain/solana/key.h"

// "mainnet", "testnet", "devnet", or "local" for any other.
const char *genesis_name(const struct solana_key *genesis);

#endif
