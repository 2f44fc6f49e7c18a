#include "services/chain/ledger/blocks.h"

void ledger_blocks_init(struct ledger_blocks *blocks, const struct merkle_hash *chain)
{
    blocks->chain = blocks->head = *chain;
    blocks->height = blocks->sealed_ms = blocks->count = 0;
}

enum ledger_status ledger_blocks_take(struct ledger_blocks *blocks, const uint8_t *record, size_t length)
{
    if (blocks->count == LEDGER_BLOCK_RECORDS_MAX) return LEDGER_BLOCK_FULL;
    blocks->leaves[blocks->count++] = merkle_leaf(record, length);
    return LEDGER_OK;
}

enum ledger_status ledger_blocks_next(const struct ledger_blocks *blocks, uint64_t now_ms,
                                      struct ledger_block *block)
{
    if (!blocks->count) return LEDGER_BLOCK_EMPTY;
    *block = (struct ledger_block){.index = blocks->height,
                                   .previous = blocks->head,
                                   .root = merkle_root(blocks->leaves, blocks->count),
                                   .sealed_ms = now_ms > blocks->sealed_ms ? now_ms : blocks->sealed_ms,
                                   .count = blocks->count};
    return LEDGER_OK;
}

enum ledger_status ledger_blocks_fit(const struct ledger_blocks *blocks, const struct ledger_block *block)
{
    if (!blocks->count || !block->count) return LEDGER_BLOCK_EMPTY;
    if (block->index != blocks->height || !merkle_hash_equal(&block->previous, &blocks->head))
        return LEDGER_BLOCK_PLACE;
    if (block->sealed_ms < blocks->sealed_ms) return LEDGER_BLOCK_TIME;
    const struct merkle_hash root = merkle_root(blocks->leaves, blocks->count);
    bool same = block->count == blocks->count && merkle_hash_equal(&root, &block->root);
    return same ? LEDGER_OK : LEDGER_BLOCK_ROOT;
}

void ledger_blocks_close(struct ledger_blocks *blocks, const struct ledger_block *block)
{
    blocks->head = ledger_block_hash(block);
    blocks->height++;
    blocks->sealed_ms = block->sealed_ms;
    blocks->count = 0;
}

size_t ledger_blocks_size(const struct ledger_blocks *blocks)
{
    return 2 * MERKLE_HASH_BYTES + 20 + (size_t)blocks->count * MERKLE_HASH_BYTES;
}

void ledger_blocks_write(const struct ledger_blocks *blocks, struct fields_writer *writer)
{
    fields_put(writer, &blocks->chain, MERKLE_HASH_BYTES);
    fields_put(writer, &blocks->head, MERKLE_HASH_BYTES);
    fields_put_uint(writer, blocks->height, 8);
    fields_put_uint(writer, blocks->sealed_ms, 8);
    fields_put_uint(writer, blocks->count, 4);
    fields_put(writer, blocks->leaves, (size_t)blocks->count * MERKLE_HASH_BYTES);
}

bool ledger_blocks_read(struct ledger_blocks *blocks, struct fields_reader *reader)
{
    fields_get(reader, &blocks->chain, MERKLE_HASH_BYTES);
    fields_get(reader, &blocks->head, MERKLE_HASH_BYTES);
    blocks->height = fields_get_uint(reader, 8);
    blocks->sealed_ms = fields_get_uint(reader, 8);
    blocks->count = (uint32_t)fields_get_uint(reader, 4);
    if (blocks->count > LEDGER_BLOCK_RECORDS_MAX) return false;
    fields_get(reader, blocks->leaves, (size_t)blocks->count * MERKLE_HASH_BYTES);
    return !reader->failed;
}
