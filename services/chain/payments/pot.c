#include "services/chain/payments/pot.h"

enum { GENERAL_TAX_PERCENT = 5 };
static const uint8_t EVENT_TAX_PERCENT[TERMS_PRESETS] = {90, 88, 48, 25, 0};

// amount * part / whole rounded down, without a product that could overflow; part <= whole <= 10000
static int64_t portion_of(int64_t amount, int64_t part, int64_t whole)
{
    return amount / whole * part + amount % whole * part / whole;
}

// A preset taxes half of the pot, twice; each tax rounds down by itself.
static int64_t pot_tax_of(int64_t pot, const struct pot_terms *terms)
{
    int64_t half = pot / 2;
    if (terms->kind == POT_BASIS_POINTS) return portion_of(pot, terms->tax, TERMS_WHOLE_BP);
    return portion_of(half, GENERAL_TAX_PERCENT, 100) + portion_of(half, EVENT_TAX_PERCENT[terms->tax], 100);
}

static bool pot_terms_are_known(const struct pot_terms *terms)
{
    bool known = terms->kind == POT_PRESET ? terms->tax < TERMS_PRESETS
                                           : terms->kind == POT_BASIS_POINTS && terms->tax <= TERMS_WHOLE_BP;
    return known && terms->god_bp <= TERMS_WHOLE_BP;
}

bool pot_divide(int64_t pot, const struct pot_terms *terms, uint32_t winners, struct pot_split *split)
{
    if (pot < 0 || !pot_terms_are_known(terms)) return false;
    int64_t revenue = pot_tax_of(pot, terms);
    int64_t won = portion_of(pot - revenue, TERMS_WHOLE_BP - terms->god_bp, TERMS_WHOLE_BP);
    *split = (struct pot_split){.revenue = revenue, .god = pot - revenue - won, .winners = winners};
    if (!winners) {
        split->treasury = won;
        return true;
    }
    split->each = won / winners;
    split->more = (uint32_t)(won % winners);
    return true;
}

int64_t pot_part(const struct pot_split *split, uint32_t winner)
{
    if (winner >= split->winners) return 0;
    return split->each + (winner < split->more);
}
