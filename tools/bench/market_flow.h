// Order flows made from a fixed seed: orders arrive around a moving middle price at power-law distances, most
// are cancelled after an exponential lifetime, some are modified before. As in real markets, some cancels
// name orders that were filled meanwhile.
#ifndef TOOLS_BENCH_MARKET_FLOW_H
#define TOOLS_BENCH_MARKET_FLOW_H

#include "services/chain/market/market.h"

enum { FLOW_MESSAGES = 2 * 1000 * 1000, FLOW_ORDERS_MAX = 1 << 17 };

struct flow_kind {
    const char *name;
    double swing;    // how far the middle moves, as a share of the start
    double lifetime; // mean, in arrivals: sets how many orders rest
    bool crash;      // the whole swing within a twentieth of the flow, then back
    bool sparse; // distances anywhere in 62 bits instead of near the middle: hardly two orders share a price
                 //
};

extern const struct flow_kind flow_kinds[];
extern const size_t flow_kinds_count;

// FLOW_MESSAGES commands, the caller's to free; NULL when memory is short.
struct market_command *flow_create(const struct flow_kind *kind, uint64_t seed);

#endif
