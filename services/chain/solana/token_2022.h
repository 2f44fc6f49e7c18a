// Mints of Token-2022 that say themselves what they are: the instructions that make one, for the account that
// is there for it, and end what may be changed of it. Builders as in instruction.h. Pure.
#ifndef CHAIN_SOLANA_TOKEN_2022_H
#define CHAIN_SOLANA_TOKEN_2022_H

#include "services/chain/solana/instruction.h"

enum {
    TOKEN_2022_MINT_BYTES = 234,    // of an account that is to be a mint which points to its own metadata
    TOKEN_2022_LAMPORTS_BYTE = 6960 // for a byte of an account that stays, and of its 128 beside
};

struct token_2022_metadata {
    const char *name, *symbol, *uri;
};

// Lamports that the mint has to have once its metadata is there.
uint64_t token_2022_lamports(const struct token_2022_metadata *metadata);
// Before the mint is made: that its metadata is in itself, and stays there.
void token_2022_point(struct solana_instruction *ix, const struct solana_key *mint);
// Tokens that can't be divided; nobody can freeze them.
void token_2022_init(struct solana_instruction *ix, const struct solana_key *mint,
                     const struct solana_key *authority);
void token_2022_describe(struct solana_instruction *ix, const struct solana_key *mint,
                         const struct solana_key *authority, const struct token_2022_metadata *metadata);
// From then on nobody changes the metadata.
void token_2022_keep_description(struct solana_instruction *ix, const struct solana_key *mint,
                                 const struct solana_key *authority);
// One token, into a token account.
void token_2022_mint_one(struct solana_instruction *ix, const struct solana_key *mint,
                         const struct solana_key *account, const struct solana_key *authority);
// From then on nobody makes another one.
void token_2022_end(struct solana_instruction *ix, const struct solana_key *mint,
                    const struct solana_key *authority);

#endif
