// A permit for tests, with the keys of who signs it.
#ifndef CHAIN_PERMIT_TESTING_MADE_H
#define CHAIN_PERMIT_TESTING_MADE_H

#include "services/chain/permit/permit.h"

struct made {
    struct solana_signer authority, wallet;
    struct permit_terms terms;
    struct permit_bytes permit;
};

static inline struct made made_terms(void)
{
    struct made made = {.terms = {.reference = {{7, 7, 7}},
                                  .blockhash = {{8, 8}},
                                  .not_after_s = 1800000000,
                                  .unit_price = 10000,
                                  .memo = "01890000-0000-7000-8000-000000000001"}};
    const struct solana_programs programs = solana_programs_default();
    const uint8_t id[SOLANA_EVENT_ID_BYTES] = {1, 2, 3};
    solana_signer_init(&made.authority, (const uint8_t[32]){1});
    solana_signer_init(&made.wallet, (const uint8_t[32]){2});
    const struct solana_key authority = solana_signer_key(&made.authority);
    made.terms.event = (struct permit_event){.programs = programs, .authority = authority};
    solana_event_address(&made.terms.event.event, &programs, &authority, id);
    solana_entry_address(&made.terms.event.whitelist, &programs, &authority, &authority); // off the curve
    made.terms.account = solana_signer_key(&made.wallet);
    return made;
}

// Composed, and signed by the authority. False: it was refused.
static inline bool made_sign(struct made *made, struct err *err)
{
    return permit_compose(&made->terms, &made->permit, err) &&
           permit_sign(&made->permit, &made->terms.event, &made->authority, err);
}

#endif
