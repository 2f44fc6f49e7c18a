#include "services/chain/ledger_block.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1, INDEX_AT = 1, PREVIOUS_AT = 9, ROOT_AT = 41, SEALED_AT = 73, COUNT_AT = 81 };

static void put_uint(uint8_t *at, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_uint(const uint8_t *at, size_t length)
{
    uint64_t value = 0;

    for (size_t i = length; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

void ledger_block_encode(const struct ledger_block *block, uint8_t bytes[LEDGER_BLOCK_BYTES])
{
    bytes[0] = VERSION;
    put_uint(bytes + INDEX_AT, block->index, 8);
    memcpy(bytes + PREVIOUS_AT, &block->previous, LEDGER_HASH_BYTES);
    memcpy(bytes + ROOT_AT, &block->root, LEDGER_HASH_BYTES);
    put_uint(bytes + SEALED_AT, block->sealed_ms, 8);
    put_uint(bytes + COUNT_AT, block->count, 4);
}

bool ledger_block_decode(struct ledger_block *block, const uint8_t *bytes, size_t length)
{
    if (length != LEDGER_BLOCK_BYTES || bytes[0] != VERSION)
        return false;
    block->index = get_uint(bytes + INDEX_AT, 8);
    memcpy(&block->previous, bytes + PREVIOUS_AT, LEDGER_HASH_BYTES);
    memcpy(&block->root, bytes + ROOT_AT, LEDGER_HASH_BYTES);
    block->sealed_ms = get_uint(bytes + SEALED_AT, 8);
    block->count = (uint32_t)get_uint(bytes + COUNT_AT, 4);
    return true;
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
