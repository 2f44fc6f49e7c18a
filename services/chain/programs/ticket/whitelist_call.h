#ifndef CHAIN_PROGRAMS_TICKET_WHITELIST_CALL_H
#define CHAIN_PROGRAMS_TICKET_WHITELIST_CALL_H

// Cross-program calls to the whitelist program, signed by the event. A refusal there ends the whole
// transaction.

#include "services/chain/programs/sdk/program.h"

extern const struct pubkey WHITELIST_PROGRAM;

struct whitelist_seat {
    const struct account *event, *list, *entry, *player;
};

uint64_t whitelist_add(const struct call *, const struct whitelist_seat *);    // the player pays the rent
uint64_t whitelist_remove(const struct call *, const struct whitelist_seat *); // and gets it back

// Closes the event's list; its rent goes back to the payer that made it.
uint64_t whitelist_close(const struct call *, const struct account *event, const struct account *list,
                         const struct account *rent_payer);

#endif
