// What is proven of a list: the leaf of each wallet on it, and what is signed over the root of the tree of
// all, in the order of the wallets. Pure.
#ifndef CHAIN_LISTS_LEAF_H
#define CHAIN_LISTS_LEAF_H

#include "lib/base/merkle.h"

enum {
    LIST_KEY_BYTES = 32, // of a wallet, or a mint
    LIST_SIGNATURE_BYTES = 64,
    LIST_NAME_MAX = 32, // so that a list of the whitelist program can have it
};

enum list_way { LIST_APPROVED = 1, LIST_BURNED = 2 };

struct list_mark {
    uint8_t mint[LIST_KEY_BYTES];
    uint8_t way; // enum list_way
    uint32_t points;
    int64_t time_ms;                         // when it was approved, or burned by the cluster's clock
    uint8_t signature[LIST_SIGNATURE_BYTES]; // of the transaction that burned it; else zeros
};

struct list_statement {
    struct merkle_hash chain; // the ledger's id
    const char *name;
    uint64_t version; // the entry of the ledger that changed it last
    int64_t time_ms;  // of that entry
    uint32_t owners, marks;
    struct merkle_hash root;
};

enum { LIST_STATEMENT_MAX = 17 + 32 + 1 + LIST_NAME_MAX + 8 + 8 + 4 + 4 + 32 };

struct merkle_hash list_leaf(const uint8_t wallet[LIST_KEY_BYTES], uint64_t score,
                             const struct list_mark *marks, uint32_t count);
// The bytes that are signed; returns how many.
size_t list_statement_write(const struct list_statement *statement, uint8_t bytes[LIST_STATEMENT_MAX]);

#endif
