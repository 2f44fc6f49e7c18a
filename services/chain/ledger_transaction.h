// A transaction of the ledger: postings that add up to zero per asset, signed with Ed25519. Its bytes are
// canonical: every transaction has one encoding, and bytes that decode encode to the same bytes. sodium_init
// comes first. Layout, integers little-endian: u8 version 1, key[32], u64 issued_ms, signer[32], u8 length
// and memo, u8 count and postings {account[32], u32 asset, i64 amount}, signature[64] over
// "conse/ledger/transaction/1", the chain's id, and all bytes before the signature.
#ifndef CHAIN_LEDGER_TRANSACTION_H
#define CHAIN_LEDGER_TRANSACTION_H

#include "lib/base/merkle.h"

enum {
    LEDGER_ACCOUNT_BYTES = 32,
    LEDGER_KEY_BYTES = 32,
    LEDGER_SIGNATURE_BYTES = 64,
    LEDGER_MEMO_MAX = 140,
    LEDGER_POSTINGS_MAX = 16,
    LEDGER_TRANSACTION_BYTES_MAX = 1 + 32 + 8 + 32 + 1 + LEDGER_MEMO_MAX + 1 + LEDGER_POSTINGS_MAX * 44 + 64,
};

// An Ed25519 public key, or any 32 bytes that only the authority may move.
struct ledger_account {
    uint8_t bytes[LEDGER_ACCOUNT_BYTES];
};

struct ledger_posting {
    struct ledger_account account;
    uint32_t asset;
    int64_t amount; // minor units; credit above, debit below zero; never 0 nor INT64_MIN
};

struct ledger_transaction {
    uint8_t key[LEDGER_KEY_BYTES]; // idempotency: one transaction per key, ever
    uint64_t issued_ms;            // the signer's claim, not checked against a clock
    struct ledger_account signer;
    uint8_t memo[LEDGER_MEMO_MAX];
    uint8_t memo_bytes;
    uint8_t posting_count;
    struct ledger_posting
        postings[LEDGER_POSTINGS_MAX]; // 2 or more, ascending by account and asset, none twice
    uint8_t signature[LEDGER_SIGNATURE_BYTES];
};

// The number of bytes written; 0 when the postings' count, order or amounts, or the memo's length, break the
// rules above.
size_t ledger_transaction_encode(const struct ledger_transaction *transaction,
                                 uint8_t bytes[LEDGER_TRANSACTION_BYTES_MAX]);
bool ledger_transaction_decode(struct ledger_transaction *transaction, const uint8_t *bytes, size_t length);

// Sorts by account and asset, as encode needs them.
void ledger_transaction_sort(struct ledger_transaction *transaction);

// Whether the amounts of each asset add up to zero.
bool ledger_transaction_balances(const struct ledger_transaction *transaction);

// Fills signer and signature from libsodium's 64-byte secret key; false when it can't be encoded.
bool ledger_transaction_sign(struct ledger_transaction *transaction, const struct merkle_hash *chain,
                             const uint8_t secret_key[64]);
// Checks the encoded bytes; takes about 40 microseconds.
bool ledger_transaction_verify(const uint8_t *bytes, size_t length, const struct merkle_hash *chain);

#endif
