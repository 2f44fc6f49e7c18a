// A double-entry ledger: balances that are never negative, made by posting signed transactions and sealing
// them into a chain of blocks. Pure: no storage and no clock; the same bytes in the same order give the same
// ledger. One thread at a time; sodium_init comes first. The amount in existence is minus the balance of the
// issuance account, 32 zero bytes; that account alone may be negative, and only the authority debits it.
#ifndef CHAIN_LEDGER_H
#define CHAIN_LEDGER_H

#include "services/chain/ledger_block.h"
#include "services/chain/ledger_transaction.h"

struct ledger;

struct ledger_options {
    struct merkle_hash chain; // id of this chain: signed with each transaction, and "previous" of block 0
    struct ledger_account authority; // may debit any account; other signers only their own key's
    uint64_t max_balances;           // pairs of account and asset that are not 0
    uint64_t max_transactions;       // keys remembered: the number of all transactions ever
    uint8_t seed[16]; // best drawn at random, so that nobody can aim at hash collisions; no result
    // depends on it
};

enum ledger_status {
    LEDGER_OK,
    LEDGER_REPEATED,     // these very bytes are in the ledger already; nothing changed, as in all that follow
    LEDGER_KEY_TAKEN,    // another transaction has this key
    LEDGER_MALFORMED,    // not the canonical encoding of a transaction
    LEDGER_UNBALANCED,   // an asset's amounts do not add up to zero
    LEDGER_FORBIDDEN,    // debits an account that is not the signer's
    LEDGER_FORGED,       // the signature is wrong
    LEDGER_INSUFFICIENT, // a balance would be negative
    LEDGER_OVERFLOW,     // a balance would pass INT64_MAX, or the issuance INT64_MIN + 1
    LEDGER_BLOCK_FULL,   // LEDGER_BLOCK_TRANSACTIONS_MAX wait: seal first
    LEDGER_FULL,         // max_balances, max_transactions, or memory
    LEDGER_BLOCK_EMPTY,
    LEDGER_BLOCK_PENDING, // accept: own transactions wait to be sealed or dropped
    LEDGER_BLOCK_PLACE,   // not the next index, or not on top of this head
    LEDGER_BLOCK_TIME,    // sealed before the block below it
    LEDGER_BLOCK_ROOT,    // its transactions are not the ones it was sealed with
};

enum { LEDGER_BLOCK_TRANSACTIONS_MAX = 1024 };

struct ledger_place {
    uint64_t block;
    uint32_t index;
};

struct ledger_bytes {
    const uint8_t *bytes;
    size_t length;
};

// NULL when memory is short.
struct ledger *ledger_create(const struct ledger_options *options);
void ledger_destroy(struct ledger *ledger);

// Takes a transaction into the open block; balances change at once. place (may be NULL) is filled for OK and
// REPEATED.
enum ledger_status ledger_post(struct ledger *ledger, const uint8_t *bytes, size_t length,
                               struct ledger_place *place);
// Closes the open block; the caller keeps the header and the transactions' bytes.
enum ledger_status ledger_seal(struct ledger *ledger, uint64_t sealed_ms, struct ledger_block *block);
// Takes back everything posted since the last seal, for example when it could not be stored.
void ledger_drop(struct ledger *ledger);

// Verifies a block made elsewhere or read back: place, time, root, every rule of post and every signature. It
// takes all of the block or nothing. A refusal puts the transaction's index into *fault (may be NULL), or
// count when the block is at fault. A chain is verified by accepting its blocks into an empty ledger.
enum ledger_status ledger_accept(struct ledger *ledger, const struct ledger_block *block,
                                 const struct ledger_bytes *transactions, uint32_t *fault);

int64_t ledger_balance(const struct ledger *ledger, const struct ledger_account *account, uint32_t asset);
bool ledger_find(const struct ledger *ledger, const uint8_t key[LEDGER_KEY_BYTES],
                 struct ledger_place *place);

// The hash of the last block, the chain's id before the first; the number of blocks sealed; of transactions
// in them and waiting.
struct merkle_hash ledger_head(const struct ledger *ledger);
uint64_t ledger_height(const struct ledger *ledger);
uint64_t ledger_count(const struct ledger *ledger);

// "FORGED" for LEDGER_FORGED.
const char *ledger_status_name(enum ledger_status status);

#endif
