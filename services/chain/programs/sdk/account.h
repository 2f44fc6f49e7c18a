#ifndef CHAIN_PROGRAMS_SDK_ACCOUNT_H
#define CHAIN_PROGRAMS_SDK_ACCOUNT_H

// Checks of one account and the ways to change it. An account of a program starts with the eight bytes of its
// type's discriminator, so that no type can pass for another; checks return SUCCESS or a refusal of error.h.

#include "services/chain/programs/sdk/abi.h"
#include "services/chain/programs/sdk/error.h"

enum { ACCOUNT_SIGNER = 1, ACCOUNT_WRITABLE = 2, ACCOUNT_OPTIONAL = 4 };

// What an instruction demands of the account in one place of its list. An optional account is left out by
// passing the program's own address, as Anchor's clients do.
struct account_rule {
    uint8_t flags;
    uint64_t type;                // discriminator, 0: not an account of this kind
    const struct pubkey *address; // the only address allowed, NULL: any
    const struct pubkey *owner;   // of a typed account, NULL: the running program
};

uint64_t account_check(const struct account *, const struct account_rule *, const struct pubkey *program);

static inline uint64_t account_type(const struct account *a) { return *(const uint64_t *)a->data; }

// The data size, which a cross-program call may have changed; the runtime keeps it in the eight bytes before
// the data.
static inline uint64_t account_size_now(const struct account *a) { return *(const uint64_t *)(a->data - 8); }

bool account_is_unused(const struct account *); // owned by the system program and without data

// ERROR_RECIPIENT_NOT_RENT_EXEMPT for an account with some lamports, but fewer than the runtime allows.
uint64_t account_check_rent(const struct account *);

// Moves lamports out of an account of the running program. Call it only after the last cross-program call of
// the instruction: the runtime compares sums before each call.
uint64_t account_pay(struct account *from, struct account *to, uint64_t lamports);

// Gives all lamports to heir, wipes the data and hands the account back to the system program, so that it
// cannot be revived later in the same transaction.
uint64_t account_close(struct account *, struct account *heir);

#endif
