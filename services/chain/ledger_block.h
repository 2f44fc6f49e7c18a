// The header of a block: its place in the hash chain and the Merkle root of its transactions' bytes. Layout,
// integers little-endian: u8 version 1, u64 index, previous[32], root[32], u64 sealed_ms, u32 count; the hash
// is SHA-256("conse/ledger/block/1" and these bytes).
#ifndef CHAIN_LEDGER_BLOCK_H
#define CHAIN_LEDGER_BLOCK_H

#include "lib/base/merkle.h"

enum { LEDGER_BLOCK_BYTES = 1 + 8 + 32 + 32 + 8 + 4 };

struct ledger_block {
    uint64_t index;
    struct merkle_hash previous; // the chain's id in block 0
    struct merkle_hash root;
    uint64_t sealed_ms;
    uint32_t count;
};

void ledger_block_encode(const struct ledger_block *block, uint8_t bytes[LEDGER_BLOCK_BYTES]);
bool ledger_block_decode(struct ledger_block *block, const uint8_t *bytes, size_t length);
struct merkle_hash ledger_block_hash(const struct ledger_block *block);

#endif
