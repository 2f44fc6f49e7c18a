#include "services/chain/ledger/block.h"
#include "services/chain/fields.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1 };

static const char HASH_DOMAIN[] = "conse/ledger/block/1";
static const char SEAL_DOMAIN[] = "conse/ledger/seal/1";

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
    uint8_t bytes[sizeof HASH_DOMAIN - 1 + LEDGER_BLOCK_BYTES];
    struct merkle_hash hash;
    memcpy(bytes, HASH_DOMAIN, sizeof HASH_DOMAIN - 1);
    ledger_block_encode(block, bytes + sizeof HASH_DOMAIN - 1);
    crypto_hash_sha256(hash.bytes, bytes, sizeof bytes);
    return hash;
}

enum { SEALED_TEXT = sizeof SEAL_DOMAIN - 1 + MERKLE_HASH_BYTES };

static void sealed_text(const struct ledger_block *block, uint8_t text[SEALED_TEXT])
{
    const struct merkle_hash hash = ledger_block_hash(block);
    memcpy(text, SEAL_DOMAIN, sizeof SEAL_DOMAIN - 1);
    memcpy(text + sizeof SEAL_DOMAIN - 1, &hash, sizeof hash);
}

void ledger_block_sign(const struct ledger_block *block, const uint8_t secret_key[64],
                       uint8_t signature[LEDGER_SIGNATURE_BYTES])
{
    uint8_t text[SEALED_TEXT];
    sealed_text(block, text);
    crypto_sign_detached(signature, NULL, text, sizeof text, secret_key);
}

bool ledger_block_verify(const struct ledger_block *block, const struct ledger_account *authority,
                         const uint8_t signature[LEDGER_SIGNATURE_BYTES])
{
    uint8_t text[SEALED_TEXT];
    sealed_text(block, text);
    return crypto_sign_verify_detached(signature, text, sizeof text, authority->bytes) == 0;
}
