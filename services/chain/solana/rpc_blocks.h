// Blocks of the cluster, for who needs bytes that nobody knew before.
#ifndef CHAIN_SOLANA_RPC_BLOCKS_H
#define CHAIN_SOLANA_RPC_BLOCKS_H

#include "services/chain/solana/rpc.h"

struct solana_block {
    bool found;
    uint64_t slot;
    struct solana_key hash;
};

// The first block at or after a slot, at the client's commitment, which is at least confirmed. None yet is no
// fault. The block's parent shows that there is none between.
MUST_CHECK bool solana_rpc_first_block(struct solana_rpc *rpc, uint64_t from, struct solana_block *out,
                                       struct solana_fault *fault);

#endif
