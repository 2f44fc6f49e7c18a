// The header of a block: its place in the hash chain and the Merkle root of its records' bytes. Layout,
// integers little-endian: u8 version 1, u64 index, previous[32], root[32], u64 sealed_ms, u32 count; the hash
// is SHA-256("conse/ledger/block/1" and these bytes). The authority signs "conse/ledger/seal/1" and the hash
// with Ed25519. sodium_init comes first.
#ifndef CHAIN_LEDGER_BLOCK_H
#define CHAIN_LEDGER_BLOCK_H

#include "services/chain/ledger/record.h"

enum { LEDGER_SIGNATURE_BYTES = 64, LEDGER_BLOCK_BYTES = 1 + 8 + 32 + 32 + 8 + 4 };

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

// With libsodium's 64-byte secret key.
void ledger_block_sign(const struct ledger_block *block, const uint8_t secret_key[64],
                       uint8_t signature[LEDGER_SIGNATURE_BYTES]);
bool ledger_block_verify(const struct ledger_block *block, const struct ledger_account *authority,
                         const uint8_t signature[LEDGER_SIGNATURE_BYTES]);

#endif
