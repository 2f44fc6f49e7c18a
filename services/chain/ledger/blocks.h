// The chain of blocks: the newest sealed one, and the leaves of the one that is open. Pure.
#ifndef CHAIN_LEDGER_BLOCKS_H
#define CHAIN_LEDGER_BLOCKS_H

#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/block.h"

enum { LEDGER_BLOCK_RECORDS_MAX = 1024 };

struct ledger_blocks {
    struct merkle_hash chain; // its id: signed with each record, and "previous" of block 0
    struct merkle_hash head;  // the hash of the newest block, the chain's id before the first
    uint64_t height;          // blocks sealed
    uint64_t sealed_ms;       // of the newest
    uint32_t count;           // records that wait
    struct merkle_hash leaves[LEDGER_BLOCK_RECORDS_MAX];
};

void ledger_blocks_init(struct ledger_blocks *blocks, const struct merkle_hash *chain);

// LEDGER_BLOCK_FULL: seal first.
enum ledger_status ledger_blocks_take(struct ledger_blocks *blocks, const uint8_t *record, size_t length);
// The header of the open block, sealed at a time that is not before the block below it. LEDGER_BLOCK_EMPTY.
enum ledger_status ledger_blocks_next(const struct ledger_blocks *blocks, uint64_t now_ms,
                                      struct ledger_block *block);
// Whether this is the open block's header: place, time, count, root. Its signature is not checked.
enum ledger_status ledger_blocks_fit(const struct ledger_blocks *blocks, const struct ledger_block *block);
void ledger_blocks_close(struct ledger_blocks *blocks, const struct ledger_block *block); // that fits

// Everything, for a snapshot.
size_t ledger_blocks_size(const struct ledger_blocks *blocks);
void ledger_blocks_write(const struct ledger_blocks *blocks, struct fields_writer *writer);
bool ledger_blocks_read(struct ledger_blocks *blocks, struct fields_reader *reader);

#endif
