#ifndef CHAIN_PROGRAMS_TICKET_PAYOUT_H
#define CHAIN_PROGRAMS_TICKET_PAYOUT_H

// How the price of all tickets is divided: the tax goes to revenue, a share of the rest is owed to the
// winners, the remainder goes to the pool. Pure integer arithmetic; the three always sum to what was paid.

#include <stdbool.h>
#include <stdint.h>

enum { BASIS_POINTS = 10000, TAX_PRESETS = 5 };
enum tax_kind { TAX_PRESET, TAX_CUSTOM };

struct tax {
    uint8_t kind;   // enum tax_kind
    uint16_t value; // number of a preset, or basis points of the whole
};

struct payout {
    uint64_t revenue, owed, pool;
};

// A preset taxes half of what was paid: 5 % in general and 90, 88, 48, 25 or 0 % for the event, each rounded
// down.
bool payout_tax(uint64_t paid, const struct tax *, uint64_t *revenue);

// False for a share above the whole. The winners' share is rounded down; a share of the whole leaves nothing
// to the pool.
bool payout_compute(uint64_t paid, uint64_t revenue, uint16_t winners_bp, struct payout *);

#endif
