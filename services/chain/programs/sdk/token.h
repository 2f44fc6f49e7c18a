#ifndef CHAIN_PROGRAMS_SDK_TOKEN_H
#define CHAIN_PROGRAMS_SDK_TOKEN_H

// SPL Token and Token-2022: reading mints and token accounts with their owners checked, and the calls that
// programs make.

#include "services/chain/programs/sdk/program.h"

extern const struct pubkey TOKEN_PROGRAM, TOKEN_2022_PROGRAM;

// ERROR_WRONG_PROGRAM unless the account is one of the two token programs.
uint64_t token_check_program(const struct account *program);

// ERROR_WRONG_OWNER, ERROR_WRONG_MINT unless mint is an initialized mint of the program.
uint64_t token_check_mint(const struct account *mint, const struct account *program);

// ERROR_UNSUPPORTED_MINT for a Token-2022 mint with an extension that can take or hold back what an escrow
// owes: transfer fees, hooks, permanent delegates, pausing, frozen by default, and all that are not known
// here.
uint64_t token_check_escrow_mint(const struct account *mint);

// ERROR_WRONG_OWNER, ERROR_WRONG_TOKEN_ACCOUNT unless the account holds tokens of mint for holder. A holder
// of NULL means anybody.
uint64_t token_check_account(const struct account *, const struct account *mint, const struct pubkey *holder);

enum { TOKEN_AMOUNT_OFFSET = 64, TOKEN_STATE_OFFSET = 108, TOKEN_STATE_FROZEN = 2 };

static inline uint64_t token_amount(const struct account *a)
{
    return *(const uint64_t *)(a->data + TOKEN_AMOUNT_OFFSET);
}

static inline bool token_is_frozen(const struct account *a)
{
    return a->data[TOKEN_STATE_OFFSET] == TOKEN_STATE_FROZEN;
}

// The parties of a move; the authority signs by itself or through signer.
struct token_move {
    const struct account *program, *mint, *from, *to, *authority;
    struct signer *signer; // NULL when the authority signed the transaction
};

uint64_t token_transfer(const struct call *, const struct token_move *, uint64_t amount);
uint64_t token_burn(const struct call *, const struct token_move *, uint64_t amount);
uint64_t token_close(const struct call *, const struct token_move *); // the rent goes to move->to

// Bytes that a token account of the mint needs, asked of the token program.
uint64_t token_account_size(const struct call *, const struct token_move *, uint64_t *bytes);
// Turns to, a new account owned by the token program, into a token account of authority.
uint64_t token_initialize(const struct call *, const struct token_move *);

#endif
