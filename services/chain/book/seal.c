#include "services/chain/book/seal.h"

#include <sodium.h>

static bool seal_key(struct chain *chain, uint32_t *number, struct key *key, struct err *err)
{
    if (*number) return keyring_find(chain->keys, CHAIN_KEY_LEDGER, *number, key, err);
    keyring_in_use(chain->keys, CHAIN_KEY_LEDGER, key);
    *number = key->number;
    return true;
}

bool seal_authority(struct chain *chain, uint32_t *number, struct ledger_account *authority, struct err *err)
{
    AUTO_KEY struct key key;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    if (!seal_key(chain, number, &key, err)) return false;
    crypto_sign_seed_keypair(authority->bytes, secret, key.bytes);
    sodium_memzero(secret, sizeof secret);
    return true;
}

bool seal_make(struct chain *chain, const struct book *book, int64_t now_ms,
               uint8_t header[LEDGER_BLOCK_BYTES], uint8_t signature[LEDGER_SIGNATURE_BYTES], struct err *err)
{
    AUTO_KEY struct key key;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    struct ledger_account authority;
    struct ledger_block block;
    uint32_t number;
    const struct ledger_account *signer = book_signer(book, &number);
    if (!seal_key(chain, &number, &key, err)) return false;
    if (ledger_blocks_next(&book->blocks, (uint64_t)now_ms, &block) != LEDGER_OK)
        return err_fail(err, INTERNAL_ERROR, "there is nothing to seal");
    crypto_sign_seed_keypair(authority.bytes, secret, key.bytes);
    ledger_block_encode(&block, header);
    ledger_block_sign(&block, secret, signature);
    sodium_memzero(secret, sizeof secret);
    return ledger_account_equal(&authority, signer) ||
           err_fail(err, STORE_CORRUPT, "key %u of the ledger is not the one that it names", number);
}
