#ifndef CHAIN_PROGRAMS_SDK_SYSTEM_H
#define CHAIN_PROGRAMS_SDK_SYSTEM_H

// The system program: making an account at a program-derived address.

#include "services/chain/programs/sdk/pda.h"
#include "services/chain/programs/sdk/program.h"

extern const struct pubkey SYSTEM_PROGRAM;

struct creation {
    struct account *payer;   // signs; pays the rent and extra_lamports
    struct account *account; // at the address of pda
    struct pda *pda;         // checked or found before
    const struct pubkey *owner;
    uint64_t size;
    uint64_t extra_lamports; // beyond the rent
};

// Makes the account, even when somebody has sent lamports to the address before. ERROR_ALREADY_INITIALIZED,
// ERROR_INSUFFICIENT_FUNDS. Read the new data through account->data.
uint64_t system_create(const struct call *, const struct creation *);

#endif
