// Tokens of the language model that were spent today (UTC), by each user and by all: rows, so that all
// processes and starts count together. What a call may cost is taken before, and what it did not cost is
// given back.
#ifndef AI_LLM_BUDGET_H
#define AI_LLM_BUDGET_H

#include "lib/store/store.h"
#include "services/ai/llm/llm.h"

struct budget {
    struct store *store;
    const struct llm_settings *settings;
    const char *user_id;
    int64_t day; // since 1970
};

// RATE_LIMITED when the user, or all together, would have more than the day's share.
MUST_CHECK bool budget_take(const struct budget *budget, int64_t tokens, struct err *err);
// What was taken has cost this. Best effort: else what was taken is spent.
void budget_settle(const struct budget *budget, int64_t taken, int64_t cost);
// With the account goes what it spent.
MUST_CHECK bool budget_forget(struct store *store, const char *user_id, struct err *err);

#endif
