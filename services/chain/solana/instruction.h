// One instruction of a transaction: the program, its accounts, its bytes. There are builders for the programs
// that every cluster has. A builder that runs out of room sets `failed`, and compiling the message then
// refuses it. Pure.
#ifndef CHAIN_SOLANA_INSTRUCTION_H
#define CHAIN_SOLANA_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "services/chain/solana/key.h"

enum { SOLANA_METAS_MAX = 40, SOLANA_DATA_MAX = 1024 };

enum solana_role { SOLANA_READONLY = 0, SOLANA_WRITABLE = 1, SOLANA_SIGNER = 2, SOLANA_SIGNER_WRITABLE = 3 };

struct solana_meta {
    struct solana_key key;
    enum solana_role role;
};

struct solana_instruction {
    struct solana_key program;
    struct solana_meta metas[SOLANA_METAS_MAX];
    uint8_t data[SOLANA_DATA_MAX];
    uint16_t meta_count;
    uint16_t data_len;
    bool failed;
};

void solana_instruction_init(struct solana_instruction *ix, const struct solana_key *program);
void solana_instruction_account(struct solana_instruction *ix, const struct solana_key *key,
                                enum solana_role role);
void solana_instruction_data(struct solana_instruction *ix, const void *bytes, size_t len);

void solana_transfer(struct solana_instruction *ix, const struct solana_key *from,
                     const struct solana_key *to, uint64_t lamports);
// At an address that base makes of a seed and this owner (solana_seeded_address): bytes, then the owner. What
// lamports are there doesn't matter to either.
struct solana_seeded {
    struct solana_key account, base, owner;
    const char *seed;
};
void solana_allocate_seeded(struct solana_instruction *ix, const struct solana_seeded *at, uint64_t bytes);
void solana_assign_seeded(struct solana_instruction *ix, const struct solana_seeded *at);
void solana_compute_unit_limit(struct solana_instruction *ix, uint32_t units);
void solana_compute_unit_price(struct solana_instruction *ix, uint64_t micro_lamports);
// UTF-8 text; signer may be NULL.
void solana_memo(struct solana_instruction *ix, const char *text, const struct solana_key *signer);
// True for a memo of either version of the program.
bool solana_is_memo_program(const struct solana_key *program);

struct solana_token_move {
    struct solana_key token_program;             // spl-token or token-2022
    struct solana_key source, mint, destination; // source and destination are token accounts
    struct solana_key owner;                     // of the source; signs
    uint64_t amount;                             // in units of the mint
    uint8_t decimals;                            // of the mint: the program refuses another number
};
// TransferChecked, which both token programs take.
void solana_token_transfer(struct solana_instruction *ix, const struct solana_token_move *move);
// Makes the associated token account unless it is there.
void solana_token_account_create(struct solana_instruction *ix, const struct solana_key *payer,
                                 const struct solana_key *owner, const struct solana_key *mint,
                                 const struct solana_key *token_program);

#endif
