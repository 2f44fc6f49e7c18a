// Bullets by the language model, within somebody's share of the day. It blocks: for SLOW handlers, and
// threads of their own.
#ifndef AI_LLM_TELLER_H
#define AI_LLM_TELLER_H

#include "ai.pb-c.h"
#include "services/ai/llm/budget.h"
#include "services/ai/summaries/model.h"

// UNSPECIFIED when it gave bullets, by then (monotonic); else why there are none.
Ai__Summary__Because teller_bullets(const struct budget *budget, int64_t until_ms,
                                    const struct window *window, struct bullets *bullets);

#endif
