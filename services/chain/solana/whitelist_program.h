// Instructions of the whitelist program. The other accounts an instruction needs are derived. Pure.
#ifndef CHAIN_SOLANA_WHITELIST_PROGRAM_H
#define CHAIN_SOLANA_WHITELIST_PROGRAM_H

#include "services/chain/solana/instruction.h"
#include "services/chain/solana/programs.h"

// Makes the list (authority, name). The authority need not sign; payer signs.
void solana_whitelist_init(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_key *payer, const struct solana_key *authority,
                           const char *name);

struct solana_entry_change {
    struct solana_key authority; // of the list; signs
    struct solana_key list, wallet;
    struct solana_key rent_payer; // pays for a new entry and signs; at a removal gets the rent back
    uint64_t count;
};
void solana_whitelist_add(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_entry_change *change);
void solana_whitelist_remove(struct solana_instruction *ix, const struct solana_programs *programs,
                             const struct solana_entry_change *change);

struct solana_burn {
    struct solana_key owner; // of the tokens; signs and pays
    struct solana_key list, mint, token_account, token_program;
    uint64_t amount;
};
void solana_whitelist_burn(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_burn *burn);

// rent_payer: the payer that made the list.
void solana_whitelist_close(struct solana_instruction *ix, const struct solana_programs *programs,
                            const struct solana_key *authority, const struct solana_key *list,
                            const struct solana_key *rent_payer);

#endif
