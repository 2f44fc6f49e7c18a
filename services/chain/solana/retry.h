// When to try again: the wait doubles from min to max, half of it random so that clients spread; a
// Retry-After is a lower bound. Pure.
#ifndef CHAIN_SOLANA_RETRY_H
#define CHAIN_SOLANA_RETRY_H

#include <stdint.h>

struct solana_retry {
    uint32_t retries; // after the first try
    uint32_t min_ms, max_ms;
};

// The wait before try number `done` + 1, after `done` (at least 1) failed tries. random: any number.
uint32_t solana_retry_wait_ms(const struct solana_retry *retry, uint32_t done, uint32_t retry_after_ms,
                              uint32_t random);

#endif
