#ifndef CHAIN_PROGRAMS_TICKET_PAYOUT_H
#define CHAIN_PROGRAMS_TICKET_PAYOUT_H

// How a vault is divided: the tax goes to revenue, the reward by basis points to the winners, the remainder
// to the pool. Pure integer arithmetic; the outputs always sum to the vault.

#include <stdbool.h>
#include <stdint.h>

enum { PAYOUT_MAX_WINNERS = 24, BASIS_POINTS = 10000, TAX_PRESETS = 5 };
enum tax_kind { TAX_PRESET, TAX_CUSTOM };

struct tax {
    uint8_t kind;   // enum tax_kind
    uint16_t value; // number of a preset, or basis points of the whole vault
};

struct payout {
    uint64_t revenue, reward, pool;
    uint64_t winners[PAYOUT_MAX_WINNERS];
};

// A preset taxes half of the vault: 5 % in general and 90, 88, 48, 25 or 0 % for the event, each rounded
// down.
bool payout_tax(uint64_t vault, const struct tax *, uint64_t *revenue);

// False for an unknown tax, a share of zero, shares of more than the whole, too many winners. Shares of
// exactly the whole leave nothing to the pool: the first winner gets the rounding remainder.
bool payout_compute(uint64_t vault, uint64_t revenue, const uint16_t *shares, uint64_t count,
                    struct payout *);

#endif
