#ifndef CHAIN_PROGRAMS_SDK_PDA_H
#define CHAIN_PROGRAMS_SDK_PDA_H

// Program-derived addresses: sha256(seeds || bump || program || "ProgramDerivedAddress") for the highest bump
// that gives no point of the curve. Only that canonical bump is accepted. The seeds are borrowed while the
// struct is in use.

#include "services/chain/programs/sdk/abi.h"
#include "services/chain/programs/sdk/error.h"

enum { PDA_MAX_SEEDS = 4 };

struct pda {
    struct slice seeds[PDA_MAX_SEEDS + 3]; // then the bump, the program, the marker
    uint64_t count;                        // of seeds without the bump
    struct pubkey address;
    uint8_t bump;
};

// Fills address and bump. The tries cost a fifth of the system call with the same purpose.
uint64_t pda_find(struct pda *, const struct pubkey *program);

// ERROR_WRONG_ADDRESS unless a has the canonical address of the seeds.
uint64_t pda_check(struct pda *, const struct account *a, const struct pubkey *program);

// For signing a cross-program call with the bump that was found, or that the program stored. Borrows the pda.
void pda_signer(struct pda *, struct signer *);

#endif
