#include "services/chain/ledger_block.h"
#include "services/chain/fields.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1 };

void ledger_block_encode(const struct ledger_block *block, uint8_t bytes[LEDGER_BLOCK_BYTES])
{
    struct fields_writer writer = {bytes};

    fields_put_uint(&writer, VERSION, 1);
    fields_put_uint(&writer, block->index, 8);
    fields_put(&writer, &block->previous, MERKLE_HASH_BYTES);
    fields_put(&writer, &block->root, MERKLE_HASH_BYTES);
    fields_put_uint(&writer, block->sealed_ms, 8);
    fields_put_uint(&writer, block->count, 4);
}

bool ledger_block_decode(struct ledger_block *block, const uint8_t *bytes, size_t length)
{
    struct fields_reader reader = {bytes, length, false};

    if (fields_get_uint(&reader, 1) != VERSION) return false;
    block->index = fields_get_uint(&reader, 8);
    fields_get(&reader, &block->previous, MERKLE_HASH_BYTES);
    fields_get(&reader, &block->root, MERKLE_HASH_BYTES);
    block->sealed_ms = fields_get_uint(&reader, 8);
    block->count = (uint32_t)fields_get_uint(&reader, 4);
    return fields_is_whole(&reader);
}

struct merkle_hash ledger_block_hash(const struct ledger_block *block)
{
    static const char domain[] = "conse/ledger/block/1";
    uint8_t bytes[sizeof(domain) - 1 + LEDGER_BLOCK_BYTES];
    struct merkle_hash hash;

    memcpy(bytes, domain, sizeof(domain) - 1);
    ledger_block_encode(block, bytes + sizeof(domain) - 1);
    crypto_hash_sha256(hash.bytes, bytes, sizeof(bytes));
    return hash;
}
