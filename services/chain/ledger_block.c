#include "services/chain/ledger_block.h"
#include "services/chain/wire.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1 };

void ledger_block_encode(const struct ledger_block *block, uint8_t bytes[LEDGER_BLOCK_BYTES])
{
    struct wire_writer writer = {bytes};

    wire_put_uint(&writer, VERSION, 1);
    wire_put_uint(&writer, block->index, 8);
    wire_put(&writer, &block->previous, LEDGER_HASH_BYTES);
    wire_put(&writer, &block->root, LEDGER_HASH_BYTES);
    wire_put_uint(&writer, block->sealed_ms, 8);
    wire_put_uint(&writer, block->count, 4);
}

bool ledger_block_decode(struct ledger_block *block, const uint8_t *bytes, size_t length)
{
    struct wire_reader reader = {bytes, length, false};

    if (wire_get_uint(&reader, 1) != VERSION) return false;
    block->index = wire_get_uint(&reader, 8);
    wire_get(&reader, &block->previous, LEDGER_HASH_BYTES);
    wire_get(&reader, &block->root, LEDGER_HASH_BYTES);
    block->sealed_ms = wire_get_uint(&reader, 8);
    block->count = (uint32_t)wire_get_uint(&reader, 4);
    return wire_is_whole(&reader);
}

struct ledger_hash ledger_block_hash(const struct ledger_block *block)
{
    static const char domain[] = "conse/ledger/block/1";
    uint8_t bytes[sizeof(domain) - 1 + LEDGER_BLOCK_BYTES];
    struct ledger_hash hash;

    memcpy(bytes, domain, sizeof(domain) - 1);
    ledger_block_encode(block, bytes + sizeof(domain) - 1);
    crypto_hash_sha256(hash.bytes, bytes, sizeof(bytes));
    return hash;
}
