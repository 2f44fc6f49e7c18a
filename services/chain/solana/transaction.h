// A serialized transaction: strict parsing into a view, signing in place, checking of signatures. Bytes are
// accepted only in the one form that a serializer makes: shortest lengths, nothing after the end, every index
// in range, no key twice. Pure.
#ifndef CHAIN_SOLANA_TRANSACTION_H
#define CHAIN_SOLANA_TRANSACTION_H

#include "lib/base/err.h"
#include "services/chain/solana/key.h"
#include "services/chain/solana/message.h"

enum {
    SOLANA_INSTRUCTIONS_MAX = 64,
    SOLANA_LOOKUPS_MAX = 32
}; // the runtime's trace takes no more instructions

struct solana_instruction_view {
    const uint8_t *accounts; // indexes of accounts: static, then looked-up writable, then looked-up readonly
    const uint8_t *data;
    uint16_t account_count;
    uint16_t data_len;
    uint8_t program; // index of a static key
};

struct solana_lookup_view {
    const struct solana_key *table;
    const uint8_t *writable, *readonly; // indexes into the table
    uint16_t writable_count, readonly_count;
};

// Points into the parsed bytes, which must outlive it.
struct solana_transaction {
    const uint8_t *message;
    size_t message_len;
    const struct solana_signature *signatures; // signer_count
    const struct solana_key *keys;             // key_count, signers first
    const struct solana_key *blockhash;
    bool versioned;
    uint8_t signer_count, readonly_signed, readonly_unsigned;
    uint8_t key_count;
    uint16_t account_count; // static and looked up
    uint8_t instruction_count, lookup_count;
    struct solana_instruction_view instructions[SOLANA_INSTRUCTIONS_MAX];
    struct solana_lookup_view lookups[SOLANA_LOOKUPS_MAX];
};

// MALFORMED says what is wrong.
MUST_CHECK bool solana_transaction_parse(struct solana_transaction *tx, const uint8_t *bytes, size_t len,
                                         struct err *err);
bool solana_transaction_is_signer(const struct solana_transaction *tx, size_t account);
bool solana_transaction_is_writable(const struct solana_transaction *tx, size_t account);
// The index of a static key; false when absent.
bool solana_transaction_find(const struct solana_transaction *tx, const struct solana_key *key,
                             uint8_t *index);
// How often instructions name a static key, as an account or as the program.
size_t solana_transaction_uses(const struct solana_transaction *tx, uint8_t account);
// Whether every required signature is there and valid. WALLET_PROOF_INVALID names the first that is not.
MUST_CHECK bool solana_transaction_verify(const struct solana_transaction *tx, struct err *err);
// Writes the signer's signature into the bytes. NOT_FOUND: the key is none of the signers.
MUST_CHECK bool solana_transaction_sign(uint8_t *bytes, size_t len, const struct solana_signer *signer,
                                        struct err *err);

#endif
