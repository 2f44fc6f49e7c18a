// Compiles instructions into the bytes that are signed: a legacy message, or a v0 one with address lookup
// tables. Accounts come in the same order as in web3.js (payer, then first use), so both make the same bytes.
// Pure.
#ifndef CHAIN_SOLANA_MESSAGE_H
#define CHAIN_SOLANA_MESSAGE_H

#include "lib/base/err.h"
#include "services/chain/solana/instruction.h"

enum { SOLANA_PACKET_MAX = 1232, SOLANA_TABLE_ADDRESSES_MAX = 256 };

struct solana_table {
    struct solana_key key;
    const struct solana_key *addresses; // in the order of the table's account
    size_t count;                       // at most SOLANA_TABLE_ADDRESSES_MAX
};

struct solana_draft {
    struct solana_key payer;
    struct solana_key blockhash;
    const struct solana_instruction *instructions;
    size_t instruction_count;
    bool versioned;                    // v0; false: legacy
    const struct solana_table *tables; // of a v0 message
    size_t table_count;
};

// Writes an unsigned transaction: room for the signatures, zeros for now, then the message. LIMIT_REACHED:
// too many accounts, or more bytes than a packet takes. INVALID_FIELD: an instruction that did not fit, or
// tables in a legacy message.
MUST_CHECK bool solana_message_compile(const struct solana_draft *draft, uint8_t out[SOLANA_PACKET_MAX],
                                       size_t *len, struct err *err);

#endif
