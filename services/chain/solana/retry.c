#include "services/chain/solana/retry.h"

uint32_t solana_retry_wait_ms(const struct solana_retry *retry, uint32_t done, uint32_t retry_after_ms,
                              uint32_t random)
{
    uint64_t wait = done > 31 ? retry->max_ms : (uint64_t)retry->min_ms << (done - 1);
    if (wait > retry->max_ms) wait = retry->max_ms;
    wait = wait / 2 + random % (wait / 2 + 1);
    return (uint32_t)(wait < retry_after_ms ? retry_after_ms : wait);
}
