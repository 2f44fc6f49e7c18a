#ifndef CHAIN_PROGRAMS_SDK_PROGRAM_H
#define CHAIN_PROGRAMS_SDK_PROGRAM_H

// A program is a table of instructions: discriminator, the rules of its accounts, its function. program_run
// reads the input of the entry point, finds the row, checks every account against its rule and only then
// calls the function.

#include "services/chain/programs/sdk/account.h"
#include "services/chain/programs/sdk/borsh.h"

enum { PROGRAM_MAX_ACCOUNTS = 64 };

struct call {
    struct account *accounts; // duplicates share key, lamports and data
    uint64_t count;
    struct borsh_reader args; // behind the discriminator
    struct pubkey program;    // the running one
};

struct program_instruction {
    uint64_t discriminator;
    uint64_t (*run)(struct call *);
    const struct account_rule *rules;
    uint64_t rule_count; // the function checks accounts behind these
};

uint64_t program_run(const uint8_t *input, const struct program_instruction *rows, uint64_t row_count);

// True when the optional account was given.
static inline bool call_has(const struct call *call, uint64_t index)
{
    return !pubkey_equal(call->accounts[index].key, &call->program);
}

// Invokes with all accounts of the call at hand; does not return when the callee fails. The signer may be
// NULL.
uint64_t call_invoke(const struct call *, const struct instruction *, const struct signer *);

// Emits an Anchor event: a discriminator and its fields in Borsh.
void event_emit(const struct borsh_writer *);

#endif
