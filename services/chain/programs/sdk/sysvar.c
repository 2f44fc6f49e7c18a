#include "services/chain/programs/sdk/sysvar.h"

#include "services/chain/programs/sdk/error.h"

enum { RENT_OVERHEAD_BYTES = 128 };
static const uint64_t DOUBLE_ONE = 0x3ff0000000000000, DOUBLE_TWO = 0x4000000000000000;

uint64_t rent_minimum(uint64_t size, uint64_t *lamports)
{
    struct rent rent;
    if (sol_get_rent_sysvar(&rent)) return ERROR_UNSUPPORTED_RENT;
    if (rent.threshold_bits != DOUBLE_ONE && rent.threshold_bits != DOUBLE_TWO) return ERROR_UNSUPPORTED_RENT;
    *lamports = (RENT_OVERHEAD_BYTES + size) * rent.lamports_per_byte;
    if (rent.threshold_bits == DOUBLE_TWO) *lamports *= 2;
    return SUCCESS;
}

int64_t clock_now_s(void)
{
    struct clock clock;
    return sol_get_clock_sysvar(&clock) ? 0 : clock.now_s;
}
