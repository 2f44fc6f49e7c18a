#include "services/chain/programs/ticket/payout.h"

enum { GENERAL_TAX_PERCENT = 5 };
static const uint8_t EVENT_TAX_PERCENT[TAX_PRESETS] = {90, 88, 48, 25, 0};

// amount * part / whole rounded down, without a product that could overflow; part <= whole <= 2^16
static uint64_t payout_portion(uint64_t amount, uint64_t part, uint64_t whole)
{
    return amount / whole * part + amount % whole * part / whole;
}

bool payout_tax(uint64_t vault, const struct tax *tax, uint64_t *revenue)
{
    uint64_t half = vault / 2;
    if (tax->kind == TAX_CUSTOM) {
        if (tax->value > BASIS_POINTS) return false;
        *revenue = payout_portion(vault, tax->value, BASIS_POINTS);
        return true;
    }
    if (tax->kind != TAX_PRESET || tax->value >= TAX_PRESETS) return false;
    *revenue = payout_portion(half, GENERAL_TAX_PERCENT, 100) +
               payout_portion(half, EVENT_TAX_PERCENT[tax->value], 100);
    return true;
}

bool payout_compute(uint64_t vault, uint64_t revenue, const uint16_t *shares, uint64_t count,
                    struct payout *out)
{
    uint64_t given = 0, sum = 0;
    if (count > PAYOUT_MAX_WINNERS || revenue > vault) return false;
    out->revenue = revenue;
    out->reward = vault - revenue;
    for (uint64_t i = 0; i < count; i++) {
        sum += shares[i];
        if (shares[i] == 0 || sum > BASIS_POINTS) return false;
        out->winners[i] = payout_portion(out->reward, shares[i], BASIS_POINTS);
        given += out->winners[i];
    }
    out->pool = out->reward - given;
    if (sum == BASIS_POINTS) {
        out->winners[0] += out->pool;
        out->pool = 0;
    }
    return true;
}
