#include "services/ai/llm/retry.h"

bool llm_status_passes(long status)
{
    return status == 0 || status == 408 || status == 409 || status == 429 || (status >= 500 && status < 600);
}

int64_t llm_pause_ms(int next, int64_t retry_after_s, double random)
{
    if (retry_after_s > LLM_PAUSE_MOST_MS / 1000) return -1;
    if (retry_after_s > 0) return retry_after_s * 1000;
    int64_t pause_ms = (int64_t)LLM_PAUSE_MS << (next - 1);
    if (pause_ms > LLM_PAUSE_MOST_MS) pause_ms = LLM_PAUSE_MOST_MS;
    return pause_ms - (int64_t)(random * (double)pause_ms / 4);
}
