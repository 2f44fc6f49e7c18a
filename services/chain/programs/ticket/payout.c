#include "services/chain/programs/ticket/payout.h"

enum { GENERAL_TAX_PERCENT = 5 };
static const uint8_t EVENT_TAX_PERCENT[TAX_PRESETS] = {90, 88, 48, 25, 0};

// amount * part / whole rounded down, without a product that could overflow; part <= whole <= 2^16
static uint64_t payout_portion(uint64_t amount, uint64_t part, uint64_t whole)
{
    return amount / whole * part + amount % whole * part / whole;
}

bool payout_tax(uint64_t paid, const struct tax *tax, uint64_t *revenue)
{
    uint64_t half = paid / 2;
    if (tax->kind == TAX_CUSTOM) {
        if (tax->value > BASIS_POINTS) return false;
        *revenue = payout_portion(paid, tax->value, BASIS_POINTS);
        return true;
    }
    if (tax->kind != TAX_PRESET || tax->value >= TAX_PRESETS) return false;
    *revenue = payout_portion(half, GENERAL_TAX_PERCENT, 100) +
               payout_portion(half, EVENT_TAX_PERCENT[tax->value], 100);
    return true;
}

bool payout_compute(uint64_t paid, uint64_t revenue, uint16_t winners_bp, struct payout *out)
{
    if (revenue > paid || winners_bp > BASIS_POINTS) return false;
    out->revenue = revenue;
    out->owed = payout_portion(paid - revenue, winners_bp, BASIS_POINTS);
    out->pool = paid - revenue - out->owed;
    return true;
}
