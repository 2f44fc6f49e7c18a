#ifndef CHAIN_PROGRAMS_SDK_SYSVAR_H
#define CHAIN_PROGRAMS_SDK_SYSVAR_H

// Cluster state: rent and time.

#include "services/chain/programs/sdk/abi.h"

// Lamports that exempt an account of this size from rent. There is no floating point here, so only the two
// thresholds that clusters have used are known, 2.0 and 1.0; any other is ERROR_UNSUPPORTED_RENT.
uint64_t rent_minimum(uint64_t size, uint64_t *lamports);

int64_t clock_now_s(void);

#endif
