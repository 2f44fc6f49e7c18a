#include "services/ai/llm/teller.h"

#include <string.h>

struct teller {
    const struct budget *budget;
    int64_t until_ms;
    bool spent; // the budget is
};

// What a question that failed has cost is not known, so all that was taken for it is spent.
static bool teller_ask(void *arg, const char *system, const char *user, struct buf *answer, struct err *err)
{
    struct teller *teller = arg;
    const struct llm_prompt prompt = {system, user};
    int64_t most = llm_tokens_of(strlen(system) + strlen(user)) + LLM_ANSWER_TOKENS, cost;
    if (!budget_take(teller->budget, most, err)) return teller->spent = err_is(err, RATE_LIMITED), false;
    if (!llm_ask(teller->budget->settings, &prompt, teller->until_ms, answer, &cost, err)) return false;
    if (cost) budget_settle(teller->budget, most, cost);
    return true;
}

Ai__Summary__Because teller_bullets(const struct budget *budget, int64_t until_ms,
                                    const struct window *window, struct bullets *bullets)
{
    struct teller teller = {.budget = budget, .until_ms = until_ms};
    const struct model model = {teller_ask, &teller, llm_bytes_of(budget->settings->window_tokens)};
    struct err err = {0};
    if (model_bullets(&model, window, bullets, &err)) return AI__SUMMARY__BECAUSE__BECAUSE_UNSPECIFIED;
    if (teller.spent) return AI__SUMMARY__BECAUSE__BUDGET_SPENT;
    return err_is(&err, CALL_TOO_LARGE) ? AI__SUMMARY__BECAUSE__TOO_LONG : AI__SUMMARY__BECAUSE__MODEL_FAILED;
}
