// What the holder of a key signs to give away what the key's account has. Pure; sodium_init comes before
// sign and verify. docs/ledger.md says the same for who signs.
//
// Bytes, integers little-endian: from[32], to[32], u32 asset, u64 amount, u64 issued_ms, nonce[16],
// signature[64]. Signed is "conse/ledger/order/1", the ledger's id, and all of it but the signature.
#ifndef CHAIN_LEDGER_ORDER_H
#define CHAIN_LEDGER_ORDER_H

#include "lib/base/merkle.h"
#include "services/chain/ledger/accounts.h"

enum {
    LEDGER_NONCE_BYTES = 16,
    LEDGER_ORDER_SIGNATURE_BYTES = 64,
    LEDGER_ORDER_SIGNED_BYTES = 2 * LEDGER_ACCOUNT_BYTES + 4 + 8 + 8 + LEDGER_NONCE_BYTES,
    LEDGER_ORDER_BYTES = LEDGER_ORDER_SIGNED_BYTES + LEDGER_ORDER_SIGNATURE_BYTES
};

struct ledger_order {
    struct ledger_account from, to; // from is the key
    uint32_t asset;
    uint64_t amount;
    uint64_t issued_ms; // unix
    uint8_t nonce[LEDGER_NONCE_BYTES];
    uint8_t signature[LEDGER_ORDER_SIGNATURE_BYTES];
};

void ledger_order_encode(const struct ledger_order *order, uint8_t bytes[LEDGER_ORDER_BYTES]);
bool ledger_order_decode(struct ledger_order *order, const uint8_t *bytes, size_t length);

// secret_key: libsodium's 64 bytes, of `from`.
void ledger_order_sign(struct ledger_order *order, const struct merkle_hash *chain,
                       const uint8_t secret_key[64]);
bool ledger_order_verify(const struct ledger_order *order, const struct merkle_hash *chain);

// By which a repetition is known: SHA-256("conse/ledger/order-id/1", from, nonce).
struct merkle_hash ledger_order_id(const struct ledger_order *order);

// Whether the account is one that somebody can sign for: a point of the curve, and of nobody that is kept.
bool ledger_account_is_key(const struct ledger_account *account);

#endif
